"""Search only what is new: records added or changed since the last search meet all others through the match index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from crm_cli.dedupe import CLASS_NAMES, MatchSettings
from crm_cli.dedupe.arrays import Floats, Ints, pair_keys, sigmoid2
from crm_cli.dedupe.clustering import LARGEST, cluster
from crm_cli.dedupe.scoring import KnownOdds
from crm_cli.dedupe.verdicts import verdict_of
from crm_cli.dictionary import Entity
from crm_cli.errors import StalePlanError, UsageError
from crm_cli.history import Author
from crm_cli.jobs.decisions import DUPLICATE, Decision, Pair, read_decisions
from crm_cli.jobs.match_rules import MatchRules, with_rules
from crm_cli.jobs.matching.index import MatchIndex, Neighbourhood, catch_up, neighbourhood, read_index
from crm_cli.jobs.matching.index.upkeep import forget_waiting, waiting_records
from crm_cli.jobs.matching.model import SURE, WORTH_A_LOOK, FindOptions, MatchRun
from crm_cli.jobs.matching.runs import insert_pairs, last_run
from crm_cli.jobs.matching.teaching import looks_of
from crm_cli.store import Store, in_chunks

__all__ = ["Update", "decision_settings", "find_new"]

_PROBABLE = 0.1  # a pair below holds no cluster together


@dataclass(frozen=True, slots=True)
class Update:
    """What a search of the new records found: records compared, pairs worth a look and those that are sure."""

    run: int
    records: int
    pairs: int
    sure: int
    clusters: int


@dataclass(frozen=True)
class _Kept:
    """Pairs of a run that touch the neighbourhood, by ids: row id, probability and cluster."""

    rows: Mapping[Pair, tuple[int, float, int | None]]

    @property
    def records(self) -> set[int]:
        return {number for pair in self.rows for number in pair}


def find_new(store: Store, entity: str, author: Author, options: FindOptions | None = None) -> Update:
    """Compare the records that were added or changed since the last search with all; return what was found.

    Their pairs join those of that search, and the clusters that they touch are made anew; the rest stays. Model and
    frequencies are those of the last whole search. In a dry run nothing is kept. Raises `NoRunError` and
    `NoIndexError` where there was none, `StalePlanError` when other rules held then, `UsageError` with a condition.
    """
    options = options or FindOptions()
    declared = store.dictionary.entity(entity)
    if options.where is not None:
        raise UsageError("what is new is found by itself; there is no condition to it", hint="leave --where out")
    rules = options.rules or MatchRules()
    run = last_run(store, declared)
    if not run.is_of(rules):
        message = f"the rules for {declared.plural} have changed since the search"
        raise StalePlanError(message, hint=f"crm dedupe find {declared.noun} searches again", run=run.id)
    started = store.now()
    catch_up(store)
    with store.read() as connection:
        index = read_index(store, connection, declared)
        new = waiting_records(store, connection, declared.name)
        found = _Search(store, connection, index, run, rules).around(new) if new else None
    rows = found.rows(options.floor) if found else []
    update = Update(run.id, len(new), *_tally(rows), len({row[5] for row in rows if row[5] is not None}))
    if not options.dry_run:
        with store.write() as connection:
            _replace(store, connection, run, (new, rows, found))
            _note(store, connection, run, (author.actor, started))
    return update


def _tally(rows: Sequence[tuple[Any, ...]]) -> tuple[int, int]:
    return sum(row[3] >= WORTH_A_LOOK for row in rows), sum(row[3] >= SURE for row in rows)


def decision_settings(numbers: Mapping[int, int], decided: Mapping[Pair, Decision]) -> MatchSettings:
    """What was decided about records, as settings of the engine; `numbers` are the engine's by id."""
    forbidden, forced = [], []
    for (left, right), decision in decided.items():
        if left in numbers and right in numbers:
            pair = (numbers[left], numbers[right])
            if decision.is_negative:
                forbidden.append(pair)
            elif decision.verdict == DUPLICATE:
                forced.append(pair)
    return MatchSettings(forbidden=forbidden, forced=forced)


