"""Delivery lines of postal addresses: United States by usaddress and USPS Publication 28, elsewhere lines as given."""

from __future__ import annotations

import re

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.cities import title_case
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.us_addresses import read_us
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "standardize_street"]

_KINDS = (SemanticType.STREET,)
_US, _DE = Context("US"), Context("DE")
RULES = (
    Rule("A101", "The case of lines that were typed all in capitals or all in small letters", _KINDS,
         (Example("123 MAIN ST", "123 Main St", _US),
          Example("10 RUE DE LA PAIX", "10 Rue de la Paix", Context("FR")))),
    Rule("A102", "Directions, kinds of street and units abbreviated as USPS Publication 28 says", _KINDS,
         (Example("123 North Main Street, Apartment 4b", "123 N Main St Apt 4B", _US),
          Example("45 Oak Avenue Suite #200", "45 Oak Ave Ste 200", _US))),
    Rule("A103", "Post office boxes, rural routes and military addresses as USPS Publication 28 says", _KINDS,
         (Example("P.O. Box 12", "PO Box 12", _US), Example("Rural Route 2 Box 45", "RR 2 Box 45", _US))),
    Rule("A104", '"str." spelled out in Germany and Austria', _KINDS,
         (Example("Hauptstr. 5", "Hauptstraße 5", _DE), Example("Berliner Str. 7", "Berliner Straße 7", _DE))),
    Rule("A300", "Not understood as an address of the United States", _KINDS, (Example("ask Bob", "ask Bob", _US),)),
    Rule("A301", "More than the street: city, state or ZIP code in the street", _KINDS,
         (Example("123 Main St, Springfield, IL 62701", "123 Main St, Springfield, IL 62701", _US),
          Example("Hauptstr. 5, 10115 Berlin", "Hauptstraße 5, 10115 Berlin", _DE))),
    Rule("A302", "No house number", _KINDS, (Example("Main St", "Main St", _US),)),
)  # fmt: skip
_AMERICAN = frozenset({"US", "PR", "GU", "VI", "AS", "MP"})
_STR = re.compile(r"(?<=[a-zäöüß])str(?:\.|(?=\s+\d))|(?<=[ \-])[Ss]tr(?:\.|(?=\s+\d))|^[Ss]tr\.(?=\s)")


# the last line of an address where the postal code stands before the town, after what is the street
_TOWN = re.compile(
    r".*[^\W\d_].*[,\n]\s*(?:[A-Z]{1,2}-)?(?P<code>\d{4} [A-Z]{2}|\d{4,5}|\d{3} \d{2}|\d{2}-\d{3}) "
    r"(?P<city>[^\W\d_][^\d,\n]*)",
    re.DOTALL,
).fullmatch


def standardize_street(value: str, context: Context) -> Standard:
    """Return the delivery line (United States) or lines.

    Parts in the United States: `number`, `predirectional`, `street_name`, `street_type`, `postdirectional`,
    `unit_type`, `unit`, `box_type`, `box`, `route_type`, `route`, `building`, and `city`, `region`, `postal_code` where
    they stand in the street. Elsewhere `city` and `postal_code`, where the line ends with "10115 Berlin" or the like.
    """
    draft = tidy(value, context, lines=context.country not in _AMERICAN)
    if not draft.value:
        return draft.done()
    if context.country in _AMERICAN:
        return read_us(draft)
    lines = draft.value.split("\n")
    draft.change("A101", "\n".join(title_case(line) if _one_case(line) else line for line in lines))
    if context.country in {"DE", "AT"}:
        draft.change("A104", _STR.sub(_spelled_out, draft.value))
    if found := _TOWN(draft.value):
        draft.part("postal_code", found["code"])
        draft.part("city", found["city"].strip())
        draft.flag("A301", f'"{draft.value}" has more than the street: {found["code"]}, {found["city"].strip()}')
    return draft.done()


def _one_case(line: str) -> bool:
    letters = sum(character.isalpha() for character in line)
    return letters >= 4 and (line.isupper() or line.islower())


def _spelled_out(found: re.Match[str]) -> str:
    return "Straße" if found.group()[0] == "S" else "straße"
