"""A Salesforce export as a whole: records, owners, parents, links; again; later; undone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa

from crm_cli.errors import ExitCode, UsageError
from crm_cli.history import Author, operation, undo
from crm_cli.importers import ReadError
from crm_cli.importers.profiles import find_profile, parse_profile
from crm_cli.jobs.importing import ImportOptions, ImportResult, ImportRun, import_delivery
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
EXPORT = Path(__file__).resolve().parents[2] / "examples" / "salesforce"
CREATED = {"user": 2, "account": 3, "contact": 2, "opportunity": 2, "lead": 2, "activity": 4}


def load(store: Store, *sources: Path | str, profile: str = "salesforce", **more: Any) -> ImportResult:
    given = {name: more.pop(name) for name in ("rejects", "dry_run") if name in more}
    found = find_profile(profile, None)
    return import_delivery(store, sources, found, MARIA, ImportOptions(**more), ImportRun(**given))


def rows(store: Store, entity: str) -> list[dict[str, Any]]:
    return business_content(store)[entity]


def by(store: Store, entity: str, name: str) -> dict[str, dict[str, Any]]:
    return {row[name]: row for row in rows(store, entity)}


def created(result: ImportResult) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in result.batches:
        into = batch.mapping.into[-1]
        found[into] = found.get(into, 0) + batch.counts["created"]
    return found


@pytest.mark.all_databases
def test_an_export_comes_with_its_owners_parents_and_links_and_goes_as_a_whole(store: Store) -> None:
    before = business_content(store)
    result = load(store, EXPORT)
    assert created(result) == CREATED
    assert (result.exit_code, result.counts["rejected"], result.counts["skipped"]) == (ExitCode.PARTIAL, 1, 1)

    users, accounts = by(store, "app_user", "username"), by(store, "account", "name")
    contacts, deals = by(store, "contact", "family_name"), by(store, "opportunity", "name")
    maria, li = users["maria@sunpeak.example"], users["li@sunpeak.example"]
    holding, berlin = accounts["Brightwater Holding AG"], accounts["Brightwater Berlin GmbH"]
    anna, beat = contacts["Weiß"], contacts["Keller"]
    assert maria["manager_id"] == li["id"]  # who comes later in the same file
    assert berlin["parent_id"] == holding["id"]
    assert (anna["account_id"], anna["reports_to_id"], anna["owner_id"]) == (berlin["id"], beat["id"], maria["id"])
    pumps = deals["Brightwater - 40 heat pumps"]
    assert (pumps["stage"], pumps["amount"], pumps["contact_id"]) == ("won", 4_850_050, beat["id"])
    assert str(pumps["closed_at"]) == "2025-10-31 00:00:00+00:00"
    assert deals["Brightwater - maintenance"]["stage"] == "qualification"
    assert deals["Brightwater - maintenance"]["closed_at"] is None
    activities = by(store, "activity", "subject")
    call, contract, visit = (
        activities[name] for name in ("Call about delivery", "Send the contract", "Visit in Zürich")
    )
    assert (call["kind"], call["status"]) == ("call", "done")
    assert (call["party_id"], call["opportunity_id"]) == (anna["id"], pumps["id"])
    assert (visit["kind"], visit["minutes"], visit["party_id"]) == ("meeting", 90, holding["id"])
    assert activities["First call"]["lead_id"] == by(store, "lead", "family_name")["Øster"]["id"]
    links = [(one["activity_id"], one["entity"], one["record_id"]) for one in rows(store, "activity_link")]
    assert links == [(contract["id"], "account", berlin["id"])]
    converted = by(store, "lead", "family_name")["Weiß"]
    assert converted["converted_opportunity_id"] == pumps["id"]

    after = business_content(store)
    undone = undo(store, result.operation_id, MARIA)
    assert undone.refused == []
    assert business_content(store) == before
    undo(store, undone.operation_id, MARIA)
    assert business_content(store) == after


@pytest.mark.all_databases
def test_the_same_export_again_changes_nothing(store: Store) -> None:
    load(store, EXPORT)
    before = business_content(store)
    again = load(store, EXPORT)
    assert business_content(store) == before
    assert (again.counts["created"], again.counts["updated"], again.counts["unchanged"]) == (0, 0, 15)
    with store.read() as connection:
        table = store.table("change")
        changed = sa.select(sa.func.count()).where(table.c.operation_id == again.operation_id)
        assert connection.scalar(changed.where(table.c.entity != "external_ref")) == 0


def test_what_did_not_come_is_named_by_column_and_kept(store: Store) -> None:
    result = load(store, EXPORT)
    accounts = next(batch for batch in result.batches if batch.name == "Account.csv")
    assert accounts.warnings == [
        "ParentId: 1 row names records that did not come (001Hu00000ZZZZZIA5); the ids are kept beside them, in extra",
        "left out 1 row, for IsDeleted",
    ]
    mill = by(store, "account", "name")["Old Mill Foods Inc."]
    assert (mill["parent_id"], mill["extra"]["parent"]) == (None, "001Hu00000ZZZZZIA5")
    assert mill["extra"]["Type"] == "Technology Partner"  # no status of ours, and not lost
    assert by(store, "account", "name")["Brightwater Berlin GmbH"]["extra"]["Support_Level__c"] == "Gold"


@pytest.mark.all_databases
def test_files_may_come_one_by_one_in_any_order(store: Store) -> None:
    """What is found at last takes the place of the id that was kept; in the end all is as if they came together."""
    load(store, EXPORT)
    together = business_content(store)
    undo(store, 1, MARIA)
    names = ["Task", "Contact", "Event", "Lead", "Opportunity", "Account", "User"]
    for name in names:
        load(store, EXPORT / f"{name}.csv")
    assert by(store, "contact", "family_name")["Weiß"]["extra"]["account"] == "001Hu00000AAAAAIA5"
    for _ in range(2):
        load(store, EXPORT)
    assert _told(business_content(store)) == _told(together)


def _told(content: dict[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
    """Records with names instead of ids, which differ with the order of coming."""
    names = {
        (entity, row["id"]): row.get("name") or row.get("username") or row.get("subject") or row.get("family_name")
        for entity in ("app_user", "account", "contact", "opportunity", "lead", "activity")
        for row in content[entity]
    }
    party = {number: name for (entity, number), name in names.items() if entity in ("account", "contact")}
    told: dict[str, list[Any]] = {}
    for entity in ("app_user", "account", "contact", "opportunity", "lead", "activity", "activity_link"):
        told[entity] = sorted(
            [
                [str((name, _named(name, value, names, party))) for name, value in sorted(row.items())
                 if name not in ("id", "public_id", "created_at")]
                for row in content[entity]
            ]
        )  # fmt: skip
    return told


def _named(field: str, value: Any, names: dict[Any, Any], party: dict[int, Any]) -> Any:
    targets = {"owner_id": "app_user", "manager_id": "app_user", "opportunity_id": "opportunity", "lead_id": "lead",
               "activity_id": "activity", "converted_opportunity_id": "opportunity"}  # fmt: skip
    if field in targets:
        return names.get((targets[field], value))
    return party.get(value) if field.endswith("_id") else value


def test_rejected_rows_go_to_a_file_a_table_and_come_back_mended(store: Store, tmp_path: Path) -> None:
    result = load(store, EXPORT, rejects=tmp_path / "refused")
    assert result.rejects == tmp_path / "refused"
    mended = tmp_path / "refused" / "Contact.csv"
    mended.write_text(mended.read_text(encoding="utf-8").replace("1975-13-41", "1975-12-31", 1), encoding="utf-8")
    again = load(store, tmp_path / "refused")
    assert (again.counts["created"], again.exit_code) == (1, ExitCode.DONE)
    tom = by(store, "contact", "given_name")["Tom"]
    assert tom["account_id"] == by(store, "account", "name")["Old Mill Foods Inc."]["id"]
    assert load(store, EXPORT).counts["rejected"] == 1  # the export itself still has it wrong


def test_a_dry_run_counts_a_table_and_writes_nothing(store: Store) -> None:
    before = business_content(store)
    assert created(load(store, EXPORT, dry_run=True)) == CREATED
    assert business_content(store) == before


def test_a_zip_and_a_pattern_are_taken_like_a_folder(store: Store, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "export.zip", "w") as archive:
        for path in sorted(EXPORT.glob("*.csv")):
            archive.write(path, f"WE_00D/{path.name}")
    assert created(load(store, tmp_path / "export.zip", dry_run=True)) == CREATED
    assert created(load(store, EXPORT / "[A-U]*.csv", dry_run=True)) == CREATED


def test_what_is_nothing_of_the_system_is_named(store: Store, tmp_path: Path) -> None:
    shutil.copytree(EXPORT, tmp_path / "export")
    (tmp_path / "export" / "Product2.csv").write_text("Id,Name\n1,Pump\n", encoding="utf-8")
    (tmp_path / "export" / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (tmp_path / "export" / "old").mkdir()
    result = load(store, tmp_path / "export", dry_run=True)
    assert sorted(result.skipped) == [
        "Product2.csv: no table of Salesforce that is imported, by its name and columns",
        "logo.png: no table of Salesforce that is imported, by its name and columns",
        "old: a folder in the folder",
    ]
    with pytest.raises(UsageError, match="nothing here is laid out as Salesforce writes it"):
        load(store, tmp_path / "export" / "Product2.csv")
    with pytest.raises(ReadError, match="no file fits"):
        load(store, tmp_path / "*.xyz")


def test_a_user_who_is_here_is_the_one_who_comes(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("app_user", [{"username": "maria@sunpeak.example", "given_name": "Mary"}])
    load(store, EXPORT)
    maria = by(store, "app_user", "username")["maria@sunpeak.example"]
    assert (maria["id"], maria["given_name"], maria["family_name"]) == (number, "Mary", "Lopez")
    assert by(store, "account", "name")["Brightwater Berlin GmbH"]["owner_id"] == number
    assert len(rows(store, "app_user")) == 2


def test_a_success_file_tells_which_record_of_ours_got_which_id(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("account", [{"name": "Acme"}])
    ours = by(store, "account", "name")["Acme"]["public_id"]
    cells = f'"001Hu00000EEEEEIA5","Acme","{ours}","Austin","Item Created"'
    text = f'"ID","NAME","PUBLIC_ID","BILLINGCITY","STATUS"\n{cells}\n'
    (tmp_path / "success010125.csv").write_text(text, encoding="utf-8")
    result = load(store, tmp_path / "success010125.csv")
    assert (result.counts["created"], result.counts["updated"]) == (0, 1)
    contacts = '"ID","ACCOUNTID","LASTNAME","EMAIL"\n"003Hu000001EEEEIA4","001Hu00000EEEEE","Poe","poe@acme.example"\n'
    (tmp_path / "contacts.csv").write_text(contacts, encoding="utf-8")
    load(store, tmp_path / "contacts.csv")
    assert by(store, "contact", "family_name")["Poe"]["account_id"] == number


def test_an_error_file_is_imported_once_mended(store: Store, tmp_path: Path) -> None:
    text = (
        '"LASTNAME","COMPANY","LEADSOURCE","STATUS","ERROR"\n"Poe","Poe Ltd","Web","Qualified","DUPLICATES_DETECTED"\n'
    )
    (tmp_path / "error010125.csv").write_text(text, encoding="utf-8")
    load(store, tmp_path / "error010125.csv")
    (lead,) = rows(store, "lead")
    assert (lead["status"], lead["extra"]) == (
        "qualified",
        {"@original": {"company": "Poe Ltd", "status": "Qualified"}},
    )


def test_two_systems_of_a_kind_are_kept_apart_by_name(store: Store, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    odoo = "ID,Name,Company Type,Related Company/ID\n{0},{1},Company,\np1,Ann Poe,Individual,{0}\n"
    (tmp_path / "one" / "res.partner.csv").write_text(odoo.format("c1", "Acme"), encoding="utf-8")
    (tmp_path / "two" / "res.partner.csv").write_text(odoo.format("c1", "Zenith"), encoding="utf-8")
    load(store, tmp_path / "one", profile="odoo")
    with pytest.raises(UsageError, match="are somebody else: c1 was Acme and is Zenith here"):
        load(store, tmp_path / "two", profile="odoo")
    load(store, tmp_path / "two", profile="odoo", source_name="odoo-two")
    accounts = by(store, "account", "name")
    assert [one["account_id"] for one in rows(store, "contact")] == [accounts["Acme"]["id"], accounts["Zenith"]["id"]]


def test_a_parent_that_a_person_set_stays(store: Store, tmp_path: Path) -> None:
    """A reference that is found late goes before a person's edit no more than one that is found at once."""
    text = "ID,NAME,PARENTID,BILLINGCITY\n{0},Child,{2},Ulm\n{1},Parent,,Ulm\n001Hu00000GGGGGIA5,Other,,Ulm\n"
    child, parent = "001Hu00000EEEEEIA5", "001Hu00000FFFFFIA5"
    (tmp_path / "a.csv").write_text(text.format(child, parent, ""), encoding="utf-8")
    load(store, tmp_path / "a.csv")
    accounts = by(store, "account", "name")
    with operation(store, "set", MARIA) as op:
        op.update("account", {accounts["Child"]["id"]: {"parent_id": accounts["Other"]["id"]}})
    (tmp_path / "a.csv").write_text(text.format(child, parent, parent), encoding="utf-8")
    result = load(store, tmp_path / "a.csv")
    assert by(store, "account", "name")["Child"]["parent_id"] == accounts["Other"]["id"]
    assert result.counts["conflicts"] == 1


