"""Postal codes: the pattern and spelling of some hundred countries (facts of the Universal Postal Union)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard
from crm_cli.standardize.wordlists import words
from crm_cli.standardize.zip_states import ZIP_STATES

__all__ = ["RULES", "standardize_postal_code"]

_KINDS = (SemanticType.POSTAL_CODE,)
_US = Context("US")
RULES = (
    Rule("Z101", "The spelling of the country: capital letters, blank or hyphen in its place, ZIP+4", _KINDS,
         (Example("k1a0b1", "K1A 0B1", Context("CA")), Example("sw1a1aa", "SW1A 1AA", Context("GB")),
          Example("123456789", "12345-6789", _US), Example("D-80331", "80331", Context("DE")))),
    Rule("Z102", "Leading zeros that a spreadsheet dropped are put back", _KINDS,
         (Example("2139", "02139", _US), Example("1067", "01067", Context("DE")))),
    Rule("Z103", "A decimal part .0 that a spreadsheet added is dropped", _KINDS,
         (Example("80331.0", "80331", Context("DE")),)),
    Rule("Z300", "Not a postal code of the country", _KINDS, (Example("1234X", "1234X", _US),)),
    Rule("Z301", "The country has no postal codes", _KINDS, (Example("0000", "0000", Context("AE")),)),
    Rule("Z302", "No such postal code is in use", _KINDS, (Example("00000", "00000", _US),)),
)  # fmt: skip

# Pattern by country in a small notation: 9 a digit, A a letter, X either, the rest stands for itself. The last pattern
# of a country is the one whose leading zeros are restored.
_PATTERNS = {
    "US": "99999 99999-9999", "PR": "99999 99999-9999", "GU": "99999 99999-9999", "VI": "99999 99999-9999",
    "CA": "A9A_9A9", "AU": "9999", "NZ": "9999", "AT": "9999", "BE": "9999", "BG": "9999", "CH": "9999", "LI": "9999",
    "CY": "9999", "DK": "9999", "HU": "9999", "LU": "9999", "NO": "9999", "SI": "9999", "ZA": "9999", "PH": "9999",
    "TN": "9999", "GE": "9999", "AM": "9999", "BD": "9999", "AL": "9999", "MK": "9999", "PY": "9999", "VE": "9999",
    "DE": "99999", "FR": "99999", "ES": "99999", "IT": "99999", "FI": "99999", "EE": "99999", "HR": "99999",
    "RS": "99999", "BA": "99999", "ME": "99999", "UA": "99999", "TR": "99999", "MX": "99999", "ID": "99999",
    "MY": "99999", "TH": "99999", "KR": "99999", "SA": "99999 99999-9999", "EG": "99999", "MA": "99999", "DZ": "99999",
    "PE": "99999", "UY": "99999", "CR": "99999", "GT": "99999", "DO": "99999", "CU": "99999", "PK": "99999",
    "LK": "99999", "NP": "99999", "KE": "99999", "JO": "99999", "IQ": "99999", "KW": "99999", "MC": "99999",
    "SM": "99999", "VA": "99999", "MM": "99999", "LA": "99999", "ZM": "99999", "SN": "99999", "MQ": "99999",
    "GP": "99999", "RE": "99999", "GF": "99999", "YT": "99999", "PM": "99999", "NC": "99999", "PF": "99999",
    "CN": "999999", "IN": "999999", "RU": "999999", "KZ": "999999", "BY": "999999", "RO": "999999", "SG": "999999",
    "VN": "999999 99999", "CO": "999999", "EC": "999999",
    "NG": "999999", "UZ": "999999", "KG": "999999", "TJ": "999999",
    "GR": "999_99", "CZ": "999_99", "SK": "999_99", "SE": "999_99", "IS": "999", "MG": "999", "TW": "999 99999 999999",
    "PL": "99-999", "PT": "9999-999", "JP": "999-9999", "BR": "99999-999", "NL": "9999_AA", "LV": "LV-9999",
    "LT": "LT-99999", "MD": "MD-9999", "AZ": "AZ_9999", "MT": "AAA_9999", "AD": "AD999", "IE": "XXX_XXXX",
    "AR": "9999 A9999AAA", "CL": "999-9999", "IR": "99999-99999", "IL": "9999999", "LB": "9999 9999_9999",
    "BN": "AA9999", "BM": "AA_99", "KY": "KY9-9999", "BB": "BB99999", "FO": "999", "GL": "9999", "SZ": "A999",
    "GG": "GY9_9AA GY99_9AA", "JE": "JE9_9AA JE99_9AA", "IM": "IM9_9AA IM99_9AA",
    "GB": "A9_9AA A99_9AA A9A_9AA AA9_9AA AA99_9AA AA9A_9AA",
}  # fmt: skip
_NONE = words(
    """
    AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CM DJ DM ER FJ GD GH GM GQ GY HK KI KM ML MO MR MW NR QA RW SB
    SC SL SR ST SY TD TG TK TL TO TV UG VU YE ZW
    """
)  # fmt: skip
_VEHICLE = {"DE": "D", "AT": "A", "BE": "B", "FR": "F", "IT": "I", "LU": "L", "NO": "N", "SE": "S", "ES": "E",
            "FI": "FIN", "HU": "H", "PT": "P", "SI": "SLO", "LI": "FL", "EE": "EST", "RO": "RO"}  # fmt: skip
_UNUSED = {"US": re.compile("0000|99999"), "DE": re.compile("00|05|43|62|99999"), "FR": re.compile("00|99"),
           "CA": re.compile("[DFIOQUWZ]"), "ES": re.compile("00|5[3-9]|[6-9]")}  # fmt: skip
_SIGNS = {"9": "[0-9]", "A": "[A-Z]", "X": "[A-Z0-9]"}


@cache
def _shapes(country: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return, for each pattern of a country, the expression of a code without separators, and the pattern."""
    shapes = []
    for pattern in _PATTERNS[country].split():
        literal = _literal(pattern)
        signs = [sign for sign in pattern[len(literal) :] if sign not in "_-"]
        shapes.append((re.compile(literal + "".join(_SIGNS.get(sign, sign) for sign in signs)), pattern))
    return tuple(shapes)


