"""Ranking: from the postings of each word to the records that fit best, on arrays of numbers (imported when needed)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from crm_cli.query.postings import ALPHABET, BLOCK
from crm_cli.store import in_chunks

__all__ = ["Fit", "Key", "Numbers", "all_words", "best", "read_postings"]

Key = tuple[str, int]
Numbers = dict[str, npt.NDArray[np.int64]]  # by entity, the records
_ROWS = 10_000  # of postings that one question reads: what a short beginning stands for is cut there
_VALUES = np.zeros(128, dtype=np.int64)
_VALUES[np.frombuffer(ALPHABET.encode(), dtype=np.uint8)] = np.arange(len(ALPHABET))


@dataclass
class Fit:
    """The records that a word stands for: how well they fit, with the records, the best first."""

    tiers: list[tuple[float, Numbers]] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How much the word counts: the less, the more records have it (by the best tier that has any)."""
        counts = (sum(map(len, numbers.values())) for _, numbers in self.tiers)
        return 1 / math.log2(2 + next((count for count in counts if count), 0))

    def records(self, entity: str) -> npt.NDArray[np.int64]:
        """The records of an entity, each once, in order."""
        return _united([numbers[entity] for _, numbers in self.tiers if entity in numbers])

    @property
    def entities(self) -> set[str]:
        """The entities that have records."""
        return {name for _, numbers in self.tiers for name in numbers}


def read_postings(
    connection: sa.Connection, table: sa.Table, condition: Sequence[sa.ColumnElement[bool]], names: Iterable[str]
) -> Numbers:
    """Return the records of the tokens that the condition means, of the entities named (of all when none is).

    At most 10 000 rows are read, in the order of the tokens.
    """
    query = sa.select(table.c.entity, table.c.block, table.c.records).where(*condition)
    if wanted := list(names):
        query = query.where(table.c.entity.in_(wanted))
    rows: dict[str, tuple[list[int], list[str]]] = {}
    ordered = query.order_by(table.c.token, table.c.entity, table.c.block).limit(_ROWS)
    for entity, block, records in connection.execute(ordered).all():
        blocks, texts = rows.setdefault(entity, ([], []))
        blocks.append(block)
        texts.append(records)
    return {entity: _united([_decoded(*found)]) for entity, found in rows.items()}


def read_tokens(connection: sa.Connection, table: sa.Table, tokens: Iterable[str], names: Sequence[str]) -> Numbers:
    """Return the records that have any of these tokens."""
    parts = [read_postings(connection, table, [table.c.token.in_(one)], names) for one in in_chunks(sorted(tokens))]
    entities = {name for part in parts for name in part}
    return {name: _united([part[name] for part in parts if name in part]) for name in entities}


def _decoded(blocks: Sequence[int], texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the numbers of the records in these rows."""
    values = _VALUES[np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8)]
    counts = np.fromiter((len(text) // 2 for text in texts), dtype=np.int64, count=len(texts))
    starts = np.asarray(blocks, dtype=np.int64) * BLOCK
    return np.repeat(starts, counts) + values[0::2] * len(ALPHABET) + values[1::2]


def _united(parts: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Return the numbers that stand in any part, each once, in order; by marks: sorting takes far longer."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return np.zeros(0, dtype=np.int64)
    if len(filled) == 1 and bool((filled[0][1:] > filled[0][:-1]).all()):
        return filled[0]  # of one token: in order already
    marks = np.zeros(max(int(part.max()) for part in filled) + 1, dtype=bool)
    for part in filled:
        marks[part] = True
    return np.flatnonzero(marks)


def all_words(fits: Sequence[Fit]) -> int:
    """Return how many records have all the words."""
    count = 0
    for entity in set.intersection(*(fit.entities for fit in fits)) if fits else ():
        common = sorted((fit.records(entity) for fit in fits), key=len)
        while len(common) > 1 and len(common[0]):
            common[:2] = [_both(common[0], common[1])]
        count += len(common[0])
    return count


def _both(few: npt.NDArray[np.int64], many: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return what stands in both of two ordered arrays."""
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return few[many[places] == few] if len(many) else few[:0]


def best(fits: Sequence[Fit], places: Mapping[str, int], limit: int) -> list[tuple[Key, float]]:
    """Return the records that fit best with their score, the best first.

    The more words the better; then by score, then in the order of the entities (`places`) and numbers.
    """
    found = [(entity, *_scored(fits, entity, limit)) for entity in {name for fit in fits for name in fit.entities}]
    rows = [
        (-int(words), -float(score), places[entity], int(number), entity)
        for entity, numbers, matched, scores in found
        for number, words, score in zip(numbers, matched, scores, strict=True)
    ]
    return [((entity, number), -score) for _, score, _, number, entity in sorted(rows)[:limit]]


def _scored(
    fits: Sequence[Fit], entity: str, limit: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the best records of an entity: numbers, how many words each has, and their scores."""
    records = [fit.records(entity) for fit in fits]
    last = max((int(numbers[-1]) for numbers in records if len(numbers)), default=-1)
    matched, scores = np.zeros(last + 1, dtype=np.int64), np.zeros(last + 1)
    for fit, numbers in zip(fits, records, strict=True):
        quality = np.zeros(last + 1)
        for one, tier in reversed(fit.tiers):
            quality[tier.get(entity, numbers[:0])] = one
        matched[numbers] += 1
        scores[numbers] += quality[numbers] * fit.weight
    numbers = np.flatnonzero(matched)
    numbers = _first(numbers, matched[numbers], limit)
    numbers = numbers[np.lexsort((numbers, -scores[numbers], -matched[numbers]))[:limit]]
    return numbers, matched[numbers], scores[numbers]


def _first(numbers: npt.NDArray[np.int64], matched: npt.NDArray[np.int64], limit: int) -> npt.NDArray[np.int64]:
    """Leave out the records with so few words that there are enough with more."""
    enough = np.cumsum(np.bincount(matched)[::-1])[::-1] if len(matched) else matched
    least = max((words for words, count in enumerate(enough) if count >= limit), default=0)
    return numbers[matched >= least]
