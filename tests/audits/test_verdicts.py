"""Policies answered by one reading, beside each asked by itself; findings kept, beside a plain reckoning of them."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from benchmarks.peers.audits_by_hand import queries
from crm_cli.audits import Counts, Kind, Level, Policy, accept, load_policies, run_audit
from crm_cli.audits.questions import ask
from crm_cli.audits.verdicts import together, verdict_alone, verdicts_of
from crm_cli.dictionary import Freshness
from crm_cli.history import Author, operation
from crm_cli.store import Store
from tests.audits.chance import TODAY
from tests.audits.customers import fill

Levels = dict[int, str]
POLICIES = load_policies()
WHERE = "id < 60 and family_name is not null"


def plainly(store: Store, policy: Policy, today: date = TODAY, where: str | None = None) -> tuple[int, Levels]:
    """How many records the policy looks at, and which fail how badly, by its own queries: the slow way."""
    with store.read() as connection:
        question = ask(store, connection, policy, today, where)
        looked_at = set(connection.scalars(question.population))
        failing: Levels = dict(tuple(row) for row in connection.execute(question.failing))
    assert failing.keys() <= looked_at
    return len(looked_at), failing


def at_once(store: Store, policies: list[Policy], where: str | None = None) -> dict[str, tuple[int, Levels]]:
    """The same for many policies, by as few readings as a run takes."""
    found: dict[str, tuple[int, Levels]] = {}
    with store.write() as connection:
        for members in together(policies):
            with verdicts_of(store, connection, members, TODAY, where) as verdicts:
                for one in verdicts:
                    rows = connection.execute(sa.select(one.table.c.record_id, one.level).where(one.level > 0))
                    levels = {number: "error" if level == 2 else "warn" for number, level in rows}
                    found[one.policy.name] = one.totals.records, levels
                    counted = list(levels.values())
                    assert (one.totals.warnings, one.totals.errors) == (counted.count("warn"), counted.count("error"))
    return found


def test_policies_answered_together_find_what_each_finds_alone(store: Store) -> None:
    fill(store, 300)
    found = at_once(store, POLICIES)
    assert found == {policy.name: plainly(store, policy) for policy in POLICIES}
    assert sum(bool(levels) for _, levels in found.values()) > 50  # the data have nearly every kind of dirt


def test_a_narrowed_run_looks_at_the_records_that_fit(store: Store) -> None:
    fill(store, 300)
    policies = [policy for policy in POLICIES if policy.entity == "contact"]
    found = at_once(store, policies, WHERE)
    assert found == {policy.name: plainly(store, policy, where=WHERE) for policy in policies}
    assert 0 < max(records for records, _ in found.values()) < 60


def test_many_policies_of_one_entity_are_answered_by_several_readings(store: Store) -> None:
    fill(store, 50)
    shared = Policy(name="", entity="contact", kind=Kind.RULE, message="m", same=("family_name",))
    own = [replace(shared, name=f"shared-{place}", where=f"id > {place}") for place in range(45)]
    assert [len(members) for members in together(own)] == [20, 20, 5]
    assert at_once(store, own) == {policy.name: plainly(store, policy) for policy in own}


@pytest.mark.slow
def test_a_dry_run_counts_what_a_stored_run_does(store: Store) -> None:
    fill(store, 200)
    for today in (TODAY, TODAY + timedelta(days=40)):  # without findings, and beside those of a first run
        dry = run_audit(store, POLICIES, today=today, actor="tester", save=False)
        stored = run_audit(store, POLICIES, today=today, actor="tester")
        assert [one.counts for one in dry.results] == [one.counts for one in stored.results]
    with store.read() as connection:  # as servers are asked that may not even make a temporary table
        for one in stored.results:
            alone = verdict_alone(store, connection, one.policy, today, None).totals
            assert (alone.records, alone.failing) == (one.counts.records, one.counts.failing)


def test_sql_by_hand_finds_the_same(store: Store) -> None:
    """The queries that the benchmark compares with, which know nothing of this program; they are SQLite's."""
    if store.backend != "sqlite":
        pytest.skip("the queries are written for SQLite")
    fill(store, 1_000)
    by_hand = queries()
    assert by_hand.keys() == {policy.name for policy in POLICIES}
    found = at_once(store, POLICIES)
    with sqlite3.connect(str(store.url.database)) as connection:
        for name, query in by_hand.items():
            rows = connection.execute(query, {"today": TODAY.isoformat()}).fetchall()
            assert (name, len(rows), {number for number, fails in rows if fails}) == (
                name, found[name][0], set(found[name][1]),
            )  # fmt: skip


# --- findings, from run to run ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A finding as it must stand."""

    status: str
    severity: str
    first: int
    last: int | None = None
    until: date | None = None


