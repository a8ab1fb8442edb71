"""Texts of others lose the person and nothing else: what others have too, towns and names of columns stay."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.history import operation
from crm_cli.jobs.privacy import erase
from crm_cli.store import Store
from tests.jobs.privacy_person import KEY, MARIA


def texts_after_erasing(store: Store, person: dict[str, Any], texts: list[str], *others: dict[str, Any]) -> list[str]:
    """Return what becomes of notes of somebody else when the person is erased."""
    with operation(store, "add", MARIA) as op:
        (number, *_) = add(op, person), *(add(op, one) for one in others)
        notes = op.insert("activity", [{"subject": "Note", "notes": text} for text in texts])
    erase(store, "contact", str(number), MARIA, KEY)
    table = store.table("activity")
    with store.read() as connection:
        return list(connection.scalars(sa.select(table.c.notes).where(table.c.id.in_(notes)).order_by(table.c.id)))


def add(op: Any, person: dict[str, Any]) -> int:
    fields = {name: value for name, value in person.items() if name not in ("email", "phone")}
    (number,) = op.insert("contact", [fields])
    for name, detail in (("email", "email_address"), ("phone", "phone_number")):
        if name in person:
            op.insert(detail, [{"party_id": number, "value": person[name], "standard": person[name]}])
    return number


ZOE = {"given_name": "Zoë", "family_name": "Quäxx", "email": "zoe@x.example", "phone": "+493077712345"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask Zoë Quäxx.", "Ask [erased]."),
        ("ZOË QUÄXX and QUÄXX, ZOË", "[erased] and [erased]"),
        ("mail ZOE@x.example today", "mail [erased] today"),
        ("call +493077712345", "call [erased]"),
        ("mezoe@x.example is another", "mezoe@x.example is another"),
        ("Zoë Quäxxmann is another", "Zoë Quäxxmann is another"),
        ("Mr Quäxx of the town of Quäxx", "Mr Quäxx of the town of Quäxx"),
        ('100 % of "Zoë Quäxx" \\ _', '100 % of "[erased]" \\ _'),
    ],
)
def test_the_person_is_cut_out_of_texts(store: Store, text: str, left: str) -> None:
    assert texts_after_erasing(store, ZOE, [text]) == [left]


def test_what_others_have_too_stays(store: Store) -> None:
    text = "Zoë Quäxx, zoe@x.example, +493077712345"
    relative = {"given_name": "Max", "family_name": "Quäxx", "email": "ZOE@X.example", "phone": "+493077712345"}
    assert texts_after_erasing(store, ZOE, [text], relative) == ["[erased], zoe@x.example, +493077712345"]
    namesake = {"given_name": "zoë", "family_name": "QUÄXX"}
    assert texts_after_erasing(store, ZOE, [text], namesake) == [text]


@pytest.mark.parametrize("value", ["none", "n/a", "@", "12345"])
def test_what_is_no_address_and_no_number_is_looked_for_nowhere(store: Store, value: str) -> None:
    person = {"family_name": "Quäxx", "email": value, "phone": value}
    assert texts_after_erasing(store, person, [f"There is {value} of it"]) == [f"There is {value} of it"]


def test_a_name_that_is_also_a_field_damages_nothing(store: Store) -> None:
    """Street, City and Essen are family names too: mappings, models and other people's towns stay as they are."""
    with operation(store, "add", MARIA) as op:
        people = op.insert("contact", [{"given_name": "Ann", "family_name": name} for name in ("Street", "Essen")])
        (other,) = op.insert("contact", [{"family_name": "Other", "company": "Essen", "extra": {"Street": "Essen 1"}}])
        mapping = {"columns": {"Street": {"target": "street"}}, "key": "Street"}
        batch = {"source_name": "Street.csv", "into": "contact", "started_at": op.started_at, "mapping": mapping}
        (number,) = op.insert("import_batch", [batch])
        op.update("contact", {other: {"company": "Bonn"}})
    for one in people:
        erase(store, "contact", str(one), MARIA, KEY)
    table, change = store.table("import_batch"), store.table("change")
    with store.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == number)).one()
        old = connection.scalar(sa.select(change.c.old).where(change.c.record_id == other, change.c.action == "update"))
    assert (row.source_name, row.mapping) == ("Street.csv", mapping)
    assert old == {"company": "Essen"}
