"""Legal forms of companies: found at the end or the beginning of a name, in their standard spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from crm_cli.standardize.places import place_key, table

__all__ = ["LegalForm", "countries_covered", "find_form"]

_MOST_WORDS = 8
_CLEAR_WHEN_SMALL = frozenset({"sa", "ag", "kg", "bv", "nv", "oy", "sl", "Sa", "Ag", "Kg", "Bv", "Nv"})
_CJK_SUFFIXES = (
    "股份有限公司", "有限责任公司", "有限責任公司", "集团有限公司", "有限公司", "分公司",
    "合伙企业(有限合伙)", "株式会社", "有限会社",
    "合同会社", "合名会社", "合資会社", "(株)", "(有)", "주식회사", "유한회사", "유한책임회사", "(주)", "(유)",
)  # fmt: skip
_CJK_PREFIXES = (
    "株式会社",
    "有限会社",
    "合同会社",
    "合名会社",
    "合資会社",
    "(株)",
    "(有)",
    "주식회사",
    "유한회사",
    "(주)",
    "(유)",
)
_CJK_SPELLED = {"(株)": "株式会社", "(有)": "有限会社", "(주)": "주식회사", "(유)": "유한회사"}
_CJK_COUNTRY = {"公": "CN", "社": "JP", "사": "KR"}


@dataclass(frozen=True, slots=True)
class LegalForm:
    """A legal form found in a name: standard spelling, whether it stands in front, the name without it."""

    standard: str
    prefix: bool
    name: str
    glued: bool = False  # written without a blank, as in Chinese


@lru_cache(maxsize=65536)  # the words of company names repeat
def _key(text: str) -> str:
    return re.sub(r"[\s.]+", "", place_key(text.replace("+", " and ")))


@cache
def _forms() -> tuple[dict[str, list[tuple[str, frozenset[str]]]], dict[str, list[tuple[str, frozenset[str]]]]]:
    """Return suffixes and prefixes: key → standard spellings with their countries."""
    suffixes: dict[str, list[tuple[str, frozenset[str]]]] = {}
    prefixes: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for standard, place, countries, spellings in table("legal_forms.tsv"):
        form = (standard, frozenset(countries.split()))
        for key in dict.fromkeys(_key(spelling) for spelling in (standard, *spellings.split("|")) if spelling):
            if place != "prefix":
                suffixes.setdefault(key, []).append(form)
            if place != "suffix":
                prefixes.setdefault(key, []).append(form)
    return suffixes, prefixes


@cache
def _last_words() -> dict[str, int]:
    """Return the last words of legal forms, and how many words a form that ends so can have."""
    ends: dict[str, int] = {}
    for standard, place, _, spellings in table("legal_forms.tsv"):
        if place != "prefix":
            for spelling in filter(None, (standard, *spellings.split("|"))):
                letters = len(_key(spelling))  # "G. m. b. H.": each letter may stand apart
                for start in range(letters):
                    end = _key(spelling)[start:]
                    ends[end] = max(ends.get(end, 1), min(start + 1, _MOST_WORDS))
    return ends


@cache
def _first_words() -> frozenset[str]:
    return frozenset(key for key in _forms()[1]) | {
        _key(spelling.split()[0])
        for standard, place, _, spellings in table("legal_forms.tsv")
        if place != "suffix"
        for spelling in (standard, *spellings.split("|"))
        if spelling
    }


def countries_covered() -> frozenset[str]:
    """Return the countries of which legal forms are known (ISO 3166-1 alpha-2)."""
    listed = {country for _, _, countries, _ in table("legal_forms.tsv") for country in countries.split()}
    return frozenset(listed) | set(_CJK_COUNTRY.values())


def find_form(name: str, country: str | None) -> LegalForm | None:
    """Return the legal form at the end or else at the beginning of a company's name; None when there is none."""
    return _cjk(name) or _at_end(name, country) or _at_beginning(name, country)


def _cjk(name: str) -> LegalForm | None:
    if name.isascii():
        return None
    for suffix in _CJK_SUFFIXES:
        if name.endswith(suffix) and (rest := name.removesuffix(suffix).strip()):
            return LegalForm(_CJK_SPELLED.get(suffix, suffix), prefix=False, name=rest, glued=True)
    for prefix in _CJK_PREFIXES:
        if name.startswith(prefix) and (rest := name.removeprefix(prefix).strip()):
            return LegalForm(_CJK_SPELLED.get(prefix, prefix), prefix=True, name=rest, glued=True)
    return None


def _at_end(name: str, country: str | None) -> LegalForm | None:
    words = name.split()
    most = _last_words().get(_key(words[-1]), 0)
    for count in range(min(most, len(words) - 1), 0, -1):
        written = " ".join(words[-count:])
        rest = " ".join(words[:-count]).rstrip(" ,;-–")
        form = _choice(_forms()[0].get(_key(written), ()), written, name, country)
        if form and re.search(r"\w", rest):
            return LegalForm(form, prefix=False, name=rest)
    return None


def _at_beginning(name: str, country: str | None) -> LegalForm | None:
    words = name.split()
    if _key(words[0]) not in _first_words():
        return None
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        written = " ".join(words[:count])
        rest = " ".join(words[count:]).lstrip(" ,;-–")
        form = _choice(_forms()[1].get(_key(written), ()), written, name, country)
        if form and re.search(r"\w", rest):
            return LegalForm(form, prefix=True, name=rest)
    return None


def _choice(
    forms: list[tuple[str, frozenset[str]]] | tuple[()], written: str, name: str, country: str | None
) -> str | None:
    """Return the spelling used in the country, else the first; short words only where they are written as a form is."""
    if not forms:
        return None
    spelled = next((form for form, _ in forms if form == written), None)
    bare = re.sub(r"\W", "", written)
    as_form = bare.isupper() or name.islower() or "." in written or bare in _CLEAR_WHEN_SMALL
    if spelled is None and len(bare) <= 2 and not as_form and not any(country in where for _, where in forms):
        return next((form for form, _ in forms if bare == "Co" or re.sub(r"\W", "", form) == bare), None)
    in_country = next((form for form, countries in forms if country in countries), None)
    return in_country or spelled or forms[0][0]
