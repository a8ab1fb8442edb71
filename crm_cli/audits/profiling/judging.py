"""From what was counted of a column to what is said of it: its type, its figures, and what is worth a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from crm_cli.audits.profiling import kinds
from crm_cli.audits.profiling.column import ColumnStream
from crm_cli.audits.profiling.dates import Dates, dates_of
from crm_cli.audits.profiling.keys import NO_KEY_PART, is_key, is_near_key
from crm_cli.audits.profiling.model import (
    ColumnProfile,
    Counted,
    DataType,
    Finding,
    NumberSummary,
    PatternCount,
    Problem,
)
from crm_cli.audits.profiling.numbers import summarized
from crm_cli.audits.profiling.placeholders import is_filler, stands_for_nothing
from crm_cli.dictionary.recognition import Recognition, Role

__all__ = ["judge_column"]

_TOP = 10
_EXAMPLES = 5
_CLEAR = 0.95  # of the values have the type that a column is said to have
_CHECKED = 20_000  # most frequent values looked at for placeholders
_MOST_OUTLIERS = 0.1  # a larger part is a skewed distribution, and no mistake
_NAMES = frozenset({Role.PHONE, Role.MOBILE, Role.FAX, Role.POSTAL_CODE, Role.IDENTIFIER})
_NO_AMOUNTS = _NAMES | {Role.RECORD_KEY, Role.HOUSE_NUMBER}
_BOOLEANS = frozenset(
    {"y", "n", "yes", "no", "true", "false", "t", "f", "0", "1", "ja", "nein", "oui", "non", "si", "sí", "sim", "não"}
    | {"nee", "j", "wahr", "falsch"}
)


@dataclass(frozen=True)
class _Known:
    """What is known of a column when it is judged."""

    stream: ColumnStream
    role: Role
    top: pl.DataFrame  # value, count, kind: the most frequent first
    placeholders: list[Counted]
    dates: Dates

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.top.head(_CHECKED).select("value", "count").iter_rows())


def judge_column(name: str, stream: ColumnStream, recognition: Recognition, rows: int, today: date) -> ColumnProfile:
    """Return the profile of a column of `rows` rows; dates after `today` are to come."""
    distinct, error = stream.repeats.distinct.count()
    made = ColumnProfile(
        name, recognition.role, recognition.why, filled=stream.filled, distinct=distinct, distinct_error=error
    )
    if not stream.filled:
        made.findings = [Finding(Problem.EMPTY, "no row has a value", rows)] if rows else []
        return made
    known = _known(stream, recognition.role, today)
    telling = recognition.role not in NO_KEY_PART
    made.lengths, made.is_key = stream.lengths, telling and is_key(stream.repeats, rows)
    made.shares = _shares(known)
    made.type = _type(made.shares)
    made.numbers = _numbers(known) if made.type in (DataType.INTEGER, DataType.NUMBER, DataType.MIXED) else None
    made.dates = known.dates.summary if made.type in (DataType.DATE, DataType.MIXED) else None
    made.top = [Counted(value, count) for value, count in known.top.head(_TOP).select("value", "count").iter_rows()]
    made.top_error = stream.values.error
    made.patterns = _patterns(stream)[:_TOP]
    if telling and not made.is_key and is_near_key(stream.repeats, rows):
        made.repeated = stream.repeats.named()[:_TOP]
    made.findings = [one for one in _findings(known, made, rows) if one.count]
    return made


def _known(stream: ColumnStream, role: Role, today: date) -> _Known:
    top = kinds.with_kinds(stream.values.frame()).select("value", "count", "kind")
    top = top.sort(["count", "value"], descending=[True, False])
    value = pl.col("value")
    frequent = top.head(_CHECKED)
    words = [Counted(text, count) for text, count, _ in frequent.iter_rows() if stands_for_nothing(text)]
    fillers = frequent.filter(is_filler(value) & _may_be_filler(role))
    known = {one.value for one in words}
    words += [Counted(text, count) for text, count, _ in fillers.iter_rows() if text not in known]
    days = dict(stream.dates.frame().iter_rows())
    return _Known(stream, role, top, sorted(words, key=lambda one: (-one.count, one.value)), dates_of(days, today))


def _may_be_filler(role: Role) -> pl.Expr:
    """Numbers may be zero or 11111, unless they are names."""
    return pl.lit(role in _NAMES) | ~pl.col("kind").is_in([kinds.INTEGER, kinds.NUMBER])


def _shares(known: _Known) -> dict[str, float]:
    """The share of each type among the values that don't stand for nothing."""
    held = Counter(known.stream.kinds)
    kind_of = dict(known.top.head(_CHECKED).select("value", "kind").iter_rows())
    for one in known.placeholders:
        held[kind_of[one.value]] -= one.count
    refused = sum(one.count for one in known.dates.refused)
    held[kinds.DATE] -= refused
    held[kinds.TEXT] += refused + held.pop(kinds.CODE, 0)
    # Telephone numbers are no amounts; and with a zero in front of some, the others are digits and no numbers either.
    if known.role in _NAMES or known.stream.kinds[kinds.CODE]:
        held[kinds.TEXT] += held.pop(kinds.INTEGER, 0)
    total = sum(count for count in held.values() if count > 0)
    found = {name: count / total for name, count in held.most_common() if count > 0}
    return {"boolean": 1.0} if _is_boolean(known) else found


