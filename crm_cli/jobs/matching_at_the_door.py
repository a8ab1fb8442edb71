"""An import whose new records meet those that are there: pairs kept for review, or the sure ones merged at once.

The import is one operation, the merge of an entity's records another after it: both can be undone, the merge first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import sqlalchemy as sa

from crm_cli.errors import CrmError, NotFoundError, StalePlanError
from crm_cli.history import Author
from crm_cli.jobs import matching
from crm_cli.jobs.importing import ImportResult, ImportRun
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.merging import MergeSettings
from crm_cli.store import Store

__all__ = ["AtTheDoor", "Matched", "import_and_match"]

_LARGE = 0.2  # new records, as a share of those of the last whole search, from which all are searched again
_MATCHED = ("account", "contact", "lead")


class AtTheDoor(StrEnum):
    """What becomes of new records that resemble others."""

    OFF = "off"
    REVIEW = "review"  # pairs worth a look are kept for `crm dedupe review`
    AUTO = "auto"  # those that are sure enough are merged, the others kept


@dataclass(frozen=True)
class Matched:
    """What was found among the new records of an entity.

    `new`: how many there are; `pairs` worth a look with at least one of them; `merged` away by `operation_id`;
    `to_review`: groups that are left to a person; `note` says why nothing was searched or merged.
    """

    entity: str
    new: int
    pairs: int = 0
    merged: int = 0
    operation_id: int | None = None
    to_review: list[tuple[int, ...]] = field(default_factory=list)
    note: str = ""


class _RollBack(Exception):  # noqa: N818 - a signal, not an error
    """Ends the outer transaction of a dry run."""


def import_and_match(
    store: Store,
    work: Callable[[Store, ImportRun], ImportResult],
    author: Author,
    run: ImportRun,
    how: AtTheDoor,
    rules_of: Callable[[str], MatchRules],
) -> tuple[ImportResult, list[Matched]]:
    """Do the import that `work` is, then search its new records; `rules_of` gives the rules for an entity.

    In a dry run all of it is done in one transaction that is rolled back. Raises what `work` raises; what keeps the
    records from being searched or merged is a note of the result, for the import itself is done.
    """
    if not run.dry_run:
        result = work(store, run)
        return result, _match(store, author, result, how, rules_of, run.wait)
    done: list[tuple[ImportResult, list[Matched]]] = []
    try:
        with store.lease(wait=run.wait), store.write() as connection:
            inner = store.bound_to(connection)
            result = work(inner, replace(run, dry_run=False, sampling=True))
            done.append((result, _match(inner, author, result, how, rules_of, run.wait)))
            raise _RollBack
    except _RollBack:
        return done[0]


def _match(
    store: Store, author: Author, result: ImportResult, how: AtTheDoor,
    rules_of: Callable[[str], MatchRules], wait: float,
) -> list[Matched]:  # fmt: skip
    found = []
    for name in dict.fromkeys(name for batch in result.batches for name in batch.mapping.into):
        entity = store.dictionary.entity(name).name
        new = _inserted(store, entity, result.operation_id)
        if entity in _MATCHED and new:
            found.append(_match_entity(store, author, entity, new, how, rules_of(entity), wait))
    return found


def _inserted(store: Store, entity: str, operation_id: int) -> list[int]:
    change = store.table("change")
    query = sa.select(change.c.record_id).where(
        change.c.operation_id == operation_id, change.c.entity == entity, change.c.action == "insert"
    )
    with store.read() as connection:
        return list(connection.scalars(query))


def _match_entity(
    store: Store, author: Author, entity: str, new: Sequence[int], how: AtTheDoor, rules: MatchRules, wait: float
) -> Matched:
    try:
        _search(store, author, entity, len(new), rules)
    except CrmError as fault:
        return Matched(entity, len(new), note=f"not searched: {fault.message}")
    mine = frozenset(new)
    declared = store.dictionary.entity(entity)
    pairs = sum(
        one.probability >= matching.WORTH_A_LOOK and not mine.isdisjoint(one.pair)
        for one in matching.open_candidates(store, declared)
    )
    matched = Matched(entity, len(new), pairs)
    return _merge(store, author, matched, mine, rules, wait) if how is AtTheDoor.AUTO and pairs else matched


def _search(store: Store, author: Author, entity: str, new: int, rules: MatchRules) -> None:
    """Search the new records by the index; all records where there is none, or where so many are new."""
    options = matching.FindOptions(rules=rules)
    try:
        last = matching.last_run(store, store.dictionary.entity(entity))
        if new <= _LARGE * last.records and last.condition is None:
            matching.find_new(store, entity, author, options)
            return
    except (NotFoundError, StalePlanError):
        pass
    matching.find(store, entity, author, options)


def _merge(
    store: Store, author: Author, matched: Matched, mine: frozenset[int], rules: MatchRules, wait: float
) -> Matched:
    options = replace(matching.AutomaticOptions.under(rules), among=mine)
    settings = replace(MergeSettings(), wait=wait).under(rules.merge)
    try:
        done = matching.merge_automatically(store, matched.entity, author, options, settings)
    except CrmError as fault:
        return replace(matched, note=f"not merged: {fault.message}")
    left = [group for group in done.to_review if not mine.isdisjoint(group)]
    return replace(matched, merged=done.merged, operation_id=done.operation_id if done.merged else None, to_review=left)
