"""The full screen of `crm values decide`: what it shows, what its keys decide, and on a real terminal."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pexpect
import pytest

from crm_cli.commands.values.screen import ValuesScreen
from crm_cli.jobs.values import Change, Session
from crm_cli.spellings import Method, SpellingGroup, group_spellings
from tests.commands.conftest import CrmRunner
from tests.commands.screen_text import text_of

SHOWN = Path(__file__).parent / "screens" / "values-90x20.txt"
HOSTILE = "[red]Bonn[/red] \x1b[31m\u202e"


def session(*groups: dict[str, int]) -> Session:
    return Session([group_spellings(one, tuple(Method))[0] for one in groups])


def cities() -> Session:
    return session(
        {"Berlin": 14, "Berlim": 2, "BERLIN": 1}, {"Fargo": 5, "Largo": 4}, {"Hamburg": 3, "Hambrug": 1}
    )  # fmt: skip


def pressed(asked: Session, *keys: str) -> list[str]:
    """Show the session, press the keys one after the other, and return the screen before and after each."""

    async def played() -> list[str]:
        screen = ValuesScreen(asked, "contact.city")
        async with screen.run_test(size=(90, 20)) as pilot:
            await pilot.pause()
            seen = [text_of(screen)]
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
                seen.append(text_of(screen) if screen.is_running and asked.current is not None else "")
            return seen

    return asyncio.run(played())


def test_a_group_is_shown_with_counts_and_what_was_decided() -> None:
    shown = pressed(cities(), "enter")[-1]
    if os.environ.get("CRM_WRITE_SCREENS"):  # how the file is made anew: look at what changed before it is committed
        SHOWN.write_text(shown + "\n", encoding="utf-8")
    assert shown == SHOWN.read_text(encoding="utf-8").rstrip("\n")


def test_keys_decide_and_go_back() -> None:
    asked = cities()
    shown = pressed(asked, "enter", "s", "u", "2", "down", "enter")
    assert [text.split()[:2] for text in shown[:-1]] == [["group", one] for one in "123233"]
    assert asked.changes() == (
        Change(("Berlim", "BERLIN"), "Berlin"), Change(("Fargo",), "Largo"), Change(("Hamburg",), "Hambrug")
    )  # fmt: skip


def test_a_spelling_is_left_out_and_two_stay_at_least() -> None:
    asked = cities()
    shown = pressed(asked, "down", "space", "down", "space", "enter", "q")
    assert "two spellings stay at least" in shown[4]
    (change,) = asked.changes()
    assert (set(change.from_), change.to) == ({"Berlin"}, "BERLIN")  # the cursor stood on the third


def test_the_spelling_that_is_right_is_not_left_out() -> None:
    asked = session({"Berlin": 14, "Berlim": 2, "BERLIN": 1})
    pressed(asked, "space", "1")
    assert asked.changes() == (Change(("Berlim", "BERLIN"), "Berlin"),)


def test_another_spelling_is_written_or_the_field_cleared() -> None:
    asked = cities()
    pressed(asked, "w", *"Köln", "enter", "b", "w", "x", "escape", "q")
    assert asked.changes() == (Change(("Berlin", "Berlim", "BERLIN"), "Köln"), Change(("Fargo", "Largo"), ""))


def test_nothing_to_take_back_and_the_keys_are_told() -> None:
    shown = pressed(cities(), "u", "question_mark", "9")
    assert "there is no answer to take back" in shown[1]
    assert "take the spelling under the cursor out" in shown[2]
    assert shown[3].startswith(" group 1 of 3")


def test_what_customers_typed_is_neither_markup_nor_obeyed() -> None:
    shown = pressed(session({HOSTILE: 2, HOSTILE.upper(): 1}), "down")[-1]
    assert "[red]Bonn[/red]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_groups_keep_their_order() -> None:
    group: SpellingGroup = group_spellings({"Bonn": 1, "bonn": 1}, tuple(Method))[0]
    assert group.proposal == "Bonn"


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal needs a POSIX system")
def test_on_a_real_terminal(project: CrmRunner) -> None:
    rows = "".join(f"P{n},Doe{n},p{n}@x.example,{city}\n" for n, city in enumerate(["Berlin", "Berlin", "Berlim"]))
    project.write("p.csv", f"First Name,Last Name,E-Mail,City\n{rows}")
    project("import", "p.csv", "--into", "contact").ok()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    environ |= {**project.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    child = pexpect.spawn(
        sys.executable, ["-m", "crm_cli", "values", "decide", "contact.city"], cwd=str(project.folder), env=environ,
        encoding="utf-8", timeout=60, dimensions=(30, 100),
    )  # fmt: skip
    child.expect("group 1 of 1")
    child.send("\r")
    child.expect("changed contact.city of 1 record")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert [row["city"] for row in project("contact", "list", "--columns", "city", "--json").ok().json] == [
        "Berlin"
    ] * 3
