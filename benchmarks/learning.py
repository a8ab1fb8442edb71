"""What answers teach: F1 before, and after 10, 25 and 50 answers of somebody who knows the truth.

    CRM_SHARED=FOLDER python3 dev.py bench learning

The answers are those to the first pairs that a search names as the most instructive. `bound` only binds the answered
pairs (the same, or not); `learned` also learns from them what `crm dedupe find` would. `slips`: the same with every
twentieth answer wrong. See `_truth` for the files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks._measure import machine
from benchmarks._truth import Known, files_with_truth
from crm_cli.dedupe import MatchResult, MatchSettings, find_duplicates

_ANSWERS = (10, 25, 50)
_SLIPS_EVERY = 20


@dataclass(frozen=True)
class Answered:
    """F1 after some answers: binding the pairs, learning too, and learning from answers of which some are wrong."""

    bound: float
    learned: float
    slips: float


def answered(known: Known, first: MatchResult, answers: int) -> Answered:
    """Search again with the first `answers` questions of a search answered."""
    told = _told(known, first, answers)
    wrong = [(i, j, same != (n % _SLIPS_EVERY == _SLIPS_EVERY - 1)) for n, (i, j, same) in enumerate(told)]
    binding = _settings(told)
    tries = (replace(binding, labelled=()), binding, _settings(wrong))
    return Answered(*(known.scores(find_duplicates(known.table, settings)).f1 for settings in tries))


def _told(known: Known, result: MatchResult, answers: int) -> list[tuple[int, int, bool]]:
    places = np.array(result.questions[:answers], np.int64)
    left, right = result.pairs.left[places], result.pairs.right[places]
    return list(zip(left.tolist(), right.tolist(), known.same(left, right).tolist(), strict=True))


def _settings(told: list[tuple[int, int, bool]]) -> MatchSettings:
    return MatchSettings(
        labelled=told,
        forced=[(i, j) for i, j, same in told if same],
        forbidden=[(i, j) for i, j, same in told if not same],
    )


def main() -> None:
    print(f"{machine()}\n")
    columns = [f"{words} {number}" for number in _ANSWERS for words in ("bound", "learned", "slips")]
    print(f"| file | none | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 2)}")
    for known in files_with_truth():
        first = find_duplicates(known.table, MatchSettings(questions=max(_ANSWERS)))
        done = [answered(known, first, number) for number in _ANSWERS]
        figures = [known.scores(first).f1, *(f1 for each in done for f1 in (each.bound, each.learned, each.slips))]
        print(f"| {known.name} | {' | '.join(f'{f1:.4f}' for f1 in figures)} |", flush=True)


if __name__ == "__main__":
    main()
