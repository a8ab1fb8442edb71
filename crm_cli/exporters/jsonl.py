"""JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import BinaryIO, ClassVar

from crm_cli.exporters.base import Exporter, converted
from crm_cli.exporters.model import ExportColumn, Row, Value
from crm_cli.exporters.values import as_text, check_text

__all__ = ["JsonLines"]

_LINES_A_WRITE = 1000
_string = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps makes one for every call


class JsonLines(Exporter):
    """JSON Lines: an object a line, UTF-8, keys in the order of the columns.

    Numbers keep all their digits, so read them with a decimal parser if every digit matters; dates and times are text.
    """

    name: ClassVar[str] = "jsonl"
    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")

    def write(self, rows: Iterable[Row], columns: Sequence[ExportColumn], stream: BinaryIO) -> None:
        """Write one line a row."""
        convert: Callable[[Value], str] = _json
        keys = [f"{_string(check_text(column.name))}:" for column in columns]
        lines = (
            "{" + ",".join(map(str.__add__, keys, cells)) + "}\n"
            for cells in converted(rows, columns, [convert] * len(columns))
        )
        while block := "".join(islice(lines, _LINES_A_WRITE)):
            stream.write(block.encode())


def _json(value: Value) -> str:
    if value is None:
        return "null"
    text = as_text(value)
    # Numbers are written from their own digits: json.dumps knows no Decimal, and a float would lose some.
    literal = isinstance(value, (bool, int, float, dict, list)) or type(value).__name__ == "Decimal"
    return text or "" if literal else _string(text or "")
