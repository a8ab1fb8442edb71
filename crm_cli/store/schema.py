"""Tables made from the dictionary: one declaration, the same tables on every database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity, EntityRole, Field, SemanticType
from crm_cli.store.columns import COLLATION, CompareKey, UtcDateTime, big_id, document, long_text, short_text

__all__ = ["COMMON_COLUMNS", "build_metadata"]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
COMMON_COLUMNS = {
    EntityRole.RECORD: (
        "public_id",
        "row_version",
        "created_at",
        "updated_at",
        "deleted_at",
        "merged_into_id",
        "custom",
        "extra",
    ),
    EntityRole.DETAIL: ("row_version", "created_at", "updated_at", "deleted_at"),
    EntityRole.MACHINERY: (),
}
_COLUMN_TYPES: dict[SemanticType, Any] = {
    SemanticType.DATE: sa.Date,
    SemanticType.TIMESTAMP: UtcDateTime,
    SemanticType.MONEY: sa.BigInteger,
    SemanticType.INTEGER: sa.BigInteger,
    SemanticType.NUMBER: sa.Double,
    SemanticType.BOOLEAN: sa.Boolean,
    SemanticType.NOTE: long_text,
    SemanticType.JSON: document,
    SemanticType.REFERENCE: big_id,
}


def build_metadata(dictionary: Dictionary) -> sa.MetaData:
    """Return the tables of every entity, run-time fields apart (those stand in `custom`)."""
    metadata = sa.MetaData(naming_convention=NAMING)
    for entity in dictionary:
        sa.Table(
            entity.name,
            metadata,
            *_columns(entity),
            *_constraints(entity),
            mysql_charset="utf8mb4",
            mysql_collate=COLLATION,
            mysql_engine="InnoDB",
            mariadb_charset="utf8mb4",
            mariadb_collate=COLLATION,
            mariadb_engine="InnoDB",
        )
    return metadata


def _columns(entity: Entity) -> list[sa.Column[Any]]:
    parent = [sa.ForeignKey(f"{entity.subtype_of}.id")] if entity.subtype_of else []
    columns: list[sa.Column[Any]] = [sa.Column("id", big_id(), *parent, primary_key=True, autoincrement=False)]
    columns += [_common(name) for name in COMMON_COLUMNS[entity.role]]
    for one in entity.fields:
        if not one.custom:
            columns += _field_columns(one)
    return columns


def _common(name: str) -> sa.Column[Any]:
    kinds: dict[str, sa.Column[Any]] = {
        "public_id": sa.Column("public_id", short_text(26), nullable=False, unique=True),
        "row_version": sa.Column("row_version", sa.Integer, nullable=False),
        "created_at": sa.Column("created_at", UtcDateTime, nullable=False),
        "updated_at": sa.Column("updated_at", UtcDateTime, nullable=False),
        "deleted_at": sa.Column("deleted_at", UtcDateTime),
        "merged_into_id": sa.Column("merged_into_id", big_id(), index=True),
        "custom": sa.Column("custom", document()),
        "extra": sa.Column("extra", document()),
    }
    return kinds[name]


def _field_columns(one: Field) -> list[sa.Column[Any]]:
    made = _COLUMN_TYPES.get(one.type)
    kind = made() if made else short_text(one.max_length)
    foreign = [sa.ForeignKey(f"{one.reference.entity}.id")] if one.reference and one.reference.entity else []
    plain = not one.has_key
    columns: list[sa.Column[Any]] = [
        sa.Column(
            one.name,
            kind,
            *foreign,
            nullable=not one.required,
            unique=(one.unique and plain) or None,
            index=(one.indexed and plain and not one.unique) or None,
        )
    ]
    if one.has_key:
        # a folded text can be longer than its source: "ß" becomes "ss"; MariaDB indexes 768 characters at most
        key = CompareKey(min(2 * one.max_length, 760))
        columns.append(
            sa.Column(one.key_column, key, unique=one.unique or None, index=(one.indexed and not one.unique) or None)
        )
    return columns


def _constraints(entity: Entity) -> list[sa.UniqueConstraint | sa.Index]:
    uniques = [sa.UniqueConstraint(*names) for names in entity.unique_together]
    return [*uniques, *(sa.Index(None, *names) for names in entity.indexes)]
