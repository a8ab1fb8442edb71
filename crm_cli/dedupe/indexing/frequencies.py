"""How frequent values and words are among the many, kept under numbers, so that a few can be weighed like them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Ints
from crm_cli.dedupe.comparisons import Comparison
from crm_cli.dedupe.comparisons.organizations import OrganizationName, trigrams_of
from crm_cli.dedupe.encoding import Column, Population
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.indexing.hashing import hash_texts, signed, text_seed

__all__ = ["LEAST_KEPT", "Totals", "asked_terms", "frequencies_of", "population_of", "totals_of"]

LEAST_KEPT = 3  # a value that both of two records have occurs twice at least, so only more is worth keeping
_MOST_TRIGRAMS = 6_000

Totals = Mapping[str, Mapping[str, float]]


def frequencies_of(features: Features) -> tuple[Ints, Ints]:
    """Return (key, count) of every value and word that occurs three times or more; keys are int64."""
    keys, counts = [], []
    for comparison in features.comparisons:
        for texts, count, seed in _terms(comparison):
            often = np.flatnonzero(count >= LEAST_KEPT)
            keys.append(signed(hash_texts(texts.gather(pl.Series(often)), seed)))
            counts.append(count[often].astype(np.int64))
    if not keys:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found, first = np.unique(np.concatenate(keys), return_index=True)
    return found, np.concatenate(counts)[first]


def _terms(comparison: Comparison) -> Iterable[tuple[pl.Series, Ints, int]]:
    column = comparison.column
    if comparison.weighs_values:
        yield column.values, column.counts, _value_seed(comparison)
    if isinstance(comparison, OrganizationName):
        words, counts = _words(column, column.counts)
        yield words, counts, _word_seed(comparison)


def _words(column: Column, counts: Ints | None = None) -> tuple[pl.Series, Ints]:
    """The words of a column of names, and in how many records each is (without `counts`: in how many values)."""
    records = np.ones(len(column.values), np.int64) if counts is None else counts
    frame = pl.DataFrame({"word": column.values.str.split(" "), "records": records})
    flat = frame.with_row_index("value").explode("word").drop_nulls("word").unique(["value", "word"])
    found = flat.group_by("word").agg(pl.col("records").sum()).sort("word")
    return found["word"], found["records"].to_numpy()


def _value_seed(comparison: Comparison) -> int:
    return text_seed(f"value of {comparison.name}")


def _word_seed(comparison: Comparison) -> int:
    return text_seed(f"word of {comparison.name}")


def totals_of(features: Features) -> dict[str, dict[str, float]]:
    """What is kept of each comparison beside its frequencies: records with a value, repeat rate, different values."""
    return {
        each.name: {
            "total": each.column.total, "repeat_rate": each.repeat_rate, "values": len(each.column.values)
        }
        for each in features.comparisons
    }  # fmt: skip


def frequent_trigrams(features: Features) -> dict[str, dict[str, int]]:
    """For each column of names its most frequent trigrams (three bytes as one number) and in how many names each is."""
    kept = {}
    for comparison in features.comparisons:
        if isinstance(comparison, OrganizationName):
            _, terms, grams = trigrams_of(comparison.column.values)
            counts = np.bincount(terms, minlength=len(grams))
            most = np.argsort(-counts, kind="stable")[:_MOST_TRIGRAMS]
            kept[comparison.name] = {str(grams[each]): int(counts[each]) for each in most if counts[each] > 1}
    return kept


def asked_terms(features: Features) -> Ints:
    """Return the keys of all values and words whose frequency decides about pairs of these records."""
    keys = [np.zeros(0, np.int64)]
    for comparison in features.comparisons:
        column = comparison.column
        if comparison.weighs_values:
            twice = np.flatnonzero(np.bincount(column.codes[column.codes >= 0], minlength=len(column.values)) > 1)
            keys.append(signed(hash_texts(column.values.gather(pl.Series(twice)), _value_seed(comparison))))
        if isinstance(comparison, OrganizationName):
            keys.append(signed(hash_texts(_words(column)[0], _word_seed(comparison))))
    return np.unique(np.concatenate(keys))


def population_of(
    comparison: Comparison, known: Mapping[int, int], totals: Mapping[str, float], trigrams: Mapping[str, int]
) -> Population:
    """The population behind a column of a few records; `known` gives counts by the keys of `asked_terms`.

    A value that is not among the known counts as two records', a word as one's.
    """
    column = comparison.column
    keys = signed(hash_texts(column.values, _value_seed(comparison))).tolist() if comparison.weighs_values else []
    counts = np.array([known.get(key, 2) for key in keys] or [2] * len(column.values), np.int64)
    words: dict[str, int] = {}
    if isinstance(comparison, OrganizationName):
        texts = _words(column)[0]
        seen = signed(hash_texts(texts, _word_seed(comparison))).tolist()
        words = {text: known.get(key, 1) for text, key in zip(texts.to_list(), seen, strict=True)}
    return Population(
        total=int(totals["total"]), repeat_rate=float(totals["repeat_rate"]), counts=counts,
        values=int(totals["values"]), words=words, trigrams={int(gram): count for gram, count in trigrams.items()},
    )  # fmt: skip
