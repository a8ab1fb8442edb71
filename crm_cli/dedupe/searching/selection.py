"""Choose the blocking rules from the data: enough to find nearly all matches, few enough to be cheap.

First a few selective rules train a model. Matches are then simulated from it, and rules picked greedily that find them,
twice over, for the fewest candidates. Simulated errors are independent and real ones are not, so at last every unused
rule is asked for a sample of pairs that nobody has proposed yet, and those that hold matches are added (`feedback.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from crm_cli.dedupe.arrays import Bools, Floats, Ints
from crm_cli.dedupe.blocking.keys import KeyPart
from crm_cli.dedupe.blocking.rules import RuleCandidate, block_limit, thrift
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.training import Trained

__all__ = ["Cover", "bootstrap_rules", "cover_rules"]

_MOST_BOOTSTRAP = 24
_SIMULATED = 20_000
_WANTED = 0.985  # share of the simulated matches that each cover must find
_COVER_BUDGETS = (40, 8)  # pairs a record for the first cover, and for the second one, which costs no more than it
_LEAST_GAINS = (0.001, 0.005)  # share of the matches that a rule must add to either cover
_MOST_RULES = 30
_FEWEST_MATCHES = 20


def bootstrap_rules(candidates: Sequence[RuleCandidate], rows: int) -> list[RuleCandidate]:
    """The most selective rule for each set of columns: many views of the same matches, to train on."""
    chosen: dict[frozenset[str], RuleCandidate] = {}
    for candidate in sorted(candidates, key=lambda each: each.pairs + 0.2 * each.blocks.oversize):
        if max(20, 0.01 * rows) <= candidate.pairs <= 3 * rows:
            chosen.setdefault(candidate.rule.uses, candidate)
    found = sorted(chosen.values(), key=lambda each: each.pairs)[:_MOST_BOOTSTRAP]
    return found or sorted(candidates, key=lambda each: each.pairs)[: _MOST_BOOTSTRAP // 2]


@dataclass(eq=False)
class Cover:
    """Chosen rules, and the share of the simulated matches that they find (optimistic: errors are not independent)."""

    rules: list[RuleCandidate] = field(default_factory=list)
    completeness: float = 0.0


def cover_rules(features: Features, candidates: Sequence[RuleCandidate], trained: Trained) -> Cover:
    """Pick rules greedily: the most simulated matches that are not found yet for each pair of candidates."""
    finds = _simulated_finds(features, candidates, trained)
    rows = features.rows
    cover, hits, spent = Cover(), np.zeros(_SIMULATED, np.int16), 0
    open_rules = {number: found for number, found in enumerate(finds) if found.any()}
    for times, (budget, least) in enumerate(zip(_COVER_BUDGETS, _LEAST_GAINS, strict=True), start=1):
        allowed = int(budget * thrift(rows) * rows)
        limit = max(allowed, 300_000) if times == 1 else spent + min(allowed, max(spent, 100_000))
        while len(cover.rules) < _MOST_RULES:
            wanted = hits < times
            if wanted.sum() <= _SIMULATED * (1 - _WANTED):
                break
            best = _best(open_rules, candidates, wanted, least * _SIMULATED, 0.3 * rows, limit - spent)
            if best is None:
                break
            hits += open_rules.pop(best)
            spent += candidates[best].pairs
            cover.rules.append(candidates[best])
    cover.completeness = float((hits > 0).mean())
    return cover


def _best(
    finds: dict[int, Bools], candidates: Sequence[RuleCandidate], wanted: Bools, least: float, fixed: float, left: float
) -> int | None:
    """The rule with the most wanted matches for its pairs (and a fixed cost), or None when none brings enough."""
    best, best_score = None, 0.0
    for number, found in finds.items():
        gain, pairs = int((found & wanted).sum()), candidates[number].pairs
        if gain >= least and pairs <= left and gain / (pairs + fixed) > best_score:
            best, best_score = number, gain / (pairs + fixed)
    return best


def _simulated_finds(features: Features, candidates: Sequence[RuleCandidate], trained: Trained) -> list[Bools]:
    """For each rule which of the simulated matches it proposes."""
    rng = np.random.default_rng(3)
    levels = _simulated_levels(features, trained, rng)
    limit = block_limit(features.rows)
    agrees: dict[str, Bools] = {}
    alone: dict[str, Bools] = {}
    for part in features.parts:
        agrees[part.name], alone[part.name] = _simulated_agreement(part, features, trained, levels, limit, rng)
    return [_proposes(candidate, agrees, alone, rng) for candidate in candidates]


def _proposes(
    candidate: RuleCandidate, agrees: dict[str, Bools], alone: dict[str, Bools], rng: np.random.Generator
) -> Bools:
    """The simulated matches on which the rule's parts agree, less those that fall into an oversize block."""
    parts = candidate.rule.parts
    if len(parts) == 1 and parts[0].several:
        return alone[parts[0].name]
    found = np.logical_and.reduce([agrees[part.name] for part in parts])
    if any(part.several for part in parts):
        return np.asarray(found)
    lost = candidate.blocks.oversize / max(candidate.blocks.keyed, 1)
    return np.asarray(found & (rng.random(_SIMULATED) >= lost))


