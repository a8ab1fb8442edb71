"""Dates of a column: their order of day and month, the span, a histogram; what is to come or before 1900."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from crm_cli.audits.profiling.model import Bin, Counted, DateSummary
from crm_cli.audits.profiling.numbers import histogram, weighted_quantile
from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, DateOrder, detect_date_order, standardize

__all__ = ["Dates", "dates_of"]

_OPEN = "D301"


@dataclass(frozen=True, slots=True)
class Dates:
    """The summary, which texts are no dates after all, which are to come or early, and how the order was voted."""

    summary: DateSummary | None
    refused: list[Counted]
    future: list[Counted]
    early: list[Counted]
    opened: list[Counted]
    order: DateOrder


def dates_of(texts: Mapping[str, int], today: date) -> Dates:
    """Read texts (text → how often) as dates of one column."""
    order = detect_date_order(texts)
    context = Context(date_order=order.order)
    read: dict[str, str] = {}
    refused, opened = [], []
    for text, count in texts.items():
        outcome = standardize(SemanticType.DATE, text, context)
        if outcome.value:
            read[text] = outcome.value
        elif any(issue.code == _OPEN for issue in outcome.issues):
            opened.append(Counted(text, count))
        else:
            refused.append(Counted(text, count))
    future = [Counted(text, texts[text]) for text, day in read.items() if day > today.isoformat()]
    early = [Counted(text, texts[text]) for text, day in read.items() if day < "1900"]
    summary = _summary(read, texts, order, sum(one.count for one in opened))
    return Dates(summary, refused, future, early, opened, order)


def _summary(read: Mapping[str, str], texts: Mapping[str, int], order: DateOrder, opened: int) -> DateSummary | None:
    if not read:
        if not opened:
            return None
        return DateSummary(opened, "", "", "", None, opened, [])
    days: dict[int, int] = {}
    for text, day in read.items():
        ordinal = date.fromisoformat(day).toordinal()
        days[ordinal] = days.get(ordinal, 0) + texts[text]
    values = np.array(sorted(days), dtype=np.float64)
    counts = np.array([days[int(one)] for one in values], dtype=np.int64)
    bins = [Bin(_iso(start), _iso(end), count) for start, end, count in histogram(values, counts)]
    median = _iso(weighted_quantile(values, counts, 0.5))
    known = None if order.ambiguous else order.order
    number = int(counts.sum()) + opened
    return DateSummary(number, _iso(values[0]), _iso(values[-1]), median, known, opened, bins)


def _iso(ordinal: float) -> str:
    return date.fromordinal(int(ordinal)).isoformat()
