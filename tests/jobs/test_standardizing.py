"""Standardizing records that are stored already: what is changed, and what is listed instead of stopping the rest."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from crm_cli.dictionary import SemanticType as T
from crm_cli.history import Author, operation, undo
from crm_cli.jobs.standardizing import standardize_records
from crm_cli.standardize import Context, standardize
from crm_cli.store import Store

MARIA = Author("maria", "test")
GROWS = "\ufb03" * 200  # ligatures of three letters each: the standard form has 600, the field takes 255


@pytest.mark.all_databases
def test_a_value_whose_standard_form_does_not_fit_is_listed_and_the_rest_is_done(store: Store) -> None:
    long_email = f"{GROWS}@x.example"
    with operation(store, "add", MARIA) as op:
        ids = op.insert("contact", [{"family_name": GROWS}, {"family_name": "SMITH"}])
        points = [{"party_id": ids[0], "value": long_email, "standard": "?"}]
        op.insert("email_address", points)
    result = standardize_records(store, "contact", MARIA)
    assert result.changed == 1
    assert result.not_understood == {("contact.family_name", GROWS): 1, ("email.value", long_email): 1}
    table, emails = store.table("contact"), store.table("email_address")
    with store.read() as connection:
        names = list(connection.scalars(sa.select(table.c.family_name).order_by(table.c.id)))
        assert list(connection.scalars(sa.select(emails.c.standard))) == ["?"]
    assert names == [GROWS, "Smith"]
    assert standardize_records(store, "contact", MARIA).changed == 0


def written(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """What standardizing may change, row by row."""
    columns = {
        "contact": ("given_name", "family_name", "job_title"),
        "email_address": ("value", "standard"),
        "phone_number": ("value", "standard", "standing"),
        "postal_address": ("street", "city", "region", "postal_code", "country", "standard"),
    }
    with store.read() as connection:
        return {
            name: [
                tuple(row)
                for row in connection.execute(
                    sa.select(*[store.table(name).c[one] for one in wanted]).order_by(store.table(name).c.id)
                )
            ]
            for name, wanted in columns.items()
        }


def add_untidy(store: Store) -> None:
    chance = random.Random(3)
    pick = chance.choice
    with operation(store, "add", MARIA) as op:
        people = [
            {"given_name": pick(["ANN", "bob", "Eve", None]), "family_name": pick(["o'neil", "VAN DYK", "Lee"]),
             "job_title": pick(["head  of sales", "CEO", None])}
            for _ in range(120)
        ]  # fmt: skip
        ids = op.insert("contact", people)
        for one in ids:
            phone, email = (
                pick(["(212) 736-5000", "030 90182030", "ask Bob"]),
                pick(["A@X.EXAMPLE", "a@x.example", "@"]),
            )
            op.insert(
                "phone_number", [{"party_id": one, "value": phone, "standard": "?", "standing": pick(["wrong", None])}]
            )
            op.insert("email_address", [{"party_id": one, "value": email, "standard": email}])
            place = pick(
                [("1 MAIN STREET", "RENO", "nevada", "USA"), ("Hauptstr. 5", "BONN", None, "Germany"), (None,) * 4]
            )
            names = ("street", "city", "region", "country")
            op.insert("postal_address", [{"party_id": one, **dict(zip(names, place, strict=True)), "standard": "?"}])


def naively(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """The same, value by value, by the functions that standardize one value."""
    before = written(store)
    countries = [standardize(T.COUNTRY, row[4]).value for row in before["postal_address"]]

    def form(kind: T, value: object, country: str | None = None) -> str | None:
        return standardize(kind, value, Context(country)).value if isinstance(value, str) else None

    def point(kind: T, row: tuple[object, ...], country: str | None) -> tuple[object, ...]:
        standard = standardize(kind, str(row[0]), Context(country))
        if not standard.understood or standard.value == row[1]:
            return row
        return (row[0], standard.value, *("unverified" if one == "wrong" else one for one in row[2:]))

    addresses = []
    for row, country in zip(before["postal_address"], countries, strict=True):
        kinds = (T.STREET, T.CITY, T.REGION, T.POSTAL_CODE, T.COUNTRY)
        street, city, region, code, land = (
            form(kind, value, country) for kind, value in zip(kinds, row[:5], strict=True)
        )
        line = ", ".join(part for part in (street, code, city, region, land) if part)
        addresses.append((street, city, region, code, land, line or row[5]))
    return {
        "contact": [
            (form(T.GIVEN_NAME, given), form(T.FAMILY_NAME, family), form(T.TEXT, title))
            for given, family, title in before["contact"]
        ],
        "email_address": [point(T.EMAIL, row, None) for row in before["email_address"]],
        "phone_number": [point(T.PHONE, row, one) for row, one in zip(before["phone_number"], countries, strict=True)],
        "postal_address": addresses,
    }


@pytest.mark.all_databases
def test_records_get_the_standard_form_of_each_value_and_a_dry_run_tells_the_same(store: Store) -> None:
    add_untidy(store)
    before, expected = written(store), naively(store)
    told = standardize_records(store, "contact", MARIA, dry_run=True)
    assert written(store) == before
    done = standardize_records(store, "contact", MARIA)
    assert written(store) == expected
    assert (told.records, told.changed, told.rules, told.not_understood) == (
        done.records, done.changed, done.rules, done.not_understood,
    )  # fmt: skip
    assert done.changed == sum(
        any(before[table][place] != expected[table][place] for table in before) for place in range(120)
    )
    assert standardize_records(store, "contact", MARIA).changed == 0
    undo(store, done.operation_id, MARIA)
    assert written(store) == before
