"""What is exported reads back as exactly the same values, in every format."""

from __future__ import annotations

import contextlib
import gzip
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.dictionary.types import SemanticType
from crm_cli.exporters import ExportColumn, ExportOptions, UnfitValueError, export_rows
from crm_cli.exporters.formulas import unguarded
from tests.exporters.readers import raw_numbers, read_csv, read_jsonl, read_xlsx, time_of

OVER = ExportOptions(overwrite=True)
COLUMNS = [
    ExportColumn("note", SemanticType.NOTE),
    ExportColumn("number", SemanticType.INTEGER),
    ExportColumn("amount", SemanticType.NUMBER),
    ExportColumn("born", SemanticType.DATE),
    ExportColumn("seen", SemanticType.TIMESTAMP),
    ExportColumn("active", SemanticType.BOOLEAN),
]
HOSTILE = [
    "ACME [/b] Ltd", "O[red]x", "<script>alert(1)</script>", "\x1b[31mred", "a\u202eb\u200f", "=1+1", "+49 30 123",
    "-x", "@a", "'=1", "''@", "'", "\t=1", "\r", "\n", "a\r\nb", "<r>x</r>", "<r>&</r>", "_x0041_", 'say "hi", he',
    "a\tb", "#N/A", "1e5", "00123", "TRUE", "2026-01-01", "http://acme.example/?a=1&b=2", "mailto:a@b.example",
    "{=1}", " blanks ", "李 小龙", "🧾",
]  # fmt: skip

