"""Export records to a file: streamed from one consistent reading, written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from secrets import token_bytes
from typing import Any

from crm_cli.dictionary import Dictionary, Entity, SemanticType
from crm_cli.exporters import ExportColumn, Exported, ExportOptions, Masking, MaskingMethod, export_rows
from crm_cli.query import Selection, resolve, select_records
from crm_cli.store import Store

__all__ = ["default_columns", "export_records", "masked_of"]

_COMMON = {
    "id": SemanticType.INTEGER,
    "public_id": SemanticType.IDENTIFIER,
    "created_at": SemanticType.TIMESTAMP,
    "updated_at": SemanticType.TIMESTAMP,
    "row_version": SemanticType.INTEGER,
}
_PARTY_SLOTS = ("email", "phone", "mobile", "street", "city", "region", "postal_code", "country")


def default_columns(entity: Entity) -> list[str]:
    """Return what an export carries when nobody says: ids, every field, the contact slots of the first rank."""
    names = ["id", "public_id"]
    names += [one.name for one in entity.fields if one.type is not SemanticType.JSON]
    return [*names, *(name for name in _PARTY_SLOTS if name in entity.slot_by_name), "created_at", "updated_at"]


def export_records(
    store: Store,
    entity: str,
    target: Path | str,
    *,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    order: Sequence[str] | None = None,
    limit: int | None = None,
    options: ExportOptions | None = None,
    format_name: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Exported:
    """Write the records of `entity` to `target` (a file whose name says the format, or `-`).

    Same database, same bytes: the order is fixed (by id unless `order` says otherwise). Raises `UnknownFieldError`,
    `UsageError` for an existing file, `ExportError` where the format cannot carry a value.
    """
    declared = store.dictionary.entity(entity)
    names = list(columns or default_columns(declared))
    shown = [export_column(store.dictionary, declared, name) for name in names]
    with store.read() as connection:
        selection = Selection(entity=declared.name, columns=names, where=where, order=order or (), limit=limit)
        rows: Iterable[Sequence[Any]] = select_records(store, connection, selection)
        hidden = masked_of(store, entity, names)
        if hidden:
            rows, shown = _blank(rows, shown, hidden)
        return export_rows(_counted(rows, progress), shown, target, options or ExportOptions(), format_name=format_name)


def masked_of(store: Store, entity: str, columns: Sequence[str] | None = None) -> list[str]:
    """Return which of the columns are masked: of the JSON ones all that may hold a masked value."""
    declared = store.dictionary.entity(entity)
    found = {name: resolve(store.dictionary, declared, name) for name in columns or default_columns(declared)}
    return [
        name
        for name, path in found.items()
        if path.masked or (path.entity.masked and path.field.type is SemanticType.JSON)
    ]


def _blank(
    rows: Iterable[Sequence[Any]], columns: Sequence[ExportColumn], hidden: Sequence[str]
) -> tuple[Iterable[Sequence[Any]], list[ExportColumn]]:
    """Leave the values of the hidden columns out: the same masking as that of extracts."""
    methods = {one.name: MaskingMethod.REDACT if one.name in hidden else MaskingMethod.KEEP for one in columns}
    masked = Masking(token_bytes(16), by_column=methods).apply(rows, columns)
    return masked.rows, list(masked.columns)


def export_column(dictionary: Dictionary, entity: Entity, name: str) -> ExportColumn:
    """Return what the exporters must know of a column: what its values mean and how personal they are."""
    if name in _COMMON:
        return ExportColumn(name, _COMMON[name])
    found = resolve(dictionary, entity, name)
    one = found.slot or found.field
    kind = SemanticType.INTEGER if one.type is SemanticType.REFERENCE else one.type
    return ExportColumn(name, kind, one.personal)


def _counted(rows: Iterable[Sequence[Any]], progress: Callable[[int], None] | None) -> Iterator[Sequence[Any]]:
    for row in rows:
        yield row
        if progress:
            progress(1)