def reckon(kept: Mapping[int, Kept], failing: Levels, run: int, before: int, today: date) -> dict[int, Kept]:
    """What must be kept after a run, record by record."""
    after = dict(kept)
    for number in kept.keys() | failing.keys():
        old, severity = kept.get(number), failing.get(number)
        if old is None or (old.status == "fixed" and severity):
            after[number] = Kept("open", str(severity), run)
        elif severity is None:
            after[number] = old if old.status == "fixed" else replace(old, status="fixed", last=before)
        else:
            over = old.status == "accepted" and old.until is not None and old.until < today
            after[number] = replace(old, severity=severity, **({"status": "open", "until": None} if over else {}))  # type: ignore[arg-type]
    return after


def kept_of(store: Store, policy: Policy) -> dict[int, Kept]:
    """What is kept."""
    table = store.table("finding")
    columns = (table.c.record_id, table.c.status, table.c.severity, table.c.first_run_id, table.c.last_run_id)
    with store.read() as connection:
        rows = connection.execute(sa.select(*columns, table.c.accepted_until).where(table.c.policy == policy.name))
        return {row[0]: Kept(*row[1:]) for row in rows}


def counts_of(kept: Mapping[int, Kept], failing: Levels, records: int, today: date) -> Counts:
    """What a run must count, by the findings before it."""

    def number(severity: Level, *, new: bool | None = None) -> int:
        chosen = [one for one, level in failing.items() if level == severity.value and one not in accepted]
        known = {one for one in chosen if one in kept and kept[one].status != "fixed"}
        return len(chosen) if new is None else len(chosen) - len(known)

    accepted = {one for one, old in kept.items() if old.status == "accepted" and old.until and old.until >= today}
    gone = sum(old.status != "fixed" and one not in failing for one, old in kept.items())
    return Counts(
        records, number(Level.WARN), number(Level.ERROR), number(Level.WARN, new=True), number(Level.ERROR, new=True),
        len(accepted & failing.keys()), gone,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_findings_are_kept_as_a_plain_reckoning_says(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    policies = [
        Policy(name="no-title", entity="contact", kind=Kind.RULE, message="m", needs=("job_title",)),
        Policy(name="stale", entity="contact", kind=Kind.FRESHNESS, message="m", stale=Freshness.EMPLOYMENT,
               warn_after=20, error_after=60),
    ]  # fmt: skip
    with operation(store, "add", Author("tester")) as op:
        made = [store.now() - timedelta(days=chance.randrange(100)) for _ in range(40)]
        op.insert("contact", [{"family_name": "Doe", "department": "East", "created_at": one} for one in made])
    kept: dict[str, dict[int, Kept]] = {policy.name: {} for policy in policies}
    first_day = store.today() - timedelta(days=30)
    seen: set[str] = set()
    for run in range(1, 9):
        today = first_day + timedelta(days=10 * run)
        change(store, chance)
        _accept_some(store, chance, policies, today)
        kept = {policy.name: kept_of(store, policy) for policy in policies}
        expected = {policy.name: plainly(store, policy, today) for policy in policies}
        results = run_audit(store, policies, today=today, actor="tester").results
        for policy, result in zip(policies, results, strict=True):
            records, failing = expected[policy.name]
            assert result.counts == counts_of(kept[policy.name], failing, records, today)
            after = reckon(kept[policy.name], failing, run, run - 1, today)
            assert kept_of(store, policy) == after
            seen |= {one.status for one in after.values()} | {one.severity for one in after.values()}
    assert seen == {"open", "accepted", "fixed", "warn", "error"}


def change(store: Store, chance: random.Random) -> None:
    """Give some contacts a position, take it from others, delete a few and bring them back."""
    table = store.table("contact")
    with store.write() as connection:
        for number in connection.scalars(sa.select(table.c.id)).all():
            if chance.random() < 0.3:
                values = {
                    "job_title": chance.choice((None, "Buyer")), "deleted_at": chance.choice((None, None, store.now())),
                }  # fmt: skip
                connection.execute(table.update().where(table.c.id == number).values(**values))


def _accept_some(store: Store, chance: random.Random, policies: list[Policy], today: date) -> None:
    open_ones = [one for policy in policies for one in _open(store, policy)]
    for number in chance.sample(open_ones, len(open_ones) // 5):
        until = today + timedelta(days=chance.choice((0, 15)))
        accept(store, [number], until=until, today=today, reason="known", actor="li")


def _open(store: Store, policy: Policy) -> list[int]:
    table = store.table("finding")
    chosen = sa.select(table.c.id).where(table.c.policy == policy.name, table.c.status == "open")
    with store.read() as connection:
        return list(connection.scalars(chosen.order_by(table.c.id)))