def _simulated_levels(features: Features, trained: Trained, rng: np.random.Generator) -> Ints:
    """Levels of matches that follow the model, with values missing together as they do in the records."""
    i, j = rng.integers(0, features.rows, _SIMULATED), rng.integers(0, features.rows, _SIMULATED)
    levels = np.zeros((_SIMULATED, len(features.comparisons)), np.int64)
    for number, (comparison, part) in enumerate(zip(features.comparisons, trained.model.comparisons, strict=True)):
        present = comparison.present
        steps = np.cumsum(part.match[1:]) / part.match[1:].sum()
        drawn = 1 + np.searchsorted(steps, rng.random(_SIMULATED)).clip(0, comparison.top - 1)
        levels[:, number] = np.where(present[i] & present[j], drawn, 0)
    return levels


def _simulated_agreement(
    part: KeyPart, features: Features, trained: Trained, levels: Ints, limit: int, rng: np.random.Generator
) -> tuple[Bools, Bools]:
    """Whether simulated matches agree on a key part at all, and on a key that makes no oversize block."""
    nothing = np.zeros(_SIMULATED, np.bool_)
    at = next((k for k, each in enumerate(features.comparisons) if each.uses & part.uses), None)
    if at is None:
        return nothing, nothing
    likely = _likely_matches(trained, at)
    i, j, seen = trained.pairs.i[likely], trained.pairs.j[likely], trained.pairs.levels[likely, at]
    top = features.comparisons[at].top
    draw = rng.random(_SIMULATED)
    agree = draw < _by_level(part.shared(i, j), seen, top, prior=0.5)[levels[:, at]]
    if not part.several:
        return agree, agree
    return agree, draw < _by_level(part.shared(i, j, at_most=limit), seen, top, prior=0.25)[levels[:, at]]


def _likely_matches(trained: Trained, at: int) -> Bools:
    """Training pairs that are matches more likely than not, at best from rules that do not look at the column."""
    likely = trained.match > 0.5
    if likely.sum() < _FEWEST_MATCHES:
        likely = trained.match >= np.sort(trained.match)[-min(_FEWEST_MATCHES, len(trained.match))]
    fair = likely & ~trained.masked[trained.pairs.rule, at]
    return fair if fair.sum() >= _FEWEST_MATCHES else likely


def _by_level(agree: Bools, levels: Ints, top: int, *, prior: float) -> Floats:
    """The share that agrees at each level; an unseen level never does, an unseen equal pair always does."""
    share = np.zeros(top + 1)
    for level in range(1, top + 1):
        of_level = levels == level
        count = int(of_level.sum())
        yes = float(agree[of_level].sum()) + prior * (level == top)
        share[level] = yes / (count + 0.5) if count else float(level == top)
    return share
