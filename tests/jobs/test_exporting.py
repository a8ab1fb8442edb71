"""What leaves the house: contact points, who objected, masks, several tables, files by value, other systems' forms."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from crm_cli.errors import UsageError
from crm_cli.exporters import ExportError
from crm_cli.history import Author, operation
from crm_cli.jobs.exporting import (
    Channel,
    Points,
    Purpose,
    Request,
    Target,
    check_request,
    default_columns,
    layout_of,
    note_run,
    purpose_of,
    runs_of,
    write_export,
)  # fmt: skip
from crm_cli.jobs.exporting.splitting import safe_name
from crm_cli.jobs.exporting.systems import known_systems
from crm_cli.query import resolve
from crm_cli.store import Store

MARIA = Author("maria")
DAY = datetime(2026, 5, 31, tzinfo=UTC)


def point(party: int, value: str, **more: Any) -> dict[str, Any]:
    return {"party_id": party, "value": value, "standard": value, **more}


def add_people(store: Store) -> list[int]:
    """Ann (two e-mail addresses, three numbers, two addresses) of ACME, Bo and Cy with one each, Di with none."""
    with operation(store, "import", MARIA) as op:
        [acme] = op.insert("account", [{"name": "ACME, Inc.", "status": "customer"}])
        ann, bo, cy, di = op.insert("contact", [
            {"given_name": "Ann", "family_name": "Lee", "account_id": acme, "status": "customer"},
            {"given_name": "Bo", "family_name": "=Dangerous"}, {"given_name": "Cy"}, {"given_name": "Di"},
        ])  # fmt: skip
        op.insert("email_address", [
            point(ann, "ann@old.example", kind="home"), point(ann, "ann@acme.example", is_primary=True),
            point(bo, "bo@acme.example", is_primary=True), point(cy, "cy@acme.example", is_primary=True),
        ])  # fmt: skip
        op.insert("phone_number", [
            point(ann, "+4930111", is_primary=True), point(ann, "+49171222", kind="mobile"), point(ann, "+4930333"),
        ])  # fmt: skip
        op.insert("postal_address", [
            {"party_id": ann, "street": "Main St 1", "city": "Bonn", "is_primary": True},
            {"party_id": ann, "city": "Köln", "kind": "home"},
        ])  # fmt: skip
    return [ann, bo, cy, di]


def exported(store: Store, folder: Path, target: Target | None = None, **more: Any) -> list[list[str]]:
    """The rows of an export, its header first."""
    path = folder / "out.csv"
    write_export(store, [Request(entity="contact", **more)], target or Target(where=path, overwrite=True))
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_of_several_contact_points_the_first_all_or_a_row_each(store: Store, tmp_path: Path) -> None:
    add_people(store)
    columns = ["given_name", "email", "mobile", "street", "city", "account.name"]
    first, joined, rows = (exported(store, tmp_path, columns=columns, points=one)[1:] for one in Points)
    assert first[0] == ["Ann", "ann@acme.example", "+49171222", "Main St 1", "Bonn", "ACME, Inc."]
    assert joined[0] == ["Ann", "ann@acme.example; ann@old.example", "+49171222", "Main St 1; ", "Bonn; Köln",
                         "ACME, Inc."]  # fmt: skip
    assert rows[:2] == [
        ["Ann", "ann@acme.example", "+49171222", "Main St 1", "Bonn", "ACME, Inc."],
        ["Ann", "ann@old.example", "", "", "Köln", "ACME, Inc."],
    ]
    assert first[1:] == joined[1:] == rows[2:]
    assert [row[0] for row in first] == ["Ann", "Bo", "Cy", "Di"]


def test_points_of_another_record_are_joined_too(store: Store, tmp_path: Path) -> None:
    ann, bo, *_ = add_people(store)
    with operation(store, "set", MARIA) as op:
        op.update("contact", {bo: {"reports_to_id": ann}})
    columns = ["given_name", "reports_to.phone", "email"]
    found = exported(store, tmp_path, columns=columns, points=Points.JOINED)
    assert found[2] == ["Bo", "+4930111; +49171222; +4930333", "bo@acme.example"]


def test_points_keep_order_and_limit(store: Store, tmp_path: Path) -> None:
    add_people(store)
    found = exported(store, tmp_path, columns=["given_name", "email"], order=["-given_name"], limit=2,
                     points=Points.JOINED)  # fmt: skip
    assert found[1:] == [["Di", ""], ["Cy", "cy@acme.example"]]


def object_to(store: Store, party: int, channel: str, status: str = "withdrawn", at: datetime = DAY) -> None:
    with operation(store, "set", MARIA) as op:
        op.insert("consent", [{"party_id": party, "channel": channel, "status": status, "recorded_at": at,
                               "purpose": "marketing"}])  # fmt: skip


def test_who_objected_is_left_out_by_channel_with_the_reason(store: Store, tmp_path: Path) -> None:
    ann, bo, cy, di = add_people(store)
    object_to(store, ann, "phone")
    object_to(store, bo, "any")
    object_to(store, cy, "email")
    object_to(store, cy, "email", "given", DAY.replace(month=7))  # thought better of it
    object_to(store, di, "email", "given")

    def left(channel: Channel) -> tuple[list[str], dict[str, int]]:
        request = Request(entity="contact", columns=["given_name"], purpose=Purpose(marketing=channel))
        path = tmp_path / "out.csv"
        done = write_export(store, [request], Target(where=path, overwrite=True))
        return path.read_text(encoding="utf-8").split()[1:], dict(done.left_out)

    assert left(Channel.ANY) == (["Cy", "Di"], {"consent withdrawn": 2})
    assert left(Channel.EMAIL) == (["Ann", "Cy", "Di"], {"consent withdrawn": 1})
    assert left(Channel.PHONE) == (["Cy", "Di"], {"consent withdrawn": 2})


def test_an_address_that_opted_out_is_left_out_wherever_it_stands(store: Store, tmp_path: Path) -> None:
    _, bo, *_ = add_people(store)
    with operation(store, "set", MARIA) as op:
        [twin, gone] = op.insert("contact", [{"given_name": "Twin"}, {"given_name": "Gone"}])
        op.insert("email_address", [point(twin, "BO@acme.example"), point(gone, "ann@acme.example",
                                                                          standing="opted_out")])  # fmt: skip
        op.insert("lead", [{"family_name": "Lead", "email": "Bo@acme.example"}, {"family_name": "Free"}])
        op.delete("contact", [gone])
    with operation(store, "set", MARIA) as op:
        number = next(iter(op.connection.scalars(sa.select(store.table("email_address").c.id).where(
            store.table("email_address").c.party_id == bo))))  # fmt: skip
        op.update("email_address", {number: {"standing": "opted_out"}})
    path = tmp_path / "out.csv"
    found = {}
    for entity, column in (("contact", "given_name"), ("lead", "family_name")):
        request = Request(entity=entity, columns=[column], purpose=Purpose(marketing=Channel.EMAIL))
        done = write_export(store, [request], Target(where=path, overwrite=True))
        found[entity] = (path.read_text(encoding="utf-8").split()[1:], dict(done.left_out))
    assert found["contact"][0] == ["Cy", "Di"]
    assert sum(found["contact"][1].values()) == 3  # Ann, Bo and the twin
    assert found["lead"] == (["Free"], {"same address as somebody who objected": 1})


def test_the_limit_counts_those_who_did_not_object(store: Store, tmp_path: Path) -> None:
    ann, *_ = add_people(store)
    object_to(store, ann, "any")
    more: dict[str, Any] = {"columns": ["given_name"], "limit": 2, "purpose": Purpose(marketing=Channel.ANY)}
    assert exported(store, tmp_path, **more)[1:] == [["Bo"], ["Cy"]]


def test_nobody_writes_to_opportunities(store: Store) -> None:
    with pytest.raises(UsageError, match="nobody who is written to"):
        check_request(store.dictionary, Request(entity="opportunity", purpose=purpose_of(["marketing"])))


def test_masks_by_class_and_column_say_the_smallest_group(store: Store, tmp_path: Path) -> None:
    add_people(store)
    columns = ["given_name", "email", "status", "custom", "extra"]
    path = tmp_path / "out.csv"
    secret = "a secret of many characters"
    request = Request(entity="contact", columns=columns, mask=["default", "status=redact"], key=secret)
    done = write_export(store, [request], Target(where=path))
    text = path.read_text(encoding="utf-8")
    assert not any(word in text for word in ("Ann", "acme", "customer"))
    assert done.readouts[0].masking == {
        "given_name": "pseudonym", "email": "hash", "status": "redact", "custom": "redact", "extra": "redact",
    }  # fmt: skip
    only = exported(store, tmp_path, columns=columns, mask=["name"], key=secret)
    assert only[1][1:3] == ["ann@acme.example", "customer"]
    assert only[1][0] not in ("Ann", "")
    assert only[1][0] == text.splitlines()[1].split(",")[0]  # the same key gives the same mask
    again = write_export(store, [request], Target(where=tmp_path / "again.csv"))
    assert again.files[0].sha256 == done.files[0].sha256


@pytest.mark.parametrize(
    ("mask", "message"),
    [(["names"], "neither a class"), (["email"], "how"), (["contact=hsah"], "no method"), (["default"], "key has 5")],
)
def test_a_mask_that_cannot_be_is_refused(store: Store, tmp_path: Path, mask: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        exported(store, tmp_path, columns=["email"], mask=mask, key="short")


def test_what_the_configuration_masks_stays_blank_whatever_is_asked(store: Store, tmp_path: Path) -> None:
    add_people(store)
    masked = Store(store.url, store.engine, store.dictionary.with_masked(["contact.email"], "crm.toml"), masked_by="x")
    for more in ({}, {"mask": ["name", "email=keep"], "key": "k" * 16}, {"points": Points.JOINED}):
        found = exported(masked, tmp_path, columns=["id", "email"], **more)
        assert [row[1] for row in found[1:]] == [""] * 4
    with pytest.raises(UsageError, match="masked"):
        exported(masked, tmp_path, Target(where=tmp_path / "by.csv", split="email"))


def test_a_file_for_each_value_all_or_none(store: Store, tmp_path: Path) -> None:
    add_people(store)
    target = Target(where=tmp_path / "people.csv", split="status")
    done = write_export(store, [Request(entity="contact", columns=["given_name"])], target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people-customer.csv", "people-prospect.csv"]
    assert (tmp_path / "people-customer.csv").read_text(encoding="utf-8").split() == ["given_name", "Ann"]
    assert done.rows == 4
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())
    (tmp_path / "people-customer.csv").unlink()
    with pytest.raises(UsageError, match=r"people-prospect\.csv is there already"):
        write_export(store, [Request(entity="contact", columns=["given_name"])], target)
    assert [path.name for path in tmp_path.iterdir()] == ["people-prospect.csv"]


def test_a_value_that_cannot_be_written_leaves_no_file_of_a_split(store: Store, tmp_path: Path) -> None:
    add_people(store)
    with operation(store, "set", MARIA) as op:
        op.insert("contact", [{"family_name": "Bell\x07", "status": "former"}])
    target = Target(where=tmp_path / "{value}.vcf", split="status")
    with pytest.raises(ExportError, match="control character"):
        write_export(store, [Request(entity="contact")], target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "name"),
    [("North / West", "North_West"), ("../../etc", "etc"), ("CON", "_CON"), (None, "none"), ("  ", "none"),
     ("北部", "北部"), ("a" * 200, "a" * 80), ("ﬁne", "fine"), (7, "7")],
)  # fmt: skip
def test_values_make_safe_names(value: Any, name: str) -> None:
    assert safe_name(value) == name


def test_values_of_one_name_get_numbers(store: Store, tmp_path: Path) -> None:
    with operation(store, "import", MARIA) as op:
        op.insert("account", [{"name": "a", "industry": word} for word in ("IT", "it", "I T", "I/T", "I:T")])
    target = Target(where=tmp_path / "x.csv", split="industry")
    done = write_export(store, [Request(entity="account", columns=["industry"])], target)
    names = {one.path.name for one in done.files if one.path}
    assert names == {"x-IT.csv", "x-it-2.csv", "x-I_T.csv", "x-I_T-2.csv", "x-I_T-3.csv"}


def test_several_entities_into_one_workbook_or_database_file(store: Store, tmp_path: Path) -> None:
    add_people(store)
    both = [Request(entity="account"), Request(entity="contact", columns=["id", "family_name", "account.name"])]
    done = write_export(store, both, Target(where=tmp_path / "both.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "both.xlsx")
    assert (book.sheetnames, done.rows) == (["accounts", "contacts"], 5)
    assert book["contacts"]["B3"].value == "=Dangerous"
    assert book["contacts"]["B3"].data_type == "s"
    assert all(sheet.freeze_panes == "A2" and sheet.auto_filter.ref for sheet in book)
    write_export(store, both, Target(where=tmp_path / "both.db"))
    with sqlite3.connect(tmp_path / "both.db") as connection:
        found = connection.execute("SELECT family_name, account_name FROM contacts ORDER BY id").fetchall()
    connection.close()
    assert found == [("Lee", "ACME, Inc."), ("=Dangerous", None), (None, None), (None, None)]
    again = write_export(store, both, Target(where=tmp_path / "again.db"))
    assert (tmp_path / "both.db").read_bytes() == (tmp_path / "again.db").read_bytes()
    assert again.files[0].sha256
    with pytest.raises(UsageError, match="holds one entity"):
        write_export(store, both, Target(where=tmp_path / "both.csv"))


def test_tables_of_another_database_are_made_whole_or_not_at_all(
    store: Store, new_database: Callable[[], str], tmp_path: Path
) -> None:
    add_people(store)
    url = new_database()
    both = [Request(entity="account"), Request(entity="contact", columns=[*default_columns(
        store.dictionary.entity("contact")), "account.name"])]  # fmt: skip
    done = write_export(store, both, Target(where=url))
    assert (done.rows, done.files[0].path) == (5, None)
    engine = sa.create_engine(url)

    def names() -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(sa.text("SELECT given_name, account_name FROM contact ORDER BY id")))

    assert names() == [("Ann", "ACME, Inc."), ("Bo", None), ("Cy", None), ("Di", None)]
    with pytest.raises(UsageError, match="has a table account, contact already"):
        write_export(store, both, Target(where=url))
    few = [Request(entity="account"), Request(entity="contact", columns=["given_name", "account.name", "id"], limit=1)]
    write_export(store, few, Target(where=url, overwrite=True))
    assert names() == [("Ann", "ACME, Inc.")]

    def broken(count: int) -> None:
        raise KeyboardInterrupt

    many = [Request(entity="account"), Request(entity="contact", columns=["given_name", "account.name", "id"])]
    with pytest.raises(KeyboardInterrupt):
        write_export(store, many, Target(where=url, overwrite=True), progress=broken)
    assert names() == [("Ann", "ACME, Inc.")]
    assert sorted(sa.inspect(engine).get_table_names()) == ["account", "contact"]
    engine.dispose()


def test_a_database_of_crm_itself_is_never_written_over(store: Store) -> None:
    where = store.url.render_as_string(hide_password=False)
    with pytest.raises(UsageError, match="database of crm's own"):
        write_export(store, [Request(entity="contact")], Target(where=where, overwrite=True))


def test_files_for_other_systems_have_their_headers_and_words(store: Store, tmp_path: Path) -> None:
    add_people(store)
    with operation(store, "set", MARIA) as op:
        [firm] = op.insert("account", [{"name": "Firm"}])
        op.insert("postal_address", [
            {"party_id": firm, "city": "Bonn", "street": "Weg 1", "is_primary": True},
            {"party_id": firm, "city": "Ulm", "kind": "shipping"},
        ])  # fmt: skip
    path = tmp_path / "sf.csv"
    done = write_export(store, [Request(entity="contact", purpose=Purpose(system="salesforce"))], Target(where=path))
    rows = list(csv.DictReader(path.open(newline="", encoding="utf-8")))
    assert (rows[0]["LastName"], rows[0]["Account Name"], rows[0]["MailingCity"]) == ("Lee", "ACME, Inc.", "Bonn")
    assert rows[1]["LastName"] == "=Dangerous"  # for a program, not for a spreadsheet: nothing is guarded
    assert dict(done.blank) == {"LastName": 2}
    write_export(store, [Request(entity="account", purpose=Purpose(system="salesforce"))],
                 Target(where=path, overwrite=True))  # fmt: skip
    account = list(csv.DictReader(path.open(newline="", encoding="utf-8")))[1]
    assert (account["BillingCity"], account["ShippingCity"], account["ShippingStreet"]) == ("Bonn", "Ulm", "")
    assert account["Type"] == "Prospect"


@pytest.mark.parametrize("system", known_systems())
def test_every_column_of_a_layout_is_a_field(store: Store, system: str) -> None:
    found = 0
    for entity in store.dictionary.records:
        try:
            layout = layout_of(system, entity)
        except UsageError:
            continue
        assert set(layout.required) | set(layout.values) <= set(layout.columns)
        for name in layout.fields:
            resolve(store.dictionary, entity, name)
        for header, values in layout.values.items():
            assert set(values) == set(entity.field(layout.columns[header]).values)
        found += 1
    assert found >= 3


def test_a_run_is_noted_without_secrets_and_without_what_the_filter_looked_for(store: Store, tmp_path: Path) -> None:
    add_people(store)
    target = Target(where=tmp_path / "out.csv")
    done = write_export(store, [Request(entity="contact")], target)
    noted = done.run(target, "maria", document={"filter": "family_name = 'O''Neil' and id > 3"})
    assert note_run(store, noted) == ""
    [run] = runs_of(store)
    assert (run.actor, run.rows, run.sha256, run.is_full) == ("maria", 4, done.files[0].sha256, True)
    assert run.document is not None
    assert run.document["filter"] == "family_name = ? and id > 3"
    assert run.watermark.operation == 1
    url = Target(where="postgresql://u:secret@127.0.0.1/x")
    assert "secret" not in note_run(store, done.run(url, "maria")) + runs_of(store)[0].destination


def test_a_purpose_that_nobody_knows_is_refused() -> None:
    assert purpose_of(["excel", "marketing:email", "salesforce"]) == Purpose(
        excel=True, marketing=Channel.EMAIL, system="salesforce"
    )
    assert purpose_of(["excel", "marketing", "hubspot"]).words() == ["excel", "marketing", "hubspot"]
    for words in (["exel"], ["marketing:fax"], ["hubspot", "salesforce"]):
        with pytest.raises(UsageError):
            purpose_of(words)
