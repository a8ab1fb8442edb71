"""The pairs across entities that are still to be decided."""

from __future__ import annotations

from dataclasses import replace

from crm_cli.history import resolve_all
from crm_cli.jobs.decisions import Pair
from crm_cli.jobs.matching.across.decisions import read_across_decisions
from crm_cli.jobs.matching.across.runs import read_pairs
from crm_cli.jobs.matching.across.sides import Across, living, unlinked
from crm_cli.jobs.matching.model import SURE, Candidate
from crm_cli.jobs.matching.queue import ReviewOptions
from crm_cli.query import Selection, record_ids
from crm_cli.store import Store

__all__ = ["is_open", "open_pairs", "review_pairs"]


def review_pairs(store: Store, across: Across, options: ReviewOptions | None = None) -> list[Candidate]:
    """Return the pairs to decide: the unsure ones by falling probability, then those that are sure anyway.

    Raises `NoRunError` when nobody has searched yet.
    """
    options = options or ReviewOptions()
    found = [
        one
        for one in open_pairs(store, across, options.where)
        if one.probability >= options.above and (options.below is None or one.probability < options.below)
    ]
    return sorted(found, key=lambda one: (one.probability >= SURE, -one.probability, one.id))


def open_pairs(store: Store, across: Across, where: str | None = None) -> list[Candidate]:
    """Return the undecided pairs of the last search, naming today's records; linked records are settled."""
    with store.read() as connection:
        found = read_pairs(store, connection, across)
        today = resolve_all(store, connection, across.entity.name, {one.left for one in found})
        others = resolve_all(store, connection, across.other.name, {one.right for one in found})
        left = unlinked(store, connection, across, set(today.values()))
        right = living(store, connection, across.other, set(others.values()))
        decided = read_across_decisions(store, connection, across)
        if where:
            left &= set(record_ids(store, connection, Selection(entity=across.entity.name, where=where)))
    open_: dict[Pair, Candidate] = {}
    for one in found:
        pair = today[one.left], others[one.right]
        if pair[0] in left and pair[1] in right and pair not in decided:
            open_.setdefault(pair, replace(one, left=pair[0], right=pair[1]))
    return list(open_.values())


def is_open(store: Store, across: Across, one: Candidate) -> bool:
    """Tell whether a pair of today's records is still to be decided."""
    with store.read() as connection:
        there = bool(
            unlinked(store, connection, across, [one.left]) and living(store, connection, across.other, [one.right])
        )
        return there and one.pair not in read_across_decisions(store, connection, across)
