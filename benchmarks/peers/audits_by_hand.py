"""The shipped policies by hand-written SQL (`audits.sql`) and the sqlite3 module alone; needs nothing of this project.

    python benchmarks/peers/audits_by_hand.py DATABASE count|store TARGET

`count` counts the records looked at and those that fail; `store` also keeps which fail, in a table of TARGET. Either
way the counts are kept in TARGET, another SQLite file.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path

TODAY = "2026-06-15"
_COUNTS = "CREATE TABLE counts (policy TEXT PRIMARY KEY, records INTEGER, failing INTEGER)"
_FOUND = "CREATE TABLE found (policy TEXT, record_id INTEGER, PRIMARY KEY (policy, record_id)) WITHOUT ROWID"


def queries() -> dict[str, str]:
    """The queries by policy."""
    text = Path(__file__).with_name("audits.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- policy: (\S+)\n", text, flags=re.MULTILINE)[1:]
    named = zip(parts[::2], parts[1::2], strict=True)
    return {name: re.sub(r"^--.*$", "", query, flags=re.MULTILINE) for name, query in named}


def main(database: str, what: str, target: str) -> None:
    """Ask every query."""
    connection = sqlite3.connect(database)
    for pragma in ("cache_size=-65536", "temp_store=MEMORY", "synchronous=NORMAL"):  # as the program has them
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("ATTACH ? AS target", (target,))
    connection.execute(_COUNTS.replace("TABLE ", "TABLE target."))
    connection.execute(_FOUND.replace("TABLE ", "TABLE target."))
    for policy, query in queries().items():
        given = {"today": TODAY, "policy": policy}
        counted = f"SELECT :policy, count(*), coalesce(sum(fails), 0) FROM ({query})"
        connection.execute(f"INSERT INTO target.counts {counted}", given)
        if what == "store":
            connection.execute(f"INSERT INTO target.found SELECT :policy, id FROM ({query}) WHERE fails", given)
    connection.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
