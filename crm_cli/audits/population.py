"""Whose freshness a policy looks at: the living records that it means and that have a value of its group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa

from crm_cli.audits.freshness import LastKnown, has_value, last_known
from crm_cli.audits.half_lives import half_life_of, with_half_lives
from crm_cli.audits.policy import Policy
from crm_cli.dictionary import Entity, Freshness
from crm_cli.errors import UsageError
from crm_cli.query import Scope, compile_where
from crm_cli.store import Store

__all__ = ["Population", "check_where", "freshness_only", "group_of", "population"]


@dataclass(frozen=True)
class Population:
    """The records of a policy: the query's root and conditions, and what is known of the group. `policy` has the
    half-life that counts."""

    policy: Policy
    entity: Entity
    group: Freshness
    scope: Scope
    known: LastKnown
    tests: tuple[sa.ColumnElement[bool], ...]


def population(
    store: Store, connection: sa.Connection, policy: Policy, *, today: date, where: str | None = None
) -> Population:
    """Return whose freshness the policy looks at; `UsageError` for one that is not about freshness."""
    group = group_of(policy)
    entity = store.dictionary.entity(policy.entity)
    scope = Scope(store, entity)
    now = datetime.combine(today, time(0), store.zone)
    tests: list[sa.ColumnElement[bool]] = [scope.root.c.deleted_at.is_(None), scope.root.c.merged_into_id.is_(None)]
    tests.append(has_value(store, entity, group, scope.root))
    for text in (policy.where, where):
        if text:
            condition = compile_where(store.dictionary, entity, text, now=now, today=today, zone=store.zone)
            tests.append(condition.render(scope))
    [used] = with_half_lives([policy], {group: half_life_of(store, connection, group).days})
    return Population(used, entity, group, scope, last_known(store, connection, entity, group, scope), tuple(tests))


def group_of(policy: Policy) -> Freshness:
    """Return the group that a policy of freshness is about; `UsageError` for another policy."""
    if policy.stale is None:
        raise UsageError(f"{policy.name} is not about freshness", hint="crm audit list freshness shows those that are")
    return policy.stale


def freshness_only(policies: Sequence[Policy]) -> list[Policy]:
    """Return the policies of freshness; `UsageError` where none is."""
    found = [one for one in policies if one.stale is not None]
    if policies and not found:
        group_of(policies[0])
    return found


def check_where(policies: Sequence[Policy], where: str | None) -> None:
    """Raise `UsageError` for a condition over policies of several entities."""
    entities = sorted({policy.entity for policy in policies})
    if where and len(entities) > 1:
        hint = f"name the entity too: crm audit run {entities[0]} --where …"
        raise UsageError(f"--where is about one entity, these policies are about {', '.join(entities)}", hint=hint)
