"""Delivery lines of postal addresses: United States by USPS Publication 28, elsewhere the lines as given."""

from __future__ import annotations

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.cities import title_case
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.east_asian import east_asian_parts, is_east_asian
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.us_addresses import read_again, read_us
from crm_cli.standardize.values import Context, Standard
from crm_cli.standardize.western_addresses import spelled_out, street_parts, town_of

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
    Rule("A104", '"str." spelled out where German is written', _KINDS,
         (Example("Hauptstr. 5", "Hauptstraße 5", _DE), Example("Berliner Str. 7", "Berliner Straße 7", _DE),
          Example("Bahnhofstr. 3", "Bahnhofstrasse 3", Context("CH")))),
    Rule("A105", "Kinds of street spelled out whose abbreviation means one thing in the country", _KINDS,
         (Example("12 bd Voltaire", "12 boulevard Voltaire", Context("FR")),
          Example("Avda. de América 5", "Avenida de América 5", Context("ES")),
          Example("V.le Monza 1", "Viale Monza 1", Context("IT")),
          Example("10 Mill Rd", "10 Mill Road", Context("GB")),
          Example("Kalverstr. 1", "Kalverstraat 1", Context("NL")))),
    Rule("A300", "Not understood as an address of the United States", _KINDS, (Example("ask Bob", "ask Bob", _US),)),
    Rule("A301", "More than the street: city, state or ZIP code in the street", _KINDS,
         (Example("123 Main St, Springfield, IL 62701", "123 Main St, Springfield, IL 62701", _US),
          Example("Hauptstr. 5, 10115 Berlin", "Hauptstraße 5, 10115 Berlin", _DE))),
    Rule("A302", "No house number", _KINDS, (Example("Main St", "Main St", _US),)),
    Rule("A303", "An address of another country than the record's", _KINDS,
         (Example("北京市海淀区中关村大街1号", "北京市海淀区中关村大街1号", _US),)),
)  # fmt: skip
_GERMAN = frozenset({"DE", "AT", "CH", "LI"})
_AMERICAN = frozenset({"US", "PR", "GU", "VI", "AS", "MP"})
_ORDINAL_SIGNS = frozenset({"ES", "PT", "IT", "BR", "MX", "AR", "CL", "CO", "PE", "UY", "EC", "VE"})  # "3º" is no "3o"
_CHINA = frozenset({"HK", "MO", "TW"})  # often entered as China, or Taiwan's as no other's


def standardize_street(value: str, context: Context) -> Standard:
    """Return the delivery line (United States) or lines.

    Parts in the United States: `number`, `predirectional`, `street_name`, `street_type`, `postdirectional`,
    `unit_type`, `unit`, `box_type`, `box`, `route_type`, `route`, `building`, and `city`, `region`, `postal_code` where
    they stand in the street. In Chinese, Japanese and Korean letters those of `chinese_addresses` and its neighbours,
    whatever the country of the record. Elsewhere `street_name`, `number` and `unit` where the line has the country's
    shape, and `city` and `postal_code`, where it ends with "10115 Berlin" or the like.
    """
    american = context.country in _AMERICAN
    if american and context.plain and (outcome := read_again(value)):
        return outcome
    draft = tidy(value, context, lines=not american, compatible=context.country not in _ORDINAL_SIGNS)
    if not draft.value:
        return draft.done()
    if is_east_asian(draft.value):
        return _east_asian(draft)
    if american:
        return read_us(draft)
    _recase(draft)
    if (written := spelled_out(draft.value, context.country)) != draft.value:
        draft.change("A104" if context.country in _GERMAN else "A105", written)
        _recase(draft)  # a line of three letters has no case to speak of; spelled out it has
    _western_parts(draft)
    return draft.done()


def _western_parts(draft: Draft) -> None:
    street = draft.value
    if town := town_of(street, draft.context.country):
        street = town.pop("street")
        for name, part in town.items():
            draft.part(name, part)
        draft.flag("A301", f'"{draft.value}" has more than the street: {", ".join(reversed(town.values()))}')
    if country := draft.context.country:
        for line in reversed(street.split("\n")):
            if parts := street_parts(line, country):
                draft.parts.update(parts)
                return


def _east_asian(draft: Draft) -> Standard:
    """Note the parts; the line stays as it is."""
    draft.parts.update(east_asian_parts(draft.value, draft.context.country))
    read, given = draft.parts.get("country"), draft.context.country
    if read and given and read != given and not (given == "CN" and read in _CHINA):
        draft.flag("A303", f'"{draft.value}" is an address in {read}, not in {given}')
    return draft.done()


def _recase(draft: Draft) -> None:
    text = draft.value
    if text.isupper() or text.islower() or "\n" in text:
        lines = text.split("\n")
        draft.change("A101", "\n".join(title_case(line) if _one_case(line) else line for line in lines))


def _one_case(line: str) -> bool:
    return (line.isupper() or line.islower()) and sum(character.isalpha() for character in line) >= 4
