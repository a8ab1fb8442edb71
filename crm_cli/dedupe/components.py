"""Connected components of a graph of records."""

from __future__ import annotations

import numpy as np

from crm_cli.dedupe.arrays import Ints, sorted_distinct

__all__ = ["components", "members_by_size"]


def components(i: Ints, j: Ints, size: int) -> Ints:
    """For each of `size` nodes the smallest node that the edges (i, j) connect it to.

    Every root hooks onto the smallest neighbouring root, then paths are halved, until no edge joins two roots
    (Shiloach and Vishkin 1982): a few vectorized rounds.
    """
    label = np.arange(size, dtype=np.int64)
    i, j = i.astype(np.int64), j.astype(np.int64)
    while len(i):
        a, b = label[i], label[j]
        apart = a != b
        i, j, a, b = i[apart], j[apart], a[apart], b[apart]
        if not len(i):
            break
        high, low = np.maximum(a, b), np.minimum(a, b)
        order = np.lexsort((-low, high))
        label[high[order]] = low[order]  # the last written, and so the smallest, stays
        _shorten(label, sorted_distinct(np.concatenate((i, j, high))))
    _shorten(label, np.arange(size))
    return label


def _shorten(label: Ints, nodes: Ints) -> None:
    while True:
        above = label[label[nodes]]
        if (above == label[nodes]).all():
            return
        label[nodes] = above


def members_by_size(label: Ints) -> dict[int, Ints]:
    """For each component size above 1 a matrix of the members, one component a row, members ascending."""
    order = np.argsort(label, kind="stable")
    ordered = label[order]
    starts = (
        np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(label) else np.zeros(0, np.int64)
    )
    sizes = np.diff(np.append(starts, len(label)))
    found = {}
    for size in np.unique(sizes[sizes > 1]).tolist():
        found[size] = order[starts[sizes == size][:, None] + np.arange(size)]
    return found
