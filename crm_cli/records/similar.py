"""Search before create: records that a new one would repeat, by exact keys and with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType, fold
from crm_cli.records.given import Given
from crm_cli.records.titles import titles_of
from crm_cli.store import Store

__all__ = ["Candidate", "similar"]

_BESIDE_A_NAME = ("birth_date", "account_id", "company")  # a name and one of these in common is a suspicion
_PLACES = ("postal_code", "city")
_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that the new one resembles, and what they have in common."""

    id: int
    title: str
    same: str


def similar(store: Store, connection: sa.Connection, given: Given) -> list[Candidate]:
    """Return the living records that share an e-mail address, a telephone, a number, or a name and what goes with it.

    Those with most in common come first. Of entities without names and numbers (activities) there are none.
    """
    search = _Search(store, connection, given)
    reasons: dict[int, list[str]] = {}
    for what, ids in search.run():
        for number in ids:
            if what not in reasons.setdefault(number, []):
                reasons[number].append(what)
    ordered = sorted(reasons, key=lambda number: (-len(reasons[number]), number))[:_LIMIT]
    titles = titles_of(store, connection, given.entity.name, ordered)
    return [Candidate(number, titles[number], ", ".join(reasons[number])) for number in ordered]


@dataclass(frozen=True)
class _Search:
    store: Store
    connection: sa.Connection
    given: Given

    @property
    def entity(self) -> Entity:
        return self.given.entity

    @property
    def table(self) -> sa.Table:
        return self.store.table(self.entity.name)

    def run(self) -> Iterable[tuple[str, list[int]]]:
        """Yield (what is the same, ids) for every test that can be made."""
        yield from self._same_points()
        yield from self._same_fields()
        yield from self._same_name()

    def _living(self, condition: sa.ColumnElement[bool]) -> list[int]:
        table = self.table
        query = sa.select(table.c.id).where(condition, table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None))
        return list(self.connection.scalars(query.order_by(table.c.id).limit(_LIMIT)))

    def _same_points(self) -> Iterable[tuple[str, list[int]]]:
        for one in self.given.slots.values():
            if one.known is None or one.slot.detail == "postal_address":
                continue
            point = self.store.table(one.slot.detail)
            same = (
                point.c.standard_key == fold(one.known) if "standard_key" in point.c else point.c.standard == one.known
            )
            holders = sa.select(point.c.party_id).where(same, point.c.deleted_at.is_(None))
            yield one.slot.detail.replace("_", " "), self._living(self.table.c.id.in_(holders))

    def _same_fields(self) -> Iterable[tuple[str, list[int]]]:
        kinds = (SemanticType.EMAIL, SemanticType.PHONE, SemanticType.IDENTIFIER)
        for one in self.entity.fields:
            value = self.given.values.get(one.name)
            if one.type in kinds and not one.custom and value:
                column = self.table.c[one.key_column] if one.has_key else self.table.c[one.name]
                yield one.name, self._living(column == (fold(value) if one.has_key else value))

    def _same_name(self) -> Iterable[tuple[str, list[int]]]:
        if {"given_name", "family_name"} <= set(self.entity.by_name):
            yield from self._same_person()
        elif (name := self._value("name")) and "name" in self.entity.by_name:
            same = [self.table.c.name_key == fold(name)]
            if "account_id" in self.entity.by_name:  # deals are called alike: only those of one customer are the same
                same.append(self.table.c.account_id == self._value("account_id"))
            yield "name", self._living(sa.and_(*same))

    def _same_person(self) -> Iterable[tuple[str, list[int]]]:
        given, family = self._value("given_name"), self._value("family_name")
        if not (given and family):
            return
        table = self.table
        name = sa.and_(table.c.given_name_key == fold(given), table.c.family_name_key == fold(family))
        marks = list(self._marks())
        for what, condition in marks:
            yield f"name and {what}", self._living(sa.and_(name, condition))
        if not marks and not self.given.slots:
            yield "name", self._living(name)

    def _marks(self) -> Iterable[tuple[str, sa.ColumnElement[bool]]]:
        """Yield what tells people of one name apart, as far as it was given."""
        for name in _BESIDE_A_NAME:
            value = self._value(name)
            if value is not None:
                one = self.entity.field(name)
                column = self.table.c[one.key_column] if one.has_key else self.table.c[name]
                yield one.path_name.replace("_", " "), column == (fold(value) if one.has_key else value)
        for name in _PLACES:
            yield from self._place(name)

    def _place(self, name: str) -> Iterable[tuple[str, sa.ColumnElement[bool]]]:
        slot = self.given.slots.get(name)
        if slot is not None and slot.known:
            point = self.store.table(slot.slot.detail)
            column: Any = point.c.city_key if name == "city" else point.c[name]
            value = fold(slot.standard or slot.given) if name == "city" else (slot.standard or slot.given)
            there = sa.select(point.c.party_id).where(column == value, point.c.deleted_at.is_(None))
            yield name.replace("_", " "), self.table.c.id.in_(there)
        elif name in self.entity.by_name and (value := self._value(name)):
            one = self.entity.field(name)
            yield (
                name.replace("_", " "),
                (self.table.c[one.key_column] if one.has_key else self.table.c[name])
                == (fold(value) if one.has_key else value),
            )

    def _value(self, name: str) -> Any:
        return self.given.values.get(name)
