"""What the match index costs and answers: few new records against very many, and one record, in a database.

    python3 dev.py bench match_index

CRM_BENCH_PEOPLE: a CSV of people (`id`, first_name, last_name, company, email, phone, street, city, state, postal_code,
dob, and `cluster_id`, the truth); without it 10 000 are made up. CRM_BENCH_NEW: how many of them come later (1 000).
CRM_BENCH_DB: the URL of an empty database instead of SQLite. The whole search of all records is the measure: it is what
one would run without an index. Precision and recall are those of the pairs of new records from 0.5 on.
"""

from __future__ import annotations

import csv
import os
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from benchmarks._measure import machine
from crm_cli.history import Author, operation
from crm_cli.jobs import matching
from crm_cli.records import Reader
from crm_cli.standardize import Context
from crm_cli.store import Store, in_chunks
from crm_cli.store.migrate import create
from tests.dedupe.people import people

_AUTHOR = Author("benchmark")
_MANY = 50_000
_ASKED = 50
Row = dict[str, str]


def read_people() -> list[Row]:
    """The people, in the order of the file."""
    given = os.environ.get("CRM_BENCH_PEOPLE")
    if given is not None:
        with Path(given).open(encoding="utf-8", newline="") as source:
            return list(csv.DictReader(source))
    frame, truth = people(10_000, seed=1)
    rows = frame.rename({"first name": "first_name", "last name": "last_name", "birth date": "dob"}).to_dicts()
    return [row | {"cluster_id": str(one)} for row, one in zip(rows, truth.tolist(), strict=True)]


def add(store: Store, rows: Sequence[Row]) -> list[int]:
    """Add people with their contact points; return their ids."""
    ids: list[int] = []
    for start in range(0, len(rows), _MANY):
        chunk = rows[start : start + _MANY]
        with operation(store, "import", _AUTHOR) as op:
            made = op.insert("contact", [_contact(row) for row in chunk])
            for detail, points in _points(zip(made, chunk, strict=True)).items():
                op.insert(detail, points, covered=True)
        ids += made
    return ids


def _contact(row: Row) -> dict[str, object]:
    born = row.get("dob") or ""
    try:
        birth_date = date.fromisoformat(born) if born else None
    except ValueError:
        birth_date = None
    names = {"given_name": row["first_name"] or None, "family_name": row["last_name"] or None}
    return names | {"company": row.get("company") or None, "birth_date": birth_date}


def _points(rows: Iterable[tuple[int, Row]]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for number, row in rows:
        for detail, name in (("email_address", "email"), ("phone_number", "phone")):
            if value := row[name]:
                found[detail].append({"party_id": number, "value": value, "standard": value, "is_primary": True})
        address = {
            "street": row["street"], "city": row["city"], "region": row.get("state"),
            "postal_code": row.get("postal_code"),
        }  # fmt: skip
        if any(address.values()):
            text = ", ".join(value for value in address.values() if value)
            filled = {name: value or None for name, value in address.items()}
            found["postal_address"].append(
                {"party_id": number, "value": text, "standard": text, "is_primary": True, **filled}
            )
    return found


def pairs_of(store: Store, ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The pairs of these records that are probably the same."""
    table = store.table("match_pair")
    with store.read() as connection:
        for chunk in in_chunks(ids):
            mine = sa.or_(table.c.left_id.in_(chunk), table.c.right_id.in_(chunk))
            yield from connection.execute(
                sa.select(table.c.left_id, table.c.right_id).where(mine, table.c.probability >= 0.5)
            )


def scored(said: set[tuple[int, int]], new: Sequence[int], truth: dict[int, str]) -> tuple[float, float]:
    """Precision and recall of the pairs of the new records."""
    of_person: dict[str, list[int]] = defaultdict(list)
    for number, person in truth.items():
        of_person[person].append(number)
    true = {
        (min(number, other), max(number, other))
        for number in new
        for other in of_person[truth[number]]
        if other != number
    }
    right = len(said & true)
    return right / max(len(said), 1), right / max(len(true), 1)


def lookups(store: Store, rows: Sequence[Row]) -> list[float]:
    """Seconds that each question took."""
    context = Context(country="US", currency="USD", timezone="UTC")
    taken = []
    for row in rows:
        known = {"given_name": row["first_name"], "family_name": row["last_name"], "email": row["email"]}
        with store.read() as connection:
            reader = Reader(store, connection, store.dictionary.entity("contact"), context)
            given = reader.read({name: value for name, value in known.items() if value})
        started = time.perf_counter()
        matching.look_up(store, given)
        taken.append(time.perf_counter() - started)
    return taken


def main() -> None:
    """Run it once and print the figures."""
    rows, later = read_people(), int(os.environ.get("CRM_BENCH_NEW", "1000"))
    known, new = rows[:-later], rows[-later:]
    print(machine(), f"{len(known)} records, {len(new)} new")
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("CRM_BENCH_DB") or Path(folder) / "crm.db"
        create(url)
        with Store.open(url) as store:
            ids = add(store, known)
            whole = _timed("whole search", lambda: matching.find(store, "contact", _AUTHOR))
            ids += (added := add(store, new))
            _timed("keys of the new", lambda: matching.index.catch_up(store))
            update = _timed("search of the new", lambda: matching.find_new(store, "contact", _AUTHOR))
            print(f"  the whole search takes {whole / max(update, 1e-9):.0f} times as long")
            truth = dict(zip(ids, (row["cluster_id"] for row in rows), strict=True))
            precision, recall = scored(set(map(tuple, pairs_of(store, added))), added, truth)
            print(f"  precision {precision:.4f}, recall {recall:.4f} of the pairs of new records")
            taken = lookups(store, [row for row in new if row["first_name"] or row["last_name"]][:_ASKED])
            print(f"  one record: median {statistics.median(taken) * 1000:.0f} ms, most {max(taken) * 1000:.0f} ms")
            if isinstance(url, Path):
                print(f"  file {url.stat().st_size / 1e6:.0f} MB, peak {_peak_mb():.0f} MB")


def _timed(what: str, work: object) -> float:
    assert callable(work)
    started, processor = time.perf_counter(), time.process_time()
    work()
    seconds = time.perf_counter() - started
    print(f"  {what}: {seconds:.2f} s ({time.process_time() - processor:.2f} s of the processor)")
    return seconds


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
