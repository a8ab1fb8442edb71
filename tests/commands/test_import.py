from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands.conftest import CrmRunner

DATES = "Last Name,Date of Birth\nSmith,03/04/1980\nBaker,05/06/1981\n"


def test_what_is_ambiguous_is_asked_at_a_terminal(crm: CrmRunner) -> None:
    crm("init").ok()
    crm.write("people.csv", DATES)
    done = crm("import", "people.csv", typed="mdy\n", terminal=True).ok()
    assert "day/month or as month/day" in done.stderr
    assert crm("contact", "list", "--columns", "birth_date", "--json").json[0]["birth_date"] == "1980-03-04"


def test_without_a_terminal_it_is_refused_naming_the_flag(crm: CrmRunner) -> None:
    crm("init").ok()
    crm.write("people.csv", DATES)
    refused = crm("import", "people.csv")
    assert refused.exit_code == 2
    assert "--date-order dmy" in refused.stderr
    crm("import", "people.csv", "--date-order", "dmy").ok()


def test_an_answer_that_is_none_is_refused(crm: CrmRunner) -> None:
    crm("init").ok()
    crm.write("people.csv", DATES)
    assert crm("import", "people.csv", typed="whatever\n", terminal=True).exit_code == 2
    assert crm("contact", "list", "--json").json == []


def test_of_several_sources_the_first_is_shown_when_the_second_fails(crm: CrmRunner) -> None:
    crm("init").ok()
    crm.write("good.csv", "First Name,Last Name\nAnn,Smith\n")
    failed = crm("import", "good.csv", "missing.csv")
    assert failed.exit_code == 1
    assert "good.csv" in failed.stdout
    assert "missing.csv" in failed.stderr
    assert len(crm("contact", "list", "--json").json) == 1


def test_parse_only_writes_what_was_understood(crm: CrmRunner) -> None:
    crm.write("list.csv", "A;B\n1;2\n3;4\n")
    (crm.folder / "broken.xlsx").write_bytes(b"PK\x03\x04 and no workbook")
    done = crm("import", "list.csv", "broken.xlsx", "--parse-only", "--out-dir", "out")
    assert done.exit_code == 4
    assert (crm.folder / "out" / "list.csv_converted.csv").read_text(encoding="utf-8").split() == ["A,B", "1,2", "3,4"]
    first = (crm.folder / "out" / "broken.xlsx_converted.csv").read_text(encoding="utf-8").splitlines()[0]
    assert first == "Application Error"


def test_the_secrets_of_a_sources_url_are_stored_nowhere(project: CrmRunner) -> None:
    with closing(sqlite3.connect(project.folder / "old.db")) as old:
        old.execute("CREATE TABLE people (last_name TEXT, email TEXT)")
        old.execute("INSERT INTO people VALUES ('Smith', 'ann@acme.example')")
        old.commit()
    url = f"sqlite:///file:{(project.folder / 'old.db').as_posix()}?mode=ro&uri=true&access_token=s3cret"
    done = project("import", url, "--into", "contact", "--yes").ok()
    assert "s3cret" not in done.stdout + done.stderr
    assert project("log").ok().lines
    with closing(sqlite3.connect(project.folder / "crm.db")) as stored:
        assert "s3cret" not in "\n".join(stored.iterdump())
        assert stored.execute("SELECT count(*) FROM source_system WHERE name LIKE '%token=***%'").fetchone() == (1,)


@pytest.mark.parametrize("word", ["employees=99999999999999999999", "annual_revenue=99999999999999999999"])
def test_a_number_too_large_is_refused_by_add_and_set_too(project: CrmRunner, word: str) -> None:
    refused = project("account", "add", "name=Acme", word)
    assert refused.exit_code == 1
    assert f"{word.partition('=')[0]}: this number is too large" in refused.stderr
    project("account", "add", "name=Acme").ok()
    assert "too large" in project("account", "set", word, "1", "--yes").stderr


SHOP = "No,First Name,Last Name,E-Mail,City\n1,Ann,Lee,ann@x.example,Rome\n2,Bo,Ray,bo@x.example,Bonn\n"


def test_a_dry_run_shows_samples(project: CrmRunner) -> None:
    project.write("shop.csv", SHOP)
    project("import", "shop.csv", "--source", "shop").ok()
    project.write("shop.csv", SHOP.replace("Rome", "Kiel") + "3,,,,\n")
    shown = project("import", "shop.csv", "--source", "shop", "--dry-run", "--json")
    assert shown.exit_code == 4
    assert [(one["what"], one["now"], one["source"]) for one in shown.json["samples"]][:1] == [
        ("update", "Rome", "Kiel")
    ]
    assert shown.json["batches"][0]["updated"] == 1
    assert "address of 1" in project("import", "shop.csv", "--source", "shop", "--dry-run").stdout


def test_a_plan_is_written_for_its_owner_and_carried_out_once(project: CrmRunner) -> None:
    project.write("shop.csv", SHOP)
    planned = project("import", "shop.csv", "--plan-out", "plan.json").ok()
    assert "next: crm import shop.csv --plan plan.json" in planned.stderr
    assert (project.folder / "plan.json").stat().st_mode & 0o077 == 0
    assert project("contact", "list", "--json").ok().json == []
    assert project("import", "shop.csv", "--plan-out", "plan.json").exit_code == 2
    assert project("import", "shop.csv", "--plan", "plan.json", "--json").ok().json[0]["created"] == 2
    stale = project("import", "shop.csv", "--plan", "plan.json")
    assert (stale.exit_code, "created 2 planned, 0 now" in stale.stderr) == (5, True)
    assert project("import", "shop.csv", "shop.csv", "--plan", "plan.json").exit_code == 2


