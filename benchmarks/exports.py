"""`crm export` of a million contacts in 16 columns, against the `sqlite3 -csv` shell with the same query.

    python -m benchmarks.exports [ROWS]

`own` are 16 fields of the contact itself; `points` has the primary e-mail address, number and address among its 16, for
which both have to join three tables. Without the shell on the path, Python's `sqlite3` and `csv` stand in for it.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._measure import machine
from benchmarks._processes import Cost, run_measured
from crm_cli.store.migrate import create

ROWS = 1_000_000
OWN = [
    *("id", "public_id", "salutation", "given_name", "middle_name", "family_name", "birth_date", "company"),
    *("job_title", "department", "customer_number", "language", "source", "status", "created_at", "updated_at"),
]
POINTS = [
    *("id", "public_id", "given_name", "family_name", "company", "job_title", "status", "created_at", "updated_at"),
    *("email", "phone", "street", "city", "region", "postal_code", "country"),
]
_SLOTS = {
    "email": ("e", "standard"), "phone": ("t", "standard"),
    **{name: ("a", name) for name in ("street", "city", "region", "postal_code", "country")},
}  # fmt: skip
_SHARED = "row_version, created_at, updated_at"
_STAMP = "1, '2026-05-31 08:00:00.123456', '2026-06-0' || (1 + n % 9) || ' 09:30:00.000000'"
_GIVEN, _FAMILY = "'Ann' || (n % 997)", "'Müller' || (n % 4999)"
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
_FILL = (
    ("INSERT INTO party (id, kind) {numbers} SELECT n, 'contact' FROM numbers"),
    (
        f"INSERT INTO contact (id, public_id, {_SHARED}, given_name, family_name, given_name_key, family_name_key,"
        " salutation, birth_date, company, job_title, customer_number, language, source, status) {numbers} SELECT n,"
        f" '01M8F1T5ZF' || printf('%016d', n), {_STAMP}, {_GIVEN}, {_FAMILY}, lower({_GIVEN}), lower({_FAMILY}),"
        " CASE WHEN n % 3 THEN 'Ms' END, date('1950-01-01', '+' || (n % 20000) || ' days'),"
        " 'Company ' || (n % 9973) || CASE WHEN n % 5 THEN '' ELSE ', Inc' END, 'Head of sales', n, 'en', 'fair',"
        " 'prospect' FROM numbers"
    ),
    (
        f"INSERT INTO email_address (id, {_SHARED}, party_id, value, standard, standard_key, kind, is_primary,"
        f" standing) {{numbers}} SELECT n, {_STAMP}, n, 'ann' || n || '@acme.example', 'ann' || n || '@acme.example',"
        " 'ann' || n || '@acme.example', 'work', 1, 'valid' FROM numbers"
    ),
    (
        f"INSERT INTO phone_number (id, {_SHARED}, party_id, value, standard, kind, is_primary, standing) {{numbers}}"
        f" SELECT n, {_STAMP}, n, '+4930' || (10000000 + n), '+4930' || (10000000 + n), 'work', 1, 'valid' FROM numbers"
    ),
    (
        f"INSERT INTO postal_address (id, {_SHARED}, party_id, kind, street, city, region, postal_code, country,"
        f" is_primary, standing) {{numbers}} SELECT n, {_STAMP}, n, 'main', 'Main St ' || n, 'Berlin', 'BE',"
        " printf('%05d', n % 99999), 'DE', 1, 'valid' FROM numbers"
    ),
)


def fill(path: Path, rows: int) -> None:
    """Make a database with so many contacts, each with an e-mail address, a number and an address."""
    create(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for statement in _FILL:
            connection.execute(statement.format(numbers=_NUMBERS), (rows,))
    connection.close()
    with sqlite3.connect(path) as connection:
        connection.execute("ANALYZE")
    connection.close()


def query(columns: list[str]) -> str:
    """Return the query that a person would give to the shell."""
    joins = {
        "e": "email_address", "t": "phone_number", "a": "postal_address",
    }  # fmt: skip
    named = [".".join(_SLOTS[name]) if name in _SLOTS else f"c.{name}" for name in columns]
    used = {_SLOTS[name][0] for name in columns if name in _SLOTS}
    text = f"SELECT {', '.join(named)} FROM contact c"
    for alias in sorted(used):
        text += f" LEFT JOIN {joins[alias]} {alias} ON {alias}.party_id = c.id AND {alias}.is_primary = 1"
        text += f" AND {alias}.deleted_at IS NULL"
    return f"{text} WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL ORDER BY c.id"


def shell(folder: Path, columns: list[str]) -> tuple[str, Cost]:
    """Run the shell, or what stands in for it."""
    out = folder / "shell.csv"
    program = shutil.which("sqlite3")
    if program:
        (folder / "shell.sql").write_text(f".once {out}\n{query(columns)};\n", encoding="utf-8")
        line = ["sh", "-c", f"{program} -csv -header crm.db < shell.sql"]
        return "sqlite3 -csv", run_measured(line, folder)
    code = (
        "import csv,sqlite3,sys\nc=sqlite3.connect('crm.db').execute(sys.argv[1])\n"
        "with open('shell.csv','w',newline='',encoding='utf-8') as f: csv.writer(f).writerows(c)"
    )
    return "Python's sqlite3 and csv", run_measured([sys.executable, "-c", code, query(columns)], folder)


def export(folder: Path, columns: list[str], target: str, *more: str) -> Cost:
    """Run the command."""
    line = [sys.executable, "-m", "crm_cli", "export", "contact", "-o", target, "--overwrite", "--db", "crm.db"]
    root = str(Path(__file__).resolve().parents[1])
    return run_measured([*line, "--columns", ",".join(columns), *more], folder, {"PYTHONPATH": root})


def figures(folder: Path, rows: int, repeat: int = 3) -> Iterator[tuple[str, Cost, float]]:
    """Yield what was measured, the best of the repeats, and the multiple of the shell's processor seconds.

    Those of the clock say more of what else the machine does; both are printed.
    """
    for name, columns in (("own", OWN), ("points", POINTS)):
        runs = [shell(folder, columns) for _ in range(repeat)]
        said, base = min(runs, key=lambda one: one[1].processor)
        yield f"{name}: {said}", base, 1.0
        for target in ("out.csv", "out.csv.gz", "out.jsonl"):
            cost = min((export(folder, columns, target) for _ in range(repeat)), key=lambda one: one.processor)
            yield f"{name}: crm export -o {target} ({rows:,} × {len(columns)})", cost, cost.processor / base.processor
            if target.endswith(".csv") and not cost.fault:
                yield f"{name}: the same rows", cost, same(folder / "shell.csv", folder / target)


def same(one: Path, other: Path) -> float:
    """Return 1 where both files have the same number of lines: a benchmark of different work is none."""
    counts = []
    for path in (one, other):
        with path.open("rb") as stream:
            counts.append(sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")))
    return float(counts[0] == counts[1])


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    print(f"{machine()}; SQLite {sqlite3.sqlite_version}\n")
    print("| | s | cpu s | peak MB | × shell (cpu) |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        fill(folder / "crm.db", rows)
        for name, cost, times in figures(folder, rows):
            if name.endswith("the same rows"):
                if not times:
                    print(f"| {name}: NO | | | | |")
                continue
            print(
                f"| {name} | {cost.seconds:.1f} | {cost.processor:.1f} | {cost.peak_mb:.0f} | {times:.1f} |{cost.fault}"
            )


if __name__ == "__main__":
    main()
