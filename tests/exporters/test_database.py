"""Tables in another database: typed, quoted, refused where they cannot hold a value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.dictionary.types import SemanticType
from crm_cli.exporters import ExportColumn, ExportError, Row, Table, UnfitValueError, export_tables

T = SemanticType
COLUMNS = [
    ExportColumn("id", T.INTEGER), ExportColumn("order"), ExportColumn("amount", T.MONEY),
    ExportColumn("share", T.NUMBER), ExportColumn("born", T.DATE), ExportColumn("at", T.TIMESTAMP),
    ExportColumn("active", T.BOOLEAN), ExportColumn("extra", T.JSON),
]  # fmt: skip
MOMENT = datetime(2026, 5, 31, 8, 0, 0, 123456, tzinfo=UTC)
ROW: Row = [
    2**40, "O'Neil 🧾 %s \\", Decimal("1234567890123.4567"), 0.1, date(1900, 1, 1), MOMENT, True, {"b": 1},
]  # fmt: skip


def test_values_come_back_as_they_were(database_url: str) -> None:
    rows: list[Row] = [ROW, [None] * 8]
    export_tables([Table("select", COLUMNS, rows)], database_url)
    engine = sa.create_engine(database_url)
    table = sa.Table("select", sa.MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        found = list(connection.execute(sa.select(table).order_by(table.c.id.is_(None))))
    engine.dispose()
    kept: list[Any] = [value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for value in found[0]]
    assert kept[:2] + kept[4:] == [ROW[0], ROW[1], date(1900, 1, 1), MOMENT, True, '{"b":1}']
    assert [float(value) for value in kept[2:4]] == [1234567890123.4567, 0.1]
    assert list(found[1]) == [None] * 8


@pytest.mark.parametrize(
    ("place", "value"), [(0, 2**63), (0, True), (2, Decimal("0.00001")), (3, float("inf")), (4, "2026"), (6, "yes")]
)
def test_what_a_column_cannot_hold_is_refused_and_nothing_is_left(sqlite_url: str, place: int, value: Any) -> None:
    row: list[Any] = list(ROW)
    row[place] = value
    with pytest.raises(UnfitValueError, match=f"row 2, column {COLUMNS[place].name}"):
        export_tables([Table("t", COLUMNS, [ROW, row])], sqlite_url)
    engine = sa.create_engine(sqlite_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(ExportError) as caught:
        export_tables([Table("t", COLUMNS, [ROW])], "postgresql://u:secret@127.0.0.1:1/x")
    assert "127.0.0.1:1/x" in caught.value.message
    assert "secret" not in str(caught.value)


def test_rows_are_read_once_while_they_are_written(sqlite_url: str) -> None:
    taken = []

    def rows() -> Iterator[Row]:
        for number in range(12_000):
            taken.append(number)
            yield [number, *ROW[1:]]

    assert export_tables([Table("t", COLUMNS, rows())], sqlite_url).rows == 12_000
    assert taken == list(range(12_000))
