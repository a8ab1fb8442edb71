"""The JSON Schema of scripts: says the same of a script as the program's own check, from the same declarations."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_cli.automation import ScriptError, check_script, read_script, script_schema
from crm_cli.jobs.importing import Collision, Missing
from crm_cli.jobs.matching_at_the_door import AtTheDoor
from crm_cli.jobs.scripting import STEPS
from crm_cli.territories import Split
from tests.automation.json_schema import faults

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = script_schema(STEPS)


def is_script(path: Path) -> bool:
    return "step" in tomllib.loads(path.read_text(encoding="utf-8"))


EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.toml") if is_script(path))
RIGHT = '[[step]]\nrun = "export"\nentity = "contact"\noutput = "x.csv"\n'


def judged(text: str) -> list[str]:
    document = json.loads(json.dumps(tomllib.loads(text), default=date.isoformat))
    return faults(document, SCHEMA, SCHEMA)


def is_refused(folder: Path, text: str) -> bool:
    path = folder / "x.toml"
    path.write_text(text, encoding="utf-8")
    try:
        check_script(read_script(path), STEPS)
    except ScriptError:
        return True
    return False


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_fit(path: Path) -> None:
    assert judged(path.read_text(encoding="utf-8")) == []
    check_script(read_script(path), STEPS)


def test_there_are_examples_for_the_work_of_a_year() -> None:
    assert {"nightly", "quarterly", "migration", "monthly"} <= {path.stem for path in EXAMPLES}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (RIGHT.replace("output", "ouput"), "ouput"),
        (RIGHT.replace('entity = "contact"\n', ""), "entity is missing"),
        (RIGHT + "overwrite = 1\n", "overwrite"),
        (RIGHT + "limit = 0\n", "limit"),
        (RIGHT + 'limit = "all"\n', "limit"),
        (RIGHT + "columns = [1]\n", "columns"),
        (RIGHT + 'on_error = "shrug"\n', "on_error"),
        (RIGHT + 'retry = { time = 1 }\n', "time"),
        (RIGHT + 'retry = { times = 101 }\n', "times"),
        (RIGHT + 'retry = { wait = "soon" }\n', "wait"),
        (RIGHT + "when = 1\n", "when"),
        (RIGHT + 'timeout = "soon"\n', "timeout"),
        (RIGHT.replace('run = "export"', 'run = "exprot"'), "exprot"),
        ('[[step]]\nrun = "import"\nsource = "a.csv"\nmatch = "always"\n', "match"),
        ('[[step]]\nrun = "import"\nsource = "a.csv"\nas_of = "soon"\n', "as_of"),
        ('[[step]]\nrun = "dedupe merge"\nentity = "contact"\nabove = 1.5\n', "above"),
        ("name = 'x'\n", "step is missing"),
        ("step = []\n", "length"),
        ("stpes = 1\n" + RIGHT, "stpes"),
        ("due = 'noon'\n" + RIGHT, "due"),
        ("every = 'often'\n" + RIGHT, "every"),
        ("[parameters]\nx = [1]\n" + RIGHT, "/parameters/x"),
        ("[parameters]\nx = { type = 'datum' }\n" + RIGHT, "/parameters/x"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_both(tmp_path: Path, wrong: str, named: str) -> None:
    assert any(named in fault for fault in judged(wrong))
    assert is_refused(tmp_path, wrong)
    assert judged(RIGHT) == []
    assert not is_refused(tmp_path, RIGHT)


@pytest.mark.parametrize("kind", STEPS, ids=str)
def test_every_option_may_be_a_parameter(tmp_path: Path, kind: str) -> None:
    given = "".join(f'{one.name} = "${{x}}"\n' for one in STEPS[kind].options)
    text = f'[parameters]\nx = 1\n[[step]]\nrun = "{kind}"\n{given}'
    assert judged(text) == []
    assert not is_refused(tmp_path, text)


def test_choices_are_those_of_the_jobs() -> None:
    def choices(kind: str, name: str) -> Any:
        return next(one.type.schema["enum"] for one in STEPS[kind].options if one.name == name)

    assert choices("import", "collision") == [str(one) for one in Collision]
    assert choices("import", "missing") == [str(one) for one in Missing]
    assert choices("import", "match") == [str(one) for one in AtTheDoor]
    assert choices("reassign", "split") == [str(one) for one in Split]


def test_every_option_and_result_says_what_it_is() -> None:
    for kind in STEPS.values():
        assert kind.help
        assert all(one.help and not one.help.endswith(".") for one in kind.options)
        assert all(kind.results.values())


def test_the_page_names_every_step_option_and_result() -> None:
    page = (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8")
    for kind in STEPS.values():
        section = page.partition(f"### {kind.name}\n")[2].partition("\n### ")[0]
        assert section, kind.name
        for word in (*(one.name for one in kind.options), *kind.results):
            assert f"`{word}`" in section, f"{kind.name}: {word}"
