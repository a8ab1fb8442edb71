"""Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from itertools import islice
from typing import Any, BinaryIO, ClassVar

from crm_cli.dictionary.types import SemanticType
from crm_cli.errors import MissingExtraError
from crm_cli.exporters.base import Exporter, RefusalError, converted
from crm_cli.exporters.model import ExportColumn, Row, Value
from crm_cli.exporters.values import as_text, number_text, utc

__all__ = ["Parquet"]

_EXACT = Context(prec=1000)
_ROWS_A_GROUP = 50_000
_INT64 = 2**63
_MONEY_DIGITS = 38
_MONEY_DECIMALS = 4  # ISO 4217 has no currency with more


class Parquet(Exporter):
    """Apache Parquet: columns typed by what they mean (money as decimals), everything else as text.

    Refused: an integer over 64 bits, a decimal that a double can't hold, a value of another kind than its column's.
    """

    name: ClassVar[str] = "parquet"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    seeks: ClassVar[bool] = True

    def write(self, rows: Iterable[Row], columns: Sequence[ExportColumn], stream: BinaryIO) -> None:
        """Write groups of 50 000 rows; one group is in memory at a time."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            hint = "pip install 'crm-cli-toolkit[parquet]'"
            raise MissingExtraError("Parquet needs the library pyarrow", hint=hint) from error
        schema = pa.schema([(column.name, _arrow_type(pa, column.type)) for column in columns])
        ready = converted(rows, columns, [_CONVERTERS.get(column.type, as_text) for column in columns])
        with pq.ParquetWriter(stream, schema) as writer:
            while group := list(islice(ready, _ROWS_A_GROUP)):
                writer.write_table(pa.table(list(map(list, zip(*group, strict=True))), schema=schema))


def _arrow_type(pa: Any, kind: SemanticType) -> Any:
    types = {
        SemanticType.DATE: pa.date32(),
        SemanticType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
        SemanticType.INTEGER: pa.int64(),
        SemanticType.MONEY: pa.decimal128(_MONEY_DIGITS, _MONEY_DECIMALS),
        SemanticType.REFERENCE: pa.int64(),
        SemanticType.NUMBER: pa.float64(),
        SemanticType.BOOLEAN: pa.bool_(),
    }
    return types.get(kind, pa.string())


def _integer(value: Value) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusalError("not an integer")
    if not -_INT64 <= value < _INT64:
        raise RefusalError("an integer over 64 bits")
    return value


def _number(value: Value) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise RefusalError("not a number")
    number_text(value)  # refuses what is not finite
    number = float(value)
    if not isinstance(value, float) and Decimal(repr(number)) != value:
        raise RefusalError("a number with more digits than a double holds")
    return number


def _money(value: Value) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise RefusalError("not an amount")
    amount = Decimal(value)
    number_text(amount)
    scaled = amount.scaleb(_MONEY_DECIMALS, _EXACT)
    if scaled != scaled.to_integral_value(context=_EXACT) or abs(scaled) >= Decimal(10) ** _MONEY_DIGITS:
        raise RefusalError(f"an amount with over {_MONEY_DECIMALS} decimals or {_MONEY_DIGITS} digits")
    return amount


def _boolean(value: Value) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise RefusalError("neither true nor false")


def _date(value: Value) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise RefusalError("not a date")


def _timestamp(value: Value) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return utc(value)
    raise RefusalError("not a time")


_CONVERTERS: dict[SemanticType, Callable[[Any], Any]] = {
    SemanticType.DATE: _date,
    SemanticType.TIMESTAMP: _timestamp,
    SemanticType.INTEGER: _integer,
    SemanticType.MONEY: _money,
    SemanticType.REFERENCE: _integer,
    SemanticType.NUMBER: _number,
    SemanticType.BOOLEAN: _boolean,
}
