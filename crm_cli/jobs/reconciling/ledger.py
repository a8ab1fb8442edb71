"""The ledger: both sides in a temporary database, so that memory does not grow with them.

SQLite keeps a database without a name in a file that nobody else can open, and that is gone when it is closed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

__all__ = ["Ledger", "Pair", "Section"]

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE there (
    n INTEGER PRIMARY KEY, place TEXT, key TEXT, shown TEXT, fault TEXT, said TEXT, status TEXT, id INTEGER);
CREATE TABLE here (id INTEGER PRIMARY KEY, shown TEXT, said TEXT, chosen INTEGER, status TEXT);
CREATE TABLE here_key (key TEXT, id INTEGER);
CREATE TABLE compared (status TEXT, n INTEGER PRIMARY KEY);
CREATE TABLE difference (n INTEGER, id INTEGER, field INTEGER, kind TEXT, said TEXT, fill INTEGER);
"""
# A key that occurs several times on a side names nothing for certain, whatever the other side has; nor does a record
# that several rows name by different keys of it.
_SETTLE = """
CREATE INDEX there_by_key ON there (key);
CREATE INDEX here_by_key ON here_key (key);
CREATE INDEX IF NOT EXISTS here_by_id ON here_key (id);
CREATE TABLE repeated (key TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO repeated SELECT key FROM there WHERE key IS NOT NULL AND fault IS NULL GROUP BY key HAVING count(*) > 1;
INSERT OR IGNORE INTO repeated SELECT key FROM here_key GROUP BY key HAVING count(DISTINCT id) > 1;
UPDATE there SET id = (SELECT id FROM here_key WHERE here_key.key = there.key)
    WHERE fault IS NULL AND key IS NOT NULL AND key NOT IN (SELECT key FROM repeated);
UPDATE there SET status = CASE
    WHEN fault IS NOT NULL THEN 'faulty' WHEN key IS NULL THEN 'blank-key'
    WHEN key IN (SELECT key FROM repeated) THEN 'ambiguous' WHEN id IS NULL THEN 'missing-here' ELSE 'matched' END;
UPDATE there SET status = 'ambiguous' WHERE status = 'matched' AND id IN (
    SELECT id FROM there WHERE status = 'matched' GROUP BY id HAVING count(*) > 1
    UNION SELECT here_key.id FROM here_key JOIN repeated USING (key));
UPDATE there SET status = 'outside' WHERE status = 'matched'
    AND id IN (SELECT id FROM here WHERE chosen = 0);
CREATE INDEX there_by_id ON there (id);
UPDATE here SET status = CASE
    WHEN NOT EXISTS (SELECT 1 FROM here_key WHERE here_key.id = here.id) THEN 'blank-key'
    WHEN EXISTS (SELECT 1 FROM here_key JOIN repeated USING (key) WHERE here_key.id = here.id)
        OR EXISTS (SELECT 1 FROM there WHERE there.id = here.id AND there.status = 'ambiguous') THEN 'ambiguous'
    WHEN EXISTS (SELECT 1 FROM there WHERE there.id = here.id) THEN 'matched' ELSE 'missing-there' END
    WHERE chosen = 1;
CREATE INDEX there_by_status ON there (status, n);
CREATE INDEX here_by_status ON here (status, id);
"""
_AT_ONCE = 2_000


class Pair(NamedTuple):
    """A row of the source and the record that it names."""

    n: int
    id: int
    there: str
    here: str


class Section(NamedTuple):
    """A row or a record of a section: what is None belongs to the other side."""

    status: str
    key: list[str | None] | None
    id: int | None
    place: str | None
    fault: str | None
    said: str