def _is_boolean(known: _Known) -> bool:
    nothing = {one.value for one in known.placeholders}
    words = {text.strip().casefold() for text in known.top.head(_TOP)["value"] if text not in nothing}
    return len(known.top) <= _TOP and len(words) > 1 and words <= _BOOLEANS


def _type(shares: Mapping[str, float]) -> DataType:
    if not shares:
        return DataType.TEXT
    first, share = next(iter(shares.items()))
    if share >= _CLEAR:
        return DataType(first)
    figures = shares.get(kinds.INTEGER, 0) + shares.get(kinds.NUMBER, 0)
    return DataType.NUMBER if figures >= _CLEAR else DataType.MIXED


def _numbers(known: _Known) -> NumberSummary | None:
    """The summary of the numbers: of all that were counted, while all were, else of what was kept in passing."""
    fenced = known.role not in _NO_AMOUNTS
    if known.stream.values.error:
        return known.stream.numbers.summary(fenced=fenced)
    figures = known.top.filter(pl.col("kind").is_in([kinds.INTEGER, kinds.NUMBER]))
    read = figures.select(kinds.number(pl.col("value")).alias("number"), "count").drop_nulls()
    read = read.group_by("number").agg(pl.col("count").sum()).sort("number")
    if not len(read):
        return None
    return summarized(read["number"].to_numpy(), read["count"].cast(pl.Int64).to_numpy(), fenced=fenced)


def _patterns(stream: ColumnStream) -> list[PatternCount]:
    found = [PatternCount(pattern, count, example) for pattern, (count, example) in stream.patterns.items()]
    return sorted(found, key=lambda one: (-one.count, one.pattern))


# --- what is worth a look ---------------------------------------------------------------------------------------------


def _findings(known: _Known, made: ColumnProfile, rows: int) -> Iterator[Finding]:
    if made.distinct == 1 and rows > 1:
        text = "every row has the same value" if made.filled == rows else "there is one value only, in some of the rows"
        yield Finding(Problem.CONSTANT, text, made.filled, made.top[:1])
    if made.repeated:
        extra = made.filled - made.distinct
        yield Finding(Problem.NEAR_KEY, _near(made, rows), extra, made.repeated[:_EXAMPLES])
    yield from _of_values(known, made)
    yield from known.stream.checks.findings()
    yield _lost_zeros(known)
    yield from _of_dates(known, made)
    yield _outliers(known, made.numbers)
    yield _rare(known.stream)


def _near(made: ColumnProfile, rows: int) -> str:
    number = len(made.repeated)
    blank = f", and {rows - made.filled} rows have none" if rows > made.filled else ""
    return f"almost a key: {number if number < _TOP else f'{number} or more'} values repeat{blank}"


def _of_values(known: _Known, made: ColumnProfile) -> Iterator[Finding]:
    held = known.placeholders
    if held:
        yield _finding(Problem.PLACEHOLDER, 'a stand-in for "no value"', held)
    if made.type in (DataType.INTEGER, DataType.NUMBER, DataType.DATE):
        others = _others(known, made.type)
        yield _finding(Problem.OTHER_TYPE, f"the column holds {_PLURALS[made.type]}, but these are none", others)
    if made.type is DataType.MIXED:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in made.shares.items())
        yield Finding(Problem.OTHER_TYPE, f"values of several types: {shares}", made.filled)


