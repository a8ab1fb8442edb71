"""Lines of a text source, with memory of the record being read: what csv took can be looked at and given back."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import IO, AnyStr, TextIO

from crm_cli.importers.encoding import Encoding, with_byte_order
from crm_cli.importers.faults import HostileSourceError
from crm_cli.importers.source import Source

__all__ = ["MOST_CHARS", "LineFeed", "RunawayQuoteError", "bounded_lines", "open_text"]

# A cell of more lines or characters than this is taken for an unclosed quote. Notes in exports stay below it by far.
MOST_LINES = 5_000
MOST_CHARS = 32 << 20
# From this length on a line is looked at for how many cells it has.
_LONG = 1 << 20
MOST_CELLS = 100_000
_CHUNK_LINES = 1000


class RunawayQuoteError(Exception):
    """A quoted cell does not end within reason. A signal inside reading, never shown."""


def open_text(source: Source, encoding: Encoding) -> TextIO:
    """Open a source as text with its line ends kept. Bytes that the encoding does not know become U+FFFD."""
    codec = with_byte_order(source, encoding.name)
    return io.TextIOWrapper(source.open(), encoding=codec, errors="replace", newline="")


def bounded_lines(stream: IO[AnyStr], name: str, delimiter: AnyStr | None = None) -> Iterator[AnyStr]:
    """Yield the lines of a stream; raise HostileSourceError for one without an end, or of far too many cells."""
    for line in iter(partial(stream.readline, MOST_CHARS), stream.read(0)):
        if len(line) >= _LONG and (len(line) >= MOST_CHARS or _cells(line, delimiter) > MOST_CELLS):
            raise HostileSourceError(
                f"{name} is refused: it has a line of over {min(len(line), MOST_CHARS) >> 20} million characters",
                hint="see whether it is text at all; a list has a line a record",
                source=name,
            )
        yield line


def _cells(line: AnyStr, delimiter: AnyStr | None) -> int:
    return line.count(delimiter) + 1 if delimiter else 1


class LineFeed:
    """The lines of a text, counted: in chunks for plain stretches, one by one where records need watching.

    Iterating takes lines one by one; `taken` holds those since the last `next_record()`, and they can be given back.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.count = 0
        self.exhausted = False
        self._chars = 0

    def is_waiting(self) -> bool:
        """Tell whether lines that were fetched are still to be read one by one."""
        return bool(self._waiting)

    def fetch(self) -> list[str]:
        """Fetch the next lines; they count as read when `skip` says so, else they wait to be read one by one."""
        self._waiting.extend(islice(self._lines, _CHUNK_LINES))
        self.exhausted = not self._waiting
        return list(self._waiting)

    def skip(self) -> None:
        """Count the fetched lines as read."""
        self.count += len(self._waiting)
        self._waiting.clear()

    def __iter__(self) -> Iterator[str]:
        while True:
            line = self._waiting.popleft() if self._waiting else next(self._lines, "")
            if not line:
                self.exhausted = True
                return
            self.count += 1
            self.taken.append(line)
            if len(self.taken) > 1:
                self._check(line)
            yield line

    def _check(self, line: str) -> None:
        self._chars += len(line)
        if len(self.taken) > MOST_LINES or self._chars > MOST_CHARS:
            raise RunawayQuoteError

    def next_record(self) -> None:
        """Forget the lines taken so far; call it after every record."""
        self.taken = []
        self._chars = 0

    def give_back(self, keep: int) -> None:
        """Give the lines after the first `keep` of this record back, to be read again."""
        surplus = self.taken[keep:]
        self._waiting.extendleft(reversed(surplus))
        self.count -= len(surplus)
        self.exhausted = self.exhausted and not surplus
        del self.taken[keep:]
