"""What two records are to each other, as a word."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from crm_cli.dedupe.arrays import Floats, Levels

__all__ = ["CLASS_NAMES", "Verdict", "verdict_codes", "verdict_of"]

_SURE = 0.9
_POSSIBLE = 0.1
_LIKELY_RELATED = 0.5


class Verdict(StrEnum):
    """What the engine takes a pair for."""

    DUPLICATE = "duplicate"
    SAME_HOUSEHOLD = "same_household"
    SAME_COMPANY = "same_company"
    RELATED = "related"
    DIFFERENT = "different"
    UNSURE = "unsure"


_ORDER = tuple(Verdict)
# The columns of a result's class probabilities.
CLASS_NAMES = {
    True: ("match", "unrelated", "same household", "same company"),
    False: ("match", "unrelated", "same address", "same organization, another branch"),
}


def verdict_of(code: int) -> Verdict:
    """The verdict of a code that `verdict_codes` gave."""
    return _ORDER[code]


def verdict_codes(classes: Floats, *, of_persons: bool) -> Levels:
    """A verdict code for each row of class probabilities (match, unrelated, first related, second related).

    From .9 a duplicate, between .1 and .9 unsure; below, related if the related classes hold half of the probability.
    """
    match, first, second = classes[:, 0], classes[:, 2], classes[:, 3]
    found = np.full(len(classes), _ORDER.index(Verdict.DIFFERENT), np.uint8)
    found[first + second >= _LIKELY_RELATED] = _ORDER.index(Verdict.RELATED)
    if of_persons:
        found[first >= _LIKELY_RELATED] = _ORDER.index(Verdict.SAME_HOUSEHOLD)
        found[second >= _LIKELY_RELATED] = _ORDER.index(Verdict.SAME_COMPANY)
    found[match >= _POSSIBLE] = _ORDER.index(Verdict.UNSURE)
    found[match >= _SURE] = _ORDER.index(Verdict.DUPLICATE)
    return found
