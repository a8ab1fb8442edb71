"""The example files: a messy workbook, a legacy CSV, users and opportunities – the same bytes of content every time."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import xlsxwriter

from crm_cli.jobs.demo.people import Person, invent

__all__ = ["customer_sheet", "legacy_rows", "newsletter_sheet", "opportunity_rows", "user_rows", "write_examples"]

_SEED = 20261123
_PEOPLE = 400
_MADE = datetime(2026, 1, 1)
_COUNTRY_WORDS = {
    "US": ["USA", "United States", "US", "U.S.A.", ""],
    "DE": ["Germany", "Deutschland", "DE", "D"],
    "FR": ["France", "FR", "Frankreich"],
    "ES": ["Spain", "España", "ES"],
    "GB": ["UK", "Great Britain", "United Kingdom", "England"],
    "CN": ["China", "中国"],
}
_OWNERS = ["maria", "tom", "li"]
_HOSTILE = [
    "ACME [/b] Ltd",
    "O[red]x",
    "<script>alert(1)</script>",
    "=1+2 Ltd",
    "Zoë\u200b & Söhne",
    "\u202eevil\u202c GmbH",
]
CUSTOMER_HEADER = [
    "Customer No", "First Name", "Surname", "Company", "Position", "E-Mail", "Phone", "Mobile", "Street", "City", "State",
    "ZIP", "Country", "Date of Birth", "Owner", "Remarks",
]  # fmt: skip
NEWSLETTER_HEADER = ["Name", "E-mail address", "Telephone", "Town", "Country", "Signed up"]
LEGACY_HEADER = [
    "KdNr", "Nachname", "Vorname", "Firma", "Straße", "PLZ", "Ort", "Land", "Telefon", "E-Mail", "Geburtsdatum", "Notiz",
]  # fmt: skip


def write_examples(folder: Path) -> list[Path]:
    """Write all example files into `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "customers.xlsx"
    _write_workbook(book, {"Customers": customer_sheet(), "Newsletter": newsletter_sheet()})
    _write_csv(folder / "legacy.csv", legacy_rows(), delimiter=";", encoding="cp1252")
    _write_csv(folder / "users.csv", user_rows())
    _write_csv(folder / "opportunities.csv", opportunity_rows())
    return [book, folder / "legacy.csv", folder / "users.csv", folder / "opportunities.csv"]


def customer_sheet() -> list[list[str]]:
    """Return the first sheet: a title, a blank row, the header, customers with their duplicates, a total."""
    rng = random.Random(_SEED)
    people = invent(_PEOPLE, _SEED)
    observed = [(one, False) for one in people[:330]] + [(rng.choice(people[:330]), True) for _ in range(60)]
    rng.shuffle(observed)
    rows = [_customer(rng, number, one, again=again) for number, (one, again) in enumerate(observed, start=1001)]
    for place, name in enumerate(_HOSTILE):
        rows[place * 40 + 7][3] = name
    rows[50] = ["" for _ in CUSTOMER_HEADER]
    rows[120][1:3] = ["", ""]
    rows[120][3:8] = ["", "", "", "", ""]
    rows[121][13] = "31.02.1980"
    total = [f"Total: {len(rows)} customers"] + [""] * (len(CUSTOMER_HEADER) - 1)
    return [["Customer list, exported 2025-11-30"], [], CUSTOMER_HEADER, *rows, total]


def newsletter_sheet() -> list[list[str]]:
    """Return the second sheet: other headers, names in one cell, partly the same people."""
    rng = random.Random(_SEED + 1)
    people = invent(_PEOPLE, _SEED)
    chosen = people[300:] + [rng.choice(people[:300]) for _ in range(10)]
    rows = []
    for one in chosen:
        name = rng.choice(
            [f"{one.given} {one.family}", f"{one.family}, {one.given}", f"{one.given} {one.family}".upper()]
        )
        name = one.family + one.given if one.country == "CN" else name
        day = f"{rng.randint(13, 28):02d}.{rng.randint(1, 12):02d}.2025"
        rows.append([name, _mess(rng, one.email), one.phone, one.city, rng.choice(_COUNTRY_WORDS[one.country]), day])
    return [NEWSLETTER_HEADER, *rows]


def legacy_rows() -> list[list[str]]:
    """Return the export of a German legacy system: cp1252, semicolons, day.month.year."""
    rng = random.Random(_SEED + 2)
    people = [one for one in invent(_PEOPLE, _SEED) if one.country in ("DE", "FR")]
    rows = [LEGACY_HEADER]
    for number, one in enumerate(people[:60], start=1):
        seen = _again(rng, one) if rng.random() < 0.5 else one
        land = {"DE": "Deutschland", "FR": "Frankreich"}[one.country]
        born = f"{one.birth[2]:02d}.{one.birth[1]:02d}.{one.birth[0]}" if one.birth else ""
        rows.append([f"A{number:05d}", seen.family, seen.given, seen.company, seen.street, seen.postal_code, seen.city, land,
                     seen.phone, seen.email, born, rng.choice(["", "", "ruft zurück", "Großkunde – Rabatt 5 %"])])  # fmt: skip
    return rows


def user_rows() -> list[list[str]]:
    """Return the people who work with the customers."""
    return [
        ["username", "first name", "last name", "email", "role"],
        ["maria", "Maria", "Rossi", "maria@crm.example", "sales"],
        ["tom", "Tom", "Baker", "tom@crm.example", "sales"],
        ["li", "Li", "Chen", "li@crm.example", "manager"],
    ]


def opportunity_rows() -> list[list[str]]:
    """Return deals in every stage, in two currencies."""
    rng = random.Random(_SEED + 3)
    firms = sorted({one.company for one in invent(_PEOPLE, _SEED) if one.company})
    stages = ["prospecting", "qualification", "proposal", "negotiation", "won", "lost"]
    rows = [["Opportunity Name", "Account Name", "Stage", "Amount", "Currency", "Probability", "Close Date", "Owner"]]
    for number in range(1, 41):
        stage = stages[number % len(stages)]
        chance = {"prospecting": 10, "qualification": 25, "proposal": 50, "negotiation": 75, "won": 100, "lost": 0}[
            stage
        ]
        amount, currency = f"{rng.randint(5, 900) * 100}.00", rng.choice(["EUR", "USD"])
        close = f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        rows.append(
            [f"Deal {number:03d}", rng.choice(firms), stage, amount, currency, str(chance), close, rng.choice(_OWNERS)]
        )
    return rows


def _customer(rng: random.Random, number: int, one: Person, *, again: bool) -> list[str]:
    seen = _again(rng, one) if again else one
    given, family = seen.given, seen.family
    if rng.random() < 0.1:
        given, family = given.upper(), family.upper()
    elif rng.random() < 0.06:
        given, family = given.lower(), f"  {family.lower()} "
    elif rng.random() < 0.04 and seen.country != "CN":
        given = f"Dr. {given}"
    born = f"{seen.birth[2]:02d}.{seen.birth[1]:02d}.{seen.birth[0]}" if seen.birth else rng.choice(["", "", "n/a"])
    country = rng.choice(_COUNTRY_WORDS[seen.country])
    remark = rng.choice(["", "", "", "", "prefers phone", "moved?", "VIP", "ask for discount; call back"])
    return [str(number), given, family, seen.company, seen.job, _mess(rng, seen.email), _phone(rng, seen.phone), seen.mobile,
            seen.street, seen.city, seen.region, seen.postal_code, country, born, rng.choice(_OWNERS), remark]  # fmt: skip


def _again(rng: random.Random, one: Person) -> Person:
    """The same person as another clerk typed them: one or two of the usual slips."""
    slips: list[Callable[[Person], Person]] = [
        lambda p: replace(p, given=_typo(rng, p.given)),
        lambda p: replace(p, family=_typo(rng, p.family)),
        lambda p: replace(p, given=p.given[:1] + "."),
        lambda p: replace(p, email=""),
        lambda p: replace(p, phone=p.mobile),
        lambda p: replace(p, street=_typo(rng, p.street)),
        lambda p: replace(p, company=p.company.removesuffix(" GmbH").removesuffix(" Inc").upper()),
    ]
    for slip in rng.sample(slips, rng.choice([1, 1, 2])):
        one = slip(one)
    return one


def _typo(rng: random.Random, text: str) -> str:
    if len(text) < 4:
        return text
    place = rng.randrange(1, len(text) - 1)
    return rng.choice([text[:place] + text[place + 1 :], text[:place] + text[place] + text[place:]])


def _mess(rng: random.Random, email: str) -> str:
    return rng.choice(
        [email, email, email, email.upper(), f" {email}", email.replace("@", " @ ") if rng.random() < 0.1 else email]
    )


def _phone(rng: random.Random, phone: str) -> str:
    digits = "".join(letter for letter in phone if letter.isdigit() or letter == "+")
    return rng.choice([phone, phone, digits, phone.replace(" ", "-"), f"tel. {phone}" if rng.random() < 0.2 else phone])


def _write_workbook(path: Path, sheets: dict[str, Sequence[Sequence[str]]]) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        book.set_properties({"created": _MADE})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value:
                        sheet.write_string(number, column, value)


def _write_csv(path: Path, rows: Sequence[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", newline="", encoding=encoding, errors="replace") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
