"""Whom to ask first: the records whose value has most probably died, or of whom most is lost if it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.freshness import still_valid
from crm_cli.audits.policy import Policy
from crm_cli.audits.population import Population, check_where, freshness_only, population
from crm_cli.audits.worth import Worths, worths
from crm_cli.store import Store

__all__ = ["Suspect", "reverify", "reverify_all", "reverify_by_value"]


@dataclass(frozen=True)
class Suspect:
    """A record with a value of the group, when that was last known to hold, and how probably it still does.

    `worth` and `class_` (of the customer) are known only where they were asked for.
    """

    record_id: int
    last_known: date
    age_days: int
    still_valid: float
    found_dead: bool
    policy: str = ""
    entity: str = ""
    group: str = ""
    worth: float = 0.0
    class_: str = ""

    @property
    def at_stake(self) -> float:
        """What is lost by expectation: the worth times the probability that the value is dead."""
        return self.worth * (1 - self.still_valid)


def reverify(store: Store, policy: Policy, *, today: date, where: str | None = None, limit: int = 200) -> list[Suspect]:
    """Return the `limit` records to look at first: those found dead, then the longest unconfirmed.

    Raises `UsageError` for a policy that is not about freshness, and what a wrong condition raises.
    """
    with store.read() as connection:
        people = population(store, connection, policy, today=today, where=where)
        dead = sa.case((people.known.dead, 1), else_=0)
        number = people.scope.root.c.id
        query = sa.select(number, people.known.moment, dead).select_from(people.known.source).where(*people.tests)
        rows = connection.execute(query.order_by(dead.desc(), people.known.moment, number).limit(limit))
        return [_suspect(people, *row, today=today) for row in rows]


def reverify_all(
    store: Store, policies: Sequence[Policy], *, today: date, where: str | None = None, limit: int = 200
) -> list[Suspect]:
    """Return the `limit` records to look at first over several policies, as `reverify` orders those of one.

    Policies of other kinds are left out; `UsageError` where no other is left, or for a condition over several entities.
    """
    chosen = freshness_only(policies)
    check_where(chosen, where)
    found = [one for policy in chosen for one in reverify(store, policy, today=today, where=where, limit=limit)]
    return sorted(found, key=lambda one: (not one.found_dead, -one.age_days))[:limit]


def reverify_by_value(
    store: Store, policies: Sequence[Policy], *, today: date, where: str | None = None, limit: int = 200
) -> list[Suspect]:
    """Return the `limit` records of whom most is at stake; of equal ones by class, then the longest unconfirmed.

    Policies of other kinds are left out; `UsageError` where no other is left, or for a condition over several entities.
    """
    chosen = freshness_only(policies)
    check_where(chosen, where)
    found: list[Suspect] = []
    with store.read() as connection:
        worth = worths(store, connection, today)
        for policy in chosen:
            people = population(store, connection, policy, today=today, where=where)
            found = nsmallest(limit, [*found, *_best(connection, people, worth, today, limit)], key=_order)
    return found


def _best(connection: sa.Connection, people: Population, worth: Worths, today: date, limit: int) -> list[Suspect]:
    root = people.scope.root
    account = root.c.account_id if "account_id" in root.c else sa.null()
    dead = sa.case((people.known.dead, 1), else_=0)
    query = sa.select(root.c.id, people.known.moment, dead, account).select_from(people.known.source)
    rows = connection.execute(query.where(*people.tests))
    suspects = (
        _suspect(
            people, number, moment, flag, today=today, worth=worth.of(people.entity, number, firm),
            class_=worth.class_of(people.entity, number, firm),
        )
        for number, moment, flag, firm in rows
    )  # fmt: skip
    return nsmallest(limit, suspects, key=_order)


def _order(one: Suspect) -> tuple[float, int, float, str, int]:
    return (-one.at_stake, Worths.rank(one.class_), one.still_valid, one.policy, one.record_id)


def _suspect(people: Population, number: int, moment: Any, dead: int, *, today: date, **more: Any) -> Suspect:
    day, policy = moment.date(), people.policy
    age = max((today - day).days, 0)
    holds = 0.0 if dead else still_valid(age, policy.half_life_days)
    return Suspect(
        number, day, age, holds, bool(dead), policy.name, people.entity.name, people.group.value, **more
    )  # fmt: skip
