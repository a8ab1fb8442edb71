"""Column types that mean the same on SQLite, PostgreSQL and MariaDB.

The migrations use these too: a change here must leave existing revisions as they are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect

__all__ = ["COLLATION", "CompareKey", "UtcDateTime", "big_id", "document", "long_text", "short_text"]

COLLATION = "utf8mb4_nopad_bin"  # MariaDB: compare bytes, trailing blanks count – as the other two do


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment, aware and in UTC; naive values are refused. Microseconds on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Return MariaDB's DATETIME(6), else the default."""
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into what the driver takes."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive timestamp refused: {value!r}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn what the driver gives into an aware moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CompareKey(sa.types.TypeDecorator[str]):
    """A compare key, cut at `length` wherever one is written or compared with: folding can lengthen a text 18 times.

    SQLite would keep it whole, the servers refuse it.
    """

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Return what `short_text` is there."""
        return dialect.type_descriptor(short_text(self.length).dialect_impl(dialect))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Cut the key."""
        return None if value is None else value[: self.length]


def big_id() -> sa.types.TypeEngine[int]:
    """Return a 64-bit integer; on SQLite the type whose primary key is the row id itself."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def short_text(length: int) -> sa.types.TypeEngine[str]:
    """Return a one-line text that compares by code points on every server."""
    plain = sa.String(length)
    return plain.with_variant(sa.String(length, collation="C"), "postgresql")


def long_text() -> sa.types.TypeEngine[str]:
    """Return a text of any length."""
    plain = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
    return plain.with_variant(sa.Text(collation="C"), "postgresql")


def document() -> sa.types.TypeEngine[Any]:
    """Return a JSON document; None is SQL's NULL."""
    return sa.JSON(none_as_null=True)
