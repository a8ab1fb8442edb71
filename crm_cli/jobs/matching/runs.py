"""Searches as they are kept: the last run of an entity and its pairs. Earlier pairs are superseded and dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe import MatchResult, explain_pair
from crm_cli.dictionary import Dictionary, Entity
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching.loading import LoadedRecords
from crm_cli.jobs.matching.model import SURE, WORTH_A_LOOK, Candidate, FindOptions, MatchRun, NoRunError
from crm_cli.jobs.matching.teaching import seen
from crm_cli.jobs.matching.waterfalls import as_json, from_json, shown_waterfall, waterfall_of
from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = ["insert_pairs", "last_run", "read_chosen", "read_missing", "read_pairs", "read_teaching", "store_run"]

_EXPLAINED = 100  # pairs whose reasons are kept, so that a review begins at once; more would slow down the search
_AT_ONCE = 5_000  # pairs that are asked for by id in one statement
_PAIR_COLUMNS = ("id", "run_id", "entity", "left_id", "right_id", "probability", "verdict", "cluster", "scores")


def last_run(store: Store, entity: Entity) -> MatchRun:
    """Return the last finished search of `entity`; `NoRunError` when there is none."""
    table = store.table("match_run")
    query = sa.select(table).where(table.c.entity == entity.name, table.c.finished_at.is_not(None))
    with store.read() as connection:
        row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        message = f"nobody has searched for duplicate {entity.plural} yet"
        raise NoRunError(message, hint=f"crm dedupe find {entity.noun}", entity=entity.name)
    return MatchRun(
        row.id, row.entity, row.started_at, row.finished_at, row.actor or "", row.records, row.pairs, row.clusters,
        row.condition, row.summary or {},
    )  # fmt: skip


def read_pairs(
    store: Store, connection: sa.Connection, run: MatchRun, *, at_least: float = 0.0, below: float | None = None
) -> list[tuple[int, int, int, float, int | None]]:
    """Return (id, left id, right id, probability, cluster) of the pairs of a run by falling probability."""
    table = store.table("match_pair")
    columns = (table.c.id, table.c.left_id, table.c.right_id, table.c.probability, table.c.cluster)
    query = sa.select(*columns).where(table.c.run_id == run.id, table.c.probability >= at_least)
    if below is not None:
        query = query.where(table.c.probability < below)
    rows = connection.execute(query.order_by(table.c.probability.desc(), table.c.id)).all()
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def read_chosen(store: Store, connection: sa.Connection, ids: Sequence[int]) -> dict[int, Candidate]:
    """Return the pairs with these ids, with all that is kept of each."""
    table = store.table("match_pair")
    found = {}
    for chunk in in_chunks(sorted(ids), _AT_ONCE):
        rows = connection.execute(sa.select(table).where(table.c.id.in_(chunk)))
        found.update({row.id: _candidate(store.dictionary, row) for row in rows})
    return found


def read_teaching(store: Store, connection: sa.Connection, run: MatchRun) -> dict[int, int]:
    """Return the pairs of a run whose answers teach most, by id, each with its place among them."""
    table = store.table("match_pair")
    query = sa.select(table.c.id, table.c.scores).where(table.c.run_id == run.id)
    marked = query.where(sa.cast(table.c.scores, sa.Text).like('%"teaches"%'))
    return {number: scores["teaches"] for number, scores in connection.execute(marked) if "teaches" in (scores or {})}


def read_missing(store: Store, connection: sa.Connection, entity: Entity, run: MatchRun) -> set[int]:
    """Return the records of a run that are not there any more: merged, deleted, or taken out."""
    pair, record = store.table("match_pair"), store.table(entity.name)
    found: set[int] = set()
    for side in (pair.c.left_id, pair.c.right_id):
        query = (
            sa.select(side).join_from(pair, record, record.c.id == side, isouter=True).where(pair.c.run_id == run.id)
        )
        gone = sa.or_(record.c.id.is_(None), record.c.merged_into_id.is_not(None), record.c.deleted_at.is_not(None))
        found.update(connection.scalars(query.where(gone)))
    return found


def _candidate(dictionary: Dictionary, row: Any) -> Candidate:
    scores = row.scores or {}
    classes, kept = scores.get("classes", {}), scores.get("why")
    waterfall = from_json(kept, (row.left_id, row.right_id), row.probability, classes) if kept else None
    if waterfall is not None:
        waterfall = shown_waterfall(dictionary, waterfall, dictionary.entity(row.entity))
    return Candidate(
        row.id, row.left_id, row.right_id, row.probability, row.verdict, row.cluster, classes, waterfall,
        scores.get("rule", ""), scores.get("teaches"),
    )  # fmt: skip


def store_run(
    store: Store, connection: sa.Connection, entity: Entity, found: tuple[LoadedRecords, MatchResult],
    options: FindOptions, about: tuple[str, datetime], lessons: Sequence[Sequence[Any]] = (),
) -> int:  # fmt: skip
    """Keep a search with its pairs and lessons; `about` is (actor, when it began). Returns the run's number."""
    (actor, started), (loaded, result) = about, found
    number = store.allocate(connection, "match_run", 1)[0]
    rows = list(_pairs(entity, loaded, result, options))
    _drop_earlier(store, connection, entity)
    values = {
        "id": number, "entity": entity.name, "started_at": started, "finished_at": store.now(), "actor": actor,
        "records": len(loaded.ids), "pairs": len(rows), "clusters": result.summary.clusters,
        "condition": options.where, "model": result.model,
        "summary": _plain(result.summary.to_json(), loaded.ids) | _about_rules(options.rules) | {"lessons": lessons},
    }  # fmt: skip
    connection.execute(store.table("match_run").insert().values(**values))
    insert_pairs(store, connection, number, rows)
    return number


