"""Off-boarding: everything that a user holds goes to others, in one operation; closed work stays as history."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold, shown
from crm_cli.history import Operation
from crm_cli.territories import (
    Handover,
    Moves,
    Split,
    User,
    find_user,
    read_planned,
    read_rules,
    reassign,
    working_users,
)

__all__ = ["Offboarded", "Offboarding", "offboard"]


@dataclass(frozen=True, kw_only=True)
class Offboarding:
    """Who leaves, and who takes over."""

    user: str
    takers: Sequence[str]
    split: Split = Split.EVEN
    today: date | None = None


@dataclass
class Offboarded:
    """What was handed over, and what a person has to see to."""

    operation_id: int
    user: User
    takers: list[User]
    moves: Moves
    memberships: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    conditions: list[int] = field(default_factory=list)  # rules whose condition names the user
    plans: list[int] = field(default_factory=list)  # plans that wait and name the user
    database_login: str | None = None


def offboard(operation: Operation, wanted: Offboarding) -> Offboarded:
    """Hand over all that a user holds, and end the user's access to this system.

    Open work goes to the takers as `reassign` deals it; places in territories, rules that give records to the user
    directly go to them in turn; who reported to the user reports to the user's own manager. Raises as `reassign` does.
    """
    store, connection = operation.store, operation.connection
    user = find_user(store, connection, wanted.user)
    takers = working_users(store, connection, wanted.takers)
    handover = Handover(giver=wanted.user, takers=wanted.takers, split=wanted.split, today=wanted.today)
    moves = reassign(operation, handover)
    result = Offboarded(operation.id, user, takers, moves)
    _Leaving(operation, result).run()
    return result


class _Leaving:
    def __init__(self, operation: Operation, result: Offboarded) -> None:
        self.op, self.result = operation, result
        self.store, self.connection = operation.store, operation.connection
        self.user, self.takers = result.user, result.takers
        self.names = re.compile(rf"(?<!\w){re.escape(fold(self.user.username) or '')}(?!\w)")

    def run(self) -> None:
        self._memberships()
        self._rules()
        self._reports()
        self._plans()
        table = self.store.table("app_user")
        login = self.connection.scalar(sa.select(table.c.database_login).where(table.c.id == self.user.id))
        self.result.database_login = self._shown("database_login", login) or None
        self.op.update("app_user", {self.user.id: {"active": False}})

    def _memberships(self) -> None:
        """A place goes to a taker who is not there yet; where all are, the share goes to the next in turn."""
        member, territory = self.store.table("territory_member"), self.store.table("territory")
        query = (
            sa.select(member, territory.c.name.label("territory"))
            .select_from(member.join(territory, territory.c.id == member.c.territory_id))
            .where(member.c.deleted_at.is_(None), territory.c.deleted_at.is_(None))
            .order_by(member.c.id)
        )
        rows = self.connection.execute(query).mappings().all()
        turns = cycle(self.takers)
        for row in (one for one in rows if one["user_id"] == self.user.id):
            there = {one["user_id"]: one for one in rows if one["territory_id"] == row["territory_id"]}
            order = [next(turns) for _ in self.takers]
            taker = next((one for one in order if one.id not in there), None)
            share = 1.0 if row["share"] is None else row["share"]
            if taker is not None:
                new = {name: row[name] for name in ("territory_id", "role")} | {"user_id": taker.id, "share": share}
                self.op.insert("territory_member", [new])
            else:
                taker = order[0]
                held = there[taker.id]
                whole = (1.0 if held["share"] is None else held["share"]) + share
                self.op.update("territory_member", {held["id"]: {"share": whole}})
            self.op.delete("territory_member", [row["id"]])
            place, whom = self._territory(row["territory"]), self._shown("username", taker.username)
            self.result.memberships.append({"territory": place, "to": whom, "share": share})

    def _rules(self) -> None:
        turns = cycle(self.takers)
        for rule in read_rules(self.store, self.connection):
            if rule.owner_id == self.user.id:
                taker = next(turns)
                self.op.update("territory_rule", {rule.id: {"owner_id": taker.id}})
                whom = self._shown("username", taker.username)
                self.result.rules.append({"rule": rule.id, "territory": rule.territory, "to": whom})
            if self._is_named(rule.condition):
                self.result.conditions.append(rule.id)

    def _reports(self) -> None:
        """Nobody is left reporting to somebody who is gone; a taker who is the manager's own does not manage itself."""
        table = self.store.table("app_user")
        manager = self.connection.scalar(sa.select(table.c.manager_id).where(table.c.id == self.user.id))
        query = sa.select(table.c.id, table.c.username).where(
            table.c.manager_id == self.user.id, table.c.deleted_at.is_(None), table.c.id != self.user.id
        )
        for row in self.connection.execute(query.order_by(table.c.id)).all():
            above = manager or next((one.id for one in self.takers if one.id != row.id), None)
            above = None if above == row.id else above
            self.op.update("app_user", {row.id: {"manager_id": above}})
            self.result.reports.append({"user": self._shown("username", row.username), "manager": above})

    def _plans(self) -> None:
        table = self.store.table("territory_plan")
        waiting = [one.id for one in read_planned(self.store, self.connection) if one.status == "planned"]
        rows = self.connection.execute(sa.select(table.c.id, table.c.moves).where(table.c.id.in_(waiting)))
        self.result.plans = [row.id for row in rows if self._is_named(json.dumps(row.moves, ensure_ascii=False))]

    def _territory(self, name: str) -> Any:
        return shown(self.store.dictionary.entity("territory").field("name"), name)

    def _shown(self, field: str, value: Any) -> Any:
        return shown(self.store.dictionary.entity("app_user").field(field), value)

    def _is_named(self, text: str) -> bool:
        return bool(self.names.search(fold(text) or ""))
