"""Import after something happened to the records: undo, merge, deletion, edits; rows that are hard to know again."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.history import operation, undo
from crm_cli.importers.mapping import ColumnMap, Mapping, MappingError
from crm_cli.jobs.exporting import export_records
from crm_cli.jobs.importing import Collision
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.test_importing import MARIA, PEOPLE, load, rows, write
from tests.stores import empty_store_url


def test_after_an_undo_the_rows_are_created_again(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, PEOPLE)
    undo(store, load(store, path).operation_id, MARIA)
    again = load(store, path)
    assert (again.counts["created"], again.counts["unchanged"]) == (3, 0)
    assert [one["family_name"] for one in rows(store, "contact")] == ["Smith", "Müller", "O'Brien"]


def test_the_first_of_two_imports_undone_leaves_what_the_second_brought(store: Store, tmp_path: Path) -> None:
    first = load(store, write(tmp_path, PEOPLE), source_name="crm")
    load(store, write(tmp_path, PEOPLE.replace("Ann,", "Anna,") + "4,Tom,Baker,,,,,\n"), source_name="crm")
    undone = undo(store, first.operation_id, MARIA)
    assert {(one.entity, one.why) for one in undone.refused} != set()  # the one that the second import changed
    assert [one["given_name"] for one in rows(store, "contact")] == ["Anna", "Tom"]


def test_a_deleted_record_stays_deleted_and_is_counted(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, PEOPLE), source_name="crm")
    number = rows(store, "contact")[0]["id"]
    with operation(store, "delete", MARIA) as op:
        op.update("contact", {number: {"deleted_at": op.started_at}})
    same = load(store, write(tmp_path, PEOPLE), source_name="crm")
    assert (same.counts["deleted"], same.counts["unchanged"], same.counts["created"]) == (1, 2, 0)
    before = rows(store, "contact")
    changed = load(store, write(tmp_path, PEOPLE.replace("Ann,", "Anna,")), source_name="crm")
    assert (changed.counts["deleted"], changed.counts["updated"]) == (1, 0)
    assert rows(store, "contact") == before
    assert any("deleted" in warning for warning in changed.batches[0].warnings)


def test_after_a_merge_the_survivor_is_updated(store: Store, tmp_path: Path) -> None:
    text = "Id,First Name,Last Name,Department\n1,Ann,Smith,Sales\n2,Ann,Smyth,Sales\n3,Tom,Baker,\n"
    load(store, write(tmp_path, text), source_name="crm", key="Id")
    first, second, _ = [one["id"] for one in rows(store, "contact")]
    merge(store, "contact", [MergeGroup((first, second))], MARIA)
    (merged,) = [one for one in rows(store, "contact") if one["merged_into_id"]]
    survivor = merged["merged_into_id"]
    changed = text.replace("Sales", "Service")
    result = load(store, write(tmp_path, changed), source_name="crm", key="Id")
    assert result.counts["created"] == 0
    by_id = {one["id"]: one for one in rows(store, "contact")}
    assert by_id[survivor]["department"] == "Service"
    assert by_id[merged["id"]]["department"] == "Sales"
    assert load(store, write(tmp_path, changed), source_name="crm", key="Id").counts["unchanged"] == 3


def test_an_edit_outlives_every_later_import_of_older_words(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, PEOPLE), source_name="crm")
    number = rows(store, "contact")[0]["id"]
    with operation(store, "set", MARIA) as op:
        op.update("contact", {number: {"given_name": "Anna-Maria"}})
    for city in ("Dallas", "Houston", "Waco"):
        result = load(store, write(tmp_path, PEOPLE.replace("Austin", city)), source_name="crm")
        assert result.counts["conflicts"] == 1
        assert rows(store, "contact")[0]["given_name"] == "Anna-Maria"
    future = datetime(2200, 1, 1, tzinfo=UTC)
    load(store, write(tmp_path, PEOPLE.replace("Austin", "Plano")), source_name="crm", as_of=future)
    assert rows(store, "contact")[0]["given_name"] == "Ann"  # the source says that it is newer than the edit


def test_a_better_mapping_or_country_updates_the_rows_instead_of_doubling_them(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "First Name,Last Name,Phone\nAnn,Smith,(512) 555-0143\n")
    load(store, path)
    result = load(store, path, country="US")
    assert (result.counts["created"], result.counts["updated"]) == (0, 1)
    assert "+15125550143" in [one["standard"] for one in rows(store, "phone_number")]
    mapping = Mapping(("contact",), (ColumnMap("Last Name", "contact.family_name"),))
    assert load(store, path, mapping=mapping).counts["created"] == 0


def test_mended_rejects_are_the_same_rows_as_the_mended_file(store: Store, tmp_path: Path) -> None:
    bad = "First Name,Last Name,Date of Birth\nAnn,Smith,1980-02-29\nTom,Baker,1975-13-41\n"
    rejects = tmp_path / "rejects.csv"
    load(store, write(tmp_path, bad), source_name="crm", rejects=rejects, as_of=datetime(2023, 1, 1, tzinfo=UTC))
    mended = rejects.read_text(encoding="utf-8").replace("1975-13-41", "1975-12-31")
    assert load(store, write(tmp_path, mended, "mended.csv"), source_name="crm").counts["created"] == 1
    whole = load(store, write(tmp_path, bad.replace("1975-13-41", "1975-12-31")), source_name="crm")
    assert (whole.counts["created"], whole.counts["unchanged"]) == (0, 2)


def test_long_keys_and_long_names_are_known_again(store: Store, tmp_path: Path) -> None:
    key, name = "k" * 200, "Acme " + "very " * 40
    text = f"Id,Last Name,Company\n{key}1,Smith,{name}One\n{key}2,Baker,{name}Two\n"
    result = load(store, write(tmp_path, text), "account+contact", source_name="crm", key="Id")
    assert (result.counts["created"], result.counts["accounts"]) == (2, 2)
    again = load(store, write(tmp_path, text), "account+contact", source_name="crm", key="Id")
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 2)


@pytest.mark.parametrize("blank", ["", " ", "n/a", "-"])
def test_blank_keys_do_not_make_one_record_of_many(store: Store, tmp_path: Path, blank: str) -> None:
    text = f"Id,First Name,Last Name\n{blank},Ann,Smith\n{blank},Tom,Baker\n7,Li,Wei\n"
    assert load(store, write(tmp_path, text), key="Id").counts["created"] == 3
    assert load(store, write(tmp_path, text), key="Id").counts["unchanged"] == 3


def test_a_company_renamed_or_merged_meanwhile_is_still_found(store: Store, tmp_path: Path) -> None:
    text = "Id,Last Name,Company\n1,Smith,Acme Inc\n2,Baker,Acme Incorporated Ltd\n"
    load(store, write(tmp_path, text), "account+contact", source_name="crm", key="Id")
    first, second = [one["id"] for one in rows(store, "account")]
    with operation(store, "set", MARIA) as op:
        op.update("account", {first: {"name": "Apex Inc"}})
    more = text + "3,Wei,Acme Inc\n"
    assert load(store, write(tmp_path, more), "account+contact", source_name="crm", key="Id").counts["accounts"] == 0
    assert rows(store, "contact")[2]["account_id"] == first
    merge(store, "account", [MergeGroup((first, second))], MARIA)
    survivor = next(one["merged_into_id"] for one in rows(store, "account") if one["merged_into_id"])
    more += "4,Li,Acme Inc\n5,Lo,Acme Incorporated Ltd\n"
    assert load(store, write(tmp_path, more), "account+contact", source_name="crm", key="Id").counts["accounts"] == 0
    assert [one["account_id"] for one in rows(store, "contact")][3:] == [survivor, survivor]


def test_a_company_deleted_meanwhile_comes_again_with_its_people(store: Store, tmp_path: Path) -> None:
    text = "Id,Last Name,Company\n1,Smith,Acme Inc\n"
    load(store, write(tmp_path, text), "account+contact", source_name="crm", key="Id")
    with operation(store, "delete", MARIA) as op:
        op.update("account", {rows(store, "account")[0]["id"]: {"deleted_at": op.started_at}})
    load(store, write(tmp_path, text + "2,Baker,Acme Inc\n"), "account+contact", source_name="crm", key="Id")
    deleted, again = rows(store, "account")
    assert (deleted["deleted_at"] is None, again["deleted_at"] is None) == (False, True)
    assert rows(store, "contact")[1]["account_id"] == again["id"]


def test_an_older_source_fills_gaps_and_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    new, old = datetime(2025, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    load(store, write(tmp_path, "Id,First Name,Last Name\n1,,Smith\n"), source_name="crm", key="Id", as_of=new)
    text = "Id,First Name,Last Name\n1,Ann,Old-Name\n"
    result = load(store, write(tmp_path, text), source_name="crm", key="Id", as_of=old)
    (ann,) = rows(store, "contact")
    assert (ann["given_name"], ann["family_name"], result.counts["conflicts"]) == ("Ann", "Smith", 1)


def test_columns_named_like_our_own_notes_are_data(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "First Name,Last Name,_reason,@original\nAnn,Smith,because,first\n"))
    extra = rows(store, "contact")[0]["extra"]
    assert (extra["_reason"], extra["column @original"]) == ("because", "first")


@pytest.mark.parametrize("into", ["account+contact", "contact+account"])
def test_the_order_of_into_does_not_matter(store: Store, tmp_path: Path, into: str) -> None:
    load(store, write(tmp_path, "First Name,Last Name,Company\nAnn,Smith,Acme Inc\n"), into)
    assert rows(store, "contact")[0]["account_id"] == rows(store, "account")[0]["id"]


def test_a_company_name_of_invisible_characters_is_none(store: Store, tmp_path: Path) -> None:
    result = load(store, write(tmp_path, "Last Name,Company\nSmith,\u200b\n"), "account+contact")
    assert (result.counts["created"], result.counts["rejected"], rows(store, "account")) == (1, 0, [])


def test_cells_beyond_the_header_are_in_the_rejects(store: Store, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    text = "First Name,Last Name\n" + "Ann,Smith\n" * 30 + "Tom,Baker,lost?,found!\n" + "Li,Wei\n" * 30
    result = load(store, write(tmp_path, text), rejects=rejects)
    if result.counts["rejected"]:
        assert "lost?" in rejects.read_text(encoding="utf-8")
    else:
        assert "lost?" in str(rows(store, "contact"))


def test_too_long_a_text_is_kept_aside_and_a_lone_surrogate_is_no_fault(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, '[{"Last Name": "Sm\\ud800ith"}, {"Last Name": "' + "x" * 5_000 + '"}]', "people.json")
    result = load(store, path, rejects=tmp_path / "rejects.csv")
    assert (result.counts["created"], result.counts["rejected"]) == (1, 1)


def test_constants_are_read_like_cells(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        op.insert("app_user", [{"username": "li"}])
    columns = (ColumnMap("Last Name", "contact.family_name"),)
    constants = {"contact.birth_date": "1980-02-29", "owner": "li", "contact.country": "Germany", "status": "Customer"}
    load(
        store,
        write(tmp_path, "Last Name,Shoe size\nSmith,44\n"),
        mapping=Mapping(("contact",), columns, constants=constants),
    )
    (smith,) = rows(store, "contact")
    assert smith["birth_date"] == date(1980, 2, 29)
    assert smith["owner_id"] == rows(store, "app_user")[0]["id"]
    assert smith["status"] == "customer"
    assert rows(store, "postal_address")[0]["country"] == "DE"


@pytest.mark.parametrize(
    "constants", [{"contact.shoe": "44"}, {"contact.birth_date": "soon"}, {"nothing.name": "x"}, {"status": "odd"}]
)
def test_wrong_constants_are_refused_before_anything_is_written(
    store: Store, tmp_path: Path, constants: dict[str, str]
) -> None:
    mapping = Mapping(("contact",), (ColumnMap("Last Name", "contact.family_name"),), constants=constants)
    with pytest.raises(MappingError):
        load(store, write(tmp_path, "Last Name,Shoe size\nSmith,44\n"), mapping=mapping)


def test_an_amount_is_counted_in_its_rows_currency(store: Store, tmp_path: Path) -> None:
    text = "Name,Amount,Currency\nYen deal,1000,JPY\nEuro deal,1000.50,EUR\nPlain deal,7,\n"
    load(store, write(tmp_path, text), "opportunity", currency="USD")
    assert [(one["amount"], one["currency"]) for one in rows(store, "opportunity")] == [
        (1000, "JPY"), (100050, "EUR"), (700, "USD"),
    ]  # fmt: skip


def test_users_that_are_there_already_are_kept_aside_not_a_crash(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "username,email\nann,a@x.example\n"), "user")
    result = load(store, write(tmp_path, "username,email\nann,a@x.example\ntom,t@x.example\n", "more.csv"), "user")
    assert (result.counts["created"], result.counts["rejected"]) == (1, 1)
    assert [one["username"] for one in rows(store, "app_user")] == ["ann", "tom"]


def test_a_company_whose_number_is_taken_is_kept_aside_with_its_people(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "Customer Number,Company\nC1,Acme\n"), "account")
    columns = ("account.customer_number", "account.name", "contact.family_name")
    mapping = Mapping(("account", "contact"), tuple(map(ColumnMap, ("Nr", "Firm", "Last"), columns)))
    text = "Nr,Firm,Last\nC1,Other Corp,Smith\nC1,Other Corp,Jones\nC2,Third,Wei\n"
    result = load(store, write(tmp_path, text, "more.csv"), "account+contact", mapping=mapping)
    assert (result.counts["created"], result.counts["rejected"], result.counts["accounts"]) == (1, 2, 1)
    assert [one["family_name"] for one in rows(store, "contact")] == ["Wei"]


def test_originals_follow_the_values(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "Id,First Name,Last Name\n1,ANN,SMITH\n"), source_name="crm", key="Id")
    load(store, write(tmp_path, "Id,First Name,Last Name\n1,Anne,SMITH\n"), source_name="crm", key="Id")
    assert rows(store, "contact")[0]["extra"]["@original"] == {"family_name": "SMITH"}


def test_never_changes_nothing_and_blank_fills_only_gaps(store: Store, tmp_path: Path) -> None:
    load(store, write(tmp_path, "Id,First Name,Last Name\n1,Ann,\n"), source_name="crm", key="Id")
    text = "Id,First Name,Last Name,E-Mail\n1,Tom,Smith,a@x.example\n"
    before = business_content(store)["contact"]
    result = load(
        store, write(tmp_path, text), source_name="crm", key="Id", collision=Collision.NEVER, accept_columns=True
    )
    assert (business_content(store)["contact"], result.counts["updated"]) == (before, 0)
    load(store, write(tmp_path, text + "2,Li,Wei,\n"), source_name="crm", key="Id", collision=Collision.BLANK)
    ann = rows(store, "contact")[0]
    assert (ann["given_name"], ann["family_name"]) == ("Ann", "Smith")


names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1, max_size=20
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(names, names), min_size=1, max_size=5))
def test_import_of_an_export_of_an_import_is_stable(
    database_server: object, tmp_path: Path, people: list[tuple[str, str]]
) -> None:
    with Store.open(empty_store_url(database_server)) as store:  # type: ignore[arg-type]
        source = tmp_path / "in.csv"
        with source.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerows([("First Name", "Last Name"), ("Ann", "Smith"), *people])
        load(store, source)
        kept = [(one["given_name"], one["family_name"]) for one in rows(store, "contact")]
    for turn in ("first.csv", "second.csv"):
        with Store.open(empty_store_url(database_server)) as store:  # type: ignore[arg-type]
            load(store, source)
            again = [(one["given_name"], one["family_name"]) for one in rows(store, "contact")]
            assert again == kept
            source = tmp_path / turn
            source.unlink(missing_ok=True)
            export_records(store, "contact", source, columns=["given_name", "family_name"])
