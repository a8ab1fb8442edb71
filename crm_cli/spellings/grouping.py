"""Groups of spellings: what keys and distance put together, with the spelling that is proposed for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from crm_cli.spellings.keys import fingerprint, ngram_fingerprint, plain_form
from crm_cli.spellings.nearness import near_pairs

__all__ = ["KEYS", "Method", "Spelling", "SpellingGroup", "group_spellings"]


class Method(StrEnum):
    """What put spellings together, from the strictest to the laxest."""

    FINGERPRINT = "fingerprint"  # the same words, whatever their order, case, accents and punctuation
    NGRAM = "ngram"  # the same pairs of letters, whatever the blanks
    DISTANCE = "distance"  # a few letters more, less, other or swapped


KEYS: Mapping[Method, Callable[[str], str]] = {Method.FINGERPRINT: fingerprint, Method.NGRAM: ngram_fingerprint}


@dataclass(frozen=True, slots=True)
class Spelling:
    """A value as it stands in records, and in how many."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class SpellingGroup:
    """Spellings that are probably of one value, the one to be proposed first, and what put them together."""

    spellings: tuple[Spelling, ...]
    methods: tuple[Method, ...]

    @property
    def proposal(self) -> str:
        """The most frequent spelling; of equally frequent ones one in mixed case, one with accents, the first.

        Where marks count (e-mail addresses) one in small letters takes the place of one in mixed case.
        """
        return self.spellings[0].value

    @property
    def count(self) -> int:
        """In how many records the group occurs."""
        return sum(one.count for one in self.spellings)


def group_spellings(
    counts: Mapping[str, int],
    methods: Collection[Method] = tuple(Method),
    *,
    distance: int = 1,
    marks: bool = False,
) -> list[SpellingGroup]:
    """Return the groups among values (value → in how many records), those that occur most first.

    Keys are joined: what any method puts together is one group. By distance every spelling is within `distance` edits
    of the leading one, or of a spelling with a key of that one: groups do not drift from neighbour to neighbour.
    `marks` keeps punctuation apart, for e-mail addresses and other values where a full stop has a meaning.
    """
    known = _Values(counts, marks=marks)
    for method, key in KEYS.items():
        if method in methods:
            known.join_equal([key(form) if form else None for form in known.forms], method)
    if Method.DISTANCE in methods:
        known.join_equal([form or None for form in known.forms], Method.DISTANCE)
        known.join_near(distance)
    return sorted(known.groups(), key=lambda group: (-group.count, group.proposal))


def _rank(spelling: Spelling, *, marks: bool) -> tuple[int, bool, bool, str]:
    value = spelling.value
    unusual = not value.islower() if marks else value.isupper() or value.islower()
    return (-spelling.count, value.strip() != value or unusual, value.isascii(), value)


class _Values:
    """The values while they are put together: a forest whose roots stand for groups."""

    def __init__(self, counts: Mapping[str, int], *, marks: bool) -> None:
        spellings = (Spelling(value, count) for value, count in counts.items())
        self.spellings = sorted(spellings, key=partial(_rank, marks=marks))
        self.forms = [plain_form(one.value, marks=marks) for one in self.spellings]
        self._above = list(range(len(self.spellings)))
        self._methods: dict[int, set[Method]] = defaultdict(set)

    def _root(self, place: int) -> int:
        above = self._above
        while above[place] != place:
            above[place] = place = above[above[place]]
        return place

    def _join(self, one: int, other: int, method: Method) -> None:
        """Join two groups; the root is the spelling that ranks first."""
        first, second = sorted((self._root(one), self._root(other)))
        if first != second:
            self._above[second] = first
            self._methods[second].add(method)

    def join_equal(self, keys: Sequence[str | None], method: Method) -> None:
        """Join the values of equal keys; a value without a key stays alone."""
        first: dict[str, int] = {}
        for place, key in enumerate(keys):
            if key is not None:
                self._join(first.setdefault(key, place), place, method)

    def join_near(self, most: int) -> None:
        """Join groups to the one that occurs most among their neighbours, each once."""
        distinct: dict[str, int] = {}
        for place, form in enumerate(self.forms):
            distinct.setdefault(form, place)
        forms = list(distinct)
        near: dict[int, set[int]] = defaultdict(set)
        for left, right in near_pairs(forms, most):
            one, other = self._root(distinct[forms[left]]), self._root(distinct[forms[right]])
            if one != other:
                near[one].add(other)
                near[other].add(one)
        taken: set[int] = set()
        for leader in self._by_size(near):
            if leader not in taken:
                followers = near[leader] - taken
                taken |= {leader, *followers}
                for follower in sorted(followers):
                    self._join(leader, follower, Method.DISTANCE)

    def _by_size(self, roots: Iterable[int]) -> list[int]:
        wanted, sizes = set(roots), defaultdict[int, int](int)
        for place, spelling in enumerate(self.spellings):
            root = self._root(place)
            if root in wanted:
                sizes[root] += spelling.count
        return sorted(wanted, key=lambda root: (-sizes[root], root))

    def groups(self) -> list[SpellingGroup]:
        """Return the groups of more than one value."""
        members: dict[int, list[int]] = defaultdict(list)
        for place in range(len(self.spellings)):
            members[self._root(place)].append(place)
        return [self._group(places) for places in members.values() if len(places) > 1]

    def _group(self, places: Sequence[int]) -> SpellingGroup:
        by = {method for place in places for method in self._methods.get(place, ())}
        return SpellingGroup(tuple(self.spellings[place] for place in places), tuple(m for m in Method if m in by))
