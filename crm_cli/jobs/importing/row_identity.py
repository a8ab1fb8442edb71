"""Who a row is in its source: by its key, else by what it says."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_cli.dictionary import fold
from crm_cli.importers import Row
from crm_cli.jobs.importing.drafts import known_as, note_columns
from crm_cli.standardize import Context, is_no_value

__all__ = ["RowIdentity", "key_of"]


@dataclass
class RowIdentity:
    """Tells the rows of a table apart, and knows them again in a later delivery, whatever they are mapped to."""

    header: Sequence[str]
    _names: dict[tuple[int, ...], str] = field(default_factory=dict)
    _occurrences: Counter[bytes] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        notes = note_columns(self.header)
        by_name = sorted((fold(name) or "", place) for place, name in enumerate(self.header) if name not in notes)
        self._said = [place for _, place in by_name]

    def of(self, row: Row) -> str:
        """Return a digest of what the row says.

        The order of the columns says nothing, nor do blank ones, nor the notes of a rejects file.
        """
        values, width = row.values, len(row.values)
        if width == len(self.header):
            filled = self._said if None not in values else [at for at in self._said if values[at] is not None]
        else:
            filled = [at for at in self._said if at < width and values[at] is not None]
            filled += [at for at in range(len(self.header), width) if values[at] is not None]
        names = self._names.get(tuple(filled)) or self._named(tuple(filled))
        text = f"{names}{[values[place] for place in filled]!r}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _named(self, filled: tuple[int, ...]) -> str:
        """The names of these columns, put together once for all rows that fill the same ones."""
        header = self.header
        names = [fold(header[place]) if place < len(header) else f"column {place + 1}" for place in filled]
        return self._names.setdefault(filled, repr(names))

    def numbered(self, identity: str) -> str:
        """Return the id of a row without a key, by its content; a row that occurs twice is two records."""
        seen = bytes.fromhex(identity[:32])  # half of it tells rows apart, in a third of the memory
        self._occurrences[seen] += 1
        count = self._occurrences[seen]
        return f"row:{identity[:40]}" + (f"#{count}" if count > 1 else "")


def key_of(cell: str | None, context: Context) -> str | None:
    """Return the id that a key's cell gives; None where it is blank or a word for "no value", which many may share."""
    text = (cell or "").strip()
    return None if not text or is_no_value(text, context) else known_as(text)
