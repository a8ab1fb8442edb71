"""What `crm audit run` costs beside the same checks as hand-written SQL on the same SQLite file.

    python3 dev.py bench audits

CRM_BENCH_ROWS: how many contacts (20 000); accounts, leads, opportunities and activities in proportion. CRM_BENCH_DB:
the path of a database that is made when it is not there and used again when it is; it is copied, never changed.
CRM_BENCH_PEOPLE: a CSV of people as for `whole_job`, which is imported instead. Each command is a process of its own,
its start included, and runs once: the first run stores what it finds, the second finds the same.

By hand, each policy is one query (`peers/audits.sql`); `count` counts records and failing ones, `store` also keeps
which fail. Both sides must find the same records, policy by policy, or the benchmark ends with the differences.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

from benchmarks._measure import machine
from benchmarks._processes import Cost, run_measured

ROWS = int(os.environ.get("CRM_BENCH_ROWS", "20000"))
TODAY = "2026-06-15"
_ROOT = Path(__file__).resolve().parents[1]
_BY_HAND = Path(__file__).with_name("peers") / "audits_by_hand.py"
_CRM = (sys.executable, "-m", "crm_cli")
_OURS = """SELECT policy, records, failing FROM quality_snapshot
    WHERE run_id = 1 AND policy NOT LIKE 'dimension:%'"""
_ONLY_ONE = """SELECT count(*) FROM (
    SELECT policy, record_id FROM {0} EXCEPT SELECT policy, record_id FROM {1})"""


def make(folder: Path) -> Path:
    """Return a database to measure on: that of CRM_BENCH_DB, or a new one."""
    database = folder / "crm.db"
    given = os.environ.get("CRM_BENCH_DB")
    if given and Path(given).exists():
        shutil.copy(given, database)
        return database
    if os.environ.get("CRM_BENCH_PEOPLE"):
        write = "import sys, pathlib, benchmarks.whole_job as job; job.write_people(pathlib.Path(sys.argv[1]))"
        run((sys.executable, "-c", write, "people.csv"), folder)
        run((*_CRM, "init", "--country", "US"), folder)
        run((*_CRM, "import", "people.csv", "--into", "contact", "--key", "id", "--no-input"), folder)
    else:
        run((sys.executable, "-m", "tests.audits.customers", database, str(ROWS)), folder)
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if given:
        shutil.copy(database, given)
    return database


def run(command: tuple[str | Path, ...], folder: Path) -> Cost:
    """Run a command on the database of the folder; exit code 3 says that there are findings."""
    given = {"CRM_DB": str(folder / "crm.db"), "CRM_CONFIG_DIR": str(folder), "PYTHONPATH": str(_ROOT)}
    cost = run_measured(command, folder, given)
    if cost.fault and not cost.fault.startswith("exit 3:"):
        raise SystemExit(f"{command}: {cost.fault}")
    return cost


def differences(database: Path, stored: Path) -> list[str]:
    """Return where the first run and the SQL by hand disagree: in counts, or in which records fail."""
    with sqlite3.connect(database) as connection:
        connection.execute("ATTACH ? AS hand", (str(stored),))
        ours = {policy: (records, failing) for policy, records, failing in connection.execute(_OURS)}
        hand = {policy: (records, failing) for policy, records, failing in connection.execute("SELECT * FROM counts")}
        found = [
            f"{policy}: crm says {ours.get(policy)}, SQL by hand {hand.get(policy)}"
            for policy in sorted(ours.keys() | hand.keys())
            if ours.get(policy) != hand.get(policy)
        ]
        for one, other in (("finding", "found"), ("found", "finding")):
            [number] = connection.execute(_ONLY_ONE.format(one, other)).fetchone()
            found += [f"{number} records fail by {one} alone"] if number else []
    return found


def main() -> None:
    """Measure, compare, print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        database = make(folder)
        counted, stored, audit = folder / "counted.db", folder / "stored.db", (*_CRM, "audit", "run")
        today = ("--today", TODAY)
        commands: dict[str, tuple[str | Path, ...]] = {
            "SQL by hand, counting": (sys.executable, _BY_HAND, database, "count", counted),
            "SQL by hand, storing": (sys.executable, _BY_HAND, database, "store", stored),
            "`crm audit run --dry-run`, nothing stored": (*audit, *today, "--dry-run"),
            "`crm audit run`, first": (*audit, *today),
            "`crm audit run`, again": (*audit, *today),
            "`crm audit run --dry-run`": (*audit, *today, "--dry-run"),
        }
        with sqlite3.connect(database) as connection:
            [contacts] = connection.execute("SELECT count(*) FROM contact").fetchone()
        print(f"{machine()}; {contacts:,} contacts, {database.stat().st_size / 1e6:,.0f} MB\n")
        print("| | clock s | processor s | peak MB | SQL by hand = 1 |\n|---|---|---|---|---|", flush=True)
        unit = 0.0
        for name, command in commands.items():
            cost = run(command, folder)
            unit = unit or cost.processor
            ratio = cost.processor / unit
            print(
                f"| {name} | {cost.seconds:.1f} | {cost.processor:.1f} | {cost.peak_mb:.0f} | {ratio:.2f} |", flush=True
            )
        if wrong := differences(database, stored):
            raise SystemExit("\n".join(wrong))
        print("\nall policies agree, in counts and in records")


if __name__ == "__main__":
    main()
