"""Stand-ins for "no value": words that the standards know, and what is typed into a field that must be filled."""

from __future__ import annotations

import re

import polars as pl

from crm_cli.standardize import Context, is_no_value

__all__ = ["is_filler", "stands_for_nothing"]

_LONGEST_WORD = 12
_CONTEXT = Context()
_SAME_DIGIT = "|".join(rf"{digit}[{digit}\W]{{4,}}" for digit in range(1, 10))
_SAME = rf"0[0\W]{{2,}}|{_SAME_DIGIT}|0?123456(?:7(?:89?)?)?0?|\(?123\)?[ -]?456[ -]?7890"
_FILLER = rf"^\W*(?:{_SAME}|(?i:x[x\W]{{2,}}|asdf\w*|qwertz?y?\w*|dummy|fake|foo|no ?name|nobody|noone))$"
# The domains of RFC 2606, and mailboxes that say that there is none.
_NO_MAIL = (
    r"(?i)^(?:(?:test|none|noe?-?mail|nobody|asdf|a{3,}|x{2,})@.+\.\w+"
    r"|.+@(?:test|none|noemail|nomail|example)\.(?:com|net|org|de))$"
)
_WORD = re.compile(r"[\w#./()<>!?: -]{1,12}").fullmatch


def stands_for_nothing(value: str) -> bool:
    """Whether the standards know `value` as a word for "no value", such as n/a."""
    return len(value) <= _LONGEST_WORD and _WORD(value) is not None and is_no_value(value, _CONTEXT)


def is_filler(values: pl.Expr) -> pl.Expr:
    """Tell of each value whether it only fills its field: zeros, the same digit again and again, asdf, test@…"""
    return values.str.contains(_FILLER) | values.str.contains(_NO_MAIL)