BEYOND_XLSX = ("_x", "<r>")  # some of these texts are refused: tests/exporters/test_limits.py says which

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffe\uffff"), max_size=30),
    st.sampled_from(HOSTILE),
    st.text("=+-@'\t\r\n<r>/_x041, \"", max_size=12),
)
times = st.datetimes(
    min_value=datetime(1901, 1, 1),
    max_value=datetime(2078, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))]),
)
rows_of_all_kinds = st.lists(
    st.tuples(
        st.none() | texts.filter(bool),
        st.none() | st.integers(-(10**15) + 1, 10**15 - 1),
        st.none() | st.decimals(-(10**9), 10**9, places=4),
        st.none() | st.dates(date(1900, 1, 1), date(9999, 12, 31)),
        st.none() | times,
        st.none() | st.booleans(),
    ),
    max_size=6,
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _text(value: Any) -> str:
    """A value as the text formats promise it; written apart from the code under test."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


@quick
@given(rows=rows_of_all_kinds)
@pytest.mark.parametrize(("suffix", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_delimited(tmp_path: Path, rows: list[tuple[Any, ...]], suffix: str, delimiter: str) -> None:
    path = tmp_path / f"rows.{suffix}"
    export_rows(rows, COLUMNS, path, OVER)
    header, *body = read_csv(path.read_bytes(), delimiter)

    assert header == [column.name for column in COLUMNS]
    assert [unguarded(cells[0]) for cells in body] == [row[0] or "" for row in rows]
    for cells, row in zip(body, rows, strict=True):
        number, amount, born, seen, active = cells[1:]
        assert (number, born, active) == (_text(row[1]), _text(row[3]), _text(row[5]))
        assert (Decimal(amount) if amount else None) == row[2]
        assert (datetime.fromisoformat(seen) if seen else None) == row[4]


@quick
@given(rows=rows_of_all_kinds)
def test_json_lines(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "rows.jsonl"
    export_rows(rows, COLUMNS, path, OVER)
    for record, row in zip(read_jsonl(path.read_bytes()), rows, strict=True):
        assert list(record) == [column.name for column in COLUMNS]
        assert (record["note"], record["number"], record["active"]) == (row[0], row[1], row[5])
        assert (None if record["amount"] is None else Decimal(record["amount"])) == row[2]
        assert (record["born"] and date.fromisoformat(record["born"])) == row[3]
        assert (record["seen"] and datetime.fromisoformat(record["seen"])) == row[4]


@quick
@given(rows=rows_of_all_kinds)
def test_xlsx(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "rows.xlsx"
    if any(row[0] and any(look in row[0] for look in BEYOND_XLSX) for row in rows):
        with contextlib.suppress(UnfitValueError):
            export_rows(rows, COLUMNS, path, OVER)
        return
    export_rows(rows, COLUMNS, path, OVER)
    header, *body = read_xlsx(path)
    body += [[None] * len(COLUMNS)] * (len(rows) - len(body))  # readers leave out blank rows at the end
    assert header == [column.name for column in COLUMNS]
    for cells, row in zip(body, rows, strict=True):
        assert cells[0] == row[0]
        assert cells[1] == row[1]
        assert (None if cells[2] is None else Decimal(repr(cells[2]))) == row[2]
        assert (cells[3] and cells[3].date()) == row[3]
        assert cells[5] is row[5]


@quick
@given(moments=st.lists(times, min_size=1, max_size=5))
def test_xlsx_holds_times_to_the_microsecond(tmp_path: Path, moments: list[datetime]) -> None:
    path = tmp_path / "times.xlsx"
    export_rows([[moment] for moment in moments], [COLUMNS[4]], path, OVER)
    assert [time_of(serial) for serial in raw_numbers(path)] == moments


@quick
@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_a_double_keeps_its_last_bit(tmp_path: Path, numbers: list[float], suffix: str) -> None:
    path = tmp_path / f"numbers.{suffix}"
    export_rows([[number] for number in numbers], [COLUMNS[2]], path, OVER)
    if suffix == "csv":
        back = [float(cells[0]) for cells in read_csv(path.read_bytes())[1:]]
    elif suffix == "jsonl":
        back = [float(record["amount"]) for record in read_jsonl(path.read_bytes())]
    else:
        back = [float(digits) for digits in raw_numbers(path)]
    assert back == numbers


@quick
@given(rows=rows_of_all_kinds)
def test_parquet(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "rows.parquet"
    export_rows(rows, COLUMNS, path, OVER)
    for record, row in zip(parquet.read_table(path).to_pylist(), rows, strict=True):
        amount = record.pop("amount")
        assert (None if amount is None else Decimal(repr(amount))) == row[2]
        assert tuple(record.values()) == (row[0], row[1], *row[3:])


@quick
@given(amounts=st.lists(st.decimals(-(10**12), 10**12, places=4) | st.integers(-(10**12), 10**12), max_size=5))
def test_money_in_parquet(tmp_path: Path, amounts: list[Decimal | int]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "money.parquet"
    export_rows([[amount] for amount in amounts], [ExportColumn("amount", SemanticType.MONEY)], path, OVER)
    assert parquet.read_table(path)["amount"].to_pylist() == amounts


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_unharmed(tmp_path: Path, name: str) -> None:
    columns = [ExportColumn("name"), ExportColumn("city")]
    for suffix in ("csv", "jsonl", "xlsx"):
        export_rows([[name, "Bonn"]], columns, tmp_path / f"a.{suffix}", OVER)
    assert unguarded(read_csv((tmp_path / "a.csv").read_bytes())[1][0]) == name
    assert read_jsonl((tmp_path / "a.jsonl").read_bytes())[0]["name"] == name
    assert read_xlsx(tmp_path / "a.xlsx")[1][0] == name


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "xlsx", "parquet", "vcf"])
def test_the_same_rows_give_the_same_bytes_also_compressed(tmp_path: Path, suffix: str) -> None:
    rows = [["Ann", 1], ["Bo", 2]]
    columns = [ExportColumn("given_name"), ExportColumn("number", SemanticType.INTEGER)]
    first = export_rows(rows, columns, tmp_path / f"one.{suffix}")
    again = export_rows(iter(rows), columns, tmp_path / f"two.{suffix}")
    packed = [export_rows(rows, columns, tmp_path / f"{name}.{suffix}.gz") for name in ("three", "four")]

    assert first.sha256 == again.sha256
    assert packed[0].sha256 == packed[1].sha256
    assert gzip.decompress((tmp_path / f"three.{suffix}.gz").read_bytes()) == (tmp_path / f"one.{suffix}").read_bytes()


def test_for_excel_starts_with_a_byte_order_mark(tmp_path: Path) -> None:
    export_rows([["李"]], [ExportColumn("name")], tmp_path / "a.csv", ExportOptions(for_excel=True))
    assert (tmp_path / "a.csv").read_bytes() == "\ufeffname\r\n李\r\n".encode()


def test_json_values_are_json_in_json_lines_and_text_elsewhere(tmp_path: Path) -> None:
    value = {"b": [1, None], "a": "ü"}
    column = [ExportColumn("extra", SemanticType.JSON)]
    export_rows([[value]], column, tmp_path / "a.jsonl")
    export_rows([[value]], column, tmp_path / "a.csv")
    assert read_jsonl((tmp_path / "a.jsonl").read_bytes()) == [{"extra": value}]
    assert read_csv((tmp_path / "a.csv").read_bytes())[1] == ['{"a":"ü","b":[1,null]}']
