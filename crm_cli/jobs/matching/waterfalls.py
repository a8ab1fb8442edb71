"""Why two records are taken for the same: the engine's explanation of a pair in the terms of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm_cli.dedupe import Explanation, Ruling
from crm_cli.dictionary import Dictionary, Entity, shown

__all__ = ["Waterfall", "WaterfallStep", "as_json", "from_json", "ruled_waterfall", "shown_waterfall", "waterfall_of"]


_KIND = "kind"  # a person or an organization
_READ_BY: Mapping[str, tuple[str, ...]] = {  # comparisons that are not called like the one field that they read
    "place": ("city", "region", "postal_code", "country"),
    "phone": ("phone", "mobile"),
    "company": ("company", "name"),
}


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """One comparison: what both have, how far it agrees, and its weight in bits (log2 odds for being the same)."""

    comparison: str
    left: str
    right: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From the prior, comparison by comparison, to the probability; bits are against an unrelated pair.

    `against_related` is the sum against the likeliest kind of relatives (household, colleagues, …): agreement that
    relatives share too counts little there. All of it is what the comparisons say; where a rule or a person has settled
    it, `rule` names it ("same tax_id") and `ruled_same` says how.
    """

    left: int
    right: int
    prior: float
    steps: tuple[WaterfallStep, ...]
    total: float
    against_related: float
    probability: float
    verdict: str
    classes: Mapping[str, float] = field(default_factory=dict)
    rule: str = ""
    ruled_same: bool | None = None


def waterfall_of(explanation: Explanation, left: int, right: int, ruling: Ruling | None = None) -> Waterfall:
    """Return the engine's explanation of two records in the terms of a person, and the rule that overrides it."""
    steps = tuple(
        WaterfallStep(one.comparison, one.left, one.right, one.level, round(one.weight, 2)) for one in explanation.steps
    )
    classes = {name: round(value, 4) for name, value in explanation.classes.items()}
    return Waterfall(
        left, right, round(explanation.prior, 2), steps, round(explanation.against_unrelated, 2),
        round(min(explanation.against_related, default=explanation.against_unrelated), 2), explanation.probability,
        str(explanation.verdict), classes, ruling.why if ruling else "", ruling.same if ruling else None,
    )  # fmt: skip


def ruled_waterfall(ruling: Ruling, left: int, right: int) -> Waterfall:
    """Return what a rule says about two records of which nothing can be compared."""
    verdict = "duplicate" if ruling.same else "different"
    return Waterfall(left, right, 0.0, (), 0.0, 0.0, 0.5, verdict, {}, ruling.why, ruling.same)


def shown_waterfall(dictionary: Dictionary, waterfall: Waterfall, *entities: Entity) -> Waterfall:
    """Return the waterfall of records of these entities as a view may show it: masked values as `•••`."""
    if not dictionary.is_masked:
        return waterfall
    steps = tuple(
        replace(one, left=shown(mask, one.left), right=shown(mask, one.right))
        for one in waterfall.steps
        for mask in [_Mask(_reads_masked(dictionary, one.comparison, entities))]
    )
    return replace(waterfall, steps=steps)


@dataclass(frozen=True, slots=True)
class _Mask:
    masked: bool


def _reads_masked(dictionary: Dictionary, comparison: str, entities: Sequence[Entity]) -> bool:
    """Whether a comparison reads a masked field; so does, to be sure, one of which nobody knows what it reads."""
    if comparison == _KIND:
        return False
    masked = frozenset().union(*(entity.masked for entity in entities))
    read = _READ_BY.get(comparison, (comparison,))
    if comparison == "company" and "name" in dictionary.entity("account").masked:
        return True
    known = {name for entity in entities for name in entity.public_names}
    return bool(masked & set(read)) or (bool(masked) and not known & set(read))


def as_json(waterfall: Waterfall) -> dict[str, Any]:
    """Return the waterfall as it is kept with its pair."""
    steps = [[one.comparison, one.left, one.right, one.level, one.bits] for one in waterfall.steps]
    return {
        "prior": waterfall.prior, "steps": steps, "total": waterfall.total, "related": waterfall.against_related,
        "verdict": waterfall.verdict, "probability": waterfall.probability, "rule": waterfall.rule,
        "same": waterfall.ruled_same,
    }  # fmt: skip


def from_json(
    kept: Mapping[str, Any], pair: tuple[int, int], probability: float, classes: Mapping[str, float]
) -> Waterfall:
    """Return the waterfall that `as_json` made of the pair."""
    steps = tuple(WaterfallStep(*step) for step in kept["steps"])
    return Waterfall(
        *pair, kept["prior"], steps, kept["total"], kept["related"], kept.get("probability", probability),
        kept["verdict"], classes, kept.get("rule", ""), kept.get("same"),
    )  # fmt: skip
