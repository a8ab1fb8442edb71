"""Standardizing records that are stored already: what is changed, and what is listed instead of stopping the rest."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_cli.history import Author, operation
from crm_cli.jobs.standardizing import standardize_records
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
