"""What a search for duplicates gives back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from crm_cli.dedupe.arrays import Floats, Ints, Levels
from crm_cli.dedupe.learning import Learning
from crm_cli.dedupe.overrides import Overrides, Ruling
from crm_cli.dedupe.plan import PlannedColumn
from crm_cli.dedupe.scoring import Scorer
from crm_cli.dedupe.searching.candidates import OversizeBlocks
from crm_cli.dedupe.verdicts import CLASS_NAMES, Verdict, verdict_of

__all__ = ["MatchPart", "MatchResult", "MatchSummary", "PairTable"]


@dataclass(frozen=True, eq=False)
class PairTable:
    """Scored pairs, the most probable first.

    `left` and `right` are record numbers (int32, left smaller), `probability` that of being the same (float32),
    `classes` that of match, unrelated, first and second related class (float32, one row a pair), `verdicts` codes.
    """

    left: Ints
    right: Ints
    probability: Floats
    classes: Floats
    verdicts: Levels

    def __len__(self) -> int:
        return len(self.left)

    def verdict(self, number: int) -> Verdict:
        """The verdict on one pair."""
        return verdict_of(int(self.verdicts[number]))

    def count(self, verdict: Verdict) -> int:
        """How many pairs have a verdict."""
        return int((self.verdicts == list(Verdict).index(verdict)).sum())


@dataclass(frozen=True)
class MatchSummary:
    """What was done and what came out, in figures and words; JSON-serializable by `to_json`.

    Estimated precision and recall come from the model's own probabilities: an estimate, not a measurement. `learning`:
    what answers taught, None where there were none.
    """

    records: int
    columns: tuple[PlannedColumn, ...]
    rules: tuple[str, ...] = ()
    candidates: int = 0
    oversize: tuple[OversizeBlocks, ...] = ()
    clusters: int = 0  # of two records or more
    duplicates: int = 0  # records that are not the first of their cluster
    largest_clusters: tuple[tuple[int, int], ...] = ()  # (smallest record, size)
    estimated_precision: float = 1.0
    estimated_recall: float = 1.0
    verdicts: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    supports_automatic_merge: bool = True
    seconds: dict[str, float] = field(default_factory=dict)
    learning: Learning | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON-serializable form."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class MatchPart:
    """The records (ascending) of one kind in a table that holds several, and their result, numbered within them."""

    kind: str
    records: Ints
    result: MatchResult

    def number_of(self, record: int) -> int | None:
        """The number of a record of the table within the part; None where it is of another."""
        place = int(np.searchsorted(self.records, record))
        return place if place < len(self.records) and self.records[place] == record else None


@dataclass(frozen=True, eq=False)
class MatchResult:
    """`clusters[r]`: the smallest record of r's cluster; `membership[r]`: how sure r belongs there (1 alone).

    `questions`: the places of the pairs whose answers would teach most, as many as the settings asked for.
    Where persons and organizations were matched apart, `parts` holds the result of each, and there is no one scorer.
    """

    clusters: Ints
    membership: Floats
    pairs: PairTable
    summary: MatchSummary
    scorer: Scorer | None = None  # to explain further pairs; None where there was nothing to compare
    overrides: Overrides | None = None
    questions: tuple[int, ...] = ()
    parts: tuple[MatchPart, ...] = ()

    def class_names(self, record: int) -> tuple[str, ...]:
        """The names of the classes of pairs that a record is in; none where nothing was compared."""
        for part in self.parts:
            if (number := part.number_of(record)) is not None:
                return part.result.class_names(number)
        return CLASS_NAMES[self.scorer.features.of_persons] if self.scorer else ()

    def ruling(self, i: int, j: int) -> Ruling | None:
        """What a rule or a decision says about two records, whatever the comparisons say; None: nothing."""
        return None if self.overrides is None else self.overrides.ruling(i, j)

    def rulings(self) -> list[Ruling | None]:
        """What rules and decisions say about each of `pairs`."""
        found: list[Ruling | None] = [None] * len(self.pairs)
        return found if self.overrides is None else self.overrides.rulings(self.pairs.left, self.pairs.right)

    @property
    def ruled(self) -> list[tuple[int, int]]:
        """Pairs of records that rules make the same, enough to hold each group of them together."""
        if self.overrides is None:
            return []
        i, j = self.overrides.ruled
        return list(zip(i.tolist(), j.tolist(), strict=True))

    @property
    def model(self) -> dict[str, Any] | None:
        """The trained model in its JSON form, that of each part where there are parts; None where none was needed."""
        if self.parts:
            return {"parts": {part.kind: part.result.model for part in self.parts}}
        return None if self.scorer is None else self.scorer.model.to_json()

    def cluster_sizes(self) -> Ints:
        """The size of each record's cluster."""
        return np.bincount(self.clusters, minlength=len(self.clusters))[self.clusters]
