"""A profile as rows of tables, for a screen and for the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crm_cli.audits.profiling import ColumnProfile, Counted, DataType, Problem, TableProfile

__all__ = [
    "column_rows",
    "counted",
    "distinct",
    "duplicate_rows",
    "figures",
    "finding_rows",
    "headline",
    "keys",
    "kind",
]

_SHOWN = 3


def headline(table: TableProfile) -> str:
    """Return the table's name, how many rows it has, how many repeat another, and what its key is."""
    repeated = _about(table.repeated_rows, table.repeated_error)
    return f"{table.name}: {table.rows} rows, {repeated} repeated"


def keys(table: TableProfile) -> str:
    """Return in words which columns tell the rows apart."""
    if table.keys:
        return f"key: {', '.join(table.keys)}"
    if not table.pair_keys:
        return "no column, and no two together, tell the rows apart" if table.pair_rows else "no key"
    pairs = ", ".join(" + ".join(pair) for pair in table.pair_keys)
    part = f" (in the first {table.pair_rows} rows)" if table.pair_rows < table.rows else ""
    return f"no column is a key; together two are{part}: {pairs}"


def column_rows(table: TableProfile) -> list[dict[str, Any]]:
    """Return a row a column."""
    return [
        {
            "column": one.name, "type": kind(one), "holds": str(one.role), "filled": _share(one.filled, table.rows),
            "distinct": distinct(one), "key": _key(one), "top": _listed(one.top[:_SHOWN]),
            "patterns": "; ".join(each.pattern for each in one.patterns[:_SHOWN]), "figures": figures(one),
        }
        for one in table.columns
    ]  # fmt: skip


def finding_rows(table: TableProfile) -> list[dict[str, Any]]:
    """Return a row for each thing that is worth a look, empty columns apart: these are seen among the columns."""
    return [
        {
            "column": column.name, "problem": str(one.problem), "cells": one.count,
            "what": one.message, "such_as": _listed(one.examples[:_SHOWN]), "next": one.next,
        }
        for column in table.columns
        for one in column.findings
        if one.problem is not Problem.EMPTY
    ]  # fmt: skip


def duplicate_rows(table: TableProfile) -> list[dict[str, Any]]:
    """Return a row for each thing by which rows repeat others."""
    return [
        {
            "the_same": " + ".join(one.by), "rows": _about(one.rows, one.error),
            "such_as": _listed(one.examples[:_SHOWN]), "next": one.next,
        }
        for one in table.duplicates
    ]  # fmt: skip


def kind(column: ColumnProfile) -> str:
    """Return the type of a column in words: of dates with the order of day and month, of several with their shares."""
    if column.masked:
        return ""
    if column.type is DataType.DATE and column.dates and column.dates.order:
        return f"date ({column.dates.order})"
    if column.type is DataType.MIXED:
        return ", ".join(f"{name} {share:.0%}" for name, share in column.shares.items())
    return str(column.type)


def distinct(column: ColumnProfile) -> str:
    """Return how many different values there are; `about`, and how sure, where it is an estimate."""
    if not column.distinct_error:
        return str(column.distinct)
    return f"about {column.distinct} (± {2 * column.distinct_error:.1%})"


def figures(column: ColumnProfile) -> str:
    """Return what numbers, dates or lengths are from and to."""
    return "; ".join(_figures(column))


def _figures(column: ColumnProfile) -> Iterator[str]:
    if column.numbers:
        numbers = column.numbers
        yield f"{numbers.minimum:.6g} … {numbers.maximum:.6g}, median {numbers.median:.6g}, mean {numbers.mean:.6g}"
    if column.dates and column.dates.earliest:
        yield f"{column.dates.earliest} … {column.dates.latest}"
    if column.lengths and not column.numbers and not column.dates:
        lengths = column.lengths
        same = lengths.shortest == lengths.longest
        yield f"{lengths.shortest} characters" if same else f"{lengths.shortest} … {lengths.longest} characters"


def counted(one: Counted) -> str:
    """Return a value and how often it occurs; blanks at its edges and characters that nobody sees are shown."""
    value = "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in one.value)
    return f"'{value}' ({one.count})" if value != value.strip() else f"{value} ({one.count})"


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}"


def _listed(values: Sequence[Counted]) -> str:
    return "; ".join(counted(one) for one in values)


def _share(part: int, whole: int) -> str:
    """A percentage that says 100 % and 0 % only where it is all and nothing."""
    share = part / max(whole, 1)
    if part not in (0, whole) and f"{share:.0%}" in ("0%", "100%"):
        return "<1%" if share < 0.5 else ">99%"
    return f"{share:.0%}"


def _key(column: ColumnProfile) -> str:
    return "yes" if column.is_key else "almost" if column.repeated else ""


def _about(number: int, error: float) -> str:
    return f"about {number}" if error else str(number)
