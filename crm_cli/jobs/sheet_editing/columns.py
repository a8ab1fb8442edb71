"""Which columns an editable workbook has, what their cells take, and the texts of records in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import ContactSlot, Entity, EntityRole, Field, SemanticType
from crm_cli.errors import UsageError
from crm_cli.jobs.sheet_editing.layout import ID, VERSION
from crm_cli.query import Path, Selection, resolve, select_records
from crm_cli.records.given import NotEditableError, field_named
from crm_cli.store import Store

__all__ = ["EditColumn", "Record", "columns_of", "masked_of", "records_of"]

_SLOTS = ("email", "phone", "mobile", "street", "postal_code", "city", "region", "country")
_MOST_CHOICES = 1_000
_CURRENCY = "such as EUR (ISO 4217)"
_TAKES = {
    SemanticType.DATE: "A date, such as 2026-05-31",
    SemanticType.TIMESTAMP: "A time, such as 2026-05-31T14:00:00+00:00",
    SemanticType.BOOLEAN: "yes or no",
    SemanticType.INTEGER: "A whole number",
    SemanticType.NUMBER: "A number",
    SemanticType.MONEY: "An amount, such as 1500.00",
    SemanticType.CURRENCY: f"A currency, {_CURRENCY}",
    SemanticType.COUNTRY: "A country: its two-letter code, or its name",
    SemanticType.PHONE: "A telephone number",
    SemanticType.EMAIL: "An e-mail address",
    SemanticType.URL: "A web address",
}
_VALUES = {SemanticType.INTEGER, SemanticType.NUMBER, SemanticType.MONEY, SemanticType.REFERENCE}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditColumn:
    """A column by the name that a path has; `target` is what `set` calls the field, empty where it is only to read."""

    name: str
    type: SemanticType
    target: str = ""
    note: str = ""
    choices: Sequence[str] = ()
    strict: bool = False
    masked: bool = False

    @property
    def is_value(self) -> bool:
        """Whether its cells are numbers."""
        return self.type in _VALUES


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands: ids, version, what became of it, and its texts in the order of the columns."""

    id: int
    version: int
    public_id: str
    texts: tuple[str, ...]
    deleted: bool = False
    merged_into: int | None = None


def columns_of(
    store: Store, connection: sa.Connection, entity: Entity, names: Sequence[str] | None = None
) -> list[EditColumn]:
    """Return the columns that `names` ask for, else all fields that people set and the contact slots of the first rank.

    A path through a reference, such as `account.name`, is shown to be read. Raises `UnknownFieldError`, and
    `UsageError` for an entity that people do not edit.
    """
    if entity.role is not EntityRole.RECORD:
        raise UsageError(f"{entity.noun} has no records to edit", hint="crm schema list shows what has")
    wanted = [name for name in names or _default_names(store, entity) if name not in (ID, VERSION)]
    found = [_column(store, connection, entity, name) for name in dict.fromkeys(wanted)]
    if not any(one.target for one in found):
        raise UsageError("none of the columns can be edited", hint=f"crm schema show {entity.noun} shows the fields")
    return found


def masked_of(store: Store, entity: str, names: Sequence[str] | None = None) -> list[str]:
    """Return which of the columns (those that `columns_of` would return) are masked."""
    with store.read() as connection:
        return [one.name for one in columns_of(store, connection, store.dictionary.entity(entity), names) if one.masked]


def _default_names(store: Store, entity: Entity) -> list[str]:
    names = []
    for one in entity.fields:
        if one.editable and one.type is not SemanticType.JSON:
            names.append(one.path_name if _titled(store, one) else one.name)
            if one.reference and one.reference.entity and not _titled(store, one):
                names += _beside(store, entity, one)
    return [*names, *(name for name in _SLOTS if name in entity.slot_by_name)]


