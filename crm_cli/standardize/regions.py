"""Regions (state, province, county): the code of ISO 3166-2 within the country, or the name where codes are numbers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from crm_cli.dictionary import SemanticType
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
        "The usual name of a region, where codes are numbers",
        _KINDS,
        (Example("TOKYO", "Tokyo", Context("JP")), Example("13", "Tokyo", Context("JP"))),
    ),
    Rule("R300", "Region not recognized", _KINDS, (Example("Texass", "Texass", Context("US")),)),
    Rule("R301", "Region of another country", _KINDS, (Example("Bavaria", "Bavaria", Context("US")),)),
)
_SURNAMES_OF_REGIONS = (
    "state of", "province of", "county of", "provincia de", "provincia di", "estado de", "land", "canton of",
    "canton de", "kanton", "state", "province", "county", "prefecture", "oblast", "ken", "fu", "sheng", "shi",
)  # fmt: skip
_CJK_ENDINGS = "省市県府都道州郡縣县도시"


@dataclass(frozen=True, slots=True)
class Region:
    """A subdivision: country (alpha-2), its code in ISO 3166-2 without the country, English name."""

    country: str
    code: str
    name: str

    @property
    def standard(self) -> str:
        """What is written in an address: the code if it has letters, else the name."""
        return self.name if any(character.isdigit() for character in self.code) else self.code


@cache
def _regions() -> dict[str, dict[str, Region]]:
    """Return country → key → region; a name wins over a code, an earlier code over a later one."""
    found: dict[str, dict[str, Region]] = defaultdict(dict)
    rows = [(Region(country, code, name), aliases) for country, code, name, aliases in table("regions.tsv")]
    for region, _ in rows:
        found[region.country][region.code.casefold()] = region
    for region, aliases in rows:
        for key in (place_key(region.name), *aliases.split("|")):
            if key:
                found[region.country].setdefault(key, region)
    return dict(found)


@cache
def _by_name() -> dict[str, Region | None]:
    """Return the regions whose names (not codes) mean one region of the world; None for the ambiguous."""
    found: dict[str, Region | None] = {}
    for regions in _regions().values():
        for key, region in regions.items():
            if len(key) > 3 and key != region.code.casefold():
                found[key] = None if key in found else region
    return found


def region_of(text: str, country: str | None) -> Region | None:
    """Return the region of `country` that a code or name means; without a country only what is unique in the world."""
    if country is None:
        return _by_name().get(place_key(text))
    regions = _regions().get(country, {})
    return next((regions[key] for key in _keys(text, country) if key in regions), None)


def _keys(text: str, country: str) -> list[str]:
    key = place_key(text)
    keys = [key, key if "/" in text else key.replace(" ", ""), key.removeprefix(f"{country.casefold()} ")]
    for word in _SURNAMES_OF_REGIONS:
        keys += [key.removeprefix(f"{word} "), key.removesuffix(f" {word}")]
    if key and key[-1] in _CJK_ENDINGS:
        keys.append(key[:-1])
    elif key and ord(key[-1]) > 0x2E80:
        keys += [key + ending for ending in _CJK_ENDINGS]
    return keys


def standardize_region(value: str, context: Context) -> Standard:
    """Return the code or name of the region; parts `name` (English), `iso` (US-TX) and `country`."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    region = region_of(draft.value, context.country)
    if region is None:
        return _not_found(draft)
    draft.part("name", region.name)
    draft.part("iso", f"{region.country}-{region.code}")
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
