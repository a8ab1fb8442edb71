"""What a format can't carry is refused with its place, never bent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_cli.dictionary.types import SemanticType
from crm_cli.exporters import ExportColumn, ExportError, UnfitValueError, export_rows
from crm_cli.exporters.base import Exporter
from crm_cli.exporters.xlsx import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from tests.exporters.readers import read_xlsx

T = SemanticType
NAIVE = datetime(2026, 1, 1)


@pytest.mark.parametrize(
    ("suffix", "kind", "value", "why"),
    [
        ("xlsx", T.NOTE, "x" * (MAX_TEXT + 1), "does not fit in a cell"),
        ("xlsx", T.NOTE, "🧾" * (MAX_TEXT // 2 + 1), "does not fit in a cell"),
        ("xlsx", T.INTEGER, 1234567890123456, "15 digits"),
        ("xlsx", T.NUMBER, Decimal("0.1234567890123456789"), "15 digits"),
        ("xlsx", T.DATE, date(1899, 12, 31), "before 1900"),
        ("xlsx", T.TIMESTAMP, datetime(1899, 1, 1, tzinfo=UTC), "before 1900"),
        ("xlsx", T.TEXT, "\ufffe", "Excel's own escapes"),
        ("xlsx", T.TEXT, "_x0041_x0042_", "Excel's own escapes"),
        ("xlsx", T.TEXT, "<r>_x0041_</r>", "Excel's own escapes"),
        ("csv", T.TEXT, "a\0b", "NUL"),
        ("csv", T.TIMESTAMP, NAIVE, "without time zone"),
        ("xlsx", T.TIMESTAMP, NAIVE, "without time zone"),
        ("parquet", T.TIMESTAMP, NAIVE, "without time zone"),
        ("csv", T.NUMBER, float("nan"), "finite"),
        ("jsonl", T.NUMBER, Decimal("Infinity"), "finite"),
        ("jsonl", T.JSON, {"a": float("nan")}, "not a JSON value"),
        ("parquet", T.INTEGER, 2**63, "64 bits"),
        ("parquet", T.NUMBER, Decimal("0.1234567890123456789"), "double"),
        ("parquet", T.MONEY, Decimal("0.00001"), "4 decimals"),
        ("parquet", T.MONEY, 10**35, "38 digits"),
        ("parquet", T.MONEY, 1.5, "not an amount"),
        ("parquet", T.INTEGER, "12", "not an integer"),
        ("parquet", T.DATE, datetime(2026, 1, 1, tzinfo=UTC), "not a date"),
        ("parquet", T.BOOLEAN, "yes", "neither true nor false"),
        ("vcf", T.TEXT, "\x07", "control character"),
    ],
)
def test_refused_by_name_of_row_and_column(tmp_path: Path, suffix: str, kind: T, value: Any, why: str) -> None:
    columns = [ExportColumn("full_name"), ExportColumn("value", kind)]
    with pytest.raises(UnfitValueError, match=f"row 2, column value: .*{why}"):
        export_rows([["Ann", None], ["Bo", value]], columns, tmp_path / f"a.{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (T.NOTE, "x" * MAX_TEXT),
        (T.INTEGER, 999_999_999_999_999),
        (T.DATE, date(1900, 1, 1)),
        (T.DATE, date(1900, 2, 28)),
        (T.DATE, date(1900, 3, 1)),
    ],
)
def test_the_last_value_that_excel_can_carry_is_carried(tmp_path: Path, kind: T, value: Any) -> None:
    export_rows([[value]], [ExportColumn("value", kind)], tmp_path / "a.xlsx")
    back = read_xlsx(tmp_path / "a.xlsx")[1][0]
    assert (back.date() if isinstance(back, datetime) else back) == value


def test_too_many_columns_for_excel(tmp_path: Path) -> None:
    columns = [ExportColumn(f"c{number}") for number in range(MAX_COLUMNS + 1)]
    with pytest.raises(ExportError, match="16385 columns"):
        export_rows([], columns, tmp_path / "a.xlsx")


@pytest.mark.slow
def test_the_last_row_of_a_sheet_is_written_and_one_more_refused(tmp_path: Path) -> None:
    column = [ExportColumn("n", T.INTEGER)]
    full = export_rows(([n] for n in range(MAX_ROWS - 1)), column, tmp_path / "a.xlsx")
    assert full.rows == MAX_ROWS - 1
    with pytest.raises(ExportError, match="more than 1,048,575 rows"):
        export_rows(([n] for n in range(MAX_ROWS)), column, tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()


def test_text_cells_of_numbers_stay_text_in_excel_and_are_formatted_so(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    columns = [ExportColumn("number", T.IDENTIFIER), ExportColumn("note", T.NOTE), ExportColumn("born", T.DATE)]
    export_rows([["00123", "00123", date(2000, 2, 29)]], columns, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [(cell.value, cell.data_type) for cell in sheet[2][:2]] == [("00123", "s"), ("00123", "s")]
    assert [cell.number_format for cell in sheet[2]] == ["@", "General", "yyyy-mm-dd"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C2")


def test_every_format_says_what_it_is() -> None:
    from crm_cli.exporters import exporter_for, format_names

    for name in format_names():
        exporter = exporter_for(f"x.{name}")
        assert isinstance(exporter, Exporter)
        assert f".{name}" in exporter.suffixes
        assert (type(exporter).__doc__ or "").strip()
