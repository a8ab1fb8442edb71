"""CSV and its kin: delimited text of any dialect, encoding and state of repair, streamed whatever its size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal

from crm_cli.importers.blocks import table_starts
from crm_cli.importers.cells import date_order, filled
from crm_cli.importers.dialect import detect_dialect
from crm_cli.importers.encoding import CONFIDENT, Encoding, decoded_sample, detect_encoding, wide_encoding
from crm_cli.importers.faults import AmbiguousSourceError, ReadError
from crm_cli.importers.footer import without_footer
from crm_cli.importers.interface import Importer
from crm_cli.importers.layout import Layout, find_layout
from crm_cli.importers.model import Question, ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.records import Record, RecordStream
from crm_cli.importers.repair import Profile
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import open_text

__all__ = ["Delimited"]

Grid = Sequence[tuple[int, list[str]]]
_SAMPLE_CHARS = 400_000
_SAMPLE_ROWS = 500
_SMALL = 8 << 20  # up to this size a file is looked through for further tables
_PREFIXED = re.compile(r"'+[=+\-@\t\r\n]")
_MARKS = tuple(b"'" + mark for mark in (b"=", b"+", b"-", b"@", b"\t", b"\r", b"\n", b"'"))
_BLOCK = 1 << 20
_MOST_NAMED = 10
_WORKBOOKS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
_BARE = re.compile(r"[=@]|[+-](?![\d.,])")


class Delimited(Importer):
    """Comma, semicolon, tab, pipe and otherwise separated text."""

    name = "csv"
    suffixes = (".csv", ".tsv", ".tab", ".txt", ".psv", ".ssv", ".dsv", ".asc")

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002 - any text can be a list
        """Take every text that no other format has claimed."""
        marked = head[:4] in {b"\xff\xfe\0\0", b"\0\0\xfe\xff"}
        return b"\0\0\0\0" not in head[:4096] or marked or wide_encoding(head[:8192]) is not None

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the table of the file; raise AmbiguousSourceError under `no_input` where a guess would be a gamble."""
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        sample = _sample(source, encoding)
        _refuse_remark(source, sample)
        dialect = detect_dialect(sample, delimiter=options.delimiter, quote=options.quote)
        stream = RecordStream(source, encoding, dialect)
        starts = table_starts(stream.raw()) if source.size <= _SMALL and not options.header else []
        return [
            table
            for number, (start, end) in enumerate(pairwise([0, *starts, None]), start=1)
            if (table := _read_table(stream, _Span(number, start or 0, end), options)) is not None
        ]


@dataclass(frozen=True, slots=True)
class _Span:
    """A table of the file: which one, its first line, and the line of the next."""

    number: int
    start: int
    end: int | None

    def has(self, line: int) -> bool:
        return line >= self.start and (self.end is None or line < self.end)


def _read_table(stream: RecordStream, span: _Span, options: ReadOptions) -> Table | None:
    records = (record for record in stream.raw() if span.has(record[0]))
    grid = list(islice(records, _SAMPLE_ROWS))
    if not any(filled(cells) for _, cells in grid):
        return None
    stream.mended_top(grid)
    stream.split_header(grid)
    layout = find_layout([cells for _, cells in grid], _header_index(options, grid))
    understood = _understood(stream, layout, grid)
    _settle(understood, stream, layout, options)
    return _table(stream, span, grid, layout, understood)


def _sample(source: Source, encoding: Encoding) -> str:
    """Decode the beginning of the source up to a line end."""
    with open_text(source, encoding) as stream:
        return stream.read(_SAMPLE_CHARS) + stream.readline(10_000)


def _refuse_remark(source: Source, sample: str) -> None:
    """Raise ReadError for a single line of text under the name of a workbook: "Attachment not found", say."""
    if source.name.lower().endswith(_WORKBOOKS) and len(sample.split()) > 1 and len(sample.strip().splitlines()) == 1:
        raise ReadError(
            f"{source.name} is no workbook, but a line of text: {sample.strip()[:60]}",
            hint="get the file again; if the line is the list, rename it to .csv",
            source=source.name,
        )


def _header_index(options: ReadOptions, grid: Grid) -> int | Literal["none"] | None:
    """Turn the line that the user named into an index of the sample."""
    if not isinstance(options.header, int):
        return options.header
    return next((at for at, (line, _) in enumerate(grid) if line >= options.header), 0)


def _understood(stream: RecordStream, layout: Layout, grid: Grid) -> Understood:
    encoding, dialect = stream.encoding, stream.dialect
    found = Understood(
        "csv", encoding.name, round(encoding.confidence, 2), dialect.delimiter, dialect.quote, dialect.escape
    )
    found.header_rows = [grid[at][0] for at in layout.header_rows]
    first = layout.header_rows[0] if layout.header_rows else layout.data_start
    found.note_preamble(cells for _, cells in grid[:first])
    stream.comments = any(cells and cells[0].startswith("#") for _, cells in grid[:first])
    if encoding.bad_bytes and encoding.name == "utf-8":
        found.warn("some bytes are not UTF-8: the rows with them are faulty")
    if encoding.misread:
        found.warn("Windows signs that were once taken for Latin-1 control characters were put right")
    if encoding.nul_bytes:
        found.warn("NUL bytes were removed")
    return found


