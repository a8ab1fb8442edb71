"""Files that others made: every one is read, or refused with a reason; what is stated of them holds."""

from __future__ import annotations

import multiprocessing
import re
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from crm_cli.importers import parse_only
from tests.importers.memory import peak_memory
from tests.importers.pollock import rows_of, score
from tests.importers.stated.judging import judge, shares
from tests.importers.stated.model import Case, Verdict, manifest

pytestmark = pytest.mark.shared

SLOWEST = 20.0
LARGEST = 1 << 30
LEAST = 0.9
GUIDE = Path(__file__).parents[2] / "docs" / "import.md"
GROUPS = ("access", "crm", "csv", "dbf", "encoding", "excel", "hostile", "ldif", "legacy_db", "messy", "vcard")


@cache
def of_manifest(cases: Path) -> tuple[Case, ...]:
    return tuple(manifest(cases))


@pytest.mark.parametrize("group", GROUPS)
def test_a_sample_holds_what_is_stated(cases: Path, group: str) -> None:
    """A few small files of each group; the whole set is among the slow tests."""
    small = [case for case in of_manifest(cases) if case.group == group and case.file.stat().st_size < 50_000]
    verdicts = [judge(case) for case in small[:: len(small) // 5 + 1]]
    assert not [verdict.traceback for verdict in verdicts if verdict.traceback]
    assert not {verdict.path for verdict in verdicts if verdict.broken} - named_in_the_guide()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("mdb-tables") is None, reason="mdbtools are absent: no Access file can be read")
def test_the_share_of_the_files_that_hold_what_is_stated(cases: Path) -> None:
    verdicts, largest = judged_in_a_child(of_manifest(cases))
    found = shares(verdicts)
    print("\n".join(table_of(found)), f"largest process: {largest >> 20} MB", sep="\n")
    holds, broken, _ = found["all"]
    assert not [verdict.path for verdict in verdicts if verdict.traceback]
    assert not [verdict.path for verdict in verdicts if verdict.seconds > SLOWEST]
    assert largest < LARGEST
    assert holds / (holds + broken) >= LEAST
    assert {verdict.path for verdict in verdicts if verdict.broken} == named_in_the_guide()
    assert [line for line in table_of(found) if line not in GUIDE.read_text(encoding="utf-8")] == []


def judged_in_a_child(chosen: Sequence[Case]) -> tuple[list[Verdict], int]:
    """Judge cases in a process of their own; return the verdicts and the most memory that it or a child of it took."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        verdicts = pool.imap(judge, chosen)
        done = [verdicts.next(timeout=4 * SLOWEST) for _ in chosen]
        return done, pool.apply(peak_memory)


def table_of(found: dict[str, tuple[int, int, int]]) -> Iterator[str]:
    """Yield the lines of the guide's table."""
    for group, (holds, broken, nothing) in found.items():
        share = f"{holds / (holds + broken):.1%}" if holds + broken else "–"
        yield f"| {group} | {holds} | {broken} | {nothing} | {share} |"


def named_in_the_guide() -> set[str]:
    """Return the paths that the guide names as not holding."""
    return set(re.findall(r"^- `(\S+/\S+)`", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize(("folder", "least"), [("pollock_polluted", 9.98), ("pollock_survey", 9.4)])
def test_pollock_files_through_parse_only(cases: Path, tmp_path: Path, folder: str, least: float) -> None:
    """The mean score of the files that are here; the whole benchmark has 2,289 and 100."""
    files = [path for path in sorted((cases / "csv" / folder).iterdir()) if ".expected." not in path.name]
    scores = {}
    for done in parse_only(files, tmp_path):
        clean = rows_of(done.source.with_name(f"{done.source.name}.expected.csv"))
        scores[done.source.name] = score(clean, rows_of(done.target), header="no_header" not in done.source.name)
    weights = {name: weight_of(cases, name) for name in scores}
    mean = sum(scores.values()) / len(scores)
    weighted = sum(scores[name] * weights[name] for name in scores) / sum(weights.values())
    print(f"Pollock, {folder}: {mean:.3f} simple, {weighted:.3f} weighted, over {len(scores)} files")
    assert min(mean, weighted) >= least, sorted(scores.items(), key=lambda item: item[1])[:5]


def weight_of(cases: Path, name: str) -> float:
    """Return how often a pollution occurs in the wild, as the benchmark counted it; 1 where it says nothing."""
    (case,) = (case for case in of_manifest(cases) if case.file.name == name)
    found = re.search(r"Pollock weight ([\d.]+)", case.expected)
    return float(found[1]) if found else 1.0
