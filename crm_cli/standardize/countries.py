"""Countries: ISO 3166-1 alpha-2 from codes and names in some seventy languages (Unicode CLDR)."""

from __future__ import annotations

import re
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
    Rule(
        "K201",
        "The letter on the vehicles of a country (UN convention on road traffic) as its code",
        _KINDS,
        (Example("D", "DE", Context(unsafe=True)), Example("F", "FR", Context(unsafe=True))),
    ),
    Rule("K300", "Country not recognized", _KINDS, (Example("Atlantis", "Atlantis"), Example("D", "D"))),
    Rule("K301", "The name is that of a part of the country", _KINDS, (Example("Scotland", "GB"),)),
)
_PARTS_OF = {
    name.replace("_", " "): code
    for code, names in {
        "ENG": "england angleterre inglaterra inghilterra engeland anglia 英格兰 イングランド 잉글랜드",
        "SCT": "scotland schottland ecosse escocia scozia 苏格兰 スコットランド",
        "WLS": "wales cymru gales galles pays_de_galles 威尔士",
        "NIR": "northern_ireland n_ireland nordirland irlande_du_nord irlanda_del_norte irlanda_del_nord 北爱尔兰",
    }.items()
    for name in names.split()
}
# distinguishing signs of one letter, of the countries whose postal codes were written with them; a letter in a field
# may also stand for something else ("D" domestic, "A" abroad), so only on request
_VEHICLES = {
    "A": "AT", "B": "BE", "D": "DE", "E": "ES", "F": "FR", "H": "HU", "I": "IT", "L": "LU", "N": "NO", "P": "PT",
    "S": "SE", "V": "VA",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"(.+?) ?[(\[](.+?)[)\]]").fullmatch
_TURNED = re.compile(r"([^,]+), ?([^,]+)").fullmatch
_FORMS_OF_STATE = re.compile(  # not "State of": that is Georgia in the United States
    r"(?:the )?(?:(?:federal |islamic )?rep(?:ublic)?|kingdom|principality|sultanate|union) of(?: the)? "
)


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
    if found := countries.get(key):
        return found
    squeezed = "" if "/" in text else key.replace(" ", "")  # "U.S.A." is a code, "n/a" is none
    return countries.get(key.removeprefix("the ")) or countries.get(squeezed) or _in_other_words(text, key)


def _in_other_words(text: str, key: str) -> Country | None:
    """Return the country of "Germany (DE)", "Ireland, Republic of" and "Kingdom of Spain"."""
    if pair := _IN_BRACKETS(text):
        first, second = country_of(pair[1]), country_of(pair[2])
        return first if first == second or pair[2].casefold() == "the" else None
    if (pair := _TURNED(text)) and (found := country_of(f"{pair[2]} {pair[1]}")):
        return found
    alone = _FORMS_OF_STATE.sub("", key, count=1)
    return _countries().get(alone) if alone != key and len(alone) > 3 else None


def standardize_country(value: str, context: Context) -> Standard:
    """Return the alpha-2 code; parts `name` (English), `alpha3`, and `region` for a part of the United Kingdom."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    country = country_of(draft.value)
    if country is None and (sign := _VEHICLES.get(draft.value.upper())):
        if not draft.change("K201", sign):
            return draft.unknown("K300", f'No country is called "{draft.value}"; on vehicles it is {sign} (rule K201)')
        country = country_of(sign)
    if country is None:
        return draft.unknown("K300", f'No country is called "{draft.value}"')
    draft.part("name", country.name)
    draft.part("alpha3", country.alpha3)
    if region := _PARTS_OF.get(place_key(draft.value)):
        draft.part("region", region)
        draft.flag("K301", f'"{draft.value}" is a part of {country.name}; the region field can hold it')
    draft.change("K101", country.code)
    return draft.done()