def _settle(understood: Understood, stream: RecordStream, layout: Layout, options: ReadOptions) -> None:
    """Note what only the user can settle; under `no_input` an open question ends the reading."""
    if stream.encoding.confidence < CONFIDENT and not options.encoding:
        choices = tuple((name, decoded_sample(stream.source, name)) for name in stream.encoding.candidates)
        understood.questions.append(Question("which encoding is it", "--encoding", choices))
    if not layout.sure and options.header is None:
        header = "none" if layout.header is None else str(understood.header_rows[0])
        understood.questions.append(Question("is the first row a header", "--header", ((header, "taken"),)))
    if options.no_input and understood.questions:
        question = understood.questions[0]
        raise AmbiguousSourceError(
            f"{question.what}? {' or '.join(value for value, _ in question.choices)}",
            hint=f"settle it with {question.flag}",
            flag=question.flag,
        )


def _table(stream: RecordStream, span: _Span, grid: Grid, layout: Layout, understood: Understood) -> Table:
    body = [cells for _, cells in grid[layout.data_start :]]
    width = max(layout.width, len(layout.header or ()))
    header = unique_header(layout.header or (), width)
    profile = Profile.of(body, width)
    for name, column in zip(header, _columns(body, width), strict=True):
        if order := date_order(column):
            understood.date_orders[name] = order
    first_line = grid[layout.data_start][0] if layout.data_start < len(grid) else grid[-1][0] + 1
    unprefix = _has_apostrophes(stream) and _formulas_are_prefixed(cells for _, cells in stream.raw())
    rows = _Rows(stream, profile, span, layout, first_line, understood, unprefix)
    name = stream.source.name if span.number == 1 else f"{stream.source.name} table {span.number}"
    return Table(name, header, understood, rows, layout.header, first_line)


def _columns(body: Sequence[Sequence[str]], width: int) -> Iterator[list[str]]:
    return ([row[at] for row in body if at < len(row)] for at in range(width))


def _has_apostrophes(stream: RecordStream) -> bool:
    """Tell quickly whether the file may hold an apostrophe before a character that begins a formula."""
    if stream.encoding.name.startswith(("utf-16", "utf-32")):
        return True
    with stream.source.open() as content:
        while block := content.read(_BLOCK):
            if any(mark in block for mark in _MARKS):
                return True
    return False


def _formulas_are_prefixed(rows: Iterable[Sequence[str]]) -> bool:
    """Tell a file whose writer put an apostrophe before every cell that a spreadsheet would calculate."""
    found = False
    for row in rows:
        if any(_BARE.match(cell) for cell in row):
            return False
        found = found or any(_PREFIXED.match(cell) for cell in row)
    return found


@dataclass(slots=True)
class _Rows:
    """The data rows of a table, read anew at every call."""

    stream: RecordStream
    profile: Profile
    span: _Span
    layout: Layout
    first_line: int
    understood: Understood
    unprefix: bool

    def __call__(self) -> Iterator[Row]:
        notes = self.understood
        notes.repaired_rows = notes.faulty_rows = notes.footer_rows = 0
        yield from without_footer(self._rows(), self.layout.typical, lambda: self.stream.gap, notes)
        for line in self.stream.left_out[:_MOST_NAMED]:
            notes.warn(f"line {line} begins with # and was left out as a comment")
        for line in self.stream.runaways:
            notes.warn(f"line {line} has a quote that does not close")

    def _rows(self) -> Iterator[Row]:
        doubtful, unprefix, header = self.stream.encoding.bad_bytes, self.unprefix, self.layout.header
        for record in self.stream.mended(self.profile, self.first_line, self.span.end):
            cells = record.cells
            values = [cell if cell and not cell.isspace() else None for cell in cells]
            if cells == header and len(cells) > 1:
                self.understood.warn(f"line {record.line} repeats the header and was left out")
            elif not any(values):
                self.stream.gap = record.line
            elif record.repaired or record.fault or doubtful or unprefix:
                yield self._special(record, values)
            else:
                yield Row(record.line, f"line {record.line}", values)

    def _special(self, record: Record, values: list[str | None]) -> Row:
        if record.fault is None and any("\ufffd" in cell for cell in record.cells) and self.stream.encoding.bad_bytes:
            record.fault = f"holds bytes that are not {self.stream.encoding.name}"
        if self.unprefix:
            values = [value[1:] if value and _PREFIXED.match(value) else value for value in values]
        self.understood.repaired_rows += record.repaired is not None
        self.understood.faulty_rows += record.fault is not None
        return Row(record.line, f"line {record.line}", values, record.fault, record.repaired)
