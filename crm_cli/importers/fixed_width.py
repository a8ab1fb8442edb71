"""Text in columns of fixed width, cut by a layout that the user gives: byte offsets, because mainframes count bytes.

The layout has a line a field: `name start length`, or `name start-end`; start counts from 1. `#` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_cli.importers.encoding import Encoding, decoder_name, detect_encoding
from crm_cli.importers.faults import ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.source import Source

__all__ = ["FixedWidth", "LayoutField", "parse_layout"]

_FIELD = re.compile(r"\s*(?P<name>.+?)[\s,;:]+(?P<start>\d+)(?:\s*-\s*(?P<end>\d+)|[\s,;]+(?P<length>\d+))\s*")
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class LayoutField:
    """A field of a layout: `start` counts from 0, `end` is exclusive, both in bytes."""

    name: str
    start: int
    end: int


def parse_layout(text: str) -> list[LayoutField]:
    """Return the fields of a layout in its order; raise ReadError for a line that is none."""
    fields = []
    for number, line in enumerate(text.splitlines(), start=1):
        plain = line.split("#", 1)[0].strip()
        if not plain:
            continue
        found = _FIELD.fullmatch(plain)
        start = int(found["start"]) - 1 if found else -1
        end = (int(found["end"]) if found["end"] else start + int(found["length"])) if found else 0
        if found is None or start < 0 or end <= start:
            raise ReadError(
                f"line {number} of the layout is no field: {line.strip()[:80]}",
                hint="write `name start length` or `name start-end`, counting from 1",
                line=number,
            )
        fields.append(LayoutField(found["name"].strip("\"' "), start, end))
    if not fields:
        raise ReadError("the layout names no field", hint="write `name start length`, a line a field")
    return fields


class FixedWidth(Importer):
    """Fixed-width text. It can't be recognized: the layout makes it one."""

    name = "fixed"
    suffixes = (".fwf", ".dat", ".prn")

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002
        """Never: without a layout nobody can tell where fields end."""
        return False

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the one table; the lines before the header row that the options name are skipped."""
        if options.layout is None:
            raise ReadError(f"{source.name} needs a layout", hint="give it with --layout FILE", source=source.name)
        fields = parse_layout(options.layout)
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        if encoding.name.startswith(("utf-16", "utf-32")):
            raise ReadError(f"{source.name} is {encoding.name}: offsets count bytes", hint="save it as UTF-8 first")
        understood = Understood("fixed", decoder_name(encoding.name), encoding.confidence)
        names = [item.name for item in fields]
        skip = options.header if isinstance(options.header, int) else 0
        rows = _Lines(source, fields, encoding, skip)
        return [Table(source.name, unique_header(names), understood, rows, names, skip + 1)]


@dataclass(slots=True)
class _Lines:
    source: Source
    fields: Sequence[LayoutField]
    encoding: Encoding
    skip: int

    def __call__(self) -> Iterator[Row]:
        least = min(item.end for item in self.fields)
        with self.source.open() as stream:
            number = 0
            while raw := stream.readline(_LONGEST_LINE):
                number += 1
                line = raw.rstrip(b"\r\n\x1a")
                if number <= self.skip or not line.strip():
                    continue
                fault = None if len(line) >= least else f"has {len(line)} bytes, the first field alone ends at {least}"
                yield Row(number, f"line {number}", [self._cell(line, item) for item in self.fields], fault)

    def _cell(self, line: bytes, item: LayoutField) -> str | None:
        raw = line[item.start : item.end].replace(b"\0", b"")
        return raw.decode(decoder_name(self.encoding.name), errors="replace").strip() or None
