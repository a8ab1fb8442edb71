"""Countries: ISO 3166-1 alpha-2 from codes and names in some seventy languages (Unicode CLDR)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.places import place_key, table
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "Country", "country_codes", "country_of", "standardize_country"]

_KINDS = (SemanticType.COUNTRY,)
RULES = (
    Rule(
        "K101",
        "The two-letter code of ISO 3166-1 for names and codes of a country",
        _KINDS,
        (Example("Deutschland", "DE"), Example("U.S.A.", "US"), Example("中国", "CN"), Example("gbr", "GB")),
    ),
    Rule("K300", "Country not recognized", _KINDS, (Example("Atlantis", "Atlantis"),)),
    Rule("K301", "The name is that of a part of the country", _KINDS, (Example("Scotland", "GB"),)),
)
_PARTS_OF = {
    "england": "ENG", "scotland": "SCT", "wales": "WLS", "northern ireland": "NIR", "schottland": "SCT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    """A country: ISO 3166-1 alpha-2 and alpha-3, English name."""

    code: str
    alpha3: str
    name: str


@cache
def _countries() -> dict[str, Country]:
    """Return countries by every key that means them. Names win over codes: "Oman" is no code, "IN" no word."""
    found: dict[str, Country] = {}
    rows = list(table("countries.tsv"))
    for code, alpha3, name, aliases in rows:
        country = Country(code, alpha3, name)
        for key in (*aliases.split("|"), place_key(name), code.casefold(), alpha3.casefold()):
            if key:
                found.setdefault(key, country)
    return found | {code.casefold(): Country(code, alpha3, name) for code, alpha3, name, _ in rows}


def country_codes() -> list[str]:
    """Return the codes of all countries (ISO 3166-1 alpha-2), in alphabetical order."""
    return sorted(code for code, *_ in table("countries.tsv"))


def country_of(text: str) -> Country | None:
    """Return the country that a name or code means, in any language known, or None."""
    key = place_key(text)
    countries = _countries()
    squeezed = "" if "/" in text else key.replace(" ", "")  # "U.S.A." is a code, "n/a" is none
    return countries.get(key) or countries.get(key.removeprefix("the ")) or countries.get(squeezed)


def standardize_country(value: str, context: Context) -> Standard:
    """Return the alpha-2 code; parts `name` (English), `alpha3`, and `region` for a part of the United Kingdom."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    country = country_of(draft.value)
    if country is None:
        return draft.unknown("K300", f'No country is called "{draft.value}"')
    draft.part("name", country.name)
    draft.part("alpha3", country.alpha3)
    if region := _PARTS_OF.get(place_key(draft.value)):
        draft.part("region", region)
        draft.flag("K301", f'"{draft.value}" is a part of {country.name}; the region field can hold it')
    draft.change("K101", country.code)
    return draft.done()
