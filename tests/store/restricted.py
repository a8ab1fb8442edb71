"""Rows in every table, logins of servers, and a naive account of who sees which of the rows."""

from __future__ import annotations

import itertools
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from crm_cli.dictionary import Entity
from crm_cli.store import Store
from crm_cli.store.columns import UtcDateTime
from crm_cli.store.grants import Login, run, server_of

__all__ = ["OWNED", "a_login", "as_login", "fill", "naively_seen"]

OWNED = ("account", "contact", "lead", "opportunity", "activity")
_OPEN = (
    *("team", "app_user", "territory", "territory_rule", "territory_member", "source_system"),
    *("relationship_type", "custom_field", "lease"),
)
_ROWS = 40
_NOW = datetime(2026, 5, 1, tzinfo=UTC)


def fill(store: Store, seed: int = 7) -> None:
    """Put rows into every table but the counters: teams North ⊃ Coast, South; anna, amy in North, carl in Coast."""
    chance = random.Random(seed)
    ids: dict[str, list[int]] = {}
    with store.write() as connection:
        for table in store.metadata.sorted_tables:
            if table.name == "id_allocation":
                continue
            entity = store.dictionary.entity(table.name)
            rows = [_row(store, entity, number, ids, chance) for number in _numbers(entity, ids)]
            connection.execute(table.insert(), rows)
            ids[table.name] = [row["id"] for row in rows]
        counters = store.table("id_allocation")
        connection.execute(counters.update().values(next_id=1_000))


def _numbers(entity: Entity, ids: dict[str, list[int]]) -> list[int]:
    if entity.name == "team":
        return [1, 2, 3]
    if entity.name == "app_user":
        return [1, 2, 3, 4, 5]
    if entity.subtype_of:
        return [one for one in ids[entity.subtype_of] if one % 2 == (entity.name == "account")]
    return list(range(1, _ROWS + 1))


_PEOPLE: dict[str, list[dict[str, Any]]] = {
    "team": [
        {"name": "North", "parent_id": None}, {"name": "Coast", "parent_id": 1}, {"name": "South", "parent_id": None},
    ],
    "app_user": [
        {"username": "anna", "team_id": 1}, {"username": "amy", "team_id": 1}, {"username": "carl", "team_id": 2},
        {"username": "sam", "team_id": 3}, {"username": "nobody", "team_id": None},
    ],
}  # fmt: skip


def _row(
    store: Store, entity: Entity, number: int, ids: dict[str, list[int]], chance: random.Random
) -> dict[str, Any]:  # fmt: skip
    table = store.table(entity.name)
    row = {column.name: _value(column, number) for column in table.c if not column.nullable}
    row["id"] = number
    if "public_id" in table.c:
        row["public_id"] = store.mint(1)[0]
    for one in entity.fields:
        if one.values:
            row[one.name] = chance.choice(one.values)
        elif one.reference and one.reference.entity and one.reference.entity in ids:
            row[one.name] = chance.choice([*ids[one.reference.entity], *([] if one.required else [None])])
        elif one.reference and one.reference.entity is None:
            row[one.reference.entity_field] = chance.choice([*OWNED, "app_user"])
            row[one.name] = number if ("entity", "record_id") in entity.unique_together else chance.randint(1, _ROWS)
    if entity.name == "party":
        row["kind"] = "account" if number % 2 else "contact"
    if entity.name == "custom_field":
        row |= {"entity": "contact", "type": "text"}
    if entity.name == "import_batch":
        row |= {"groups": ["phone"]}
    if entity.name == "app_user":
        row |= {"active": True, "sees": "all"}
    row |= _PEOPLE[entity.name][number - 1] if entity.name in _PEOPLE else {}
    return row


def _value(column: sa.Column[Any], number: int) -> Any:
    kinds: tuple[tuple[Any, Any], ...] = (
        (UtcDateTime, _NOW), (sa.Date, _NOW.date()), (sa.Boolean, True), (sa.Integer, number), (sa.Float, 1.0),
        (sa.JSON, {}),
    )  # fmt: skip
    return next((value for kind, value in kinds if isinstance(column.type, kind)), f"v{number}")


