"""SuiteCRM: out of its live database, out of a dump of it, and out of the files that it exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.history import Author, undo
from crm_cli.importers.profiles import find_profile
from crm_cli.jobs.importing import ImportOptions, ImportResult, ImportRun, import_delivery
from crm_cli.store import Store
from crm_cli.urls import database_url
from tests.dumps import business_content

MARIA = Author("maria", "test")
# A small part of SuiteCRM's tables, with the columns that its documentation names; the records are made up.
TABLES: dict[str, Sequence[str]] = {
    "users": ("id", "user_name", "first_name", "last_name", "status", "deleted", "reports_to_id"),
    "accounts": (
        "id", "name", "date_modified", "deleted", "assigned_user_id", "account_type", "annual_revenue", "phone_office",
        "billing_address_city", "billing_address_country", "parent_id", "ticker_symbol",
    ),
    "accounts_cstm": ("id_c", "loyalty_c"),
    "contacts": (
        "id", "first_name", "last_name", "date_modified", "deleted", "assigned_user_id", "title", "phone_mobile",
        "primary_address_city", "birthdate", "reports_to_id",
    ),
    "leads": (
        "id", "first_name", "last_name", "deleted", "status", "account_name", "converted",
        "contact_id", "opportunity_id",
    ),
    "opportunities": (
        "id", "name", "deleted", "amount", "currency_id", "date_closed", "sales_stage",
        "probability", "assigned_user_id",
    ),
    "currencies": ("id", "name", "iso4217"),
    "email_addresses": ("id", "email_address", "deleted", "opt_out"),
    "email_addr_bean_rel": ("id", "email_address_id", "bean_id", "bean_module", "primary_address", "deleted"),
    "accounts_contacts": ("id", "contact_id", "account_id", "deleted"),
    "accounts_opportunities": ("id", "opportunity_id", "account_id", "deleted"),
    "opportunities_contacts": ("id", "contact_id", "opportunity_id", "contact_role", "deleted"),
    "calls": (
        "id", "name", "deleted", "duration_minutes", "date_start", "status", "parent_type",
        "parent_id", "assigned_user_id",
    ),
    "calls_contacts": ("id", "call_id", "contact_id", "deleted"),
    "meetings": ("id", "name", "deleted", "duration_minutes", "date_start", "status", "parent_type", "parent_id"),
    "tasks": ("id", "name", "deleted", "date_due", "status", "parent_type", "parent_id", "contact_id"),
    "notes": ("id", "name", "description", "deleted", "parent_type", "parent_id", "contact_id", "date_entered"),
    "accounts_audit": ("id", "parent_id", "field_name"),
    "prospects": ("id", "first_name", "last_name", "deleted"),
}  # fmt: skip
FLAGS = {"deleted", "primary_address", "converted", "opt_out"}
NUMBERS = {"annual_revenue", "amount", "probability", "duration_minutes"}
TIMES = {"date_modified", "date_start", "date_due", "date_entered"}
THEN = "2025-01-02 10:00:00"
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "users": [("u1", "maria", "Maria", "Lopez", "Active", 0, "u2"), ("u2", "li", "Li", "Wei", "Inactive", 0, None)],
    "accounts": [
        ("a1", "Acme Berlin GmbH", THEN, 0, "u1", "Customer", 1250, "+49 30 901820", "Berlin", "Germany", "a2", "ACB"),
        ("a2", "Acme Holding AG", THEN, 0, "u2", "Partner", None, None, "Bonn", "Germany", None, None),
        ("a3", "Thrown away", THEN, 1, "u1", None, None, None, None, None, None, None),
    ],
    "accounts_cstm": [("a1", "gold")],
    "contacts": [
        ("c1", "Ann", "Poe", THEN, 0, "u1", "Buyer", "+49 170 1234567", "Berlin", "1980-02-29", "c2"),
        ("c2", "Bea", "Ray", THEN, 0, "u1", "CEO", None, "Bonn", None, None),
    ],
    "leads": [("l1", "Gil", "Green", 0, "Converted", "Green Ltd", 1, "c1", "o1")],
    "opportunities": [
        ("o1", "Pumps", 0, 48500.5, "eur", "2025-10-31", "Closed Won", 100, "u1"),
        ("o2", "Pipes", 0, 900, "-99", "2026-03-31", "Needs Analysis", 20, "u1"),
    ],
    "currencies": [("eur", "Euro", "EUR")],
    "email_addresses": [
        ("e1", "ann@acme.example", 0, 0), ("e2", "ann.poe@home.example", 0, 1), ("e3", "info@acme.example", 0, 0),
        ("e4", "old@acme.example", 0, 0), ("e5", "gil@green.example", 0, 0), ("e6", "maria@sun.example", 0, 0),
    ],
    "email_addr_bean_rel": [
        ("r1", "e2", "c1", "Contacts", 0, 0), ("r2", "e1", "c1", "Contacts", 1, 0),
        ("r3", "e3", "a1", "Accounts", 1, 0), ("r4", "e4", "c1", "Contacts", 0, 1),
        ("r5", "e5", "l1", "Leads", 1, 0), ("r6", "e6", "u1", "Users", 1, 0),
    ],
    "accounts_contacts": [("x1", "c1", "a1", 0), ("x2", "c2", "a2", 0), ("x3", "c2", "a1", 1)],
    "accounts_opportunities": [("y1", "o1", "a1", 0), ("y2", "o2", "a2", 0)],
    "opportunities_contacts": [("z1", "c1", "o1", "Evaluator", 0), ("z2", "c2", "o1", "Primary Decision Maker", 0)],
    "calls": [("k1", "Call Ann", 0, 15, "2025-02-01 09:30:00", "Held", "Opportunities", "o1", "u1")],
    "calls_contacts": [("w1", "k1", "c1", 0), ("w2", "k1", "c2", 0)],
    "meetings": [("m1", "Visit", 0, 60, "2025-02-02 09:30:00", "Planned", "Accounts", "a2")],
    "tasks": [("t1", "Send offer", 0, "2025-02-03 09:30:00", "Not Started", "Accounts", "a1", "c1")],
    "notes": [("n1", "A note", "She is away in June", 0, "Contacts", "c1", None, "2025-02-04 09:30:00")],
    "accounts_audit": [("d1", "a1", "name")],
    "prospects": [("p1", "Nobody", "Target", 0)],
}  # fmt: skip
CREATED = {"user": 2, "account": 2, "contact": 2, "opportunity": 2, "lead": 1, "activity": 4}


def _kind(column: str) -> Any:
    if column in FLAGS:
        return sa.SmallInteger()
    if column in NUMBERS:
        return sa.Numeric(12, 2)
    return sa.DateTime() if column in TIMES else sa.String(100)


@contextmanager
def _source(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(database_url(url), poolclass=sa.NullPool)
    metadata = sa.MetaData()
    for name, columns in TABLES.items():
        sa.Table(name, metadata, *(sa.Column(one, _kind(one), primary_key=one in ("id", "id_c")) for one in columns))
    metadata.create_all(engine)
    with engine.begin() as connection:
        for name, rows in ROWS.items():
            table = metadata.tables[name]
            read = [dict(zip(TABLES[name], map(_value, TABLES[name], row), strict=True)) for row in rows]
            connection.execute(table.insert(), read)
    yield engine
    engine.dispose()


def _value(column: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if column in TIMES and value else value


def load(store: Store, *sources: Any) -> ImportResult:
    return import_delivery(store, sources, find_profile("suitecrm", None), MARIA, ImportOptions())


def created(result: ImportResult) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in result.batches:
        into = batch.mapping.into[-1]
        found[into] = found.get(into, 0) + batch.counts["created"]
    return found


def by(store: Store, entity: str, name: str) -> Mapping[Any, dict[str, Any]]:
    return {row[name]: row for row in business_content(store)[entity]}


def _check(store: Store) -> None:
    accounts, contacts = by(store, "account", "name"), by(store, "contact", "given_name")
    users, deals = by(store, "app_user", "username"), by(store, "opportunity", "name")
    berlin, holding, ann, bea = (
        accounts["Acme Berlin GmbH"],
        accounts["Acme Holding AG"],
        contacts["Ann"],
        contacts["Bea"],
    )
    assert (berlin["parent_id"], berlin["owner_id"]) == (holding["id"], users["maria"]["id"])
    assert (berlin["status"], berlin["annual_revenue"]) == ("customer", 125_000)
    assert (ann["account_id"], ann["reports_to_id"]) == (berlin["id"], bea["id"])
    assert bea["account_id"] == holding["id"]
    assert (users["maria"]["email"], users["maria"]["manager_id"]) == ("maria@sun.example", users["li"]["id"])
    assert users["li"]["active"] is False
    emails = [(one["party_id"], one["standard"], one["is_primary"]) for one in business_content(store)["email_address"]]
    assert sorted(one for one in emails if one[0] == ann["id"]) == [
        (ann["id"], "ann.poe@home.example", False), (ann["id"], "ann@acme.example", True),
    ]  # fmt: skip
    assert ann["extra"]["email opted out"] == "ann.poe@home.example"
    assert "email invalid" not in ann["extra"]
    pumps, pipes = deals["Pumps"], deals["Pipes"]
    assert (pumps["stage"], pumps["amount"], pumps["currency"]) == ("won", 4_850_050, "EUR")
    assert (pumps["account_id"], pumps["contact_id"]) == (berlin["id"], bea["id"])
    assert (pipes["stage"], str(pipes["expected_close_on"])) == ("qualification", "2026-03-31")
    activities = by(store, "activity", "subject")
    call = activities["Call Ann"]
    assert (call["kind"], call["status"], call["minutes"]) == ("call", "done", 15)
    assert (call["opportunity_id"], call["party_id"]) == (pumps["id"], ann["id"])
    assert call["occurred_at"].isoformat() == "2025-02-01T09:30:00+00:00"
    assert activities["Visit"]["party_id"] == holding["id"]
    assert activities["A note"]["party_id"] == ann["id"]
    links = {(one["activity_id"], one["record_id"]) for one in business_content(store)["activity_link"]}
    assert links == {(call["id"], bea["id"]), (activities["Send offer"]["id"], berlin["id"])}
    (lead,) = business_content(store)["lead"]
    assert (lead["converted_contact_id"], lead["email"], lead["status"]) == (
        ann["id"],
        "gil@green.example",
        "converted",
    )


@pytest.mark.slow
@pytest.mark.all_databases
def test_a_live_database_is_taken_over_with_its_links_and_only_read(
    store: Store, new_database: Callable[[], str]
) -> None:
    url = new_database()
    before = business_content(store)
    with _source(url) as engine:
        result = load(store, url)
        assert created(result) == CREATED
        assert (result.counts["rejected"], result.counts["skipped"]) == (0, 1)
        _check(store)
        assert by(store, "account", "name")["Acme Berlin GmbH"]["extra"]["loyalty_c"] == "gold"
        assert load(store, url).counts["unchanged"] == sum(CREATED.values())
        with engine.connect() as connection:
            for name, rows in ROWS.items():
                assert connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) == len(rows)
    assert undo(store, result.operation_id, MARIA).refused == []
    assert business_content(store) == before


def test_a_dump_says_the_same(store: Store, tmp_path: Path) -> None:
    lines = ["-- MySQL dump 10.13", "SET NAMES utf8mb4;"]
    for name, columns in TABLES.items():
        made = ",\n".join(f"  `{one}` varchar(100)" for one in columns)
        lines.append(f"CREATE TABLE `{name}` (\n{made}\n) ENGINE=InnoDB;")
        cells = [", ".join("NULL" if one is None else f"'{one}'" for one in row) for row in ROWS[name]]
        lines.append(f"INSERT INTO `{name}` VALUES {','.join(f'({row})' for row in cells)};")
    (tmp_path / "suite.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert created(load(store, tmp_path / "suite.sql")) == CREATED
    _check(store)


def test_files_that_it_exports_name_companies_and_users(store: Store, tmp_path: Path) -> None:
    (tmp_path / "Accounts.csv").write_text(
        '"ID","Name","Type","Office Phone","Email Address","Billing City","Billing Country","Assigned User Name"\n'
        '"a1","Acme Berlin GmbH","Customer","+49 30 901820","info@acme.example","Berlin","Germany","maria"\n',
        encoding="utf-8",
    )
    (tmp_path / "Contacts.csv").write_text(
        '"First Name","Last Name","ID","Job Title","Account Name","Mobile","Email Address","Deleted"\n'
        '"Ann","Poe","c1","Buyer","Acme Berlin GmbH","+49 170 1234567","ann@acme.example","0"\n',
        encoding="utf-8",
    )
    users = '"ID","User Name","First Name","Last Name"\n"u1","maria","Maria","Lopez"\n'
    (tmp_path / "Users.csv").write_text(users, encoding="utf-8")
    result = load(store, tmp_path)
    assert created(result) == {"user": 1, "account": 1, "contact": 1}
    ann = by(store, "contact", "given_name")["Ann"]
    account = by(store, "account", "name")["Acme Berlin GmbH"]
    assert (ann["account_id"], account["owner_id"]) == (account["id"], by(store, "app_user", "username")["maria"]["id"])


def test_rejected_rows_are_known_again_by_their_columns(store: Store, tmp_path: Path) -> None:
    contacts = "id,last_name,first_name,birthdate,phone_mobile\nc1,Poe,Ann,1980-13-41,+49 170 1234567\n"
    (tmp_path / "contacts.csv").write_text(contacts, encoding="utf-8")
    profile = find_profile("suitecrm", None)
    rejects = tmp_path / "refused.csv"
    refused = import_delivery(
        store, [tmp_path / "contacts.csv"], profile, MARIA, ImportOptions(), ImportRun(rejects=rejects)
    )
    assert (refused.counts["rejected"], refused.rejects) == (1, rejects)
    rejects.write_text(rejects.read_text(encoding="utf-8").replace("1980-13-41", "1980-12-31", 1), encoding="utf-8")
    assert created(load(store, rejects)) == {"contact": 1}
