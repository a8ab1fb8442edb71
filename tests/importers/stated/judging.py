"""The verdict on a case, and the shares over many."""

from __future__ import annotations

import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from tests.importers.stated import asserts, descriptions, duckdb, files, phrases
from tests.importers.stated.model import Case, Check, Seen, Verdict

__all__ = ["judge", "shares"]

RULES: tuple[Callable[[Case, Seen], Iterator[Check]], ...] = (
    files.records_as_json,
    files.clean_rows,
    files.displayed_csv,
    files.dump_of_rows,
    files.summary_of_dbase,
    files.true_ids,
    duckdb.sql_tests,
    asserts.rust_asserts,
    asserts.java_asserts,
    asserts.python_asserts,
    phrases.opens,
    phrases.encoding,
    phrases.dialect,
    phrases.counts,
    phrases.tables_by_name,
    phrases.cards,
    phrases.entries,
    descriptions.faults,
    descriptions.described,
    descriptions.rows_accounted_for,
    descriptions.hostile,
    phrases.names_and_values,
)


def judge(case: Case) -> Verdict:
    """Read the file of a case and check everything that is stated of it."""
    seen = Seen(case.file)
    start = time.perf_counter()
    try:
        refused = seen.refused.message if seen.refused else ""
        seconds = time.perf_counter() - start
        checks = tuple(check for rule in RULES for check in rule(case, seen))
    except Exception:
        return Verdict(case.path, case.group, traceback=traceback.format_exc(), seconds=time.perf_counter() - start)
    return Verdict(case.path, case.group, checks, refused, seconds=seconds)


def shares(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int, int]]:
    """Return (hold, don't hold, state nothing) for each group, and for `all` of them."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for verdict in verdicts:
        column = 0 if verdict.holds else 2 if verdict.states_nothing else 1
        for group in (verdict.group, "all"):
            found[group][column] += 1
    return {
        group: (counts[0], counts[1], counts[2])
        for group, counts in sorted(found.items(), key=lambda item: item[0] == "all")
    }
