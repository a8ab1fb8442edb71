"""Whose an address is: contact points of accounts and contacts, and leads; and what was said of them before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm_cli.dictionary import Freshness, fold
from crm_cli.history import Operation
from crm_cli.records.points import points_of
from crm_cli.standardize.emails import normalized
from crm_cli.store import in_chunks

__all__ = ["DETAIL", "Holder", "Said", "Word", "find_holders", "key_of"]

DETAIL = "email_address"
_LEAD = "lead"


class Word(NamedTuple):
    """A confirmation of the e-mail group that was written before."""

    result: str
    method: str
    when: datetime
    point: str | None


@dataclass
class Holder:
    """A record with the address asked for: its contact points of e-mail (none of a lead), and earlier words."""

    entity: str
    id: int
    keys: set[str] = field(default_factory=set)
    points: list[dict[str, Any]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


Said = dict[tuple[str, int], Holder]


def key_of(address: str) -> str:
    """Return the key by which addresses are compared: of the standard form, where it has one."""
    return fold(normalized(address.strip()) or address) or ""


def find_holders(operation: Operation, keys: Iterable[str]) -> list[Holder]:
    """Return the living records that have one of these addresses, each once, with all that is known of its e-mail."""
    found: Said = {}
    for chunk in in_chunks(sorted(set(keys))):
        for entity, number, key in [*_parties(operation, chunk), *_leads(operation, chunk)]:
            found.setdefault((entity, number), Holder(entity, number)).keys.add(key)
    _read_points(operation, found)
    _read_words(operation, found)
    return [found[name] for name in sorted(found)]


def _parties(operation: Operation, keys: Sequence[str]) -> Iterable[tuple[str, int, str]]:
    point, party = operation.store.table(DETAIL), operation.store.table("party")
    query = (
        sa.select(party.c.kind, party.c.id, point.c.standard_key)
        .join(party, party.c.id == point.c.party_id)
        .where(point.c.standard_key.in_(keys), point.c.deleted_at.is_(None))
    )
    rows = operation.connection.execute(query).all()
    by_kind: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for kind, number, key in rows:
        by_kind[kind].append((number, key))
    for kind, group in by_kind.items():
        living = _living(operation, kind, {number for number, _ in group})
        yield from ((kind, number, key) for number, key in group if number in living)


def _living(operation: Operation, entity: str, ids: Iterable[int]) -> set[int]:
    table = operation.store.table(entity)
    living: set[int] = set()
    for chunk in in_chunks(sorted(ids)):
        query = sa.select(table.c.id).where(
            table.c.id.in_(chunk), table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None)
        )
        living |= set(operation.connection.scalars(query))
    return living


def _leads(operation: Operation, keys: Sequence[str]) -> Iterable[tuple[str, int, str]]:
    table = operation.store.table(_LEAD)
    query = sa.select(table.c.id, table.c.email_key).where(
        table.c.email_key.in_(keys), table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None)
    )
    return [(_LEAD, number, key) for number, key in operation.connection.execute(query)]


def _read_points(operation: Operation, found: Said) -> None:
    parties = {number: one for (entity, number), one in found.items() if entity != _LEAD}
    for chunk in in_chunks(sorted(parties)):
        for number, rows in points_of(operation.store, operation.connection, DETAIL, chunk).items():
            parties[number].points = [dict(row) for row in rows]


def _read_words(operation: Operation, found: Said) -> None:
    table = operation.store.table("confirmation")
    by_entity: dict[str, list[int]] = defaultdict(list)
    for entity, number in found:
        by_entity[entity].append(number)
    for entity, ids in by_entity.items():
        for chunk in in_chunks(sorted(ids)):
            query = sa.select(
                table.c.record_id, table.c.result, table.c.method, table.c.confirmed_at, table.c.source
            ).where(
                table.c.entity == entity, table.c.record_id.in_(chunk),
                table.c.freshness_group == Freshness.EMAIL.value,
            )  # fmt: skip
            for number, *word in operation.connection.execute(query):
                found[entity, number].words.append(Word(*word))
