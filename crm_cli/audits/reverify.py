"""Whom to ask first: the records whose value has most probably died, of those that a freshness policy looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.freshness import has_value, last_known, still_valid
from crm_cli.audits.half_lives import half_life_of, with_half_lives
from crm_cli.audits.policy import Policy
from crm_cli.errors import UsageError
from crm_cli.query import Scope, compile_where
from crm_cli.store import Store

__all__ = ["Suspect", "reverify"]


@dataclass(frozen=True)
class Suspect:
    """A record with a value of the group, when that was last known to hold, and how probably it still does."""

    record_id: int
    last_known: date
    age_days: int
    still_valid: float
    found_dead: bool


def reverify(store: Store, policy: Policy, *, today: date, where: str | None = None, limit: int = 200) -> list[Suspect]:
    """Return the `limit` records to look at first: those found dead, then the longest unconfirmed.

    Raises `UsageError` for a policy that is not about freshness, and what a wrong condition raises.
    """
    if policy.stale is None:
        raise UsageError(f"{policy.name} is not about freshness", hint="crm audit list freshness shows those that are")
    entity, group = store.dictionary.entity(policy.entity), policy.stale
    scope = Scope(store, entity)
    now = datetime.combine(today, time(0), store.zone)
    tests: list[sa.ColumnElement[bool]] = [scope.root.c.deleted_at.is_(None), scope.root.c.merged_into_id.is_(None)]
    tests.append(has_value(store, entity, group, scope.root))
    asked = [
        compile_where(store.dictionary, entity, text, now=now, today=today, zone=store.zone)
        for text in (policy.where, where)
        if text
    ]
    tests += [condition.render(scope) for condition in asked]
    with store.read() as connection:
        [policy] = with_half_lives([policy], {group: half_life_of(store, connection, group).days})
        known = last_known(store, connection, entity, group, scope)
        dead = sa.case((known.dead, 1), else_=0)
        query = sa.select(scope.root.c.id, known.moment, dead).select_from(known.source).where(*tests)
        rows = connection.execute(query.order_by(dead.desc(), known.moment, scope.root.c.id).limit(limit))
        return [_suspect(number, moment, bool(flag), policy, today) for number, moment, flag in rows]


def _suspect(number: int, moment: Any, found_dead: bool, policy: Policy, today: date) -> Suspect:  # noqa: FBT001
    day = moment.date()
    age = max((today - day).days, 0)
    return Suspect(number, day, age, 0.0 if found_dead else still_valid(age, policy.half_life_days), found_dead)
