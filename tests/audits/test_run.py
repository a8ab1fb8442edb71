"""Runs: findings from run to run, acceptance, thresholds, trend, and what a run without write access does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.audits import (
    HALF_LIFE,
    AuditResult,
    Kind,
    Level,
    Policy,
    PolicyError,
    accept,
    choose,
    grade,
    load_policies,
    read_findings,
    read_history,
    reverify,
    run_audit,
    still_valid,
)
from crm_cli.dictionary import Freshness, shipped
from crm_cli.errors import ExitCode, NotFoundError, UsageError
from crm_cli.history import Author, confirm, confirm_batch, operation
from crm_cli.store import Store
from tests.dumps import business_content

TODAY = date(2026, 6, 15)
NO_TITLE = Policy(
    name="no-title", entity="contact", kind=Kind.COMPLETENESS, message="no position", needs=("job_title",),
    warn_over=0.25, error_over=0.5,
)  # fmt: skip


def run(store: Store, *policies: Policy, today: date = TODAY, **more: Any) -> AuditResult:
    return run_audit(store, policies or [NO_TITLE], today=today, actor="tester", **more)


def add(store: Store, *titles: str | None) -> list[int]:
    with operation(store, "add", Author("tester")) as op:
        return op.insert("contact", [{"family_name": "Doe", "job_title": title} for title in titles])


def set_title(store: Store, number: int, title: str | None) -> None:
    with operation(store, "set", Author("tester")) as op:
        op.update("contact", {number: {"job_title": title}})


def statuses(store: Store) -> dict[int, str]:
    found = read_findings(store, statuses=("open", "accepted", "fixed"))
    return {one.record_id: one.status for one in found}


def test_findings_are_new_then_open_accepted_for_a_while_fixed_and_new_again(store: Store) -> None:
    one, two, *_ = add(store, None, None, "Buyer", "Clerk")
    before = business_content(store)
    first = run(store).results[0].counts
    assert (first.records, first.failing, first.new, first.fixed) == (4, 2, 2, 0)
    again = run(store).results[0].counts
    assert (again.failing, again.new) == (2, 0)

    finding = next(found.id for found in read_findings(store) if found.record_id == one)
    accept(store, [finding], until=TODAY, today=TODAY, reason="on leave", actor="li")
    accepted = run(store).results[0]
    assert (accepted.counts.failing, accepted.counts.accepted, accepted.score) == (1, 1, 75.0)
    assert run(store, today=TODAY + timedelta(days=1)).results[0].counts.failing == 2  # its last day is over
    assert business_content(store) == before

    set_title(store, two, "Buyer")
    assert run(store).results[0].counts.fixed == 1
    assert statuses(store) == {one: "open", two: "fixed"}
    set_title(store, two, None)
    assert run(store).results[0].counts.new == 1
    assert statuses(store) == {one: "open", two: "open"}


def test_a_run_that_stores_nothing_finds_the_same(store: Store) -> None:
    add(store, None, "Buyer")
    dry = run(store, *load_policies(), save=False)
    assert read_findings(store) == []
    assert read_history(store) == []
    stored = run(store, *load_policies())
    assert [one.counts for one in dry.results] == [one.counts for one in stored.results]
    assert (dry.run_id, stored.run_id) == (None, 1)


@pytest.mark.parametrize(("failing", "level"), [(1, Level.OK), (2, Level.WARN), (3, Level.ERROR)])
def test_thresholds_are_shares_that_must_be_passed(store: Store, failing: int, level: Level) -> None:
    add(store, *([None] * failing + ["x"] * (4 - failing)))
    result = run(store)
    assert result.level is level  # a quarter does not warn yet, half would be no error
    assert result.exit_code(Level.ERROR) is (ExitCode.FINDINGS if level is Level.ERROR else ExitCode.DONE)
    assert result.exit_code(Level.WARN) is (ExitCode.DONE if level is Level.OK else ExitCode.FINDINGS)


def test_new_only_judges_what_did_not_fail_before(store: Store) -> None:
    add(store, None, None, None, "x")
    assert run(store).level is Level.ERROR
    assert run(store, new_only=True).level is Level.OK


def test_where_narrows_the_run_and_leaves_other_findings_alone(store: Store) -> None:
    one, two = add(store, None, None)
    run(store)
    set_title(store, one, "Buyer")
    set_title(store, two, "Buyer")
    assert run(store, where=f"id = {one}").results[0].counts.fixed == 1
    assert statuses(store) == {one: "fixed", two: "open"}
    assert len(read_history(store, ["no-title"])[0].points) == 1  # a part is no trend
    with pytest.raises(UsageError, match="--where is about one entity"):
        run(store, *load_policies(), where="id = 1")


def test_history_shows_how_scores_went(store: Store) -> None:
    one, _ = add(store, None, "x")
    run(store)
    set_title(store, one, "Buyer")
    run(store, today=TODAY + timedelta(days=7))
    [trend] = read_history(store, ["no-title"])
    assert [(day, score) for day, _, score in trend.points] == [(TODAY, 50.0), (TODAY + timedelta(days=7), 100.0)]
    assert (trend.change, trend.line) == (50.0, "▅█")


def test_accepting_needs_a_reason_a_day_to_come_and_a_finding(store: Store) -> None:
    add(store, None)
    run(store)
    with pytest.raises(UsageError, match="is over"):
        accept(store, ["no-title"], until=date(2026, 6, 14), today=TODAY, reason="x", actor="li")
    with pytest.raises(UsageError, match="needs a reason"):
        accept(store, ["no-title"], until=TODAY, today=TODAY, reason=" ", actor="li")
    with pytest.raises(NotFoundError, match="no open finding 99"):
        accept(store, [99], until=TODAY, today=TODAY, reason="x", actor="li")
    assert accept(store, ["no-title"], until=TODAY, today=TODAY, reason="x", actor="li", dry_run=True).total == 1
    assert read_findings(store, statuses=["accepted"]) == []


def test_an_import_confirms_the_groups_that_it_carried_and_no_others(store: Store) -> None:
    stale = [
        Policy(
            name=f"stale-{group}", entity="contact", kind=Kind.FRESHNESS, message="old", stale=group, warn_after=365,
            error_after=800,
        )
        for group in (Freshness.EMPLOYMENT, Freshness.IDENTITY)
    ]  # fmt: skip
    old = datetime(2020, 1, 1, tzinfo=UTC)
    with operation(store, "import", Author("tester")) as op:
        ids = op.insert("contact", [{"family_name": "Doe", "job_title": "Buyer", "created_at": old}] * 3)
        batch = {"id": 1, "source_name": "a.csv", "into": "contact", "status": "applied", "started_at": old,
                 "groups": ["employment"]}  # fmt: skip
        op.connection.execute(store.table("import_batch").insert().values(**batch))
        moments = [datetime(2026, 6, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), old]
        confirm_batch(op, "contact", ids, 1, moments)
        confirm(op, "contact", ids[2:], [Freshness.IDENTITY], method="call", when=datetime(2026, 6, 1, tzinfo=UTC))
    employment, identity = run(store, *stale).results
    assert (employment.counts.warnings, employment.counts.errors) == (1, 1)
    assert (identity.counts.warnings, identity.counts.errors) == (0, 2)
    suspects = reverify(store, stale[0], today=TODAY, limit=2)
    assert [one.record_id for one in suspects] == [ids[2], ids[1]]
    assert suspects[1].still_valid == pytest.approx(0.5 ** (530 / 880))


def test_half_of_the_values_are_dead_after_the_half_life() -> None:
    assert still_valid(HALF_LIFE, HALF_LIFE) == 0.5
    assert still_valid(365.25, HALF_LIFE) == pytest.approx(0.75, abs=0.001)
    assert [grade(score) for score in (100, 90, 89.9, 70, 60, 59.9, None)] == ["A", "A", "B", "C", "D", "F", "-"]


def test_own_policies_win_by_name_and_may_switch_one_off(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[contact-without-email]\ndisabled = true\nentity = "contact"\nkind = "rule"\nmessage = "x"\n'
        'needs = ["email"]\n[ours]\nentity = "lead"\nkind = "rule"\nmessage = "no rating"\nneeds = ["rating"]\n'
    )
    names = {policy.name for policy in load_policies(tmp_path)}
    assert "ours" in names
    assert "contact-without-email" not in names
    chosen = choose(load_policies(tmp_path), ["leads", "freshness"], shipped())
    assert {one.entity for one in chosen if one.kind is not Kind.FRESHNESS} == {"lead"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[x]\nentity = "lead"\nkind = "rule"\nmesage = "m"', "policy x: unknown key 'mesage'"),
        ('[x]\nentity = "lead"\nkind = "rule"\nmessage = "m"', "needs exactly one test, has none"),
        ('[x]\nentity = "lead"\nkind = "odd"\nmessage = "m"\nneeds = ["email"]', "kind = 'odd'"),
        ('[x]\nentity = "lead"\nkind = "rule"\nmessage = "m"\nneeds = ["email"]\nwarn_over = 5', "is a share"),
        ("x = 1", "x is no policy"),
        ("[x", "own.toml"),
    ],
)
def test_a_wrong_policy_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(PolicyError) as fault:
        load_policies(tmp_path)
    assert message in fault.value.message


def test_runs_are_set_based(store: Store) -> None:
    """No statement of a run names a record: their number does not grow with the records."""
    add(store, *[None] * 5)
    run(store)  # makes the lease, which later runs renew
    add(store, None)
    few = _statements(store)
    add(store, *[None] * 500)
    assert _statements(store) <= few


def _statements(store: Store) -> int:
    seen: list[str] = []

    def count(*args: Any) -> None:
        if not args[2].startswith("ANALYZE"):  # a table that grew much is looked at anew
            seen.append(args[2])

    sa.event.listen(store.engine, "before_cursor_execute", count)
    run(store)
    sa.event.remove(store.engine, "before_cursor_execute", count)
    return len(seen)
