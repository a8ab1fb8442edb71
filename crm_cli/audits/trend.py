"""Trend: the snapshots that earlier runs took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm_cli.store import Store

__all__ = ["Trend", "read_history", "scores_before", "sparkline"]

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Trend:
    """A policy or dimension (`dimension:NAME`) over time: (day, failing records, score), oldest first."""

    name: str
    points: tuple[tuple[date, int, float | None], ...]

    @property
    def change(self) -> float | None:
        """How much the score changed from the last run but one to the last; None where there is no such pair."""
        scores = [score for _, _, score in self.points[-2:]]
        if len(scores) < 2 or scores[0] is None or scores[1] is None:
            return None
        return scores[1] - scores[0]

    @property
    def line(self) -> str:
        """The scores as a row of bars."""
        return sparkline([score for _, _, score in self.points])


def sparkline(scores: Collection[float | None]) -> str:
    """Return a bar a score (0 to 100), a blank for none."""
    return "".join(" " if score is None else _BARS[min(int(score * len(_BARS) / 100), 7)] for score in scores)


def scores_before(store: Store, connection: sa.Connection, run_id: int | None) -> dict[str, float]:
    """Return the newest score of every policy and dimension from runs before `run_id` (None: of all runs)."""
    table = store.table("quality_snapshot")
    newest = sa.select(table.c.policy, sa.func.max(table.c.run_id).label("run_id")).group_by(table.c.policy)
    if run_id is not None:
        newest = newest.where(table.c.run_id < run_id)
    last = newest.subquery()
    same = sa.and_(table.c.policy == last.c.policy, table.c.run_id == last.c.run_id)
    query = sa.select(table.c.policy, table.c.score).select_from(table.join(last, same))
    return {name: score for name, score in connection.execute(query) if score is not None}


def read_history(store: Store, names: Collection[str] = (), runs: int = 20) -> list[Trend]:
    """Return the trend over the newest `runs` runs, of the named policies and dimensions or of all."""
    table, run = store.table("quality_snapshot"), store.table("audit_run")
    taken = sa.select(table.c.run_id).distinct().order_by(table.c.run_id.desc()).limit(runs).subquery()
    query = (
        sa.select(table.c.policy, run.c.today, table.c.failing, table.c.score)
        .select_from(table.join(run, run.c.id == table.c.run_id).join(taken, taken.c.run_id == table.c.run_id))
        .order_by(table.c.run_id, table.c.id)
    )
    if names:
        query = query.where(table.c.policy.in_(sorted(names)))
    points: dict[str, list[tuple[date, int, float | None]]] = defaultdict(list)
    with store.read() as connection:
        for name, today, failing, score in connection.execute(query):
            points[name].append((today, failing, score))
    return [Trend(name, tuple(found)) for name, found in points.items()]
