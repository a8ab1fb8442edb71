"""Patterns and data types of many values at once: expressions that run over whole columns of different values."""

from __future__ import annotations

import polars as pl

__all__ = ["CODE", "DATE", "INTEGER", "LONGEST", "NUMBER", "TEXT", "date_part", "number", "pattern", "with_kinds"]

LONGEST = 200  # characters of a value that are looked at and kept
_PATTERN = 60
TEXT, INTEGER, NUMBER, DATE, CODE = "text", "integer", "number", "date", "code"

_CODE = r"^0\d+$"  # digits with a zero in front: no number, whatever it looks like
_INTEGER = r"^[+-]?\d{1,18}$"
_PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_ENGLISH = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_CONTINENTAL = r"^[+-]?(\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}|\d+,\d+)$"
_AROUND = " \t\u00a0$€£¥%"
_TIME = r"[T ]\d{1,2}:\d{2}.*$"
_DATE = (
    r"^(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](\d{4}|\d{2})"
    r"|\d{1,2}(st|nd|rd|th)?\.?[-/ ]?\p{L}{3,10}\.?[-/, ]+\d{2,4}|\p{L}{3,10}\.? \d{1,2},? \d{4})"
    r"([T ]\d{1,2}:\d{2}.*)?$"
)
# The patterns that a number or a date may have.
_MAYBE = (
    r"^\s*[$€£¥]?\s*[+-]?[9.,]+(a[+-]?9)?\s*[$€£¥%]?\s*$"
    r"|^\s*(9[-./]9[-./]9|9a?\.?[-/ ]?a?\.?[-/, ]+9|a\.? 9,? 9)([a ]9:9.*)?\s*$"
)


def pattern(values: pl.Expr) -> pl.Expr:
    """Return the pattern of each value: runs of letters become `a`, of digits `9`; the rest stands as it is."""
    short = values.str.head(_PATTERN * 2)
    return short.str.replace_all(r"[\p{L}\p{M}]+", "a").str.replace_all(r"\d+", "9").str.head(_PATTERN)


def with_kinds(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the frame of `value` and more with its `pattern` and `kind`.

    A kind is text, integer, number, date, or code (digits with a zero in front). Patterns are few, so they say first
    which values may be anything but text; only these are looked at one by one.
    """
    known = counts.with_columns(pattern(pl.col("value")).alias("pattern"), pl.lit(TEXT).alias("kind"))
    patterns = known["pattern"].unique()
    candidates = patterns.filter(patterns.str.contains(_MAYBE))
    if not len(candidates):
        return known
    maybe = pl.col("pattern").is_in(candidates.implode())
    figures = known.filter(maybe).with_columns(_kind(pl.col("value")).alias("kind"))
    return pl.concat([known.filter(~maybe), figures])


def _kind(values: pl.Expr) -> pl.Expr:
    bare = values.str.strip_chars(_AROUND)
    figures = bare.str.contains(_PLAIN) | bare.str.contains(_ENGLISH) | bare.str.contains(_CONTINENTAL)
    return (
        pl.when(bare.str.contains(_CODE)).then(pl.lit(CODE))
        .when(bare.str.contains(_INTEGER)).then(pl.lit(INTEGER))
        .when(bare.str.contains(_DATE)).then(pl.lit(DATE))
        .when(figures).then(pl.lit(NUMBER))
        .otherwise(pl.lit(TEXT))
    )  # fmt: skip


def number(values: pl.Expr) -> pl.Expr:
    """Return the number that each value writes, with a decimal point or comma, grouped or not; null for none."""
    bare = values.str.strip_chars(_AROUND)
    english = bare.str.replace_all(",", "", literal=True)
    continental = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    plain = (
        pl.when(bare.str.contains(_PLAIN)).then(bare)
        .when(bare.str.contains(_ENGLISH)).then(english)
        .otherwise(continental)
    )  # fmt: skip
    return plain.str.strip_prefix("+").cast(pl.Float64, strict=False)


def date_part(values: pl.Expr) -> pl.Expr:
    """Return each value without its time of day."""
    return values.str.replace(_TIME, "")
