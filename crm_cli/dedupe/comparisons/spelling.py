"""Compare the spelling of many pairs of texts, and read none of those that cannot be alike.

Of each text its letters are counted into a signature of 64 bits: 32 letters (those whose codes are equal modulo 32
count as one), one bit for "once", one for "twice or more". Two signatures tell at most how many letters two texts have
in common, and so a bound of their similarity, from numbers alone; only pairs whose bound reaches the cutoff are read.
Unrelated texts are nearly never among them. The bounds are exact: the result is that of comparing every pair.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from crm_cli.dedupe.arrays import Floats, Ints, Objects

__all__ = ["Spelling"]

_LETTERS = 32
_PREFIX = 4  # letters at the start that Jaro-Winkler gives a bonus for
_BONUS = np.float32(0.1)  # for each of them (Winkler 1990)
_CHUNK = 10_000  # texts whose letters are counted at once
_SLACK = np.float32(1e-4)  # of single precision


class Spelling:
    """The spelling of texts; a pair is given by two places in `texts`."""

    def __init__(self, texts: pl.Series) -> None:
        self._texts = texts
        parts = [_Signatures.of(texts.slice(start, _CHUNK)) for start in range(0, max(len(texts), 1), _CHUNK)]
        self._signatures = _Signatures.joined(parts)

    def jaro_winkler(self, a: Ints, b: Ints, cutoff: float) -> Floats:
        """Jaro-Winkler similarity of each pair; below `cutoff` 0."""
        found = np.zeros(len(a), np.float32)
        near = np.flatnonzero(self._signatures.most_alike(a, b) >= np.float32(cutoff) - _SLACK)
        left, right = self._read(a[near], b[near])
        found[near] = process.cpdist(
            left, right, scorer=JaroWinkler.similarity, dtype=np.float32, score_cutoff=cutoff
        )  # fmt: skip
        return found

    def edits(self, a: Ints, b: Ints, cutoff: int) -> Ints:
        """Optimal string alignment distance of each pair; above `cutoff` a larger number."""
        found = np.full(len(a), cutoff + 1, np.int32)
        near = np.flatnonzero(self._signatures.fewest_edits(a, b) <= cutoff)
        left, right = self._read(a[near], b[near])
        found[near] = process.cpdist(left, right, scorer=OSA.distance, dtype=np.int32, score_cutoff=cutoff)
        return found

    def _read(self, a: Ints, b: Ints) -> tuple[Objects, Objects]:
        """The texts of each pair: fresh copies of those that are asked for, unless that is most of them."""
        if len(a) > len(self._texts):
            texts = self._texts.to_numpy()
            return texts[a], texts[b]
        both = self._texts.gather(pl.Series(np.concatenate((a, b)))).to_numpy()
        return both[: len(a)], both[len(a) :]


class _Signatures:
    """`letters`: the signature, `lengths` at least 1, `further`: letters without a bit, `starts`: the first four."""

    def __init__(
        self, letters: npt.NDArray[np.uint64], lengths: npt.NDArray[np.uint16], further: npt.NDArray[np.uint16],
        starts: npt.NDArray[np.uint32],
    ) -> None:  # fmt: skip
        self.letters, self.lengths, self.further, self.starts = letters, lengths, further, starts

    @classmethod
    def of(cls, texts: pl.Series) -> _Signatures:
        filled = texts.fill_null("").str.head(np.iinfo(np.uint16).max)
        lengths = filled.str.len_chars().to_numpy().astype(np.int64)
        codes = np.frombuffer("".join(filled.to_list()).encode("utf-32-le"), np.uint32)
        place = np.repeat(np.arange(0, len(lengths) * _LETTERS, _LETTERS), lengths)
        place += (codes % _LETTERS).astype(np.int64)
        counts = np.bincount(place, minlength=len(lengths) * _LETTERS).reshape(-1, _LETTERS)
        bits = np.packbits(np.concatenate((counts >= 1, counts >= 2), axis=1), axis=1).view(np.uint64).ravel()
        # An empty text has one letter that no bit stands for: two of them are equal.
        lengths_seen = np.maximum(lengths, 1)
        further = lengths_seen - np.bitwise_count(bits)
        return cls(bits, lengths_seen.astype(np.uint16), further.astype(np.uint16), _starts(codes, lengths))

    @classmethod
    def joined(cls, parts: list[_Signatures]) -> _Signatures:
        if len(parts) == 1:
            return parts[0]
        return cls(
            np.concatenate([part.letters for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.further for part in parts]),
            np.concatenate([part.starts for part in parts]),
        )

    def most_common(self, a: Ints, b: Ints) -> npt.NDArray[np.uint16]:
        """At most so many letters two texts have in common, wherever they stand."""
        letters = np.bitwise_count(self.letters[a] & self.letters[b])
        return np.asarray(np.minimum(self.further[a], self.further[b]) + letters)

    def most_alike(self, a: Ints, b: Ints) -> Floats:
        """At most so high is the Jaro-Winkler similarity: as if all common letters stood in place."""
        common = self.most_common(a, b).astype(np.float32)
        jaro = (common / self.lengths[a] + common / self.lengths[b] + np.float32(1)) / np.float32(3)
        differing = self.starts[a] ^ self.starts[b]
        bonus = np.zeros(len(a), np.float32)
        for letters in range(1, _PREFIX + 1):
            bonus += np.where(differing << np.uint32(8 * (_PREFIX - letters)) == 0, _BONUS, np.float32(0))
        return np.asarray(jaro + bonus * np.maximum(np.float32(1) - jaro, np.float32(0)))

    def fewest_edits(self, a: Ints, b: Ints) -> Ints:
        """At least so many edits lie between two texts: the letters of the longer one that are not common."""
        longer = np.maximum(self.lengths[a], self.lengths[b]).astype(np.int32)
        return np.asarray(longer - self.most_common(a, b))


def _starts(codes: npt.NDArray[np.uint32], lengths: Ints) -> npt.NDArray[np.uint32]:
    """The first four letters of each text, the first in the lowest byte; letters that agree agree here, too."""
    begin = np.cumsum(lengths) - lengths
    padded = np.append(codes, np.uint32(0))
    starts = np.zeros(len(lengths), np.uint32)
    for letter in range(_PREFIX):
        has = lengths > letter
        code = np.where(has, padded[np.where(has, begin + letter, len(codes))], 0)
        starts |= (code & np.uint32(255)).astype(np.uint32) << np.uint32(8 * letter)
    return starts
