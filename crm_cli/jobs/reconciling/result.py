"""What a reconciliation found: counts, fields, sums, and the rows and records of each section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from crm_cli.dictionary import Entity, shown
from crm_cli.errors import ExitCode
from crm_cli.importers.mapping import EXTRA
from crm_cli.jobs.reconciling.comparing import FieldCount, FieldSum
from crm_cli.jobs.reconciling.fields import ComparedField
from crm_cli.jobs.reconciling.keys import Key
from crm_cli.jobs.reconciling.ledger import Ledger, Section
from crm_cli.jobs.reconciling.said import decoded
from crm_cli.jobs.reconciling.sources import OtherSide

__all__ = ["FINDINGS", "Difference", "Filled", "Part", "Reconciliation", "Whole"]

_BETWEEN = "; "  # between the values of a whole row in one cell


@dataclass
class Filled:
    """What was filled: the operation to undo it by, how many records changed, and how many values they took.

    `left` values stay blank: a person had cleared the field, or deleted the address, or another record has what must be
    unique.
    """

    operation_id: int = 0
    records: int = 0
    values: int = 0
    left: int = 0
    dry_run: bool = False


class Part(StrEnum):
    """The parts of a result, in the order in which they are shown."""

    MISSING_HERE = "missing-here"
    MISSING_THERE = "missing-there"
    DIFFERING = "differing"
    AMBIGUOUS = "ambiguous"
    BLANK_KEY = "blank-key"
    FAULTY = "faulty"
    SAME = "same"


FINDINGS = tuple(part for part in Part if part is not Part.SAME)


class Difference(NamedTuple):
    """A field in which a record and its row differ: `kind` is differing, blank-here or blank-there."""

    key: str
    record: int
    row: str
    field: str
    kind: str
    here: str | None
    there: str | None
    note: str


class Whole(NamedTuple):
    """A row of the source or a record here as a whole: the other of `row` and `record` is None, unless they match."""

    status: str
    key: str
    record: int | None
    row: str | None
    note: str
    values: list[str | None]


@dataclass(frozen=True)
class Reconciliation:
    """The result. What is large stays in the ledger and is read as it is asked for, while the result is open."""

    entity: Entity
    other: OtherSide
    key: Key
    fields: Sequence[ComparedField]
    ledger: Ledger
    counts: list[FieldCount]
    sums: list[FieldSum]
    key_was_chosen: bool = False
    where: str | None = None
    here: Mapping[str, int] = field(default_factory=dict)
    there: Mapping[str, int] = field(default_factory=dict)

    @property
    def summary(self) -> list[dict[str, Any]]:
        """A row a status: how many rows of the source and how many records here; the last is what they sum up to."""
        same, differing = self.there.get("same", 0), self.there.get("differing", 0)
        rows: list[dict[str, Any]] = [
            {"status": "same", "there": same, "here": same},
            {"status": "differing", "there": differing, "here": differing},
            {"status": "missing here", "there": self.there.get("missing-here", 0), "here": None},
            {"status": "missing there", "there": None, "here": self.here.get("missing-there", 0)},
            {"status": "ambiguous key", "there": self.there.get("ambiguous", 0), "here": self.here.get("ambiguous", 0)},
            {"status": "blank key", "there": self.there.get("blank-key", 0), "here": self.here.get("blank-key", 0)},
            {"status": "faulty", "there": self.there.get("faulty", 0), "here": None},
        ]
        if self.where is not None:
            rows.append({"status": "left out by --where", "there": self.there.get("outside", 0), "here": None})
        total = {"status": "all", "there": sum(self.there.values()), "here": sum(self.here.values())}
        return [*rows, total]

    @property
    def agrees(self) -> bool:
        """Whether both sides have the same records, which say the same."""
        return not any(self.count(part) for part in FINDINGS)

    @property
    def exit_code(self) -> ExitCode:
        """0 when both sides agree, else 3."""
        return ExitCode.DONE if self.agrees else ExitCode.FINDINGS

    @property
    def left_out(self) -> list[str]:
        """The columns of the source that no field was found for."""
        return [one.column for one in self.other.mapping.columns if one.target == EXTRA]

    @property
    def fillable(self) -> tuple[int, int]:
        """How many records, and how many of their values, are blank here and can be filled from the source."""
        return self.ledger.count_fills()

    def exit_code_after(self, filled: Filled | None) -> ExitCode:
        """The exit code once blanks were filled: 0 where nothing else differed."""
        others = any(self.count(part) for part in FINDINGS if part is not Part.DIFFERING)
        if filled is None or filled.dry_run or filled.left or others:
            return self.exit_code
        return ExitCode.FINDINGS if self.ledger.count_differences() > filled.values else ExitCode.DONE

    def count(self, part: Part) -> int:
        """Return how many rows, and records that no row names, a part has."""
        one_side = {Part.MISSING_HERE, Part.DIFFERING, Part.FAULTY, Part.SAME}
        return self.there.get(part, 0) + (0 if part in one_side else self.here.get(part, 0))

    def differences(self, limit: int | None = None) -> Iterator[Difference]:
        """Yield the differences of matched records, in the order of the source."""
        return self._differences(limit, fills=False)

    def fills(self, limit: int | None = None) -> Iterator[Difference]:
        """Yield the differences that can be filled, in the order of the source."""
        return self._differences(limit, fills=True)

    def _differences(self, limit: int | None, *, fills: bool) -> Iterator[Difference]:
        for key, record, row, place, kind, (here, there, note) in self.ledger.differences(limit, fills=fills):
            one = self.fields[place]
            yield Difference(_joined(key), record, row, one.name, kind, shown(one, here), there, note)

    def wholes(self, part: Part, limit: int | None = None) -> Iterator[Whole]:
        """Yield the rows, then the records, of a part."""
        left = limit
        if part is not Part.MISSING_THERE:
            for section in self.ledger.rows(part, left):
                yield self._whole(section)
                left = None if left is None else left - 1
        if part in (Part.MISSING_THERE, Part.AMBIGUOUS, Part.BLANK_KEY):
            yield from map(self._whole, self.ledger.records(part, left))

    def _whole(self, section: Section) -> Whole:
        said = decoded(section.said)[: len(self.fields)]
        values = [one.shown for one in said]
        key = section.key
        if section.place is None:  # a record of ours; a row is what the user's own file says
            values = [shown(one, value) for one, value in zip(self.fields, values, strict=True)]
            key = self.key.shown(key, ids_masked=bool(self.entity.masked))
        return Whole(section.status, _joined(key), section.id, section.place, section.fault or "", values)

    def in_words(self, whole: Whole) -> str:
        """Return the values of a row or record as one text, each with the name of its field."""
        named = zip(self.fields, whole.values, strict=True)
        return _BETWEEN.join(f"{one.name}: {value}" for one, value in named if value is not None)


def _joined(key: Sequence[str | None] | None) -> str:
    return ", ".join(part or "" for part in key or ())
