"""What the operation log costs in bulk: the same records inserted bare, logged thinly, logged with all their values.

    python -m benchmarks.operation_log [ROWS]

Each way gets a new SQLite file; ratios are of one run on one machine, the raw limit being `sqlite3 .import`.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from crm_cli.history import Author, Operation, operation
from crm_cli.history.rows import insert_columns
from crm_cli.history.values import plain_row
from crm_cli.store import Store, bulk_insert, bulk_insert_columns
from crm_cli.store.migrate import create

Row = dict[str, str]


def people(count: int) -> list[Row]:
    return [
        {"given_name": f"Given{n % 997}", "family_name": f"Family{n}", "job_title": "Buyer", "department": "East",
         "company": f"Company {n % 5000}", "source": "fair", "language": "en", "customer_number": f"K{n:08d}"}
        for n in range(count)
    ]  # fmt: skip


def bare(op: Operation, rows: list[Row]) -> None:
    entity = op.store.dictionary.entity("contact")
    ids = op.allocate("contact", len(rows))
    columns = insert_columns(entity, rows, ids, op.store.mint(len(rows)), op.started_at)
    party = {"id": ids, "kind": ["contact"] * len(ids)}
    bulk_insert_columns(op.connection, op.store.table("party"), party)
    bulk_insert_columns(op.connection, op.store.table("contact"), columns)


def thin(op: Operation, rows: list[Row]) -> None:
    op.insert("contact", rows)


def full(op: Operation, rows: list[Row]) -> None:
    ids = op.insert("contact", rows, covered=True)
    changes = op.allocate("change", len(ids))
    columns = ("id", "operation_id", "action", "entity", "record_id", "new")
    values = (
        (change, op.id, "insert", "contact", number, plain_row(row))
        for change, number, row in zip(changes, ids, rows, strict=True)
    )
    bulk_insert(op.connection, op.store.table("change"), columns, values)


def timed(folder: Path, way: Callable[[Operation, list[Row]], None], rows: list[Row]) -> tuple[float, float]:
    path = folder / f"{way.__name__}.db"
    create(path)
    with Store.open(path) as store:
        started = time.perf_counter()
        with operation(store, "import", Author("benchmark")) as op:
            way(op, rows)
        seconds = time.perf_counter() - started
    return seconds, path.stat().st_size / 1e6


def imported(folder: Path, rows: list[Row]) -> float | None:
    if shutil.which("sqlite3") is None:
        return None
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    started = time.perf_counter()
    subprocess.run(["sqlite3", str(folder / "raw.db"), ".mode csv", f".import {path} rows"], check=True)
    return time.perf_counter() - started


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rows = people(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = imported(folder, rows)
        if raw is not None:
            print(f"sqlite3 .import        {raw:6.2f} s")
        for way in (bare, thin, full):
            seconds, size = timed(folder, way, rows)
            ratio = f"  {seconds / raw:5.1f} x .import" if raw else ""
            print(f"{way.__name__:<20} {seconds:8.2f} s {size:8.1f} MB{ratio}")


if __name__ == "__main__":
    main()
