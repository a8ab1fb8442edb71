"""The distinct words of the index, where typing errors are looked up: few long rows, read by kind and length.

Words are compared with words and e-mail addresses with addresses. Numbers are not kept: each of the few numbers that
are one error away is looked for itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from zlib import crc32

import sqlalchemy as sa

from crm_cli.query.postings import Turnover
from crm_cli.store import Store, bulk_insert, in_chunks

__all__ = ["Vocabulary", "distance", "note_turnover"]

_ONE_ERROR_FROM, _TWO_ERRORS_FROM = 4, 8  # letters a word must have for so many errors to be forgiven
_SHORTEST = _ONE_ERROR_FROM - 1  # what is shorter is no word with errors
_PARTS = 32  # rows of one kind and length, so that a new word rewrites little
_COLUMNS = ("id", "kind", "length", "part", "words")
_DIGITS = "0123456789"
Place = tuple[str, int, int]  # kind, length, part


def is_number(token: str) -> bool:
    """Tell whether a token is nothing but digits."""
    return token.isascii() and token.isdecimal()


def errors_forgiven(word: str) -> int:
    """Return how many letters of a word may be wrong; of a number at most one."""
    if len(word) >= _TWO_ERRORS_FROM and not is_number(word):
        return 2
    return 1 if len(word) >= _ONE_ERROR_FROM else 0


def distance(word: str, token: str) -> int | None:
    """Return by how many errors a token differs from a word, or None when that is more than is forgiven."""
    from rapidfuzz.distance import OSA

    errors = errors_forgiven(word)
    if not errors or (_kind(token) or "number") != (_kind(word) or "number"):
        return None
    found = int(OSA.distance(word, token, score_cutoff=errors))
    return found if found <= errors else None


def _kind(token: str) -> str | None:
    """Return the kind of a token that is kept, else None."""
    if len(token) < _SHORTEST or is_number(token):
        return None
    return "address" if "@" in token else "word"


class Vocabulary:
    """The words as they stand in one transaction; what was read once is not read again."""

    def __init__(self, store: Store, connection: sa.Connection) -> None:
        self._table = store.table("search_words")
        self._connection = connection
        self._read: dict[tuple[str, int], list[str]] = {}

    def near(self, word: str) -> dict[str, int]:
        """Return the tokens that differ from `word` by so few errors as are forgiven, each with how many.

        An error is a letter that is wrong, missing or too many, or two neighbours that are exchanged.
        """
        errors = errors_forgiven(word)
        if not errors:
            return {}
        if is_number(word):
            return dict.fromkeys(_numbers_near(word), 1)
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        kind, found = _kind(word) or "word", {}
        for length in range(len(word) - errors, len(word) + errors + 1):
            for token, distance, _ in extract(
                word, self._words(kind, length), scorer=OSA.distance, score_cutoff=errors, limit=None
            ):
                if distance:
                    found[token] = int(distance)
        return found

    def _words(self, kind: str, length: int) -> list[str]:
        if (kind, length) not in self._read:
            table = self._table
            query = sa.select(table.c.words).where(table.c.kind == kind, table.c.length == length)
            rows = self._connection.scalars(query)
            self._read[kind, length] = [word for row in rows for word in row.split("\n")]
        return self._read[kind, length]


def _numbers_near(word: str) -> Iterator[str]:
    """Yield the numbers that are one error away; whether there are such is for the postings to say."""
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
        for digit in _DIGITS:
            if digit != word[place]:
                yield word[:place] + digit + word[place + 1 :]
        if word[place : place + 1] != word[place + 1 : place + 2] != "":
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    for place in range(len(word) + 1):
        for digit in _DIGITS:
            yield word[:place] + digit + word[place:]


def note_turnover(connection: sa.Connection, store: Store, turnover: Turnover) -> None:
    """Bring the words up to date with what the postings gained and lost; to be called after they were written."""
    gone = _vanished(connection, store, turnover.lost)
    changes: dict[Place, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for side, tokens in enumerate((turnover.gained - gone, gone)):
        for token in tokens:
            if kind := _kind(token):
                changes[kind, len(token), crc32(token.encode()) % _PARTS][side].add(token)
    if changes:
        _change(connection, store, changes)


def _vanished(connection: sa.Connection, store: Store, tokens: Iterable[str]) -> set[str]:
    """Return those of the tokens that no record has any more."""
    table, gone = store.table("search_posting"), {token for token in tokens if _kind(token)}
    for chunk in in_chunks(sorted(gone)):
        gone.difference_update(connection.scalars(sa.select(table.c.token).distinct().where(table.c.token.in_(chunk))))
    return gone


def _change(connection: sa.Connection, store: Store, changes: Mapping[Place, tuple[set[str], set[str]]]) -> None:
    table = store.table("search_words")
    known = _rows(connection, table, changes)
    updates, gone, new = [], [], []
    for place, (gained, lost) in sorted(changes.items()):
        number, words = known.get(place, (None, ""))
        after = "\n".join(sorted(({*words.split("\n")} - {""} | gained) - lost))
        if number is None and after:
            new.append((*place, after))
        elif number is not None and after and after != words:
            updates.append({"row": number, "new": after})
        elif number is not None and not after:
            gone.append(number)
    if updates:
        change = table.update().where(table.c.id == sa.bindparam("row")).values(words=sa.bindparam("new"))
        connection.execute(change, updates)
    for chunk in in_chunks(gone):
        connection.execute(table.delete().where(table.c.id.in_(chunk)))
    if new:
        ids = store.allocate(connection, table.name, len(new))
        bulk_insert(connection, table, _COLUMNS, ((one, *row) for one, row in zip(ids, new, strict=True)))


def _rows(connection: sa.Connection, table: sa.Table, places: Iterable[Place]) -> dict[Place, tuple[int, str]]:
    """Return the rows of these places, as id and words."""
    parts: dict[tuple[str, int], list[int]] = defaultdict(list)
    for kind, length, part in places:
        parts[kind, length].append(part)
    found: dict[Place, tuple[int, str]] = {}
    for (kind, length), wanted in sorted(parts.items()):
        mine: Sequence[sa.ColumnElement[bool]] = (
            table.c.kind == kind,
            table.c.length == length,
            table.c.part.in_(wanted),
        )
        for row in connection.execute(sa.select(table).where(*mine)):
            found[kind, length, row.part] = (row.id, row.words)
    return found
