from __future__ import annotations

from pathlib import Path

import pytest

from crm_cli.automation import ScriptError, StepKind, StepOutcome, read_script, run_script
from crm_cli.errors import CrmError, ExitCode

Log = list[str]


def say(log: Log, text: str, times: int = 1) -> StepOutcome:
    log.extend([text] * times)
    return StepOutcome(f"said {text}")


def find(log: Log) -> StepOutcome:
    log.append("find")
    return StepOutcome("2 findings", ExitCode.FINDINGS)


def fail(log: Log) -> StepOutcome:
    log.append("fail")
    raise CrmError("it broke", hint="mend it")


KINDS = {
    "say": StepKind(say, ("text", "times"), ("text",)),
    "find": StepKind(find, ()),
    "fail": StepKind(fail, ()),
}


def script(folder: Path, text: str) -> Path:
    path = folder / "night.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_steps_run_in_order_with_parameters_of_their_type(tmp_path: Path) -> None:
    made = read_script(
        script(
            tmp_path,
            '[parameters]\nword = "a"\ncount = 1\n'
            '[[step]]\nrun = "say"\ntext = "${word}!"\ntimes = "${count}"\n[[step]]\nrun = "say"\ntext = "end"\n',
        )
    )
    log: Log = []
    result = run_script(made.with_values({"word": "hello", "count": "2"}), KINDS, log)
    assert log == ["hello!", "hello!", "end"]
    assert result.exit_code is ExitCode.DONE


def test_findings_do_not_stop_a_script_but_decide_its_code(tmp_path: Path) -> None:
    log: Log = []
    result = run_script(
        read_script(script(tmp_path, '[[step]]\nrun = "find"\n[[step]]\nrun = "say"\ntext = "x"\n')), KINDS, log
    )
    assert log == ["find", "x"]
    assert result.exit_code is ExitCode.FINDINGS


def test_a_failed_step_stops_the_rest_and_says_what_was_left_out(tmp_path: Path) -> None:
    log: Log = []
    text = '[[step]]\nrun = "fail"\n[[step]]\nname = "later"\nrun = "say"\ntext = "x"\n'
    result = run_script(read_script(script(tmp_path, text)), KINDS, log)
    assert log == ["fail"]
    assert result.skipped == ["later"]
    assert result.exit_code is ExitCode.ERROR
    assert result.steps[0].summary == "it broke (mend it)"


def test_a_step_may_be_allowed_to_fail(tmp_path: Path) -> None:
    log: Log = []
    text = '[[step]]\nrun = "fail"\non_error = "continue"\n[[step]]\nrun = "say"\ntext = "x"\n'
    result = run_script(read_script(script(tmp_path, text)), KINDS, log)
    assert log == ["fail", "x"]
    assert result.exit_code is ExitCode.ERROR


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("name = 'x'", "has no steps", "[[step]]"),
        ('[[step]]\ntext = "x"', "does not say what to run", "run"),
        ('[[step]]\nrun = "sayy"', "no step 'sayy'", "did you mean"),
        ('[[step]]\nrun = "say"', "needs 'text'", "text"),
        ('[[step]]\nrun = "say"\ntext = "x"\ntimse = 2', "unknown option 'timse'", "times"),
        ('[[step]]\nrun = "say"\ntext = "${who}"', "${who}", "[parameters]"),
        ('[[step]]\nrun = "say"\ntext = "x"\non_error = "shrug"', "shrug", "stop, continue"),
        ("steps = [", "not TOML", "TOML"),
        ('stpe = 1', "unknown key 'stpe'", "step"),
    ],
)  # fmt: skip
def test_a_wrong_script_is_refused_before_anything_runs(tmp_path: Path, text: str, message: str, hint: str) -> None:
    log: Log = []
    with pytest.raises(ScriptError) as fault:
        run_script(read_script(script(tmp_path, text)), KINDS, log)
    assert message in fault.value.message
    assert hint in fault.value.hint
    assert log == []


def test_an_unknown_parameter_is_refused(tmp_path: Path) -> None:
    made = read_script(script(tmp_path, '[parameters]\ncount = 1\n[[step]]\nrun = "find"\n'))
    with pytest.raises(ScriptError, match="no parameter 'cuont'"):
        made.with_values({"cuont": "2"})
    with pytest.raises(ScriptError, match="not of the type"):
        made.with_values({"count": "many"})
