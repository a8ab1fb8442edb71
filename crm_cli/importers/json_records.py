"""JSON and JSON Lines: lists of records, flat or nested; numbers keep every digit they are written with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TextIO

from crm_cli.importers.encoding import Encoding, detect_encoding
from crm_cli.importers.faults import ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.keyed import KeyedRecord, keyed_table
from crm_cli.importers.model import ReadOptions, Table, Understood
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import bounded_lines, open_text

__all__ = ["Json", "JsonLines", "flattened"]

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, strict=False)
_CHUNK = 1 << 20
_MOST_WHOLE = 128 << 20
_MOST_DEPTH = 40


class JsonLines(Importer):
    """One JSON object a line (JSONL, NDJSON). A line that is broken is a faulty row; the others are read."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize a first line that is one whole object, and something below it."""
        first, _, rest = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
        if not first.startswith(b"{"):
            return False
        if name.lower().endswith(self.suffixes):
            return True
        return bool(rest.strip()) and _is_object(first)

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the one table of the file."""
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        understood = Understood("jsonl", encoding.name, encoding.confidence)
        table = keyed_table(source.name, partial(_line_records, source, encoding), understood)
        return [table] if table else []


class Json(Importer):
    """A JSON array of records, or an object that holds arrays of records (each a table)."""

    name = "json"
    suffixes = (".json",)

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize an array or an object by its first characters."""
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if name.lower().endswith(self.suffixes):
            return text[:1] in {b"[", b"{"} or head[:2] in {b"\xff\xfe", b"\xfe\xff"}
        return re.match(rb"\[\s*\{\s*\"|\{\s*\"[^\"]*\"\s*:", text) is not None

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return a table for each list of records; an array at the top is streamed, an object is held in memory."""
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        understood = Understood("json", encoding.name, encoding.confidence)
        with open_text(source, encoding) as stream:
            top = stream.read(_CHUNK).lstrip("\ufeff \t\r\n")
        if top.startswith("["):
            table = keyed_table(source.name, partial(_array_records, source, encoding), understood)
            return [table] if table else []
        return _object_tables(source, encoding, understood)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(_DECODER.decode(line.decode("utf-8", "replace").strip()), dict)
    except (ValueError, RecursionError):
        return False


def _line_records(source: Source, encoding: Encoding) -> Iterator[KeyedRecord]:
    with open_text(source, encoding) as stream:
        for number, line in enumerate(bounded_lines(stream, source.name), start=1):
            text = line.strip("\ufeff \t\r\n")
            if not text:
                continue
            try:
                yield KeyedRecord(number, f"line {number}", flattened(_DECODER.decode(text)))
            except (ValueError, RecursionError) as error:
                yield KeyedRecord(number, f"line {number}", {"value": text[:1000]}, f"is no JSON: {error}")


def _array_records(source: Source, encoding: Encoding) -> Iterator[KeyedRecord]:
    with open_text(source, encoding) as stream:
        for number, item in enumerate(_items(stream, source.name), start=1):
            yield KeyedRecord(number, f"record {number}", flattened(item))


def _items(stream: TextIO, name: str) -> Iterator[Any]:
    """Decode the items of a top-level array one by one, with no more text in memory than the largest item needs."""
    buffer, at, ended = "", 0, False
    skip = re.compile(r"[\s,]*")
    buffer = stream.read(_CHUNK).lstrip("\ufeff \t\r\n")[1:]
    while True:
        at = skip.match(buffer, at).end()  # type: ignore[union-attr]  # the pattern matches always
        if buffer.startswith("]", at):
            return
        try:
            item, end = _DECODER.raw_decode(buffer, at)
            complete = end < len(buffer) or ended
        except RecursionError as error:
            raise _broken(name, "it is nested too deeply") from error
        except ValueError as error:
            if ended:
                raise _broken(name, str(error)) from error
            complete = False
        if complete:
            yield item
            at = end
            continue
        if len(buffer) - at > _MOST_WHOLE:
            raise _broken(name, "one record is too large")
        chunk = stream.read(max(_CHUNK, len(buffer) - at))
        buffer, at, ended = buffer[at:] + chunk, 0, not chunk


def _broken(name: str, reason: str) -> ReadError:
    return ReadError(f"{name} is no valid JSON: {reason}", hint="get the file again, or export it as CSV", source=name)


def _object_tables(source: Source, encoding: Encoding, understood: Understood) -> list[Table]:
    with open_text(source, encoding) as stream:
        text = stream.read(_MOST_WHOLE)
        if stream.read(1):
            raise _broken(source.name, "an object of this size can't be held in memory; an array or JSON Lines can be")
    try:
        content = _DECODER.decode(text.strip("\ufeff \t\r\n"))
    except (ValueError, RecursionError) as error:
        raise _broken(source.name, str(error)) from error
    lists = _lists_of_records(content) or {source.name: [content]}
    tables = (keyed_table(name, partial(_listed, items), understood) for name, items in lists.items())
    return [table for table in tables if table]


def _lists_of_records(content: dict[str, Any]) -> dict[str, list[Any]]:
    return {
        key: value
        for key, value in content.items()
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    }


def _listed(items: list[Any]) -> Iterator[KeyedRecord]:
    for number, item in enumerate(items, start=1):
        yield KeyedRecord(number, f"record {number}", flattened(item))


def flattened(item: Any) -> dict[str, str]:
    """Return the values of a record by path: `address.city`, `emails`, `emails 2`; a bare value is called `value`."""
    values: dict[str, str] = {}
    _flatten(item, "", values, 0)
    return values


def _flatten(item: Any, path: str, values: dict[str, str], depth: int) -> None:
    if depth > _MOST_DEPTH:
        values[path] = _sound(json.dumps(item, ensure_ascii=False))
    elif isinstance(item, dict):
        for key, value in item.items():
            _flatten(value, f"{path}.{_sound(key)}" if path else _sound(key), values, depth + 1)
    elif isinstance(item, list):
        for number, value in enumerate(item, start=1):
            _flatten(value, path if number == 1 else f"{path} {number}", values, depth + 1)
    else:
        values[path or "value"] = _text(item)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return _sound(str(value))


def _sound(text: str) -> str:
    """Replace lone surrogates, which an escape in JSON can spell and no file or database can hold."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
