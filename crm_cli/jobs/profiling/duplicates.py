"""Rows that say the same of somebody: the same e-mail, telephone number, or name and address, written alike.

The full standards take 5 to 20 µs a number, and a profile sees every row; so what differs in form alone is put right
here for whole columns at once. E-mail addresses and names are compared without case, accents, punctuation and blanks
around; telephone numbers as digits with calling code, as far as they say one or the country is known. What is spelled
otherwise, `crm dedupe` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import polars as pl

from crm_cli.audits.profiling import Cells, Counted, DuplicateHint, Repeats, counted_values, is_filler
from crm_cli.dictionary.recognition import Role

__all__ = ["DuplicateWatch"]

KeyOf: TypeAlias = Callable[[Cells], pl.Series]

_EXAMPLES = 5
_SHORTEST_NUMBER = 6
_EXTENSION = r"(?i)\s*(?:;|,|\b)?\s*(?:x|ext\.?|extension)[ .:=]*\d{1,6}\s*$"
_PART = "\x1f"  # between parts of a key: the unit separator, which no value has
_NAMES = ((Role.FULL_NAME,), (Role.FAMILY_NAME, Role.GIVEN_NAME), (Role.FAMILY_NAME,), (Role.COMPANY,))
_PLACES = ((Role.STREET, Role.POSTAL_CODE), (Role.STREET, Role.CITY))


@dataclass
class _Watched:
    """One thing by which rows are compared: the names of its columns, where these stand, and the key of each row."""

    by: tuple[str, ...]
    places: tuple[int, ...]
    key: KeyOf
    repeats: Repeats = field(default_factory=Repeats)


class DuplicateWatch:
    """`add` the columns of all rows batch by batch, then ask for `hints`."""

    def __init__(self, header: Sequence[str], roles: Sequence[Role], country: str | None) -> None:
        self._header = header
        self._roles = roles
        self._watched = list(self._chosen(country))

    @property
    def repeats(self) -> list[Repeats]:
        """What is counted; its sets of hashes share the profile's room."""
        return [one.repeats for one in self._watched]

    def _chosen(self, country: str | None) -> Iterator[_Watched]:
        for place, role in enumerate(self._roles):
            if role is Role.EMAIL:
                yield self._watch((place,), lambda columns: _emails(columns[0]))
            elif role in (Role.PHONE, Role.MOBILE):
                yield self._watch((place,), lambda columns: _phones(columns[0], country))
        name, address = self._first_of(_NAMES), self._first_of(_PLACES)
        if name and address:
            yield self._watch((*name, *address), _written_alike)

    def _watch(self, places: tuple[int, ...], key: KeyOf) -> _Watched:
        return _Watched(tuple(self._header[place] for place in places), places, key)

    def _first_of(self, choices: Sequence[tuple[Role, ...]]) -> tuple[int, ...] | None:
        """The columns of the first choice whose roles are all there."""
        for roles in choices:
            if all(role in self._roles for role in roles):
                return tuple(self._roles.index(role) for role in roles)
        return None

    def add(self, columns: Cells) -> None:
        """Take the columns of some rows."""
        for one in self._watched:
            keys = one.key([columns[place] for place in one.places])
            one.repeats.add(counted_values(keys))

    def hints(self, masked: frozenset[str], next_step: str) -> Iterator[DuplicateHint]:
        """Yield by what rows repeat others; of what is masked no examples."""
        for one in self._watched:
            distinct, error = one.repeats.distinct.count()
            named = one.repeats.named()
            rows = max(one.repeats.filled - distinct, sum(each.count - 1 for each in named))
            if rows:
                error *= distinct / rows  # of what is left when nearly all is taken away
                shown = [] if masked.intersection(one.by) else [_readable(each) for each in named[:_EXAMPLES]]
                yield DuplicateHint(one.by, rows, error, shown, next_step)


def _readable(one: Counted) -> Counted:
    return Counted(one.value.replace(_PART, ", "), one.count)


def _emails(cells: pl.Series) -> pl.Series:
    value = pl.col("value").str.to_lowercase().str.strip_chars(" \t\u00a0<>;,").str.replace(r"^mailto:", "")
    value = value.str.replace_all(r"\s*@\s*", "@")
    kept = value.str.contains(r"^[^\s@]+@[^\s@]+\.[^\s@]+$") & ~is_filler(value)
    return _chosen_values(cells, value, kept)


def _phones(cells: pl.Series, country: str | None) -> pl.Series:
    calling_code, trunk = _plan(country)
    text = pl.col("value").str.strip_chars().str.replace(_EXTENSION, "").str.replace("(0)", "", literal=True)
    digits = text.str.replace_all(r"\D", "")
    abroad = text.str.contains(r"^(?:\+|\(\+|00)")
    if calling_code:
        home = pl.lit(f"+{calling_code}") + digits.str.strip_prefix(trunk)
    else:
        home = digits.str.strip_chars_start("0")
    value = pl.when(abroad).then(pl.lit("+") + digits.str.strip_prefix("00")).otherwise(home)
    kept = (digits.str.len_bytes() >= _SHORTEST_NUMBER) & ~is_filler(digits)
    return _chosen_values(cells, value, kept)


def _plan(country: str | None) -> tuple[int, str]:
    """The calling code of a country and what is dialled before national numbers; 0 for none."""
    if not country:
        return 0, ""
    from phonenumbers import PhoneMetadata, country_code_for_region  # NOTE: its metadata take long to load

    metadata = PhoneMetadata.metadata_for_region(country.upper())
    trunk = metadata.national_prefix if metadata else None
    return country_code_for_region(country.upper()), trunk or ""


def _written_alike(columns: Cells) -> pl.Series:
    """Name and address in one text, of the rows that have all of it: no accents, case, punctuation, needless blanks."""
    frame = pl.DataFrame({str(place): cells for place, cells in enumerate(columns)})
    whole = frame.select(pl.concat_str(pl.all(), separator=_PART).str.to_lowercase().alias("value")).drop_nulls()
    text = pl.col("value")
    ascii_only = text.str.len_bytes() == text.str.len_chars()
    bare = text.str.normalize("NFKD").str.replace_all(r"\p{M}+", "")
    rows = pl.concat([whole.filter(ascii_only), whole.filter(~ascii_only).select(bare)])
    words = text.str.replace_all(rf"[^\p{{L}}\p{{N}}{_PART}]+", " ").str.strip_chars(" ")
    for loose in (f" {_PART}", f"{_PART} "):
        words = words.str.replace_all(loose, _PART, literal=True)
    keys = rows.select(words).filter(
        ~text.str.contains(rf"^{_PART}|{_PART}{_PART}|{_PART}$")
    )  # signs alone are nothing
    return keys["value"]


def _chosen_values(cells: pl.Series, value: pl.Expr, kept: pl.Expr) -> pl.Series:
    return cells.alias("value").to_frame().select(pl.when(kept).then(value).alias("value"))["value"]
