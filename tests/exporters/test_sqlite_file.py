"""SQLite files: read back by Python's sqlite3, with the types that analysts compute with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_cli.dictionary.types import SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters import ExportColumn, ExportOptions, Row, Table, UnfitValueError, export_rows, export_tables

T = SemanticType
COLUMNS = [
    ExportColumn("id", T.INTEGER), ExportColumn("account.name"), ExportColumn("amount", T.MONEY),
    ExportColumn("share", T.NUMBER), ExportColumn("born", T.DATE), ExportColumn("at", T.TIMESTAMP),
    ExportColumn("active", T.BOOLEAN), ExportColumn("extra", T.JSON), ExportColumn("zip", T.POSTAL_CODE),
]  # fmt: skip
ROW: Row = [
    7, "O'Neil \"x\"; DROP TABLE t", Decimal("1234.50"), 0.1, date(1900, 1, 1), datetime(2026, 5, 31, 8, tzinfo=UTC),
    True, {"b": [1]}, "00123",
]  # fmt: skip


def read(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_values_keep_their_kind(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    done = export_rows([ROW, [None] * 9], COLUMNS, path, ExportOptions(sheet="deals"))
    assert done.rows == 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert read(path, "SELECT * FROM deals ORDER BY id IS NULL")[0] == (
        7, ROW[1], 1234.5, 0.1, "1900-01-01", "2026-05-31T08:00:00Z", 1, '{"b":[1]}', "00123",
    )  # fmt: skip
    assert read(path, "SELECT account_name FROM deals WHERE id IS NULL") == [(None,)]
    assert read(path, "SELECT sum(amount), typeof(zip) FROM deals WHERE id = 7") == [(1234.5, "text")]
    assert read(path, "PRAGMA integrity_check") == [("ok",)]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.db", "b.db"):
        export_rows([ROW] * 500, COLUMNS, tmp_path / name)
    assert (tmp_path / "a.db").read_bytes() == (tmp_path / "b.db").read_bytes()
    export_rows([ROW] * 500, COLUMNS, tmp_path / "c.db.gz")
    assert (tmp_path / "c.db.gz").stat().st_size < (tmp_path / "a.db").stat().st_size


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 2**63), (2, Decimal("12345678901234.56")), (3, float("nan")), (1, "a\0"), (5, datetime.max)],
)
def test_what_it_cannot_hold_is_refused(tmp_path: Path, place: int, value: Any) -> None:
    row: list[Any] = list(ROW)
    row[place] = value
    with pytest.raises(UnfitValueError, match=f"row 2, column {COLUMNS[place].name}"):
        export_rows([ROW, row], COLUMNS, tmp_path / "x.db")
    assert list(tmp_path.iterdir()) == []


def test_two_columns_that_would_be_one_are_refused(tmp_path: Path) -> None:
    columns = [ExportColumn("account.name"), ExportColumn("account_Name")]
    with pytest.raises(UsageError, match="two columns would be called"):
        export_rows([["a", "b"]], columns, tmp_path / "x.db")


def test_tables_stand_side_by_side(tmp_path: Path) -> None:
    tables = [Table("a", COLUMNS[:1], [[1], [2]]), Table('b"; DROP TABLE a; --', COLUMNS[:2], [[3, "x"]])]
    done = export_tables(tables, tmp_path / "x.db")
    assert done.rows == 3
    assert read(tmp_path / "x.db", "SELECT count(*) FROM a") == [(2,)]
    assert read(tmp_path / "x.db", "SELECT name FROM sqlite_master") == [("a",), ('b"; DROP TABLE a; --',)]
    with pytest.raises(UsageError, match="one table only"):
        export_tables(tables, tmp_path / "x.csv")
