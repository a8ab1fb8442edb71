"""What can be owned, what of it is open work, and what follows what when it changes hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.query import Scope
from crm_cli.store import Store

__all__ = ["FOLLOWS", "OPEN", "OWNED", "Holding", "alive", "holdings", "owned_entities"]

OWNED = ("account", "contact", "lead", "opportunity", "activity")
"""Entities that have an owner, parents before their children."""

OPEN = {
    "lead": "status not in ('converted', 'disqualified')",
    "opportunity": "stage not in ('won', 'lost')",
    "activity": "status = 'planned'",
}
"""What counts as open work, as a condition; accounts and contacts always do."""

FOLLOWS: dict[str, tuple[tuple[str, str], ...]] = {
    "account": (),
    "contact": (("account_id", "account"),),
    "lead": (),
    "opportunity": (("account_id", "account"), ("contact_id", "contact")),
    "activity": (
        ("opportunity_id", "opportunity"),
        ("lead_id", "lead"),
        ("party_id", "account"),
        ("party_id", "contact"),
    ),
}
"""Whom a record goes with, nearest first: (its field, entity of the parent)."""


@dataclass(frozen=True)
class Holding:
    """How many living records of an entity a user owns, before and after; open or not."""

    user: str
    entity: str
    before: int
    after: int


def owned_entities(dictionary: Dictionary, names: Sequence[str]) -> list[str]:
    """Return the entities that `names` (nouns or plurals) mean, in the order of `OWNED`; all for none given."""
    if not names:
        return list(OWNED)
    wanted = {dictionary.entity(name).name for name in names}
    odd = sorted(wanted - set(OWNED))
    if odd:
        hint = did_you_mean(odd[0], OWNED) or f"these have owners: {', '.join(OWNED)}"
        raise UsageError(f"{odd[0]} has no owner", hint=hint, entity=odd[0])
    return [name for name in OWNED if name in wanted]


def alive(scope: Scope) -> list[sa.ColumnElement[bool]]:
    """Return what holds for records that are neither deleted nor merged."""
    return [scope.root.c.deleted_at.is_(None), scope.root.c.merged_into_id.is_(None)]


def holdings(
    store: Store, connection: sa.Connection, entities: Sequence[str], owners: Sequence[int]
) -> dict[tuple[int, str], int]:
    """Return how many living records each of `owners` has, as (owner, entity) → count."""
    found: dict[tuple[int, str], int] = {}
    for name in entities:
        scope = Scope(store, store.dictionary.entity(name))
        owner = scope.root.c.owner_id
        query = sa.select(owner, sa.func.count()).where(*alive(scope), owner.in_(list(owners))).group_by(owner)
        found.update({(number, name): count for number, count in connection.execute(query)})
    return found
