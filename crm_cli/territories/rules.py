"""Rules and members of territories: reading them, adding them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm_cli.dictionary import fold, shown
from crm_cli.errors import NotFoundError, UsageError, did_you_mean
from crm_cli.history import Operation
from crm_cli.query import compile_where
from crm_cli.store import Store
from crm_cli.territories.users import working_users

__all__ = [
    "Member",
    "NewRule",
    "Rule",
    "add_member",
    "add_rule",
    "check_condition",
    "direct_owner",
    "find_territory",
    "read_members",
    "read_rules",
    "remove_member",
]

_STEP = 10  # between the positions of rules, so that one fits between two


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is stored, with the name of its territory."""

    id: int
    position: int
    entity: str
    territory_id: int
    territory: str
    condition: str
    assign: str
    effective_from: date | None
    effective_to: date | None
    owner_id: int | None = None
    owner: str | None = None
    named: bool = False

    def holds_on(self, today: date) -> bool:
        """Whether the rule is in force on this day."""
        return (self.effective_from or today) <= today <= (self.effective_to or today)


@dataclass(frozen=True, slots=True)
class Member:
    """A user who works a territory, with the share of its work."""

    territory_id: int
    user_id: int
    username: str
    share: float


@dataclass(frozen=True, kw_only=True)
class NewRule:
    """A rule to add; without `position` it comes last."""

    territory: str
    entity: str
    condition: str
    position: int | None = None
    assign: str = "keep"
    effective_from: date | None = None
    effective_to: date | None = None
    owner: str | None = None
    named: bool = False


def find_territory(store: Store, connection: sa.Connection, name: str) -> int:
    """Return the number of the territory with this name (or number); `NotFoundError` suggests the nearest."""
    table = store.table("territory")
    rows = connection.execute(sa.select(table.c.id, table.c.name).where(table.c.deleted_at.is_(None))).all()
    for row in rows:
        if fold(row.name) == fold(name) or str(row.id) == name:
            return int(row.id)
    is_masked = store.dictionary.entity("territory").field("name").masked
    hint = (
        did_you_mean(name, [] if is_masked else [row.name for row in rows])
        or f"crm territory add name={name!r} makes it"
    )
    raise NotFoundError(f"there is no territory {name!r}", hint=hint, territory=name)


def read_rules(store: Store, connection: sa.Connection, entity: str | None = None) -> list[Rule]:
    """Return the rules in the order in which they are tried."""
    rule, territory, user = store.table("territory_rule"), store.table("territory"), store.table("app_user")
    query = (
        sa.select(
            rule.c.id, rule.c.position, rule.c.entity, rule.c.territory_id, territory.c.name.label("territory"),
            rule.c.condition, rule.c.assign, rule.c.effective_from, rule.c.effective_to,
            rule.c.owner_id, user.c.username.label("owner"), rule.c.named,
        )
        .select_from(
            rule.join(territory, territory.c.id == rule.c.territory_id).outerjoin(user, user.c.id == rule.c.owner_id)
        )
        .where(rule.c.deleted_at.is_(None), territory.c.deleted_at.is_(None))
        .order_by(rule.c.entity, rule.c.position, rule.c.id)
    )  # fmt: skip
    if entity:
        query = query.where(rule.c.entity == entity)
    name = store.dictionary.entity("territory").field("name")
    username = store.dictionary.entity("app_user").field("username")
    rows = connection.execute(query).mappings()
    return [
        Rule(**{
            **row, "territory": shown(name, row["territory"]), "owner": shown(username, row["owner"]),
            "named": bool(row["named"]),
        })
        for row in rows
    ]  # fmt: skip


