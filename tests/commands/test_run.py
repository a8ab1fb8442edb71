"""`crm run` as its users meet it: shown, refused, logged, interrupted as a process, gone on with, undone."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.commands.conftest import CrmRunner
from tests.databases import Server
from tests.jobs.test_suitecrm import CREATED
from tests.jobs.test_suitecrm import _source as suitecrm
from tests.stores import empty_store_url

MANY = 8_000  # rows: their import takes a second at least
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PEOPLE = "Id,First Name,Last Name,E-Mail\n"
SCRIPT = """name = "night"
[parameters]
file = { type = "path", default = "people.csv" }
[[step]]
run = "import"
source = "${file}"
source_name = "erp"
[[step]]
name = "more"
run = "import"
source = "more.csv"
source_name = "shop"
[[step]]
run = "export"
when = "more.created > 1000"
entity = "contact"
output = "out.csv"
columns = "id,family_name"
"""


def people(crm: CrmRunner, name: str, first: int, count: int) -> None:
    rows = (f"{n},Ann{n},Smith{n},ann{n}@x.example\n" for n in range(first, first + count))
    crm.write(name, PEOPLE + "".join(rows))


@pytest.fixture
def night(project: CrmRunner) -> CrmRunner:
    project.write("jobs/night.toml", SCRIPT)
    people(project, "jobs/people.csv", 1, 3)
    people(project, "jobs/more.csv", 10, 2)
    return project


def contacts(crm: CrmRunner) -> int:
    return len(crm("contact", "list", "--limit", 100_000, "--columns", "id", "--json").ok().json)


def test_a_run_is_shown_and_undone_as_one(night: CrmRunner) -> None:
    outcome = night("run", "jobs/night.toml").ok()
    assert outcome.stderr.splitlines()[:2] == ["step 1: import", "step 2: more"]
    assert "crm undo --run 1" in outcome.stderr
    assert "not so: more.created > 1000" in outcome.stdout
    assert contacts(night) == 5
    assert {one.get("run") for one in night("log", "--json").ok().json} == {1}
    assert night("undo", "--run", 1).exit_code == 2  # nobody can be asked
    assert night("undo", 1, "--run", 1).exit_code == 2
    rehearsed = night("undo", "--run", 1, "--dry-run", "--json").ok().json
    assert [one["operation"] for one in rehearsed["undone"]] == [None, None]
    done = night("undo", "--run", 1, "--yes", "--json").ok().json
    assert [one["undone"] for one in done["undone"]] == [2, 1]
    assert contacts(night) == 0
    assert night("undo", "--run", 1, "--yes").exit_code == 1
    assert night("undo", "--run", 99, "--yes").exit_code == 1


@pytest.mark.slow
def test_as_a_document(night: CrmRunner) -> None:
    planned = night("run", "jobs/night.toml", "--dry-run", "--json").ok().json
    done = night("run", "jobs/night.toml", "--json").ok().json
    assert (planned["run"], done["run"], done["status"], done["not_run"]) == (None, 1, "done", [])
    assert [one["status"] for one in done["steps"]] == ["done", "done", "skipped"]
    assert [one["summary"] for one in planned["steps"]] == [one["summary"] for one in done["steps"]]


def test_a_path_is_seen_from_where_it_was_written(night: CrmRunner) -> None:
    people(night, "here.csv", 100, 7)
    night("run", "jobs/night.toml", "--set", "file=here.csv", "--only", "import").ok()
    assert contacts(night) == 7


@pytest.mark.parametrize(
    ("args", "said", "hint"),
    [
        ((), "no script is named", "--schema"),
        (("jobs/nihgt.toml",), "cannot read", "path"),
        (("jobs/night.toml", "--set", "fiel=x"), "no parameter 'fiel'", "did you mean file"),
        (("jobs/night.toml", "--resume", "--restart"), "--restart begins anew", "one of them"),
        (("jobs/night.toml", "--log", "no/where.jsonl"), "cannot write the log", "--log"),
        (("jobs/night.toml", "--only", "mroe"), "no step 'mroe'", "did you mean more"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(
    night: CrmRunner, args: tuple[str, ...], said: str, hint: str
) -> None:
    outcome = night("run", *args)
    assert outcome.exit_code in (1, 2)
    assert said in outcome.stderr
    assert hint in outcome.stderr
    assert night("log", "--json").ok().json == []


def test_the_schema_needs_no_database(crm: CrmRunner) -> None:
    schema = json.loads(crm("run", "--schema").ok().stdout)
    assert schema["$schema"].endswith("/draft/2020-12/schema")
    assert crm("run", "--schema", "--json").ok().json == schema


def started(crm: CrmRunner, *args: str) -> subprocess.Popen[str]:
    environ = {**{name: value for name, value in os.environ.items() if not name.startswith("CRM_")}, **crm.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "crm_cli", "run", *args], cwd=crm.folder, env=environ, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_step(log: Path, step: int) -> None:
    for _ in range(600):
        if log.exists():
            events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
            if any(one["event"] == "step-started" and one["step"] == step for one in events):
                return
        time.sleep(0.05)
    pytest.fail("the step never began")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(
    ("sign", "code"),
    [
        (signal.SIGTERM, 143),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, -9, marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_a_run_at_a_defined_point_and_it_goes_on_there(
    night: CrmRunner, sign: signal.Signals, code: int
) -> None:
    interrupt_and_resume(night, sign, code)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_on_every_database(night: CrmRunner, database_server: Server) -> None:
    night.environ["CRM_DATABASE"] = empty_store_url(database_server).render_as_string(hide_password=False)
    interrupt_and_resume(night, signal.SIGTERM, 143)


def interrupt_and_resume(night: CrmRunner, sign: signal.Signals, code: int) -> None:
    people(night, "jobs/more.csv", 10, MANY)
    log = night.folder / "night.jsonl"
    with started(night, "jobs/night.toml", "--log", "night.jsonl") as process:
        wait_for_step(log, 2)
        time.sleep(0.1)
        process.send_signal(sign)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "Traceback" not in said
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    if sign != signal.SIGKILL:
        assert events.pop()["exit_code"] == code
    assert events[-1]["event"] == "step-started"
    assert contacts(night) == 3  # of the step in progress nothing stays
    refused = night("run", "jobs/night.toml")
    assert refused.exit_code == 1
    assert "was interrupted in the step more" in refused.stderr
    assert "--resume" in refused.stderr
    resumed = night("run", "jobs/night.toml", "--resume", "--json").ok()
    assert "run 1 goes on" in resumed.stderr
    assert [one["status"] for one in resumed.json["steps"]] == ["done"] * 3
    assert contacts(night) == MANY + 3
    assert (night.folder / "jobs" / "out.csv").read_text(encoding="utf-8").count("\n") == MANY + 4
    assert [one["kind"] for one in night("log", "--json").ok().json] == ["import", "import"]


def test_of_two_runs_at_once_the_second_is_told_who_runs_since_when(night: CrmRunner) -> None:
    from crm_cli.store import Store

    with Store.open(night.folder / "crm.db") as store:
        claim = store.claim("script night")
        assert claim is not None
        refused = night("run", "jobs/night.toml")
        assert refused.exit_code == 5
        assert f"night is being run by {getpass.getuser()}@" in refused.stderr
        assert f"(process {os.getpid()}) since 20" in refused.stderr
        assert "--wait" in refused.stderr
        night("run", "jobs/night.toml", "--dry-run").ok()  # a rehearsal is in nobody's way
        store.release(claim)
    night("run", "jobs/night.toml").ok()


@pytest.mark.slow
def test_a_waiting_run_begins_when_the_other_ends(night: CrmRunner) -> None:
    from crm_cli.store import Store
    from crm_cli.store.lease import held_lease

    with Store.open(night.folder / "crm.db") as store:
        taken, given_back = threading.Event(), threading.Event()

        def hold() -> None:
            with held_lease(store.engine, store.table("lease"), name="script night"):
                taken.set()
                given_back.wait(10)

        holder = threading.Thread(target=hold)
        holder.start()
        taken.wait(10)
        assert night("run", "jobs/night.toml").exit_code == 5
        threading.Timer(0.3, given_back.set).start()
        night("run", "jobs/night.toml", "--wait", 10).ok()
        holder.join()


@pytest.fixture
def office(project: CrmRunner) -> CrmRunner:
    """The example data, taken in: users, customers, deals, a territory."""
    for path in EXAMPLES.iterdir():
        if path.is_file():
            shutil.copy(path, project.folder / path.name)
    project("import", "users.csv", "--into", "user").ok()
    project("import", "customers.xlsx", "--into", "account+contact", "--date-order", "dmy")
    project("import", "opportunities.csv", "--into", "opportunity").ok()
    project("territory", "add", "name=South").ok()
    project("territory", "member", "add", "South", "maria").ok()
    project("territory", "rule", "add", "South", "--where", "name is not null", "--assign", "round_robin").ok()
    return project


@pytest.mark.slow
def test_the_examples_do_what_they_say(office: CrmRunner) -> None:
    deals = "owner.username = 'maria' and stage not in ('won', 'lost')"
    had = len(office("opportunity", "list", "--where", deals, "--limit", 1000, "--json").ok().json)
    gone = ("--set", "leaver=maria", "--set", "takers=li,tom")
    runs = (("monthly.toml",), ("quarterly.toml",), ("off-boarding.toml", *gone), ("nightly.toml",))
    for args in runs:
        planned = office("run", *args, "--dry-run", "--today", "2026-11-30")
        done = office("run", *args, "--today", "2026-11-30", "--json")
        assert planned.exit_code == done.exit_code, done.stderr
        assert done.json["status"] == "done", done.stdout
        assert all(one["exit_code"] in (0, 3, 4, None) for one in done.json["steps"]), done.stdout
    assert had
    assert office("opportunity", "list", "--where", deals, "--json").ok().json == []
    wanted = {"new-customers-2026-11-30.xlsx", "mailing-2026-11-30.csv", "pipeline-2026-11-30.html", "contacts.csv",
              "territories-2026-11-30.xlsx", "accounts-by-owner-2026-11-30.csv", "before-quarterly-2.db",
              "accounts-of-maria-2026-11-30.csv", "handover-maria-2026-11-30.xlsx"}  # fmt: skip
    assert wanted <= {path.name for path in office.folder.iterdir()}
    for run in (4, 3, 2):
        office("undo", "--run", run, "--yes").ok()
    assert len(office("opportunity", "list", "--where", deals, "--limit", 1000, "--json").ok().json) == had


@pytest.mark.slow
def test_suitecrm_is_brought_over_and_can_be_taken_back(project: CrmRunner) -> None:
    shutil.copy(EXAMPLES / "migration.toml", project.folder)
    url = f"sqlite:///{(project.folder / 'suite.db').as_posix()}"
    with suitecrm(url):
        assert "needs the parameter source" in project("run", "migration.toml").stderr
        planned = project("run", "migration.toml", "--dry-run", "--set", f"source={url}", "--json")
        assert contacts(project) == 0
        done = project("run", "migration.toml", "--json", SUITECRM=url)
        assert planned.exit_code == done.exit_code
        facts = {one["name"]: one for one in done.json["steps"]}
        assert f"{sum(CREATED.values())} created" in facts["import"]["summary"]
        assert facts["merge"]["status"] == "skipped"  # a person decides, unless --set merge=auto
        assert contacts(project) == CREATED["contact"]
        assert {"before-migration-1.db", "after-migration-1.html"} <= {one.name for one in project.folder.iterdir()}
        project("undo", "--run", 1, "--yes").ok()
    assert contacts(project) == 0
