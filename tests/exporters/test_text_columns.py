"""Columns as a whole become the texts that each of their values becomes alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.exporters import ColumnBatches, ExportColumn, ExportOptions, Row, UnfitValueError
from crm_cli.exporters.base import converted
from crm_cli.exporters.csv_file import Csv, Tsv, _guarded_text
from crm_cli.exporters.text_columns import column_texts
from crm_cli.exporters.values import as_text

TEXT = st.text(max_size=8) | st.sampled_from(["=1", "'=1", "+4930123456", "@a", "\t", "-5", "", "ä", "\ud800", "a\0b"])
SPECIAL = st.text(alphabet="a,;\"'\r\n\t ä\x0b\u2028-=", max_size=6)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT, "whole": st.integers(), "number": st.floats(), "amount": st.decimals(allow_nan=False),
    "truth": st.booleans(), "day": st.dates(), "time": st.datetimes(timezones=st.just(UTC)),
    "document": st.dictionaries(TEXT, st.integers(), max_size=2),
    "anything": TEXT | st.integers() | st.booleans() | st.dates(),
}  # fmt: skip


@pytest.mark.parametrize("kind", VALUES)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), guard=st.booleans())
def test_as_value_by_value(kind: str, data: st.DataObject, guard: bool) -> None:
    values = data.draw(st.lists(st.none() | VALUES[kind], min_size=1, max_size=6))
    convert = _guarded_text if guard else as_text
    try:
        expected: list[str | None] | None = [convert(value) for value in values]
    except ValueError:
        expected = None
    try:
        found = column_texts(values, convert, guard=guard)
    except ValueError:
        assert expected is None
        return
    assert [None if one is None else str(one) for one in found] == expected


def written(rows: Iterable[Row], columns: int = 2) -> bytes:
    stream = io.BytesIO()
    Csv(ExportOptions()).write(rows, [ExportColumn(f"c{place}") for place in range(columns)], stream)
    return stream.getvalue()


def test_a_value_that_is_refused_is_named_with_its_row_also_far_down() -> None:
    rows: list[list[Any]] = [["a", number] for number in range(5_000)]
    rows[4_321] = ["a\0", 1]
    with pytest.raises(UnfitValueError, match="row 4322, column c0: text with a NUL") as caught:
        written(rows)
    assert caught.value.facts["row"] == 4_322
    rows[4_321] = ["a"]
    with pytest.raises(Exception, match="row 4322 has 1 values for 2 columns"):
        written(rows)
    with pytest.raises(Exception, match="row 1 has 2 values for 3 columns"):
        written(rows[:1], columns=3)


def test_lines_of_all_batches_are_there_in_order() -> None:
    rows: list[Row] = [[f"n{number}", date(2026, 1, 1)] for number in range(4_001)]
    lines = written(rows).decode().split("\r\n")
    assert lines[1:-1] == [f"n{number},2026-01-01" for number in range(4_001)]


def test_the_numbers_of_rows_can_start_anywhere() -> None:
    with pytest.raises(UnfitValueError, match="row 12,"):
        list(converted([["a"], ["\0"]], [ExportColumn("c")], [as_text], 11))
    assert list(converted([[datetime(2026, 1, 1, tzinfo=UTC)]], [ExportColumn("c")], [as_text])) == [
        ["2026-01-01T00:00:00Z"]
    ]
    assert as_text(Decimal("1E+2")) == "100"


def test_rows_that_come_as_columns_are_the_same_rows() -> None:
    rows: list[list[Any]] = [[f"n{number}", number] for number in range(2_500)]
    batches = [list(zip(*rows[start : start + 1_000], strict=True)) for start in range(0, 2_500, 1_000)]
    assert written(rows) == written(ColumnBatches(batches))
    assert list(ColumnBatches(batches)) == [tuple(row) for row in rows]
    counted = ColumnBatches(batches)
    assert (written(counted), counted.number) == (written(rows), 2_500)
    rows[2_100][0] = "a\0"
    broken = [list(zip(*rows[start : start + 1_000], strict=True)) for start in range(0, 2_500, 1_000)]
    with pytest.raises(UnfitValueError, match="row 2101, column c0"):
        written(ColumnBatches(broken))


@given(
    rows=st.lists(st.tuples(st.none() | SPECIAL, st.none() | SPECIAL, st.integers()), max_size=5), tabs=st.booleans()
)
def test_lines_are_those_of_the_csv_module(rows: list[tuple[Any, ...]], tabs: bool) -> None:
    kind = Tsv if tabs else Csv
    for width in (1, 3):
        expected = io.StringIO(newline="")
        csv.writer(expected, delimiter=kind.delimiter, lineterminator="\r\n").writerows(
            [["a", "b", "c"][:width], *(row[:width] for row in rows)]
        )
        stream = io.BytesIO()
        columns = [ExportColumn(name) for name in "abc"[:width]]
        kind(ExportOptions(guard_formulas=False)).write([row[:width] for row in rows], columns, stream)
        assert stream.getvalue() == expected.getvalue().encode()