def read_members(store: Store, connection: sa.Connection) -> dict[int, list[Member]]:
    """Return the working members of each territory, by the numbers of the users."""
    member, user = store.table("territory_member"), store.table("app_user")
    query = (
        sa.select(member.c.territory_id, member.c.user_id, user.c.username, member.c.share)
        .select_from(member.join(user, user.c.id == member.c.user_id))
        .where(member.c.deleted_at.is_(None), user.c.deleted_at.is_(None), user.c.active == sa.true())
        .order_by(member.c.territory_id, member.c.user_id, member.c.id)
    )
    username = store.dictionary.entity("app_user").field("username")
    found: dict[int, list[Member]] = {}
    for row in connection.execute(query):
        share = 1.0 if row.share is None else row.share
        members = found.setdefault(row.territory_id, [])
        if row.user_id not in [one.user_id for one in members]:
            members.append(Member(row.territory_id, row.user_id, shown(username, row.username), share))
    return found


def add_rule(operation: Operation, new: NewRule) -> int:
    """Add a rule; return its number.

    Raises what a wrong condition or name raises, and `UsageError` for `direct` without an owner or an owner without
    it, or an owner who no longer works here.
    """
    store, connection = operation.store, operation.connection
    entity = store.dictionary.entity(new.entity).name
    check_condition(store, entity, new.condition)
    owner_id = direct_owner(store, connection, new.assign, new.owner)
    position = new.position
    if position is None:
        position = max((rule.position for rule in read_rules(store, connection, entity)), default=0) + _STEP
    values = {
        "territory_id": find_territory(store, connection, new.territory), "position": position, "entity": entity,
        "condition": new.condition, "assign": new.assign, "effective_from": new.effective_from,
        "effective_to": new.effective_to, "owner_id": owner_id, "named": new.named,
    }  # fmt: skip
    return operation.insert("territory_rule", [values])[0]


def check_condition(store: Store, entity: str, text: str) -> str:
    """Return the condition if records of `entity` can be asked it; raises what a wrong condition raises."""
    compile_where(store.dictionary, entity, text, zone=store.zone)
    return text


def direct_owner(store: Store, connection: sa.Connection, assign: str, owner: str | None) -> int | None:
    """Return the number of the owner that a rule names; `UsageError` where `assign` and it do not go together."""
    if (assign == "direct") != bool(owner):
        what = "direct assignment needs an owner" if assign == "direct" else f"{assign} chooses owners by itself"
        raise UsageError(what, hint="direct goes with an owner, and an owner with direct", assign=assign)
    return working_users(store, connection, [owner])[0].id if owner else None


def add_member(operation: Operation, territory: str, user_id: int, *, share: float | None = 1.0, role: str = "") -> int:
    """Put a user into a territory, or change share and role there; return the member's number.

    `share` None keeps the one that the user has, and is 1 for who is new.
    """
    store, connection = operation.store, operation.connection
    number = find_territory(store, connection, territory)
    member = store.table("territory_member")
    query = sa.select(member.c.id).where(
        member.c.territory_id == number, member.c.user_id == user_id, member.c.deleted_at.is_(None)
    )
    known = connection.scalar(query)
    if known is not None:
        given = {"share": share, "role": role or None}
        operation.update(
            "territory_member", {known: {name: value for name, value in given.items() if value is not None}}
        )
        return int(known)
    values = {"territory_id": number, "user_id": user_id, "share": 1.0 if share is None else share,
              "role": role or None}  # fmt: skip
    return operation.insert("territory_member", [values])[0]


def remove_member(operation: Operation, territory: str, user_id: int) -> None:
    """Take a user out of a territory; `NotFoundError` when the user is not in it."""
    store, connection = operation.store, operation.connection
    number = find_territory(store, connection, territory)
    member = store.table("territory_member")
    query = sa.select(member.c.id).where(
        member.c.territory_id == number, member.c.user_id == user_id, member.c.deleted_at.is_(None)
    )
    ids = list(connection.scalars(query))
    if not ids:
        raise NotFoundError(f"the user does not work {territory}", hint="crm territory member list shows who does")
    operation.delete("territory_member", ids)
