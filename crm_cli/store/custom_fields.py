"""Fields added at run time: rows of `custom_field`, read into the dictionary."""

from __future__ import annotations

import sqlalchemy as sa

from crm_cli.dictionary import Field, PersonalData, SemanticType

__all__ = ["read_custom_fields"]


def read_custom_fields(connection: sa.Connection, table: sa.Table) -> list[tuple[str, Field]]:
    """Return the run-time fields as (entity name, field), in the order in which they were added."""
    rows = connection.execute(sa.select(table).order_by(table.c.id)).all()
    return [(row.entity, _field(row.name, row.type, row.meaning, row.options or {})) for row in rows]


def _field(name: str, kind: str, meaning: str | None, options: dict[str, list[str]]) -> Field:
    return Field(
        name=name,
        type=SemanticType(kind),
        meaning=meaning or "",
        synonyms=tuple(options.get("synonyms", ())),
        values=tuple(options.get("values", ())),
        personal=PersonalData.FREE_TEXT,  # personal until said otherwise
        keyed=False,
        custom=True,
    )