def naively_seen(store: Store, owners: set[int]) -> dict[str, set[int]]:
    """Which rows of which tables somebody sees who sees what these owners have; a table that is not named is closed."""
    with store.read() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in store.metadata.sorted_tables
        }
    mine = {name: {row["id"] for row in rows[name] if row["owner_id"] in owners} for name in OWNED}
    parties = mine["account"] | mine["contact"]

    def is_mine(row: dict[str, Any]) -> bool:
        return row["record_id"] in mine.get(row["entity"], set())

    conditions = {
        "party": lambda row: row["id"] in parties,
        **dict.fromkeys(
            ("email_address", "phone_number", "postal_address", "consent"), lambda row: row["party_id"] in parties
        ),
        "relationship": lambda row: {row["party_id"], row["other_party_id"]} <= parties,
        "stage_change": lambda row: row["opportunity_id"] in mine["opportunity"],
        "activity_link": lambda row: row["activity_id"] in mine["activity"] and is_mine(row),
        **dict.fromkeys(("external_ref", "confirmation", "territory_stay", "finding"), is_mine),
    }
    found = {name: {row["id"] for row in rows[name]} for name in _OPEN}
    found |= {name: {row["id"] for row in rows[name] if test(row)} for name, test in conditions.items()}
    return found | mine


@dataclass(frozen=True)
class TestLogin:
    """A login that the test made, and how it connects."""

    __test__ = False
    login: Login
    password: str

    def url(self, store: Store, database: str = "") -> URL:
        """The URL with which it connects, to the store's database or another one."""
        return store.url.set(
            username=self.login.name, password=self.password, database=database or store.url.database
        )  # fmt: skip


_COUNTER = itertools.count()


@contextmanager
def a_login(store: Store) -> Iterator[TestLogin]:
    """A login of the server, gone afterwards with all that was granted to it; skips where none can be made."""
    import os

    name, password = f"crm_test_{os.getpid()}_{next(_COUNTER)}", secrets.token_hex(12)
    made = f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'"
    if store.backend != "postgresql":
        made = f"CREATE USER `{name}` IDENTIFIED BY '{password}'"
    try:
        _execute(store, [made])
    except sa.exc.DBAPIError as fault:
        pytest.skip(f"the server's user may not make logins: {fault.orig}")
    login = TestLogin(Login(name), password)
    try:
        yield login
    finally:
        _gone(store, login)


def _gone(store: Store, login: TestLogin) -> None:
    store.engine.dispose()
    with store.read() as connection:
        taken = server_of(store).revoke(connection, login.login)
    with store.write() as connection:
        run(connection, taken)
    if store.backend == "postgresql":
        _execute(store, [*_security_off(store), f'DROP ROLE "{login.login.name}"'])
    else:
        databases = [f"DROP DATABASE IF EXISTS `{store.url.database}_{one}`" for one in ("seen", "shown")]
        _execute(store, [f"DROP USER `{login.login.name}`", *databases])


def _security_off(store: Store) -> list[str]:
    return [
        "DROP SCHEMA IF EXISTS crm_masked CASCADE",
        *(f'DROP POLICY IF EXISTS crm_everybody ON "{name}"' for name in store.metadata.tables),
        *(f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY' for name in store.metadata.tables),
        "DROP FUNCTION IF EXISTS crm_seen_owners()",
    ]


def _execute(store: Store, statements: list[str]) -> None:
    engine = sa.create_engine(store.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for one in statements:
            connection.exec_driver_sql(one)


@contextmanager
def as_login(url: URL) -> Iterator[sa.Connection]:
    """A connection of a login, in autocommit mode."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with suppress(sa.exc.InvalidRequestError), engine.connect() as connection:
        yield connection
