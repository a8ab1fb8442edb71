"""What a record takes over beside the values that survivorship chooses: its `extra`, and blanks that an equal fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_cli.dictionary import Entity
from crm_cli.jobs.merging.survivorship import Row, is_blank, value_of

__all__ = ["filled_blanks", "united_extra"]

_ORIGINALS = "@original"  # in `extra`: values as they were given, by field
_FULL_NAME = "full_name"  # there too: what both parts of a name were read from
_NAME_PARTS = ("given_name", "family_name")


def united_extra(rows: Sequence[Row], sources: Mapping[str, int]) -> dict[str, Any] | None:
    """Return what stands in `extra` after the merge: of the survivor first, filled up from the others.

    `sources` says whose value a field has, where it is not the survivor's (the first row's): as it was given is kept of
    the record whose value stands, and of no other.
    """
    united: dict[str, Any] = {}
    for row in rows:
        for name, value in (row["extra"] or {}).items():
            known = united.get(name)
            if name == _ORIGINALS:
                continue
            if isinstance(known, dict) and isinstance(value, dict):
                united[name] = {**value, **known}
            else:
                united.setdefault(name, value)
    originals = _originals(rows, sources)
    return {**united, _ORIGINALS: originals} if originals else united or None


def _originals(rows: Sequence[Row], sources: Mapping[str, int]) -> dict[str, Any]:
    own = rows[0]["id"]
    name_of = {sources.get(part, own) for part in _NAME_PARTS}
    kept = {}
    for row in rows:
        for name, given in ((row["extra"] or {}).get(_ORIGINALS) or {}).items():
            standing = name_of == {row["id"]} if name == _FULL_NAME else sources.get(name, own) == row["id"]
            if standing:
                kept[name] = given
    return kept


def filled_blanks(entity: Entity, holder: Row, other: Row) -> dict[str, Any]:
    """Return the values of `other` for the fields that `holder` has not filled; `extra` is filled up as in a merge."""
    wanted = [one for one in entity.fields if not one.unique and is_blank(value_of(holder, one))]
    filled = {one.name: value_of(other, one) for one in wanted if not is_blank(value_of(other, one))}
    extra = united_extra([holder, other], {name: int(other["id"]) for name in filled})
    return filled if extra == holder["extra"] else {**filled, "extra": extra}