def test_changed_columns_are_asked_about_at_a_terminal(project: CrmRunner) -> None:
    project.write("shop.csv", SHOP)
    project("import", "shop.csv").ok()
    project.write("shop.csv", SHOP.replace("City", "Town"))
    refused = project("import", "shop.csv")
    assert (refused.exit_code, "new: Town" in refused.stderr) == (2, True)
    project("import", "shop.csv", typed="yes\n", terminal=True).ok()
    assert len(project("batch", "list", "--json").ok().json) == 2


def test_a_gate_that_is_not_passed_ends_with_3_and_shows_the_counts(project: CrmRunner) -> None:
    project.write("shop.csv", SHOP + "3,,,,\n")
    (project.folder / "sources").mkdir()
    project.write("sources/shop.toml", '[gate]\nrejected = "1%"\n')
    refused = project("import", "shop.csv", "--rejects", "r.csv")
    assert refused.exit_code == 3
    assert refused.lines[1].split() == ["shop.csv", "3", "2", "0", "0", "0", "0", "1"]
    assert "does not pass the gate of shop.csv: rejected 1 (33.3%), at most 1% asked" in refused.stderr
    assert (project.folder / "r.csv").exists()
    assert project("contact", "list", "--json").ok().json == []
    assert project("import", "shop.csv", "--ignore-gate").exit_code == 4


def test_a_rehearsal_is_reported_on_a_page_of_its_own(project: CrmRunner) -> None:
    rows = "1,Ann,Lee,ann@x.example,Rome,1990-01-01\n2,Bo,Ray,no mail,Bonn,<b>31</b>\n3,,,,,\n"
    project.write("shop.csv", f"No,First Name,Last Name,E-Mail,City,Date of Birth\n{rows}")
    words = ("import", "shop.csv", "--source", "shop", "--dry-run")
    assert project(*words, "--report", "r.html").exit_code == 4
    page = (project.folder / "r.html").read_text("utf-8")
    assert "Rehearsal of an import: shop.csv" in page
    assert "Nothing was written." in page
    for text in ("&lt;b&gt;31&lt;/b&gt;", "contact.given_name", "66.7%", "Why rows were rejected", "is not a date"):
        assert text in page, text
    assert "<b>" not in page
    assert "://" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert project(*words, "--report", "r.html").exit_code == 2  # it is there already
    assert project(*words, "--report", "r.docx").exit_code == 2
    assert project(*words, "--report", "r.json").exit_code == 4
    (table,) = json.loads((project.folder / "r.json").read_text("utf-8"))["tables"]
    assert table["counts"]["rejected"] == 2
    assert {one["column"]: one["filled"] for one in table["columns"]}["E-Mail"] == 0.6667
    assert table["rejected"][0]["column"] in ("", "Date of Birth")
    assert project("contact", "list", "--json").ok().json == []
    real = project("import", "shop.csv", "--source", "shop", "--report", "done.html")
    assert (real.exit_code, "Nothing was written" in (project.folder / "done.html").read_text("utf-8")) == (4, False)


def test_a_file_of_fixed_width_is_cut_by_its_layout(project: CrmRunner) -> None:
    project.write("old.txt", "Acme Ltd            Berlin    DE\nÖl & Söhne          Köln      DE\n")
    project.write("columns.txt", "Name 1-20\nCity 21-30   # the town\nCountry 31 2\n")
    shown = project("import", "old.txt", "--layout", "columns.txt", "--into", "account", "--encoding", "utf-8")
    assert shown.exit_code == 0, shown.stderr
    names = [row["name"] for row in project("account", "list", "--columns", "name", "--json").ok().json]
    assert names == ["Acme Ltd.", "Öl & Söhne"]
    made = project("mapping", "make", "old.txt", "--layout", "columns.txt", "--into", "account").ok().stdout
    assert 'Country = "account.country"' in made
    gone = project("import", "old.txt", "--layout", "no.txt")
    assert (gone.exit_code, "cannot read the layout" in gone.stderr) == (2, True)
    wrong = project("import", "old.txt", "--source-format", "exel")
    assert (wrong.exit_code, "there is no format exel" in wrong.stderr) == (1, True)


def test_a_mapping_goes_to_the_standard_output_too(project: CrmRunner) -> None:
    project.write("shop.csv", SHOP)
    words = ("mapping", "make", "shop.csv")
    assert project(*words, "-o", "-").ok().stdout == project(*words).ok().stdout
    assert not (project.folder / "-").exists()


def test_folders_and_patterns_are_taken_file_by_file(project: CrmRunner) -> None:
    for name in ("b.csv", "a.csv"):
        project.write(f"lists/{name}", f"First Name,Last Name,E-Mail\nAnn{name[0]},Lee,{name[0]}@x.example\n")
    done = project("import", "lists", "--json").ok().json
    assert [Path(one["source"]).name for one in done] == ["a.csv", "b.csv"]
    again = project("import", "lists/*.csv", "--json").ok().json
    assert [one["unchanged"] for one in again] == [1, 1]
    for name in ("crm.db-wal", "crm.db-shm"):
        project.write(name, "SQLite keeps it")
    shutil.copy(project.folder / "lists" / "a.csv", project.folder)
    here = project("import", ".", "--dry-run", "--json").ok().json
    assert [Path(one["source"]).name for one in here["batches"]] == ["a.csv"]
    for sources, said in (("lists/*.xlsx", "no file fits"), ("crm.t*", "no file fits"), ("empty", "holds no file")):
        (project.folder / "empty").mkdir(exist_ok=True)
        none = project("import", sources)
        assert (none.exit_code, said in none.stderr) == (1, True), sources
    (project.folder / "a.csv").unlink()
    only_ours = project("import", ".")
    assert (only_ours.exit_code, "holds no file to import" in only_ours.stderr) == (1, True)
