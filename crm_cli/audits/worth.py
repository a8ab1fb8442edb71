"""What a customer is worth: open opportunities and what was won in a year, and the class. For the order of calls only.

Amounts are added as they stand, whatever their currency: the figure orders a list, and is no turnover.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa

from crm_cli.audits.freshness import day_before
from crm_cli.dictionary import Entity
from crm_cli.query import major_units
from crm_cli.store import Store

__all__ = ["Worths", "worths"]

_YEAR = timedelta(days=365)
_CLASSES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LAST = len(_CLASSES)


@dataclass
class Worths:
    """Amounts by account and by contact, and the classes of accounts."""

    of_account: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    of_contact: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    classes: dict[int, str] = field(default_factory=dict)

    def of(self, entity: Entity, number: int, account: int | None) -> float:
        """Return the worth of a record: of a person also that of the company, if the person works for one."""
        if entity.name == "account":
            return self.of_account.get(number, 0.0)
        mine = self.of_contact.get(number, 0.0) if entity.name == "contact" else 0.0
        return mine + (self.of_account.get(account, 0.0) if account is not None else 0.0)

    def class_of(self, entity: Entity, number: int, account: int | None) -> str:
        """Return the class of a record or of its company, blank for none."""
        return self.classes.get(number if entity.name == "account" else account or 0, "")

    @staticmethod
    def rank(name: str) -> int:
        """Return the place of a class: A first, no class last."""
        place = _CLASSES.find(name[:1].upper()) if name else -1
        return LAST if place < 0 else place


def worths(store: Store, connection: sa.Connection, today: date) -> Worths:
    """Return what customers are worth on a day."""
    found = Worths()
    table = store.table("opportunity")
    lately = sa.and_(table.c.stage == "won", table.c.closed_at >= day_before(today, _YEAR.days))
    counts = sa.or_(table.c.stage.not_in(("won", "lost")), lately)
    query = (
        sa.select(table.c.account_id, table.c.contact_id, table.c.currency, sa.func.sum(table.c.amount))
        .where(counts, table.c.deleted_at.is_(None), table.c.amount > 0)
        .group_by(table.c.account_id, table.c.contact_id, table.c.currency)
    )
    for account, contact, currency, amount in connection.execute(query):
        _add(found, account, contact, float(major_units(int(amount), currency)))
    accounts = store.table("account")
    rated = sa.select(accounts.c.id, accounts.c.rating).where(accounts.c.rating.is_not(None))
    found.classes = {one.id: one.rating for one in connection.execute(rated)}
    return found


def _add(found: Worths, account: int | None, contact: int | None, amount: float) -> None:
    """Count an opportunity for its company; for its person only where it has no company, which would count twice."""
    if account is not None:
        found.of_account[account] += amount
    elif contact is not None:
        found.of_contact[contact] += amount
