"""Blocking rules that could be used on a table, each with what it would cost."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Ints
from crm_cli.dedupe.blocking.blocks import Blocks, blocks_of, in_sample, leading_part, rule_keys, sampled_keys
from crm_cli.dedupe.blocking.keys import KeyPart
from crm_cli.dedupe.kinds import Kind
from crm_cli.errors import UsageError, did_you_mean

__all__ = [
    "Rule",
    "RuleCandidate",
    "all_priced",
    "block_limit",
    "every_pair",
    "named_rules",
    "rule_candidates",
    "thrift",
]

_PRICED_RECORDS = 20_000  # above this a sample of whole blocks tells the cost of a rule,
_LEAST_PRICED = 0.05  # of at least this share of all keys
_LARGE = 50_000  # records from which on budgets of pairs shrink
_FEWEST_SAMPLED_KEYS = 400
_FEWEST_PAIRS = 5
_MOST_PAIRS_A_RECORD = 12
_THREADS = 2
_WORTH_THREADS = 20_000  # on fewer records threads wait for each other longer than they work


@dataclass(frozen=True, eq=False)
class Rule:
    """A blocking rule: records that agree on all `parts` are candidates."""

    parts: tuple[KeyPart, ...]

    @property
    def name(self) -> str:
        """The parts' names, joined by ` + `."""
        if not self.parts:
            return "every pair"
        return " + ".join(part.name for part in self.parts)

    @property
    def uses(self) -> frozenset[str]:
        """The source columns that the rule looks at."""
        return frozenset().union(*(part.uses for part in self.parts))

    @property
    def whole(self) -> bool:
        """Whether the rule demands whole values only."""
        return bool(self.parts) and all(part.whole and not part.several for part in self.parts)

    def blocks(self, limit: int) -> Blocks:
        """The blocks of the rule."""
        return blocks_of(*rule_keys(self.parts), limit)


@dataclass(eq=False)
class RuleCandidate:
    """A rule and its blocks (all, or a sample of them)."""

    rule: Rule
    blocks: Blocks

    @property
    def pairs(self) -> int:
        """Number of pairs that the rule proposes, as estimated."""
        return self.blocks.pairs

    def sample(self, limit: int, seed: int) -> tuple[Ints, Ints]:
        """Up to `limit` of its pairs."""
        return self.blocks.sample(limit, np.random.default_rng(seed))


def every_pair(rows: int) -> RuleCandidate:
    """The rule without parts: all records are one block."""
    return RuleCandidate(Rule(()), blocks_of(np.arange(rows), np.zeros(rows, np.int64), rows))


def all_priced(rules: Sequence[Rule], rows: int, limit: int) -> list[RuleCandidate]:
    """The rules, each with all its blocks."""

    def priced(rule: Rule) -> RuleCandidate:
        return RuleCandidate(rule, rule.blocks(limit))

    if rows < _WORTH_THREADS:
        return [priced(rule) for rule in rules]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(priced, rules))


def named_rules(names: Sequence[str], parts: Sequence[KeyPart]) -> list[Rule]:
    """The rules of these names, such as "email" or "last_name:sound + city"; raises UsageError for an unknown part."""
    by_name = {part.name: part for part in parts}
    rules = []
    for name in names:
        wanted = [word.strip() for word in name.split("+")]
        if unknown := [word for word in wanted if word not in by_name]:
            hint = did_you_mean(unknown[0], by_name) or f"there are: {', '.join(sorted(by_name))}"
            raise UsageError(f"blocking rule {name!r}: there is no key part {unknown[0]!r}", hint=hint, rule=name)
        rules.append(Rule(tuple(by_name[word] for word in wanted)))
    return rules


def thrift(rows: int) -> float:
    """By how much budgets of pairs a record shrink in a table of more than 50 000 records: in proportion.

    The pairs of a rule grow with the square of the records, its matches only with their number; so a table ten times as
    large needs rules ten times as selective, and the time grows with the records alone.
    """
    return min(1.0, _LARGE / max(rows, 1))


def block_limit(rows: int) -> int:
    """The largest block that is worth comparing: 1 % of the records, at least 120; 300 in large files.

    A larger block is a frequent value (a placeholder, a switchboard): its pairs cost the square of its size and say
    little; a rule with a second key part takes such a value apart.
    """
    return max(120, rows // 100) if rows < 30_000 else 300


def rule_candidates(parts: Sequence[KeyPart], rows: int, limit: int) -> list[RuleCandidate]:
    """Every rule of one part, or of two from different columns, that is neither empty nor too costly."""
    wanted = min(1.0, max(_PRICED_RECORDS / max(rows, 1), _LEAST_PRICED))
    most = max(int(_MOST_PAIRS_A_RECORD * thrift(rows) * rows), 200_000)
    with ThreadPoolExecutor(_THREADS) as pool:
        entries = list(pool.map(lambda part: _sampled_entries(part, wanted), parts))
    sampled = {part.name: each for part, each in zip(parts, entries, strict=True)}

    def affordable(rule: Rule) -> RuleCandidate | None:
        own, share = sampled[leading_part(rule.parts).name]
        if share >= 1.0 > wanted:
            (records, keys), share = sampled_keys(rule.parts, wanted), wanted
        else:
            records, keys = rule_keys(rule.parts, own)
        blocks = blocks_of(records, keys, limit, share=share)
        fits = _FEWEST_PAIRS <= blocks.pairs <= most and blocks.oversize < 0.5 * rows
        return RuleCandidate(rule, blocks) if fits else None

    if rows < _WORTH_THREADS:
        found = [affordable(rule) for rule in _possible(parts)]
    else:
        with ThreadPoolExecutor(_THREADS) as pool:
            found = list(pool.map(affordable, _possible(parts)))
    return [candidate for candidate in found if candidate is not None]


def _sampled_entries(part: KeyPart, share: float) -> tuple[tuple[Ints, Ints], float]:
    """The part's (record, key) entries of a sample of its keys, and the share of all entries that they are.

    Whole blocks of a part hold whole blocks of every rule that it leads, so one sample prices them all. A part whose
    records crowd in few keys is not sampled, because each of its keys weighs too much.
    """
    records, keys = part.entries()
    if share >= 1.0 or part.spread * share < _FEWEST_SAMPLED_KEYS:
        return (records, keys), 1.0
    chosen = in_sample(keys, share)
    return (records[chosen], keys[chosen]), max(float(chosen.mean()), 1e-9)


def _possible(parts: Sequence[KeyPart]) -> Iterable[Rule]:
    for part in parts:
        if part.kind is not Kind.CATEGORY:
            yield Rule((part,))
    for one, other in itertools.combinations(parts, 2):
        if not (one.uses & other.uses or (one.several and other.several)):
            yield Rule((one, other))
