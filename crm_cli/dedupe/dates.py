"""Dates of birth as eight digits YYYYMMDD, `?` for what is unknown; the order of day and month is voted per column."""

from __future__ import annotations

import polars as pl

__all__ = ["iso_digits", "joined_date"]

_ISO = r"^\s*(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})(?:\D.*)?$"
_LATEST_SHORT_YEAR = 30  # two digits up to this are years of this century
_OTHER = r"^\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:\D.*)?$"


def iso_digits(values: pl.Series) -> pl.Series:
    """`1971-06-24`, `24.6.1971`, `6/24/71` to `19710624`; what is no date keeps its digits, filled up with `?`."""
    frame = pl.DataFrame({"text": values}).with_columns(
        iso=pl.col("text").str.extract_groups(_ISO), other=pl.col("text").str.extract_groups(_OTHER)
    )
    iso = _digits(_field("iso", 1), _field("iso", 2), _field("iso", 3))
    first, second, year = _field("other", 1), _field("other", 2), _full_year(_field("other", 3))
    voted = pl.lit(_day_first(frame))
    day_first = (first.cast(pl.Int32) > 12) | (voted & (second.cast(pl.Int32) <= 12))
    day, month = pl.when(day_first).then(first).otherwise(second), pl.when(day_first).then(second).otherwise(first)
    other = _digits(year, month, day)
    rest = pl.col("text").str.replace_all(r"\D", "").str.head(8)
    rest = pl.when(rest.str.len_chars() >= 4).then(rest.str.pad_end(8, "?"))
    return frame.select(pl.coalesce(iso, other, rest)).to_series()


def joined_date(year: pl.Series, month: pl.Series, day: pl.Series) -> pl.Series:
    """Year, month and day from three columns, as `iso_digits` gives them; null when all three are missing."""
    frame = pl.DataFrame({"y": year, "m": month, "d": day})
    parts = [_part("y", 4), _part("m", 2), _part("d", 2)]
    missing = pl.all_horizontal(pl.col("y", "m", "d").is_null())
    return frame.select(pl.when(~missing).then(pl.concat_str(parts))).to_series()


def _part(name: str, width: int) -> pl.Expr:
    """A number filled up with zeros, or `?` for a missing one."""
    digits = pl.col(name).str.extract(r"(\d+)").str.zfill(width).str.tail(width)
    return digits.fill_null("?" * width)


def _field(group: str, number: int) -> pl.Expr:
    return pl.col(group).struct.field(str(number))


def _digits(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    return pl.concat_str([year, month.str.zfill(2), day.str.zfill(2)])


def _full_year(year: pl.Expr) -> pl.Expr:
    century = pl.when(year.cast(pl.Int32) > _LATEST_SHORT_YEAR).then(pl.lit("19")).otherwise(pl.lit("20"))
    return pl.when(year.str.len_chars() == 2).then(century + year).otherwise(year)


def _day_first(frame: pl.DataFrame) -> bool:
    """Whether the column writes the day before the month: by the fields that can be no month, else by the dots."""
    votes = frame.select(
        day_first=(_field("other", 1).cast(pl.Int32) > 12).sum(),
        month_first=(_field("other", 2).cast(pl.Int32) > 12).sum(),
        dotted=(pl.col("text").str.contains(r"^\s*\d{1,2}\.\d{1,2}\.\d") & _field("other", 1).is_not_null()).sum(),
    ).row(0)
    return bool(votes[0] > votes[1] or (votes[0] == votes[1] and votes[2] > 0))
