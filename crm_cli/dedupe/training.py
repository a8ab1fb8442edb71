"""Train the model without labels: expectation maximization over patterns of agreement.

Pairs belong to one of four classes: match, unrelated, and two related ones. Within a class the comparisons are
independent; each blocking rule has its own mixture of classes, and all rules share the classes' level probabilities.
Equal patterns of levels are counted once, so that an iteration costs the number of patterns, not of pairs.
(Fellegi and Sunter 1969; Winkler 1988 for EM; further classes as in Larsen and Rubin 2001.)
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Bools, Floats, Ints, Levels, distinct, unique_rows
from crm_cli.dedupe.blocking.rules import Rule, RuleCandidate
from crm_cli.dedupe.comparisons import Comparison
from crm_cli.dedupe.constraints import IDENTITY, RELATED_CLASSES, Constraint, RelatedClass, constraints_for
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.kinds import ORGANIZATION_KINDS, Kind
from crm_cli.dedupe.model import ComparisonModel, Model

__all__ = ["PairSampler", "Trained", "TrainingPairs", "chance_levels", "train"]

MATCH, UNRELATED, FIRST_RELATED = 0, 1, 2
CLASSES = 2 + RELATED_CLASSES
_PAIRS_A_RULE = 12_000
_MOST_COUNTED = 200_000.0  # a rule of more pairs than this weighs no more than one of so many
_ROUNDS = 150
_SETTLED = 1e-4
_SELDOM_AGREES = 0.5  # chance of the lowest level from which on agreement says something
_DISAGREES = 0.5
_ENOUGH_TO_JUDGE = 3
_PRIOR_PAIRS = 20.0  # pseudo-pairs that stand for what was known before
_PINNED_TO_MATCH = 0.03  # a pinned comparison is .97 as between unrelated records and .03 as in a match
_MOST_CAPPED = 0.05
_PIECE = 1_000  # patterns multiplied at once: a product this small is not worth several threads to BLAS, which wait
# for each other by spinning and take three times the processor's time
_THREADS = 2
_CHANCE_RECORDS = 420  # records whose cross product tells how alike unrelated values are


@dataclass(frozen=True, eq=False)
class TrainingPairs:
    """Sampled pairs of some rules, their levels, and each rule's number of pairs."""

    rules: tuple[Rule, ...]
    i: Ints
    j: Ints
    rule: Ints
    levels: Levels
    totals: Floats


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, and for each training pair the probability that it is a match."""

    model: Model
    pairs: TrainingPairs
    match: Floats
    masked: Bools  # [rule, comparison]: the rule looks at the comparison's column


def chance_levels(features: Features) -> list[Floats]:
    """The u-probabilities: how often two unrelated records have each level.

    Equality follows from the frequencies of the values; the share of the other levels from the cross product of two
    random samples of records. Index 0 is 1.
    """
    rng = np.random.default_rng(5)
    size = min(_CHANCE_RECORDS, max(features.rows, 1))
    i, j = np.repeat(rng.integers(0, features.rows, size), size), np.tile(rng.integers(0, features.rows, size), size)
    different = i != j
    i, j = i[different], j[different]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(lambda comparison: _chance(comparison, i, j, features), features.comparisons))


def _chance(comparison: Comparison, i: Ints, j: Ints, features: Features) -> Floats:
    counts = np.bincount(comparison.levels(i, j), minlength=comparison.top + 1)[1:] + 0.5
    if comparison.kind == Kind.GIVEN_NAME and features.swap is not None:
        counts[5] = 0.05  # swapped by chance: rarer than any sample shows
    equal = comparison.chance_agreement
    if comparison.column.offsets is not None:  # records share any of several values: only a sample can tell
        equal = min(max(equal, float(counts[-1] / counts.sum())), 0.99)
    others = counts[:-1] / counts[:-1].sum() * (1 - equal)
    return np.concatenate(([1.0], others, [equal]))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """The sampled pairs of one rule and their levels."""

    i: Ints
    j: Ints
    levels: Levels


class PairSampler:
    """Draws up to 12 000 pairs of a rule and compares them, once a rule."""

    def __init__(self, features: Features) -> None:
        self.features = features
        self._drawn: dict[int, tuple[RuleCandidate, _Drawn]] = {}

    def pairs(self, rules: Sequence[RuleCandidate]) -> TrainingPairs:
        """The pairs of all `rules`."""
        self._draw([each for each in rules if id(each) not in self._drawn])
        drawn = [self._drawn[id(each)][1] for each in rules]
        i, j = (np.concatenate([getattr(each, side) for each in drawn] or [np.zeros(0, np.int64)]) for side in "ij")
        none = np.zeros((0, len(self.features.comparisons)), np.uint8)
        levels = np.concatenate([each.levels for each in drawn] or [none])
        rule = np.repeat(np.arange(len(rules)), [len(each.i) for each in drawn])
        totals = np.array([candidate.pairs for candidate in rules], float)
        return TrainingPairs(tuple(candidate.rule for candidate in rules), i, j, rule, levels, totals)

    def _draw(self, rules: Sequence[RuleCandidate]) -> None:
        """Pairs that several of the rules propose are compared once."""
        if not rules:
            return
        first, rows = 1 + len(self._drawn), self.features.rows
        drawn = [candidate.sample(_PAIRS_A_RULE, seed=first + number) for number, candidate in enumerate(rules)]
        keys, inverse = distinct(np.concatenate([i * rows + j for i, j in drawn]))
        levels = self.features.levels(keys // rows, keys % rows)
        ends = np.cumsum([len(i) for i, _ in drawn])
        for candidate, (i, j), end in zip(rules, drawn, ends, strict=True):
            own = levels[inverse[end - len(i) : end]]
            self._drawn[id(candidate)] = candidate, _Drawn(i, j, own)  # the candidate is kept, or its id may come again


def train(features: Features, chance: Sequence[Floats], pairs: TrainingPairs) -> Trained:
    """Fit the classes to `pairs`; the priors are a first guess, to be fitted on all candidates."""
    masked = np.array(
        [[bool(each.uses & rule.uses) for each in features.comparisons] for rule in pairs.rules], np.bool_
    )
    masked = masked.reshape(len(pairs.rules), len(features.comparisons))
    first, inverse, counts = unique_rows(pairs.levels, pairs.rule)
    rule = pairs.rule[first]
    drawn = np.maximum(np.bincount(pairs.rule, minlength=len(pairs.rules)), 1)
    weights = counts * (np.minimum(pairs.totals, _MOST_COUNTED) / drawn)[rule]
    fit = _Fit(features, chance, pairs.levels[first], rule, weights, masked)
    fit.run()
    if not (fit.is_plausible() and fit.is_supported(pairs)):  # what EM called matches are relatives and chance
        fit = _Fit(features, chance, pairs.levels[first], rule, weights, masked, hold_match=True)
        fit.run()
    match = fit.posterior[MATCH].take(inverse)
    return Trained(fit.model(pairs), pairs, match, masked)


class _Fit:
    """One run of EM. All probabilities of a class stand in one vector, comparison after comparison."""

    def __init__(
        self, features: Features, chance: Sequence[Floats], patterns: Levels, rule: Ints, weights: Floats,
        masked: Bools, *, hold_match: bool = False,
    ) -> None:  # fmt: skip
        self.features, self.patterns, self.rule, self.weights, self.masked = features, patterns, rule, weights, masked
        comparisons = features.comparisons
        self.offsets = np.cumsum([0] + [each.top for each in comparisons])
        self.spans = [slice(int(a), int(b)) for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)]
        self.constraints = [constraints_for(comparisons, each, of_persons=features.of_persons) for each in RelatedClass]
        self.unrelated = np.concatenate([levels[1:] for levels in chance])
        design = self._design()
        self.pieces = [design[start : start + _PIECE] for start in range(0, max(len(design), 1), _PIECE)]
        self.match = np.concatenate([_expected_match(each) for each in comparisons])
        self.related = [self._expected_related(each, 0.3) for each in RelatedClass]
        self.pseudo_match = _PRIOR_PAIRS * np.concatenate([_usual_match(each) for each in comparisons])
        self.pseudo_related = [_PRIOR_PAIRS * self._expected_related(each, 0.5, self.match) for each in RelatedClass]
        self.hold_match = hold_match
        if hold_match:
            self.match = self._normalized(self.pseudo_match.copy())
        self.mixture = np.full((len(masked), CLASSES), 1 / CLASSES)
        self.posterior = np.full((CLASSES, len(patterns)), 1 / CLASSES)

    def _design(self) -> Floats:
        """One row a pattern with a 1 for each level that it has; columns that its rule looks at are left empty."""
        design = np.zeros((len(self.patterns), int(self.offsets[-1])), np.float32)
        for number, span in enumerate(self.spans):
            rows = np.flatnonzero((self.patterns[:, number] > 0) & ~self.masked[self.rule, number])
            design[rows, span.start + self.patterns[rows, number] - 1] = 1
        return design

    def _by_pattern(self, levels: Floats) -> Floats:
        """For each row of values of the levels, their sum over the levels of each pattern."""
        values = levels.astype(np.float32)
        return np.concatenate([values @ piece.T for piece in self.pieces], axis=1)

    def _by_level(self, patterns: Floats) -> Floats:
        """For each row of values of the patterns, their sum over the patterns of each level."""
        values, found = patterns.astype(np.float32), np.zeros((len(patterns), int(self.offsets[-1])))
        for number, piece in enumerate(self.pieces):
            found += values[:, number * _PIECE : number * _PIECE + len(piece)] @ piece
        return found

    def _expected_related(self, related: RelatedClass, chance_share: float, likely: Floats | None = None) -> Floats:
        """What a related class looks like before anything is learned: free comparisons agree more than by chance."""
        made = self.unrelated.copy()
        for number, span in enumerate(self.spans):
            comparison = self.features.comparisons[number]
            if comparison.kind == Kind.EMAIL or not self.constraints[related][number].free:
                continue
            made[span] *= chance_share
            if likely is None:
                made[span.stop - 1] += 1 - chance_share
            else:
                made[span] += (1 - chance_share) * likely[span]
        return self._normalized(made)

    def _normalized(self, vector: Floats) -> Floats:
        for span in self.spans:
            vector[span] /= vector[span].sum()
        return vector

    def is_plausible(self) -> bool:
        """Whether the match class looks like copies of a record: most comparisons agree at least somewhat.

        In data without copies EM still fills the class, with pairs that share a first name and a town, or with
        relatives of whom some detail differs. Real copies, however dirty, disagree in the minority of what would rarely
        agree by chance, and more often than not agree on each thing that relatives do not share.
        """
        identity = [s for s, each in zip(self.spans, self.features.comparisons, strict=True) if each.kind in IDENTITY]
        if any(self.match[span.start] > _DISAGREES for span in identity):
            return False
        telling = [span for span in self.spans if self.unrelated[span.start] > _SELDOM_AGREES]
        apart = sum(bool(self.match[span.start] > _DISAGREES) for span in telling)
        return len(telling) < _ENOUGH_TO_JUDGE or apart <= len(telling) / 2

    def is_supported(self, pairs: TrainingPairs) -> bool:
        """Whether there are at least as many matches as there are probabilities to learn of them."""
        to_learn = sum(each.top - 1 for each in self.features.comparisons)
        every_pair = self.features.rows * (self.features.rows - 1) / 2
        return self._priors(pairs)[0] * every_pair >= to_learn

    def run(self) -> None:
        """Iterate until the match class stays."""
        unrelated = self._by_pattern(np.log(self.unrelated)[None])[0]
        for _ in range(_ROUNDS):
            self._expect(unrelated)
            before = self.match
            self._maximize()
            if self._is_settled(before):
                break

    def _is_settled(self, before: Floats) -> bool:
        return not len(before) or (not self.hold_match and float(np.abs(self.match - before).max()) < _SETTLED)

    def _expect(self, unrelated: Floats) -> None:
        learned = self._by_pattern(np.log(np.stack([self.match, *self.related])))
        mixture = np.log(self.mixture)
        likelihood = np.empty((CLASSES, len(self.patterns)))
        for each, own in enumerate((learned[0], unrelated, *learned[1:])):
            np.add(own, mixture[:, each].take(self.rule), out=likelihood[each])
        likelihood -= likelihood.max(axis=0)
        np.exp(likelihood, out=likelihood)
        likelihood /= likelihood.sum(axis=0)
        self.posterior = likelihood

    def _maximize(self) -> None:
        counts = self.posterior * self.weights
        sums = [np.bincount(self.rule, weights=each, minlength=len(self.mixture)) for each in counts]
        self.mixture = np.stack(sums, axis=1) + 1e-9
        self.mixture /= self.mixture.sum(axis=1, keepdims=True)
        levels = self._by_level(counts)
        if not self.hold_match:
            self.match = self._normalized(levels[MATCH] + self.pseudo_match)
        self.related = [
            self._constrained(self._normalized(levels[FIRST_RELATED + number] + self.pseudo_related[number]), number)
            for number in range(RELATED_CLASSES)
        ]

    def _constrained(self, vector: Floats, related: int) -> Floats:
        for span, constraint in zip(self.spans, self.constraints[related], strict=True):
            if constraint.pinned:
                vector[span] = (1 - _PINNED_TO_MATCH) * self.unrelated[span] + _PINNED_TO_MATCH * self.match[span]
            elif constraint.capped_from is not None:
                _cap(vector[span], self.unrelated[span], constraint)
        return vector

    def model(self, pairs: TrainingPairs) -> Model:
        """The fitted model with priors guessed from the rules' mixtures."""
        parts = []
        for each, span in zip(self.features.comparisons, self.spans, strict=True):
            match, unrelated, *related = (
                np.append(1.0, vector[span]) for vector in (self.match, self.unrelated, *self.related)
            )
            parts.append(ComparisonModel(each.name, str(each.kind), match, unrelated, tuple(related)))
        prior, related_priors = self._priors(pairs)
        return Model(tuple(parts), prior, related_priors)

    def _priors(self, pairs: TrainingPairs) -> tuple[float, tuple[float, ...]]:
        """Matches among a rule's pairs, over the share of all matches that satisfy the rule: the median over rules."""
        found = [self._extrapolated(number, pairs) for number in range(len(pairs.rules))]
        guesses = np.array([guess for guess in found if guess is not None]).reshape(-1, 1 + RELATED_CLASSES)
        every_pair = max(self.features.rows * (self.features.rows - 1) / 2, 1.0)
        if not len(guesses):
            guesses = (self.mixture * pairs.totals[:, None])[:, [MATCH, *range(FIRST_RELATED, CLASSES)]].sum(axis=0)[
                None, :
            ]
        median = np.median(guesses, axis=0)
        prior = min(0.5, max(float(median[0]), 1.0) / every_pair)
        return prior, tuple(float(min(max(each, 1.0), 0.2 * every_pair) / every_pair) for each in median[1:])

    def _extrapolated(self, number: int, pairs: TrainingPairs) -> list[float] | None:
        """Number of matches and of related pairs in all, as one rule of whole values tells it; None for other rules."""
        rule = pairs.rules[number]
        if pairs.totals[number] < 10 or not rule.whole:
            return None
        share = np.ones(1 + RELATED_CLASSES)
        for part in rule.parts:
            at = next((k for k, each in enumerate(self.features.comparisons) if each.uses & part.uses), None)
            if at is None or self.features.comparisons[at].kind == Kind.PLACE:
                return None
            last, filled = self.spans[at].stop - 1, self.features.comparisons[at].column.filled ** 2
            share *= np.array([vector[last] for vector in (self.match, *self.related)]) * filled
        expected = self.mixture[number, [MATCH, *range(FIRST_RELATED, CLASSES)]] * pairs.totals[number]
        return [float(each) for each in expected / np.maximum(share, 1e-6)]


def _expected_match(comparison: Comparison) -> Floats:
    """What a match looks like before anything is learned: mostly equal, then the closer the likelier."""
    made = np.linspace(0.3, 1, comparison.top) ** 3
    made[-1] = made[:-1].sum() * (1 if comparison.kind in ORGANIZATION_KINDS else 4)
    return np.asarray(made / made.sum())


def _usual_match(comparison: Comparison) -> Floats:
    """The pseudo-counts of a match: four in five equal; names of organizations rarely are."""
    if comparison.kind in ORGANIZATION_KINDS:
        return _expected_match(comparison)
    made = np.full(comparison.top, 0.2 / max(comparison.top - 1, 1))
    made[-1] = 0.8
    return made


def _cap(levels: Floats, unrelated: Floats, constraint: Constraint) -> None:
    """Lower the levels from `capped_from` on to ten times chance, at most 5 %, and raise the others."""
    assert constraint.capped_from is not None
    start = constraint.capped_from - 1
    high = float(levels[start:].sum())
    chance = float(unrelated[start:].sum())
    most = max(chance, min(_MOST_CAPPED, 10 * chance + 0.01))
    if most < high < 1:
        levels[start:] *= most / high
        levels[:start] *= (1 - most) / (1 - high)
