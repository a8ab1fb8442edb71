"""`crm due`: what should have run and did not."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner

STEP = '[[step]]\nrun = "dedupe find"\nentity = "contact"\n'


def test_what_never_ran_is_late_and_what_ran_is_not(project: CrmRunner) -> None:
    project.write("scripts/nightly.toml", f'due = "02:00"\n{STEP}')
    project.write("scripts/weekly.toml", f'every = "1 week"\n{STEP}')
    project.write("scripts/whenever.toml", STEP)
    late = project("due")
    assert late.exit_code == 3
    assert [line.split()[0] for line in late.lines[1:]] == ["nightly", "weekly"]
    assert "never" in late.stdout
    assert "crm run scripts/nightly.toml" in late.stdout
    for name in ("nightly", "weekly"):
        project("run", f"scripts/{name}.toml").ok()
    outcome = project("due").ok()
    assert outcome.stdout == ""
    assert "nothing is late (2 scripts and extracts say when they should run)" in outcome.stderr
    assert [one["late"] for one in project("due", "--all", "--json").ok().json] == [False, False]
    assert project("due", "--json").ok().json == []
    later = project("due", "--now", "2099-12-31", "--json")
    assert later.exit_code == 3
    assert [(one["name"], one["late"], one["ended"]) for one in later.json] == [
        ("nightly", True, "done (0)"), ("weekly", True, "done (0)")
    ]  # fmt: skip
    assert later.json[0]["since"].startswith("2099-12-31T02:00")


def test_a_run_that_failed_or_broke_off_does_not_count(project: CrmRunner) -> None:
    script = project.write("nightly.toml", 'every = "1 day"\n[[step]]\nrun = "import"\nsource = "nowhere.csv"\n')
    assert project("run", "nightly.toml").exit_code == 1
    late = project("due", "--json")  # it is known because it ran
    assert (late.exit_code, late.json[0]["ended"]) == (3, "failed (1)")
    assert late.json[0]["command"] == "crm run nightly.toml --resume"
    with Store.open(project.folder / "crm.db") as store, store.write() as connection:
        connection.execute(store.table("script_run").update().values(status="running", exit_code=None))
    assert project("due", "--json").json[0]["ended"] == "interrupted"
    with Store.open(project.folder / "crm.db") as store:
        claim = store.claim("script nightly")
        assert claim is not None
        assert project("due").ok().stdout == ""  # it goes on right now
        store.release(claim)
    script.unlink()
    assert project("due").ok().stdout == ""


@pytest.mark.slow
def test_an_interval_is_counted_from_the_run_that_came_to_its_end(project: CrmRunner) -> None:
    project.write("nightly.toml", f'every = "1 day"\n{STEP}')
    project("run", "nightly.toml").ok()
    with Store.open(project.folder / "crm.db") as store, store.write() as connection:
        table = store.table("script_run")
        began = connection.scalar(sa.select(table.c.started_at))
    assert began is not None
    day = began.date().isoformat()
    assert project("due", "nightly.toml", "--now", f"{day} 23:59:59+00:00").exit_code == 0
    assert project("due", "nightly.toml", "--now", "2099-01-01 08:00").exit_code == 3


def test_a_script_that_cannot_be_read_cannot_have_run(project: CrmRunner) -> None:
    project.write("scripts/broken.toml", "steps = [")
    outcome = project("due")
    assert outcome.exit_code == 3
    assert "broken.toml is not TOML" in outcome.stderr


def test_what_is_wrong_is_said(project: CrmRunner) -> None:
    assert project("due", "nowhere.toml").exit_code == 1
    outcome = project("due", "--now", "soon")
    assert outcome.exit_code == 2
    assert "2026-11-30 08:00" in outcome.stderr


def test_an_extract_may_say_when_it_should_run(project: CrmRunner) -> None:
    project("extract", "save", "people", "contact", "-o", "people.csv", "--columns", "id").ok()
    assert project("due").ok().stdout == ""
    saved = project.folder / "extracts" / "people.toml"
    saved.write_text(saved.read_text(encoding="utf-8") + 'due = "06:30 mon-fri"\n', encoding="utf-8")
    late = project("due", "--json")
    assert (late.exit_code, late.json[0]["ended"], late.json[0]["command"]) == (3, "never", "crm extract run people")
    project("extract", "run", "people").ok()
    assert project("due").ok().stdout == ""
    assert project("due", "--now", "2099-12-31").exit_code == 3
    assert project("extract", "show", "people").ok().stdout.count("06:30 mon-fri") == 1
    saved.write_text(saved.read_text(encoding="utf-8").replace("mon-fri", "mno-fri"), encoding="utf-8")
    broken = project("due")
    assert broken.exit_code == 3
    assert "extract people: '06:30 mno-fri' is no time" in broken.stderr