_PLURALS = {DataType.INTEGER: "whole numbers", DataType.NUMBER: "numbers", DataType.DATE: "dates"}


def _others(known: _Known, kind: DataType) -> list[Counted]:
    """The values of a type that the column does not have."""
    fits = {DataType.NUMBER: [kinds.NUMBER, kinds.INTEGER]}.get(kind, [str(kind)])
    nothing = {one.value for one in known.placeholders}
    odd = known.top.filter(~pl.col("kind").is_in(fits)).head(_CHECKED)
    refused = known.dates.refused if kind is DataType.DATE else []
    return [*(Counted(text, count) for text, count, _ in odd.iter_rows() if text not in nothing), *refused]


def _of_dates(known: _Known, made: ColumnProfile) -> Iterator[Finding]:
    if made.dates is None:
        return
    found, votes = known.dates, known.dates.order.votes
    yield _finding(Problem.FUTURE_DATE, "a date to come", found.future)
    yield _finding(Problem.EARLY_DATE, "a date before 1900", found.early)
    if found.order.mixed:
        message = (
            f"day and month in two orders: {votes['dmy']} values can only be day first, {votes['mdy']} month first"
        )
        yield Finding(Problem.MIXED_ORDER, message, min(votes["dmy"], votes["mdy"]))
    yield _finding(Problem.OPEN_ORDER, "is the day or the month first? No value of the column tells", found.opened)


def _outliers(known: _Known, numbers: NumberSummary | None) -> Finding:
    """Numbers outside Tukey's fences, the farthest first."""
    nothing = Finding(Problem.OUTLIER, "", 0)
    if numbers is None or numbers.fences is None:
        return nothing
    low, high = numbers.fences
    middle = numbers.median
    figures = known.top.filter(pl.col("kind").is_in([kinds.INTEGER, kinds.NUMBER]))
    read = figures.with_columns(kinds.number(pl.col("value")).alias("number")).drop_nulls()
    odd = read.filter((pl.col("number") < low) | (pl.col("number") > high))
    odd = odd.sort((pl.col("number") - middle).abs(), descending=True)
    count = int(odd["count"].sum())
    if count > _MOST_OUTLIERS * numbers.count:
        return nothing
    examples = [Counted(text, number) for text, number in odd.head(_EXAMPLES).select("value", "count").iter_rows()]
    return Finding(Problem.OUTLIER, f"far from the others: below {low:.6g} or above {high:.6g}", count, examples)


def _rare(stream: ColumnStream) -> Finding:
    """Patterns of a few values in a column that otherwise has three at the most."""
    found = _patterns(stream)
    total, common = stream.filled, sum(one.count for one in found[:3])
    if total < 20 or common < 0.9 * total:
        return Finding(Problem.RARE_PATTERN, "", 0)
    rare = [one for one in found[1:] if one.count <= max(2, total // 1_000)]
    examples = [Counted(one.example, one.count) for one in reversed(rare[-_EXAMPLES:])]
    return Finding(Problem.RARE_PATTERN, "written otherwise than the rest", sum(one.count for one in rare), examples)


def _lost_zeros(known: _Known) -> Finding:
    """Digits that are one shorter than nearly all others, where zeros in front count: a spreadsheet has cut them."""
    lengths = known.stream.digit_lengths
    total = lengths.total()
    nothing = Finding(Problem.LOST_ZEROS, "", 0)
    if total < 10 or not (known.role in _NAMES or known.stream.kinds[kinds.CODE]):
        return nothing
    usual, count = lengths.most_common(1)[0]
    short = lengths.get(usual - 1, 0)
    if usual < 4 or count < 0.8 * total or not short:
        return nothing
    value = pl.col("value")
    held = known.top.filter((value.str.len_chars() == usual - 1) & value.str.contains(r"^\d+$"))
    examples = [Counted(text, number) for text, number, _ in held.head(_EXAMPLES).iter_rows()]
    return Finding(Problem.LOST_ZEROS, f"{usual - 1} digits where {usual} are usual: was a zero lost?", short, examples)


def _finding(problem: Problem, message: str, held: list[Counted]) -> Finding:
    return Finding(problem, message, int(np.sum([one.count for one in held])), held[:_EXAMPLES])
