"""What the files of a database still hold of erased rows, and how it is cleared; what stays is said.

SQLite: https://www.sqlite.org/pragma.html#pragma_secure_delete overwrites what is deleted, but pages that were split
may keep copies of rows; VACUUM writes all pages anew, and a truncating checkpoint empties the log beside the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from crm_cli.store import Store

__all__ = ["TOUCHED", "Scrubbed", "scrub"]

TOUCHED = (
    *("party", "contact", "lead", "email_address", "phone_number", "postal_address", "consent", "relationship"),
    *("activity", "activity_link", "opportunity", "change", "import_row", "external_ref", "confirmation", "finding"),
    *("match_pair", "match_decision", "match_key", "match_waiting", "merge", "cross_pair", "cross_decision"),
    *("stage_change", "value_frequency", "import_batch", "export_run", "match_run", "account", "erasure_key"),
    *("search_record", "search_posting", "search_words", "operation", "territory_stay"),
)


@dataclass(frozen=True)
class Scrubbed:
    """What was cleared, and what the database's own files or others still hold; `complete`: nothing in its reach."""

    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    complete: bool = True


def scrub(store: Store, tables: Iterable[str] = TOUCHED) -> Scrubbed:
    """Clear the files of the database from what was deleted, as far as the database can be told to."""
    names = [name for name in tables if name in store.metadata.tables]
    if store.backend == "sqlite":
        return _scrub_sqlite(store)
    return _scrub_postgresql(store, names) if store.backend == "postgresql" else _scrub_mariadb()


def _scrub_sqlite(store: Store) -> Scrubbed:
    where = store.shown
    with store.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection  # not in a transaction: VACUUM takes none
        try:
            driver.execute("PRAGMA temp_store=FILE")  # the copy may be larger than the memory
            driver.execute("VACUUM")
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) and "busy" not in str(fault):
                raise
            busy = 1
        finally:
            driver.execute("PRAGMA temp_store=MEMORY")
    if busy:
        why = f"another process is using {where}: what was erased may stand in its pages or in {where}-wal yet"
        return Scrubbed(left=[f"{why}; crm privacy purge clears them"], complete=False)
    return Scrubbed([f"{where} was written anew (VACUUM), and its log emptied"])


def _scrub_postgresql(store: Store, names: Iterable[str]) -> Scrubbed:
    quote = store.engine.dialect.identifier_preparer.quote
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in names:
            connection.exec_driver_sql(f"VACUUM {quote(name)}")
    return Scrubbed(
        ["VACUUM of the tables that were touched: erased rows are gone for every query and their space is free"],
        [
            "free space of the server's pages until it is used again; VACUUM FULL by its administrator clears it",
            "the server's write-ahead log, archives of it and replicas, for as long as they are kept",
        ],
    )


def _scrub_mariadb() -> Scrubbed:
    return Scrubbed(
        [],
        [
            "pages and undo log of the server until its purge threads have run; OPTIMIZE TABLE clears free space",
            "the server's binary log and replicas, for as long as they are kept",
        ],
    )
