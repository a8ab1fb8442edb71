"""64-bit hashes of texts that are the same on every machine and in every version, computed for whole columns."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from crm_cli.dedupe.arrays import Ints

__all__ = ["Hashes", "hash_texts", "mixed", "signed", "text_seed"]

Hashes: TypeAlias = npt.NDArray[np.uint64]

# A polynomial over the bytes modulo 2**64 (Karp, Rabin 1987), with the multiplier of Knuth's MMIX generator (TAOCP 2,
# 3.3.4), then the finalizer of SplitMix64 (Steele, Lea, Flood 2014), which spreads its weak low bits. Two texts that
# collide cost a comparison more and nothing else.
_MULTIPLIER = np.uint64(6364136223846793005)
_STEPS = ((30, np.uint64(0xBF58476D1CE4E5B9)), (27, np.uint64(0x94D049BB133111EB)))
_LAST_SHIFT = np.uint64(31)


def hash_texts(texts: pl.Series, seed: int) -> Hashes:
    """Return a hash of each text of a Series of String without nulls; another `seed`, other hashes."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    data = np.frombuffer("".join(texts.to_list()).encode("utf-8"), np.uint8)
    starts = np.cumsum(lengths) - lengths
    place = np.arange(len(data)) - np.repeat(starts, lengths)
    powers = np.cumprod(np.full(max(int(lengths.max(initial=0)), 1), _MULTIPLIER, np.uint64))
    terms = (data.astype(np.uint64) + np.uint64(1)) * powers[place]
    sums = np.zeros(len(texts), np.uint64)
    filled = np.flatnonzero(lengths)
    if len(filled):
        sums[filled] = np.add.reduceat(terms, starts[filled])
    return mixed(sums + np.uint64(seed))


def mixed(hashes: Hashes) -> Hashes:
    """Spread every bit over all others."""
    for shift, factor in _STEPS:
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * factor
    return np.asarray(hashes ^ (hashes >> _LAST_SHIFT), np.uint64)


def text_seed(text: str) -> int:
    """A seed for what is called `text`."""
    return int(hash_texts(pl.Series([text], dtype=pl.String), 1)[0])


def signed(hashes: Hashes) -> Ints:
    """The hashes as int64, which databases hold."""
    return np.asarray(hashes.view(np.int64))
