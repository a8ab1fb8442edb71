"""Two records side by side, as a person judges them: field by field, with what differs marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType, fold, shown, shown_as
from crm_cli.records.origins import sources_of
from crm_cli.records.points import shown_line
from crm_cli.store import Store

__all__ = ["CardLine", "CardValues", "Mark", "card_lines", "card_values", "read_card", "read_values"]

_SAME, _DIFFERENT, _ONE_SIDED = "=", "!", ""
_POINTS = (("email_address", "email"), ("phone_number", "phone"), ("postal_address", "address"))
_NOT_SHOWN = {SemanticType.JSON}
Mark = str


@dataclass(frozen=True, slots=True)
class CardLine:
    """One field of both records; `mark` is `=` for equal, `!` for different, blank where only one has a value."""

    field: str
    mark: Mark
    left: str
    right: str


@dataclass(frozen=True)
class CardValues:
    """What a record has, field → values: `true` to compare, `shown` to show."""

    true: Mapping[str, Sequence[str]]
    shown: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str:
        """The values of a field as they may be shown, in one line; blank where there is none."""
        return "; ".join(self.shown.get(name, ()))


def read_card(store: Store, entity: Entity, left: int, right: int) -> list[CardLine]:
    """Return the fields of both records in which either has a value; first what differs least is first declared."""
    with store.read() as connection:
        one, other = read_values(store, connection, entity, left), read_values(store, connection, entity, right)
    return card_lines(one, other)


def card_lines(one: CardValues, other: CardValues) -> list[CardLine]:
    """Return the values of two records side by side; marks come from the true values, masked ones too."""
    names = list(dict.fromkeys([*one.true, *other.true]))
    return [
        CardLine(name, _mark(one.true.get(name, []), other.true.get(name, [])), one.text(name), other.text(name))
        for name in names
    ]


def _mark(left: Sequence[str], right: Sequence[str]) -> Mark:
    """Several values are equal when one of them is: two records of one person share an address, not all addresses."""
    if not left or not right:
        return _ONE_SIDED
    return _SAME if {fold(one) for one in left} & {fold(one) for one in right} else _DIFFERENT


def read_values(store: Store, connection: sa.Connection, entity: Entity, number: int) -> CardValues:
    """Return what a record has, as it is and as it may be shown."""
    true = card_values(store, connection, entity, number)
    is_masked = store.dictionary.is_masked
    return CardValues(true, card_values(store, connection, entity, number, masked=True) if is_masked else true)


def card_values(
    store: Store, connection: sa.Connection, entity: Entity, number: int, *, masked: bool = False
) -> dict[str, list[str]]:
    """Return what a record has, as a person reads it: field → values, with `masked` as they may be shown."""
    reader = _Reader(store, connection, masked)
    table = store.table(entity.name)
    row = connection.execute(sa.select(table).where(table.c.id == number)).mappings().one()
    values: dict[str, list[str]] = {"id": [str(number)]}
    for one in entity.fields:
        value = (row["custom"] or {}).get(one.name) if one.custom else row[one.name]
        if value in (None, "") or one.type in _NOT_SHOWN:
            continue
        if one.reference:
            title = reader.title(one.reference.entity or "", value)
            values[one.path_name] = [str(shown(one, title) if masked else title)]
        else:
            values[one.name] = [str(shown(one, value) if masked else value)]
    if entity.subtype_of == "party":
        values.update(reader.points(number))
    values["created"] = [f"{row['created_at']:%Y-%m-%d}"]
    if source := reader.sources(entity, number):
        values["sources"] = source
    return values


@dataclass(frozen=True)
class _Reader:
    store: Store
    connection: sa.Connection
    masked: bool

    def points(self, number: int) -> dict[str, list[str]]:
        found = {}
        for detail, name in _POINTS:
            table = self.store.table(detail)
            query = sa.select(table).where(table.c.party_id == number, table.c.deleted_at.is_(None))
            rows = self.connection.execute(query.order_by(table.c.id)).mappings()
            if lines := [line for row in rows if (line := self._point(detail, row))]:
                found[name] = lines
        return found

    def _point(self, detail: str, row: Mapping[Any, Any]) -> str:
        if self.masked:
            return shown_line(self.store.dictionary.entity(detail), row)
        if row.get("standard"):
            return str(row["standard"])
        parts = [row.get(name) for name in ("street", "postal_code", "city", "region", "country")]
        return ", ".join(str(part) for part in parts if part) or str(row["value"] or "")

    def title(self, name: str, number: int) -> str:
        entity, table = self.store.dictionary.entity(name), self.store.table(name)
        names = [one for one in entity.title if one in table.c]
        query = sa.select(*(table.c[one] for one in names)).where(table.c.id == number)
        row = self.connection.execute(query).one_or_none()
        values = zip(names, row or (), strict=False)
        words = " ".join(str(shown_as(entity, one, value) if self.masked else value) for one, value in values if value)
        return f"{words} ({number})" if words else str(number)

    def sources(self, entity: Entity, number: int) -> list[str]:
        if self.masked:
            known = sources_of(self.store, self.connection, entity, number)
            return [f"{one['source']} {one['external_id']}" for one in known]
        ref, source = self.store.table("external_ref"), self.store.table("source_system")
        query = (
            sa.select(source.c.name, ref.c.external_id)
            .join_from(ref, source, source.c.id == ref.c.source_system_id)
            .where(ref.c.entity == entity.name, ref.c.record_id == number)
        )
        return [f"{name} {external}" for name, external in self.connection.execute(query.order_by(ref.c.id))]
