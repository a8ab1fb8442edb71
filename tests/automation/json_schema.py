"""A small validator of JSON Schema (draft 2020-12): the keywords that the schema of scripts uses, and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,),
    "number": (int, float),
}  # fmt: skip
_NOTES = {"$schema", "$defs", "title", "description"}


def faults(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str = "") -> list[str]:
    """Return what of `value` does not fit; raises `KeyError` for a keyword that is not known here."""
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword not in _NOTES:
            found += _KEYWORDS[keyword](value, wanted, schema, root, place)
    return found


def _fits(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind in ("boolean",) or not isinstance(value, bool))


def _type(value: Any, wanted: Any, _s: Any, _r: Any, place: str) -> list[str]:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    return [] if any(_fits(value, kind) for kind in kinds) else [f"{place}: {value!r} is no {wanted}"]


def _enum(value: Any, wanted: Any, _s: Any, _r: Any, place: str) -> list[str]:
    return [] if value in wanted else [f"{place}: {value!r} is none of {wanted}"]


def _pattern(value: Any, wanted: Any, _s: Any, _r: Any, place: str) -> list[str]:
    return [] if not isinstance(value, str) or re.search(wanted, value) else [f"{place}: {value!r} is not as {wanted}"]


def _bound(value: Any, *, low: float | None = None, high: float | None = None, place: str) -> list[str]:
    if not _fits(value, "number"):
        return []
    out = (low is not None and value < low) or (high is not None and value > high)
    return [f"{place}: {value} is out of bounds"] if out else []


def _length(value: Any, kind: type, low: int, high: float, place: str) -> list[str]:
    return [] if not isinstance(value, kind) or low <= len(value) <= high else [f"{place}: its length"]  # type: ignore[arg-type]


def _required(value: Any, wanted: Any, _s: Any, _r: Any, place: str) -> list[str]:
    return [f"{place}: {one} is missing" for one in wanted if isinstance(value, dict) and one not in value]


def _properties(value: Any, wanted: Any, _s: Any, root: Any, place: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [
        f for name, one in wanted.items() if name in value for f in faults(value[name], one, root, f"{place}/{name}")
    ]


def _additional(value: Any, wanted: Any, schema: Any, root: Any, place: str) -> list[str]:
    more = [one for one in value if one not in schema.get("properties", {})] if isinstance(value, dict) else []
    if wanted is False:
        return [f"{place}: {one} is unknown" for one in more]
    return [fault for one in more for fault in faults(value[one], wanted, root, f"{place}/{one}")]


def _names(value: Any, wanted: Any, _s: Any, root: Any, place: str) -> list[str]:
    names = value if isinstance(value, dict) else {}
    return [fault for name in names for fault in faults(name, wanted, root, f"{place}/{name}")]


def _items(value: Any, wanted: Any, _s: Any, root: Any, place: str) -> list[str]:
    items = value if isinstance(value, list) else []
    return [fault for place_, one in enumerate(items) for fault in faults(one, wanted, root, f"{place}/{place_}")]


def _ref(value: Any, wanted: str, _s: Any, root: Any, place: str) -> list[str]:
    target = root
    for part in wanted.removeprefix("#/").split("/"):
        target = target[part]
    return faults(value, target, root, place)


def _any(value: Any, wanted: Any, _s: Any, root: Any, place: str) -> list[str]:
    tries = [faults(value, one, root, place) for one in wanted]
    return [] if [] in tries else [fault for one in tries for fault in one]


def _one(value: Any, wanted: Any, _s: Any, root: Any, place: str) -> list[str]:
    tries = [faults(value, one, root, place) for one in wanted]
    return [] if tries.count([]) == 1 else [f"{place}: fits {tries.count([])} of {len(tries)}", *min(tries, key=len)]


_KEYWORDS: dict[str, Any] = {
    "type": _type, "enum": _enum, "pattern": _pattern, "required": _required, "properties": _properties,
    "additionalProperties": _additional, "propertyNames": _names, "items": _items, "$ref": _ref, "anyOf": _any,
    "oneOf": _one,
    "const": lambda v, w, _s, _r, p: [] if v == w else [f"{p}: {v!r} is not {w!r}"],
    "minimum": lambda v, w, _s, _r, p: _bound(v, low=w, place=p),
    "maximum": lambda v, w, _s, _r, p: _bound(v, high=w, place=p),
    "minLength": lambda v, w, _s, _r, p: _length(v, str, w, float("inf"), p),
    "maxLength": lambda v, w, _s, _r, p: _length(v, str, 0, w, p),
    "minItems": lambda v, w, _s, _r, p: _length(v, list, w, float("inf"), p),
}  # fmt: skip
