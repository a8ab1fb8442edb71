"""What a steward waits for: the first screen of a review, a merge of very many clusters, one of them taken apart.

    python3 dev.py bench steward

CRM_BENCH_PAIRS: how many pairs are to review (100 000). CRM_BENCH_CLUSTERS: how many clusters of two are merged
(10 000).
CRM_BENCH_DB: the URL of an empty database instead of SQLite. Every contact has an e-mail address, a telephone number
and
an activity, all of which move. Beside the merge stands the raw limit: as many updated rows, without log and rules.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from benchmarks._measure import machine
from crm_cli.history import Author, operation, undo
from crm_cli.jobs.matching import Review
from crm_cli.jobs.merging import Caps, MergeGroup, MergeSettings, merge
from crm_cli.store import Store
from crm_cli.store.bulk import bulk_insert
from crm_cli.store.migrate import create

_AUTHOR = Author("benchmark")
_PAIR_COLUMNS = ("id", "run_id", "entity", "left_id", "right_id", "probability", "verdict", "cluster", "scores")


def timed(name: str, work: Callable[[], object]) -> object:
    """Do the work, print how long it took, and return what it gave."""
    began, processor = time.perf_counter(), time.process_time()
    given = work()
    print(f"  {name}: {time.perf_counter() - began:.2f} s ({time.process_time() - processor:.2f} s of the processor)")
    return given


def add_pairs(store: Store, pairs: int) -> list[tuple[int, int]]:
    """Add two contacts for each pair, with e-mail address, telephone number and activity."""
    with operation(store, "import", _AUTHOR) as op:
        people = [
            {"given_name": f"Given{number % 997}", "family_name": f"Family{number}", "job_title": title}
            for number in range(pairs)
            for title in ("Buyer", None)
        ]
        ids = op.insert("contact", people)
        mail = ((one, f"p{one // 2}@mail.example") for one in ids)
        op.insert(
            "email_address", [{"party_id": one, "value": each, "standard": each} for one, each in mail], covered=True
        )
        phones = ((one, f"+1555{one // 2:07d}") for one in ids)
        op.insert(
            "phone_number", [{"party_id": one, "value": each, "standard": each} for one, each in phones], covered=True
        )
        op.insert("activity", [{"subject": "Call", "party_id": one} for one in ids])
    return list(zip(ids[::2], ids[1::2], strict=True))


def add_run(store: Store, pairs: list[tuple[int, int]]) -> None:
    """Keep a search that found the pairs, half of them unsure."""
    with store.write() as connection:
        (number,) = store.allocate(connection, "match_run", 1)
        moment = store.now()
        values = {"id": number, "entity": "contact", "started_at": moment, "finished_at": moment, "pairs": len(pairs)}
        connection.execute(store.table("match_run").insert().values(**values, summary={}))
        scores = {"classes": {"match": 0.6, "unrelated": 0.3, "same_household": 0.1, "same_company": 0.0}}
        ids = store.allocate(connection, "match_pair", len(pairs))
        rows = (
            (one, number, "contact", left, right, 0.2 + 0.79 * (place % 1000) / 1000, "duplicate", left, scores)
            for place, (one, (left, right)) in enumerate(zip(ids, pairs, strict=True))
        )
        bulk_insert(connection, store.table("match_pair"), _PAIR_COLUMNS, rows)


def first_screen(store: Store) -> None:
    """Begin a review and read what its first screen shows."""
    review = Review(store, store.dictionary.entity("contact"), _AUTHOR)
    pair = review.current()
    assert pair is not None
    assert review.card(pair)


def raw_updates(store: Store, groups: list[MergeGroup]) -> None:
    """Point the same rows at the survivors, without log and rules; taken back at the end."""
    with store.write() as connection:
        for name in ("activity", "email_address", "phone_number"):
            table = store.table(name)
            moved = sa.update(table).where(table.c.party_id == sa.bindparam("old")).values(party_id=sa.bindparam("new"))
            connection.execute(moved, [{"old": one.members[1], "new": one.members[0]} for one in groups])
        connection.rollback()


def compare(url: sa.URL) -> None:
    """Fill the database, and measure."""
    create(url)
    with Store.open(url) as store:
        pairs = add_pairs(store, int(os.environ.get("CRM_BENCH_PAIRS", "100000")))
        add_run(store, pairs)
        print(f"{machine()}, {url.get_backend_name()}, {len(pairs):,} pairs")
        timed("first screen of the review", lambda: first_screen(store))
        timed("once more", lambda: first_screen(store))
        count = int(os.environ.get("CRM_BENCH_CLUSTERS", "10000"))
        groups = [MergeGroup(pair) for pair in pairs[:count]]
        settings = MergeSettings(caps=Caps(max_share=1.0))
        timed(f"the rows of {count:,} clusters, raw", lambda: raw_updates(store, groups))
        done = merge_timed(store, groups, settings)
        timed("one cluster taken apart", lambda: undo(store, done, _AUTHOR, units=[pairs[count // 2][0]]))


def merge_timed(store: Store, groups: list[MergeGroup], settings: MergeSettings) -> int:
    """Merge, and return the operation."""
    numbers: list[int] = []
    timed(
        f"{len(groups):,} clusters merged",
        lambda: numbers.append(merge(store, "contact", groups, _AUTHOR, settings).operation_id),
    )
    return numbers[0]


def main() -> None:
    given = os.environ.get("CRM_BENCH_DB")
    if given is not None:
        compare(sa.make_url(given))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(sa.make_url(f"sqlite:///{(Path(folder) / 'crm.db').as_posix()}"))


if __name__ == "__main__":
    main()