class Ledger:
    """Takes both sides in, says which rows and records belong together, and keeps what was found."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add_there(self, rows: Iterable[tuple[int, str, str | None, str, str | None, str]]) -> None:
        """Take rows of the source: running number, place, key, key as it stands, fault, what it says."""
        self._many("INSERT INTO there VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)", rows)

    def add_here(self, rows: Iterable[tuple[int, str, str]], *, chosen: bool) -> None:
        """Take records: id, key as it stands, what it says; `chosen` are those that are asked for."""
        self._many("INSERT INTO here VALUES (?, ?, ?, ?, NULL)", ((*row, int(chosen)) for row in rows))

    def add_keys(self, rows: Iterable[tuple[str, int]]) -> None:
        """Take keys of records: key, id. Keys of records that were not taken are passed over."""
        self._many("INSERT INTO here_key SELECT ?1, id FROM here WHERE id = ?2", rows)

    def show_keys(self) -> None:
        """Let the first key of each record be the one that is shown."""
        self._db.execute("CREATE INDEX here_by_id ON here_key (id)")
        self._db.execute("UPDATE here SET shown = (SELECT min(key) FROM here_key WHERE here_key.id = here.id)")

    def known_ids(self, first: int, last: int) -> set[int]:
        """Return the records between two ids that were taken."""
        return {number for (number,) in self._db.execute("SELECT id FROM here WHERE id BETWEEN ? AND ?", (first, last))}

    def settle(self) -> None:
        """Decide of every row and record what it is, once both sides are in."""
        self._db.executescript(_SETTLE)

    def pairs(self) -> Iterator[Pair]:
        """Yield the rows that name a record for certain, in the order of the source."""
        query = (
            "SELECT there.n, here.id, there.said, here.said FROM there JOIN here ON here.id = there.id "
            "WHERE there.status = 'matched' ORDER BY there.n"
        )
        yield from self._streamed(query, Pair)

    def add_statuses(self, rows: Iterable[tuple[str, int]]) -> None:
        """Note of matched rows whether they are the same: status, running number."""
        self._many("INSERT INTO compared VALUES (?, ?)", rows)

    def add_differences(self, rows: Iterable[tuple[int, int, int, str, str, bool]]) -> None:
        """Keep differences: running number, id, place of the field, kind, what both say, whether it can be filled."""
        self._many("INSERT INTO difference VALUES (?, ?, ?, ?, ?, ?)", rows)

    def finish_comparing(self) -> None:
        """Put what was noted of pairs to their rows, once all were compared."""
        self._db.execute("CREATE INDEX difference_by_row ON difference (n)")
        self._db.execute(
            "UPDATE there SET status = (SELECT status FROM compared WHERE compared.n = there.n) "
            "WHERE status = 'matched'"
        )

    def counts_there(self) -> dict[str, int]:
        """Return how many rows of the source have each status."""
        return dict(self._db.execute("SELECT status, count(*) FROM there GROUP BY status").fetchall())

    def counts_here(self) -> dict[str, int]:
        """Return how many of the chosen records have each status."""
        query = "SELECT status, count(*) FROM here WHERE chosen = 1 GROUP BY status"
        return dict(self._db.execute(query).fetchall())

    def rows(self, status: str, limit: int | None = None) -> Iterator[Section]:
        """Yield the rows of the source with a status, in their order."""
        query = "SELECT status, shown, id, place, fault, said FROM there WHERE status = ? ORDER BY n LIMIT ?"
        yield from self._streamed(query, _section, (status, -1 if limit is None else limit))

    def records(self, status: str, limit: int | None = None) -> Iterator[Section]:
        """Yield the chosen records with a status, in the order of their ids."""
        query = (
            "SELECT status, shown, id, NULL, NULL, said FROM here WHERE status = ? AND chosen = 1 ORDER BY id LIMIT ?"
        )
        yield from self._streamed(query, _section, (status, -1 if limit is None else limit))

    def differences(
        self, limit: int | None = None, *, fills: bool = False
    ) -> Iterator[tuple[list[str | None], int, str, int, str, list[Any]]]:
        """Yield (key, id, place, field, kind, [here, there, note]), in the order of the source; only the `fills`."""
        query = (
            "SELECT there.shown, difference.id, there.place, field, kind, difference.said FROM difference "
            "JOIN there USING (n) WHERE fill >= ? ORDER BY difference.n, field LIMIT ?"
        )
        values = (int(fills), -1 if limit is None else limit)
        for key, number, place, one, kind, said in self._streamed(query, lambda *row: row, values):
            yield json.loads(key), number, json.loads(place), one, kind, json.loads(said)

    def count_differences(self) -> int:
        """Return how many values differ in all."""
        return int(self._db.execute("SELECT count(*) FROM difference").fetchone()[0])

    def said_here(self) -> Iterator[tuple[str, None]]:
        """Yield what each of the chosen records says."""
        yield from self._streamed("SELECT said FROM here WHERE chosen = 1", lambda said: (said, None))

    def said_there(self) -> Iterator[tuple[str, str | None]]:
        """Yield what each row of the source says that is sound, and what its record says, if it names one.

        Rows of records that were left out are left out too.
        """
        query = (
            "SELECT there.said, here.said FROM there LEFT JOIN here "
            "ON here.id = there.id AND there.status IN ('same', 'differing') "
            "WHERE there.status NOT IN ('faulty', 'outside')"
        )
        yield from self._streamed(query, lambda *both: both)

    def count_fills(self) -> tuple[int, int]:
        """Return how many records and how many values can be filled."""
        query = "SELECT count(DISTINCT id), count(*) FROM difference WHERE fill = 1"
        records, values = self._db.execute(query).fetchone()
        return int(records), int(values)

    def fills(self, first: int, last: int) -> dict[int, tuple[int, list[int]]]:
        """Return, of rows between two running numbers, the record and the fields of it to be filled."""
        found: dict[int, tuple[int, list[int]]] = {}
        query = "SELECT n, id, field FROM difference WHERE fill = 1 AND n BETWEEN ? AND ? ORDER BY n, field"
        for n, number, one in self._db.execute(query, (first, last)):
            found.setdefault(n, (number, []))[1].append(one)
        return found

    def _many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(statement, rows)
        self._db.execute("COMMIT")

    def _streamed(self, query: str, make: Any, values: Sequence[Any] = ()) -> Iterator[Any]:
        with closing(self._db.cursor()) as cursor:
            cursor.execute(query, values)
            while rows := cursor.fetchmany(_AT_ONCE):
                for row in rows:
                    yield make(*row)


def _section(
    status: str, shown: str | None, number: int | None, place: str | None, fault: str | None, said: str
) -> Section:
    key = json.loads(shown) if shown else None
    return Section(
        status, key, number, json.loads(place) if place else None, json.loads(fault) if fault else None, said
    )
