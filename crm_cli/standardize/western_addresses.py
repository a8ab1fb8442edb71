"""Street and house number of lines in Latin letters, where the country has one order; and its usual abbreviations.

The order of a delivery line is that of the Universal Postal Union's descriptions of the countries' addressing systems.
What does not fit the shape as a whole gives no parts: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from crm_cli.standardize.wordlists import words

__all__ = ["spelled_out", "street_parts", "town_of"]

_LETTER = r"[^\W\d_]"
# 5, 5a, 5 a, 5-7, 5/7, 12 bis
_NUMBER_AFTER = rf"\d{{1,5}}(?: ?[A-Za-z](?!{_LETTER}))?(?: ?[-–/+] ?(?:\d{{1,5}} ?[A-Za-z]?|[A-Za-z])(?!{_LETTER}))*"
_AFTER = re.compile(
    rf"(?P<street>(?:\d{{1,3}}(?:e|de|ste|º|ª|\.) ?)?{_LETTER}[^\n]*?{_LETTER}[.)]?)"
    rf"(?:, ?| )(?:[Nn](?:r|º|°|o)?\.? ?)?(?P<number>{_NUMBER_AFTER})(?:(?:, ?| - | )(?P<unit>[^\n]{{1,30}}))?"
).fullmatch
_STAIRS = re.compile(r"(\d{1,5}[A-Za-z]?)/(\d{1,4}(?:/\d{1,4})*)").fullmatch
_ADDITION = re.compile(r"(\d{1,5}[A-Za-z]?)-(\d{1,4}|[A-Za-z])").fullmatch
# floor and door: 3º B, 2. th, III, Whg. 3, bus 2, 1. Etage
_DOOR = re.compile(
    r"(?i)\d{1,3} ?[ºª°](?: ?(?:[a-z]{1,4}|\d{1,3})[.ºª]?)?|\d{1,2}\. ?(?:tv|th|mf|etage|stock|og|obergeschoss)\.?"
    r"|st\.? ?(?:tv|th|mf)|[ivx]{1,4}|bis|hs|huis"
    r"|(?:stiege|top|tür|wohnung|whg|etage|stock|piso|puerta|pta|planta|esc|bloque|interno|int|scala|m|bus|bte|box"
    r"|apto|apt|ap|andar|sala|depto|dpto|local|loc|kl|lgh)[. ]{1,2}[\w .ºª/-]{1,15}"
).fullmatch
_BOX = re.compile(
    r"(?i)(?:p\.? ?o\.? ?box|postfach|postbus|postboks|postbox|box|boks|b\.?p\.?|bo[iî]te postale"
    r"|apartado(?: de correos)?|casella postale|caixa postal|apdo\.?|skr(?:ytka|\.) poczt(?:owa|\.))"
    r"\.? (\d[\d ]{0,9}\d|\d)"
).fullmatch
_FRENCH_KIND = (
    "rue|avenue|boulevard|place|quai|impasse|all[ée]e|chemin|route|cours|square|passage|villa|esplanade|sentier|cit[ée]"
)
_BEFORE = re.compile(
    rf"(?:(?P<unit>(?i:flat|apartment|apt|unit|suite|room|shop|level|appartement|appt|app)\.? ?[\w-]{{1,6}}),? )?"
    rf"(?:(?P<in>\d{{1,4}}[A-Za-z]?)/)?(?P<number>\d{{1,5}}(?: ?[-–] ?\d{{1,5}})?"
    rf"(?: ?(?:bis|ter|quater)(?!\w)|[A-Za-z](?!\w)| [A-Z](?=[ ,]))?),? "
    rf"(?P<street>{_LETTER}[^\d,\n]*?\.?|(?i:{_FRENCH_KIND}) [^,\n]*)"
).fullmatch
_LAST = words("DE AT CH LI NL DK SE NO FI IS PL CZ SK SI HR RS BA IT SM ES PT BR MX AR CL PE UY EE LV LT")
_FIRST = words("FR MC LU GB IE AU NZ CA ZA IN SG MY")
_DIVIDED = dict.fromkeys(("AT", "PL", "HR", "RS"), _STAIRS) | {"NL": _ADDITION}  # elsewhere two numbers of one house


def street_parts(line: str, country: str) -> dict[str, str]:
    """Return `street_name`, `number` and `unit`, or `box`, of a delivery line, or {} where it has another shape."""
    number_first = country in _FIRST or (country == "BE" and line[:1].isdigit())
    if not number_first and country not in _LAST and country != "BE":
        return {}
    parts = _number_first(line) if number_first else _number_last(line, country)
    if line[:1] in "BbPpAaCcSs" and (box := _BOX(line)):
        return {"box": box[1]}
    return parts


def _number_last(line: str, country: str) -> dict[str, str]:
    found = _AFTER(line)
    if found is None:
        return {}
    street, number, unit = found.groups()
    if unit:
        if not _DOOR(unit):
            return {}
    elif (divided := _DIVIDED.get(country)) and (parted := divided(number)):
        number, unit = parted.groups()
    parts = {"street_name": street, "number": number.replace(" ", "") if " " in number else number}
    return parts | {"unit": unit} if unit else parts


def _number_first(line: str) -> dict[str, str]:
    found = _BEFORE(line)
    if found is None:
        return {}
    parts = {"street_name": found["street"], "number": found["number"]}
    unit = found["unit"] or found["in"]
    return parts | {"unit": unit} if unit else parts


# the end of an address where the postal code stands before the town, after what is the street
_CODE_FIRST = re.compile(
    r"(?P<street>.*[^\W\d_].*)[,\n]\s*(?:[A-Z]{1,2}-)?(?P<postal_code>\d{4} [A-Z]{2}|\d{4,5}|\d{3} \d{2}|\d{2}-\d{3}) "
    r"(?P<city>[^\W\d_][^\d,\n]*)",
    re.DOTALL,
).fullmatch
_TOWN = r"(?P<street>.*[^\W\d_].*)[,\n]\s*(?P<city>[^\W\d_][^\d,\n]*?)"
_CODE_LAST = {
    "GB": re.compile(_TOWN + r"[,\s]\s*(?P<postal_code>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})", re.DOTALL).fullmatch,
    "CA": re.compile(
        _TOWN + r"[,\s]\s*(?P<region>[A-Z]{2}),?\s+(?P<postal_code>[A-Z]\d[A-Z] \d[A-Z]\d)", re.DOTALL
    ).fullmatch,
    "AU": re.compile(_TOWN + r"[,\s]\s*(?P<region>[A-Z]{2,3}),?\s+(?P<postal_code>\d{4})", re.DOTALL).fullmatch,
}  # fmt: skip


def town_of(text: str, country: str | None) -> dict[str, str] | None:
    """Return `street` and what stands behind it: `city`, `postal_code`, `region`; None where nothing does."""
    if "," not in text and "\n" not in text:
        return None
    found = _CODE_LAST.get(country or "", _CODE_FIRST)(text)
    return {name: part.strip() for name, part in found.groupdict().items()} if found else None


_FRENCH = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard", "boul": "boulevard",
    "imp": "impasse", "all": "allée", "chem": "chemin", "rte": "route", "fbg": "faubourg", "fg": "faubourg",
}  # fmt: skip
_SPANISH = {"avda": "avenida", "avd": "avenida", "pza": "plaza", "plza": "plaza", "ctra": "carretera"}
_AMERICAN_SPANISH = _SPANISH | {"av": "avenida", "blvd": "boulevard", "calz": "calzada"}
_PORTUGUESE = {
    "av": "avenida", "avd": "avenida", "r": "rua", "pça": "praça", "pç": "praça", "trav": "travessa", "tv": "travessa",
    "al": "alameda", "rod": "rodovia", "estr": "estrada", "lgo": "largo",
}  # fmt: skip
_ITALIAN = {
    "v.le": "viale", "p.zza": "piazza", "p.za": "piazza", "c.so": "corso", "l.go": "largo", "v.lo": "vicolo",
    "loc": "località", "fraz": "frazione",
}  # fmt: skip
_BRITISH = {
    "rd": "road", "st": "street", "ave": "avenue", "av": "avenue", "ln": "lane", "cl": "close", "cres": "crescent",
    "gdns": "gardens", "sq": "square", "dr": "drive", "ct": "court", "terr": "terrace", "tce": "terrace",
}  # fmt: skip
_BEGIN = r"(?:^|(?<=\n)|(?<=\d )|(?<=\d, )|(?<=bis )|(?<=ter ))"
_Rewrite = Callable[[str], str]


def _expander(words: dict[str, str], before: str, after: str, *, point: str) -> _Rewrite:
    """Return the function that spells out `words` between `before` and `after`, in the case of their first letter."""
    longest = sorted(words, key=len, reverse=True)
    pattern = re.compile(f"(?i){before}({'|'.join(map(re.escape, longest))}){point}{after}")

    def word(found: re.Match[str]) -> str:
        full = words[found[1].lower()]
        return full.capitalize() if found[1][0].isupper() else full

    return lambda text: pattern.sub(word, text)


def _by_country() -> dict[str, _Rewrite]:
    name = rf"(?= {_LETTER})"
    french = _expander(_FRENCH, _BEGIN, name, point=r"\.?")
    spanish = _expander(_SPANISH, _BEGIN, name, point=r"\.?")
    american = _expander(_AMERICAN_SPANISH, _BEGIN, name, point=r"\.")
    portuguese = _expander(_PORTUGUESE, _BEGIN, name, point=r"\.")
    italian = _expander(_ITALIAN, _BEGIN, name, point=r"\.?")
    british = _expander(_BRITISH, rf"(?<={_LETTER}{_LETTER} )", r"(?=$|,|\n)", point=r"\.?")
    return (
        dict.fromkeys(("FR", "MC", "LU"), french)
        | {"ES": spanish, "IT": italian, "SM": italian}
        | dict.fromkeys(("MX", "AR", "CL", "CO", "PE", "UY", "EC", "VE"), american)
        | dict.fromkeys(("PT", "BR"), portuguese)
        | dict.fromkeys(("GB", "IE"), british)
        | {"NL": _dutch}
        | dict.fromkeys(("DE", "AT"), _german)
        | dict.fromkeys(("CH", "LI"), _swiss)
    )


_STR = re.compile(r"(?<=[a-zäöüß])str(?:\.|(?=\s+\d))|(?<=[ \-])[Ss]tr(?:\.|(?=\s+\d))|(?<![^\n])[Ss]tr\.(?=\s)")
_DUTCH_STR = re.compile(r"(?<=[a-z])str(?:\.|(?=\s+\d))")


def _german(text: str) -> str:
    return _with_street(text, _STR, "straße")


def _swiss(text: str) -> str:
    return _with_street(text, _STR, "strasse")


def _dutch(text: str) -> str:
    return _with_street(text, _DUTCH_STR, "straat")


def _with_street(text: str, pattern: re.Pattern[str], word: str) -> str:
    """Return `text` with "str." as `word`, until nothing changes: one that is spelled out may stand before another."""
    while "str" in text or "Str" in text:
        given = text
        text = pattern.sub(lambda found: word.capitalize() if found.group()[0] == "S" else word, text)
        if text == given:
            break
    return text


_SPELLED_OUT = _by_country()


def spelled_out(text: str, country: str | None) -> str:
    """Return the lines with the abbreviations for kinds of streets spelled out that mean one thing in the country."""
    rewrite = _SPELLED_OUT.get(country or "")
    return rewrite(text) if rewrite else text
