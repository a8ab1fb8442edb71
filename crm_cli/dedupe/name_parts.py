"""Divide names of persons that one column holds whole: relatives are told from copies by the given name."""

from __future__ import annotations

import re

import polars as pl

from crm_cli.dedupe.words import GENERATIONS, HONORIFICS, NAME_SUFFIXES
from crm_cli.standardize.name_words import PARTICLES

__all__ = ["divide_names"]


def _any_of(words: frozenset[str] | set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words))


_TITLES = rf"(?i)^(?:(?:{_any_of(HONORIFICS)})\b\.?\s+)+"
_ENDING = rf"(?i),?\s+((?:{_any_of({*GENERATIONS, *NAME_SUFFIXES})})\.?)$"
_PARTS = rf"(?i)^(?:(\S+)\s+)?(?:(.*?)\s+)??((?:(?:{_any_of(PARTICLES)})\s+)*\S+)$"


def divide_names(names: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return given, middle and family names: of `Dr. Anna Maria van der Berg` as of `van der Berg, Anna Maria`.

    The family name is the last word with the particles before it, and with an ending such as `Jr.`; a name of one word
    is a family name. Values are for comparing: nothing is corrected.
    """
    bare = names.str.strip_chars().str.replace(_TITLES, "")
    turned = bare.str.replace(_ENDING, "").str.replace(r"^([^,]+),\s*([^,]+?),?$", "$2 $1")
    given, middle, family = (turned.str.extract(_PARTS, group) for group in (1, 2, 3))
    ending = bare.str.extract(_ENDING).fill_null("")
    return given, middle, pl.select(pl.lit(family) + " " + pl.lit(ending)).to_series().str.strip_chars()
