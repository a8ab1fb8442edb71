"""Put values into the form in which they are compared: one function a kind, on a whole column of distinct values.

The functions take and give a polars Series of String (null: nothing to compare). They are made of string operations
that run over the column at once, because a million values are cleaned faster than a Python loop could name them.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from typing import TypeAlias

import polars as pl

from crm_cli.dedupe.dates import iso_digits
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.words import (
    HONORIFICS,
    LEGAL_FORMS,
    NAME_SUFFIXES,
    ORGANIZATION_SHORT,
    PLACEHOLDERS,
    STREET_SHORT,
)
from crm_cli.standardize.mail_words import ROLES

__all__ = ["Cleaner", "clean", "clean_by", "cleaner_of", "folded", "without_role_addresses", "words_of"]

Cleaner: TypeAlias = Callable[[pl.Series], pl.Series]

_APOSTROPHES = ["'", "`", "’", "´"]
_KEPT = "@&+"  # carry meaning inside names: "AT&T", "a@b"
_PUNCTUATION = [mark for mark in string.punctuation + "\t\r\n" if mark not in _KEPT and mark not in _APOSTROPHES]
_PHONE_MARKS = [*string.punctuation, " ", "\t", "\u00a0"]
_LETTERS = {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}


def clean(values: pl.Series, kind: str) -> pl.Series:
    """Return `values` (String) as they are compared under `kind`; placeholders and empty texts become null."""
    return clean_by(cleaner_of(kind), values)


def cleaner_of(kind: str) -> Cleaner:
    """Return what puts values of `kind` into the form in which they are compared."""
    return _CLEANERS.get(kind, words_of)


def clean_by(cleaner: Cleaner, values: pl.Series) -> pl.Series:
    """Return `values` (String) as `cleaner` has them; placeholders and empty texts become null."""
    noise = values.str.strip_chars().str.to_lowercase().is_in(list(PLACEHOLDERS))
    raw = values.set(noise.fill_null(value=False), None)
    done = cleaner(raw)
    return done.set((done == "").fill_null(value=False), None)


def folded(values: pl.Series) -> pl.Series:
    """Lower case, without accents and apostrophes."""
    low = values.str.to_lowercase().str.replace_many(_APOSTROPHES, [""] * len(_APOSTROPHES))
    if _is_ascii(low):
        return low
    plain = low.str.normalize("NFKD").str.replace_all(r"\p{Mn}", "")
    return plain.str.replace_many(list(_LETTERS), list(_LETTERS.values()))


def words_of(values: pl.Series) -> pl.Series:
    """Folded words, parted by single blanks; the default for every kind."""
    return _spaced(folded(values))


def _is_ascii(values: pl.Series) -> bool:
    return bool((values.str.len_bytes() == values.str.len_chars()).all())


def _spaced(values: pl.Series) -> pl.Series:
    """Punctuation to single blanks."""
    if _is_ascii(values):
        parted = values.str.replace_many(_PUNCTUATION, [" "] * len(_PUNCTUATION))
    else:
        parted = values.str.replace_all(rf"[^\w{re.escape(_KEPT)}]+|_", " ")
    return _single_blanks(parted)


def _single_blanks(values: pl.Series) -> pl.Series:
    for _ in range(3):  # halves a run of blanks each time: up to eight become one
        if not values.str.contains("  ", literal=True).any():
            break
        values = values.str.replace_all("  ", " ", literal=True)
    return values.str.strip_chars()


def _replace_words(values: pl.Series, table: Mapping[str, str]) -> pl.Series:
    """Replace whole words; blanks are doubled meanwhile so that each word has its own on both sides."""
    wide = pl.select("  " + pl.lit(values).str.replace_all(" ", "  ", literal=True) + "  ").to_series()
    patterns = [f" {word} " for word in table]
    replacements = [f" {word} " for word in table.values()]
    return _single_blanks(wide.str.replace_many(patterns, replacements))


def _given_name(values: pl.Series) -> pl.Series:
    return words_of(values).str.replace(rf"^({'|'.join(sorted(HONORIFICS))}) ", "")


def _family_name(values: pl.Series) -> pl.Series:
    return words_of(values).str.replace(rf" ({'|'.join(sorted(NAME_SUFFIXES))})$", "")


def without_role_addresses(values: pl.Series) -> pl.Series:
    """Cleaned e-mail addresses less those of a role (`info@`, `sales@`): all colleagues share them."""
    user = values.str.extract(r"^([^@]*)@")
    return values.set(user.is_in(sorted(ROLES)).fill_null(value=False), None)


def _email(values: pl.Series) -> pl.Series:
    return values.str.strip_chars(" \t<>;,").str.to_lowercase().str.strip_prefix("mailto:")


def _phone(values: pl.Series) -> pl.Series:
    """The last ten digits: national and international spellings of a number end alike."""
    number = values.str.to_lowercase().str.replace(r"\s*(x|ext\.?|extension)\s*\d+\s*$", "")
    digits = number.str.replace_many(_PHONE_MARKS, [""] * len(_PHONE_MARKS))
    odd = digits.str.contains(r"\D").fill_null(value=False)
    if odd.any():
        digits = digits.zip_with(~odd, digits.str.replace_all(r"\D", ""))
    short = (digits.str.len_chars() < 6) | digits.str.contains(r"^(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)$")
    return digits.str.tail(10).set(short.fill_null(value=False), None)


def _web(values: pl.Series) -> pl.Series:
    low = values.str.strip_chars().str.to_lowercase()
    return low.str.replace(r"^https?://", "").str.replace(r"^www\d?\.", "").str.strip_chars_end("/ ")


def _identifier(values: pl.Series) -> pl.Series:
    bare = values.str.strip_chars().str.replace(r"(?i)^https?://(www\.)?", "")
    return folded(bare).str.replace_all(r"[^0-9\pL]", "")


def _postal_code(values: pl.Series) -> pl.Series:
    code = folded(values).str.replace_all(r"[^0-9\pL]", "")
    return code.str.replace(r"^(\d{5})\d{4}$", "$1")  # ZIP+4


def _street(values: pl.Series) -> pl.Series:
    unit = r"\b(apt|unit|suite|ste|rm|room|fl|floor|bldg|apartment|whg|top)\b\.?\s*#?\s*\w+|#\s*\w+"
    low = folded(values).str.replace_all(".", "", literal=True)
    parted = low.str.replace_all(unit, " ").str.replace_all(r"(\pL{3,})(strasse|str)\b", "$1 $2")
    return _replace_words(_spaced(parted), STREET_SHORT)


def _organization(values: pl.Series) -> pl.Series:
    """Words without legal forms, short forms written out, in alphabetical order."""
    full = _spaced(_joined_initials(folded(values).str.replace_all("&", " and ", literal=True)))
    full = _replace_words(_joined_letters(full), ORGANIZATION_SHORT)
    bare = _replace_words(full, dict.fromkeys(sorted(LEGAL_FORMS), ""))
    kept = bare.zip_with((bare != "").fill_null(value=True), full)  # a name of legal forms alone keeps them
    # In Python: sorting many short lists takes polars thirty times as long.
    ordered = [None if text is None else " ".join(sorted(text.split(" "))) for text in kept.to_list()]
    return pl.Series(ordered, dtype=pl.String)


def _joined_initials(values: pl.Series) -> pl.Series:
    """`i.b.m.` to `ibm`."""
    return values.str.replace_all(r"\b(\pL)\.", "$1\u0000").str.replace_all("\u0000", "", literal=True)


def _joined_letters(values: pl.Series) -> pl.Series:
    """`a b c ltd` to `abc ltd`."""
    parted = values.str.contains(r"(^| )\pL \pL( |$)").fill_null(value=False)
    if not parted.any():
        return values
    run = re.compile(r"(?<!\S)[^\W\d](?: [^\W\d])+(?!\S)")
    joined = [run.sub(lambda found: found[0].replace(" ", ""), text) for text in values.filter(parted).to_list()]
    return values.scatter(parted.arg_true(), joined)


_CLEANERS: Mapping[str, Cleaner] = {
    Kind.GIVEN_NAME: _given_name,
    Kind.MIDDLE_NAME: _given_name,
    Kind.FAMILY_NAME: _family_name,
    Kind.BIRTH_DATE: iso_digits,
    Kind.IDENTIFIER: _identifier,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.WEB: _web,
    Kind.STREET: _street,
    Kind.ORGANIZATION: _organization,
    Kind.WORDS: _organization,
    Kind.POSTAL_CODE: _postal_code,
}
