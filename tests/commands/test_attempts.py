"""A command that met somebody else's work half-way is done again, where nothing of it can show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.commands.kit import App, Crm
from crm_cli.history import ChangedMeanwhileError
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner

Step = Callable[[Crm], None]


class _DeadlockError(Exception):
    """What a driver raises."""


def _in_the_way(crm: Crm) -> None:
    with crm.store.write():
        raise sa.exc.OperationalError("UPDATE", None, _DeadlockError("deadlock detected"))


def _changed(_crm: Crm) -> None:
    raise ChangedMeanwhileError("contact 1 was changed by somebody else meanwhile", hint="look again")


def _nothing(_crm: Crm) -> None:
    return


def running(project: CrmRunner, *steps: Step, before: Step = _nothing) -> tuple[CrmRunner, list[int]]:
    """A runner of one command, `do`, whose attempts are the `steps`, and the list in which they are counted."""
    app, ran = App(), [0]

    @app.command(writes=True)
    def do(crm: Crm) -> None:
        """Do it.

        Example:
            crm do
        """
        ran[0] += 1
        before(crm)
        steps[min(ran[0], len(steps)) - 1](crm)
        crm.console.show({"done": ran[0]})

    @app.command()
    def other(crm: Crm) -> None:
        """Make it a group.

        Example:
            crm other
        """

    return replace(project, app=app), ran


def test_a_deadlock_is_tried_again_until_it_is_done(project: CrmRunner) -> None:
    crm, ran = running(project, _in_the_way, _in_the_way, _nothing)
    assert crm("do", "--json").ok().json == {"done": 3}
    assert ran == [3]


@pytest.mark.slow
def test_a_deadlock_that_stays_ends_with_5_and_says_who(project: CrmRunner) -> None:
    crm, ran = running(project, _in_the_way)
    outcome = crm("do")
    assert (outcome.exit_code, ran) == (5, [8])
    assert "is writing to" in outcome.stderr


def test_what_was_committed_or_shown_is_not_done_twice(project: CrmRunner) -> None:
    def commits(crm: Crm) -> None:
        with crm.store.write() as connection:
            connection.execute(crm.store.table("operation").update().values(indexed=True))

    for before in (commits, lambda crm: crm.console.text("something")):
        crm, ran = running(project, _in_the_way, _nothing, before=before)
        outcome = crm("do")
        assert (outcome.exit_code, ran) == (5, [1])


def test_a_record_that_was_changed_meanwhile_is_read_again_but_for_a_person(project: CrmRunner) -> None:
    def opened(crm: Crm) -> None:
        assert crm.store.today()

    crm, ran = running(project, _changed, _nothing, before=opened)
    assert crm("do", "--json").ok().json == {"done": 2}
    crm, ran = running(project, _changed, _nothing, before=opened)
    outcome = crm("do", terminal=True)
    assert (outcome.exit_code, ran) == (1, [1])


@pytest.mark.slow
def test_two_that_lock_in_opposite_order_both_get_done(store: Store, tmp_path: Path) -> None:
    if store.backend == "sqlite":
        pytest.skip("a file has one writer at a time")
    people = store.table("team")
    with store.write() as connection:
        now = store.now()
        for number, name in ((1, "a"), (2, "b")):
            values = {"id": number, "name": name, "name_key": name, "public_id": store.mint(1)[0], "row_version": 1}
            connection.execute(people.insert().values(created_at=now, updated_at=now, **values))
    met = threading.Barrier(2, timeout=20)
    outcomes, ran = {}, {}

    def add_to_both(first: int) -> None:
        def both(crm: Crm) -> None:
            with crm.store.write() as connection:
                for number in (first, 3 - first):
                    add = people.c.row_version + 1
                    connection.execute(people.update().where(people.c.id == number).values(row_version=add))
                    if number == first and not met.broken and ran[first][0] == 1:
                        met.wait()

        url = store.url.render_as_string(hide_password=False)
        crm, counted = running(CrmRunner(tmp_path, {"CRM_DB": url, "CRM_USER": "x"}), both)
        ran[first] = counted
        outcomes[first] = crm("do").exit_code

    threads = [threading.Thread(target=add_to_both, args=(first,)) for first in (1, 2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert outcomes == {1: 0, 2: 0}
    assert sorted(count for [count] in ran.values()) == [1, 2], "one of them was rolled back, and tried again"
    with store.read() as connection:
        assert set(connection.scalars(sa.select(people.c.row_version))) == {3}
