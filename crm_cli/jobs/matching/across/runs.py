"""Searches across entities as they are kept: the last one of each pair of entities with its pairs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dedupe import AcrossResult, explain_pair
from crm_cli.dictionary import Dictionary
from crm_cli.jobs.matching.across.loading import Sides
from crm_cli.jobs.matching.across.sides import Across
from crm_cli.jobs.matching.model import SURE, WORTH_A_LOOK, Candidate, FindOptions, NoRunError
from crm_cli.jobs.matching.waterfalls import as_json, from_json, shown_waterfall, waterfall_of
from crm_cli.store import Store, bulk_insert

__all__ = ["read_pairs", "store_pairs"]

_EXPLAINED = 100  # as with pairs of one entity: the reasons of those that a review begins with
_COLUMNS = ("id", "run_id", "entity", "record_id", "other_entity", "other_id", "probability", "verdict", "scores")


def store_pairs(
    store: Store,
    across: Across,
    sides: Sides,
    found: AcrossResult,
    options: FindOptions,
    about: tuple[str, datetime],
) -> int:
    """Keep a search with its pairs, in place of the last; `about` is (actor, when it began). Returns its number."""
    actor, started = about
    names = {"entity": across.entity.name, "other_entity": across.other.name}
    rows = list(_rows(across, sides, found, options))
    with store.write() as connection:
        _drop_earlier(store, connection, names)
        number = store.allocate(connection, "cross_run", 1)[0]
        summary = found.result.summary.to_json() | {"largest_clusters": []}  # these number rows of both sides
        values = {
            "id": number, **names, "started_at": started, "finished_at": store.now(), "actor": actor,
            "records": len(sides.left.ids), "other_records": len(sides.right.ids), "pairs": len(rows),
            "condition": options.where, "summary": summary,
        }  # fmt: skip
        connection.execute(store.table("cross_run").insert().values(**values))
        ids = store.allocate(connection, "cross_pair", len(rows)) if rows else range(0)
        numbered = ((one, number, *row) for one, row in zip(ids, rows, strict=True))
        bulk_insert(connection, store.table("cross_pair"), _COLUMNS, numbered)
    return number


def read_pairs(store: Store, connection: sa.Connection, across: Across) -> list[Candidate]:
    """Return the pairs of the last search, ids as they were then: `left` of the first entity, `right` of the other.

    Raises `NoRunError` when there was none.
    """
    run, pair = store.table("cross_run"), store.table("cross_pair")
    query = sa.select(run.c.id).where(run.c.entity == across.entity.name, run.c.other_entity == across.other.name)
    number = connection.scalar(query.order_by(run.c.id.desc()).limit(1))
    if number is None:
        message = f"nobody has looked for {across.entity.plural} among the {across.other.plural} yet"
        hint = f"crm dedupe find {across.entity.noun} --against {across.other.noun}"
        raise NoRunError(message, hint=hint, entity=across.entity.name)
    rows = connection.execute(
        sa.select(pair).where(pair.c.run_id == number).order_by(pair.c.probability.desc(), pair.c.id)
    )
    return [_candidate(store.dictionary, row) for row in rows]


def _candidate(dictionary: Dictionary, row: Any) -> Candidate:
    scores = row.scores or {}
    classes, kept = scores.get("classes", {}), scores.get("why")
    waterfall = from_json(kept, (row.record_id, row.other_id), row.probability, classes) if kept else None
    if waterfall is not None:
        entities = dictionary.entity(row.entity), dictionary.entity(row.other_entity)
        waterfall = shown_waterfall(dictionary, waterfall, *entities)
    return Candidate(row.id, row.record_id, row.other_id, row.probability, row.verdict, None, classes, waterfall)


def _drop_earlier(store: Store, connection: sa.Connection, names: dict[str, str]) -> None:
    for name in ("cross_pair", "cross_run"):
        table = store.table(name)
        connection.execute(table.delete().where(*(table.c[column] == value for column, value in names.items())))


def _rows(across: Across, sides: Sides, found: AcrossResult, options: FindOptions) -> Iterator[tuple[Any, ...]]:
    pairs = found.result.pairs
    explained = _reviewed_first(found)
    for place in found.places.tolist():
        probability = float(pairs.probability[place])
        if probability < options.floor:
            continue
        left, right = found.pair(place)
        ids = sides.left.ids[left], sides.right.ids[right]
        scores = _scores(found, place, ids, with_why=place in explained)
        verdict = str(pairs.verdict(place))
        yield (across.entity.name, ids[0], across.other.name, ids[1], probability, verdict, scores)


def _reviewed_first(found: AcrossResult) -> set[int]:
    """The unsure pairs, then the others, each by falling probability."""
    probability = found.result.pairs.probability
    worth = [place for place in found.places.tolist() if probability[place] >= WORTH_A_LOOK]
    return set(sorted(worth, key=lambda place: bool(probability[place] >= SURE))[:_EXPLAINED])


def _scores(found: AcrossResult, place: int, ids: tuple[int, int], *, with_why: bool) -> dict[str, Any]:
    result, pairs = found.result, found.result.pairs
    left, right = int(pairs.left[place]), int(pairs.right[place])
    values = (round(float(one), 4) for one in pairs.classes[place])
    scores: dict[str, Any] = {"classes": dict(zip(result.class_names(left), values, strict=True))}
    if with_why and (why := explain_pair(result, left, right)) is not None:
        scores["why"] = as_json(waterfall_of(why, *ids))
    return scores
