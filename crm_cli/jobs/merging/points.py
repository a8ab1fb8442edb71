"""Contact points of a merged party: one primary of each, and the most restrictive of what is known of an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["primary_edits", "united_standing"]

Row = Mapping[str, Any]

_OBJECTION = "opted_out"  # a standing that is a wish, not a finding: it always wins
_UNKNOWN = "unverified"


def primary_edits(rows: Sequence[Row], held: Sequence[tuple[Row, Row]]) -> dict[int, bool]:
    """Return the rows whose primary flag must change, as id → flag, so that exactly one of a party's has it.

    `rows` are all at the survivor after the merge, its own first; `held` are (row that stayed behind, its equal).
    Without any primary among them an equal of a primary one becomes it.
    """
    primaries = [row for row in rows if row["is_primary"]]
    if primaries:
        return {row["id"]: False for row in primaries[1:]}
    here = {row["id"] for row in rows}
    equal = next((holder for row, holder in held if row["is_primary"] and holder["id"] in here), None)
    return {equal["id"]: True} if equal else {}


def united_standing(held: Sequence[tuple[Row, Row]]) -> dict[int, str]:
    """Return the new standing of rows whose equal, left behind, knew better, as id → standing.

    An objection always wins; anything known wins over nothing known; else the later word holds.
    """
    edits: dict[int, str] = {}
    for row, holder in held:
        now = edits.get(holder["id"], holder["standing"])
        if row["standing"] != now and _is_stronger(row, holder, now):
            edits[holder["id"]] = row["standing"]
    return edits


def _is_stronger(row: Row, holder: Row, now: str | None) -> bool:
    if now == _OBJECTION or row["standing"] in (None, _UNKNOWN):
        return False
    if row["standing"] == _OBJECTION or now in (None, _UNKNOWN):
        return True
    return bool(row["updated_at"] > holder["updated_at"])