def insert_pairs(store: Store, connection: sa.Connection, run: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add pairs to a run: (entity, left id, right id, probability, verdict, cluster, scores) each."""
    if rows:
        ids = store.allocate(connection, "match_pair", len(rows))
        numbered = ((one, run, *row) for one, row in zip(ids, rows, strict=True))
        bulk_insert(connection, store.table("match_pair"), _PAIR_COLUMNS, numbered)


def _drop_earlier(store: Store, connection: sa.Connection, entity: Entity) -> None:
    pair = store.table("match_pair")
    connection.execute(pair.delete().where(pair.c.entity == entity.name))


def _pairs(
    entity: Entity, loaded: LoadedRecords, result: MatchResult, options: FindOptions
) -> Iterator[tuple[Any, ...]]:
    """Pairs that are probable enough or in one cluster; every record of a cluster is in one of them."""
    ids, label, pairs = loaded.ids, result.clusters.tolist(), result.pairs
    kept, covered, explained = _Scores(result), set[int](), _reviewed_first(result)
    for place in range(len(pairs)):
        i, j, probability = int(pairs.left[place]), int(pairs.right[place]), float(pairs.probability[place])
        together = label[i] == label[j]
        if probability < options.floor and not together:
            continue
        if together:
            covered.update((i, j))
        cluster = ids[label[i]] if together else None
        scores = kept.of(place, with_why=place in explained)
        yield (entity.name, ids[i], ids[j], probability, str(pairs.verdict(place)), cluster, scores)
    yield from _uncovered(entity, ids, label, result.membership.tolist(), covered)


def _reviewed_first(result: MatchResult) -> set[int]:
    """The pairs that a review begins with: those that teach most, the unsure ones, then the others, by probability."""
    probability = result.pairs.probability
    worth = np.flatnonzero(probability >= WORTH_A_LOOK)
    order = np.argsort(probability[worth] >= SURE, kind="stable")  # pairs come by falling probability already
    return set(list(dict.fromkeys([*result.questions, *worth[order][:_EXPLAINED].tolist()]))[:_EXPLAINED])


class _Scores:
    """What is kept of a pair beside its probability: that of each class, and for the first to review the reasons."""

    def __init__(self, result: MatchResult) -> None:
        self.result = result
        self.rulings = result.rulings()
        self.seen = seen(result)
        self.teaches = {place: number for number, place in enumerate(result.questions)}

    def of(self, place: int, *, with_why: bool) -> dict[str, Any]:
        pairs = self.result.pairs
        left, right = int(pairs.left[place]), int(pairs.right[place])
        values = (round(float(one), 4) for one in pairs.classes[place])
        names = self.result.class_names(left)
        scores: dict[str, Any] = {"classes": dict(zip(names, values, strict=True))} if names else {}
        ruling = self.rulings[place]
        if ruling is not None and ruling.same:
            scores["rule"] = ruling.why
        if place in self.seen:
            scores["seen"] = self.seen[place]
        if place in self.teaches:
            scores["teaches"] = self.teaches[place]
        if with_why and (why := explain_pair(self.result, left, right)) is not None:
            scores["why"] = as_json(waterfall_of(why, left, right, ruling))
        return scores


def _uncovered(
    entity: Entity, ids: Sequence[int], label: Sequence[int], membership: Sequence[float], covered: Iterable[int]
) -> Iterator[tuple[Any, ...]]:
    """Records that are in a cluster without a scored pair of their own, such as by a decision."""
    known = set(covered)
    for number, first in enumerate(label):
        if number != first and number not in known:
            yield (entity.name, ids[first], ids[number], float(membership[number]), "duplicate", ids[first], None)


def _about_rules(rules: MatchRules | None) -> dict[str, str]:
    """Under which rules was searched, so that a merge can tell whether they still hold."""
    return {"rules_file": rules.file, "rules_digest": rules.digest} if rules else {}


def _plain(summary: dict[str, Any], ids: Sequence[int]) -> dict[str, Any]:
    """The summary with ids of records instead of the engine's numbers."""
    return {**summary, "largest_clusters": [[ids[first], size] for first, size in summary["largest_clusters"]]}
