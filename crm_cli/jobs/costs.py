"""What bad data cost: mailings that come back or go out twice, duplicates; and how many distinct customers there are.

Everything here is an estimate: of dead addresses by age, of duplicates by the probabilities of the last search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crm_cli.audits import Policy, decayed
from crm_cli.dictionary import Entity, Freshness
from crm_cli.jobs.matching import NoRunError, last_run, open_candidates
from crm_cli.jobs.matching.merging import decided_groups
from crm_cli.store import Store, in_chunks

__all__ = ["Cost", "Distinct", "Rates", "costs", "distinct_customers", "expected_duplicates"]

_PARTIES = ("account", "contact")
_AS_LIKELY_AS_NOT = 0.5
Pair = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Rates:
    """What one of each costs, 0 where nobody has said; and how many mailings go out in a year."""

    per_mailing: float = 0.0
    per_duplicate: float = 0.0
    mailings: float = 1.0


@dataclass(frozen=True, slots=True)
class Cost:
    """One line: what, of which entity, how many a year, what each costs and what all cost."""

    what: str
    entity: str
    number: float
    each: float

    @property
    def sum(self) -> float:
        """What they cost in a year."""
        return self.number * self.each


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many living records of an entity there are, and how many distinct ones by the last search.

    `duplicates` is None where nobody has searched. `recreated`: records made since the last merge that are as likely as
    not duplicates again.
    """

    entity: str
    records: int
    duplicates: float | None
    searched_at: datetime | None
    merged_at: datetime | None
    recreated: int | None

    @property
    def distinct(self) -> int | None:
        """How many customers they are."""
        return None if self.duplicates is None else round(self.records - self.duplicates)


def costs(store: Store, policies: Sequence[Policy], rates: Rates, *, today: date) -> list[Cost]:
    """Return what returned mailings, doubled mailings and duplicates cost in a year.

    Returned is a mailing to an address that is dead by expectation, as the policies' half-life has it.
    """
    found: list[Cost] = []
    for name in _PARTIES:
        entity = store.dictionary.entity(name)
        pairs = _pairs(store, entity) or []
        mailed = _with_address(store, entity, {number for pair in pairs for number in pair[:2]})
        twice = expected_duplicates(pair for pair in pairs if {pair[0], pair[1]} <= mailed)
        dead = _dead_addresses(store, policies, name, today)
        found += [
            Cost("returned mailings", entity.noun, dead * rates.mailings, rates.per_mailing),
            Cost("duplicates mailed twice", entity.noun, twice * rates.mailings, rates.per_mailing),
            Cost("duplicates", entity.noun, expected_duplicates(pairs), rates.per_duplicate),
        ]
    return found


def distinct_customers(store: Store) -> list[Distinct]:
    """Return how many accounts and contacts there are, and how many of them are distinct."""
    return [_distinct(store, store.dictionary.entity(name)) for name in _PARTIES]


def expected_duplicates(pairs: Iterable[Pair]) -> float:
    """Return how many records are expected to be one too many.

    Of pairs that hang together only those count that join what was not joined before, the most probable first: three
    records of one customer are two too many, not three.
    """
    above: dict[int, int] = {}
    total = 0.0
    for left, right, probability in sorted(pairs, key=lambda pair: -pair[2]):
        one, other = _top(above, left), _top(above, right)
        if one != other:
            above[one] = other
            total += probability
    return total


def _top(above: dict[int, int], number: int) -> int:
    while number in above:
        above[number] = above.get(above[number], above[number])  # shortens the way for the next
        number = above[number]
    return number


def _pairs(store: Store, entity: Entity) -> list[Pair] | None:
    """Return the undecided pairs of the last search and those decided to be one customer; None without a search."""
    decided = [
        (group.members[0], number, 1.0) for group in decided_groups(store, entity) for number in group.members[1:]
    ]
    try:
        return decided + [(one.left, one.right, one.probability) for one in open_candidates(store, entity)]
    except NoRunError:
        return decided or None


def _dead_addresses(store: Store, policies: Sequence[Policy], entity: str, today: date) -> float:
    policy = next((one for one in policies if one.entity == entity and one.stale is Freshness.ADDRESS), None)
    return sum(one.dead for one in decayed(store, [policy], today=today)) if policy else 0.0


def _with_address(store: Store, entity: Entity, ids: set[int]) -> set[int]:
    if entity.name not in _PARTIES:
        return set()
    table = store.table("postal_address")
    found: set[int] = set()
    with store.read() as connection:
        for chunk in in_chunks(sorted(ids)):
            query = sa.select(table.c.party_id).where(table.c.party_id.in_(chunk), table.c.deleted_at.is_(None))
            found |= set(connection.scalars(query))
    return found


def _distinct(store: Store, entity: Entity) -> Distinct:
    table, merge, operation = store.table(entity.name), store.table("merge"), store.table("operation")
    living = (table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None))
    last_merge = (
        sa.select(sa.func.max(operation.c.started_at))
        .join(merge, merge.c.operation_id == operation.c.id)
        .where(merge.c.entity == entity.name, operation.c.undone_by_id.is_(None))
    )
    pairs = _pairs(store, entity)
    try:
        searched_at = last_run(store, entity).finished_at
    except NoRunError:
        searched_at = None
    with store.read() as connection:
        records = int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(*living)) or 0)
        merged_at = connection.scalar(last_merge)
        suspected = {
            number for *both, probability in pairs or () if probability >= _AS_LIKELY_AS_NOT for number in both
        }
        recreated = 0
        for chunk in in_chunks(sorted(suspected)) if merged_at is not None else ():
            since = sa.select(sa.func.count()).where(table.c.id.in_(chunk), table.c.created_at > merged_at, *living)
            recreated += int(connection.scalar(since) or 0)
    return Distinct(
        entity.noun, records, None if pairs is None else expected_duplicates(pairs), searched_at, merged_at,
        None if merged_at is None or pairs is None else recreated,
    )  # fmt: skip
