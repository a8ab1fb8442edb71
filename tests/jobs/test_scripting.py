"""Scripts of jobs: rehearsed without a trace on every database, stopped by an error, kept out by another writer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.automation import ScriptError, ScriptResult, read_script
from crm_cli.errors import ExitCode, LockedError
from crm_cli.history import Author, operation
from crm_cli.jobs.scripting import ScriptContext, execute_script
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
PEOPLE = """Id,First Name,Last Name,E-Mail,City,Country
1,ANN,SMITH,ann@x.example,austin,usa
2,Ann,Smith,ann@x.example,Austin,US
3,Tom,Baker,tom@x.example,Boston,US
"""
NIGHT = """[[step]]
run = "import"
source = "people.csv"
[[step]]
run = "standardize"
entity = "contact"
[[step]]
run = "find"
entity = "contact"
[[step]]
run = "merge"
entity = "contact"
[[step]]
run = "export"
entity = "contact"
output = "out.csv"
"""


def run(store: Store, folder: Path, text: str, *, dry_run: bool = False) -> ScriptResult:
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    path = folder / "night.toml"
    path.write_text(text, encoding="utf-8")
    context = ScriptContext(store, MARIA, folder, date(2026, 11, 1), dry_run=dry_run)
    return execute_script(read_script(path), context)


def everything(store: Store) -> dict[str, int]:
    """How many rows each table has, the log and the machinery included."""
    with store.read() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in store.metadata.tables.items()
            if name not in ("lease", "id_allocation", "alembic_version")
        }


@pytest.mark.all_databases
def test_a_dry_run_says_the_same_and_leaves_nothing(store: Store, tmp_path: Path) -> None:
    before = everything(store)
    planned = run(store, tmp_path, NIGHT, dry_run=True)
    assert everything(store) == before
    assert not (tmp_path / "out.csv").exists()
    done = run(store, tmp_path, NIGHT)
    assert planned.exit_code is done.exit_code is ExitCode.DONE
    assert [one.summary for one in planned.steps[:-1]] == [one.summary for one in done.steps[:-1]]
    assert len(business_content(store)["contact"]) == 3
    assert (tmp_path / "out.csv").exists()


@pytest.mark.all_databases
@pytest.mark.parametrize("dry_run", [True, False])
def test_an_error_in_the_middle_stops_and_keeps_what_was_done_before(
    store: Store, tmp_path: Path, dry_run: bool
) -> None:
    text = NIGHT.replace('run = "standardize"\nentity = "contact"', 'run = "standardize"\nentity = "nothing"')
    result = run(store, tmp_path, text, dry_run=dry_run)
    assert result.exit_code is ExitCode.ERROR
    assert [one.exit_code for one in result.steps] == [0, 1]
    assert len(result.not_run) == 3
    assert len(business_content(store)["contact"]) == (0 if dry_run else 3)


@pytest.mark.all_databases
def test_a_step_that_may_fail_leaves_the_others_their_work(store: Store, tmp_path: Path) -> None:
    broken = '[[step]]\nrun = "import"\nsource = "nowhere.csv"\non_error = "continue"\n'
    for dry_run in (True, False):
        result = run(store, tmp_path, broken + NIGHT, dry_run=dry_run)
        assert [one.exit_code for one in result.steps] == [1, 0, 0, 0, 0, 0]
        assert result.exit_code is ExitCode.ERROR


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ('run = "import"\nsource = "people.csv"\ncollision = "always"', "always"),
        ('run = "import"\nsource = "people.csv"\nas_of = "soon"', "soon"),
        ('run = "import"\nsource = "people.csv"\nas_of = 2023', "2023"),
        ('run = "import"\nsource = 7', "7"),
        ('run = "import"\nsource = "people.csv"\ninto = ["contact"]', "into"),
        ('run = "import"\nsource = "people.csv"\ndate_order = "ydm"', "ydm"),
        ('run = "standardize"\nentity = ["contact"]', "contact"),
        ('run = "reassign"\nfrom = "maria"\nto = ["li"]\nsplit = "odd"', "odd"),
        ('run = "reassign"\nfrom = "maria"\nto = 3', "3"),
        ('run = "merge"\nentity = "contact"\nauto = true\nabove = "high"', "high"),
        ('run = "audit"\npolicies = 5', "5"),
        ('run = "export"\nentity = "contact"\noutput = "x.csv"\ncolumns = 3', "3"),
    ],
)
def test_an_option_that_cannot_be_is_named_before_anything_runs(
    store: Store, tmp_path: Path, option: str, named: str
) -> None:
    before = everything(store)
    with pytest.raises(ScriptError) as fault:
        run(store, tmp_path, f'[[step]]\nrun = "import"\nsource = "people.csv"\n[[step]]\n{option}\n')
    assert named in fault.value.message
    assert everything(store) == before


def test_one_taker_may_be_given_as_a_word(store: Store, tmp_path: Path) -> None:
    with operation(store, "add", MARIA) as op:
        maria, li = op.insert("app_user", [{"username": "maria"}, {"username": "li"}])
        op.insert("contact", [{"family_name": "Smith", "owner_id": maria}])
    run(store, tmp_path, '[[step]]\nrun = "reassign"\nfrom = "maria"\nto = "li"\n')
    assert [one["owner_id"] for one in business_content(store)["contact"]] == [li]


@pytest.mark.all_databases
def test_another_writer_keeps_a_script_out_with_5(store: Store, tmp_path: Path) -> None:
    with store.lease():
        assert run(store, tmp_path, NIGHT).exit_code is ExitCode.LOCKED
        with pytest.raises(LockedError):
            run(store, tmp_path, NIGHT, dry_run=True)
    assert run(store, tmp_path, NIGHT).exit_code is ExitCode.DONE
