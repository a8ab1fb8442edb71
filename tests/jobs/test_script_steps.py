"""Every kind of step: does what the command of its name does, tells what it did, and is rehearsed without a trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_cli.automation import ScriptResult, read_script
from crm_cli.errors import ExitCode
from crm_cli.history import Author, operation, undo_run
from crm_cli.jobs.scripting import STEPS, ScriptContext, execute_script
from crm_cli.store import Store
from crm_cli.territories import NewRule, add_member, add_rule
from tests.dumps import business_content

MARIA = Author("maria", "test")
PEOPLE = """Id,First Name,Last Name,E-Mail,City,Country
1,ANN,SMITH,ann@x.example,Berlim,DE
2,Tom,Baker,tom@x.example,Bonn,DE
"""
KEY = "0123456789abcdef"
DELIVERY = Path(__file__).parent / "deliveries" / "espocrm"
POLICIES = """[lead-without-rating]
entity = "lead"
kind = "completeness"
message = "not rated"
needs = ["rating"]
fix = "crm lead set rating=cold {id}"
[lead-untidy]
entity = "lead"
kind = "completeness"
message = "untidy"
needs = ["job_title"]
fix = "crm standardize lead --where \\"id > 0\\" --unsafe"
"""
RECIPE = 'entity = "contact"\nfield = "city"\n[[change]]\nfrom = ["Berlim"]\nto = "Berlin"\n'
PLAN = 'name = "new"\n[[rule]]\nterritory = "South"\nentity = "account"\nwhere = "name is not null"\n'
EXTRACT = 'entity = "contact"\noutput = "extract-{date}.csv"\ncolumns = ["id", "family_name"]\n'


@dataclass(frozen=True)
class Case:
    """A step as it is written, what it tells, the files that it writes, and steps that have to go before."""

    step: str
    told: dict[str, Any]
    files: tuple[str, ...] = ()
    before: str = ""
    code: ExitCode = ExitCode.DONE
    same_rehearsed: bool = True
    is_undone: bool = field(default=True)


IMPORT = '[[step]]\nrun = "import"\nsource = "people.csv"\nkey = "Id"\n'
FIND = '[[step]]\nrun = "dedupe find"\nentity = "contact"\n'
AUDIT = '[[step]]\nrun = "audit run"\npolicies = "lead-without-rating,lead-untidy"\nfail_on = "error"\n'
PARTIAL = ExitCode.PARTIAL

CASES = {
    "import": Case('source = "people.csv"\nrejects = "bad.csv"', {"rows": 2, "created": 2, "rejected": 0}),
    "import of a system": Case(
        f'source = ["{DELIVERY.as_posix()}"]\nprofile = "espocrm"\nmatch = "review"', {"rejected": 0, "merged": 0}
    ),
    "batch retry": Case("", {"rows": 0, "rejected": 0}, before=IMPORT),
    "standardize": Case('entity = "contact"', {"records": 3}, before=IMPORT),
    "values apply": Case('recipe = "cities.toml"', {"changed": 1, "left": 0}, before=IMPORT),
    "dedupe find": Case('entity = "contact"', {"records": 1, "duplicates": 0}),
    "dedupe find of what is new": Case('entity = "contact"\nnew = true', {"records": 0}, before=IMPORT + FIND),
    "dedupe merge": Case('entity = "contact"', {"merged": 0, "refused": 0}, before=FIND),
    "audit run": Case(
        'policies = "contact"\nfail_on = "warn"\nreport = "audit.html"', {"errors": 1}, ("audit.html",),
        code=ExitCode.FINDINGS,
    ),
    "audit fix": Case('policy = "lead-without-rating"', {"records": 2, "left": 0}, before=AUDIT),
    "audit fix by a step": Case('policy = "lead-untidy"\nmax_changes = 5', {"records": 2}, before=AUDIT),
    "reassign": Case('from = "maria"\nto = "li,tom"', {"moved": 4}),
    "territory assign": Case('entity = "account"', {"moved": 2, "owners_changed": 2}),
    "territory simulate": Case('plan = "plan.toml"\noutput = "plan.html"', {"moved": 2}, ("plan.html",)),
    "territory apply": Case('plan = "plan.toml"', {"plans": 1, "moved": 2}),
    "territory apply what is due": Case("due = true", {"plans": 0, "moved": 0}),
    "user offboard": Case('user = "maria"\nto = ["li"]\noutput = "over.xlsx"', {"moved": 4}, ("over.xlsx",)),
    "export": Case(
        'entity = "contact"\noutput = "out.csv"\ncolumns = "id,family_name"\nmask = "default"\nfor = "excel"',
        {"rows": 1, "files": 1}, ("out.csv",), same_rehearsed=False,
    ),
    "extract run": Case(
        'extract = "people"\nsince = "last"', {"rows": 1, "gone": 0}, ("extract-2026-11-30.csv",), same_rehearsed=False
    ),
    "report run": Case(
        'report = "pipeline"\noutput = "pipeline.html"\nset = ["owner=maria"]', {"rows": 0}, ("pipeline.html",)
    ),
    "db backup": Case('output = "before-${run}.db"', {}, ("before-RUN.db",), same_rehearsed=False),
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, store: Store) -> Store:
    with operation(store, "add", MARIA) as op:
        maria, li, _ = op.insert("app_user", [{"username": name} for name in ("maria", "li", "tom")])
        op.insert("account", [{"name": name, "owner_id": maria} for name in ("Acme", "Bolt")])
        op.insert("contact", [{"family_name": "Poe", "owner_id": maria}])
        op.insert("lead", [{"family_name": "Lee", "owner_id": maria}, {"family_name": "Low"}])
        op.insert("territory", [{"name": "South"}])
        add_member(op, "South", li, share=1.0)
        add_rule(op, NewRule(territory="South", entity="account", condition="name is not null", assign="round_robin"))
    for name, text in {
        "people.csv": PEOPLE, "policies/own.toml": POLICIES, "cities.toml": RECIPE,
        "plan.toml": PLAN, "extracts/people.toml": EXTRACT,
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return store


def run(store: Store, folder: Path, text: str, *, dry_run: bool = False) -> ScriptResult:
    path = folder / "night.toml"
    path.write_text(text, encoding="utf-8")
    context = ScriptContext(
        store, MARIA, folder, date(2026, 11, 30), dry_run=dry_run, defaults={"country": "DE"}, masking_key=KEY
    )  # fmt: skip
    return execute_script(read_script(path), context)


FAST = ("audit fix",)


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in FAST else pytest.mark.slow) for one in CASES], ids=list(CASES)
)
def test_a_step(office: Store, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    kind = next(one for one in sorted(STEPS, key=len, reverse=True) if name == one or name.startswith(f"{one} "))
    text = f'{case.before}[[step]]\nname = "it"\nrun = "{kind}"\n{case.step}\n'
    before, files = business_content(office), {path.name for path in tmp_path.iterdir()} | {"night.toml"}
    planned = run(office, tmp_path, text, dry_run=True)
    assert planned.steps[-1].status == "done", planned.steps[-1].summary
    assert business_content(office) == before
    assert {path.name for path in tmp_path.iterdir()} <= {*files, "bad.csv"}
    done = run(office, tmp_path, text)
    last = done.steps[-1]
    assert (last.status, last.exit_code) == ("done", case.code), last.summary
    assert case.told.items() <= dict(last.results).items(), last.results
    assert set(last.results) <= set(STEPS[kind].results)
    assert not case.same_rehearsed or dict(planned.steps[-1].results) == dict(last.results)
    assert all((tmp_path / one.replace("RUN", str(done.run))).is_file() for one in case.files)
    if any(one.operation for one in done.steps):
        assert undo_run(office, done.run or 0, MARIA).exit_code is ExitCode.DONE
    assert business_content(office) == before


def test_every_kind_is_among_them() -> None:
    assert {one for one in STEPS if any(name == one for name in CASES)} == set(STEPS)


@pytest.mark.slow
def test_a_backup_replaces_the_old_one_only_when_it_is_whole(office: Store, tmp_path: Path) -> None:
    step = '[[step]]\nrun = "db backup"\noutput = "b.db"\n'
    run(office, tmp_path, step)
    assert run(office, tmp_path, step).exit_code is ExitCode.ERROR
    (tmp_path / "b.db").write_bytes(b"old")
    assert run(office, tmp_path, f"{step}overwrite = true\n").exit_code is ExitCode.DONE
    assert (tmp_path / "b.db").stat().st_size > 1000
    assert not list(tmp_path.glob(".b.db*"))


def test_too_many_changes_stop_the_script(office: Store, tmp_path: Path) -> None:
    text = '[[step]]\nrun = "reassign"\nfrom = "maria"\nto = "li"\nmax_changes = 2\n' + FIND
    result = run(office, tmp_path, text)
    assert (result.status, result.exit_code, result.not_run) == ("failed", ExitCode.FINDINGS, ["dedupe find"])
