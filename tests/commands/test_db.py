"""`crm init`, `crm db …`, `crm doctor`: making, keeping and checking a database, as users see it."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import sqlalchemy as sa

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content


def content(crm: CrmRunner) -> dict[str, list[dict[str, object]]]:
    with Store.open(crm.folder / "crm.db") as store:
        return business_content(store)


def test_init_makes_a_project_file_and_a_database_and_names_the_next_step(crm: CrmRunner) -> None:
    made = crm("init", "--country", "de", "--timezone", "Europe/Berlin").ok()
    assert "next: crm import" in made.stderr
    assert stat.S_IMODE((crm.folder / "crm.db").stat().st_mode) == 0o600
    shown = {row["key"]: row["value"] for row in crm("config", "show", "--json").ok().json}
    assert (shown["database"], shown["default_country"], shown["timezone"]) == ("crm.db", "DE", "Europe/Berlin")
    assert crm("contact", "list").ok().stdout == ""


def test_init_overwrites_nothing(crm: CrmRunner) -> None:
    crm("init").ok()
    before = (crm.folder / "crm.toml").read_bytes(), (crm.folder / "crm.db").read_bytes()
    again = crm("init")
    assert (again.exit_code, "crm.toml exists" in again.stderr) == (1, True)
    (crm.folder / "crm.toml").unlink()
    again = crm("init")
    assert again.exit_code == 1
    assert "crm.db exists" in again.stderr
    assert "hint: name another with --db" in again.stderr
    assert (crm.folder / "crm.db").read_bytes() == before[1]


def test_init_makes_the_database_that_the_environment_names(crm: CrmRunner) -> None:
    elsewhere = crm.folder / "elsewhere.db"
    crm("init", CRM_DB=str(elsewhere)).ok()
    assert elsewhere.exists()
    assert not (crm.folder / "crm.db").exists()
    assert tomllib.loads((crm.folder / "crm.toml").read_text("utf-8")) == {}
    crm("contact", "list", CRM_DB=str(elsewhere)).ok()


def test_init_writes_nothing_that_later_commands_would_refuse(crm: CrmRunner) -> None:
    refused = crm("init", "--timezone", "Europe/Bonn")
    assert refused.exit_code == 2
    assert "is not a time zone" in refused.stderr
    assert list(crm.folder.iterdir()) == []


def test_init_writes_no_password_into_a_project_file(crm: CrmRunner) -> None:
    refused = crm("init", "--db", "postgresql://me:secret@server/crm")
    assert refused.exit_code == 1
    assert "secret" not in refused.stderr
    assert "CRM_DB" in refused.stderr
    assert list(crm.folder.iterdir()) == []


def test_without_a_database_the_cure_is_named(crm: CrmRunner) -> None:
    for words in (["db", "status"], ["db", "backup"], ["contact", "list"], ["log"]):
        refused = crm(*words)
        assert refused.exit_code == 2
        assert "there is no database" in refused.stderr
        assert "crm init" in refused.stderr


def test_a_backup_brings_everything_back_and_keeps_the_file_that_it_replaces(crm: CrmRunner) -> None:
    crm("init").ok()
    crm("contact", "add", "family_name=Doe", "email=ann@acme.example").ok()
    before = content(crm)
    saved = Path(crm("db", "backup", "saved.db", "--json").ok().json["backup"])
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    crm("contact", "delete", "1", "--yes").ok()

    refused = crm("db", "restore", "saved.db")
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    crm("db", "restore", "saved.db", "--dry-run").ok()
    assert content(crm) != before
    restored = crm("db", "restore", "saved.db", "--yes", "--json").ok().json
    assert content(crm) == before
    assert Path(restored["old_file"]).is_file()


def test_a_backup_overwrites_nothing_and_one_that_is_missing_is_named(crm: CrmRunner) -> None:
    crm("init").ok()
    assert crm("db", "backup", "crm.db").exit_code == 1
    missing = crm("db", "restore", "nowhere.db", "--yes")
    assert (missing.exit_code, "there is no backup" in missing.stderr) == (1, True)


def test_a_damaged_database_can_be_restored(crm: CrmRunner) -> None:
    crm("init").ok()
    crm("db", "backup", "saved.db").ok()
    (crm.folder / "crm.db").write_bytes(b"no database at all" * 100)
    broken = crm("db", "status")
    assert (broken.exit_code, "is not a crm database" in broken.stderr) == (1, True)
    crm("db", "restore", "saved.db", "--yes").ok()
    crm("db", "check").ok()


def test_status_counts_the_living_and_names_the_last_operation(crm: CrmRunner) -> None:
    crm("init").ok()
    for name in ("Doe", "Roe"):
        crm("contact", "add", f"family_name={name}").ok()
    crm("contact", "delete", "1", "--yes").ok()
    found = crm("db", "status", "--json").ok().json
    assert (found["contacts"], found["last_operation"], found["pending"]) == (1, 3, 0)
    assert found["schema"] == found["needed"]


def test_upgrade_does_nothing_to_a_database_that_is_up_to_date(crm: CrmRunner) -> None:
    crm("init").ok()
    done = crm("db", "upgrade", "--yes").ok()
    assert "up to date" in done.stderr
    assert {path.name for path in crm.folder.iterdir()} <= {"crm.db", "crm.toml", "crm.db-wal", "crm.db-shm"}


def test_upgrade_makes_a_backup_first_and_asks(crm: CrmRunner) -> None:
    (crm.folder / "crm.db").touch()  # a database at the very first revision: no tables at all
    assert crm("contact", "list").exit_code == 2
    assert crm("db", "upgrade").exit_code == 2
    assert "0001" in crm("db", "upgrade", "--dry-run").ok().stdout
    assert crm("db", "status", "--json").ok().json["pending"] > 0
    done = crm("db", "upgrade", "--yes", "--json").ok().json
    assert Path(done["backup"]).is_file()
    assert crm("contact", "list").ok().exit_code == 0


def test_check_ends_with_3_when_references_lead_nowhere(crm: CrmRunner) -> None:
    crm("init").ok()
    crm("contact", "add", "family_name=Doe").ok()
    assert "whole" in crm("db", "check").ok().stderr
    with Store.open(crm.folder / "crm.db") as store, store.write() as connection:
        connection.execute(store.table("contact").update().values(merged_into_id=99))
    found = crm("db", "check", "--json")
    assert found.exit_code == 3
    assert [(row["table"], row["rows"]) for row in found.json] == [("contact", 1)]
    doctor = crm("doctor", "--json")
    assert doctor.exit_code == 3
    assert [row["check"] for row in doctor.json if row["status"] == "problem"] == ["content"]


def test_doctor_is_content_with_a_new_project_and_finds_a_missing_database(crm: CrmRunner) -> None:
    missing = crm("doctor")
    assert missing.exit_code == 3
    assert "crm init" in missing.stderr
    crm("init").ok()
    assert {row["status"] for row in crm("doctor", "--json").ok().json} <= {"ok", "note"}


def test_doctor_reports_a_broken_configuration(crm: CrmRunner) -> None:
    crm.write("crm.toml", "databse = 'crm.db'\n")
    found = crm("doctor", "--json")
    assert found.exit_code == 3
    assert "unknown key 'databse'" in found.json[-1]["found"]


def test_a_writer_keeps_a_restore_away(crm: CrmRunner) -> None:
    crm("init").ok()
    crm("db", "backup", "saved.db").ok()
    with Store.open(crm.folder / "crm.db") as store, store.lease():
        refused = crm("db", "restore", "saved.db", "--yes")
        assert refused.exit_code == 5
        assert "is writing to" in refused.stderr
        with store.read() as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1
