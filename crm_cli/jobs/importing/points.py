"""Contact points from the columns that fill slots: one row an e-mail address or number, one row a postal address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from crm_cli.dictionary import ContactSlot, fold
from crm_cli.jobs.importing.drafts import Point
from crm_cli.standardize import Context, Standard, standardizer

__all__ = ["ADDRESS_ORDER", "DEFAULT_KIND", "Filled", "address_point", "value_points", "with_primaries"]

Filled = tuple[ContactSlot, str, Standard]  # the slot, the cell as given, its standard form
_SEPARATORS = re.compile(r"\s*[;,|\n]\s*|\s+:::\s+|\s+/\s+")
DEFAULT_KIND = {"email_address": "work", "phone_number": "work", "postal_address": "main"}
_COUNTRY_MARK = re.compile(r"[,\s][A-Z]{1,2}-$")  # D-10115 Berlin
_IN_STREET = ("city", "region", "postal_code")
ADDRESS_ORDER = ("street", "postal_code", "city", "region", "country")


def value_points(filled: Filled, context: Context) -> list[Point]:
    """Return the e-mail addresses or numbers of one cell: usually one, several where the cell lists several."""
    slot, given, standard = filled
    further = [part for part in standard.parts.get("more", "").split("\n") if part]
    function = standardizer(slot.type)
    if further and function is not None:
        context = replace(context, country=standard.parts.get("country") or context.country)
        rest = [(part, function(part, context)) for part in further]
        return [_value_point(slot, given, standard), *(_value_point(slot, part, one) for part, one in rest)]
    parts = [part for part in _SEPARATORS.split(given) if part] if not standard.understood else [given]
    if len(parts) > 1 and function is not None:
        several = [(part, function(part, context)) for part in parts]
        if sum(one.understood for _, one in several) >= len(several) / 2:
            return [_value_point(slot, part, one) for part, one in several]
    return [_value_point(slot, given, standard)]


def _value_point(slot: ContactSlot, given: str, standard: Standard) -> Point:
    known = standard.value if standard.understood and standard.value else None
    values = {
        "value": given.strip(),
        "standard": known or fold(given),
        "kind": slot.kind or DEFAULT_KIND[slot.detail],
        "is_primary": slot.kind is None,
        "standing": "unverified" if known else "wrong",
    }
    return Point(slot.detail, values)


def address_point(kind: str | None, parts: Sequence[Filled]) -> Point | None:
    """Return the postal address that these columns make, or None when all are blank."""
    standard = {slot.column: one.value or given.strip() for slot, given, one in parts}
    if not any(standard.values()):
        return None
    given = {slot.column: text.strip() for slot, text, _ in parts}
    _take_apart(standard, next((one for slot, _, one in parts if slot.column == "street"), None))
    values: dict[str, Any] = {
        **standard,
        "value": "\n".join(given[name] for name in ADDRESS_ORDER if given.get(name)),
        "standard": ", ".join(standard[name] for name in ADDRESS_ORDER if standard.get(name))[:700],
        "kind": kind or DEFAULT_KIND["postal_address"],
        "is_primary": kind is None,
        "standing": "unverified",
    }
    return Point("postal_address", values)


def _take_apart(values: dict[str, str], street: Standard | None) -> None:
    """Give city, region and postal code their own places where they stand in the street, and nowhere else."""
    found = {name: street.parts[name] for name in _IN_STREET if street.parts.get(name)} if street else {}
    if not found or any(values.get(name) and fold(values[name]) != fold(text) for name, text in found.items()):
        return
    begin = min(values["street"].rfind(text) for text in found.values())
    street_alone = _COUNTRY_MARK.sub("", values["street"][: max(begin, 0)]).strip(" ,;\n")
    if street_alone:
        values["street"] = street_alone
        values.update(found)


def with_primaries(points: Iterable[Point]) -> list[Point]:
    """Return the points without repeats, exactly one of each detail the primary one."""
    kept: dict[tuple[str, str], Point] = {}
    for point in points:
        kept.setdefault(point.identity, point)
    ordered = sorted(kept.values(), key=lambda point: not point.values["is_primary"])
    met: set[str] = set()
    for point in ordered:
        point.values["is_primary"] = point.detail not in met
        met.add(point.detail)
    return ordered