def _titled(store: Store, one: Field) -> bool:
    """Whether a reference is shown by a name that no other record has: owners by their user names."""
    if one.reference is None or one.reference.entity is None:
        return False
    target = store.dictionary.entity(one.reference.entity)
    return len(target.title) == 1 and target.field(target.title[0]).unique


def _beside(store: Store, entity: Entity, one: Field) -> list[str]:
    """The name of the record that a number refers to, to be read beside it."""
    try:
        resolve(store.dictionary, entity, one.path_name)
    except UsageError:  # it has no name of one field
        return []
    return [one.path_name]


def _column(store: Store, connection: sa.Connection, entity: Entity, name: str) -> EditColumn:
    path = resolve(store.dictionary, entity, name)
    if path.field.type is SemanticType.JSON:
        raise UsageError(f"{name} holds no single value", hint="leave the column out")
    try:
        target = field_named(entity, name.removeprefix("custom."))
    except UsageError as fault:
        if path.steps or isinstance(fault, NotEditableError):
            return EditColumn(name=name, type=path.field.type, note="Only to read", masked=path.masked)
        raise
    if isinstance(target, Field) and path.steps and not _titled(store, target):
        return EditColumn(
            name=name, type=path.field.type, note=f"Only to read; {target.name} changes it", masked=path.masked
        )
    kind = SemanticType.TEXT if path.steps else target.type
    choices, strict = _choices(store, connection, target, path)
    note = f"{target.meaning}\n{_taken(target, path)}".strip()
    masked = path.masked or target.masked
    return EditColumn(
        name=name, type=kind, target=target.name, note=note, choices=choices, strict=strict, masked=masked
    )


def _choices(
    store: Store, connection: sa.Connection, target: Field | ContactSlot, path: Path
) -> tuple[Sequence[str], bool]:
    """The values to choose from, and whether there are no others."""
    if isinstance(target, Field) and target.values:
        return target.values, True
    if target.type is SemanticType.BOOLEAN:
        return ("yes", "no"), True
    if target.type is SemanticType.COUNTRY:
        from crm_cli.standardize.countries import country_codes

        return country_codes(), False
    if path.steps:
        table = store.table(path.entity.name)
        column = table.c[path.field.name]
        query = sa.select(column).where(column.is_not(None)).order_by(column).limit(_MOST_CHOICES)
        for name in ("deleted_at", "merged_into_id"):
            if name in table.c:
                query = query.where(table.c[name].is_(None))
        return [text for text in connection.scalars(query) if text.isprintable() and len(text) < 255], False
    return (), False


def _taken(target: Field | ContactSlot, path: Path) -> str:
    """Say what a cell takes."""
    if isinstance(target, Field) and target.values:
        return f"One of: {', '.join(target.values)}"
    if path.steps:
        return f"A {path.entity.noun} by its {path.field.name}"
    if target.type is SemanticType.REFERENCE:
        return "The number of a record, or its name"
    said = _TAKES.get(target.type, "")
    if isinstance(target, Field) and target.is_text and not said:
        said = f"A text of at most {target.max_length} characters"
    needed = ["Needed"] if isinstance(target, Field) and target.required else []
    return ". ".join([*(part for part in (said,) if part), *needed])


def records_of(
    store: Store,
    connection: sa.Connection,
    entity: Entity,
    columns: Sequence[EditColumn],
    *,
    where: str | None = None,
    order: Sequence[str] = (),
    limit: int | None = None,
    gone: bool = False,
) -> Iterator[Record]:
    """Yield the records that fit `where`, with `gone` the deleted and merged ones too; read as they are consumed."""
    names = [ID, VERSION, "public_id", "deleted_at", "merged_into_id", *(one.name for one in columns)]
    selection = Selection(
        entity=entity.name, columns=names, where=where, order=order, limit=limit, include_deleted=gone
    )
    for number, version, public_id, deleted_at, merged_into, *values in select_records(store, connection, selection):
        texts = tuple(_text(value) for value in values)
        yield Record(number, version, public_id, texts, deleted_at is not None, merged_into)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
