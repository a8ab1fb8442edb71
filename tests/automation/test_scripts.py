"""Scripts as data: read, checked before anything runs, and run step by step."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crm_cli.automation import ScriptError, StepReport, check_script, left_out, read_script
from crm_cli.errors import ExitCode
from tests.automation.performing import KINDS, run, write

SAY = '[[step]]\nrun = "say"\n'


def test_steps_run_in_order_with_parameters_of_their_type(tmp_path: Path) -> None:
    text = (
        '[parameters]\nword = "a"\ncount = 1\n'
        f'{SAY}text = "${{word}}!"\ntimes = "${{count}}"\n{SAY}text = "end of run ${{run}} on ${{today}}"\n'
    )
    done = run(tmp_path, text, {"word": "hello", "count": "2"})
    assert done.log == ["hello!", "hello!", "end of run 7 on 2026-11-30"]
    assert done.result.exit_code is ExitCode.DONE
    assert done.result.status == "done"


def test_findings_do_not_stop_a_script_but_decide_its_code(tmp_path: Path) -> None:
    done = run(tmp_path, f'[[step]]\nrun = "find it"\n{SAY}text = "x"\n')
    assert done.log == ["find", "x"]
    assert done.result.exit_code is ExitCode.FINDINGS


def test_a_failed_step_stops_the_rest_and_says_what_was_left_out(tmp_path: Path) -> None:
    done = run(tmp_path, f'[[step]]\nrun = "fail"\n{SAY}name = "later"\ntext = "x"\n')
    assert done.log == ["fail"]
    assert done.result.not_run == ["later"]
    assert done.result.exit_code is ExitCode.ERROR
    assert done.result.status == "failed"
    assert done.result.steps[0].summary == "it broke (mend it)"


def test_a_step_may_be_allowed_to_fail(tmp_path: Path) -> None:
    done = run(tmp_path, f'[[step]]\nrun = "fail"\non_error = "continue"\n{SAY}text = "x"\n')
    assert done.log == ["fail", "x"]
    assert done.result.exit_code is ExitCode.ERROR
    assert done.result.status == "done"


def test_a_defect_is_no_outcome_of_a_step(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, '[[step]]\nrun = "crash"\non_error = "continue"\n')


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("find_it.found = 2", True),
        ("find_it.found > 2", False),
        ('"find it".exit_code = 3 and not (find_it.found in (1, 3))', True),
        ("fail.status = 'failed' and fail.exit_code >= 1", True),
        ("fail.lost = 0", False),  # it failed before it could tell: nothing is known, so nothing holds
        ("fail.lost != 0", False),
        ("not ${quiet}", True),
        ("${quiet} or find_it.found < ${limit}", True),
    ],
)
def test_conditions_look_at_results_of_earlier_steps(tmp_path: Path, condition: str, said: bool) -> None:
    text = (
        "[parameters]\nquiet = false\nlimit = 3\n"
        '[[step]]\nrun = "find it"\n[[step]]\nrun = "fail"\non_error = "continue"\n'
        f"{SAY}text = \"x\"\nwhen = '''{condition}'''\n"
    )
    done = run(tmp_path, text)
    assert ("x" in done.log) is said
    assert done.result.steps[2].status == ("done" if said else "skipped")
    assert done.result.steps[2].exit_code == (0 if said else None)


def test_a_condition_on_a_skipped_step_does_not_hold(tmp_path: Path) -> None:
    text = f'{SAY}name = "a"\ntext = "a"\nwhen = "false"\n{SAY}text = "b"\nwhen = "a.said < 5"\n'
    skipped = f'{SAY}text = "c"\nwhen = "a.status = \'skipped\'"\n'
    assert run(tmp_path, text + skipped).log == ["c"]


def test_only_what_passes_is_tried_again(tmp_path: Path) -> None:
    done = run(tmp_path, '[[step]]\nrun = "lock"\nretry = { times = 3, wait = "2 min" }\n')
    assert (done.log, done.performer.waits) == (["try"] * 3, [120.0, 120.0])
    assert done.result.steps[0].attempts == 3
    once = run(tmp_path, '[[step]]\nrun = "lock"\nretry = { times = 1, wait = "0s" }\n')
    assert (once.log, once.result.exit_code) == (["try"] * 2, ExitCode.LOCKED)
    never = run(tmp_path, '[[step]]\nrun = "fail"\nretry = { times = 3, wait = "0s" }\n')
    assert never.log == ["fail"]


def test_finished_steps_are_not_run_again_and_their_results_are_known(tmp_path: Path) -> None:
    finished = {1: StepReport(1, "find it", 3, "2 findings", None, "done", 1, {"found": 2})}
    text = f'[[step]]\nrun = "find it"\n{SAY}text = "x"\nwhen = "find_it.found = 2"\n'
    done = run(tmp_path, text, finished=finished)
    assert done.log == ["x"]
    assert done.result.exit_code is ExitCode.FINDINGS
    assert [one.name for one in done.performer.reports] == ["say"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("name = 'x'", "has no steps", "[[step]]"),
        ('[[step]]\ntext = "x"', "does not say what to run", "run"),
        ('[[step]]\nrun = "sayy"', "step 1 (sayy): there is no step 'sayy'", "did you mean say"),
        ('[[step]]\nrun = "say"', "needs 'text'", "text"),
        (f'{SAY}text = "x"\ntimse = 2', "unknown option 'timse'", "times"),
        (f'{SAY}text = "x"\ntimes = 0', "times = 0", "from 1 on"),
        (f'{SAY}text = "${{who}}"', "${who}", "[parameters]"),
        (f'{SAY}text = "x"\non_error = "shrug"', "shrug", "stop, continue"),
        (f'{SAY}text = "x"\nretry = 3', "retry = 3", "times = 3"),
        (f'{SAY}text = "x"\nretry = {{ wait = "soon" }}', "soon", "30s"),
        (f'{SAY}text = "x"\ntimeout = "soon"', "soon", "2 hours"),
        (f'{SAY}text = "x"\ntimeout = "0s"', "no time", "2 hours"),
        (f'{SAY}text = "x"\nwhen = 1', "when = 1", "in quotes"),
        (f'{SAY}text = "x"\nwhen = "find it.found = 1"', "'.' is missing", "import.rejected"),
        (f'{SAY}text = "x"\nwhen = "find_it.found = 1"', "no earlier step", "earlier steps: none"),
        (f'{SAY}text = "x"\n{SAY}text = "y"\nwhen = "say.sayd = 1"', "say.sayd", "did you mean said"),
        (f'{SAY}text = "x"\nwhen = "${{nobody}}"', "${nobody}", "[parameters]"),
        (f'{SAY}name = "a"\ntext = "x"\n{SAY}name = "a"\ntext = "y"', "step 2 (a): another step has this name", "own"),
        ("steps = [", "not TOML", "TOML"),
        ("stpe = 1", "unknown key 'stpe'", "step"),
        (f'every = "often"\n{SAY}text = "x"', "often", "1 day"),
        (f'due = "25:00"\n{SAY}text = "x"', "25:00", "06:30"),
        (f'due = "06:30"\nevery = "1 day"\n{SAY}text = "x"', "every and due", "one of them"),
        (f"name = '{'x' * 61}'\n{SAY}text = 'x'", "no name", "60"),
    ],
)  # fmt: skip
def test_a_wrong_script_is_refused_before_anything_runs(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ScriptError) as fault:
        run(tmp_path, text)
    assert message in fault.value.message
    assert hint in fault.value.hint
    assert "night.toml" in fault.value.message


def test_steps_without_a_name_are_numbered(tmp_path: Path) -> None:
    made = read_script(write(tmp_path, f'{SAY}text = "x"\n' * 3))
    assert [one.name for one in made.steps] == ["say", "say 2", "say 3"]


def test_the_old_name_of_a_step_still_runs_it(tmp_path: Path) -> None:
    assert run(tmp_path, '[[step]]\nrun = "shout"\ntext = "x"\n').log == ["x"]


def test_what_is_left_out_and_what_cannot_be(tmp_path: Path) -> None:
    text = f'[[step]]\nrun = "find it"\n{SAY}text = "x"\n{SAY}text = "y"\nwhen = "find_it.found = 1"\n'
    made = read_script(write(tmp_path, text))
    check_script(made, KINDS)
    first, second, third = made.steps
    assert left_out(made.steps, None, None) == {}
    assert set(left_out(made.steps, None, second)) == {1, 3}
    assert set(left_out(made.steps, None, third)) == {1, 2}
    assert set(left_out(made.steps, first, None)) == set()
    assert set(left_out(made.steps, third, None)) == {1, 2}
    with pytest.raises(ScriptError, match="looks at find_it, which is left out"):
        left_out(made.steps, second, None)


def test_the_fingerprint_is_of_what_is_done(tmp_path: Path) -> None:
    def of(text: str, **given: str) -> str:
        made = read_script(write(tmp_path, text))
        return made.fingerprint(made.settle(given, today=date(2026, 11, 30)))

    base = f'[parameters]\nwho = "a"\n{SAY}text = "${{who}}"\n'
    assert of(base) == of(f'# a remark\nname = "other"\ndue = "06:30"\n{base}')
    assert of(base) != of(base, who="b")
    assert of(base) != of(base.replace('"${who}"', '"${who}!"'))
