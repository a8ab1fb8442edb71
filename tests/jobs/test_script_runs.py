"""Runs of scripts: interrupted and resumed, alone of their name, tried again, logged, and undone as one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.automation import Option, ScriptResult, StepKind, StepOutcome, read_script
from crm_cli.automation.values import TEXT
from crm_cli.errors import CrmError, ExitCode, LockedError, NotFoundError
from crm_cli.history import AlreadyUndoneError, Author, operation, undo_run
from crm_cli.jobs.scripting import (
    STEPS,
    InterruptedRunError,
    JsonLog,
    RunRequest,
    ScriptChangedError,
    ScriptContext,
    ScriptEvent,
    execute_script,
    executing,
)
from crm_cli.store import Store
from crm_cli.store.lease import held_lease
from tests.dumps import business_content

MARIA = Author("maria", "test")
TODAY = date(2026, 11, 1)
PEOPLE = """Id,First Name,Last Name,E-Mail,City,Country
1,ANN,SMITH,ann@x.example,austin,usa
2,Tom,Baker,tom@x.example,Boston,US
"""
SCRIPT = """name = "night"
[parameters]
since = { type = "date", default = "today" }
[[step]]
run = "import"
source = "people.csv"
[[step]]
name = "trouble"
run = "trouble"
word = "${since}"
[[step]]
name = "tidy"
run = "standardize"
entity = "contact"
when = "import.created = 2 and trouble.calm"
"""

Trouble = Callable[[ScriptContext], None]


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> list[Trouble]:
    """What the step `trouble` does when it is next run, after it wrote a record; nothing if nothing is left."""
    todo: list[Trouble] = []

    def act(context: ScriptContext, given: Mapping[str, Any]) -> StepOutcome:
        with operation(context.store, "trouble", context.author) as op:
            op.insert("account", [{"name": f"Trouble of {given.get('word')}"}])
        if todo:
            todo.pop(0)(context)
        return StepOutcome("calm", operation_id=op.id, results={"calm": True})

    made = StepKind("trouble", "Make trouble", act, (Option("word", TEXT, "A word"),), {"calm": "whether it is"})
    monkeypatch.setattr(executing, "STEPS", {**STEPS, "trouble": made})
    return todo


def raising(error: BaseException) -> Trouble:
    def act(_: ScriptContext) -> None:
        raise error

    return act


def run(
    store: Store, folder: Path, text: str = SCRIPT, *, dry_run: bool = False, today: date = TODAY,
    watch: Callable[[ScriptEvent], None] | None = None, **request: Any,
) -> ScriptResult:  # fmt: skip
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    path = folder / "night.toml"
    path.write_text(text, encoding="utf-8")
    context = ScriptContext(store, MARIA, folder, today, dry_run=dry_run)
    return execute_script(read_script(path), context, RunRequest(**request), watch or (lambda _: None))


def runs(store: Store) -> list[tuple[str, int | None]]:
    table = store.table("script_run")
    with store.read() as connection:
        rows = connection.execute(sa.select(table.c.status, table.c.exit_code).order_by(table.c.id))
        return [(row.status, row.exit_code) for row in rows]


def first(store: Store) -> int:
    """The number of the first run; servers go on counting from test to test."""
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.min(store.table("script_run").c.id))) or 0


def steps(store: Store, number: int) -> list[tuple[str, str, int]]:
    table = store.table("script_step")
    query = sa.select(table.c.name, table.c.status, table.c.attempts).where(table.c.script_run_id == number)
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(table.c.number))]


def names(store: Store) -> list[str]:
    return sorted(one["name"] for one in business_content(store).get("account", []))


def test_an_interrupted_run_goes_on_behind_its_last_step_and_is_undone_as_one(
    store: Store, tmp_path: Path, trouble: list[Trouble]
) -> None:
    before = business_content(store)
    trouble.append(raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(store, tmp_path)
    assert names(store) == []  # what the step in progress wrote is rolled back
    assert len(business_content(store)["contact"]) == 2
    assert runs(store) == [("interrupted", 130)]
    with pytest.raises(InterruptedRunError, match="in the step trouble") as refused:
        run(store, tmp_path)
    assert "--resume" in refused.value.hint
    result = run(store, tmp_path, resume=True, today=date(2026, 11, 2))
    number = result.run or 0
    assert [(one.name, one.status) for one in result.steps] == [
        ("import", "done"),
        ("trouble", "done"),
        ("tidy", "done"),
    ]
    assert names(store) == ["Trouble of 2026-11-01"]  # under the parameters of the day on which it began
    assert runs(store) == [("done", 0)]
    assert [one[1] for one in steps(store, number)] == ["done"] * 3
    undone = undo_run(store, number, MARIA)
    assert (undone.exit_code, len(undone.undone)) == (ExitCode.DONE, 3)
    assert business_content(store) == before
    with pytest.raises(AlreadyUndoneError):
        undo_run(store, number, MARIA)


@pytest.mark.slow
def test_a_failed_run_goes_on_at_the_step_that_failed(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    trouble.append(raising(CrmError("the cable is loose")))
    failed = run(store, tmp_path)
    assert (failed.status, failed.exit_code, failed.not_run) == ("failed", ExitCode.ERROR, ["tidy"])
    assert names(store) == []
    assert runs(store) == [("failed", 1)]
    assert run(store, tmp_path, resume=True).status == "done"
    assert len(business_content(store)["contact"]) == 2
    assert runs(store) == [("done", 0)]


def test_a_run_that_nobody_runs_any_more_was_interrupted(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    trouble.append(raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(store, tmp_path)
    with store.write() as connection:  # as kill -9 leaves it
        connection.execute(store.table("script_run").update().values(status="running", finished_at=None))
    with pytest.raises(InterruptedRunError):
        run(store, tmp_path)
    assert run(store, tmp_path, restart=True).run == first(store) + 1
    assert [one[0] for one in runs(store)] == ["running", "done"]


@pytest.mark.slow
def test_resume_begins_anew_where_there_is_nothing_to_go_on_with(
    store: Store, tmp_path: Path, trouble: list[Trouble]
) -> None:
    assert run(store, tmp_path, resume=True).run == first(store)
    assert run(store, tmp_path, resume=True).run == first(store) + 1


@pytest.mark.slow
def test_another_script_is_not_gone_on_with(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    trouble.append(raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(store, tmp_path, given={"since": "2026-10-01"})
    changed = SCRIPT.replace('entity = "contact"', 'entity = "account"')
    for text, request, message in (
        (changed, {}, "steps of night have changed"),
        (SCRIPT, {"given": {"since": "2026-10-02"}}, "another value of since"),
        (SCRIPT.replace("since", "from_day"), {}, "parameters of night have changed"),
    ):
        with pytest.raises(ScriptChangedError, match=message) as fault:
            run(store, tmp_path, text, resume=True, **request)
        assert "--restart" in fault.value.hint
    assert runs(store) == [("interrupted", 130)]
    assert run(store, tmp_path, resume=True, given={"since": "2026-10-01"}).status == "done"


@pytest.mark.slow
def test_a_password_is_not_kept_and_asked_for_again(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    text = SCRIPT.replace("[[step]]", 'url = { env = "SOURCE_URL", required = true }\n[[step]]', 1)
    trouble.append(raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(store, tmp_path, text, environ={"SOURCE_URL": "mysql://me:secret@host/crm"})
    with store.read() as connection:
        kept = connection.scalar(sa.select(store.table("script_run").c.parameters))
    assert kept["url"] == "mysql://me:***@host/crm"
    for request, message in (
        ({}, "held a password, which is not kept"),
        ({"given": {"url": "mysql://me:secret@other/crm"}}, "another value of url"),
    ):
        with pytest.raises(ScriptChangedError, match=message):
            run(store, tmp_path, text, resume=True, **request)
    assert run(store, tmp_path, text, resume=True, environ={"SOURCE_URL": "mysql://me:secret@host/crm"}).run


def test_a_defect_ends_the_run_and_flies_on(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    trouble.append(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        run(store, tmp_path)
    assert (names(store), runs(store)) == ([], [("failed", 1)])


@pytest.mark.slow
def test_an_interruption_that_another_error_hides_is_one(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    def hide(_: ScriptContext) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise sa.exc.InterfaceError("ROLLBACK", {}, Exception("the connection is out of step"))

    trouble.append(hide)
    with pytest.raises(KeyboardInterrupt):
        run(store, tmp_path)
    assert runs(store) == [("interrupted", 130)]


def test_a_lock_is_waited_for_as_often_as_the_step_says(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    text = SCRIPT.replace('word = "${since}"', 'word = "${since}"\nretry = { times = 2, wait = "0s" }')
    lost = sa.exc.OperationalError("INSERT", {}, Exception("gone"), connection_invalidated=True)
    trouble += [raising(LockedError("li is writing")), raising(lost)]
    assert run(store, tmp_path, text).status == "done"
    assert names(store) == ["Trouble of 2026-11-01"]
    assert steps(store, first(store))[1] == ("trouble", "done", 3)
    trouble += [raising(LockedError("li is writing"))] * 3
    assert run(store, tmp_path, text).exit_code is ExitCode.LOCKED


@pytest.mark.slow
def test_a_step_that_takes_too_long_is_rolled_back_and_has_failed(
    store: Store, tmp_path: Path, trouble: list[Trouble]
) -> None:
    def sleep(context: ScriptContext) -> None:
        said = {"postgresql": "SELECT pg_sleep(20)", "mysql": "SELECT SLEEP(20)", "mariadb": "SELECT SLEEP(20)"}
        with context.store.write() as connection:
            if context.store.backend in said:
                connection.execute(sa.text(said[context.store.backend]))
        time.sleep(20)

    trouble.append(sleep)
    text = SCRIPT.replace('word = "${since}"', 'word = "${since}"\ntimeout = "0.5 s"\non_error = "continue"')
    began = time.monotonic()
    result = run(store, tmp_path, text)
    assert time.monotonic() - began < 15
    assert [one.status for one in result.steps] == ["done", "failed", "skipped"]
    assert "it took longer than 0.5 seconds" in result.steps[1].summary
    assert (names(store), result.exit_code) == ([], ExitCode.ERROR)
    assert run(store, tmp_path, text).steps[1].status == "done"


@pytest.mark.slow
def test_a_deadlock_is_done_again_at_once(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    trouble += [raising(LockedError("li is writing", deadlock=True))] * 2
    assert run(store, tmp_path).status == "done"
    assert names(store) == ["Trouble of 2026-11-01"]
    assert steps(store, first(store))[1] == ("trouble", "done", 1)


@pytest.mark.slow
def test_of_two_runs_at_once_the_second_is_told_who_runs_since_when(
    store: Store, tmp_path: Path, trouble: list[Trouble]
) -> None:
    def meanwhile(_: ScriptContext) -> None:
        with pytest.raises(LockedError, match=r"night is being run by .+@.+ since 20\d\d-") as fault:
            run(store, tmp_path)
        assert "--wait" in fault.value.hint

    trouble.append(meanwhile)
    assert run(store, tmp_path).status == "done"
    assert runs(store) == [("done", 0)]
    with held_lease(store.engine, store.table("lease"), name="script other"):
        assert run(store, tmp_path).status == "done"


def test_from_and_only(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    alone = run(store, tmp_path, only="tidy")  # whoever names a step does not ask for its condition
    assert [one.status for one in alone.steps] == ["skipped", "skipped", "done"]
    late = run(store, tmp_path, SCRIPT.replace("import.created = 2 and ", ""), first="2")
    assert [one.status for one in late.steps] == ["skipped", "done", "done"]
    with pytest.raises(CrmError, match="looks at import, which is left out"):
        run(store, tmp_path, first="trouble")
    with pytest.raises(NotFoundError, match="no step 'tidyy'") as fault:
        run(store, tmp_path, only="tidyy")
    assert "did you mean tidy" in fault.value.hint
    with pytest.raises(CrmError, match="--from and --only"):
        run(store, tmp_path, only="tidy", first="tidy")


@pytest.mark.slow
def test_a_step_that_was_named_is_not_asked_when_its_run_goes_on(
    store: Store, tmp_path: Path, trouble: list[Trouble]
) -> None:
    text = SCRIPT.replace('word = "${since}"', 'word = "${since}"\nwhen = "import.created > 0"')
    trouble.append(raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(store, tmp_path, text, only="trouble")
    done = run(store, tmp_path, text, resume=True)
    assert [one.status for one in done.steps] == ["skipped", "done", "skipped"]


@pytest.mark.slow
def test_a_rehearsal_leaves_no_run_and_stands_in_nobodys_way(
    store: Store, tmp_path: Path, trouble: list[Trouble]
) -> None:
    trouble.append(raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(store, tmp_path)
    rehearsed = run(store, tmp_path, dry_run=True, resume=True)
    assert [one.status for one in rehearsed.steps] == ["done"] * 3
    assert (runs(store), names(store)) == ([("interrupted", 130)], [])


def test_the_log_is_for_machines_and_holds_nobodys_data(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    trouble.append(raising(CrmError("no good: Quaxxington", hint="Quaxxington")))
    text = SCRIPT.replace("when", "where = \"family_name = 'Quaxxington'\"\nwhen")
    path = tmp_path / "night.jsonl"
    for request in ({"given": {"since": "1999-12-31"}}, {"resume": True}):
        with JsonLog(path) as log:
            run(store, tmp_path, text, watch=log, **request)
    written = path.read_text(encoding="utf-8")
    events = [json.loads(line) for line in written.splitlines()]
    assert [one["event"] for one in events] == [
        "run-started", "step-started", "step-ended", "step-started", "step-ended", "run-ended",
        "run-resumed", "step-started", "step-ended", "step-started", "step-ended", "run-ended",
    ]  # fmt: skip
    assert events[2]["results"]["created"] == 2
    assert (events[4]["status"], events[4]["error"]) == ("failed", "error")
    assert {one["run"] for one in events} == {first(store)}
    assert "Quaxxington" not in written
    assert "1999" not in written
    assert path.stat().st_mode & 0o777 == 0o600
    with store.read() as connection:
        kept = connection.execute(sa.select(store.table("script_step").c.result)).scalars().all()
    assert "Quaxxington" not in json.dumps(kept)


def test_a_log_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(CrmError, match="cannot write the log"):
        JsonLog(tmp_path / "nowhere" / "night.jsonl")


@pytest.mark.slow
def test_undoing_a_run_refuses_what_somebody_edited_since(store: Store, tmp_path: Path, trouble: list[Trouble]) -> None:
    run(store, tmp_path)
    with operation(store, "set", MARIA) as op:
        op.update("contact", {business_content(store)["contact"][0]["id"]: {"family_name": "Other"}})
    rehearsed = undo_run(store, first(store), MARIA, dry_run=True)
    assert len(business_content(store)["contact"]) == 2
    done = undo_run(store, first(store), MARIA)
    assert rehearsed.exit_code is done.exit_code is ExitCode.PARTIAL
    assert [one["family_name"] for one in business_content(store)["contact"]] == ["Other"]
    assert names(store) == []
    with pytest.raises(NotFoundError, match="no run 9"):
        undo_run(store, 9, MARIA)
