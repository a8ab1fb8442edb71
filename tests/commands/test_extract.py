"""`crm extract`: what a person types and sees."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from crm_cli.dictionary import MASK
from tests.commands.conftest import CrmRunner, _environment


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, made_once: Path) -> Path:
    """A project with three people, imported once."""
    folder = tmp_path_factory.mktemp("people") / "project"
    shutil.copytree(made_once, folder)
    crm = CrmRunner(folder, _environment(folder.parent))
    crm.write("people.csv", "First Name,Last Name,Email,City,Country\nAnn,Lee,ann@acme.example,Berlin,DE\n"
                                "Bo,Smith,bo@acme.example,Bonn,DE\nCy,Roy,cy@acme.example,Paris,FR\n")  # fmt: skip
    crm("import", "people.csv", "--into", "contact").ok()
    return folder


@pytest.fixture
def people(crm: CrmRunner, imported: Path) -> CrmRunner:
    shutil.copytree(imported, crm.folder, dirs_exist_ok=True)
    return crm


def save(crm: CrmRunner, *more: str) -> None:
    crm("extract", "save", "germany", "contact", "--where", "country = 'DE'", "--columns",
        "id,given_name,email", "-o", "out/{name}-{date}.csv", *more).ok()  # fmt: skip


def test_saved_run_listed_and_shown(people: CrmRunner) -> None:
    save(people)
    assert "where = \"country = 'DE'\"" in (people.folder / "extracts" / "germany.toml").read_text(encoding="utf-8")
    outcome = people("extract", "run", "germany", "--today", "2026-05-31").ok()
    assert "2 records written to out/germany-2026-05-31.csv" in outcome.stderr
    assert "manifest: out/germany-2026-05-31.csv.manifest.json" in outcome.stderr
    manifest = json.loads((people.folder / "out/germany-2026-05-31.csv.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["rows"], manifest["by"], manifest["filter"]) == (2, "tester", "country = 'DE'")
    [listed] = people("extract", "list", "--json").ok().json
    assert (listed["extract"], listed["rows"], listed["by"]) == ("germany", 2, "tester")
    assert listed["last_run"]
    shown = people("extract", "show", "germany").ok().stdout
    assert "country = 'DE'" in shown
    assert "out/germany-2026-05-31.csv" in shown
    assert people("extract", "run", "germany", "--today", "2026-05-31").exit_code == 2
    again = people("extract", "run", "germany", "--today", "2026-05-31", "--overwrite", "--json").ok().json
    assert (again["rows"], again["kind"], again["noted"]) == (2, "full", True)
    assert again["files"][0]["sha256"] == manifest["files"][0]["sha256"]


def test_it_runs_from_any_folder_and_to_the_standard_output(people: CrmRunner) -> None:
    save(people)
    below = CrmRunner(people.folder / "below", people.environ)
    below.folder.mkdir()
    below("extract", "run", "germany", "--today", "2026-05-31", "--db", str(people.folder / "crm.db")).ok()
    assert (people.folder / "out" / "germany-2026-05-31.csv").exists()
    outcome = people("extract", "run", "germany", "-o", "-").ok()
    assert outcome.stderr.startswith("2 records written to standard output")


def test_changes_since_the_last_run(people: CrmRunner) -> None:
    save(people)
    first = people("extract", "run", "germany", "--since", "last", "--today", "2026-05-30").ok()
    assert "no run to go on from" in first.stderr
    people("contact", "set", "1", "given_name=Anna").ok()
    people("contact", "delete", "2", "--yes").ok()
    second = people("extract", "run", "germany", "--since", "last", "--today", "2026-05-31").ok()
    assert "2 rows written" in second.stderr
    assert "of them gone: 1 deleted" in second.stderr
    text = (people.folder / "out" / "germany-2026-05-31.csv").read_text(encoding="utf-8")
    assert text.split() == ["id,given_name,email,gone,gone_into", "1,Anna,ann@acme.example,,", "2,,,deleted,"]
    assert people("extract", "run", "germany", "--since", "yesterday").exit_code == 2


def test_what_differs_between_runs_and_from_now(people: CrmRunner) -> None:
    save(people)
    assert people("extract", "diff", "germany").exit_code == 1  # nothing to compare with
    people("extract", "run", "germany", "--today", "2026-05-30").ok()
    people("contact", "set", "1", "given_name=Anna").ok()
    now = people("extract", "diff", "germany", "--json").ok()
    assert now.json == [{"id": "1", "change": "changed", "field": "given_name", "before": "Ann", "after": "Anna"}]
    assert "rows: 0 added, 0 removed, 1 changed, 1 same" in now.stderr
    people("extract", "run", "germany", "--today", "2026-05-31").ok()
    assert people("extract", "diff", "germany", "--json").ok().json == now.json
    assert people("extract", "diff", "germany", "out/germany-2026-05-31.csv", "--json").ok().json == []
    people("contact", "delete", "2", "--yes").ok()
    people("contact", "set", "3", "country=DE").ok()
    found = people("extract", "diff", "germany", "out/germany-2026-05-31.csv").ok()
    assert [line.split()[:2] for line in found.lines[1:]] == [["3", "added"], ["2", "removed"]]
    assert len(people("extract", "diff", "germany", "out/germany-2026-05-30.csv", "--limit", "1").ok().lines) == 2


def test_what_is_masked_now_is_not_shown_of_an_old_file(people: CrmRunner) -> None:
    save(people)
    people("extract", "run", "germany", "--today", "2026-05-30").ok()
    found = people("extract", "diff", "germany", CRM_MASKED="contact.email").ok()
    assert "ann@" not in found.stdout + found.stderr
    assert MASK in found.stdout
    people("extract", "run", "germany", "--today", "2026-05-31", CRM_MASKED="contact.email").ok()
    assert "ann@" not in (people.folder / "out" / "germany-2026-05-31.csv").read_text(encoding="utf-8")


def test_a_masked_extract_for_marketing_by_value(people: CrmRunner) -> None:
    people("extract", "save", "cities", "contact", "-o", "out/{value}.csv", "--split", "country", "--mask", "default",
           "--for", "marketing", "--columns", "public_id,family_name,country").ok()  # fmt: skip
    assert people("extract", "run", "cities").exit_code == 2
    outcome = people("extract", "run", "cities", CRM_MASKING_KEY="a secret of many letters").ok()
    names = sorted(path.name for path in (people.folder / "out").iterdir())
    assert names == ["DE.csv", "FR.csv", "all.csv.manifest.json"]
    assert "masked: family_name (pseudonym)" in outcome.stderr
    document = json.loads((people.folder / "out" / "all.csv.manifest.json").read_text(encoding="utf-8"))
    assert [one["file"] for one in document["files"]] == ["DE.csv", "FR.csv"]
    assert document["smallest_group"] == 1


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("save", "x", "contact"), "destination"), (("save", "x y", "contact", "-o", "x.csv"), "no name"),
        (("save", "x", "contact", "-o", "x"), "no format"),
        (("save", "x", "contact", "-o", "{dat}.csv"), "did you mean"),
        (("save", "x", "contact", "-o", "x.csv", "--columns", "emial"), "email"),
        (("save", "x", "contact", "-o", "x.csv", "--for", "hubspot", "--columns", "id"), "leave --columns out"),
        (("save", "x", "nobody", "-o", "x.csv"), "no entity"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_not_kept(project: CrmRunner, args: tuple[str, ...], word: str) -> None:
    outcome = project("extract", *args)
    assert outcome.exit_code == 2
    assert word in outcome.stderr
    assert not (project.folder / "extracts").exists()


def test_an_extract_that_is_not_there_is_guessed(people: CrmRunner) -> None:
    assert "extract save" in people("extract", "list").ok().stderr
    save(people)
    outcome = people("extract", "run", "germny")
    assert (outcome.exit_code, "did you mean germany?" in outcome.stderr) == (1, True)
    Path(people.folder, "extracts", "broken.toml").write_text("entity = ", encoding="utf-8")
    assert people("extract", "run", "broken").exit_code == 2
