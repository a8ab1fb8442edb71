"""Recipes: which spellings become which, as a TOML file that can be read, corrected, and applied to any day's data.

    entity = "contact"
    field = "city"
    decided_by = "ann"

    [[change]]
    from = ["BERLIN", "Berlim"]
    to = "Berlin"

`to = ""` clears the field. `where` limits it to records that fit; the other keys only say where it comes from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_cli.errors import UsageError, did_you_mean

__all__ = ["Change", "Recipe", "RecipeError", "read_recipe", "without_chains"]

_TEXTS = ("where", "decided_by", "method")
_KEYS = ("entity", "field", *_TEXTS, "decided_at", "distance", "change")


class RecipeError(UsageError):
    """The file is not what a recipe can be."""

    code = "recipe"


@dataclass(frozen=True, slots=True)
class Change:
    """Spellings, and the value that each becomes."""

    from_: tuple[str, ...]
    to: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Changes of one field's values. No value is both given up in one change and what another leads to."""

    entity: str
    field: str
    changes: tuple[Change, ...]
    where: str | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    method: str = ""
    distance: int | None = None

    def to_toml(self) -> str:
        """Return the text of the recipe's file."""
        import tomlkit

        document = tomlkit.document()
        document.add(tomlkit.comment(f"Spellings of {self.entity}.{self.field}; `crm values apply FILE` mends them."))
        document["entity"], document["field"] = self.entity, self.field
        origin = {"where": self.where, "decided_by": self.decided_by, "decided_at": self.decided_at}
        for name, value in (origin | {"method": self.method, "distance": self.distance}).items():
            if value:
                document[name] = value
        changes = tomlkit.aot()
        for one in self.changes:
            table = tomlkit.table()
            spellings = tomlkit.array()
            spellings.extend(one.from_)
            table["from"] = spellings.multiline(len(one.from_) > 4)
            table["to"] = one.to
            changes.append(table)
        document["change"] = changes
        return tomlkit.dumps(document)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; `RecipeError` says what is wrong with it and in which change."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise RecipeError(f"cannot read {path}: {fault.strerror}", hint="check the path", file=str(path)) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise RecipeError(f"{path} is not TOML: {fault}", hint="a recipe is TOML in UTF-8", file=str(path)) from fault
    try:
        return _recipe(content)
    except RecipeError as fault:
        raise RecipeError(f"{path}: {fault.message}", hint=fault.hint, file=str(path)) from fault


def _recipe(content: Mapping[str, Any]) -> Recipe:
    _refuse_unknown(content, _KEYS)
    for name in ("entity", "field", *_TEXTS):
        if not isinstance(content.get(name, ""), str):
            raise RecipeError(f"{name} is no text", hint=f'{name} = "…"')
    missing = next((name for name in ("entity", "field") if not content.get(name)), None)
    if missing:
        raise RecipeError(f"it does not say which {missing}", hint='entity = "contact" and field = "city"')
    changes = content.get("change", [])
    if not isinstance(changes, list) or not changes:
        raise RecipeError("it has no changes", hint='add [[change]] with from = ["BERLIN"] and to = "Berlin"')
    made = [_change(number, one) for number, one in enumerate(changes, start=1)]
    decided_at, distance = content.get("decided_at"), content.get("distance")
    return Recipe(
        entity=content["entity"], field=content["field"], changes=without_chains(made), where=content.get("where"),
        decided_by=content.get("decided_by", ""), method=content.get("method", ""),
        decided_at=decided_at if isinstance(decided_at, datetime) else None,
        distance=distance if isinstance(distance, int) else None,
    )  # fmt: skip


def _refuse_unknown(content: Mapping[str, Any], known: Iterable[str]) -> None:
    unknown = min(set(content) - set(known), default=None)
    if unknown is not None:
        hint = did_you_mean(unknown, known) or f"its keys: {', '.join(known)}"
        raise RecipeError(f"unknown key {unknown!r}", hint=hint)


def _change(number: int, content: Any) -> Change:
    hint = 'from = ["BERLIN"] and to = "Berlin"'
    if not isinstance(content, dict):
        raise RecipeError(f"change {number} is no table", hint=f"[[change]] with {hint}")
    _refuse_unknown(content, ("from", "to"))
    given, to = content.get("from"), content.get("to")
    spellings = [given] if isinstance(given, str) else given
    if not isinstance(spellings, list) or not spellings or not all(isinstance(one, str) and one for one in spellings):
        raise RecipeError(f"change {number} does not say which spellings change", hint=hint)
    if not isinstance(to, str):
        raise RecipeError(f"change {number} does not say what they become", hint=f'{hint}; to = "" clears')
    return Change(tuple(spellings), to)


def without_chains(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes with each spelling leading to its end: A → B and B → C make A → C, so that once is enough.

    Raises `RecipeError` for a spelling that has two ends, or none because it leads back to itself.
    """
    leads: dict[str, str] = {}
    for one in changes:
        for spelling in one.from_:
            if leads.setdefault(spelling, one.to) != one.to:
                message = f"{spelling!r} is to become {leads[spelling]!r} and {one.to!r}"
                raise RecipeError(message, hint="name each spelling in one change")
    leads = {spelling: to for spelling, to in leads.items() if spelling != to}
    ends: dict[str, list[str]] = {}
    for spelling in leads:
        ends.setdefault(_end(leads, spelling), []).append(spelling)
    return tuple(Change(tuple(spellings), to) for to, spellings in ends.items())


def _end(leads: Mapping[str, str], spelling: str) -> str:
    to, steps = leads[spelling], 0
    while to in leads:
        to, steps = leads[to], steps + 1
        if steps > len(leads):
            raise RecipeError(f"{spelling!r} leads back to itself", hint="leave one of the two changes out")
    return to