@dataclass(frozen=True)
class _Search:
    store: Store
    connection: sa.Connection
    index: MatchIndex
    run: MatchRun
    rules: MatchRules

    def around(self, new: Collection[int]) -> _Found | None:
        """Compare the new records with all, and cluster them with those that are tied to what they resemble."""
        near = neighbourhood(self.store, self.connection, self.index, new)
        if near is None:
            return None
        probable = near.scores.probability >= _PROBABLE
        ids = np.array(near.ids)
        touched = set(ids[near.left[probable]].tolist()) | set(ids[near.right[probable]].tolist())
        kept = self._kept(touched - set(new), set(new))
        if not kept.records <= set(near.ids):
            near = neighbourhood(self.store, self.connection, self.index, new, kept.records)
        assert near is not None
        decided = read_decisions(self.store, self.connection, self.index.entity.name)
        settings = with_rules(decision_settings(_numbers(near), decided), self.rules)
        return _Found(self.index.entity, near, set(new), kept, settings)

    def _kept(self, touched: set[int], new: set[int]) -> _Kept:
        """The pairs that are known of the touched records and of all in their clusters, but for those of new ones."""
        rows = self._rows(touched)
        clusters = {cluster for _, _, cluster in rows.values() if cluster is not None}
        table = self.store.table("match_pair")
        for chunk in in_chunks(sorted(clusters)):
            rows |= self._read(sa.and_(table.c.cluster.in_(chunk)))
        return _Kept({pair: row for pair, row in rows.items() if new.isdisjoint(pair)})

    def _rows(self, touched: Collection[int]) -> dict[Pair, tuple[int, float, int | None]]:
        table = self.store.table("match_pair")
        rows: dict[Pair, tuple[int, float, int | None]] = {}
        for chunk in in_chunks(sorted(touched)):
            rows |= self._read(table.c.left_id.in_(chunk))
            rows |= self._read(table.c.right_id.in_(chunk))
        return rows

    def _read(self, condition: sa.ColumnElement[bool]) -> dict[Pair, tuple[int, float, int | None]]:
        table = self.store.table("match_pair")
        query = sa.select(table.c.id, table.c.left_id, table.c.right_id, table.c.probability, table.c.cluster)
        found = self.connection.execute(query.where(table.c.run_id == self.run.id, condition))
        return {(row.left_id, row.right_id): (row.id, row.probability, row.cluster) for row in found}


def _numbers(near: Neighbourhood) -> dict[int, int]:
    return {one: number for number, one in enumerate(near.ids)}


