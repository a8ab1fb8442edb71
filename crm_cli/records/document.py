"""A record as a TOML document, to be edited in the user's own editor; only what was changed comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.records.given import field_named
from crm_cli.records.listing import fields_of
from crm_cli.records.titles import titles_of
from crm_cli.store import Store

__all__ = ["BadDocumentError", "Document", "document_of"]


class BadDocumentError(UsageError):
    """The edited text is no TOML, or holds something else than `name = value` lines."""

    code = "bad-document"


@dataclass(frozen=True)
class Document:
    """A record's fields as they were shown: `text` is the TOML, `version` the row's version when it was read."""

    entity: Entity
    id: int
    version: int
    text: str
    values: Mapping[str, str]

    def changes(self, edited: str) -> dict[str, str]:
        """Return name → text of the fields that `edited` gives another value; a line taken out changes nothing.

        Raises `BadDocumentError`, and what `field_named` raises for a name that is no field.
        """
        found = {}
        for name, value in _parsed(edited).items():
            field_named(self.entity, name)
            text = _as_text(name, value)
            if text != self.values.get(name, ""):
                found[name] = text
        return found


def document_of(store: Store, connection: sa.Connection, entity: Entity, number: int) -> Document:
    """Return the editable fields and contact slots of a record, without masked ones, which a comment names.

    Raises `NotFoundError` when it is deleted.
    """
    import tomlkit

    table = store.table(entity.name)
    common = connection.execute(sa.select(table).where(table.c.id == number)).mappings().one()
    if common["deleted_at"] is not None:
        hint = f"crm {entity.noun} restore {number} brings it back"
        raise NotFoundError(f"{entity.noun} {number} is deleted", hint=hint, record_id=number)
    row = fields_of(store, connection, entity.name, number)
    document = tomlkit.document()
    document.add(tomlkit.comment(f"{entity.noun} {number}. Change values, save, and close; a blank clears a field."))
    values = {}
    masked = [name for name in _editable(entity) if name in entity.masked]
    if masked:
        document.add(tomlkit.comment(f"masked, and left out: {', '.join(masked)}"))
    for name in _editable(entity):
        if name in masked:
            continue
        values[name] = _shown(row.get(name))
        item = tomlkit.string(values[name])
        note = _note(store, connection, entity, name, row.get(name))
        if note:
            item.comment(note)
        document.add(name, item)
    return Document(entity, number, common["row_version"], tomlkit.dumps(document), values)


def _editable(entity: Entity) -> list[str]:
    return [name for name in entity.public_names if name in entity.slot_by_name or entity.by_name[name].editable]


def _note(store: Store, connection: sa.Connection, entity: Entity, name: str, value: Any) -> str:
    """Return the remark beside a value: what it may be, or what a number refers to."""
    one = entity.by_name.get(name)
    if one is None:
        return ""
    if one.values:
        return "one of: " + ", ".join(one.values)
    if one.reference and one.reference.entity and isinstance(value, int):
        title = titles_of(store, connection, one.reference.entity, [value]).get(value, "")
        return " ".join(title.split())
    return ""


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _parsed(text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadDocumentError(f"the edited text is no TOML: {fault}", hint='every line is: name = "value"') from None


def _as_text(name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise BadDocumentError(f"{name} holds a list or a table", hint=f'write: {name} = "value"')
    return _shown(value)
