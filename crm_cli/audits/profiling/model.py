"""What a profile says: of a table, of a column, and what is worth a look. Plain data, the same for every form of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from crm_cli.dictionary.recognition import Role

__all__ = [
    "Bin",
    "ColumnProfile",
    "Counted",
    "DataType",
    "DateSummary",
    "DuplicateHint",
    "Finding",
    "Lengths",
    "NumberSummary",
    "PatternCount",
    "Problem",
    "TableProfile",
]


class DataType(StrEnum):
    """What the values of a column are written as, whatever they mean."""

    EMPTY = "empty"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    MIXED = "mixed"  # none of the others has 95 % of the values


class Problem(StrEnum):
    """What is worth a look in a column. The names are part of the JSON document: they stay."""

    EMPTY = "empty"
    CONSTANT = "constant"
    COPY = "copy"
    NEAR_KEY = "near_key"
    OTHER_TYPE = "other_type"
    OUTLIER = "outlier"
    RARE_PATTERN = "rare_pattern"
    FUTURE_DATE = "future_date"
    EARLY_DATE = "early_date"
    MIXED_ORDER = "mixed_order"
    OPEN_ORDER = "open_order"
    SPELLING = "spelling"
    PLACEHOLDER = "placeholder"
    BLANKS = "blanks"
    CONTROL = "control"
    MOJIBAKE = "mojibake"
    LOST_CHARACTER = "lost_character"
    HTML = "html"
    FLOATED = "floated"
    LOST_ZEROS = "lost_zeros"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Counted:
    """A value and how often it stands there."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class PatternCount:
    """A pattern (letters are `a`, digits `9`), how many values have it, and one of them."""

    pattern: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a histogram: from `start` up to, but without, `end` (the last one with it)."""

    start: str
    end: str
    count: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many characters the filled values have."""

    shortest: int
    mean: float
    longest: int


@dataclass(frozen=True, slots=True)
class NumberSummary:
    """The numbers of a column. `exact` is False when the quartiles are those of a random sample of the rows.

    `fences` are Tukey's (quartile ∓ 1.5 × interquartile range); None where numbers are names, such as postal codes.
    """

    count: int
    minimum: float
    maximum: float
    mean: float
    lower_quartile: float
    median: float
    upper_quartile: float
    fences: tuple[float, float] | None
    exact: bool
    histogram: list[Bin]


@dataclass(frozen=True, slots=True)
class DateSummary:
    """The dates of a column: ISO 8601. `order` is how day and month stand ("dmy", "mdy", "ymd"), None if not certain.

    `open` counts values whose day and month cannot be told apart.
    """

    count: int
    earliest: str
    latest: str
    median: str
    order: str | None
    open: int
    histogram: list[Bin]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth a look: what, in how many cells, some of them, and what to do."""

    problem: Problem
    message: str
    count: int
    examples: list[Counted] = field(default_factory=list)
    next: str = ""


@dataclass
class ColumnProfile:
    """What one column holds.

    `distinct_error` is the relative standard error of `distinct`, 0 where it was counted. `top_error` is how many times
    a value of `top` may stand there beyond its count, 0 where all were counted. `repeated` lists the values that keep
    the column from being a key.
    """

    name: str
    role: Role = Role.UNKNOWN
    why: str = ""
    type: DataType = DataType.EMPTY
    shares: dict[str, float] = field(default_factory=dict)
    filled: int = 0
    distinct: int = 0
    distinct_error: float = 0.0
    is_key: bool = False
    repeated: list[Counted] = field(default_factory=list)
    lengths: Lengths | None = None
    numbers: NumberSummary | None = None
    dates: DateSummary | None = None
    top: list[Counted] = field(default_factory=list)
    top_error: int = 0
    patterns: list[PatternCount] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    masked: bool = False


@dataclass(frozen=True, slots=True)
class DuplicateHint:
    """Rows that repeat others: by what, how many, some of what they share, and the command that goes further.

    `error` is the relative standard error of `rows`, 0 where they were counted.
    """

    by: tuple[str, ...]
    rows: int
    error: float
    examples: list[Counted]
    next: str = ""


@dataclass
class TableProfile:
    """What a table holds. `pair_keys` are asked for only where no column is a key, in the first `pair_rows` rows."""

    name: str
    rows: int
    repeated_rows: int
    repeated_error: float
    columns: list[ColumnProfile]
    pair_keys: list[tuple[str, str]] = field(default_factory=list)
    pair_rows: int = 0
    duplicates: list[DuplicateHint] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The columns that tell every row from every other."""
        return [column.name for column in self.columns if column.is_key]
