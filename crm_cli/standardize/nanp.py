"""The fast path for North American numbers: the patterns of phonenumbers' own metadata, compiled once.

phonenumbers needs some 27 µs a number and most of it for parsing; the plain shapes of the North American Numbering Plan
need one expression, and whether the number exists is asked of the very patterns that phonenumbers uses. A parity test
compares both on every area code and tens of thousands of numbers.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata

__all__ = ["read", "region_of"]

_CODE = 1
_SHAPE = re.compile(
    r"(\+?1[ .\-]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[ .\-]?)([2-9]\d\d)[ .\-]?(\d{4})"
    r"(?:(?: ?;ext=| ?ext\.? ?| ?x ?)([0-9]{1,6}))?",
    re.ASCII,
).fullmatch
_TYPES = [
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
]


@cache
def _plan() -> tuple[frozenset[str], tuple[tuple[str, re.Pattern[str] | None, re.Pattern[str], re.Pattern[str]], ...]]:
    """Return the regions of country code 1, and for each: leading digits, general pattern, pattern of any type."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[_CODE]
    patterns = []
    for region in regions:
        data: Any = PhoneMetadata.metadata_for_region(region)
        kinds = [getattr(data, kind).national_number_pattern for kind in _TYPES if getattr(data, kind)]
        any_kind = re.compile("|".join(f"(?:{pattern})" for pattern in kinds if pattern))
        leading = re.compile(data.leading_digits) if data.leading_digits else None
        patterns.append((region, leading, re.compile(data.general_desc.national_number_pattern), any_kind))
    return frozenset(regions), tuple(patterns)


def region_of(digits: str) -> str | None:
    """Return the region (alpha-2) of a national number of ten digits, None when no such number can exist.

    The order and the meaning of leading digits are those of `phonenumbers.region_code_for_number`.
    """
    for region, leading, general, any_kind in _plan()[1]:
        if leading is not None:
            if leading.match(digits):
                return region if general.fullmatch(digits) and any_kind.fullmatch(digits) else None
        elif general.fullmatch(digits) and any_kind.fullmatch(digits):
            return region
    return None


def read(text: str, country: str | None) -> tuple[str, str, str] | None:
    """Return (E.164 number, extension, region) of a valid number in a plain North American shape, else None."""
    found = _SHAPE(text)
    if not found:
        return None
    prefix, area, bare_area, exchange, line, extension = found.groups()
    if not (prefix and prefix[0] == "+") and country not in _plan()[0]:
        return None
    digits = (area or bare_area) + exchange + line
    region = region_of(digits)
    return (f"+1{digits}", extension or "", region) if region else None
