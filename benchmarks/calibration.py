"""How far what the engine says of itself is true: probabilities of pairs, estimated precision and recall.

    CRM_SHARED=FOLDER python3 dev.py bench calibration

The first table counts the candidates of which a probability is said, and the share of them that are the same. The
second sets estimated precision and recall beside the true ones. See `_truth` for the files.
"""

from __future__ import annotations

from itertools import pairwise

from benchmarks._measure import machine
from benchmarks._truth import Known, files_with_truth
from crm_cli.dedupe import MatchResult, find_duplicates

_EDGES = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.999, 1.01)


def reliability(known: Known, result: MatchResult) -> list[str]:
    """For each bin of said probability: mean said, share true, number of pairs."""
    said = result.pairs.probability.astype(float)
    same = known.same(result.pairs.left, result.pairs.right)
    cells = []
    for least, below in pairwise(_EDGES):
        inside = (said >= least) & (said < below)
        count = int(inside.sum())
        cells.append(f"{said[inside].mean():.3f} → {same[inside].mean():.3f} ({count})" if count else "–")
    return cells


def main() -> None:
    print(f"{machine()}\n")
    names = [f"{least} to {min(below, 1):g}" for least, below in pairwise(_EDGES)]
    print(f"| file: said → true (pairs) | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")
    estimates = []
    for known in files_with_truth():
        result = find_duplicates(known.table)
        print(f"| {known.name} | {' | '.join(reliability(known, result))} |", flush=True)
        true, said = known.scores(result), result.summary
        estimates.append(
            f"| {known.name} | {said.estimated_precision:.3f} | {true.precision:.3f} | {said.estimated_recall:.3f} "
            f"| {true.recall:.3f} | {true.f1:.4f} |"
        )
    print("\n| file | said precision | true | said recall | true | F1 |\n|---|---|---|---|---|---|")
    print("\n".join(estimates))


if __name__ == "__main__":
    main()
