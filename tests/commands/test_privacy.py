"""`crm privacy`: what is held about a person is shown, erased, and does not come back."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner, _environment

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def made_with_zoe(tmp_path_factory: pytest.TempPathFactory, made_once: Path) -> Path:
    """A folder with a database in which Zoe is contact 1, and Otto contact 2, to be copied."""
    folder = tmp_path_factory.mktemp("zoe") / "project"
    shutil.copytree(made_once, folder)
    crm = CrmRunner(folder, _environment(folder.parent))
    named = ("given_name=Zoe", "family_name=Quaxxington", "email=zoe@qxmail.example", "phone=030 77712345")
    crm("contact", "add", *named, "birth_date=1931-03-17", f"job_title={HOSTILE}").ok()
    crm("contact", "add", "given_name=Otto", "family_name=Ordinary", "email=otto@other.example").ok()
    crm("contact", "set", "job_title=Head", "1").ok()
    crm("activity", "add", "kind=call", "subject=Asked for a price", "party=1").ok()
    return folder


@pytest.fixture
def zoe(crm: CrmRunner, made_with_zoe: Path) -> CrmRunner:
    """The program in a folder of its own with that database."""
    for path in made_with_zoe.iterdir():
        shutil.copy(path, crm.folder / path.name)
    return crm


def test_the_report_shows_everything_that_is_held(zoe: CrmRunner) -> None:
    shown = zoe("privacy", "report", "contact", "zoe@qxmail.example").ok()
    for text in ("Quaxxington", "1931-03-17", "+493077712345", "Asked for a price", "changes", HOSTILE):
        assert text in shown.stdout, text
    assert "Ordinary" not in shown.stdout
    held = zoe("privacy", "report", "contact", "1", "--json").ok().json
    assert held["subject"] == {"entity": "contact", "id": 1, "title": "Zoe Quaxxington"}
    assert [row["standard"] for row in held["held"]["emails"]] == ["zoe@qxmail.example"]
    assert {"old": {"job_title": HOSTILE}, "new": {"job_title": "Head"}}.items() <= next(
        row for row in held["held"]["changes"] if row["action"] == "update"
    ).items()
    assert [row["kind"] for row in held["held"]["operations"]] == ["add", "set", "add"]


def test_who_exported_rejected_or_mentions_the_person_is_in_the_report(zoe: CrmRunner) -> None:
    zoe.write("people.csv", "No,First Name,Last Name,Email,Birthday\n9,Zoe,Quaxxington,zoe@qxmail.example,99.99.1931\n")
    assert zoe("import", "people.csv", "--key", "No", "--source", "fair", "--date-order", "dmy").exit_code == 4
    zoe("account", "add", "name=Acme", "description=Ask Zoe Quaxxington").ok()
    held = zoe("privacy", "report", "contact", "1", "--json").ok().json["held"]
    assert [row["cells"]["Email"] for row in held["rejected rows"]] == ["zoe@qxmail.example"]
    assert held["mentioned in"] == [{"entity": "account", "record": 3, "description": "Ask Zoe Quaxxington"}]


@pytest.mark.parametrize("suffix", ["html", "json"])
def test_a_report_file_is_whole_private_and_replaces_nothing(zoe: CrmRunner, suffix: str) -> None:
    path = zoe.folder / f"zoe.{suffix}"
    zoe("privacy", "report", "contact", "1", "-o", path.name).ok()
    text = path.read_text(encoding="utf-8")
    assert "zoe@qxmail.example" in text
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    refused = zoe("privacy", "report", "contact", "1", "-o", path.name)
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (2, True)
    zoe("privacy", "report", "contact", "1", "-o", path.name, "--overwrite").ok()
    if suffix == "json":
        assert json.loads(text)["held"]["contacts"][0]["family_name"] == "Quaxxington"
    else:
        assert "<script>" not in text
        assert "&lt;script&gt;" in text
        assert "default-src 'none'" in text


def test_erasing_shows_what_goes_and_asks_before(zoe: CrmRunner) -> None:
    asked = zoe("privacy", "erase", "contact", "1", typed="n\n", terminal=True).ok()
    assert re.search(
        r"contact 1 Zoe Quaxxington would be erased: 1 activity, .*1 contact, 1 email_address", asked.stderr
    )
    assert "erase contact 1 for good? No undo brings it back" in asked.stderr
    assert "nothing was erased" in asked.stderr
    assert not (zoe.folder / "crm-privacy.key").exists()
    refused = zoe("privacy", "erase", "contact", "1")
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    zoe("contact", "show", "1").ok()


def test_a_dry_run_erases_nothing_and_makes_no_key(zoe: CrmRunner) -> None:
    before = sorted(path.name for path in zoe.folder.iterdir())
    tried = zoe("privacy", "erase", "contact", "1", "--dry-run", "--json").ok().json
    assert (tried["erased"]["contact"], tried["operation"], tried["key_file"]) == (1, None, None)
    assert sorted(
        path.name for path in zoe.folder.iterdir() if "-wal" not in path.name and "-shm" not in path.name
    ) == [name for name in before if "-wal" not in name and "-shm" not in name]
    zoe("contact", "show", "1").ok()
    assert zoe("privacy", "list", "--json").ok().json == []


def test_an_erased_person_is_gone_and_stays_away(zoe: CrmRunner) -> None:
    done = zoe("privacy", "erase", "contact", "Zoe Quaxxington", "--yes", "--reason", "letter of 3 May").ok()
    key = zoe.folder / "crm-privacy.key"
    assert f"made {key}" in done.stderr
    assert re.fullmatch(r"[0-9a-f]{64}\n", key.read_text(encoding="ascii"))
    if os.name == "posix":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "written anew (VACUUM)" in done.stderr
    assert zoe("contact", "show", "1").exit_code == 1
    assert "axxington" not in zoe("log", "--all", "--json").ok().stdout.casefold()
    (listed,) = zoe("privacy", "list", "--json").ok().json
    assert (listed["record"], listed["actor"], listed["reason"]) == (1, "tester", "letter of 3 May")
    assert listed["tombstones"] == {"email": 1, "name_and_birth": 1, "phone": 1}

    again = zoe("contact", "add", "family_name=Q", "email=ZOE@qxmail.example")
    assert again.exit_code == 3
    assert "the data of the person with this e-mail address were erased on request (erasure 1)" in again.stderr
    zoe.write("people.csv", "Last Name,Email\nQ,zoe@qxmail.example\nNew,new@x.example\n")
    assert zoe("import", "people.csv", "--rejects", "rejects.csv").exit_code == 4
    assert "erased on request" in (zoe.folder / "rejects.csv").read_text(encoding="utf-8")
    assert zoe("search", "qxmail").stdout == ""
    (batch,) = zoe("batch", "list", "--json").ok().json
    assert zoe("batch", "retry", batch["id"]).exit_code == 4

    zoe("privacy", "allow", "1", "--yes", "--reason", "customer again").ok()
    zoe("contact", "add", "family_name=Q", "email=zoe@qxmail.example").ok()


def test_the_log_names_the_erasure_and_says_that_it_stays(zoe: CrmRunner) -> None:
    done = zoe("privacy", "erase", "contact", "zoe@qxmail.example", "--yes", "--json").ok().json
    shown = zoe("log", done["operation"]).ok()
    assert "crm privacy erase contact 1" in shown.stdout
    assert "undo" not in shown.stderr
    refused = zoe("undo", done["operation"], "--yes")
    assert (refused.exit_code, "erased a person's data for good" in refused.stderr) == (1, True)
    partly = zoe("undo", "3", "--yes")
    assert partly.exit_code == 4
    assert "its data were erased" in partly.stdout
    assert zoe("blame", "contact", "1").exit_code == 1


def test_backups_and_exports_out_of_reach_are_listed(zoe: CrmRunner) -> None:
    zoe("db", "backup").ok()
    zoe("export", "contact", "-o", "all.csv", CRM_USER="tom").ok()
    done = zoe("privacy", "erase", "contact", "1", "--yes", "--json").ok().json
    (backup,) = done["out_of_reach"]["backups"]
    assert re.fullmatch(r"crm\.db\.backup-[\d-]+", Path(backup).name)
    (export,) = done["out_of_reach"]["exports"]
    assert (export["entity"], export["actor"], Path(export["destination"]).name) == ("contact", "tom", "all.csv")


def test_deals_that_the_law_keeps_stop_it(zoe: CrmRunner) -> None:
    zoe("opportunity", "add", "name=Roof", "contact=1", "stage=won").ok()
    refused = zoe("privacy", "erase", "contact", "1", "--yes")
    assert refused.exit_code == 1
    assert "opportunity 1: it is won" in refused.stderr
    config = zoe.folder / "crm.toml"
    config.write_text(config.read_text(encoding="utf-8") + "\n[privacy]\nretention_years = 0\n", encoding="utf-8")
    zoe("privacy", "erase", "contact", "1", "--dry-run").ok()
    kept = zoe("privacy", "erase", "contact", "1", "--keep-business-records", "--yes").ok()
    assert "kept without a name" in kept.stderr
    assert "Erased 1" in zoe("opportunity", "show", "1").ok().stdout


def test_the_key_may_stand_in_a_variable(zoe: CrmRunner) -> None:
    config = zoe.folder / "crm.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\n[privacy]\nkey = "$MY_KEY"\n', encoding="utf-8")
    missing = zoe("privacy", "erase", "contact", "1", "--yes")
    assert (missing.exit_code, "variable MY_KEY" in missing.stderr) == (2, True)
    assert zoe("privacy", "erase", "contact", "1", "--yes", MY_KEY="short").exit_code == 2
    secret = "a long random text of ours"
    zoe("privacy", "erase", "contact", "1", "--yes", MY_KEY=secret).ok()
    assert not (zoe.folder / "crm-privacy.key").exists()
    words = ("contact", "add", "family_name=Q", "email=zoe@qxmail.example")
    assert zoe(*words, MY_KEY=secret).exit_code == 3
    refused = zoe(*words)
    assert (refused.exit_code, "privacy.key" in refused.stderr) == (2, True)
    assert zoe("privacy", "erase", "contact", "2", "--yes", MY_KEY=f"not {secret}").exit_code == 2
    shown = zoe("config", "show", MY_KEY=secret).ok()
    assert secret not in shown.stdout + shown.stderr


@pytest.mark.parametrize("value", ['"my secret"', "5", '"a-b"'])
def test_a_secret_in_the_configuration_is_refused_and_not_shown(crm: CrmRunner, value: str) -> None:
    crm.write("crm.toml", f"[privacy]\nkey = {value}\n")
    refused = crm("privacy", "list")
    assert refused.exit_code == 2
    assert "my secret" not in refused.stderr


def test_a_lost_key_is_not_replaced_by_a_new_one(zoe: CrmRunner) -> None:
    zoe("privacy", "erase", "contact", "1", "--yes").ok()
    (zoe.folder / "crm-privacy.key").unlink()
    refused = zoe("privacy", "erase", "contact", "2", "--yes")
    assert (refused.exit_code, "erasure 1 is not here" in refused.stderr) == (2, True)
    assert not (zoe.folder / "crm-privacy.key").exists()
    zoe("contact", "show", "2").ok()


def test_files_can_be_cleared_later(zoe: CrmRunner) -> None:
    assert "VACUUM" in zoe("privacy", "purge", "--json").ok().json["done"][0]


@pytest.mark.slow
def test_counts_of_values_lose_the_person_too(project: CrmRunner) -> None:
    """Of four records of a rare name one is erased, then another: from three on nothing tells of the name."""
    for number in range(40):
        project(
            "contact", "add", f"given_name=Ann{number}", f"family_name=Common{number % 8}", "city=Bonn", "--force"
        ).ok()
    for number in range(4):
        named = (f"given_name=Zoe{number}", "family_name=Quaxxington", f"email=z{number}@x{number}.example")
        project("contact", "add", *named, "--force").ok()
    project("dedupe", "find", "contact").ok()
    counted = _counts(project)
    before = sorted(counted.values())
    (one, other, *_) = project("contact", "list", "--where", "family_name = 'Quaxxington'", "--format", "ids").lines
    project("privacy", "erase", "contact", one, "--yes").ok()
    after = _counts(project)
    assert 4 in before
    assert {counted[term] - count for term, count in after.items()} == {0, 1}
    project("privacy", "erase", "contact", other, "--yes").ok()
    assert len(_counts(project)) < len(counted)
    project("dedupe", "find", "contact", "--new").ok()


def _counts(crm: CrmRunner) -> dict[int, int]:
    with Store.open(crm.folder / "crm.db") as store, store.read() as connection:
        table = store.table("value_frequency")
        return {row.term: row.records for row in connection.execute(sa.select(table))}
