"""Joins: which tables a query needs for the paths that it names, each joined once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType
from crm_cli.query.constructs import ByCodePoint
from crm_cli.query.paths import Path, Step
from crm_cli.store import Store

__all__ = ["Scope"]

T = SemanticType
Column = sa.ColumnElement[Any]
_WHOLE = {T.INTEGER, T.MONEY, T.REFERENCE}


class Scope:
    """One query over the records of an entity: gives columns for paths, and collects the left joins they need."""

    def __init__(self, store: Store, entity: Entity) -> None:
        self._store = store
        self.root = store.table(entity.name).alias()
        self.source: sa.FromClause = self.root
        self._joined: dict[tuple[str, ...], sa.FromClause] = {(): self.root}

    def value(self, path: Path) -> Column:
        """Return the stored value of the path; of a run-time field what stands in the JSON, by its type."""
        table = self._home(path)
        return _custom_value(table.c.custom, path) if path.field.custom else table.c[path.field.name]

    def stored(self, path: Path) -> Column:
        """Return the column that holds the value: for a run-time field the whole JSON document."""
        return self._home(path).c["custom" if path.field.custom else path.field.name]

    def key(self, path: Path) -> Column:
        """Return what texts of the path are compared by: the compare key where there is one, else the value."""
        if path.field.has_key and not path.field.custom:
            return self._home(path).c[path.field.key_column]
        return self.value(path)

    def currency(self, path: Path) -> Column | None:
        """Return the currency that stands beside an amount, or None where the entity has none."""
        table = self._table(path.steps)
        return table.c.currency if "currency" in path.entity.by_name else None

    def _home(self, path: Path) -> sa.FromClause:
        return self._contact_point(path) if path.slot else self._table(path.steps)

    def _table(self, steps: tuple[Step, ...]) -> sa.FromClause:
        names = tuple(step.name for step in steps)
        if names not in self._joined:
            before, step = self._table(steps[:-1]), steps[-1]
            table = self._store.table(step.target).alias()
            self._join(names, table, table.c.id == before.c[step.column])
        return self._joined[names]

    def _contact_point(self, path: Path) -> sa.FromClause:
        slot = path.slot
        if slot is None:
            raise LookupError(f"{path.text} is no contact slot")
        names = (*(step.name for step in path.steps), f"{slot.detail}:{slot.kind or 'primary'}")
        if names not in self._joined:
            owner = self._table(path.steps)
            point = self._store.table(slot.detail).alias()
            first = point.c.id == self._first_point(slot.detail, slot.kind, owner)
            self._join(names, point, sa.and_(point.c.party_id == owner.c.id, first))
        return self._joined[names]

    def _first_point(self, detail: str, kind: str | None, owner: sa.FromClause) -> sa.ScalarSelect[Any]:
        point = self._store.table(detail).alias()
        wanted = point.c.kind == kind if kind else point.c.is_primary == sa.true()
        query = sa.select(sa.func.min(point.c.id)).where(point.c.party_id == owner.c.id, point.c.deleted_at.is_(None))
        return query.where(wanted).correlate(owner).scalar_subquery()

    def _join(self, names: tuple[str, ...], table: sa.FromClause, condition: sa.ColumnElement[bool]) -> None:
        self.source = self.source.outerjoin(table, condition)
        self._joined[names] = table


def _custom_value(document: Column, path: Path) -> Column:
    value: Any = document[path.field.name]
    if path.field.type in _WHOLE:
        whole: Column = value.as_integer()
        return whole
    if path.field.type is T.NUMBER:
        number: Column = value.as_float()
        return number
    text = ByCodePoint(value.as_string())
    if path.field.type is T.BOOLEAN:  # the servers say true, SQLite says 1
        return sa.case((text.is_(None), sa.null()), else_=text.in_(("true", "1")))
    return text
