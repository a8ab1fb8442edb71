"""Does this one exist? One record, given as values, against all that are in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from crm_cli.dedupe import MatchColumn, MatchSettings, MatchTable, Verdict, explain
from crm_cli.dedupe.arrays import Floats, sigmoid2
from crm_cli.dedupe.overrides import Ruling
from crm_cli.dedupe.verdicts import verdict_of
from crm_cli.jobs.match_rules import MatchRules, with_rules
from crm_cli.jobs.matching.index import Neighbourhood, catch_up, read_index
from crm_cli.jobs.matching.index.asking import NEW_RECORD, neighbours_of
from crm_cli.jobs.matching.loading import ADDRESS_FIELDS, POINT_ROLES, POINT_SETS, matched_fields
from crm_cli.jobs.matching.model import WORTH_A_LOOK
from crm_cli.records import Given, titles_of
from crm_cli.records.points import new_points
from crm_cli.store import Store

__all__ = ["Resembling", "look_up"]

_MOST = 10
_SPEAKS = 1.0  # bits from which a comparison is worth naming


@dataclass(frozen=True, slots=True)
class Resembling:
    """A record that is probably the one asked for: its id, title, the engine's probability and verdict, and why."""

    id: int
    title: str
    probability: float
    verdict: str
    why: str


def look_up(
    store: Store,
    given: Given,
    *,
    at_least: float = WORTH_A_LOOK,
    limit: int = _MOST,
    rules: MatchRules | None = None,
) -> list[Resembling]:
    """Return the living records that may be the one that `given` describes, the most probable first.

    Relatives and colleagues are among them, with their verdict, where they are as probable as asked for. `rules` are
    those of the project: what must match is the same, what must differ is not. Raises `NoIndexError` where the entity
    was never searched as a whole, or by another version.
    """
    catch_up(store)
    with store.read() as connection:
        index = read_index(store, connection, given.entity)
        near = neighbours_of(store, connection, index, _as_table(store, connection, given, index.named))
        if near is None:
            return []
        overrides = near.comparer.overrides(with_rules(MatchSettings(), rules))
        probability = sigmoid2(overrides.apply(near.left, near.right, near.scores.log_odds))
        chosen = _most_probable(probability, at_least, limit)
        titles = titles_of(store, connection, given.entity.name, [near.ids[near.right[place]] for place in chosen])
        rulings = overrides.rulings(near.left, near.right)
        return [_resembling(near, place, float(probability[place]), titles, rulings[place]) for place in chosen]


def _most_probable(probability: Floats, at_least: float, limit: int) -> list[int]:
    order = np.argsort(-probability, kind="stable")
    return [int(place) for place in order if probability[place] >= at_least][:limit]


def _resembling(
    near: Neighbourhood, place: int, probability: float, titles: dict[int, str], ruling: Ruling | None
) -> Resembling:
    number = near.ids[near.right[place]]
    if ruling is not None and ruling.same:
        return Resembling(number, titles[number], 1.0, str(Verdict.DUPLICATE), f"rule: {ruling.why}")
    verdict = str(verdict_of(int(near.scores.verdicts[place])))
    return Resembling(number, titles[number], round(probability, 4), verdict, _why(near, int(near.right[place])))


def _why(near: Neighbourhood, other: int) -> str:
    """What speaks for the two being the same, the strongest first."""
    steps = explain(near.comparer.scorer, NEW_RECORD, other).steps
    spoken = sorted((step for step in steps if step.weight >= _SPEAKS), key=lambda step: -step.weight)
    return ", ".join(f"{step.comparison.replace('_', ' ')} {step.level}" for step in spoken)


def _as_table(store: Store, connection: sa.Connection, given: Given, named: Sequence[str]) -> MatchTable:
    """The record as the loader would read it, once it were stored; `named` are further fields that it reads."""
    roles = matched_fields(given.entity)
    further = [name for name in named if name in given.entity.by_name and name not in roles]
    values = {name: None if (value := given.values.get(name)) is None else str(value) for name in (*roles, *further)}
    if "company" in values and (account := given.values.get("account_id")) is not None:
        name = store.table("account").c.name
        values["company"] = connection.scalar(sa.select(name).where(store.table("account").c.id == account))
    columns = [
        MatchColumn(name, pl.Series(name, [value], pl.String), roles.get(name)) for name, value in values.items()
    ]
    if given.entity.subtype_of == "party":
        columns += _points(new_points(given.slots.values()))
    return MatchTable.checked(1, columns)


def _points(rows: dict[str, list[dict[str, Any]]]) -> list[MatchColumn]:
    columns = [
        _column(name, [row[field] for row in rows.get(detail, ()) if row.get("kind") != "fax"])
        for detail, field, name in POINT_SETS
    ]
    addresses = sorted(rows.get("postal_address", ()), key=lambda row: not row["is_primary"])
    columns.append(_column("street", [row.get("street") for row in addresses]))
    first = addresses[0] if addresses else {}
    return columns + [_column(name, [first.get(name)]) for name in ADDRESS_FIELDS if name != "street"]


def _column(name: str, values: Sequence[str | None]) -> MatchColumn:
    filled = list(dict.fromkeys(value for value in values if value))
    if len(filled) > 1:
        return MatchColumn(name, pl.Series(name, [filled], pl.List(pl.String)), POINT_ROLES[name])
    return MatchColumn(name, pl.Series(name, filled or [None], pl.String), POINT_ROLES[name])
