"""Selections: which records, which columns, in which order – read as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity, EntityRole, SemanticType
from crm_cli.query.batches import read_batches
from crm_cli.query.money import major_units
from crm_cli.query.paths import Path, resolve
from crm_cli.query.scope import Scope
from crm_cli.store import Store

if TYPE_CHECKING:
    from crm_cli.query.condition import Condition

__all__ = [
    "Selection",
    "all_columns",
    "count_records",
    "ids_of",
    "record_ids",
    "select_columns",
    "select_records",
    "summary_columns",
]

T = SemanticType
Row: TypeAlias = tuple[Any, ...]
Columns: TypeAlias = Sequence[Sequence[Any]]
ColumnReader: TypeAlias = partial[Sequence[Any]]
_SUMMARY = ("email", "phone", "city", "country", "company", "stage", "status", "kind", "amount", "currency", "owner")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to read of an entity's records.

    `columns` are fields, contact slots and paths; `*` stands for `all_columns`. `where` is a compiled condition or its
    text. `order` names columns, a leading `-` means descending; equal rows, and all without an order, follow the id.
    Deleted and merged records are left out unless `include_deleted`. Amounts come in major units (Decimal) by their
    currency; `stored` gives the integers that the database holds. With `ids` only these records are read, as many as
    one statement may name.
    """

    entity: str
    columns: Sequence[str] = ("*",)
    where: Condition | str | None = None
    order: Sequence[str] = field(default=())
    limit: int | None = None
    include_deleted: bool = False
    stored: bool = False
    ids: Sequence[int] | None = None

    def headers(self, dictionary: Dictionary) -> list[str]:
        """Return the names of the columns, `*` written out."""
        return [path.text for path in self.paths(dictionary)]

    def paths(self, dictionary: Dictionary) -> list[Path]:
        """Return the resolved columns; raises `UnknownFieldError`."""
        entity = dictionary.entity(self.entity)
        names: list[str] = []
        for name in self.columns:
            names += all_columns(entity) if name == "*" else [name]
        return [resolve(dictionary, entity, name) for name in names]


def all_columns(entity: Entity) -> list[str]:
    """Return `id`, every field and every contact slot: what an export of the entity holds unless told otherwise."""
    return ["id", *entity.public_names]


def summary_columns(entity: Entity) -> list[str]:
    """Return the few columns that show a record in a list: id, title, where to reach it, how it stands, its owner."""
    known = {*entity.public_names, *(one.path_name for one in entity.references)}
    rest = [name for name in _SUMMARY if name in known and name not in entity.title]
    return ["id", *(name for name in entity.title if name in known), *rest]


def select_records(store: Store, connection: sa.Connection, selection: Selection) -> Iterator[Row]:
    """Yield the selected rows, one tuple of Python values each, in the order of the columns.

    Rows are fetched as they are consumed, so the connection must not be used for anything else until the last one.
    Raises `ConditionError` and `UnknownFieldError` on the first step.
    """
    for columns in select_columns(store, connection, selection):
        yield from zip(*columns, strict=True)


def select_columns(store: Store, connection: sa.Connection, selection: Selection) -> Iterator[Columns]:
    """Yield the selected rows some at a time, column by column: the values of the first column of these rows, then on.

    For whoever treats a column as a whole. As `select_records` otherwise.
    """
    scope = Scope(store, store.dictionary.entity(selection.entity))
    readers: list[ColumnReader] = []
    columns: list[sa.ColumnElement[Any]] = []
    for path in selection.paths(store.dictionary):
        columns.append(scope.stored(path))
        readers.append(_reader(path, len(columns) - 1, stored=selection.stored))
        if path.field.type is T.MONEY and not selection.stored:
            currency = scope.currency(path)
            columns.append(sa.null() if currency is None else currency)
    labelled = [column.label(f"c{place}") for place, column in enumerate(columns)]
    query = _ordered(_filtered(store, sa.select(*labelled), scope, selection), store, scope, selection)
    for held in read_batches(connection, query.select_from(scope.source), columns):
        yield [read(held) for read in readers]


