"""Parameters: of a type, with a default, set from outside."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_cli.automation import Script, ScriptError, read_script

TODAY = date(2026, 3, 1)
STEP = '[[step]]\nrun = "say"\n'


def script(folder: Path, parameters: str) -> Script:
    path = folder / "night.toml"
    path.write_text(f"[parameters]\n{parameters}\n{STEP}", encoding="utf-8")
    return read_script(path)


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ("x = 1", None, 1),
        ("x = 1", "2", 2),
        ("x = 0.5", "2", 2),
        ("x = 0.5", "0.25", 0.25),
        ("x = false", "yes", True),
        ("x = true", "False", False),
        ('x = "a"', "1", "1"),
        ("x = 2026-01-02", None, date(2026, 1, 2)),
        ("x = 2026-01-02", "today - 1", date(2026, 2, 28)),
        ('x = { type = "date", default = "today - 30" }', None, date(2026, 1, 30)),
        ('x = { type = "date", default = "today" }', None, TODAY),
        ('x = { type = "date" }', None, None),
        ('x = { type = "date" }', "today+1", date(2026, 3, 2)),
        ('x = { type = "path", default = "in.csv" }', None, "in.csv"),
        ('x = { type = "path", default = "in.csv" }', "new.csv", "/here/new.csv"),
        ('x = { type = "path" }', "/there/new.csv", "/there/new.csv"),
        ('x = { type = "path" }', "mysql://host/crm", "mysql://host/crm"),
        ('x = { choices = ["a", "b"], default = "a" }', "b", "b"),
        ("x = { default = 3 }", "4", 4),
        ("x = { required = true }", "a", "a"),
    ],
)
def test_a_value_is_of_its_type(tmp_path: Path, declared: str, given: str | None, value: Any) -> None:
    values = {} if given is None else {"x": given}
    found = script(tmp_path, declared).settle(values, today=TODAY, cwd=Path("/here"))["x"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("declared", "given", "message", "hint"),
    [
        ("x = 1", "many", "parameter x: 'many' is not of the type integer", "a whole number"),
        ("x = 1", "1.5", "integer", "whole"),
        ("x = 0.5", "nan", "number", "a number"),
        ("x = true", "perhaps", "boolean", "true or false"),
        ('x = { type = "date" }', "soon", "date", "today - 30"),
        ('x = { type = "date" }', "today - 99999999", "date", "2026-06-30"),
        ('x = { choices = ["a", "b"] }', "c", "choice", "a, b"),
        ("x = { required = true, help = 'The file' }", None, "needs the parameter x: The file", "--set x="),
        ("xy = 1", "1", "no parameter 'x'", "did you mean xy"),
        ("x = { type = 'datum' }", None, "no type 'datum'", "did you mean date"),
        ("x = { type = 'integer', default = 'a' }", None, "not of the type integer", "whole"),
        ("x = { type = 'choice' }", None, "choices and type do not fit", "choices"),
        ("x = { defualt = 1 }", None, "unknown key 'defualt'", "default"),
        ("x = [1]", None, "no value of a parameter", "types"),
        ("today = 1", None, "is built in", "another name"),
        ('"a b" = 1', None, "is no name", "another name"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(
    tmp_path: Path, declared: str, given: str | None, message: str, hint: str
) -> None:
    with pytest.raises(ScriptError) as fault:
        script(tmp_path, declared).settle({} if given is None else {"x": given}, today=TODAY)
    assert message in fault.value.message
    assert hint in fault.value.hint


def test_the_environment_gives_what_the_command_line_does_not(tmp_path: Path) -> None:
    made = script(tmp_path, 'x = { env = "X", default = "a" }')
    assert made.settle({}, today=TODAY, environ={"X": "b"}) == {"x": "b"}
    assert made.settle({"x": "c"}, today=TODAY, environ={"X": "b"}) == {"x": "c"}
    assert made.settle({}, today=TODAY, environ={}) == {"x": "a"}


def test_what_has_no_value_leaves_its_option_out(tmp_path: Path) -> None:
    path = tmp_path / "night.toml"
    path.write_text(f'[parameters]\nx = {{ type = "string" }}\n{STEP}text = "${{x}}"\nmore = "a${{x}}b"\n')
    made = read_script(path)
    assert made.filled(made.steps[0], {"x": None}) == {"more": "ab"}


def test_a_quote_in_a_value_does_not_end_the_text_of_a_condition(tmp_path: Path) -> None:
    path = tmp_path / "night.toml"
    path.write_text(f"[parameters]\nx = 'a'\n{STEP}where = \"name = '${{x}}'\"\ntext = '${{x}}!'\n", encoding="utf-8")
    made = read_script(path)
    filled = made.filled(made.steps[0], {"x": "O'Brien' or id > 0"})
    assert filled == {"where": "name = 'O''Brien'' or id > 0'", "text": "O'Brien' or id > 0!"}
