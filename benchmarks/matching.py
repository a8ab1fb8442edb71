"""The matching engine beside Splink 5 on DuckDB: the same file, the same rules, one run on one machine.

    CRM_BENCH_PEOPLE=people.csv python3 dev.py bench matching

The file needs the columns of `make_people.py` (id, first_name, last_name, company, email, phone, street, city,
postal_code, dob, cluster_id). Splink runs in an environment of its own, made in `.peers/` at the first call.

- *engine, rules given*: from the table in memory to clusters, both tools with the nine rules below
- *whole program*: CSV to CSV, start-up included; ours chooses columns and rules itself, Splink's are given by hand
"""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from crm_cli.dedupe import score_clusters

PEER = "splink==5.0.0"
RULES = (
    ("email",),
    ("phone",),
    ("last_name", "dob"),
    ("first_name", "dob"),
    ("last_name", "postal_code"),
    ("first_name", "last_name", "city"),
    ("street", "postal_code"),
    ("last_name", "company"),
    ("first_name", "company"),
)
RUNS = 3
ROOT = Path(__file__).resolve().parent.parent
ENGINE = """
import json, resource, sys, time
import polars as pl
from crm_cli.dedupe import MatchSettings, MatchTable, find_duplicates
frame = pl.read_csv(sys.argv[1], infer_schema=False)
table = MatchTable.of(frame, leave_out=("id", "cluster_id"))
rules = [" + ".join(rule) for rule in json.loads(sys.argv[3])]
began = time.perf_counter()
result = find_duplicates(table, MatchSettings(related=False, rules=rules))
engine = time.perf_counter() - began
pl.DataFrame({"id": frame["id"], "cluster_id": result.clusters}).write_csv(sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": engine, "mb": peak}))
"""
WHOLE = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
options = ["--id-column", "id", "-o", sys.argv[2], "--overwrite", "-q"]
subprocess.run([*json.loads(sys.argv[3]), sys.argv[1], *options], check=True)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "mb": peak}))
"""


def main() -> None:
    given = os.environ.get("CRM_BENCH_PEOPLE")
    if given is None:
        sys.exit("set CRM_BENCH_PEOPLE to a CSV of people; ../shared/tools/make_people.py makes one")
    with tempfile.TemporaryDirectory() as scratch:
        compare(Path(given).resolve(), Path(scratch))


def compare(people: Path, scratch: Path) -> None:
    """Run both tools in turn, and print medians, memory, ratios and F1."""
    plain = without_truth(people, scratch / "people.csv")
    peer, rules = peer_python(), json.dumps(RULES)
    crm = json.dumps([str(Path(sys.executable).with_name("crm")), "dedupe", "file"])
    splink = str(ROOT / "benchmarks" / "peers" / "splink_people.py")
    steps: dict[str, Callable[[Path], list[str]]] = {
        "ours, engine, rules given": lambda out: [sys.executable, "-c", ENGINE, str(people), str(out), rules],
        "ours, whole program, automatic": lambda out: [sys.executable, "-c", WHOLE, str(plain), str(out), crm],
        "Splink": lambda out: [str(peer), splink, str(people), str(out), rules],
    }
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in steps}
    for _ in range(RUNS):
        for number, (name, command) in enumerate(steps.items()):
            figures[name].append(run(command(scratch / f"{number}.csv")))
    truth = clusters(people)
    print(f"{len(truth):,} rows, median of {RUNS} runs")
    medians = {}
    for number, (name, found) in enumerate(figures.items()):
        medians[name] = {key: statistics.median(each[key] for each in found) for key in found[0]}
        scores = score_clusters(clusters(scratch / f"{number}.csv"), truth)
        shown = ", ".join(f"{key} {value:.2f}" for key, value in medians[name].items())
        print(f"{name}: {shown}; precision {scores.precision:.4f}, recall {scores.recall:.4f}, F1 {scores.f1:.4f}")
    engine, whole, other = medians.values()
    print(f"engine: {other['engine'] / engine['seconds']:.2f} times as fast")
    print(f"whole program: {other['whole'] / whole['seconds']:.2f} times as fast")


def run(command: list[str]) -> dict[str, float]:
    """Run one measured process, which prints its figures as JSON."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return {key: float(value) for key, value in json.loads(done.stdout.splitlines()[-1]).items() if key != "rows"}


def peer_python() -> Path:
    """The interpreter of the environment that has Splink."""
    folder = ROOT / ".peers"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", PEER], check=True)
    return python


def without_truth(people: Path, target: Path) -> Path:
    """The file without the column that says who is who."""
    with people.open(encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8", newline="") as sink:
        rows = csv.reader(source)
        header = next(rows)
        at = header.index("cluster_id")
        writer = csv.writer(sink)
        for row in (header, *rows):
            writer.writerow([*row[:at], *row[at + 1 :]])
    return target


def clusters(file: Path) -> dict[str, str]:
    """Record → cluster."""
    with file.open(encoding="utf-8", newline="") as source:
        return {row["id"]: row["cluster_id"] for row in csv.DictReader(source)}


if __name__ == "__main__":
    main()
