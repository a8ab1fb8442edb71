"""Explain a pair: from the prior, comparison by comparison, to the probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Ints, sigmoid2
from crm_cli.dedupe.comparisons import Comparison, Place
from crm_cli.dedupe.evidence import add_weights, log_odds, weights_of
from crm_cli.dedupe.overrides import FORCED
from crm_cli.dedupe.result import MatchResult
from crm_cli.dedupe.scoring import Scorer, calibrated_posteriors
from crm_cli.dedupe.verdicts import CLASS_NAMES, Verdict, verdict_codes, verdict_of

__all__ = ["Explanation", "Step", "explain", "explain_pair"]


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison: both values as compared, the level in words, and its weights in bits.

    `weight` is that of a match against unrelated; `related_weights` that of a match against each related class. A
    positive weight speaks for a match.
    """

    comparison: str
    left: str
    right: str
    level: str
    weight: float
    related_weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The waterfall of a pair: `prior` + the steps' weights = `against_unrelated`, all in bits (log2 odds).

    `against_related` are the same sums against each related class; `log_odds` is against all classes together, and
    `probability` after calibration. `classes` holds the calibrated probability of every class by name.
    """

    prior: float
    related_priors: tuple[float, ...]
    steps: tuple[Step, ...]
    against_unrelated: float
    against_related: tuple[float, ...]
    log_odds: float
    probability: float
    classes: dict[str, float]
    verdict: Verdict


def explain(scorer: Scorer, i: int, j: int) -> Explanation:
    """Explain the pair of records `i` and `j` of the table that `scorer` (of a MatchResult) was made for."""
    left, right = np.array([min(i, j)]), np.array([max(i, j)])
    levels = scorer.features.levels(left, right)
    steps = tuple(
        _step(scorer, place, comparison, (left, right), int(levels[0, place]))
        for place, comparison in enumerate(scorer.features.comparisons)
    )
    model = scorer.model
    evidence = scorer.evidence(left, right, levels)
    raw = log_odds(model, evidence)
    probability = float(sigmoid2(model.calibrated(raw, levels))[0])
    classes = calibrated_posteriors(model, evidence, np.array([probability]))
    prior = float(np.log2(model.prior / max(1 - model.prior - sum(model.related_priors), 0.01)))
    against = tuple(float(np.log2(model.prior / max(each, 1e-300))) for each in model.related_priors)
    of_persons = scorer.features.of_persons
    return Explanation(
        prior,
        against,
        steps,
        prior + sum(step.weight for step in steps),
        tuple(start + sum(step.related_weights[k] for step in steps) for k, start in enumerate(against)),
        float(raw[0]),
        probability,
        dict(zip(CLASS_NAMES[of_persons], (float(each) for each in classes[0]), strict=True)),
        verdict_of(int(verdict_codes(classes, of_persons=of_persons)[0])),
    )


def explain_pair(result: MatchResult, i: int, j: int) -> Explanation | None:
    """Explain two records of the table that `result` was found in; None where nothing was compared.

    A person and an organization of a table that holds both have one step: that they are of two kinds.
    """
    if not result.parts:
        return None if result.scorer is None else explain(result.scorer, i, j)
    for part in result.parts:
        own = part.number_of(i), part.number_of(j)
        if own[0] is not None and own[1] is not None:
            return explain_pair(part.result, own[0], own[1])
    kinds = [next(part.kind for part in result.parts if part.number_of(one) is not None) for one in (i, j)]
    step = Step("kind", kinds[0], kinds[1], "a person is no organization", -FORCED, ())
    return Explanation(
        0.0, (), (step,), -FORCED, (), -FORCED, 0.0, {"match": 0.0, "unrelated": 1.0}, Verdict.DIFFERENT
    )  # fmt: skip


def _step(scorer: Scorer, place: int, comparison: Comparison, pair: tuple[Ints, Ints], level: int) -> Step:
    match, related = np.zeros(1), [np.zeros(1) for _ in scorer.model.related_priors]
    weights = weights_of(comparison, scorer.model, place)
    add_weights(comparison, weights, np.array([level], np.uint8), pair, (match, related))
    name = "nothing to compare" if level == 0 else comparison.labels[level - 1]
    left, right = (_value(comparison, int(record[0])) for record in pair)
    return Step(
        comparison.name, left, right, name, float(match[0]), tuple(float((match - each)[0]) for each in related)
    )


def _value(comparison: Comparison, record: int) -> str:
    """What a record has, as it is compared; several values or parts joined."""
    parts: Sequence[Comparison] = list(comparison.parts.values()) if isinstance(comparison, Place) else [comparison]
    texts = []
    for part in parts:
        column = part.column
        at = slice(record, record + 1) if column.offsets is None else slice(*column.offsets[record : record + 2])
        texts += [str(text) for text in column.texts(column.codes[at][column.codes[at] >= 0])]
    return " · ".join(texts)