OWN = """
title = "Old CRM"
[[table]]
into = "account"
names = ["firms"]
key = "no"
[table.columns]
title = "name"
[table.references]
mother = "parent"
"""


def test_a_profile_of_ones_own_counts_a_changed_parent_as_an_update(store: Store, tmp_path: Path) -> None:
    own = parse_profile(OWN, "old", "old.toml")
    path = tmp_path / "firms.csv"
    path.write_text("no,title,mother\n1,One,3\n2,Two,\n3,Three,\n", encoding="utf-8")
    import_delivery(store, [path], own, MARIA, ImportOptions())
    path.write_text("no,title,mother\n1,One,4\n2,Two,\n3,Three,\n4,Four,\n", encoding="utf-8")
    result = import_delivery(store, [path], own, MARIA, ImportOptions())
    assert (result.counts["created"], result.counts["updated"], result.counts["unchanged"]) == (1, 1, 2)
    accounts = by(store, "account", "name")
    assert accounts["One"]["parent_id"] == accounts["Four"]["id"]
    undo(store, result.operation_id, MARIA)
    assert by(store, "account", "name")["One"]["parent_id"] == accounts["Three"]["id"]


@pytest.mark.shared
def test_a_real_export_adds_up(store: Store, shared: Path) -> None:
    folder = shared / "data" / "import-cases" / "crm" / "dataloader"
    result = load(store, folder / "accountData.csv", folder / "opportunityData.csv")
    assert created(result) == {"account": 423, "opportunity": 38}
    deals = by(store, "opportunity", "name")
    assert sum(one["account_id"] is not None for one in deals.values()) == len(deals)
    assert deals["George Foundation - 5000 Widgets"]["amount"] == 50_000_000
    dump = load(store, shared / "data" / "import-cases" / "crm" / "NPSP" / "test_data.sql", source_name="npsp")
    assert created(dump) == {"account": 167, "contact": 102, "opportunity": 342}
