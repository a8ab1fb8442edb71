"""What is held of a person is erased from every table, and does not come back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.jobs.privacy import erase, scrub
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.privacy_person import KEY, MARIA, make_marked, places


@pytest.mark.all_databases
def test_no_table_holds_anything_of_an_erased_person(store: Store, tmp_path: Path) -> None:
    made = make_marked(store, tmp_path)
    before = places(store)
    assert {table for table, _ in before} >= {
        *("contact", "lead", "email_address", "phone_number", "postal_address", "change", "import_row", "operation"),
        *("external_ref", "activity", "relationship", "consent", "opportunity", "match_run", "match_pair", "finding"),
        *("search_record", "search_posting", "search_words", "confirmation", "match_decision", "export_run"),
    }
    erased = erase(store, "contact", str(made.person), MARIA, KEY)
    assert places(store) == []
    scrub(store)
    content = business_content(store)
    assert [row["id"] for row in content["contact"]] == [made.other]
    assert content["contact"][0]["family_name"] == "Ordinary"
    assert [row["subject"] for row in content["activity"]] == ["Visit"]
    assert [(row["name"], row["contact_id"]) for row in content["opportunity"]] == [("Roof", None)]
    assert content["account"][0]["description"] == "Ask [erased] first"
    assert erased.erased["contact"] == 2
    with store.read() as connection:
        rejected = connection.scalars(sa.select(store.table("import_row").c.cells)).all()
    assert [row["Last Name"] for row in rejected] == ["Broken"]
