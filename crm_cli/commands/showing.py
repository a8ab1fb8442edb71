"""What `crm contact show 42` prints: headings and few columns, to fit 80 of a terminal; JSON has all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.commands.kit import Crm
from crm_cli.commands.times import localized

if TYPE_CHECKING:
    from crm_cli.records import View

__all__ = ["show_view"]

_BAD = frozenset({"bounced", "wrong", "opted_out"})
_POINTS = ("value", "kind", "standing", "as_given")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "emails": _POINTS,
    "phones": _POINTS,
    "addresses": _POINTS,
    "relationships": ("relation", "party", "title", "since", "until"),
    "confirmed": ("group", "state", "last held", "how", "by"),
    "findings": ("severity", "policy", "fix"),
    "duplicates": ("title", "probability", "review"),
    "merged from": ("id", "title", "merged", "by", "operation"),
    "sources": ("source", "external_id", "last seen", "file"),
    "operations": ("operation", "kind", "on", "by", "reason"),
}
_HEADINGS = {
    "confirmed": "freshness",
    "findings": "open findings",
    "duplicates": "possible duplicates",
    "operations": "last operations",
}
_CHILDREN_LATER = ("relationships", "confirmed", "findings", "duplicates", "merged from", "sources", "operations")
Row = Mapping[str, Any]


def show_view(crm: Crm, found: View) -> None:
    """Show the record and everything that belongs to it; as JSON all of it, with `left_out` where rows are missing."""
    if crm.console.json:
        crm.console.show_parts({**found.parts, **({"left_out": found.left_out} if found.left_out else {})})
        return
    parts = {name: part for name, part in found.parts.items() if name not in _CHILDREN_LATER}
    parts |= {name: found.parts[name] for name in _CHILDREN_LATER if name in found.parts}
    crm.console.show_parts({_heading(found, name): _shown(crm, name, part) for name, part in parts.items()})


def _heading(found: View, name: str) -> str:
    more = found.left_out.get(name)
    heading = _HEADINGS.get(name, name)
    return f"{heading} (the newest {len(found.parts[name])}; {more} more)" if more else heading


def _shown(crm: Crm, name: str, part: Any) -> Any:
    local = localized(crm, part)
    if isinstance(local, Mapping) or name not in _COLUMNS:
        return local
    rows = [_in_short(name, row) for row in local]
    return [{column: row.get(column) for column in _filled(_COLUMNS[name], rows)} for row in rows]


def _filled(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Leave out the columns that hold nothing."""
    return [name for name in columns if any(row.get(name) not in (None, "") for row in rows)]


def _in_short(name: str, row: Row) -> Row:
    """Return the row with what the columns of its part are made from."""
    if "standing" in row:
        standing = f"! {row['standing']}" if row["standing"] in _BAD else row["standing"]
        return {**row, "kind": f"{row['kind']}, first" if row.get("primary") else row["kind"], "standing": standing}
    if name == "confirmed":
        held = row["valid_at"].date() if row["valid_at"] else None
        state = row["state"] if row["state"] in ("fresh", "dead") else f"{row['state']} ({row['still_valid']:.0%})"
        state = state if row["state"] == "fresh" else f"! {state}"
        return {
            **row,
            "state": state,
            "last held": held,
            "how": row["method"] or "never",
            "by": row["source"] or row["by"],
        }
    days = {"merged": "merged_at", "last seen": "last_seen_at", "on": "at"}
    return {**row, **{short: row[long].date() for short, long in days.items() if row.get(long)}}
