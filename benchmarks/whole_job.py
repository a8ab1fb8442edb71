"""The whole job as its users run it: each command a process of its own, with its start, on one file of people.

    python3 dev.py bench whole_job

Set CRM_BENCH_PEOPLE to a CSV of people (a column `id`, and what the file has; `cluster_id` is taken out before) to take
that file instead of a generated one, CRM_BENCH_ROWS to generate another number than 10 000, CRM_BENCH_DB to the URL of
an empty database instead of SQLite. Each step runs once, because it needs what the one before it left; seconds are
those of the clock and, behind them, of the processor, so that one sees whether the machine had other work.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks._measure import machine
from tests.dedupe.people import people

_STEPS = (
    ("init", "--country", "US"),
    ("import", "people.csv", "--into", "contact", "--key", "id"),
    ("import", "people.csv", "--into", "contact", "--key", "id"),  # again: all unchanged, confirmed
    ("standardize", "contact"),
    ("dedupe", "find", "contact"),
    ("dedupe", "merge", "contact", "--auto", "--yes"),
    ("audit", "run"),
    ("export", "contact", "-o", "contacts.csv"),
    (
        "export",
        "contact",
        "-o",
        "contacts.xlsx",
        "--columns",
        "id,given_name,family_name,email,phone,street,city,region",
    ),
    ("undo", "4", "--yes"),  # the merge
)


@dataclass(frozen=True)
class Step:
    """What one command cost: seconds of the clock and of the processor, peak memory in MB, exit code."""

    command: str
    seconds: float
    processor: float
    peak_mb: float
    code: int


def run(folder: Path, arguments: tuple[str, ...]) -> Step:
    """Run one command in `folder` and measure its process."""
    started = time.perf_counter()
    environment = os.environ | {"CRM_CONFIG_DIR": str(folder), "CRM_DB": os.environ.get("CRM_BENCH_DB", "crm.db")}
    command = [sys.executable, "-m", "crm_cli", *arguments]
    with (folder / "output.txt").open("ab") as output:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(child.pid, 0)  # the usage of exactly this child
        child.returncode = os.waitstatus_to_exitcode(status)
    processor = usage.ru_utime + usage.ru_stime
    peak = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    seconds = time.perf_counter() - started
    return Step("crm " + " ".join(arguments), seconds, processor, peak, child.returncode)


def write_people(target: Path) -> int:
    """Write the people to `target`; return their number."""
    given = os.environ.get("CRM_BENCH_PEOPLE")
    if given is None:
        frame, _ = people(int(os.environ.get("CRM_BENCH_ROWS", "10000")), seed=1)
        frame.with_row_index("id").write_csv(target)
        return int(frame.height)
    with (
        Path(given).open(encoding="utf-8", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        reader = csv.DictReader(source)
        names = [name for name in reader.fieldnames or [] if name != "cluster_id"]
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        rows = 0
        for row in reader:
            writer.writerow(row)
            rows += 1
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        rows = write_people(folder / "people.csv")
        print(f"{machine()}; {rows:,} people\n", flush=True)
        print("| command | s | processor s | peak MB | exit |\n|---|---|---|---|---|", flush=True)
        for arguments in _STEPS:
            one = run(folder, arguments)
            print(
                f"| `{one.command}` | {one.seconds:.1f} | {one.processor:.1f} | {one.peak_mb:.0f} | {one.code} |",
                flush=True,
            )
            if one.code not in (0, 3):
                print((folder / "output.txt").read_text(encoding="utf-8")[-2000:], file=sys.stderr)
        database = folder / "crm.db"
        if database.exists():
            print(f"\ndatabase: {database.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
