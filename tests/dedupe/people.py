"""A small maker of people with copies and households, for tests of what needs no real file."""

# ruff: noqa: E501, SIM905 - names read best as lines of words
from __future__ import annotations

import random

import numpy as np
import polars as pl

GIVEN = "Anna Bruno Carla Dieter Elena Franz Greta Hugo Irene Jonas Katja Leon Maja Nils Olga Peter Quirin Rosa Simon Thea Ugo Vera Willi Xenia Yves Zora".split()
FAMILY = "Albrecht Berger Conrad Dietz Ebner Fuchs Gruber Huber Imhof Jung Koller Lindner Maurer Neumann Oswald Pichler Reiter Seidl Thaler Unger Vogl Weiss Zeller".split()
STREETS = "Main Oak Lake Hill Park Mill River Church Station Garden School Forest Meadow Spring Bridge".split()
CITIES = "Aldbury Brampton Corfield Dunmore Easton Fairview Glenrock Hartwell".split()


def people(
    rows: int, seed: int, *, households: float = 0.15, missing: float = 0.1, given: tuple[str, ...] = ()
) -> tuple[pl.DataFrame, np.ndarray]:
    """`rows` people in random order, about a quarter of them copies with errors, and the person number of each.

    They have the names `given` instead of made-up ones.
    """
    rng = random.Random(seed)
    persons: list[dict[str, str]] = []
    made: list[tuple[int, dict[str, str]]] = []
    while len(made) < rows:
        person = (
            _relative(rng.choice(persons), rng, given) if persons and rng.random() < households else _person(rng, given)
        )
        persons.append(person)
        made.append((len(persons), person))
        while rng.random() < 0.25 and len(made) < rows:
            made.append((len(persons), _copy(person, rng, given)))
    rng.shuffle(made)
    seen = [{name: "" if rng.random() < missing else value for name, value in person.items()} for _, person in made]
    return pl.DataFrame(seen), np.array([number for number, _ in made])


def _person(rng: random.Random, names: tuple[str, ...] = ()) -> dict[str, str]:
    given = rng.choice(names) if names else rng.choice(GIVEN) + rng.choice(("", "", "a", "ette", "o"))
    family = rng.choice(FAMILY) + rng.choice(("", "", "er", "mann", "s"))
    return {
        "first name": given,
        "last name": family,
        "birth date": f"{rng.randint(1940, 2004)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        "email": f"{given}.{family}{rng.randint(1, 999)}@example.com".lower(),
        "phone": f"0{rng.randint(200, 999)} {rng.randint(100000, 9999999)}",
        "street": f"{rng.randint(1, 250)} {rng.choice(STREETS)} Street",
        "city": rng.choice(CITIES),
    }


def _relative(person: dict[str, str], rng: random.Random, given: tuple[str, ...]) -> dict[str, str]:
    other = _person(rng, given)
    return other | {name: person[name] for name in ("last name", "street", "city", "phone")}


def _copy(person: dict[str, str], rng: random.Random, given: tuple[str, ...]) -> dict[str, str]:
    copy = dict(person)
    for name in rng.sample(list(copy), rng.randint(1, 3)):
        text = copy[name]
        place = rng.randrange(max(len(text) - 1, 1))
        copy[name] = text[:place] + text[place + 1 :] if rng.random() < 0.7 else _person(rng, given)[name]
    return copy