def standardize_postal_code(value: str, context: Context) -> Standard:
    """Return the code in the spelling of `context.country`; parts `zip` and `plus4` (US), `area` (first part, GB, CA).

    Without a country, or for one whose pattern is not known, the code is only tidied and set in capitals.
    """
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    country = context.country or ""
    draft.change("Z103", re.sub(r"^(\d+)\.0+$", r"\1", draft.value))
    if country in _NONE:
        draft.flag("Z301", f"{country} has no postal codes")
        return draft.done()
    if country not in _PATTERNS:
        draft.change("Z101", unicodedata.normalize("NFC", draft.value.upper()))
        return draft.done()
    return _in_country(draft, country)


@cache
def _as_written(country: str) -> re.Pattern[str]:
    """Return the expression of a code that is in its standard spelling already: nearly all are."""
    shapes = []
    for pattern in _PATTERNS[country].split():
        literal = _literal(pattern)
        signs = (" " if sign == "_" else _SIGNS.get(sign, re.escape(sign)) for sign in pattern[len(literal) :])
        shapes.append(literal + "".join(signs))
    return re.compile("|".join(shapes))


def _literal(pattern: str) -> str:
    """Return the letters of the country at the beginning of a pattern such as LV-9999."""
    found = re.match(r"(?!AA)[A-Z]{2}(?=[\d_-])", pattern)
    return found.group() if found else ""


def _in_country(draft: Draft, country: str) -> Standard:
    if _as_written(country).fullmatch(draft.value):
        return _checked(draft, country, draft.value)
    bare = _bare(draft.value, country)
    written = _written(bare, country)
    if written is None and (padded := _padded(bare, country)) is not None and draft.context.allows("Z102"):
        draft.change("Z102", padded)
        written = padded
    if written is None:
        return draft.unknown("Z300", f'"{draft.value}" is not a postal code of {country}')
    draft.change("Z101", written)
    return _checked(draft, country, written)


def _checked(draft: Draft, country: str, written: str) -> Standard:
    unused = _UNUSED.get(country)
    if unused and unused.match(written):
        draft.flag("Z302", f"No postal code {written} is in use in {country}")
    _parts(draft, country, written)
    return draft.done()


def _bare(text: str, country: str) -> str:
    """Return the code without separators and without the country in front (D-80331)."""
    text = text.upper().removeprefix("〒").strip()
    for prefix in (country, _VEHICLE.get(country, country)):
        rest = re.sub(rf"^{prefix}[\s\-–]+(?=[A-Z0-9])", "", text)
        text = rest if re.match(r".*[0-9]", rest) else text
    bare = re.sub(r"[\s\-–_.]+", "", text)
    if bare.isdigit() and country in {"LV", "LT", "MD", "AZ", "AD", "BB"}:
        bare = country + bare
    return bare


def _written(bare: str, country: str) -> str | None:
    for shape, pattern in _shapes(country):
        if shape.fullmatch(bare):
            signs = iter(bare)
            return "".join({"_": " ", "-": "-"}.get(sign) or next(signs) for sign in pattern)
    return None


def _padded(bare: str, country: str) -> str | None:
    """Return the code with its leading zeros, where numbers of one or two digits less can only have lost them."""
    pattern = _PATTERNS[country].split()[0]
    digits = pattern.count("9")
    lost = digits - len(bare)
    if not bare.isdigit() or set(pattern) - set("9-_") or not 1 <= lost <= (2 if country in {"US", "PR"} else 1):
        return None
    if country in {
        "US",
        "DE",
        "FR",
        "ES",
        "IT",
        "PR",
        "MX",
        "MY",
        "FI",
        "TR",
        "PL",
        "AU",
        "RO",
        "SG",
        "BR",
        "PT",
        "JP",
        "GR",
    }:
        return _written(bare.zfill(digits), country)
    return None


def _parts(draft: Draft, country: str, written: str) -> None:
    if country == "US":
        draft.part("zip", written[:5])
        draft.part("plus4", written[6:])
        draft.part("region", ZIP_STATES.get(written[:3]))
    elif country in {"GB", "CA", "NL", "IE"}:
        draft.part("area", written.split(" ")[0])
