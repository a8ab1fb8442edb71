"""What `crm search` costs: the index made after a load, and questions of every kind, beside a naive scan.

    python3 dev.py bench search

CRM_BENCH_PEOPLE: a CSV of people as for `match_index`; without it 10 000 are made up. CRM_BENCH_DB: the URL or path of
a database that is filled when it holds nobody and used again when it does; without it a SQLite file that is thrown
away. CRM_BENCH_NAIVE=0 leaves the naive scan out. Each kind of question is asked with several words of the data, the
first before the clock runs. The naive scan reads every contact's names and contact points by LIKE, which finds less: no
typing errors.
"""

from __future__ import annotations

import csv
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from benchmarks._measure import machine
from benchmarks.match_index import Row, add, read_people
from crm_cli.query import catch_up
from crm_cli.records import find
from crm_cli.store import Store
from crm_cli.store.migrate import create

_MANY = 50_000
_ASKED = 15  # questions of each kind
_SAMPLE = 20_000  # people from whom words are taken


def people_in_parts() -> Iterator[list[Row]]:
    """The people, some at a time."""
    given = os.environ.get("CRM_BENCH_PEOPLE")
    if given is None:
        yield read_people()
        return
    with Path(given).open(encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source)
        while part := list(islice(rows, _MANY)):
            yield part


def fill(store: Store) -> None:
    """Add the people, unless there are some."""
    with store.read() as connection:
        known = connection.scalar(sa.select(sa.func.count()).select_from(store.table("contact")))
    if not known:
        _timed("load", lambda: [add(store, part) for part in people_in_parts()])
    _timed("index", lambda: catch_up(store))


def questions() -> dict[str, list[str]]:
    """Questions by kind, of words that the data hold."""
    rows = [row for row in islice(next(people_in_parts()), _SAMPLE) if row["first_name"] and row["last_name"]]
    chance = random.Random(5)
    families = Counter(row["last_name"] for row in rows if len(row["last_name"]) > 3)
    given = Counter(row["first_name"] for row in rows if len(row["first_name"]) > 3)
    frequent = [name for name, _ in families.most_common(_ASKED)]
    first = [name for name, _ in given.most_common(_ASKED)]
    rare = chance.sample(sorted(name for name, count in families.items() if count == 1 and len(name) > 5), _ASKED)
    some = chance.sample(rows, 8 * _ASKED)
    return {
        "a rare name": rare,
        "a frequent name": frequent,
        "given and family name": [f"{row['first_name']} {row['last_name']}" for row in some[:_ASKED]],
        "two frequent names": [f"{one} {other}" for one, other in zip(first, frequent, strict=True)],
        "the beginning of a name": [name[:4] for name in [*rare[:5], *frequent[:10]]],
        "two letters": [name[:2] for name in frequent],
        "beginnings of two names": [f"{one[:3]} {other[:4]}" for one, other in zip(first, frequent, strict=True)],
        "telephone": [row["phone"] for row in some if row["phone"]][:_ASKED],
        "e-mail": [row["email"] for row in some if row["email"]][:_ASKED],
        "street (frequent words)": ["main street", "oak street", "main st", "park avenue", "new york", "street new"],
        "error in a rare name": [misspelt(name, chance) for name in rare],
        "error in a frequent name": [misspelt(name, chance) for name in frequent],
        "errors in both names": [
            f"{misspelt(row['first_name'], chance)} {misspelt(row['last_name'], chance)}" for row in some[:_ASKED]
        ],
        "error in a telephone number": [misspelt(row["phone"], chance) for row in some if row["phone"]][:_ASKED],
        "error in an e-mail": [misspelt(row["email"], chance) for row in some if row["email"]][:_ASKED],
        "four words": [f"{row['first_name']} {row['last_name']} {row['city']} street" for row in some[:_ASKED]],
        "nothing like it": ["xqzzzvvw", "qqqqqqqqqqqq", "wxyzwxyz smith"],
    }


def misspelt(text: str, chance: random.Random) -> str:
    """The text with two neighbours exchanged, or one letter left out."""
    place = chance.randrange(1, max(len(text) - 2, 2))
    if chance.random() < 0.5:
        return text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :]
    return text[:place] + text[place + 1 :]


def naive(store: Store, words: str) -> int:
    """Read everybody: how many have the words in names or contact points."""
    contact = store.table("contact")
    conditions = []
    for word in words.split():
        like = f"%{word.lower()}%"
        ways = [
            sa.exists().where(table.c.party_id == contact.c.id, table.c.standard.like(like))
            for table in map(store.table, ("email_address", "phone_number", "postal_address"))
        ]
        names = [contact.c[f"{name}_key"].like(like) for name in ("given_name", "family_name", "company")]
        conditions.append(sa.or_(*names, *ways))
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(contact).where(*conditions)) or 0


def main() -> None:
    """Run it once and print the figures."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("CRM_BENCH_DB") or str(Path(folder) / "crm.db")
        if "://" in url or not Path(url).exists():
            create(url)
        with Store.open(url) as store:
            fill(store)
            sizes(store)
            print("\n| question | asked | median ms | worst ms | hits (median) | for example |")
            print("|---|---|---|---|---|---|")
            for kind, asked in questions().items():
                figures(kind, asked, lambda words: len(find(store, words)))
            if os.environ.get("CRM_BENCH_NAIVE", "1") != "0":
                figures("naive scan: given and family name", ["ann smith"], lambda words: naive(store, words))


def figures(kind: str, asked: Sequence[str], answer: Callable[[str], int]) -> None:
    """Print how long the questions of a kind took."""
    answer(asked[0])
    taken, hits = [], []
    for words in asked:
        started = time.perf_counter()
        hits.append(answer(words))
        taken.append((time.perf_counter() - started, words))
    worst, example = max(taken)
    median = statistics.median(seconds for seconds, _ in taken)
    print(
        f"| {kind} | {len(asked)} | {median * 1000:.0f} | {worst * 1000:.0f} "
        f"| {statistics.median(hits):.0f} | {example} |",
        flush=True,
    )


def sizes(store: Store) -> None:
    """Print what the index holds, in bytes where the database tells."""
    names = sorted(name for name in store.metadata.tables if name.startswith("search_"))
    with store.read() as connection:
        for name in names:
            rows = connection.scalar(sa.select(sa.func.count()).select_from(store.table(name)))
            print(f"  {name}: {rows} rows")
        if store.backend == "sqlite":
            pages = "SELECT sum(pgsize) / 1e6 FROM dbstat WHERE name LIKE '%search_%'"
            print(f"  {connection.exec_driver_sql(pages).scalar():.0f} MB of the file", flush=True)


def _timed(what: str, work: Callable[[], object]) -> None:
    started, processor = time.perf_counter(), time.process_time()
    work()
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    print(f"  {what}: {seconds:.2f} s ({used:.2f} s of the processor)", flush=True)


if __name__ == "__main__":
    main()