class _Found:
    """The new pairs, and the clusters of all records around them."""

    def __init__(
        self, entity: Entity, near: Neighbourhood, new: set[int], kept: _Kept, settings: MatchSettings
    ) -> None:
        self.entity, self.near, self.new, self.kept = entity, near, new, kept
        self._overrides = near.comparer.overrides(settings)
        number = _numbers(near)
        living = {pair: row for pair, row in kept.rows.items() if pair[0] in number and pair[1] in number}
        old = np.array([(number[left], number[right]) for left, right in living], np.int64).reshape(-1, 2)
        odds = _log_odds(np.array([row[1] for row in living.values()], float))
        i, j = np.concatenate((near.left, old[:, 0])), np.concatenate((near.right, old[:, 1]))
        self._cluster(i, j, self._overrides.apply(i, j, np.concatenate((near.scores.log_odds, odds))))

    def _cluster(self, i: Ints, j: Ints, odds: Floats) -> None:
        rows, forced = len(self.near.ids), self._overrides.edges
        self.probability = sigmoid2(odds[: len(self.near.left)])
        order = np.argsort(pair_keys(i, j, rows), kind="stable")
        known = KnownOdds(self._score, pair_keys(i, j, rows)[order], odds[order], rows)
        edges = (
            np.concatenate((i, forced[0])), np.concatenate((j, forced[1])),
            np.concatenate((odds, self._overrides.apply(*forced, np.zeros(len(forced[0]))))),
        )  # fmt: skip
        expected = float(sigmoid2(odds).sum())
        label = cluster(*edges, rows, known, expected_matches=expected).label
        self.label = self._overrides.parted(label, LARGEST).tolist()

    def _score(self, i: Ints, j: Ints) -> Floats:
        return self._overrides.apply(i, j, self.near.comparer.compare(i, j).log_odds)

    def cluster_of(self, left: int, right: int) -> int | None:
        """The cluster of two records (the engine's numbers): the smallest id in it; None where they are not in one."""
        return self.near.ids[self.label[left]] if self.label[left] == self.label[right] else None

    def rows(self, floor: float) -> list[tuple[Any, ...]]:
        """The pairs of the new records as they are kept, by falling probability."""
        near, ids = self.near, self.near.ids
        names = CLASS_NAMES[near.comparer.features.of_persons]
        made, covered, rulings = [], set[int](), self._overrides.rulings(near.left, near.right)
        looks = looks_of(near.comparer.scorer, near.left, near.right, self.probability)
        for place in np.argsort(-self.probability, kind="stable").tolist():
            left, right, chance = int(near.left[place]), int(near.right[place]), float(self.probability[place])
            together = self.cluster_of(left, right)
            if chance < floor and together is None:
                continue
            if together is not None:
                covered |= {left, right}
            classes = dict(zip(names, (round(float(one), 4) for one in near.scores.classes[place]), strict=True))
            scores: dict[str, Any] = {"classes": classes}
            if place in looks:
                scores["seen"] = looks[place]
            if (ruling := rulings[place]) is not None and ruling.same:
                scores["rule"] = ruling.why
            verdict = str(verdict_of(int(near.scores.verdicts[place])))
            made.append((self.entity.name, ids[left], ids[right], chance, verdict, together, scores))
        return made + list(self._uncovered(covered))

    def _uncovered(self, covered: Collection[int]) -> Iterable[tuple[Any, ...]]:
        """New records that are in a cluster without a pair of their own, such as by a decision."""
        ids = self.near.ids
        for number, first in enumerate(self.label):
            if number != first and ids[number] in self.new and number not in covered:
                yield (self.entity.name, ids[first], ids[number], 1.0, "duplicate", ids[first], None)

    def moved(self) -> dict[int, int | None]:
        """Pairs that were known before and whose cluster is another now: row id and cluster."""
        number = _numbers(self.near)
        return {
            row: now
            for (left, right), (row, _, before) in self.kept.rows.items()
            if left in number and right in number and (now := self.cluster_of(number[left], number[right])) != before
        }


def _log_odds(probability: Floats) -> Floats:
    sure = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.asarray(np.log2(sure / (1 - sure)))


def _replace(
    store: Store, connection: sa.Connection, run: MatchRun,
    found: tuple[Mapping[int, int], Sequence[tuple[Any, ...]], _Found | None],
) -> None:  # fmt: skip
    """Put the pairs of the new records in place of those that they had."""
    new, rows, around = found
    table = store.table("match_pair")
    for chunk in in_chunks(list(new)):
        mine = sa.or_(table.c.left_id.in_(chunk), table.c.right_id.in_(chunk))
        connection.execute(table.delete().where(table.c.run_id == run.id, mine))
    if around is not None:
        for row, cluster_id in around.moved().items():
            connection.execute(table.update().where(table.c.id == row).values(cluster=cluster_id))
    insert_pairs(store, connection, run.id, rows)
    forget_waiting(store, connection, list(new.values()))


def _note(store: Store, connection: sa.Connection, run: MatchRun, about: tuple[str, Any]) -> None:
    """Bring the figures of the run up to date."""
    actor, started = about
    pair, table = store.table("match_pair"), store.table("match_run")
    record = store.table(run.entity)
    living = sa.select(sa.func.count()).where(record.c.deleted_at.is_(None), record.c.merged_into_id.is_(None))
    mine = sa.select(sa.func.count()).where(pair.c.run_id == run.id)
    clusters = sa.select(sa.func.count(pair.c.cluster.distinct())).where(pair.c.run_id == run.id)
    values = {
        "started_at": started, "finished_at": store.now(), "actor": actor, "pairs": connection.scalar(mine),
        "records": connection.scalar(living), "clusters": connection.scalar(clusters),
    }  # fmt: skip
    connection.execute(table.update().where(table.c.id == run.id).values(**values))
