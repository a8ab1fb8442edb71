"""Contact points from the columns that fill slots: one row an e-mail address or number, one row a postal address."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crm_cli.dictionary import ContactSlot, fold
from crm_cli.jobs.importing.drafts import Point
from crm_cli.standardize import Context, Standard, standardizer

__all__ = [
    "ADDRESS_ORDER",
    "DEFAULT_KIND",
    "Filled",
    "SlotColumn",
    "address_point",
    "points_of",
    "value_points",
    "with_primaries",
]

Filled = tuple[ContactSlot, str, Standard]  # the slot, the cell as given, its standard form
Cells = Sequence[str | None]
Standards = Sequence[Standard | None]
SlotColumn = tuple[ContactSlot, Cells, Standards]  # a column that fills the slot, row by row
_SEPARATORS = re.compile(r"\s*[;,|\n]\s*|\s+:::\s+|\s+/\s+")
DEFAULT_KIND = {"email_address": "work", "phone_number": "work", "postal_address": "main"}
_COUNTRY_MARK = re.compile(r"[,\s][A-Z]{1,2}-$")  # D-10115 Berlin
_IN_STREET = ("city", "region", "postal_code")
ADDRESS_ORDER = ("street", "postal_code", "city", "region", "country")


def points_of(columns: Sequence[SlotColumn], context: Context, count: int) -> list[list[Point]]:
    """Return the contact points of each of `count` rows, from the columns that fill slots: e-mail addresses and
    numbers in the order of the columns, then postal addresses; see `value_points`, `address_point`.
    """
    made: list[list[Point]] = [[] for _ in range(count)]
    addresses = [column for column in columns if column[0].detail == "postal_address"]
    for slot, cells, standards in columns:
        if slot.detail != "postal_address":
            _add_values(made, slot, cells, standards, context)
    parts = {slot.column: (cells, standards) for slot, cells, standards in addresses}
    kinds = {slot.kind for slot, _, _ in addresses}
    if len(kinds) == 1 and len(parts) == len(addresses) and parts.keys() <= set(ADDRESS_ORDER):
        _add_addresses(made, kinds.pop(), parts, {slot.column: slot for slot, _, _ in addresses})
    elif addresses:
        _add_any_addresses(made, addresses)
    return [with_primaries(points) if points else points for points in made]


def _add_values(
    made: Sequence[list[Point]], slot: ContactSlot, cells: Cells, standards: Standards, context: Context
) -> None:
    detail, primary = slot.detail, slot.kind is None
    kind = slot.kind or DEFAULT_KIND[detail]
    for points, cell, standard in zip(made, cells, standards, strict=True):
        if cell is None or standard is None:
            continue
        value = standard.value
        if value and not standard.issues and "more" not in standard.parts:
            values = {
                "value": cell.strip(), "standard": value, "kind": kind, "is_primary": primary, "standing": "unverified"
            }  # fmt: skip
            points.append(Point(detail, values))
        elif not standard.stands_for_nothing:
            points.extend(value_points((slot, cell, standard), context))


def _add_addresses(
    made: Sequence[list[Point]], kind: str | None, parts: Map[str, tuple[Cells, Standards]],
    slots: Map[str, ContactSlot],
) -> None:  # fmt: skip
    """Add addresses of one kind: what `address_point` makes of each row, in the order in which they are written."""
    known, primary = kind or DEFAULT_KIND["postal_address"], kind is None
    columns = [(name, *parts[name]) for name in ADDRESS_ORDER if name in parts]
    streets = parts["street"][1] if "street" in parts else [None] * len(made)
    for place, points in enumerate(made):
        street = streets[place]
        if street is not None and street.issues and any(street.parts.get(name) for name in _IN_STREET):
            whole = [(slots[name], cells[place], standards[place]) for name, cells, standards in columns]
            points.extend(_taken_apart(kind, whole))
            continue
        values: dict[str, Any] = {}
        lines: list[str] = []
        texts: list[str] = []
        for name, cells, standards in columns:
            cell, standard = cells[place], standards[place]
            if cell is None or standard is None or (standard.issues and standard.stands_for_nothing):
                continue
            given = cell.strip()
            written = values[name] = standard.value or given
            if given:
                lines.append(given)
            if written:
                texts.append(written)
        if texts:
            values |= {
                "value": "\n".join(lines), "standard": ", ".join(texts)[:700], "kind": known, "is_primary": primary,
                "standing": "unverified",
            }  # fmt: skip
            points.append(Point("postal_address", values))


def _taken_apart(kind: str | None, columns: Sequence[tuple[ContactSlot, str | None, Standard | None]]) -> list[Point]:
    """The address of a row whose street holds more than the street."""
    filled = [
        (slot, cell, standard)
        for slot, cell, standard in columns
        if cell is not None and standard is not None and not standard.stands_for_nothing
    ]
    point = address_point(kind, filled)
    return [] if point is None else [point]


def _add_any_addresses(made: Sequence[list[Point]], columns: Sequence[SlotColumn]) -> None:
    for place, points in enumerate(made):
        kinds: dict[str | None, list[Filled]] = {}
        for slot, cells, standards in columns:
            cell, standard = cells[place], standards[place]
            if cell is not None and standard is not None and not standard.stands_for_nothing:
                kinds.setdefault(slot.kind, []).append((slot, cell, standard))
        points.extend(point for kind, some in kinds.items() if (point := address_point(kind, some)) is not None)


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
    standard: dict[str, str] = {}
    given: dict[str, str] = {}
    for slot, text, one in parts:
        given[slot.column] = text.strip()
        standard[slot.column] = one.value or given[slot.column]
    if not any(standard.values()):
        return None
    _take_apart(standard, next((one for slot, _, one in parts if slot.column == "street"), None))
    values: dict[str, Any] = {
        **standard,
        "value": "\n".join([given[name] for name in ADDRESS_ORDER if given.get(name)]),
        "standard": ", ".join([standard[name] for name in ADDRESS_ORDER if standard.get(name)])[:700],
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
