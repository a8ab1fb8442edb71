"""Reconciling with another system's list: which rows and records belong together, and in what they differ."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.errors import CrmError, ExitCode, UsageError
from crm_cli.history import operation
from crm_cli.importers import ReadOptions
from crm_cli.importers.mapping import ColumnMap, Mapping, MappingError
from crm_cli.jobs.importing import UnsettledError
from crm_cli.jobs.reconciling import Part
from crm_cli.query import ConditionError
from crm_cli.store import Store
from tests.jobs.reconciling.helpers import MARIA, counts, differences, load, reconciled, write

OURS = """First Name,Last Name,E-Mail,Phone,City,Country,Birthdate
Ann,Smith,Ann@Acme.example,030/12345678,Berlin,Germany,1980-02-29
Bob,Jones,bob@acme.example,+49 30 87654321,,DE,
Cat,Doe,cat@acme.example,,Köln,DE,1990-01-01
Dan,Roe,dup@acme.example,,,DE,
Eve,Roe,dup@acme.example,,,DE,
Fay,Poe,fay@acme.example,,,DE,
Gus,Loe,,,,DE,
"""
THEIRS = """No;Given;Surname;Mail;Telephone;City;Date of birth
1;Ann;Smith; ann@acme.example ;+49 30 12345678;Berlin;29.02.1980
2;Bob;Joness;BOB@ACME.EXAMPLE;030-87654321;Bonn;
3;Cat;Doe;cat@acme.example;030 111222;;13.01.1990
4;Zoe;New;zoe@new.example;;Köln;
5;Dan;Roe;dup@acme.example;;;
6;No;Mail;;;;
7;Twin;One;twin@new.example;;;
8;Twin;Two;Twin@new.example;;;
"""


@pytest.mark.all_databases
def test_every_row_and_record_is_somewhere_and_standard_forms_are_compared(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    with reconciled(store, write(tmp_path, THEIRS), "email") as found:
        assert counts(found) == {
            "same": (1, 1), "differing": (2, 2), "missing here": (1, None), "missing there": (None, 1),
            "ambiguous key": (3, 2), "blank key": (1, 1), "all": (8, 7),
        }  # fmt: skip
        assert differences(found) == [
            (2, "family_name", "differing", "Jones", "Joness"),
            (2, "city", "blank-here", None, "Bonn"),
            (3, "phone", "blank-here", None, "030 111222"),
            (3, "city", "blank-there", "Köln", None),
            (3, "birth_date", "differing", "1990-01-01", "13.01.1990"),
        ]
        city = next(one for one in found.counts if one.field == "city")
        assert (city.compared, city.same, city.differing, city.blank_here, city.blank_there) == (3, 1, 0, 1, 1)
        (new,) = found.wholes(Part.MISSING_HERE)
        assert (new.key, new.record, new.row) == ("zoe@new.example", None, "line 5")
        assert found.in_words(new) == "given_name: Zoe; family_name: New; email: zoe@new.example; city: Köln"
        assert [one.record for one in found.wholes(Part.MISSING_THERE)] == [6]
        assert [(one.row, one.record) for one in found.wholes(Part.AMBIGUOUS)] == [
            ("line 6", None), ("line 8", None), ("line 9", None), (None, 4), (None, 5),
        ]  # fmt: skip
        assert [(one.row, one.record) for one in found.wholes(Part.BLANK_KEY)] == [("line 7", None), (None, 7)]
        assert found.exit_code is ExitCode.FINDINGS


@pytest.mark.all_databases
def test_a_condition_leaves_records_out_and_does_not_make_their_rows_missing(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    with reconciled(store, write(tmp_path, THEIRS), "email", where="city = 'Berlin'") as found:
        assert counts(found) == {
            "same": (1, 1), "missing here": (1, None), "ambiguous key": (3, 0), "blank key": (1, 0),
            "left out by --where": (2, None), "all": (8, 1),
        }  # fmt: skip


@pytest.mark.all_databases
def test_sums_are_exact_and_by_currency(store: Store, tmp_path: Path) -> None:
    load(
        store, tmp_path,
        "Name,Revenue,Currency,Employees\nA Ltd,1000000000000.01,EUR,3\nB Ltd,0.02,EUR,4\n"
        "C Ltd,500,JPY,\nD Ltd,7,USD,1\n",
        into="account",
    )  # fmt: skip
    source = write(
        tmp_path, 'Company,Revenue,Employees\nA Ltd,"1.000.000.000.000,01",3\nB Ltd,€ 0.05,5\nC Ltd,500 JPY,\n'
    )
    with reconciled(store, source, "name", entity="account") as found:
        assert [(one.field, one.currency, one.here, one.there, one.difference) for one in found.sums] == [
            ("annual_revenue", "EUR", Decimal("1000000000000.03"), Decimal("1000000000000.06"), Decimal("0.03")),
            ("annual_revenue", "JPY", Decimal(500), Decimal(500), 0),
            ("annual_revenue", "USD", Decimal(7), Decimal(0), Decimal(-7)),
            ("employees", "", Decimal(8), Decimal(8), 0),
        ]
        assert differences(found) == [
            (2, "annual_revenue", "differing", "0.02", "€ 0.05"), (2, "employees", "differing", "4", "5"),
        ]  # fmt: skip


def test_a_sum_without_a_currency_can_be_in_the_records_own(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "Name,Revenue,Currency\nA Ltd,7,USD\nB Ltd,8,USD\n", into="account")
    with reconciled(
        store, write(tmp_path, "Company,Revenue\nA Ltd,7\nB Ltd,8 EUR\n"), "name", entity="account"
    ) as found:
        assert differences(found) == [(2, "annual_revenue", "differing", "8.00", "8 EUR")]


def test_a_full_name_is_compared_part_by_part_and_denies_no_title(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "Title,First name,Last name,Mail\nDr.,Ann,Smith,a@b.example\n,Bob,Jones,b@b.example\n")
    with reconciled(
        store, write(tmp_path, 'Full name,Mail\n"Smith, Ann",a@b.example\nRob Jones,b@b.example\n'), "email"
    ) as found:
        assert differences(found) == [(2, "given_name", "differing", "Bob", "Rob")]


def test_names_of_other_records_are_looked_up(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        op.insert("app_user", [{"username": "li", "email": "li@us.example"}, {"username": "tom"}])
        op.insert("account", [{"name": "A", "owner_id": 1}, {"name": "B", "owner_id": 1}, {"name": "C", "owner_id": 1}])
    source = write(tmp_path, "Company,Owner\nA,LI@us.example\nB,tom\nC,nobody\n")
    with reconciled(store, source, "name", entity="account") as found:
        assert differences(found) == [
            (2, "owner_id", "differing", "li", "tom"),
            (3, "owner_id", "differing", "li", "nobody"),
        ]
        assert next(one.not_understood for one in found.counts if one.field == "owner_id") == 1


def test_the_file_of_an_import_agrees_with_what_became_of_it(store: Store, tmp_path: Path) -> None:
    text = (
        "No,First name,Last name,Company,Phone,Mobile phone\nK1,Ann,Smith,Acme Inc.,030 12345678,030 12345678\n"
        "K2,Bob,Jones,ACME INC,,0171 1234567\nK3,Cat,Doe,,,\n"
    )
    load(store, tmp_path, text, into="account+contact", name="erp.csv", key="No")
    with reconciled(store, tmp_path / "erp.csv") as found:
        assert str(found.key) == "erp.csv:No"
        assert differences(found) == []
        assert found.agrees
    other = write(tmp_path, text.replace("ACME INC", "Other Ltd"))
    with reconciled(store, other, "erp.csv:No", fields=("company",)) as found:
        assert differences(found) == [(3, "company", "differing", "Acme Inc.", "Other Ltd")]
        assert found.fillable == (0, 0)  # the account says it


def test_ids_that_an_import_made_up_are_no_key(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "First name,Last name\nAnn,Smith\n", source_name="erp")
    source = write(tmp_path, "No,First name,Last name\nK1,Ann,Smith\n")
    with pytest.raises(UsageError, match="'erp' brought no contacts under ids of its own"):
        reconciled(store, source, "erp:No").__enter__()


def test_the_ids_of_a_source_system_are_a_key_and_found_by_the_files_name(store: Store, tmp_path: Path) -> None:
    text = "Customer No,First name,Last name\nK1,Ann,Smith\nK2,Bob,Jones\n"
    load(store, tmp_path, text, source_name="erp", key="Customer No")
    load(store, tmp_path, "First name,Last name\nCat,Doe\n", name="other.csv")
    source = write(tmp_path, "Customer No,First name,Last name\nK1,Anna,Smith\nK3,Eve,Roe\n", "erp")
    with reconciled(store, source, "ERP:customer no") as found:
        assert differences(found) == [(1, "given_name", "differing", "Ann", "Anna")]
        assert counts(found) == {
            "differing": (1, 1), "missing here": (1, None), "missing there": (None, 1),
            "blank key": (0, 1), "all": (2, 3),
        }  # fmt: skip
    with reconciled(store, source) as found:
        assert str(found.key) == "erp:Customer No"
        assert found.key_was_chosen


def test_records_that_one_system_knows_twice_are_ambiguous(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "No,First name,Last name\nK1,Al,Smith\nK2,Al,Smyth\n", source_name="erp", key="No")
    refs = store.table("external_ref")
    with store.write() as connection:
        connection.execute(sa.update(refs).values(record_id=1))
    with reconciled(store, write(tmp_path, "No,First name,Last name\nK1,Al,Smith\nK2,Al,Smith\n"), "erp:No") as found:
        assert counts(found) == {"ambiguous key": (2, 1), "blank key": (0, 1), "all": (2, 2)}


@pytest.mark.parametrize(
    ("header", "row", "chosen"),
    [
        ("id,First name,Last name,E-Mail", "1,Ann,Smith,ann@acme.example", "email"),
        ("First name,Last name,Phone", "Ann,Smith,030 12345678", "phone"),
        ("First name,Last name,City", "Ann,Smith,Berlin", "given_name,family_name"),
        ("Kundennummer,First name,Last name,E-Mail", "77,Ann,Smith,", "customer_number"),
    ],
)
def test_the_key_that_fits_best_is_chosen(store: Store, tmp_path: Path, header: str, row: str, chosen: str) -> None:
    load(store, tmp_path, OURS)
    with reconciled(store, write(tmp_path, f"{header}\n{row}\n")) as found:
        assert str(found.key) == chosen


def test_several_fields_are_one_key(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(tmp_path, "First name,Last name,Date of birth\nANN,SMITH,29.02.1980\nCat,,\n")
    with reconciled(store, source, "given_name", "family_name", "birth_date") as found:
        assert counts(found) == {"same": (1, 1), "missing there": (None, 1), "blank key": (1, 5), "all": (2, 7)}


def test_only_the_chosen_fields_are_compared(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    with reconciled(store, write(tmp_path, THEIRS), "email", fields=("phone",)) as found:
        assert [one.field for one in found.counts] == ["phone"]
        assert differences(found) == [(3, "phone", "blank-here", None, "030 111222")]


def test_any_of_several_numbers_in_a_cell_may_be_the_one_that_stands_here(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(
        tmp_path, "E-Mail,Phone\nann@acme.example,030 999 / 030 12345678\nbob@acme.example,030 1 / 030 22222222\n"
    )
    with reconciled(store, source, "email") as found:
        assert [one[0] for one in differences(found)] == [2]


def test_what_is_not_understood_is_said(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(
        tmp_path, "E-Mail,Date of birth,First name\ncat@acme.example,soon,Cat\nfay@acme.example,99.99.1999,Fay\n"
    )
    with reconciled(store, source, "email") as found:
        notes = [(one.record, one.kind, one.there, bool(one.note)) for one in found.differences()]
        assert notes == [(3, "differing", "soon", True), (6, "blank-here", "99.99.1999", True)]
        assert found.fillable == (0, 0)


def test_rows_of_another_width_are_faulty_and_not_compared(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    source = write(
        tmp_path, "First name,Last name,E-Mail\nAnn,Smith,ann@acme.example\nBob,Jones,Dr.,bob@acme.example\n"
    )
    with reconciled(store, source, "email") as found:
        (faulty,) = found.wholes(Part.FAULTY)
        assert faulty.note
        assert counts(found)["faulty"] == (1, None)


def test_fields_added_at_run_time_are_compared(store: Store, tmp_path: Path) -> None:
    from crm_cli.dictionary import SemanticType
    from crm_cli.records import NewField, add_field

    with operation(store, "schema", MARIA) as op:
        add_field(op, NewField(entity="contact", name="member_since", type=SemanticType.DATE, meaning="Member since"))
    store.reload()
    load(store, tmp_path, "Last name,E-Mail,member_since\nSmith,a@b.example,2020-01-02\nJones,b@b.example,2021-01-02\n")
    source = write(
        tmp_path, "E-Mail,Member since,Last name\na@b.example,02.01.2020,Smith\nb@b.example,13.01.2020,Jones\n"
    )
    with reconciled(store, source, "email") as found:
        assert differences(found) == [(2, "member_since", "differing", "2021-01-02", "13.01.2020")]


def test_a_mapping_file_of_several_entities_serves(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    mapping = Mapping(
        ("account", "contact"),
        (ColumnMap("a", "contact.email"), ColumnMap("b", "contact.city"), ColumnMap("c", "account.name")),
        constants={"contact.country": "DE"},
    )
    source = write(tmp_path, "a,b,c\nann@acme.example,Bonn,Acme\n")
    with reconciled(store, source, "email", mapping=mapping) as found:
        assert differences(found) == [(1, "city", "differing", "Berlin", "Bonn")]
    with pytest.raises(UsageError, match=r"the mapping is for account\+contact, not for lead"):
        reconciled(store, source, "email", entity="lead", mapping=mapping).__enter__()


@pytest.mark.parametrize(
    ("text", "key", "more", "kind", "message"),
    [
        (THEIRS, ("emial",), {}, UsageError, "contact has no field 'emial'"),
        (THEIRS, ("fax",), {}, UsageError, "no column of the source says fax"),
        (THEIRS, ("id",), {}, MappingError, "the source has no column 'id'"),
        (THEIRS, ("erp:No",), {}, UsageError, "no import brought records of a source 'erp'"),
        (THEIRS, ("email",), {"fields": ("fax",)}, UsageError, "no column of the source says fax"),
        (THEIRS, ("email",), {"where": "citty = 'x'"}, CrmError, "citty"),
        (THEIRS, ("email",), {"where": "city = "}, ConditionError, "cannot understand"),
        ("", ("email",), {}, CrmError, "no table with data"),
        ("a;b\n1;2\n", ("email",), {}, CrmError, "no column could be recognized as a field of contact"),
        ("Mail,Date of birth\na@b.example,03/04/1980\n", ("email",), {}, UnsettledError, "day/month or as month/day"),
        (THEIRS, ("email",), {"read": ReadOptions(encoding="nonsense")}, CrmError, "nonsense"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(
    store: Store, tmp_path: Path, text: str, key: tuple[str, ...], more: dict[str, object], kind: type[CrmError],
    message: str,
) -> None:  # fmt: skip
    load(store, tmp_path, OURS)
    with pytest.raises(kind, match=message) as caught:
        reconciled(store, write(tmp_path, text), *key, **more).__enter__()  # type: ignore[arg-type]
    assert caught.value.exit_code in (ExitCode.USAGE, ExitCode.ERROR)


def test_of_several_tables_that_fit_one_must_be_named(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    path = tmp_path / "legacy.db"
    with sqlite3.connect(path) as legacy:
        legacy.execute("CREATE TABLE people (email TEXT, surname TEXT)")
        legacy.execute("CREATE TABLE more_people (email TEXT, surname TEXT)")
        legacy.execute("CREATE TABLE other (x INTEGER)")
        legacy.executemany("INSERT INTO people VALUES (?, ?)", [("ann@acme.example", "Smith"), ("x@y.example", "New")])
        legacy.execute("INSERT INTO more_people VALUES ('fay@acme.example', 'Poe')")
        legacy.execute("INSERT INTO other VALUES (1)")
    url = f"sqlite:///{path.as_posix()}"
    from crm_cli.jobs.importing import ImportOptions
    from crm_cli.jobs.reconciling import ReconcileOptions, reconcile

    with pytest.raises(UsageError, match="several tables that fit") as caught:
        reconcile(store, "contact", url, ReconcileOptions(key=("email",))).__enter__()
    assert "--sheet" in caught.value.hint
    reading = ImportOptions(read=ReadOptions(sheet="people"))
    with reconcile(store, "contact", url, ReconcileOptions(key=("email",), reading=reading)) as found:
        assert found.there == {"missing-here": 1, "same": 1}


def test_records_that_were_deleted_are_not_here(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, OURS)
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [1])
    with reconciled(store, write(tmp_path, THEIRS), "email") as found:
        assert counts(found)["missing here"] == (2, None)


def test_users_leads_and_opportunities_are_reconciled_alike(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        op.insert("app_user", [{"username": "li", "email": "li@us.example", "active": True}])
        op.insert(
            "lead", [{"family_name": "Moe", "company": "Moe Ltd", "email": "moe@moe.example", "phone": "+493012345678"}]
        )
        op.insert("account", [{"name": "A"}])
        op.insert(
            "opportunity",
            [{"name": "Big", "account_id": 1, "stage": "prospecting", "expected_close_on": date(2026, 1, 2)}],
        )
    with reconciled(store, write(tmp_path, "Login,E-mail,Active\nLI,LI@us.example,no\n"), entity="user") as found:
        assert differences(found) == [(1, "active", "differing", "true", "no")]
    source = write(tmp_path, "Last name,Company,Mail,Phone\nMoe,Moe Ltd,moe@moe.example,030 12345678\n")
    with reconciled(store, source, entity="lead") as found:
        assert found.agrees
        assert found.exit_code is ExitCode.DONE
    with reconciled(
        store, write(tmp_path, "name,account,expected_close_on\nBig,a,2026-01-03\n"), "name", entity="opportunity"
    ) as found:
        assert differences(found) == [(1, "expected_close_on", "differing", "2026-01-02", "2026-01-03")]
