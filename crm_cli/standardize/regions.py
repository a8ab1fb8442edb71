"""Regions (state, province, county): the code of ISO 3166-2 within the country, or the name where codes are numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.chinese_divisions import simplified
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.places import place_key, table
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "Region", "region_of", "standardize_region"]

_KINDS = (SemanticType.REGION,)
RULES = (
    Rule(
        "R101",
        "The code of ISO 3166-2 for names and abbreviations of a region, where the country writes letters",
        _KINDS,
        (
            Example("Calif.", "CA", Context("US")),
            Example("Nordrhein-Westfalen", "NW", Context("DE")),
            Example("广东省", "GD", Context("CN")),
        ),
    ),
    Rule(
        "R102",
        "The usual name of a region, where codes are numbers or ISO 3166-2 has none",
        _KINDS,
        (
            Example("TOKYO", "Tokyo", Context("JP")),
            Example("13", "Tokyo", Context("JP")),
            Example("Berks", "Berkshire", Context("GB")),
        ),
    ),
    Rule("R300", "Region not recognized", _KINDS, (Example("Texass", "Texass", Context("US")),)),
    Rule("R301", "Region of another country", _KINDS, (Example("Bavaria", "Bavaria", Context("US")),)),
)
_BEFORE_NAMES = (
    "state of", "province of", "county of", "city of", "community of", "region of", "provincia de", "provincia di",
    "provincia", "prov", "estado de", "estado do", "estado da", "est de", "departamento de", "distrito de",
    "comunidad de", "canton of", "canton de", "kanton", "kt", "land", "freistaat", "regione", "region", "co",
    "wojewodztwo", "woj", "г",
)  # fmt: skip
_AFTER_NAMES = (
    "state", "province", "county", "prefecture", "oblast", "region", "municipality", "voivodeship", "autonomous region",
    "city", "ken", "fu", "sheng", "shi", "do", "si", "lan", "область", "обл", "край",
)  # fmt: skip
_AROUND_NAMES = re.compile(f"(?:(?:{'|'.join(_BEFORE_NAMES)}) )?(.+?)(?: (?:{'|'.join(_AFTER_NAMES)}))?").fullmatch
_HAN = frozenset({"CN", "TW", "HK", "MO", "JP"})
_TURNED = re.compile(r"([^,]+), ?([^,]+)").fullmatch
_TWICE = re.compile(r"(.+?)(?: ?\((.+)\)| [-–/] (.+))").fullmatch
_CJK_ENDINGS = "省市県府都道州郡县도시"


@dataclass(frozen=True, slots=True)
class Region:
    """A subdivision: country (alpha-2), its code in ISO 3166-2 without the country ("" for none), English name."""

    country: str
    code: str
    name: str

    @property
    def standard(self) -> str:
        """What is written in an address: the code if it has letters, else the name."""
        return self.name if not self.code or any(character.isdigit() for character in self.code) else self.code


@cache
def _regions() -> dict[str, dict[str, Region]]:
    """Return country → key → region; a name wins over a code, an earlier code over a later one."""
    found: dict[str, dict[str, Region]] = defaultdict(dict)
    rows = [(Region(country, code, name), aliases) for country, code, name, aliases in table("regions.tsv")]
    for region, _ in rows:
        if region.code:
            found[region.country][region.code.casefold()] = region
    for region, aliases in rows:
        for key in (place_key(region.name), *aliases.split("|")):
            if key:
                found[region.country].setdefault(key, region)
    for country in _HAN & found.keys():
        for key, region in list(found[country].items()):
            found[country].setdefault(simplified(key), region)
    return dict(found)


@cache
def _by_name() -> dict[str, Region | None]:
    """Return the regions whose names (not codes) mean one region of the world; None for the ambiguous."""
    found: dict[str, Region | None] = {}
    for regions in _regions().values():
        for key, region in regions.items():
            if len(key) > 3 and key != region.code.casefold():
                found[key] = region if found.get(key, region) == region else None
    return found


def region_of(text: str, country: str | None) -> Region | None:
    """Return the region of `country` that a code or name means; without a country only what is unique in the world."""
    if country is None:
        return _by_name().get(place_key(text))
    regions = _regions().get(country, {})
    key = place_key(text)
    if key in regions:
        return regions[key]
    found = next((regions[one] for one in _keys(text, key, country) if one in regions), None)
    return found or _in_other_words(text, country)


def _in_other_words(text: str, country: str) -> Region | None:
    """Return the region of "Bristol, City of", and of "Texas (TX)" and "TX - Texas", where both name the same one."""
    if (turned := _TURNED(text)) and (found := region_of(f"{turned[2]} {turned[1]}", country)):
        return found
    pair = _TWICE(text)
    if pair is None:
        return None
    first, second = (region_of(name, country) for name in (pair[1], pair[2] or pair[3]))
    return first if first == second else None


def _keys(text: str, key: str, country: str) -> Iterator[str]:
    """Yield further keys of a name: without blanks, without the country, without what kind of region it is."""
    if "/" not in text:
        yield key.replace(" ", "")
    code = country.casefold()
    alone = key.removeprefix(f"{code} ").removesuffix(f" {code}")
    if country == "US":
        alone = alone.removeprefix("usa ").removesuffix(" usa")
    yield alone
    if found := _AROUND_NAMES(alone):
        yield found[1]
    if key.isascii() or not key:
        return
    key = simplified(key)
    yield key
    if key[-1] in _CJK_ENDINGS:
        yield key[:-1]
    elif ord(key[-1]) > 0x2E80:
        yield from (key + ending for ending in _CJK_ENDINGS)


def standardize_region(value: str, context: Context) -> Standard:
    """Return the code or name of the region; parts `name` (English), `iso` (US-TX) if it has one, and `country`."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    region = region_of(draft.value, context.country)
    if region is None:
        return _not_found(draft)
    draft.part("name", region.name)
    draft.part("iso", region.code and f"{region.country}-{region.code}")
    draft.part("country", region.country)
    draft.change("R101" if region.standard == region.code else "R102", region.standard)
    return draft.done()


def _not_found(draft: Draft) -> Standard:
    country = draft.context.country
    if country is None:
        return draft.done()  # regions are known by their country only; nothing can be said
    if elsewhere := region_of(draft.value, None):
        return draft.unknown("R301", f'"{draft.value}" is a region of {elsewhere.country}, not of {country}')
    if country in _regions():
        return draft.unknown("R300", f'{country} has no region called "{draft.value}"')
    return draft.done()
