"""The review screen: what it shows, what its keys do, and on a real terminal."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pexpect
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from crm_cli.commands.dedupe.screen import ReviewScreen, run_screen
from crm_cli.errors import LockedError
from crm_cli.history import operation
from crm_cli.jobs import matching
from crm_cli.jobs.matching import Review, ReviewOptions
from crm_cli.store import Store
from crm_cli.store.migrate import create
from tests.commands.conftest import CrmRunner
from tests.commands.screen_text import text_of
from tests.jobs.people import MARIA, World, add_people

HEAD = "Head of [red]Buying[/red]"
SCREENS = Path(__file__).parent / "screens"


@pytest.fixture
def store(crm: CrmRunner) -> Iterator[Store]:
    url = make_url(f"sqlite:///{(crm.folder / 'crm.db').as_posix()}")
    create(url)
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def world(store: Store) -> World:
    world = add_people(store, singles=120, twins=12, households=6)
    matching.find(store, "contact", MARIA)
    return world


def three_of_one(store: Store) -> list[int]:
    """Three entries of one person among strangers, and a search that found them."""
    add_people(store, singles=60, twins=8, households=3)
    born = {"birth_date": datetime(1970, 1, 2, tzinfo=UTC).date(), "family_name": "Quandt"}
    rows = [
        {**born, "given_name": "Benedikta", "job_title": HEAD},
        {**born, "given_name": "Benedikta", "job_title": "Buyer", "department": "Sales \x1b[31m\u202e"},
        {**born, "given_name": "Benedikta"},
    ]
    with operation(store, "import", MARIA) as op:
        ids = op.insert("contact", rows)
        mail = "b.quandt@quandt.example"
        op.insert("email_address", [{"party_id": one, "value": mail, "standard": mail} for one in ids])
    matching.find(store, "contact", MARIA)
    return ids


def review_of(store: Store, **options: Any) -> Review:
    return Review(store, store.dictionary.entity("contact"), MARIA, ReviewOptions(**options))


def pressed(review: Review, *keys: str, size: tuple[int, int] = (100, 36), limit: int | None = None) -> list[str]:
    """Show the review, press the keys one after the other, and return the screen before and after each."""

    async def played() -> list[str]:
        screen = ReviewScreen(review, lambda moment: moment.astimezone(UTC), limit)
        async with screen.run_test(size=size) as pilot:
            await pilot.pause()
            seen = [text_of(screen)]
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
                seen.append(text_of(screen) if screen.is_running and screen.pair is not None else "")
            return seen

    try:
        return asyncio.run(played())
    finally:
        review.close()


def decisions(store: Store) -> list[tuple[int, int, str]]:
    table = store.table("match_decision")
    with store.read() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id))
        return [(row.left_id, row.right_id, row.verdict) for row in rows]


def undated(text: str) -> str:
    return re.sub(r"\d{4}-\d{2}-\d{2}(?!-)", lambda found: found[0] if found[0] == "1970-01-02" else "DDDD-DD-DD", text)


@pytest.mark.parametrize("size", [(100, 36), (80, 24)], ids=["wide", "narrow"])
def test_a_cluster_is_shown_side_by_side_with_reasons_and_origins(store: Store, size: tuple[int, int]) -> None:
    ids = three_of_one(store)
    (_, shown) = pressed(review_of(store, where=f"id = {ids[0]}", above=0.5), "down", "down", "down", size=size)[-2:]
    file = SCREENS / f"review-{size[0]}x{size[1]}.txt"
    if os.environ.get("CRM_WRITE_SCREENS"):  # how the file is made anew: look at what changed before it is committed
        file.write_text(undated(shown) + "\n", encoding="utf-8")
    assert undated(shown) == file.read_text(encoding="utf-8").rstrip("\n")


def test_what_customers_typed_is_neither_markup_nor_obeyed(store: Store) -> None:
    ids = three_of_one(store)
    (shown,) = pressed(review_of(store, where=f"id = {ids[0]}", above=0.5), size=(140, 40))
    assert HEAD in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_keys_decide_and_go_on_and_back(store: Store, world: World) -> None:
    review = review_of(store)
    first = review.current()
    assert first is not None
    shown = pressed(review, "y", "n", "u", "h", "s", "u", "u", "u")
    assert [text.split()[:2] for text in shown] == [["pair", one] for one in "123234211"]
    assert "there is no answer to take back" in shown[-1]
    assert decisions(store) == []  # all were taken back
    pressed(review_of(store), "c", "r", "q")
    assert [verdict for *_, verdict in decisions(store)] == ["same_company", "related"]


def test_a_review_that_was_stopped_goes_on_where_it_was(store: Store, world: World) -> None:
    total = review_of(store).total
    pressed(review_of(store), "y", "y", "q")
    again = review_of(store)
    assert again.total < total
    assert pressed(again, "n", limit=1)[-1] == ""  # the limit ends it
    assert len(decisions(store)) == 3


def test_the_whole_cluster_is_decided_at_once_and_taken_back_at_once(store: Store) -> None:
    ids = three_of_one(store)
    options = {"where": f"id = {ids[0]}", "above": 0.5}
    review = review_of(store, **options)
    review.decide_all(ids)
    assert review.back()
    assert decisions(store) == []
    review.close()
    pressed(review_of(store, **options), "Y")
    assert {number for left, right, _ in decisions(store) for number in (left, right)} == set(ids)
    groups = matching.decided_groups(store, store.dictionary.entity("contact"))
    assert [group.members for group in groups] == [tuple(ids)]


def test_what_was_chosen_field_by_field_survives_the_merge(crm: CrmRunner, store: Store) -> None:
    ids = three_of_one(store)
    review = review_of(store, where=f"id = {ids[0]}", above=0.5)
    pair = review.current()
    assert pair is not None
    board = review.board(pair)
    (at,) = [place for place, line in enumerate(board.lines) if line.field == "job_title"]
    assert board.members[board.lines[at].chosen or 0] == board.survivor == ids[1]  # what the rules say: the Buyer
    shown = pressed(review, *["down"] * at, "1", "f", "Y")
    assert ">Head of [red]" in shown[-3]
    assert f"3: {ids[2]} survives" in shown[-2]
    crm("dedupe", "merge", "contact", "--yes").ok()
    table = store.table("contact")
    with store.read() as connection:
        title = connection.scalar(sa.select(table.c.job_title).where(table.c.id == ids[2]))
        merged = connection.scalars(sa.select(table.c.id).where(table.c.merged_into_id == ids[2])).all()
    assert title == HEAD
    assert sorted(merged) == ids[:2]


def test_a_value_that_does_not_differ_cannot_be_chosen(store: Store) -> None:
    ids = three_of_one(store)
    shown = pressed(review_of(store, where=f"id = {ids[0]}", above=0.5), "down", "2", size=(140, 40))
    assert "family name: all values are kept" in shown[-1]


def test_the_line_mode_does_the_same(crm: CrmRunner, store: Store) -> None:
    ids = three_of_one(store)
    typed = f"t job_title={ids[0]}\no\nt survivor={ids[2]}\nt job_title=9999\na\nq\n"
    where = f"id = {ids[0]}"
    shown = crm("dedupe", "review", "contact", "--where", where, "--above", "0.5", typed=typed, terminal=True).ok()
    assert "confirmed" in shown.stdout
    assert re.search(r"job_title\s+>\s+\d+\s+Head of \[red\]Buying", shown.stdout)
    assert f"job_title of {ids[0]} survives, when they are merged" in shown.stderr
    assert "say FIELD=ID" in shown.stderr
    crm("dedupe", "merge", "contact", "--yes").ok()
    table = store.table("contact")
    with store.read() as connection:
        assert connection.scalar(sa.select(table.c.job_title).where(table.c.id == ids[2])) == HEAD


def test_only_an_owners_pairs_are_reviewed(crm: CrmRunner, store: Store, world: World) -> None:
    with operation(store, "add", MARIA) as op:
        (maria,) = op.insert("app_user", [{"username": "ma'ria", "name": "Maria"}])
        op.update("contact", {world.twins[0][0]: {"owner_id": maria}})
    shown = crm("dedupe", "review", "contact", "--owner", "ma'ria", typed="q\n", terminal=True).ok()
    assert re.search(r"pair 1 of \d\b", shown.stdout)
    assert crm("dedupe", "review", "contact", "--owner", "nobody", typed="q\n", terminal=True).ok().stdout == ""


def test_a_long_writer_ends_the_review_and_is_named(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = review_of(store)
    real = Review.current
    turns = iter([real, real])

    def current(self: Review) -> Any:
        turn = next(turns, None)
        if turn is None:
            raise LockedError("tom@host (process 1) is writing to this database", hint="wait for it to end")
        return turn(self)

    monkeypatch.setattr(Review, "current", current)
    monkeypatch.setattr(ReviewScreen, "run", lambda screen: asyncio.run(play(screen)))

    async def play(screen: ReviewScreen) -> None:
        async with screen.run_test() as pilot:
            await pilot.press("y", "n")
            await pilot.pause()

    with pytest.raises(LockedError, match="tom@host"):
        run_screen(review, lambda moment: moment)
    assert [verdict for *_, verdict in decisions(store)] == ["duplicate", "different"]  # what was answered is kept


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal needs a POSIX system")
def test_a_screen_that_breaks_does_not_end_with_0(crm: CrmRunner, store: Store, world: World) -> None:
    broken = "import sys; from crm_cli.app import main; from crm_cli.jobs.matching import Review; Review.board = None"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    environ |= {**crm.environ, "TERM": "xterm-256color"}
    child = pexpect.spawn(
        sys.executable, ["-c", f"{broken}; sys.exit(main())", "dedupe", "review", "contact"], cwd=str(crm.folder),
        env=environ, encoding="utf-8", timeout=60, dimensions=(40, 120),
    )  # fmt: skip
    child.expect("the review screen broke")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal needs a POSIX system")
def test_on_a_real_terminal(crm: CrmRunner, store: Store, world: World) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    environ |= {**crm.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    child = pexpect.spawn(
        sys.executable, ["-m", "crm_cli", "dedupe", "review", "contact"], cwd=str(crm.folder), env=environ,
        encoding="utf-8", timeout=60, dimensions=(40, 120),
    )  # fmt: skip
    child.expect("pair 1 of")
    child.send("y")
    child.expect("1 duplicate")
    child.send("n")
    child.expect("1 different, 1 duplicate")
    child.send("u")
    child.expect("1 duplicate")
    child.send("q")
    child.expect("next: crm dedupe merge contact --dry-run")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert [verdict for *_, verdict in decisions(store)] == ["duplicate"]
