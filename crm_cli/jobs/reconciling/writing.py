"""Write a result: one row a difference, a section of its own as a table, a workbook of sheets, or one JSON document."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from crm_cli.dictionary import SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters import (
    ExportColumn,
    Exported,
    ExportOptions,
    Row,
    check_place,
    check_target,
    export_rows,
    exporter_for,
    write_whole,
)
from crm_cli.exporters.values import number_text
from crm_cli.jobs.reconciling.result import FINDINGS, Part, Reconciliation

__all__ = ["check_result_target", "document", "samples", "sum_rows", "write_result"]

_ID = SemanticType.INTEGER
_COLUMNS = (
    ExportColumn("status"), ExportColumn("key"), ExportColumn("record", _ID), ExportColumn("row"),
    ExportColumn("field"), ExportColumn("here"), ExportColumn("there"), ExportColumn("note"),
)  # fmt: skip
_AS_TEXT = {SemanticType.PHONE, SemanticType.POSTAL_CODE, SemanticType.IDENTIFIER}
_FORMATS = {"csv", "tsv", "xlsx", "jsonl"}
_JSON = ".json"
_TABLES = (Part.MISSING_HERE, Part.MISSING_THERE)  # alone in a file, they are the records themselves


def check_result_target(target: Path, source: str | Path, *, overwrite: bool) -> None:
    """Raise now what writing would raise after the work: `UsageError` for a file that is there, or is the source."""
    if isinstance(source, Path) and target.exists() and source.exists() and target.samefile(source):
        raise UsageError(f"{target} is the source itself", hint="choose another name for -o", path=str(target))
    check_place(target, overwrite=overwrite)
    if target.suffix.lower() == _JSON:
        return
    check_target(target, overwrite=overwrite)
    if exporter_for(target).name not in _FORMATS:
        raise UsageError(f"a comparison is no {target.suffix}", hint="-o FILE.csv, .xlsx, .jsonl or .json")


def write_result(
    found: Reconciliation,
    target: Path | str,
    *,
    parts: Sequence[Part] = (),
    overwrite: bool = False,
    format_name: str | None = None,
) -> Exported:
    """Write the parts (all that are findings without any) to a file, or with `-` to the standard output.

    A row a difference, or a row a record where the part is alone and is what one side lacks. `.xlsx` has a sheet a
    part, `.json` is one document. Raises what `export_rows` raises.
    """
    parts = tuple(parts) or FINDINGS
    suffix = Path(target).suffix.lower()
    if suffix == ".xlsx":
        return write_whole(Path(target), lambda stream: _write_workbook(found, parts, stream), overwrite=overwrite)
    if suffix == _JSON:
        return write_whole(Path(target), lambda stream: _write_json(found, parts, stream), overwrite=overwrite)
    options = ExportOptions(overwrite=overwrite)
    columns: Sequence[ExportColumn] = _COLUMNS
    rows = _rows(found, parts)
    if len(parts) == 1 and parts[0] in _TABLES:
        columns, rows = _table(found, parts[0])
    return export_rows(rows, columns, target, options, format_name=format_name)


def _rows(found: Reconciliation, parts: Sequence[Part], limit: int | None = None) -> Iterator[Row]:
    """Yield a row a difference; at most `limit` of each part."""
    for part in parts:
        if part is Part.DIFFERING:
            for one in found.differences(limit):
                yield (one.kind, one.key, one.record, one.row, one.field, one.here, one.there, one.note or None)
            continue
        for whole in found.wholes(part, limit):
            text = found.in_words(whole)
            here, there = (text, None) if whole.row is None else (None, text)
            yield (str(part), whole.key, whole.record, whole.row, None, here, there, whole.note or None)


def _table(found: Reconciliation, part: Part) -> tuple[Sequence[ExportColumn], Iterator[Row]]:
    """A part as rows of values, each in a column that is called like its field; ours follow, with a `_` before."""
    fields = [ExportColumn(one.name, one.kind if one.kind in _AS_TEXT else SemanticType.TEXT) for one in found.fields]
    ours = [ExportColumn("_status"), ExportColumn("_key"), ExportColumn("_record", _ID), ExportColumn("_row")]
    rows = ((*one.values, str(part), one.key, one.record, one.row, one.note or None) for one in found.wholes(part))
    return [*fields, *ours, ExportColumn("_note")], rows


def _write_workbook(found: Reconciliation, parts: Sequence[Part], stream: BinaryIO) -> int:
    from crm_cli.exporters.xlsx import Worksheet, write_workbook  # NOTE: xlsxwriter, which only a workbook needs

    tables = {"Summary": found.summary, "Fields": [asdict(one) for one in found.counts], "Sums": sum_rows(found)}
    sheets = [Worksheet(name, *_sheet(rows)) for name, rows in tables.items() if rows]
    before = sum(len(rows) for rows in tables.values())
    for part in parts:
        columns, values = (_COLUMNS, _rows(found, [part])) if part is Part.DIFFERING else _table(found, part)
        sheets.append(Worksheet(heading(part), columns, values))
    return write_workbook(sheets, stream) - before


def _sheet(rows: Sequence[dict[str, Any]]) -> tuple[Sequence[ExportColumn], Sequence[Row]]:
    return [ExportColumn(column) for column in rows[0]], [tuple(row.values()) for row in rows]


def _write_json(found: Reconciliation, parts: Sequence[Part], stream: BinaryIO) -> int:
    """Write the document with every difference, one after the other as they are read."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
    head = {name: value for name, value in document(found, limit=0).items() if name != "differences"}
    text.write(f'{json.dumps(head, indent=2)[:-2]},\n  "differences": [')
    number = 0
    for number, row in enumerate(_rows(found, parts), start=1):
        text.write(f"{',' if number > 1 else ''}\n    {json.dumps(_named(row), ensure_ascii=False)}")
    text.write("\n  ]\n}\n")
    text.detach()
    return number


