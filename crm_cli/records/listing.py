"""Records as rows: a list by a condition, and what a record's own fields and contact slots hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import SemanticType, shown, shown_as
from crm_cli.query import Path, Selection, count_records, select_records, summary_columns
from crm_cli.store import Store

__all__ = ["Listed", "Listing", "fields_of", "list_records", "listed"]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Which records to list, and how; without columns the few that a list needs."""

    entity: str
    columns: Sequence[str] = ()
    where: str | None = None
    order: Sequence[str] = ()
    limit: int | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Listed:
    """A list: its columns, its rows as a stream, and how many records the limit left out."""

    columns: list[str]
    rows: Iterator[dict[str, Any]]
    left_out: int


def listed(store: Store, connection: sa.Connection, wanted: Listing) -> Listed:
    """Return the list; read its rows before the connection is used for anything else.

    Raises `ConditionError` and `UnknownFieldError`.
    """
    entity = store.dictionary.entity(wanted.entity)
    selection = Selection(
        entity=entity.name, columns=tuple(wanted.columns) or tuple(summary_columns(entity)),
        where=_deleted_only(wanted.where) if wanted.deleted else wanted.where, order=tuple(wanted.order),
        limit=wanted.limit, include_deleted=wanted.deleted,
    )  # fmt: skip
    total = 0 if wanted.limit is None else count_records(store, connection, selection)
    rows = list_records(store, connection, selection)
    return Listed(selection.headers(store.dictionary), rows, max(0, total - (wanted.limit or 0)))


def _deleted_only(where: str | None) -> str:
    gone = "deleted_at is not null and merged_into_id is null"
    return f"({where}) and {gone}" if where else gone


def list_records(store: Store, connection: sa.Connection, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield the selected records as rows by column name, masked values as `•••`; `id` is always in them.

    Amounts are in major units.
    """
    names = ["id", *(name for name in selection.headers(store.dictionary) if name != "id")]
    wanted = replace(selection, columns=names)
    hidden = _hidden(wanted.paths(store.dictionary))
    for values in select_records(store, connection, wanted):
        row = dict(zip(names, values, strict=True))
        for path in hidden:
            row[path.text] = shown(path, shown_as(path.entity, path.field.name, row[path.text]))
        yield row


def _hidden(paths: Sequence[Path]) -> list[Path]:
    """The columns that hold something masked: of JSON all that may."""
    return [path for path in paths if path.masked or (path.entity.masked and path.field.type is SemanticType.JSON)]


def fields_of(store: Store, connection: sa.Connection, entity: str, number: int) -> dict[str, Any]:
    """Return every field and contact slot of one record as a view may show them, also of a deleted or merged one."""
    everything = Selection(entity=entity, columns=("*",), where=f"id = {number:d}", include_deleted=True)
    return next(list_records(store, connection, everything), {})
