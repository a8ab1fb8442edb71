"""From pair probabilities to clusters: average linkage, cut where the expected pairwise F1 is best.

Components of all pairs above a low floor are clustered one by one: two clusters merge while the mean probability of
the pairs between them exceeds half the expected F1 of the whole. Merging x pairs of mean probability p raises F1 as
long as p > F1 / 2, so this is a greedy maximization without a constant to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Bools, Floats, Ints, sigmoid2
from crm_cli.dedupe.components import components, members_by_size

__all__ = ["LARGEST", "Clustering", "cluster"]

_FLOOR = 0.1  # pairs below cannot hold a cluster together
LARGEST = 150  # a larger component is first taken apart at higher floors, and what is left is taken whole
_HIGHER_FLOORS = (0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9999, 0.99999, 0.999999)
_ROUNDS = 3
_LOWEST_CUT, _FIRST_CUT, _HIGHEST_CUT = 0.3, 0.45, 0.5
_NEVER = -1.0  # stands for the probability of a forbidden pair: no cluster that holds one is ever made
_CELLS = 4_000_000  # size of the matrices that are worked on at once


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """`label[r]`: the smallest record of the cluster of r, and what to expect of the clusters."""

    label: Ints
    membership: Floats  # mean probability of a record's pairs within its cluster, 1 for a record alone
    expected_right: float  # number of pairs within clusters that are matches, each by its own probability
    coherent_right: float  # the same, where records that are the same as a third are the same as each other
    said: int  # number of pairs within clusters
    cut: float


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """All components of one size: members [component, member] and probabilities [component, member, member]."""

    members: Ints
    probability: Floats


def cluster(
    i: Ints, j: Ints, log_odds: Floats, rows: int, score: Callable[[Ints, Ints], Floats], *, expected_matches: float
) -> Clustering:
    """Cluster `rows` records by the pairs (i, j); `score` gives the log-odds of any other pair of a component."""
    label = _manageable(i, j, log_odds, rows)
    groups = _groups(list(members_by_size(label).values()), score)
    cut, result = _FIRST_CUT, None
    for number in range(_ROUNDS):
        result = _assembled(groups, rows, cut, coherently=number == _ROUNDS - 1)
        f1 = 2 * result.expected_right / max(result.said + max(expected_matches, result.expected_right), 1e-9)
        cut = min(_HIGHEST_CUT, max(_LOWEST_CUT, f1 / 2))
    assert result is not None
    return result


def _manageable(i: Ints, j: Ints, log_odds: Floats, rows: int) -> Ints:
    """Components at the floor; those above the largest size are cut again at higher and higher floors."""
    strong = log_odds >= _bits(_FLOOR)
    i, j, log_odds = i[strong], j[strong], log_odds[strong]
    label = components(i, j, rows)
    for floor in _HIGHER_FLOORS:
        large = np.bincount(label, minlength=rows)[label] > LARGEST
        if not large.any():
            return label
        edge = (log_odds >= _bits(floor)) & large[i] & large[j]
        label = np.where(large, components(i[edge], j[edge], rows), label)
    return label


def _bits(probability: float) -> float:
    return float(np.log2(probability / (1 - probability)))


def _groups(found: Sequence[Ints], score: Callable[[Ints, Ints], Floats]) -> list[_Group]:
    """Score every pair of the components given, all at once; one that no floor took apart stays whole."""
    none = np.zeros(0, np.int64)
    inside = [_pairs_inside(members) if members.shape[1] <= LARGEST else (none, none) for members in found]
    i, j = (np.concatenate([pairs[side] for pairs in inside] or [none]) for side in (0, 1))
    odds = score(i, j)
    probability = np.where(np.isneginf(odds), _NEVER, sigmoid2(odds)).astype(np.float32)
    ends = np.cumsum([len(pairs[0]) for pairs in inside])
    return [_group(*each) for each in zip(found, np.split(probability, ends[:-1]), strict=True)] if found else []


def _pairs_inside(members: Ints) -> tuple[Ints, Ints]:
    first, second = np.triu_indices(members.shape[1], 1)
    return members[:, first].ravel(), members[:, second].ravel()


def _group(members: Ints, probability: Floats) -> _Group:
    count, size = members.shape
    if size > LARGEST:
        return _Group(members, np.ones((count, 1, 1), np.float32))
    first, second = np.triu_indices(size, 1)
    matrix = np.zeros((count, size, size), np.float32)
    matrix[:, first, second] = matrix[:, second, first] = probability.reshape(count, -1)
    return _Group(members, matrix)


def _assembled(groups: list[_Group], rows: int, cut: float, *, coherently: bool) -> Clustering:
    label = np.arange(rows)
    membership = np.ones(rows)
    right, coherent, said = 0.0, 0.0, 0
    for group in groups:
        size = group.members.shape[1]
        if size > LARGEST:
            label[group.members] = group.members[:, :1]
            said += len(group.members) * size * (size - 1) // 2
            right += len(group.members) * size * (size - 1) / 2
            coherent += len(group.members) * size * (size - 1) / 2
            continue
        step = max(1, _CELLS // (size * size))
        for start in range(0, len(group.members), step):
            members, probability = group.members[start : start + step], group.probability[start : start + step]
            together = _average_link(probability, cut)
            label[members] = np.take_along_axis(members, together.argmax(axis=2), axis=1)
            inside = together.sum(axis=2) - 1
            mass = (probability * together).sum(axis=2)
            membership[members] = np.where(inside > 0, mass / np.maximum(inside, 1), 1.0)
            right += float(mass.sum()) / 2
            if coherently:
                coherent += float(_coherent(probability, together).sum()) / 2
            said += int(inside.sum()) // 2
    return Clustering(label, membership, right, coherent, said, cut)


def _coherent(probability: Floats, together: Bools) -> Floats:
    """Raise the probabilities within clusters as far as transitivity demands: P(a = b) ≥ P(a = c) + P(c = b) - 1.

    This is Fréchet's bound, which holds however the two depend on each other, along paths of any length within the
    cluster. Without it a pair of dirty copies that only a third record links counts as wrong, whatever links them.
    """
    inside = np.where(together, probability, -np.inf).astype(np.float32)
    for middle in range(inside.shape[1]):
        np.maximum(inside, inside[:, :, middle, None] + inside[:, middle, None, :] - 1, out=inside)
    inside[:, np.arange(inside.shape[1]), np.arange(inside.shape[1])] = 0.0
    return np.maximum(inside, 0.0)


def _average_link(probability: Floats, cut: float) -> Bools:
    """Average linkage of many components of one size at once; [component, member, member]: in one cluster."""
    count, size, _ = probability.shape
    together = np.broadcast_to(np.eye(size, dtype=np.bool_), probability.shape).copy()
    link = probability.astype(np.float64)
    link[:, np.arange(size), np.arange(size)] = -1.0
    weight = np.ones((count, size))
    active = np.arange(count)
    while len(active):
        flat = link[active].reshape(len(active), -1)
        best = flat.argmax(axis=1)
        merging = flat[np.arange(len(active)), best] > cut
        active, best = active[merging], best[merging]
        if len(active):
            _merge(link, weight, together, active, best // size, best % size)
    return together


def _merge(link: Floats, weight: Floats, together: Bools, active: Ints, keep: Ints, gone: Ints) -> None:
    """Merge cluster `gone` into `keep` in each active component: the weighted mean of both links (Lance, Williams)."""
    keep, gone = np.minimum(keep, gone), np.maximum(keep, gone)
    a, b = weight[active, keep][:, None], weight[active, gone][:, None]
    left, right = link[active, keep], link[active, gone]
    mean = (left * a + right * b) / (a + b)
    mean[(left < 0) | (right < 0)] = -1.0
    link[active, keep] = mean
    link[active, :, keep] = mean
    link[active, gone] = -1.0
    link[active, :, gone] = -1.0
    weight[active, keep] += weight[active, gone]
    united = together[active, keep] | together[active, gone]
    _spread_union(together, active, united)


def _spread_union(together: Bools, active: Ints, united: Bools) -> None:
    """Every member of a united cluster is together with every other one."""
    together[active] |= united[:, :, None] & united[:, None, :]
