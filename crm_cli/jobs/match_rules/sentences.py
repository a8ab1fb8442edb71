"""Matching rules in plain sentences: what the file says, and what holds where it says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crm_cli.dedupe import MOST_SHARING
from crm_cli.jobs.match_rules.model import MatchRules, NeverRule

__all__ = ["Sentence", "Subject", "sentences"]

_SURVIVORS = {
    "most_complete": "the most complete one, and of equally complete ones the oldest,",
    "oldest": "the oldest one",
    "newest": "the newest one",
    "trusted": "the one of the most trusted source, and of equals the most complete,",
}
_VALUES = {
    "newest": "the value that was confirmed last",
    "trusted": "the value of the most trusted source",
    "most_complete": "the most complete value",
    "longest": "the longest value",
    "most_frequent": "the most frequent value",
    "survivor": "the surviving record's own value",
    "maximum": "the largest value",
    "minimum": "the smallest value",
    "restrictive": "the surviving record's own value",
}
_PERSONAL = frozenset({"given_name", "family_name", "birth_date"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: the key that it is about, what holds, and whether the file says so or it is as shipped."""

    key: str
    says: str
    shipped: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the sentences are about: its nouns, the columns that are compared and as what ("" by their values).

    `auto_merge_from`, `auto_merge_precision`: how sure a merge without a look is where the rules say nothing; None
    where nothing is merged. `several`: those of which a record may have several values. `is_file`: names are columns,
    and stay as they are spelled.
    """

    noun: str
    plural: str
    compared: Mapping[str, str]
    auto_merge_from: float | None = None
    auto_merge_precision: float | None = None
    several: frozenset[str] = frozenset()
    is_file: bool = False

    def words(self, name: str) -> str:
        """A field in words."""
        return name if self.is_file else name.replace("_", " ")


def sentences(rules: MatchRules, subject: Subject) -> list[Sentence]:
    """Say the rules, strongest first, and what the engine does by itself."""
    teller = _Teller(rules, subject)
    return [
        *teller.decisions(), *teller.differences(), *teller.keys(), *teller.compared(), *teller.blocking(),
        *teller.merging(), *teller.survival(),
    ]  # fmt: skip


class _Teller:
    def __init__(self, rules: MatchRules, subject: Subject) -> None:
        self.rules, self.subject = rules, subject
        self.two = f"Two {subject.plural}"

    def decisions(self) -> Iterator[Sentence]:
        if not self.subject.is_file:
            text = f"What a person decided about two {self.subject.plural} stands above all rules."
            yield Sentence("decisions", text)

    def differences(self) -> Iterator[Sentence]:
        for name in self.rules.must_differ:
            yield self._own("must_differ", f"{self._differing((name,))} are never the same, whatever else agrees.")
        for rule in self.rules.never:
            yield self._own("never", f"{self._apart(rule)} are never the same{_because(rule)}.")
        if self.rules.must_differ or self.rules.never:
            yield Sentence("must_differ", "Where one of the two has no value, nothing differs.")

    def keys(self) -> Iterator[Sentence]:
        for key in self.rules.must_match:
            text = f"{self.two} with the same {self._list(key)} are the same, whatever else differs."
            yield self._own("must_match", text)
        if not self.rules.must_match:
            text = f"No field makes two {self.subject.plural} the same by itself: all that is compared counts."
            yield Sentence("must_match", text)
            return
        if self.rules.must_differ or self.rules.never:
            yield Sentence("must_match", "Where both apply, they are not the same.")
        if sets := [name for name in self.rules.keys if name in self.subject.several]:
            yield Sentence("must_match", f"Of several values ({self._list(sets)}) one in common is enough to agree.")
        many = f"more than {MOST_SHARING} {self.subject.plural}"
        yield Sentence("must_match", f"A value that {many} have is a placeholder and makes none the same.")
        kinds = self.subject.compared
        mail = any(kinds.get(name) == "email" for key in self.rules.must_match for name in key)
        if mail and _PERSONAL & set(kinds.values()):
            text = "An e-mail address of a role, such as info@, is nobody's and makes none the same."
            yield Sentence("must_match", text)

    def compared(self) -> Iterator[Sentence]:
        for name, word in self.rules.compare_as.items():
            yield self._own("compare_as", f"{_upper(self.subject.words(name))} is compared as {_article(word)}.")
        for name in self.rules.ignore:
            yield self._own("ignore", f"{_upper(self.subject.words(name))} is not compared.")
        names = [name for name in self.subject.compared if name not in (*self.rules.ignore, *self.rules.compare_as)]
        if names:
            listed = f"{_upper(self.subject.plural)} are compared by {self._list(names)}"
            yield Sentence("compare_as", f"{listed}; the data say how much each tells.")
            yield Sentence("relatives", self._relatives())
        elif self.subject.is_file:
            yield Sentence("compare_as", "Every other column is compared as what its header and values say it is.")

    def _relatives(self) -> str:
        """What looks alike without being the same (the engine's related classes)."""
        if _PERSONAL & set(self.subject.compared.values()):
            shared, who = "an address, a telephone or an employer", "members of a household and colleagues do"
        else:
            shared, who = "an address or a part of the name", "neighbours and branches do"
        return f"{_upper(self.subject.plural)} that share {shared} are not the same for that: {who}."

    def blocking(self) -> Iterator[Sentence]:
        plural = self.subject.plural
        if self.rules.block_on is None:
            yield Sentence(
                "block_on",
                f"Which {plural} are compared with each other is decided from the data; up to 1000, all of them.",
            )
        else:
            ways = " – or on ".join(
                self._list([self._part(one) for one in rule.split("+")]) for rule in self.rules.block_on
            )
            yield self._own("block_on", f"Compared with each other are only {plural} that agree on {ways}.")
        if self.rules.max_block is None:
            text = f"What more than 1 % of the {plural} share (at least 120, at most 300) is no reason to compare them."
            yield Sentence("max_block", text)
        else:
            text = f"What more than {self.rules.max_block} {plural} share is no reason to compare them."
            yield self._own("max_block", text)

    def merging(self) -> Iterator[Sentence]:
        rules, subject = self.rules, self.subject
        least = rules.auto_merge_from or subject.auto_merge_from
        if least is not None:
            text = f"A merge without a person's look takes pairs from a probability of {least:g} on."
            yield Sentence("auto_merge_from", text, shipped=rules.auto_merge_from is None)
        precision = rules.auto_merge_precision or subject.auto_merge_precision
        if precision is not None:
            text = f"It stops where fewer than {100 * precision:g} % of what it merges are expected to be the same."
            yield Sentence("auto_merge_precision", text, shipped=rules.auto_merge_precision is None)

    def survival(self) -> Iterator[Sentence]:
        """Which record and which values survive; nothing where nothing is merged."""
        if self.subject.is_file:
            return
        merge = self.rules.merge
        which = _SURVIVORS[merge.survivor or "most_complete"]
        yield Sentence("survivor", f"Of records that are the same {which} survives.", shipped=merge.survivor is None)
        for name, rule in merge.survive.items():
            text = f"Where {self._list([name])} differs, {_VALUES[rule]} survives."
            yield self._own("survive", text)
        text = "Every other field survives by the rule of the dictionary (crm schema show); of consent, the strictest."
        yield Sentence("survive", text)
        if merge.trusted_sources:
            names = " before ".join(merge.trusted_sources)
            yield self._own("trusted_sources", f"Sources are trusted in this order: {names}, before all others.")
        if merge.max_cluster is not None:
            text = f"More than {merge.max_cluster} {self.subject.plural} are not merged into one."
            yield self._own("max_cluster", text)
        if merge.max_merge_share is not None:
            text = f"Nothing is merged where more than {100 * merge.max_merge_share:g} % would be merged away."
            yield self._own("max_merge_share", text)

    def _own(self, key: str, says: str) -> Sentence:
        return Sentence(key, says, shipped=False)

    def _differing(self, names: Sequence[str]) -> str:
        verb = "differs" if len(names) == 1 else "both differ" if len(names) == 2 else "all differ"
        return f"{self.two} whose {self._list(names)} {verb}"

    def _apart(self, rule: NeverRule) -> str:
        if not rule.same:
            return self._differing(rule.differ)
        return f"{self.two} with the same {self._list(rule.same)}, but another {self._list(rule.differ)},"

    def _part(self, word: str) -> str:
        column, _, part = word.strip().partition(":")
        return f"{self.subject.words(column)} ({part})" if part else self.subject.words(column)

    def _list(self, names: Sequence[str]) -> str:
        words = [self.subject.words(name) for name in names]
        return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _because(rule: NeverRule) -> str:
    return f": {rule.because}" if rule.because else ", whatever else agrees"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word.replace('_', ' ')}"
