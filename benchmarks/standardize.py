"""Standardizing contacts against calling phonenumbers, usaddress and email-validator row by row.

The contacts are made from a seed: a third of the telephone numbers and streets are shared (households, colleagues), as
in real address books; every number is a possible North American one. Run: `python3 dev.py bench standardize`.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from functools import cache, partial

from benchmarks._measure import Figure, measure, show
from crm_cli.dictionary import SemanticType as T
from crm_cli.standardize import Context, standardize_column

ROWS = int(os.environ.get("CRM_BENCH_ROWS", "100000"))
LIBRARY_ROWS = 20_000
_STREETS = "Main Oak Maple Cedar Pine Washington Lake Hill Park Elm Walnut Highland Sunset Jackson Church Mill".split()  # noqa: SIM905
_KINDS = "Street Avenue Road Drive Lane Court Boulevard Place St Ave Rd Dr Ln".split()  # noqa: SIM905
_GIVEN = "james mary JOHN Patricia Robert JENNIFER michael Linda William Elizabeth David Susan".split()  # noqa: SIM905
_FAMILY = "smith JOHNSON Williams brown Jones Garcia MILLER Davis Rodriguez Martinez McDonald".split()  # noqa: SIM905
_AREAS = "212 415 305 312 617 713 602 206 404 214 702 503".split()  # noqa: SIM905
_STATES = "CA Texas ny Florida IL Ohio georgia WA".split()  # noqa: SIM905
_COMPANY = "Summit Pioneer Liberty Evergreen National Premier Allied Pacific Heritage Apex".split()  # noqa: SIM905


@cache
def contacts(count: int) -> dict[T, list[str]]:
    """Return `count` contacts as columns by semantic type."""
    chance = random.Random(7)
    pick = chance.choice
    columns: dict[T, list[str]] = {kind: [] for kind in _KINDS_OF_COLUMNS}
    for number in range(count):
        given, family = pick(_GIVEN), pick(_FAMILY)
        columns[T.GIVEN_NAME].append(given)
        columns[T.FAMILY_NAME].append(f"{family}{pick(_FAMILY).lower() if number % 3 == 0 else ''}")
        form = pick(["inc", "LLC", "Corp"])
        columns[T.COMPANY_NAME].append(f"{pick(_COMPANY)} {family} {chance.randint(1, 400)} {form}")
        columns[T.EMAIL].append(f"{given}.{family}{number}@{pick(_COMPANY).lower()}{number % 900}.com")
        columns[T.CITY].append(pick(["New York", "CHICAGO", "houston", "Phoenix"]))
        columns[T.REGION].append(pick(_STATES))
        columns[T.POSTAL_CODE].append(f"{chance.randint(501, 99950):05}")
        columns[T.COUNTRY].append(pick(["USA", "US", "United States"]))
        shared = number % 3 == 0 and number > 10
        for kind, value in ((T.PHONE, _phone(chance)), (T.STREET, _street(chance))):
            columns[kind].append(columns[kind][chance.randrange(number)] if shared else value)
    return columns


def _phone(chance: random.Random) -> str:
    shape = chance.choice(["({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{}{}{}", "+1 {} {} {}"])
    return shape.format(chance.choice(_AREAS), chance.randint(200, 999), f"{chance.randint(0, 9999):04}")


def _street(chance: random.Random) -> str:
    unit = chance.choice(["", "", "", f" Apt {chance.randint(1, 40)}", f", Suite {chance.randint(100, 900)}"])
    name = chance.choice(["", "", "N ", "SW "]) + chance.choice(_STREETS)
    return f"{chance.randint(1, 9999)} {name} {chance.choice(_KINDS)}{unit}"


_KINDS_OF_COLUMNS = (
    T.GIVEN_NAME, T.FAMILY_NAME, T.COMPANY_NAME, T.EMAIL, T.PHONE, T.STREET, T.CITY, T.REGION, T.POSTAL_CODE, T.COUNTRY,
)  # fmt: skip


def all_rules(count: int, *kinds: T) -> None:
    """Standardize columns of contacts with every safe rule."""
    us = Context("US")
    columns = contacts(count)
    for kind in kinds or _KINDS_OF_COLUMNS:
        standardize_column(kind, columns[kind], us)


def without_fastaddress(count: int) -> None:
    """Standardize the same where only usaddress is installed."""
    sys.modules["fastaddress"] = None  # type: ignore[assignment]  # what makes an import fail
    all_rules(count)


def libraries(count: int) -> None:
    """Call the three libraries for each row, as a script of a few lines would."""
    phones_by_library(count)
    addresses_by_library(count)
    emails_by_library(count)


def phones_by_library(count: int) -> None:
    """Parse, check and format each number by phonenumbers."""
    import phonenumbers

    for text in contacts(count)[T.PHONE]:
        number = phonenumbers.parse(text, "US")
        phonenumbers.is_valid_number(number)
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def addresses_by_library(count: int) -> None:
    """Tag each street by usaddress."""
    import usaddress

    for text in contacts(count)[T.STREET]:
        try:
            usaddress.tag(text)
        except usaddress.RepeatedLabelError:
            continue


def emails_by_library(count: int) -> None:
    """Validate each address by email-validator, without the network."""
    from email_validator import EmailNotValidError, validate_email

    for text in contacts(count)[T.EMAIL]:
        try:
            validate_email(text, check_deliverability=False)
        except EmailNotValidError:
            continue


def figure(name: str, work: Callable[..., None], count: int, *kinds: T) -> Figure:
    """Measure `work` on `count` contacts that were made before."""
    prepare = partial(contacts, count)
    return measure(name, work, count, *kinds, rows=count, repeat=3 if count <= 100_000 else 1, prepare=prepare)


def main() -> None:
    """Print the figures, and how many times faster than the libraries each is."""
    pairs = {
        "three libraries": (libraries, ()), "phones": (phones_by_library, (T.PHONE,)),
        "streets": (addresses_by_library, (T.STREET,)), "e-mails": (emails_by_library, (T.EMAIL,)),
    }  # fmt: skip
    figures: list[Figure] = []
    ratios: list[str] = []
    for name, (library, kinds) in pairs.items():
        by_library = figure(f"{name}, row by row", library, min(ROWS, LIBRARY_ROWS))
        ways = {"all rules": all_rules} if kinds else {"all rules": all_rules, "no fastaddress": without_fastaddress}
        ours = [
            figure(f"{'ten columns' if not kinds else name}, {way}", work, ROWS, *kinds) for way, work in ways.items()
        ]
        figures += [by_library, *ours]
        ratios += [f"{each.name}: {each.rows_per_second / by_library.rows_per_second:.1f} ×" for each in ours]
    show(figures)
    print("\nFaster than the libraries:", "; ".join(ratios))


if __name__ == "__main__":
    main()
