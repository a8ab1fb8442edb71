"""Ask the rules that were not chosen for pairs that nobody has proposed, and add those that hold matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Floats, Ints, distinct, sigmoid2
from crm_cli.dedupe.blocking.rules import RuleCandidate
from crm_cli.dedupe.evidence import log_odds
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.model import Model
from crm_cli.dedupe.scoring import Scorer
from crm_cli.dedupe.searching.candidates import Candidates
from crm_cli.dedupe.streaming import LOWEST_LOG_ODDS, score_survivors

__all__ = ["Probe"]

_SAMPLE = 800
_MOST_AT_ONCE = 5
_LEAST_GAIN = 0.003  # of the expected matches that are known
_FEWEST_HITS = 3
_SLACK = 4.0  # bits by which a later model may think better of a pair than the first one


@dataclass(frozen=True, eq=False)
class _Offer:
    """What an unused rule would bring: expected new matches, and the likely ones among its sample."""

    candidate: RuleCandidate
    gain: float
    hits: Ints


class Probe:
    """Samples of the pairs of every rule, compared once; each later model only weighs them again.

    Pairs that are hopeless under the first model are dropped at once: they are nearly all of them.
    """

    def __init__(self, features: Features, offered: Sequence[RuleCandidate], model: Model) -> None:
        self.features, self.offered = features, offered
        rows = features.rows
        drawn = [candidate.sample(_SAMPLE, seed=900 + number) for number, candidate in enumerate(offered)]
        self.sizes = np.array([len(pair[0]) for pair in drawn])
        sampled = np.concatenate([pair[0] * rows + pair[1] for pair in drawn] or [np.zeros(0, np.int64)])
        keys, inverse = distinct(sampled)
        self.pairs = score_survivors(features, model, keys // rows, keys % rows, floor=LOWEST_LOG_ODDS - _SLACK)
        self.keys = self.pairs.i * rows + self.pairs.j
        place = np.full(len(keys), -1)
        place[np.searchsorted(keys, self.keys)] = np.arange(len(self.keys))
        pair = place[inverse]
        self.rule, self.pair = np.repeat(np.arange(len(offered)), self.sizes)[pair >= 0], pair[pair >= 0]

    def rules_worth_adding(
        self, used: Sequence[RuleCandidate], candidates: Candidates, model: Model, *, known_matches: float, budget: int
    ) -> list[RuleCandidate]:
        """Up to five rules that bring at least .3 % new matches each, not the same ones, within `budget` pairs."""
        chosen: list[RuleCandidate] = []
        seen = np.zeros(0, np.int64)
        offers = self._offers({id(each) for each in used}, candidates, model)
        for offer in sorted(offers, key=lambda each: -each.gain / (each.candidate.pairs + 0.3 * candidates.rows)):
            too_little = offer.gain < _LEAST_GAIN * known_matches or len(offer.hits) < _FEWEST_HITS
            if too_little or offer.candidate.pairs > budget:
                continue
            if len(seen) and np.isin(offer.hits, seen).mean() > 0.5:
                continue
            seen = np.concatenate((seen, offer.hits))
            chosen.append(offer.candidate)
            budget -= offer.candidate.pairs
            if len(chosen) == _MOST_AT_ONCE:
                break
        return chosen

    def _offers(self, used: set[int], candidates: Candidates, model: Model) -> list[_Offer]:
        """What each unused rule would bring of pairs that are no candidates yet, scaled up from its sample."""
        fresh = np.where(candidates.without(self.keys), self._probabilities(model), 0.0)[self.pair]
        found = np.bincount(self.rule, weights=fresh, minlength=len(self.offered))
        likely = np.flatnonzero(fresh > 0.5)
        ends = np.searchsorted(self.rule[likely], np.arange(len(self.offered) + 1))  # the pairs stand rule after rule
        hits = self.keys[self.pair[likely]]
        offers = []
        for number, candidate in enumerate(self.offered):
            if id(candidate) not in used and found[number] > 0:
                gain = float(found[number]) / int(self.sizes[number]) * candidate.pairs
                offers.append(_Offer(candidate, gain, hits[ends[number] : ends[number + 1]]))
        return offers

    def _probabilities(self, model: Model) -> Floats:
        pairs = self.pairs
        return sigmoid2(log_odds(model, Scorer(self.features, model).evidence(pairs.i, pairs.j, pairs.levels)))
