"""How much work and how much business there is, by territory and owner – what trees and simulations compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm_cli.query import Scope
from crm_cli.store import Store
from crm_cli.territories.ownership import OPEN, alive
from crm_cli.territories.sorting import conditioned

__all__ = ["Key", "Workload", "by_owner", "by_territory", "measure_work"]

Key: TypeAlias = tuple[int | None, int | None]
"""(territory, owner)."""


@dataclass
class Workload:
    """Living accounts, and what is open: leads, opportunities, activities, and their amounts in minor units."""

    accounts: int = 0
    leads: int = 0
    opportunities: int = 0
    activities: int = 0
    pipeline: Counter[str] = field(default_factory=Counter)  # by currency; "" where none is said

    def add(self, other: Workload) -> None:
        """Count the other's work too."""
        self.accounts += other.accounts
        self.leads += other.leads
        self.opportunities += other.opportunities
        self.activities += other.activities
        self.pipeline.update(other.pipeline)

    @property
    def open(self) -> int:
        """How many pieces of open work."""
        return self.leads + self.opportunities + self.activities


def measure_work(store: Store, connection: sa.Connection, today: date) -> dict[Key, Workload]:
    """Return the work by territory and owner.

    A record is in its own territory; an opportunity that has none is in that of its account, an activity in that of
    its opportunity, lead or customer.
    """
    return _Measuring(store, connection, today).run()


def by_territory(work: Mapping[Key, Workload]) -> dict[int | None, Workload]:
    """Return the work by territory."""
    return _summed(work.items(), lambda key: key[0])


def by_owner(work: Mapping[Key, Workload]) -> dict[int | None, Workload]:
    """Return the work by owner."""
    return _summed(work.items(), lambda key: key[1])


def _summed(rows: Iterable[tuple[Key, Workload]], key_of: Callable[[Key], int | None]) -> dict[int | None, Workload]:
    found: dict[int | None, Workload] = {}
    for key, work in rows:
        found.setdefault(key_of(key), Workload()).add(work)
    return found


class _Measuring:
    def __init__(self, store: Store, connection: sa.Connection, today: date) -> None:
        self.store, self.connection, self.today = store, connection, today
        self.found: dict[Key, Workload] = {}

    def run(self) -> dict[Key, Workload]:
        account, opportunity, lead = (self.store.table(name) for name in ("account", "opportunity", "lead"))
        contact = self.store.table("contact")
        self._count("account", "accounts", lambda root: (root, root.c.territory_id))
        self._count("lead", "leads", lambda root: (root, root.c.territory_id))
        deal_account = account.alias("deal_account")

        def of_deal(root: Any) -> tuple[Any, Any]:
            joined = root.outerjoin(deal_account, deal_account.c.id == root.c.account_id)
            return joined, sa.func.coalesce(root.c.territory_id, deal_account.c.territory_id)

        self._count("opportunity", "opportunities", of_deal)
        self._pipeline(of_deal)
        deal, asked, firm, person, employer = (
            table.alias(name)
            for table, name in (
                (opportunity, "deal"), (lead, "asked"), (account, "firm"), (contact, "person"), (account, "employer"),
            )
        )  # fmt: skip

        def of_activity(root: Any) -> tuple[Any, Any]:
            joined = (
                root.outerjoin(deal, deal.c.id == root.c.opportunity_id)
                .outerjoin(deal_account, deal_account.c.id == deal.c.account_id)
                .outerjoin(asked, asked.c.id == root.c.lead_id)
                .outerjoin(firm, firm.c.id == root.c.party_id)
                .outerjoin(person, person.c.id == root.c.party_id)
                .outerjoin(employer, employer.c.id == person.c.account_id)
            )
            places = (deal, deal_account, asked, firm, person, employer)
            return joined, sa.func.coalesce(*(one.c.territory_id for one in places))

        self._count("activity", "activities", of_activity)
        return self.found

    def _count(self, entity: str, what: str, placed: Callable[[Any], tuple[Any, Any]]) -> None:
        for territory, owner, count in self._grouped(entity, placed, sa.func.count()):
            work = self.found.setdefault((territory, owner), Workload())
            setattr(work, what, getattr(work, what) + count)

    def _pipeline(self, placed: Callable[[Any], tuple[Any, Any]]) -> None:
        for territory, owner, amount, currency in self._grouped("opportunity", placed, None):
            if amount:
                self.found.setdefault((territory, owner), Workload()).pipeline[currency or ""] += int(amount)

    def _grouped(
        self, entity: str, placed: Callable[[Any], tuple[Any, Any]], figure: sa.ColumnElement[Any] | None
    ) -> Sequence[Sequence[Any]]:
        declared = self.store.dictionary.entity(entity)
        scope = Scope(self.store, declared)
        root = scope.root
        tests = alive(scope)
        if entity in OPEN:
            tests.append(conditioned(self.store, declared, OPEN[entity], scope, self.today))
        source, territory = placed(root)
        keys = [territory, root.c.owner_id]
        if figure is not None:
            counts = sa.select(*keys, figure).select_from(source).where(*tests).group_by(*keys)
            return self.connection.execute(counts).all()
        currency = root.c.currency
        query = sa.select(*keys, sa.func.sum(root.c.amount), currency).select_from(source).where(*tests)
        return self.connection.execute(query.group_by(*keys, currency)).all()
