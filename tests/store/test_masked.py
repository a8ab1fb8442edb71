"""A store that was opened with masked fields keeps them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_cli.dictionary import MASK
from crm_cli.history import Author, operation
from crm_cli.query import Selection
from crm_cli.records import NewField, add_field, list_records, titles_of
from crm_cli.store import Store

MARIA = Author("maria", "test")


@pytest.fixture
def masked(store: Store) -> Iterator[Store]:
    with Store.open(store.url, masked=["contact.given_name", "contact.email"], masked_by="a test") as opened:
        yield opened


def test_masks_outlast_a_reload_and_a_transaction_outside(masked: Store) -> None:
    with operation(masked, "add-field", MARIA) as op:
        add_field(op, NewField("contact", "shoe", "text", "Size", (), ()))
    masked.reload()
    assert "shoe" in masked.dictionary.entity("contact").by_name
    assert masked.dictionary.entity("contact").field("given_name").masked
    assert masked.dictionary.masked_by == "a test"
    with masked.read() as connection:
        inner = masked.bound_to(connection)
        inner.reload()
        assert inner.dictionary.entity("contact").slot_by_name["email"].masked


@pytest.mark.all_databases
def test_lists_and_titles_mask_what_work_reads(masked: Store) -> None:
    with operation(masked, "add", MARIA) as op:
        people = [{"given_name": "Ann", "family_name": "Doe"}, {"family_name": "Roe"}, {"given_name": None}]
        ids = op.insert("contact", people)
        op.insert("email_address", [{"party_id": ids[2], "value": "a@b.example", "standard": "a@b.example"}])
    selection = Selection(entity="contact", columns=("id", "given_name", "family_name"), order=("id",))
    with masked.read() as connection:
        rows = list(list_records(masked, connection, selection))
        titles = titles_of(masked, connection, "party", ids)
    assert [row["given_name"] for row in rows] == [MASK, None, None]
    assert list(titles.values()) == [f"{MASK} Doe", "Roe", MASK]
