"""`--into account+contact`: what rows of people say of companies arrives, is updated and confirmed, and never lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.history import operation, undo
from crm_cli.importers.mapping import ColumnMap, Mapping
from crm_cli.jobs.importing import Collision, ImportResult
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.test_importing import MARIA, load, rows, write

HEADER = "id,first name,last name,company,job title,city,website,industry\n"
PLACES = {
    "first name": "contact.given_name", "last name": "contact.family_name", "company": "account.name",
    "job title": "contact.job_title", "city": "contact.city", "website": "account.website",
    "industry": "account.industry", "company phone": "account.phone", "born": "contact.birth_date",
    "shipping city": "contact.shipping_city",
}  # fmt: skip


def take(store: Store, folder: Path, text: str, **more: Any) -> ImportResult:
    header = text.partition("\n")[0].split(",")
    columns = tuple(ColumnMap(name, PLACES[name]) for name in header if name in PLACES)
    mapping = Mapping(("account", "contact"), columns, key="id")
    return load(store, write(folder, text), "account+contact", mapping=mapping, **{"source_name": "erp", **more})


def counts(result: ImportResult) -> tuple[int, int, int]:
    return result.counts["created"], result.counts["updated"], result.counts["unchanged"]


def accounts(store: Store, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in ("name", *names)) for one in rows(store, "account")]


def confirmed(store: Store, entity: str, group: str) -> list[datetime]:
    """The moments at which this group of fields was confirmed, by a row of its own or by the batch that carried it."""
    table, batch = store.table("confirmation"), store.table("import_batch")
    query = sa.select(table.c.freshness_group, table.c.confirmed_at, batch.c.groups).select_from(
        table.outerjoin(batch, batch.c.id == table.c.batch_id)
    )
    with store.read() as connection:
        found = connection.execute(query.where(table.c.entity == entity).order_by(table.c.id)).all()
    return [row.confirmed_at for row in found if group in (row.groups if row.freshness_group == "*" else (row[0],))]


@pytest.mark.all_databases
def test_every_row_of_a_company_counts_not_only_its_first(store: Store, tmp_path: Path) -> None:
    text = HEADER + "1,Ann,Lee,Acme Inc,,,,\n2,Bob,Kern,Acme Inc,,,https://acme.com,\n3,Zoe,Zim,ACME INC,,,,Steel\n"
    result = take(store, tmp_path, text)
    assert accounts(store, "website", "industry") == [("Acme Inc.", "https://acme.com", "Steel")]
    assert counts(result) == (3, 0, 0)
    before = business_content(store)
    assert counts(take(store, tmp_path, text)) == (0, 0, 3)
    assert business_content(store) == before
    undo(store, result.operation_id, MARIA)
    assert rows(store, "account") == rows(store, "contact") == []


@pytest.mark.all_databases
def test_companies_are_updated_and_confirmed_by_later_imports(store: Store, tmp_path: Path) -> None:
    text = HEADER + "1,Ann,Lee,Acme Inc,,,,\n2,Bob,Kern,Acme Inc,,,,Steel\n"
    take(store, tmp_path, text, as_of=datetime(2024, 1, 1, tzinfo=UTC))
    before = business_content(store)
    filled = take(store, tmp_path, text.replace(",,,Steel", ",,https://acme.com,Steel"))
    assert accounts(store, "website") == [("Acme Inc.", "https://acme.com")]
    assert counts(filled) == (0, 1, 1)
    changed = take(store, tmp_path, text.replace(",,,Steel", ",,https://acme.io,Iron"))
    assert accounts(store, "website", "industry") == [("Acme Inc.", "https://acme.io", "Iron")]
    assert len(confirmed(store, "account", "firmographics")) == 3
    assert confirmed(store, "account", "address") == []  # the city is the people's
    undo(store, changed.operation_id, MARIA)
    undo(store, filled.operation_id, MARIA)
    assert business_content(store) == before


def test_rows_of_one_company_far_apart_are_put_together(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_cli.jobs.importing.table_import._BATCH_ROWS", 2)
    text = (
        HEADER + "".join(f"{n},Ann,Lee{n},Acme Inc,,,,\n" for n in range(5)) + "9,Bob,Kern,Acme Inc,,,https://a.io,\n"
    )
    result = take(store, tmp_path, text)
    assert accounts(store, "website") == [("Acme Inc.", "https://a.io")]
    assert (counts(result), result.counts["accounts"]) == ((6, 0, 0), 1)
    assert counts(take(store, tmp_path, text)) == (0, 0, 6)
    undo(store, result.operation_id, MARIA)
    assert rows(store, "account") == []


def test_the_first_row_decides_and_the_others_keep_what_they_say(store: Store, tmp_path: Path) -> None:
    text = HEADER + "1,Ann,Lee,Acme Inc,,,https://a.io,\n2,Bob,Kern,Acme Inc,,,https://b.io,\n"
    take(store, tmp_path, text)
    assert accounts(store, "website") == [("Acme Inc.", "https://a.io")]
    assert rows(store, "contact")[1]["extra"]["account.website"] == "https://b.io"
    assert counts(take(store, tmp_path, text)) == (0, 0, 2)


def test_numbers_of_a_company_are_added_whichever_row_has_them(store: Store, tmp_path: Path) -> None:
    header = "id,last name,company,company phone\n"
    text = header + "1,Lee,Acme Inc,+4930901820\n2,Kern,Acme Inc,+4930901821\n3,Zim,Acme Inc,+4930901820\n"
    take(store, tmp_path, text)
    number = rows(store, "account")[0]["id"]
    found = [(one["party_id"], one["standard"], one["is_primary"]) for one in rows(store, "phone_number")]
    assert found == [(number, "+4930901820", True), (number, "+4930901821", False)]
    take(store, tmp_path, text + "4,Bo,Acme Inc,+4930901822\n")
    assert [one["standard"] for one in rows(store, "phone_number")][2:] == ["+4930901822"]


def test_the_collision_rule_holds_for_companies_too(store: Store, tmp_path: Path) -> None:
    text = HEADER + "1,Ann,Lee,Acme Inc,,,https://a.io,\n"
    take(store, tmp_path, text)
    with operation(store, "set", MARIA) as op:
        op.update("account", {rows(store, "account")[0]["id"]: {"website": "https://by-hand.io"}})
    changed = text.replace("a.io", "b.io")
    kept = take(store, tmp_path, changed)
    assert accounts(store, "website") == [("Acme Inc.", "https://by-hand.io")]
    assert kept.counts["conflicts"] == 1
    assert len(confirmed(store, "account", "firmographics")) == 1  # by the first import alone
    take(store, tmp_path, changed, collision=Collision.NEVER)
    assert accounts(store, "website") == [("Acme Inc.", "https://by-hand.io")]
    take(store, tmp_path, changed, collision=Collision.SOURCE)
    assert accounts(store, "website") == [("Acme Inc.", "https://b.io")]


def test_an_account_that_was_there_is_filled_and_known_from_then_on(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("account", [{"name": "Acme Inc.", "industry": "by hand"}])
    result = take(store, tmp_path, HEADER + "1,Ann,Lee,Acme Inc,,,https://a.io,Steel\n")
    assert accounts(store, "website", "industry") == [("Acme Inc.", "https://a.io", "by hand")]
    assert result.counts["conflicts"] == 1
    with operation(store, "set", MARIA) as op:
        op.update("account", {number: {"name": "Apex Inc."}})
    take(store, tmp_path, HEADER + "1,Ann,Lee,Acme Inc,,,https://b.io,Steel\n")
    assert accounts(store, "website") == [("Apex Inc.", "https://b.io")]


def test_what_a_row_says_of_a_company_it_does_not_name_is_kept_with_the_person(store: Store, tmp_path: Path) -> None:
    result = take(store, tmp_path, HEADER + "1,Ann,Lee,,Boss,,https://a.io,Steel\n")
    assert (counts(result), rows(store, "account")) == ((1, 0, 0), [])
    assert rows(store, "contact")[0]["extra"] == {"website": "https://a.io", "industry": "Steel"}


def test_a_row_without_a_person_makes_none_and_loses_nothing(store: Store, tmp_path: Path) -> None:
    header = "first name,last name,id,company,job title,shipping city,born\n"
    take(store, tmp_path, header + ",,7,Acme,Boss,Paris,1980-05-31\n")
    assert rows(store, "contact") == []
    (acme,) = rows(store, "account")
    assert acme["extra"] == {"job title": "Boss", "born": "1980-05-31"}
    (address,) = rows(store, "postal_address")
    assert (address["party_id"], address["city"], address["kind"]) == (acme["id"], "Paris", "shipping")


def test_an_address_that_the_company_cannot_take_is_kept_beside_it(store: Store, tmp_path: Path) -> None:
    columns = {
        "id": "extra",
        "company": "account.name",
        "billing": "account.billing_city",
        "home": "contact.city",
        "last": "contact.family_name",
    }
    mapping = Mapping(("account", "contact"), tuple(ColumnMap(*one) for one in columns.items()), key="id")
    load(store, write(tmp_path, "id,company,billing,home,last\n1,Acme,Rome,Paris,\n"), mapping=mapping)
    assert [one["city"] for one in rows(store, "postal_address")] == ["Rome"]
    assert rows(store, "account")[0]["extra"]["home"] == "Paris"


@pytest.mark.parametrize(
    "lines",
    [
        ("1,Ann,Lee,Acme Inc,,,,", "2,,,Acme Inc,,,https://a.io,"),
        ("2,,,Acme Inc,,,https://a.io,", "1,Ann,Lee,Acme Inc,,,,"),
    ],
)
@pytest.mark.parametrize("size", [1, 5_000])
def test_a_row_of_the_company_alone_and_one_of_its_people_are_one_account(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: tuple[str, str], size: int
) -> None:
    monkeypatch.setattr("crm_cli.jobs.importing.table_import._BATCH_ROWS", size)
    text = HEADER + "\n".join(lines) + "\n"
    take(store, tmp_path, text)
    (acme,) = rows(store, "account")
    assert (acme["website"], rows(store, "contact")[0]["account_id"]) == ("https://a.io", acme["id"])
    assert counts(take(store, tmp_path, text)) == (0, 0, 2)
    take(store, tmp_path, text.replace("a.io", "b.io"))
    assert accounts(store, "website") == [("Acme Inc.", "https://b.io")]


def test_two_rows_of_companies_of_one_name_stay_two(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + "1,,,Acme Inc,,Paris,,\n2,,,Acme Inc,,Rome,,\n3,Ann,Lee,Acme Inc,,,,\n")
    assert [one["name"] for one in rows(store, "account")] == ["Acme Inc.", "Acme Inc."]


def test_what_comes_with_a_record_that_names_none_is_kept_beside_it(store: Store, tmp_path: Path) -> None:
    columns = {"firm": "account.name", "web": "account.website", "last": "lead.family_name"}
    mapping = Mapping(("account", "lead"), tuple(ColumnMap(*one) for one in columns.items()))
    load(store, write(tmp_path, "firm,web,last\nAcme,https://a.io,Lee\n"), mapping=mapping)
    assert rows(store, "lead")[0]["extra"] == {"firm": "Acme", "web": "https://a.io"}


def test_an_opportunity_names_the_account_that_comes_with_it(store: Store, tmp_path: Path) -> None:
    columns = {"firm": "account.name", "web": "account.website", "deal": "opportunity.name"}
    mapping = Mapping(("account", "opportunity"), tuple(ColumnMap(*one) for one in columns.items()))
    load(store, write(tmp_path, "firm,web,deal\nAcme,https://a.io,Big deal\n"), mapping=mapping)
    (acme,) = rows(store, "account")
    assert (acme["website"], rows(store, "opportunity")[0]["account_id"]) == ("https://a.io", acme["id"])
