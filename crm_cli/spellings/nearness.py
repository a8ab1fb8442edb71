"""Texts that are a few edits apart, found without comparing all with all.

Two texts of at most k edits become the same text by deleting at most k characters of each (the idea of Mor and
Fraenkel, 1982). So every text is filed under all that is left of it after deletions, and only texts filed under one of
these are compared: no near pair is missed. The files are made part by part, so that the memory they take is bounded.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import combinations

from crm_cli.spellings.keys import digits_of

__all__ = ["MOST_EDITS", "edits_allowed", "near_pairs"]

MOST_EDITS = 2
_CHARACTERS_AN_EDIT = 5  # "Ulm" and "Elm" are two cities: short texts allow no edit
_LONGEST = 64  # what is longer has too many forms; its keys still find it
_AT_ONCE = 8_000_000  # entries in memory, of 12 bytes each


def edits_allowed(form: str, most: int) -> int:
    """Return how many edits may lie between `form` and another: one for each five characters, `most` at most."""
    return 0 if len(form) > _LONGEST else min(most, len(form) // _CHARACTERS_AN_EDIT)


def near_pairs(forms: Sequence[str], most: int, *, at_once: int = _AT_ONCE) -> Iterator[tuple[int, int]]:
    """Yield the places of two forms that are near: of equal digits, and as few edits apart as both allow.

    An edit is a character more, less, or another, or two neighbours swapped. `forms` are distinct; a pair can come
    more than once. `at_once` bounds the entries in memory.
    """
    allowed = [edits_allowed(form, most) for form in forms]
    total = sum(_count(len(form), edits) for form, edits in zip(forms, allowed, strict=True))
    parts = total // at_once + 1
    for part in range(parts):
        yield from _pairs_of_part(forms, allowed, part, parts)


def _count(length: int, edits: int) -> int:
    if not edits:
        return 0
    return 1 + length + (length * (length - 1) // 2 if edits > 1 else 0)


def _pairs_of_part(forms: Sequence[str], allowed: Sequence[int], part: int, parts: int) -> Iterator[tuple[int, int]]:
    import numpy as np
    from rapidfuzz.distance import OSA  # NOTE: both only where there is something to compare

    keys, places = array("q"), array("i")
    for place, (form, edits) in enumerate(zip(forms, allowed, strict=True)):
        if edits:
            digits = hash(digits_of(form))
            for left in _deletions(form, edits):
                key = hash(left) ^ digits
                if key % parts == part:
                    keys.append(key)
                    places.append(place)
    sorted_keys = np.frombuffer(keys, dtype=np.int64) if keys else np.empty(0, np.int64)
    order = np.argsort(sorted_keys, kind="stable")
    sorted_keys = sorted_keys[order]
    starts = np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1]))) if len(order) else order
    ends = np.append(starts[1:], len(order))
    for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
        members = sorted({places[number] for number in order[start:end]})
        for one, other in combinations(members, 2):
            most = min(allowed[one], allowed[other])
            near = OSA.distance(forms[one], forms[other], score_cutoff=most) <= most
            if near and digits_of(forms[one]) == digits_of(forms[other]):
                yield one, other


def _deletions(form: str, edits: int) -> set[str]:
    """Return `form` and all that is left of it after up to `edits` deletions."""
    once = {form[:place] + form[place + 1 :] for place in range(len(form))}
    found = {form, *once}
    if edits > 1:
        for place, later in combinations(range(len(form)), 2):
            found.add(form[:place] + form[place + 1 : later] + form[later + 1 :])
    return found