def record_ids(store: Store, connection: sa.Connection, selection: Selection) -> list[int]:
    """Return the ids of the selected records, in the selection's order."""
    query, scope = _of_root(store, selection)
    return list(connection.scalars(_ordered(query, store, scope, selection).select_from(scope.source)))


def ids_of(store: Store, selection: Selection) -> sa.Select[int]:
    """Return a query for the ids of the selected records, to stand inside another: `table.c.id.in_(ids_of(…))`.

    Order and limit are not part of it.
    """
    query, scope = _of_root(store, selection)
    return query.select_from(scope.source)


def count_records(store: Store, connection: sa.Connection, selection: Selection) -> int:
    """Return how many records the selection has, its limit apart."""
    return connection.scalar(sa.select(sa.func.count()).select_from(ids_of(store, selection).subquery())) or 0


def _of_root(store: Store, selection: Selection) -> tuple[sa.Select[int], Scope]:
    scope = Scope(store, store.dictionary.entity(selection.entity))
    return _filtered(store, sa.select(scope.root.c.id), scope, selection), scope


def _filtered(store: Store, query: sa.Select[Any], scope: Scope, selection: Selection) -> sa.Select[Any]:
    entity = store.dictionary.entity(selection.entity)
    if not selection.include_deleted and entity.role is not EntityRole.MACHINERY:
        query = query.where(scope.root.c.deleted_at.is_(None))
        if entity.role is EntityRole.RECORD:
            query = query.where(scope.root.c.merged_into_id.is_(None))
    if selection.ids is not None:
        query = query.where(scope.root.c.id.in_(selection.ids))
    condition = selection.where
    if isinstance(condition, str):
        from crm_cli.query.condition import compile_where  # NOTE: the parser takes a fifth of a second to import

        condition = compile_where(store.dictionary, entity, condition, zone=store.zone)
    return query if condition is None else query.where(condition.render(scope))


def _ordered(query: sa.Select[Any], store: Store, scope: Scope, selection: Selection) -> sa.Select[Any]:
    entity = store.dictionary.entity(selection.entity)
    for name in selection.order:
        path = resolve(store.dictionary, entity, name.removeprefix("-"))
        column = scope.key(path)
        # the servers disagree where nothing belongs: here it always comes last
        query = query.order_by(sa.case((column.is_(None), 1), else_=0))
        query = query.order_by(column.desc() if name.startswith("-") else column)
    query = query.order_by(scope.root.c.id)
    return query if selection.limit is None else query.limit(selection.limit)


def _reader(path: Path, place: int, *, stored: bool) -> ColumnReader:
    """Return what makes the values of one column out of the columns of the database, of which its own is `place`."""
    if path.field.custom:
        return partial(_custom_values, path, place, stored=stored)
    if path.field.type is T.MONEY and not stored:
        return partial(_amounts, place)
    return partial(_as_read, place)


def _as_read(place: int, held: Columns) -> Sequence[Any]:
    return held[place]


def _amounts(place: int, held: Columns) -> Sequence[Any]:
    pairs = zip(held[place], held[place + 1], strict=True)
    return [None if amount is None else major_units(amount, currency) for amount, currency in pairs]


def _custom_values(path: Path, place: int, held: Columns, *, stored: bool) -> Sequence[Any]:
    is_money = path.field.type is T.MONEY and not stored
    currencies = held[place + 1] if is_money else [None] * len(held[place])
    return [
        _custom(path, document, currency, is_money=is_money)
        for document, currency in zip(held[place], currencies, strict=True)
    ]


def _custom(path: Path, document: dict[str, Any] | None, currency: Any, *, is_money: bool) -> Any:
    value = (document or {}).get(path.field.name)
    if value is None:
        return None
    if path.field.type is T.DATE:
        return date.fromisoformat(value)
    if path.field.type is T.TIMESTAMP:
        return datetime.fromisoformat(value)
    return major_units(int(value), currency) if is_money else value
