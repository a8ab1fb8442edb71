"""Blocks: the records that share a key, and the pairs within them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crm_cli.dedupe.arrays import Bools, Ints, stable_order
from crm_cli.dedupe.blocking.keys import KeyPart

__all__ = ["Blocks", "blocks_of", "in_sample", "leading_part", "rule_keys", "sampled_keys"]

_FIBONACCI = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads neighbouring keys (Knuth, TAOCP 3, 6.4)


@dataclass(eq=False)
class Blocks:
    """Records sorted by key: block b is `records[starts[b]:starts[b] + sizes[b]]`; only blocks of two to the limit.

    `share` is the part of all keys that were looked at (below 1: a sample of whole blocks); `oversize` counts the
    records in blocks above the limit, which are left out.
    """

    records: Ints
    starts: Ints
    sizes: Ints
    oversize: int
    largest: int
    share: float = 1.0

    @property
    def keyed(self) -> int:
        """Number of keys in all, scaled up likewise."""
        return int(len(self.records) / self.share)

    @cached_property
    def _pairs_of(self) -> Ints:
        return self.sizes * (self.sizes - 1) // 2

    @cached_property
    def pairs(self) -> int:
        """Number of pairs within the blocks, scaled up where only a share of them was looked at."""
        return int(self._pairs_of.sum() / self.share)

    def sample(self, limit: int | None, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Up to `limit` pairs (all for None), the smaller record first, drawn with replacement where there are more."""
        total = int(self._pairs_of.sum())
        if limit is None or total <= limit:
            return self._at(np.arange(total))
        return self._at(np.sort(rng.integers(0, total, limit)))

    def all_pairs(self) -> tuple[Ints, Ints]:
        """All pairs within the blocks."""
        return self._at(np.arange(int(self._pairs_of.sum())))

    def _at(self, number: Ints) -> tuple[Ints, Ints]:
        """The pairs of these numbers, counted through all blocks."""
        if not len(number):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        ends = np.cumsum(self._pairs_of)
        block = np.searchsorted(ends, number, side="right")
        within = number - (ends[block] - self._pairs_of[block])
        first, second = _triangle(within, self.sizes[block])
        start = self.starts[block]
        left, right = self.records[start + first], self.records[start + second]
        different = left != right  # one record may have a key twice
        left, right = left[different], right[different]
        return np.minimum(left, right), np.maximum(left, right)


def _triangle(number: Ints, size: Ints) -> tuple[Ints, Ints]:
    """The pair (first, second) of the given number among the pairs (0,1), (0,2), …, (1,2), … of `size` things."""
    wide = 2 * size - 1.0
    first = np.floor((wide - np.sqrt(wide * wide - 8.0 * number)) / 2).astype(np.int64)
    before = first * (2 * size - first - 1) // 2
    first[number < before] -= 1  # floating point may be off by one either way
    after = (first + 1) * (2 * size - first - 2) // 2
    first[number >= after] += 1
    before = first * (2 * size - first - 1) // 2
    return first, first + 1 + (number - before)


def leading_part(parts: tuple[KeyPart, ...]) -> KeyPart:
    """The part that a rule's keys start from: the one with several keys a record, else that of the most even keys."""
    return max(parts, key=lambda part: (part.several, part.spread))


def rule_keys(parts: tuple[KeyPart, ...], leading: tuple[Ints, Ints] | None = None) -> tuple[Ints, Ints]:
    """(record, int64 key) for each key of a rule; at most one of its parts may have several keys a record.

    `leading` gives the (record, key) entries of the leading part, where only some of them are wanted.
    """
    lead = leading_part(parts)
    records, keys = lead.entries() if leading is None else leading
    keys = keys.astype(np.int64)
    for part in (each for each in parts if each is not lead):
        assert part.codes is not None
        codes = part.codes[records]
        both = np.flatnonzero(codes >= 0)
        records, keys = records[both], keys[both] * (len(part.texts) + 1) + codes[both]
    return records, keys


def sampled_keys(parts: tuple[KeyPart, ...], share: float) -> tuple[Ints, Ints]:
    """Those of `rule_keys` that belong to a sample of about `share` of all keys.

    Where no part has several keys a record, whole columns are worked on and only the sample is copied.
    """
    lead = leading_part(parts)
    if lead.codes is None:
        records, keys = rule_keys(parts)
        chosen = np.flatnonzero(in_sample(keys, share))
        return records[chosen], keys[chosen]
    keys, present = lead.codes.astype(np.int64), lead.codes >= 0
    for part in (each for each in parts if each is not lead):
        assert part.codes is not None
        keys *= len(part.texts) + 1
        keys += part.codes
        present &= part.codes >= 0
    chosen = np.flatnonzero(in_sample(keys, share) & present)
    return chosen, keys[chosen]


def in_sample(keys: Ints, share: float) -> Bools:
    """Which keys belong to a sample of about `share` of all keys, chosen by a hash of the key."""
    hashes = keys.astype(np.uint64) * _FIBONACCI
    return np.asarray(hashes < np.uint64(int(share * 2.0**64)))


def blocks_of(records: Ints, keys: Ints, limit: int, *, share: float = 1.0) -> Blocks:
    """Group records by key; `share` tells which part of all keys was given (whole blocks)."""
    keys, order = stable_order(keys)
    records = records[order]
    if not len(keys):
        none = np.zeros(0, np.int64)
        return Blocks(none, none, none, 0, 0, share)
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.append(starts, len(keys)))
    fit = (sizes > 1) & (sizes <= limit)
    oversize = int(sizes[sizes > limit].sum() / share)
    return Blocks(records, starts[fit], sizes[fit], oversize, int(sizes.max()), share)
