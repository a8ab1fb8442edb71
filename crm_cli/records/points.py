"""Contact points: the rows behind slots such as `email` or `billing_city`, and the rows that a new record gets.

A slot reads as the query room reads it: without a kind the primary row, with a kind the first row of that kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, shown_as
from crm_cli.records.given import SlotValue
from crm_cli.store import Store, in_chunks

__all__ = ["by_place", "new_points", "new_row", "points_of", "shown_line", "slot_row", "values_of"]

_ADDRESS = "postal_address"
_DEFAULT_KIND = {"email_address": "work", "phone_number": "work", _ADDRESS: "main"}
_ADDRESS_ORDER = ("street", "postal_code", "city", "region", "country")
Row = dict[str, Any]
Place = tuple[str, str | None]  # the detail, and the kind that the slot asks for


def new_points(slots: Iterable[SlotValue]) -> dict[str, list[Row]]:
    """Return, by detail, the rows of a new record's contact points, exactly one of each detail primary.

    The rows of a certain kind come first, so that `work_phone` reads its own even where `phone` is one at work too.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for (detail, kind), group in by_place(slots).items():
        given = [one for one in group if one.given is not None]
        if given:
            row = new_row(detail, kind, given)
            if row["standard"] not in {other["standard"] for other in rows[detail]}:
                rows[detail].append(row)
            elif kind is None:
                next(other for other in rows[detail] if other["standard"] == row["standard"])["is_primary"] = True
    for found in rows.values():
        if not any(row["is_primary"] for row in found):
            found[0]["is_primary"] = True
    return dict(rows)


def by_place(slots: Iterable[SlotValue]) -> dict[Place, list[SlotValue]]:
    """Return the slots by (detail, kind), those of no kind – the primary ones – last."""
    found: dict[Place, list[SlotValue]] = defaultdict(list)
    for one in slots:
        found[one.slot.detail, one.slot.kind].append(one)
    return dict(sorted(found.items(), key=lambda item: item[0][1] is None))


def new_row(detail: str, kind: str | None, given: Sequence[SlotValue]) -> Row:
    """Return the row that these slots of one place make; the primary one when they ask for no kind."""
    return {**values_of(detail, {}, given), "kind": kind or _DEFAULT_KIND[detail], "is_primary": kind is None}


def values_of(detail: str, current: Mapping[str, Any], given: Sequence[SlotValue]) -> Row:
    """Return what a row holds after these slots were set; `standard` is blank when nothing is left of it."""
    return _address_values(current, given) if detail == _ADDRESS else _point_values(given[0])


def slot_row(rows: Iterable[Row], kind: str | None) -> Row | None:
    """Return the row that a slot of this kind reads, among the living rows of a party in the order of their ids."""
    return next((row for row in rows if (row["kind"] == kind if kind else row["is_primary"])), None)


def _point_values(one: SlotValue) -> Row:
    known = one.understood and bool(one.standard)
    return {"value": one.given, "standard": one.known, "standing": "unverified" if known else "wrong"}


def _address_values(current: Mapping[str, Any], given: Sequence[SlotValue]) -> Row:
    """Return the columns of an address after these slots were set; what was not given stays."""
    set_ = {one.slot.column: one for one in given}
    values: Row = {column: current.get(column) for column in _ADDRESS_ORDER}
    values |= {column: (one.standard or one.given) for column, one in set_.items()}
    as_given = [set_[column].given if column in set_ else current.get(column) for column in _ADDRESS_ORDER]
    values["value"] = "\n".join(text for text in as_given if text) or None
    values["standard"] = ", ".join(values[column] for column in _ADDRESS_ORDER if values[column])[:700] or None
    values["standing"] = "unverified"
    return values


def shown_line(detail: Entity, row: Mapping[str, Any]) -> str:
    """Return a contact point in one line, as a view may show it: of an address with a masked part, its other parts."""
    line = row["standard"] or row["value"] or ""
    if not detail.masked:
        return str(line)
    parts = [str(shown_as(detail, name, row[name])) for name in _ADDRESS_ORDER if row.get(name)]
    return ", ".join(parts) or str(shown_as(detail, "value", line))


def points_of(
    store: Store, connection: sa.Connection, detail: str, ids: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    """Return the living rows of a detail by party, in the order of their ids."""
    table = store.table(detail)
    found: dict[int, list[Row]] = defaultdict(list)
    for chunk in in_chunks(ids):
        query = sa.select(table).where(table.c.party_id.in_(chunk), table.c.deleted_at.is_(None)).order_by(table.c.id)
        for row in connection.execute(query).mappings():
            found[row["party_id"]].append(dict(row))
    return found
