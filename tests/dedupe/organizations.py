"""A small maker of organizations with copies, branches and neighbours; and of files that hold persons beside them."""

# ruff: noqa: E501, SIM905 - names read best as lines of words
from __future__ import annotations

import random

import numpy as np
import polars as pl

from tests.dedupe.people import CITIES, FAMILY, STREETS, people

PLACES = "Alpine Baltic Castle Danube Eastern Forest Golden Harbour Inland Jura Karst Lakeside Marina Northern Ocean Prime Quarry Rhine Summit Tyrol United Valley Western Zenith".split()
TRADES = "Bakery Carpentry Chemicals Design Dairy Electric Engineering Fabrics Forwarding Furniture Garage Glass Hotel Insurance Joinery Logistics Machines Metalworks Optics Paper Pharma Plastics Printing Roofing Seeds Software Steel Textiles Timber Tools Trading Travel".split()
# half of them names that recognition knows, as a list of some hundred names does anywhere
NAMES = tuple(
    "Anna Bernd Carlos Dieter Elke Frank Giulia Hans Isabel Jennifer Karin Luigi Maria Nicolas Peter Sabine Thomas Ursula Wolfgang Yusuf Zeynep Aylin Bogdan Ciara Dragan Eszter Fatima Goran Hakan Ingrid Jovana Kasimir Lorcan Milica Niamh Oksana Piotr Radka Siobhan Tamar Vesna Wiebke".split()
)
FORMS = "GmbH AG Ltd Inc LLC KG Limited Corp".split()
SHORT = {"Engineering": "Eng.", "Insurance": "Ins.", "Limited": "Ltd", "Corp": "Corporation", "Inc": "Incorporated"}


def organizations(rows: int, seed: int, *, plain: float = 0.2) -> tuple[pl.DataFrame, np.ndarray]:
    """`rows` organizations, about a quarter of them copies with errors, and the number of each.

    A share `plain` has neither legal form nor trade in its name, some are called by a family alone or `X & Sons`.
    """
    rng = random.Random(seed)
    known: list[dict[str, str]] = []
    made: list[tuple[int, dict[str, str]]] = []
    while len(made) < rows:
        one = _branch(rng.choice(known), rng) if known and rng.random() < 0.1 else _organization(rng, plain)
        known.append(one)
        made.append((len(known), one))
        while rng.random() < 0.25 and len(made) < rows:
            made.append((len(known), _copy(one, rng)))
    rng.shuffle(made)
    return pl.DataFrame([one for _, one in made]), np.array([number for number, _ in made])


def mixed(rows: int, seed: int) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """A file of one `name` column with organizations and persons: the rows, who each is, which are organizations.

    Three persons in ten have the telephone, street and city of an organization, as owners and employees have.
    """
    firms, firm = organizations(rows // 2, seed)
    who, person = employed(firms, rows - rows // 2, seed)
    named = who.with_columns(name=pl.concat_str(["first name", "last name"], separator=" ").str.strip_chars())
    common = ["name", "email", "phone", "street", "city"]
    return _shuffled(firms.select(common), firm, named.select(common), person, seed)


def side_by_side(rows: int, seed: int) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """The same with the persons' names, and employers, in columns of their own."""
    firms, firm = organizations(rows // 2, seed)
    who, person = employed(firms, rows - rows // 2, seed)
    blank = [pl.lit("").alias(name) for name in ("first name", "last name", "birth date")]
    alone = firms.rename({"name": "company"}).with_columns(blank)
    return _shuffled(alone.select(who.columns), firm, who, person, seed)


def employed(firms: pl.DataFrame, rows: int, seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    """People, each of whom, with all copies, works for one of the organizations or for none."""
    who, person = people(rows, seed, given=NAMES)
    rng = random.Random(seed)
    employer = [rng.randrange(firms.height) if rng.random() < 0.3 else None for _ in range(person.max() + 1)]
    at = pl.Series([employer[number] for number in person.tolist()], dtype=pl.Int64)
    of_firm = firms[["name", "phone", "street", "city"]][at.fill_null(0)]
    works = at.is_not_null()
    shared = [who[name].zip_with(~works, of_firm[name]).alias(name) for name in ("phone", "street", "city")]
    company = pl.Series("company", [""] * rows).zip_with(~works, of_firm["name"]).alias("company")
    return who.with_columns([*shared, company]), person


def _shuffled(
    firms: pl.DataFrame, firm: np.ndarray, who: pl.DataFrame, person: np.ndarray, seed: int
) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    number = np.concatenate([firm, person + firm.max() + 1])
    order = np.random.default_rng(seed).permutation(len(number))
    return pl.concat([firms, who])[order], number[order], (np.arange(len(number)) < len(firm))[order]


def _organization(rng: random.Random, plain: float) -> dict[str, str]:
    place, trade, family = (
        rng.choice(PLACES) + rng.choice(("", "", "ia", "land")),
        rng.choice(TRADES),
        rng.choice(FAMILY),
    )
    name = rng.choice(
        (
            f"{place} {trade} {rng.choice(FORMS)}",
            f"{family} {trade} {rng.choice(FORMS)}",
            f"{place} {rng.choice(TRADES)} {trade} {rng.choice(FORMS)}",
        )
    )
    if rng.random() < plain:
        name = rng.choice((f"{family} & Sons", family, f"{place} {trade}", f"{family} {trade}"))
    domain = name.replace(" & ", "-").replace(" ", "-").lower()
    return {
        "name": name,
        "email": f"{rng.choice(('info', 'office', 'contact'))}@{domain}{rng.randint(1, 99)}.example",
        "phone": f"0{rng.randint(200, 999)} {rng.randint(100000, 9999999)}",
        "street": f"{rng.randint(1, 250)} {rng.choice(STREETS)} Street",
        "city": rng.choice(CITIES),
    }


def _branch(one: dict[str, str], rng: random.Random) -> dict[str, str]:
    other = _organization(rng, 0.2)
    return one | {name: other[name] for name in ("phone", "street", "city")}


def _copy(one: dict[str, str], rng: random.Random) -> dict[str, str]:
    copy = dict(one)
    if rng.random() < 0.6:
        words = [SHORT.get(word, word) for word in copy["name"].split()]
        copy["name"] = " ".join(words[:-1] if words[-1] in FORMS and rng.random() < 0.4 else words)
    other = _organization(rng, 0.2)
    for name in rng.sample(["email", "phone", "street", "email"], rng.randint(1, 3)):
        copy[name] = rng.choice((other[name], "", ""))
    text = copy["name"]
    place = rng.randrange(max(len(text) - 1, 1))
    return copy | {"name": text[:place] + text[place + 1 :]} if rng.random() < 0.4 else copy
