"""The candidate pairs of a set of rules, each pair once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Bools, Ints, pair_keys, sorted_distinct
from crm_cli.dedupe.blocking.blocks import Blocks
from crm_cli.dedupe.blocking.rules import RuleCandidate

__all__ = ["Candidates", "OversizeBlocks", "all_pairs", "candidate_pairs"]

_WORTH_THREADS = 20_000  # records from which on two rules at once are faster than one after the other
_THREADS = 2
_MOST_AT_ONCE = 400_000  # records up to which two rules' pairs at once take no memory worth speaking of


@dataclass(frozen=True, slots=True)
class OversizeBlocks:
    """Blocks that a rule left out because they are too large: a placeholder, a switchboard, `info@`."""

    rule: str
    records: int
    largest: int


@dataclass(eq=False)
class Candidates:
    """Candidate pairs as ascending int64 keys `smaller * rows + larger`."""

    rows: int
    keys: Ints
    oversize: list[OversizeBlocks]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def pairs(self) -> tuple[Ints, Ints]:
        """The pairs as record numbers, the smaller one first."""
        return self.keys // self.rows, self.keys % self.rows

    def without(self, keys: Ints) -> Bools:
        """Which of `keys` are no candidates yet."""
        if not len(self.keys):
            return np.ones(len(keys), np.bool_)
        place = np.searchsorted(self.keys, keys).clip(0, len(self.keys) - 1)
        return np.asarray(self.keys[place] != keys)

    def extend(self, rules: Sequence[RuleCandidate], limit: int) -> None:
        """Add the pairs of more rules."""
        more = candidate_pairs(rules, self.rows, limit)
        self.keys = sorted_distinct(np.concatenate((self.keys, more.keys)))
        self.oversize += more.oversize


def candidate_pairs(rules: Sequence[RuleCandidate], rows: int, limit: int) -> Candidates:
    """All pairs that any of the rules proposes; blocks above `limit` records are left out and reported."""

    def proposed(rule: RuleCandidate) -> tuple[Ints, OversizeBlocks | None]:
        blocks = _all_blocks(rule, limit)
        left_out = OversizeBlocks(rule.rule.name, blocks.oversize, blocks.largest) if blocks.oversize else None
        return pair_keys(*blocks.all_pairs(), rows), left_out

    if not _WORTH_THREADS <= rows <= _MOST_AT_ONCE:
        found = [proposed(rule) for rule in rules]
    else:
        with ThreadPoolExecutor(_THREADS) as pool:
            found = list(pool.map(proposed, rules))
    keys = np.concatenate([np.zeros(0, np.int64), *(each for each, _ in found)])
    return Candidates(rows, sorted_distinct(keys), [each for _, each in found if each is not None])


def _all_blocks(rule: RuleCandidate, limit: int) -> Blocks:
    """The blocks of all keys: those that the rule was priced by, unless that was a sample."""
    return rule.blocks if rule.blocks.share >= 1.0 else rule.rule.blocks(limit)


def all_pairs(rows: int) -> Candidates:
    """Every pair of a small table."""
    i, j = np.triu_indices(rows, 1)
    return Candidates(rows, i.astype(np.int64) * rows + j, [])