def _named(row: Row) -> dict[str, Any]:
    return dict(zip((one.name for one in _COLUMNS), row, strict=True))


def sum_rows(found: Reconciliation) -> list[dict[str, Any]]:
    """Return the sums of both sides and the difference, a row a field and currency, as exact texts."""
    return [
        {"field": one.field, "currency": one.currency or None, "here": number_text(one.here),
         "there": number_text(one.there), "difference": number_text(one.difference)}
        for one in found.sums
    ]  # fmt: skip


def samples(found: Reconciliation, parts: Sequence[Part], limit: int) -> dict[str, list[dict[str, Any]]]:
    """Return the first of each part, a heading that says how many there are → rows for a screen."""
    shown = {}
    for part in tuple(parts) or FINDINGS:
        rows = [_seen(row, part) for row in _rows(found, [part], limit)]
        shown[f"{heading(part)} ({found.count(part)})"] = rows
    return shown


def _seen(row: Row, part: Part) -> dict[str, Any]:
    whole = () if part is Part.DIFFERING else ("status", "field")  # the heading says it
    named = {name: value for name, value in _named(row).items() if name not in whole}
    one_side = {Part.MISSING_HERE: ("record", "here"), Part.MISSING_THERE: ("row", "there")}.get(part, ())
    return {name: value for name, value in named.items() if name not in (*one_side, "note") or value is not None}


def heading(part: Part) -> str:
    """Return what a part is called on a screen or sheet."""
    return str(part).replace("-", " ").capitalize()


def document(found: Reconciliation, limit: int | None, parts: Sequence[Part] = ()) -> dict[str, Any]:
    """Return the result as one document, with at most `limit` differences of each part."""
    return {
        "entity": found.entity.noun,
        "source": found.other.name,
        "key": str(found.key),
        "agrees": found.agrees,
        "left_out": found.left_out,
        "summary": {row["status"]: {"there": row["there"], "here": row["here"]} for row in found.summary},
        "fields": [asdict(one) for one in found.counts],
        "sums": sum_rows(found),
        "differences": [_named(row) for row in _rows(found, tuple(parts) or FINDINGS, limit)],
    }
