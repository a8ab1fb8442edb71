"""Contact points from the columns that fill slots: one row an e-mail address or number, one row a postal address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crm_cli.dictionary import ContactSlot, fold
from crm_cli.jobs.importing.drafts import Point
from crm_cli.standardize import Context, Standard, standardizer

__all__ = ["ADDRESS_ORDER", "DEFAULT_KIND", "Filled", "address_point", "value_points", "with_primaries"]

Filled = tuple[ContactSlot, str, Standard]  # the slot, the cell as given, its standard form
_SEPARATORS = re.compile(r"\s*[;,|\n]\s*|\s+:::\s+|\s+/\s+")
DEFAULT_KIND = {"email_address": "work", "phone_number": "work", "postal_address": "main"}
ADDRESS_ORDER = ("street", "postal_code", "city", "region", "country")


def value_points(filled: Filled, context: Context) -> list[Point]:
    """Return the e-mail addresses or numbers of one cell: usually one, several where the cell lists several."""
    slot, given, standard = filled
    if not standard.issues and standard.value and "more" not in standard.parts:
        return [_value_point(slot, given, standard)]
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
    known = standard.value if standard.value and (not standard.issues or standard.understood) else None
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
    standard: dict[str, str] = {}
    given: dict[str, str] = {}
    for slot, text, one in parts:
        given[slot.column] = text.strip()
        standard[slot.column] = one.value or given[slot.column]
    if not any(standard.values()):
        return None
    values: dict[str, Any] = {
        **standard,
        "value": "\n".join([given[name] for name in ADDRESS_ORDER if given.get(name)]),
        "standard": ", ".join([standard[name] for name in ADDRESS_ORDER if standard.get(name)])[:700],
        "kind": kind or DEFAULT_KIND["postal_address"],
        "is_primary": kind is None,
        "standing": "unverified",
    }
    return Point("postal_address", values)


def with_primaries(points: Sequence[Point]) -> list[Point]:
    """Return the points without repeats, exactly one of each detail the primary one."""
    if len({point.detail for point in points if point.values["is_primary"]}) == len(points):
        return list(points)  # nearly every row: nothing to choose from
    kept: dict[tuple[str, str], Point] = {}
    for point in points:
        kept.setdefault(point.identity, point)
    ordered = sorted(kept.values(), key=lambda point: not point.values["is_primary"])
    met: set[str] = set()
    for point in ordered:
        point.values["is_primary"] = point.detail not in met
        met.add(point.detail)
    return ordered
