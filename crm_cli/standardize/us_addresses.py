"""Addresses of the United States: taken apart by usaddress (or its fast drop-in), written as USPS Publication 28 says.

usaddress labels words by statistics, so a rewritten address may be read differently from the original. What is not
read the same again is not rewritten: that keeps standardizing twice equal to standardizing once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Protocol, cast

from crm_cli.standardize.address_templates import AddressTemplates
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.name_case import word_case
from crm_cli.standardize.usps import BOX_TYPES, DIRECTIONS, ROUTE_TYPES, STREET_TYPES, UNITS
from crm_cli.standardize.values import Context, Standard
from crm_cli.standardize.wordlists import words

__all__ = ["Tagger", "read_again", "read_us", "tagger"]

_PART_NAMES = {
    "AddressNumber": "number", "StreetNamePreDirectional": "predirectional", "StreetName": "street_name",
    "StreetNamePostType": "street_type", "StreetNamePostDirectional": "postdirectional", "OccupancyType": "unit_type",
    "OccupancyIdentifier": "unit", "USPSBoxType": "box_type", "USPSBoxID": "box", "USPSBoxGroupType": "route_type",
    "USPSBoxGroupID": "route", "BuildingName": "building", "PlaceName": "city", "StateName": "region",
    "ZipCode": "postal_code", "Recipient": "recipient", "StreetNamePreType": "pretype", "LandmarkName": "landmark",
}  # fmt: skip
_ELSEWHERE = ("PlaceName", "StateName", "ZipCode", "CountryName")
_PLAIN = Context("US")
_NOTHING: tuple[Mapping[str, str], str] = ({}, "")
_SMALL = words("of the and at de la las los del")
_NUMBERED = re.compile(r"(?:#|no\.?|num\.?)\s*(\w[\w-]*)", re.IGNORECASE).fullmatch
_PLAIN_BOX = re.compile(r"p\.?\s?o\.?\s?b(?:o?x)?\.?\s?(?:#|no\.?)?\s*(\d[\w-]*)", re.IGNORECASE).fullmatch
_ROUTE = re.compile(
    r"(?P<kind>rural\s*(?:route|rte|rt)\.?|r\.?\s?r\.?|r\.?\s?f\.?\s?d\.?|h\.?\s?c\.?(?:\s?r\.?)?"
    r"|highway contract(?: route)?|star route|psc|cmr|unit)[\s#]*(?:no\.?\s*)?(?P<route>\d+[a-z]?)"
    r"(?:[\s,]+(?:box|bx)\.?[\s#]*(?P<box>\d[\w-]*))?",
    re.IGNORECASE | re.ASCII,
).fullmatch
_GENERAL_DELIVERY = re.compile(r"gen(?:eral|\.)?\s+del(?:ivery|\.)?", re.IGNORECASE).fullmatch
_ORDINAL = re.compile(r"(\d+)(st|nd|rd|th)\b", re.IGNORECASE)


class Tagger(Protocol):
    """What usaddress.tag does: components in their order, and the type of the address."""

    def __call__(self, address: str) -> tuple[Mapping[str, str], str]:
        """Return the labelled components of `address`."""
        ...


@cache
def tagger() -> tuple[Tagger, type[Exception]]:
    """Return the parser (fastaddress where installed) and what it raises for an address that it cannot order."""
    try:
        import fastaddress as library
    except ImportError:
        import usaddress as library
    return cast("Tagger", library.tag), cast("type[Exception]", library.RepeatedLabelError)


def read_us(draft: Draft) -> Standard:
    """Return the outcome for a tidied delivery line."""
    if not draft.context.plain or draft.rules or draft.issues or not draft.value.isascii():
        return _read(draft)
    return _templates().read(draft.value)


def read_again(value: str) -> Standard | None:
    """Return the outcome of a value that differs in numbers alone from a tidy one that was read before, else None.

    Such a value is tidy itself, and no word for "no value"; all safe rules run, and no others.
    """
    return _templates().known(value)


@cache
def _templates() -> AddressTemplates:
    return AddressTemplates(lambda text: _read(Draft(text, _PLAIN)))


def _read(draft: Draft) -> Standard:
    given = draft.value
    written = _without_street(given) or _settled(given)
    if written != given:
        kind = (_tagged(written) or _NOTHING)[1]
        code = (
            "A103"
            if kind == "PO Box" or _without_street(written)
            else "A101"
            if written.casefold() == given.casefold()
            else "A102"
        )
        draft.change(code, written)
    if _without_street(draft.value):
        _route_parts(draft)
        return draft.done()
    tagged = _tagged(draft.value)
    if tagged is None:
        return _not_understood(draft, "cannot be put in order")
    if tagged[1] == "Ambiguous":
        return _not_understood(draft, "has neither house number nor box")
    _parts(draft, tagged)
    return draft.done()


def _rule(given: str, written: str) -> str:
    if _without_street(written) or (_tagged(written) or _NOTHING)[1] == "PO Box":
        return "A103"
    return "A101" if written.casefold() == given.casefold() else "A102"


def _without_street(text: str) -> str:
    """Return the standard form of a rural, highway contract or military route, or of general delivery, else nothing.

    USPS Publication 28, 24 and 25; usaddress takes many of them for streets or cannot order them.
    """
    if _GENERAL_DELIVERY(text):
        return "General Delivery"
    found = _ROUTE(text)
    if not found:
        return ""
    kind = ROUTE_TYPES[re.sub(r"[^a-z]", "", found["kind"].lower())]
    route = f"{kind} {found['route'].upper()}"
    return f"{route} Box {found['box'].upper()}" if found["box"] else "" if kind == "Unit" else route


def _route_parts(draft: Draft) -> None:
    if found := _ROUTE(draft.value):
        draft.part("route_type", found["kind"])
        draft.part("route", found["route"])
        if found["box"]:
            draft.part("box_type", "Box")
            draft.part("box", found["box"])


def _settled(text: str) -> str:
    """Return the standard form that stays as it is when read again; the text itself where there is none."""
    written = _form(text)
    for _ in range(2):
        again = written if written == text else _form(written)
        if again == written:
            return written
        written = again
    return text


def _form(text: str) -> str:
    if box := _PLAIN_BOX(text):
        return f"PO Box {box[1].upper()}"
    tagged = _tagged(text)
    if tagged is None or tagged[1] in {"Ambiguous", "Intersection"}:
        return _cased(text) if text.isupper() or text.islower() else text
    return unicodedata.normalize("NFC", _written(tagged[0], text))


@lru_cache(maxsize=8)  # the same text is read again when its form is checked and its parts are taken
def _tagged(text: str) -> tuple[Mapping[str, str], str] | None:
    tag, repeated = tagger()
    try:
        return tag(text)
    except repeated:
        return None


def _not_understood(draft: Draft, why: str) -> Standard:
    draft.flag("A300", f'"{draft.value}" {why}', unknown=True)
    return draft.done()


def _written(labels: Mapping[str, str], text: str) -> str:
    """Return the address in standard abbreviations; the case changes only where all letters had one case."""
    recase = text.isupper() or text.islower()
    pieces: list[str] = []
    for label, labelled in labels.items():
        word = labelled.strip(" ,;")
        piece = _piece(label, word, recase=recase)
        if label == "OccupancyIdentifier":
            piece = piece.removeprefix("# ") if "OccupancyType" in labels else piece
        elif label in _ELSEWHERE and pieces:
            state_before_zip = label == "ZipCode" and "StateName" in labels
            pieces[-1] += "" if state_before_zip else ","
        pieces.append(piece)
    return " ".join([piece for piece in pieces if piece])


@lru_cache(maxsize=65536)  # words of addresses repeat
def _piece(label: str, word: str, *, recase: bool) -> str:
    key = re.sub(r"[\s.,#]+", " ", word.lower()).strip() or word
    if label.endswith("Directional"):
        return DIRECTIONS.get(re.sub(r"[\s.]", "", word.lower()), word)
    if label.endswith("PostType"):
        return STREET_TYPES.get(key, word_case(word) if recase else word)
    if label == "OccupancyType":
        return UNITS.get(key, _cased(word) if recase else word)
    if label == "OccupancyIdentifier":
        return _unit(word)
    if label.startswith("USPSBox"):
        return _box(label, word)
    if label in {"StateName", "ZipCode"}:
        return word.upper() if len(word) == 2 or label == "ZipCode" else _cased(word) if recase else word
    return _cased(word) if recase else word


def _unit(word: str) -> str:
    """Write the number of a unit: "4B", "34th", and "# 4" where nothing says of what kind it is."""
    if found := _NUMBERED(word):
        return f"# {found[1].upper()}"
    return _ORDINAL.sub(lambda match: match[1] + match[2].lower(), word.upper()) if len(word) <= 6 else word


def _box(label: str, word: str) -> str:
    key = re.sub(r"[^a-z]", "", word.lower())
    if label == "USPSBoxType":
        return BOX_TYPES.get(key, word)
    if label == "USPSBoxGroupType":
        return ROUTE_TYPES.get(key, word)
    return re.sub(r"^#\s*", "", word.upper())


def _cased(text: str) -> str:
    cased = []
    for place, word in enumerate(text.split(" ")):
        small = word.lower()
        if place and small in _SMALL:
            cased.append(small)
        elif any(character.isdigit() for character in word):
            cased.append(_ORDINAL.sub(lambda match: match[1] + match[2].lower(), word.upper()))
        elif (
            small.strip(".,") in {"po", "rr", "hc", "psc", "cmr", "apo", "fpo", "dpo"}
            or DIRECTIONS.get(small, "") == small.upper()
        ):
            cased.append(word.upper())
        else:
            cased.append(word_case(word))
    return unicodedata.normalize("NFC", " ".join(cased))


def _parts(draft: Draft, tagged: tuple[Mapping[str, str], str]) -> None:
    labels, kind = tagged
    for label, word in labels.items():
        if name := _PART_NAMES.get(label):
            draft.part(name, word.strip(" ,;"))
    if "StateName" in labels or "ZipCode" in labels:
        more = ", ".join(labels[one] for one in _ELSEWHERE if one in labels)
        draft.flag(
            "A301",
            f'"{draft.value}" has more than the street: {more}',
        )
    if kind == "Street Address" and "AddressNumber" not in labels:
        draft.flag("A302", f'"{draft.value}" has no house number')
