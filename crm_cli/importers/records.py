"""The stream of records of a delimited text: cut by the csv module, watched for runaway quotes, mended where ragged."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from typing import TextIO

from crm_cli.importers.cells import extent, filled, is_label
from crm_cli.importers.dialect import Dialect, prepared
from crm_cli.importers.encoding import WINDOWS_SIGNS, Encoding
from crm_cli.importers.faults import ReadError
from crm_cli.importers.repair import Profile, repair
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import MOST_CHARS, LineFeed, RunawayQuoteError, bounded_lines, open_text

__all__ = ["Record", "RecordStream"]

_MOST_RUNAWAYS = 100
_MOST_FAILURES = 200
_TOP = 10
_OTHER_DELIMITERS = (",", ";", "\t", "|", " ")
_LEAST_WORDS = 5


@dataclass(slots=True)
class Record:
    """One record: the line it begins on, its cells, and what was wrong or mended."""

    line: int
    cells: list[str]
    fault: str | None = None
    repaired: str | None = None


@dataclass(slots=True)
class RecordStream:
    """The records of a source. `raw()` is the plain reading, `mended()` the one that knows the table."""

    source: Source
    encoding: Encoding
    dialect: Dialect
    runaways: list[int] = field(default_factory=list)
    failures: int = 0
    gap: int = 0
    comments: bool = False
    left_out: list[int] = field(default_factory=list)
    malformed: int = 0

    def raw(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells) for every record, blank ones included, without any repair."""
        return ((line, cells) for line, cells, _ in self._read(None))

    def mended_top(self, grid: list[tuple[int, list[str]]]) -> None:
        """Mend, in place, the first rows of a sample where stray quotes gave them another width: headers, above all."""
        widths = Counter(len(cells) for _, cells in grid if cells)
        labels = Profile.of_labels(max(widths, key=lambda width: widths[width], default=0))
        places = {line: at for at, (line, cells) in enumerate(grid[:_TOP]) if 1 < len(cells) != len(labels.columns)}
        if not places or not self.dialect.quote:
            return
        for line, cells, raw in islice(takewhile(lambda read: read[0] <= max(places), self._read(None)), 10 * _TOP):
            if line in places and raw and self.dialect.quote in raw[0]:
                grid[places[line]] = (line, repair(_stripped(raw[0]), self.dialect, labels) or cells)

    def split_header(self, grid: list[tuple[int, list[str]]]) -> None:
        """Cut, in place, a first row that is written with another delimiter into as many labels as the data has cells.

        A title has blanks too, so words make a header only of a table of several columns.
        """
        tops = [at for at, (_, cells) in enumerate(grid[:_TOP]) if filled(cells)]
        if len(tops) < 2 or len(grid[tops[0]][1]) != 1:
            return
        (line, (text,)), (_, below) = grid[tops[0]], grid[tops[1]]
        if all(is_label(cell) for cell in below):
            return
        for mark in _OTHER_DELIMITERS:
            labels = next(iter(replace(self.dialect, delimiter=mark, escapes=False).reader([text])), [])
            names = {label.casefold() for label in labels if label.strip() and is_label(label)}
            if len(names) == len(labels) == len(below) >= (_LEAST_WORDS if mark == " " else 2):
                grid[tops[0]] = (line, labels)
                return

    def mended(self, profile: Profile, first_line: int, end_line: int | None = None) -> Iterator[Record]:
        """Yield the records from `first_line` to before `end_line`, each brought to the width of `profile`.

        Blank lines are left out; `gap` is the last one. Where the file begins with a comment, so are lines that begin
        with `#` and are no records by their width; `left_out` has their numbers.
        """
        self.gap = 0
        self.left_out.clear()
        width = len(profile.columns)
        for line, cells, raw in self._read(profile):
            if line < first_line:
                continue
            if end_line is not None and line >= end_line:
                return
            if len(cells) == width:
                quoted = "a quote within a cell was kept" if line == self.malformed else None
                yield Record(line, cells, repaired=quoted)
            elif self.comments and cells and cells[0].startswith("#"):
                self.left_out.append(line)
            elif cells:
                yield self._irregular(line, cells, raw, profile)
            else:
                self.gap = line

    def _read(self, profile: Profile | None) -> Iterator[tuple[int, list[str], list[str]]]:
        """Yield (line, cells, raw lines): chunks of plain lines at the speed of csv, the others one by one."""
        csv.field_size_limit(MOST_CHARS)  # the module's own limit of 131,072 would end a file at one long note
        self.runaways.clear()
        self.failures = self.malformed = 0
        with open_text(self.source, self.encoding) as stream:
            feed = LineFeed(self._cleaned(stream))
            while lines := feed.fetch():
                rows = self._plain_rows(lines)
                if rows is None:
                    yield from self._watched(feed, profile)
                    continue
                start = feed.count + 1
                feed.skip()
                for at, cells in enumerate(rows):
                    yield start + at, cells, lines[at : at + 1]

    def _plain_rows(self, lines: list[str]) -> list[list[str]] | None:
        """Return a row for each line where every line is a record: its quotes close, none stands out of place."""
        quote = self.dialect.quote
        if quote and any(line.count(quote) & 1 for line in lines):
            return None
        try:
            rows = list(self.dialect.reader(prepared(lines, self.dialect), strict=True))
        except csv.Error:
            return None
        return rows if len(rows) == len(lines) else None

    def _watched(self, feed: LineFeed, profile: Profile | None) -> Iterator[tuple[int, list[str], list[str]]]:
        """Yield records one by one until no fetched line waits any more."""
        while feed.is_waiting():
            line = feed.count + 1
            try:
                for cells in self.dialect.reader(prepared(feed, self.dialect), strict=True):
                    plain = len(feed.taken) == 1
                    yield line, cells if plain else self._checked(cells, feed, profile), feed.taken
                    feed.next_record()
                    line = feed.count + 1
                    if not feed.is_waiting():
                        return
            except (RunawayQuoteError, csv.Error) as error:
                yield line, self._malformed(line, feed, profile, error), feed.taken
                feed.next_record()

    def _cleaned(self, stream: TextIO) -> Iterator[str]:
        lines = bounded_lines(stream, self.source.name, self.dialect.delimiter)
        if self.encoding.nul_bytes:
            lines = (line.replace("\0", "") for line in lines)
        if self.encoding.misread:
            lines = (line.translate(WINDOWS_SIGNS) for line in lines)
        return lines

    def _checked(self, cells: list[str], feed: LineFeed, profile: Profile | None) -> list[str]:
        """Look at a record of several lines with the wrong width: a stray quote may have swallowed lines."""
        if profile is None or len(cells) == len(profile.columns):
            return cells
        mended = self._mended(feed.taken[0], profile)
        if mended is None:
            return cells
        feed.give_back(keep=1)
        return mended

    def _malformed(self, line: int, feed: LineFeed, profile: Profile | None, error: Exception) -> list[str]:
        """Read a record that breaks the rules of quoting: its first line mended, or as leniently as programs do."""
        raw = feed.taken[0] if feed.taken else ""
        self.malformed = line
        endless = isinstance(error, RunawayQuoteError) or feed.exhausted or "limit" in str(error)
        if profile is not None and (mended := self._mended(raw, profile)):
            feed.give_back(keep=1)
            if endless:
                self._note_runaway(line)
            return mended
        if endless:
            self._note_runaway(line)
            feed.give_back(keep=1)
            return _stripped(raw).split(self.dialect.delimiter)
        feed.give_back(keep=0)
        return next(iter(self.dialect.reader(prepared(feed, self.dialect))), [])

    def _note_runaway(self, line: int) -> None:
        self.runaways.append(line)
        if len(self.runaways) > _MOST_RUNAWAYS:
            raise ReadError(
                f"{self.source.name}: quotes do not close in over {_MOST_RUNAWAYS} places, the first on line "
                f"{self.runaways[0]}",
                hint="name another quote character with --quote, or --quote none",
                source=self.source.name,
                line=self.runaways[0],
            )

    def _mended(self, raw: str, profile: Profile) -> list[str] | None:
        """Try a repair, as long as repairs succeed now and then: a file ragged throughout has no typing errors."""
        if self.failures > _MOST_FAILURES:
            return None
        cells = repair(_stripped(raw), self.dialect, profile)
        self.failures = self.failures + 1 if cells is None else 0
        return cells

    def _irregular(self, line: int, cells: list[str], raw: list[str], profile: Profile) -> Record:
        found, width = len(cells), len(profile.columns)
        padded = cells + [""] * (width - found)
        if found < width and profile.misfit(padded) <= 0.5:
            return Record(line, padded, repaired=f"{found} of {width} cells, the rest taken as blank")
        mended = self._mended("".join(raw), profile)
        if mended is not None:
            return Record(line, mended, repaired=f"{found} cells mended to {width}")
        if found < width:
            return Record(line, padded, repaired=f"{found} of {width} cells, the rest taken as blank")
        if extent(cells) <= width:
            return Record(line, cells[:width])
        return Record(line, cells, fault=f"{found} cells where the table has {width}")


def _stripped(raw: str) -> str:
    return raw.rstrip("\r\n")
