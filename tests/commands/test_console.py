"""What reaches the screen: exactly the data, with nothing that a terminal would obey or hide."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.cells import cell, to_json, visible
from crm_cli.console import Console, Format, Streams
from crm_cli.errors import CrmError, UsageError
from crm_cli.tables import display_width, table_lines
from tests.commands.conftest import Screen

HOSTILE = [
    "ACME [/b] Ltd",
    "O[red]x",
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m",
    "\x9b31mred",
    "abc\u202egnp.exe",
    "\u200fشركة\u200e",
    "a\u2028b",
    "line\nbreak\ttab",
    "\udc80lone surrogate",
    "\U000e0041tag",
    "{curly} %s $HOME",
]
OBEYED = set("\x1b\x9b\x07\x08\r\n\u202e\u202d\u2066\u2069\u200e\u200f\u2028\u2029")
TEXTS = st.text(alphabet=st.characters(codec=None), max_size=30) | st.sampled_from(HOSTILE)


def console(*, terminal: bool = False, typed: str = "", environ: dict[str, str] | None = None, **how: Any) -> Console:
    screens = (Screen(typed, terminal=terminal), Screen(terminal=terminal), Screen(terminal=terminal))
    return Console(Streams(*screens, environ or {}), **how)


def out(one: Console) -> str:
    return one.streams.stdout.getvalue()  # type: ignore[attr-defined]


def err(one: Console) -> str:
    return one.streams.stderr.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_one_visible_line_in_a_table(name: str) -> None:
    screen = console()
    screen.show([{"id": 1, "name": name}])
    header, row = out(screen).splitlines()
    assert header.split() == ["id", "name"]
    assert not OBEYED & set(row)
    assert row.split(maxsplit=1)[1] == visible(name)


@pytest.mark.parametrize("name", HOSTILE[:3] + HOSTILE[-1:])
def test_markup_is_just_text(name: str) -> None:
    assert cell(name) == name


@given(TEXTS)
def test_no_cell_holds_what_a_terminal_obeys(text: str) -> None:
    shown = cell(text)
    assert not OBEYED & set(shown)
    shown.encode("utf-8")
    assert visible(shown) == shown  # showing it twice changes nothing


@given(st.recursive(TEXTS | st.none() | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_json_decodes_to_the_same_value_and_is_safe_to_print(value: Any) -> None:
    text = to_json(value)
    assert json.loads(text) == value
    assert not (OBEYED - {"\n"}) & set(text)
    text.encode("utf-8")


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20), min_size=1))
def test_csv_gives_the_next_program_the_exact_values(names: list[str]) -> None:
    screen = console()
    screen.show([{"id": number, "name": name} for number, name in enumerate(names)], Format.CSV)
    rows = list(csv.DictReader(io.StringIO(out(screen), newline="")))
    assert [row["name"] for row in rows] == names


def test_csv_on_a_terminal_shows_control_characters() -> None:
    screen = console(terminal=True)
    screen.show([{"name": "\x1b]0;gone\x07"}], Format.CSV)
    assert out(screen) == "name\n\\x1b]0;gone\\x07\n"


def test_one_json_document_and_nothing_else() -> None:
    screen = console(json=True)
    screen.show([{"name": "Åsa", "born": date(1990, 2, 1), "worth": Decimal("1.10")}])
    assert json.loads(out(screen)) == [{"name": "Åsa", "born": "1990-02-01", "worth": "1.10"}]
    with pytest.raises(RuntimeError, match="one document"):
        screen.show([])


def test_parts_are_headed_tables_or_one_json_object() -> None:
    parts = {"found": [{"id": 1}], "refused": [{"id": 2}]}
    screen, machine = console(), console(json=True)
    screen.show_parts(parts)
    machine.show_parts(parts)
    assert out(screen) == "found\nid\n 1\n\nrefused\nid\n 2\n"
    assert json.loads(out(machine)) == parts


@dataclass
class Person:
    id: int
    name: str
    note: str | None = None


def test_a_record_is_shown_field_by_field_without_its_blanks() -> None:
    screen = console()
    screen.show(Person(7, "Ann"))
    assert out(screen) == "id    7\nname  Ann\n"


def test_columns_choose_and_order() -> None:
    screen = console()
    screen.show([Person(7, "Ann")], Format.CSV, ["name", "id"])
    assert out(screen) == "name,id\nAnn,7\n"


def test_columns_head_an_empty_csv() -> None:
    screen = console()
    screen.show([], Format.CSV, ["name", "id"])
    assert out(screen) == "name,id\n"


def test_jsonl_is_a_line_a_row_and_ids_are_the_public_ones() -> None:
    screen = console()
    screen.show([{"id": 1, "public_id": "01J"}, {"id": 2}], Format.JSONL)
    screen.show([{"id": 1, "public_id": "01J"}, {"id": 2}], Format.IDS)
    assert out(screen).splitlines() == ['{"id": 1, "public_id": "01J"}', '{"id": 2}', "01J", "2"]


def test_cells_of_every_kind() -> None:
    values = [None, True, 3, "x", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), ["a", 1], {"k": None}]
    assert [cell(value) for value in values] == [
        "",
        "yes",
        "3",
        "x",
        "2026-01-02T03:04:00+00:00",
        '["a", 1]',
        '{"k": null}',
    ]


def test_numbers_that_json_lacks_become_null() -> None:
    assert json.loads(to_json([float("nan"), float("inf"), 0.5])) == [None, None, 0.5]


def test_columns_align_by_what_a_terminal_shows() -> None:
    lines = list(table_lines([{"name": "有限公司", "city": "上海"}, {"name": "Ann", "city": "Ulm"}]))
    assert [display_width(line.rsplit("  ", 1)[0].rstrip()) <= 8 for line in lines] == [True] * 3
    assert lines[1] == "有限公司  上海"
    assert lines[2] == "Ann       Ulm"


@given(st.lists(st.fixed_dictionaries({"a": TEXTS, "b": TEXTS, "c": st.integers()}), min_size=1, max_size=4))
def test_a_table_fits_the_screen_and_is_never_cut_in_a_pipe(rows: list[dict[str, Any]]) -> None:
    assert all(display_width(line) <= 40 for line in table_lines(rows, 40))
    whole = "\n".join(table_lines(rows))
    assert all(cell(row["a"]).rstrip() in whole for row in rows)


def test_notes_go_to_stderr_and_are_silenced_while_warnings_stay() -> None:
    screen = console(quiet=True)
    screen.note("by the way")
    screen.warn("careful")
    assert out(screen) == ""
    assert err(screen) == "warning: careful\n"


def test_an_error_is_a_line_and_a_hint_that_customer_data_cannot_forge() -> None:
    screen = console()
    screen.fail(CrmError("no account \x1b[2Jx\nerror: all is well", hint="look"))
    assert err(screen) == "error: no account \\x1b[2Jx\n  error: all is well\nhint: look\n"


def test_passwords_never_reach_the_screen() -> None:
    screen = console(json=True)
    screen.fail(CrmError("cannot reach postgresql://crm:s3cret@db.example/crm", hint="mysql://a:b@c"))
    assert "s3cret" not in out(screen) + err(screen)


def test_a_failure_after_the_document_does_not_add_a_second_one() -> None:
    screen = console(json=True)
    screen.show({"done": 3})
    screen.fail(CrmError("2 rows were refused"))
    assert json.loads(out(screen)) == {"done": 3}
    assert err(screen) == "error: 2 rows were refused\n"


@pytest.mark.parametrize(("typed", "answer"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_asked(typed: str, answer: bool) -> None:
    screen = console(terminal=True, typed=typed)
    assert screen.confirm("Merge 3 pairs?") is answer
    assert err(screen) == "Merge 3 pairs? [y/N] "


def test_the_end_of_the_input_is_no_answer() -> None:
    with pytest.raises(KeyboardInterrupt):
        console(terminal=True).confirm("Merge 3 pairs?", default=True)


@pytest.mark.parametrize("how", [{"terminal": False}, {"terminal": True, "no_input": True}])
def test_without_a_person_the_flag_to_give_is_named(how: dict[str, bool]) -> None:
    with pytest.raises(UsageError) as caught:
        console(**how).confirm("Merge 3 pairs?", flag="--yes")  # type: ignore[arg-type]
    assert "--yes" in caught.value.hint


def test_colour_only_on_a_terminal_that_wants_it() -> None:
    assert console(terminal=True).colour
    assert not console().colour
    assert not console(terminal=True, environ={"NO_COLOR": "1"}).colour
    assert not console(terminal=True, environ={"TERM": "dumb"}).colour


def test_progress_is_drawn_on_a_terminal_only() -> None:
    seen = {}
    for terminal in (True, False):
        screen = console(terminal=terminal)
        with screen.progress("Importing [/b]", total=2) as bar:
            bar.advance(2)
        seen[terminal] = err(screen)
        assert out(screen) == ""
    assert "Importing [/b]" in seen[True]
    assert seen[False] == ""
