"""Names of organizations, and other texts of several words: words weighed by their rarity.

The similarity of two names is the larger of two cosines: over words weighed by inverse document frequency, where words
that are spelled alike count as equal (SoftTFIDF: Cohen, Ravikumar, Fienberg 2003), and over trigrams of letters.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Floats, Ints, Levels, sorted_distinct
from crm_cli.dedupe.comparisons.bags import Bags, bags_of
from crm_cli.dedupe.comparisons.base import Comparison, Grader
from crm_cli.dedupe.comparisons.spelling import Spelling
from crm_cli.dedupe.encoding import Column, codes_of, ranges
from crm_cli.dedupe.kinds import Kind

__all__ = ["OrganizationName", "SeveralWords", "trigrams_of"]

_ALIKE = 0.92  # words this similar are one word, spelled twice
_SHORTEST_ALIKE = 4
_FAINT = 0.35  # a smaller cosine of letters says nothing


class OrganizationName(Comparison):
    """Names of organizations, cleaned to words in alphabetical order."""

    kind = Kind.ORGANIZATION
    usual_chance = 0.001
    labels = (
        "different",
        "faintly similar",
        "somewhat similar",
        "similar, or an acronym",
        "one contains the other",
        "nearly the same words",
        "equal",
    )

    grades_dearly = True
    few_alone = False  # how rare a word is, all names tell together

    def grader(self, values: pl.Series) -> Grader:  # noqa: ARG002
        """See the levels in `labels`."""
        return _NameIndex(self.column).levels


class SeveralWords(OrganizationName):
    """Texts of several words whose meaning is unknown."""

    kind = Kind.WORDS
    labels = (
        "different",
        "faintly similar",
        "somewhat similar",
        "similar",
        "one contains the other",
        "nearly the same words",
        "equal",
    )


class _NameIndex:
    """Words and trigrams of all names of a column, and what else decides about two names."""

    def __init__(self, column: Column) -> None:
        self.values = column.values
        self.words, self.vocabulary = _word_bags(column)
        self._spelling = Spelling(self.vocabulary)
        self.trigrams = _trigram_bags(column)
        total = max(column.total, 1)
        self.rare = float(np.log1p(total / max(3.0, 0.005 * total))) ** 2
        found = self.values.str.extract_all(r"\b\d+\b").to_list()
        self.numbers = [{number.lstrip("0") for number in numbers} for numbers in found]
        self.numbered = np.array([bool(numbers) for numbers in self.numbers])
        count = np.diff(self.words.offsets)
        length = self.values.str.len_chars().to_numpy()
        self.acronym_like = (count == 1) & (length >= 2) & (length <= 5)

    def levels(self, a: Ints, b: Ints) -> Levels:
        """Levels of pairs of different names."""
        shared, keys = self.words.shared(a, b)
        shared = shared + self._spelled_alike(a, b, keys)
        left, right = self.words.norms[a], self.words.norms[b]
        cosine = shared / np.sqrt(np.maximum(left * right, 1e-9))
        contained = shared / np.maximum(np.minimum(left, right), 1e-9)
        similarity = np.maximum(cosine, self.trigrams.cosines(a, b, _FAINT))
        level = np.ones(len(a), np.uint8)
        level[(similarity >= _FAINT) | (contained >= 0.6)] = 2
        level[similarity >= 0.55] = 3
        level[similarity >= 0.75] = 4
        level[(contained >= 0.97) & (shared >= self.rare) & (similarity < 0.9)] = 5
        level[similarity >= 0.9] = 6
        self._raise_acronyms(level, a, b)
        self._lower_other_numbers(level, a, b)
        return level

    def _spelled_alike(self, a: Ints, b: Ints, shared_keys: Ints) -> Floats:
        """Mass of words that are not shared but spelled alike, each word of the left name at most once."""
        extra = np.zeros(len(a))
        left, right = self._unshared(a, shared_keys), self._unshared(b, shared_keys)
        pairs = _joined(left, right, len(a))
        if not len(pairs[0]):
            return extra
        place, x, y = pairs
        near = self._spelling.jaro_winkler(x, y, _ALIKE) >= _ALIKE
        place, x, y = place[near], x[near], y[near]
        first = np.unique(place * len(self.vocabulary) + x, return_index=True)[1]
        mass = np.sqrt(self.words.mass[x[first]] * self.words.mass[y[first]])
        np.add.at(extra, place[first], mass)
        return np.minimum(extra, np.minimum(self.words.norms[a], self.words.norms[b]))

    def _unshared(self, values: Ints, shared_keys: Ints) -> tuple[Ints, Ints]:
        """(place, word) of the long enough words without digits that are not among `shared_keys`."""
        place, word = self.words.entries(values)
        fit = self._spellable[word]
        place, word = place[fit], word[fit]
        keys = place.astype(np.int64) * len(self.words.mass) + word
        spot = np.searchsorted(shared_keys, keys)
        alone = (
            np.ones(len(keys), np.bool_)
            if not len(shared_keys)
            else shared_keys[np.minimum(spot, len(shared_keys) - 1)] != keys
        )
        return place[alone], word[alone]

    @cached_property
    def _spellable(self) -> Bools:
        texts = self.vocabulary
        return ((texts.str.len_chars() >= _SHORTEST_ALIKE) & ~texts.str.contains(r"\d")).to_numpy()

    def _raise_acronyms(self, level: Levels, a: Ints, b: Ints) -> None:
        """`ap` and `ashcroft plastics`; `blackw` is not, `bla` and `blackwell` is."""
        candidates = np.flatnonzero((self.acronym_like[a] != self.acronym_like[b]) & (level < 4))
        for k in candidates:
            short, long = (a[k], b[k]) if self.acronym_like[a[k]] else (b[k], a[k])
            letters, words = str(self.values[int(short)]), str(self.values[int(long)]).split(" ")
            initials = len(words) > 1 and sorted(letters) == sorted(word[0] for word in words)
            if initials or (len(letters) >= 3 and any(word.startswith(letters) for word in words)):
                level[k] = 4

    def _lower_other_numbers(self, level: Levels, a: Ints, b: Ints) -> None:
        """School 12 is not School 13, however alike the rest."""
        for k in np.flatnonzero(self.numbered[a] & self.numbered[b] & (level > 2)):
            if not self.numbers[a[k]] & self.numbers[b[k]]:
                level[k] = 2


def _joined(left: tuple[Ints, Ints], right: tuple[Ints, Ints], size: int) -> tuple[Ints, Ints, Ints]:
    """Every (place, left word, right word) where both sides have words at the same place; places ascend in both."""
    counts = np.bincount(right[0], minlength=size)
    starts = np.cumsum(counts) - counts
    repeat = counts[left[0]]
    return np.repeat(left[0], repeat), np.repeat(left[1], repeat), right[1][ranges(starts[left[0]], repeat)]


def _word_bags(column: Column) -> tuple[Bags, pl.Series]:
    """Words of each value with the mass idf², idf = log(1 + N / n), counted in records."""
    frame = pl.DataFrame({"value": np.arange(len(column.values)), "word": column.values.str.split(" ")})
    flat = frame.explode("word", empty_as_null=True).drop_nulls().unique(maintain_order=True)
    vocabulary, terms = codes_of(flat["word"])
    value = flat["value"].to_numpy()
    counts = _word_counts(column, vocabulary, terms, value)
    mass = np.log1p(max(column.total, 1) / np.maximum(counts, 1)) ** 2
    return bags_of(value, terms, len(column.values), mass), vocabulary


def _word_counts(column: Column, vocabulary: pl.Series, terms: Ints, value: Ints) -> Floats:
    """In how many records each word occurs: in these, or in the population that they are a part of."""
    if column.population is None:
        return np.bincount(terms, weights=column.counts[value], minlength=len(vocabulary)).astype(float)
    words = column.population.words
    return np.array([words.get(word, 1) for word in vocabulary.to_list()], float)


def _trigram_bags(column: Column) -> Bags:
    """Trigrams (of bytes, blanks around) of each value with the mass idf², counted in distinct values."""
    value, terms, grams = trigrams_of(column.values)
    if column.population is None:
        size, counts = len(column.values), np.bincount(terms, minlength=max(len(grams), 1))
    else:
        size, known = column.population.values, column.population.trigrams
        counts = np.array([known.get(gram, 1) for gram in grams.tolist()] or [1])
    return bags_of(value, terms, len(column.values), np.log1p(size / np.maximum(counts, 1)) ** 2)


def trigrams_of(values: pl.Series) -> tuple[Ints, Ints, Ints]:
    """(value, number of the trigram) of every trigram of every value, each once, and the trigrams as numbers."""
    padded = pl.select(" " + pl.lit(values) + " \n").to_series()
    data = np.frombuffer("".join(padded.to_list()).encode(), np.uint8).astype(np.int64)
    lengths = padded.str.len_bytes().to_numpy().astype(np.int64)
    value = np.repeat(np.arange(len(values)), lengths)[:-2] if len(data) > 2 else np.zeros(0, np.int64)
    grams = (data[:-2] << 16) | (data[1:-1] << 8) | data[2:]
    inside = (data[:-2] != 10) & (data[1:-1] != 10) & (data[2:] != 10)
    found, terms = np.unique(grams[inside], return_inverse=True)
    width = max(len(found), 1)
    keys = sorted_distinct(value[inside] * width + terms)
    return keys // width, keys % width, found
