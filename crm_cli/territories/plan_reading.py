"""Reading plans of territories: TOML, checked key by key; every fault says where it is and how to mend it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from crm_cli.errors import UsageError, did_you_mean
from crm_cli.territories.plan import MemberChange, Plan, PlanError, RecordMove, RuleChange, TerritoryChange

__all__ = ["plan_of", "read_plan"]

T = TypeVar("T")
Check = Callable[[Any], Any]


class _WrongError(ValueError):
    """A value is not of its kind; the text says what is asked for."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _WrongError("a text in quotes")
    return value.strip()


def _named(value: Any) -> str:
    if not _text(value):
        raise _WrongError("a text that is not blank")
    return _text(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongError("true or false")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _WrongError("a whole number")
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise _WrongError("a number, 0 or more")
    return float(value)


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _WrongError("a day such as 2027-01-01") from None


def _numbers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise _WrongError("a list of numbers such as [12, 15]")
    return tuple(_whole(one) for one in value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _WrongError('a list of texts such as ["account"]')
    return tuple(_named(one) for one in value)


_ASSIGN = ("keep", "direct", "round_robin", "weighted", "least_loaded", "sticky")


def _assign(value: Any) -> str:
    if value not in _ASSIGN:
        raise _WrongError(f"one of {', '.join(_ASSIGN)}")
    return str(value)


_PARTS = ("territory", "member", "rule", "move")
_TOP: dict[str, Check] = {
    "name": _named, "effective": _day, "entities": _texts, "sort": _truth, "children": _truth,
}  # fmt: skip
_TERRITORY: dict[str, Check] = {"name": _named, "parent": _text, "description": _text, "remove": _truth}
_MEMBER: dict[str, Check] = {"territory": _named, "user": _named, "share": _share, "role": _text, "remove": _truth}
_RULE: dict[str, Check] = {
    "id": _whole, "remove": _truth, "territory": _named, "entity": _named, "where": _named, "postal": _named,
    "accounts": _numbers, "except": _named, "position": _whole, "assign": _assign, "owner": _named, "named": _truth,
    "effective_from": _day, "effective_to": _day,
}  # fmt: skip
_MOVE: dict[str, Check] = {"entity": _named, "records": _numbers, "territory": _named, "owner": _named}


def read_plan(path: Path) -> Plan:
    """Return the plan that a TOML file holds; `PlanError` says what is wrong in it and where."""
    try:
        with path.open("rb") as stream:
            document = tomllib.load(stream)
    except FileNotFoundError:
        raise UsageError(f"file not found: {path.name}", hint="docs/territories.md shows what a plan holds") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path.name}: {error}", hint="correct the file; toml.io shows how TOML is written") from None
    return plan_of(document, path.name)


def plan_of(document: Mapping[str, Any], source: str) -> Plan:
    """Return the plan that a document holds, as a file has it or as it was kept; raises `PlanError`."""
    top = {name: value for name, value in document.items() if name not in _PARTS}
    given = _checked(top, _TOP, source, also=_PARTS)
    plan = Plan(
        **{"name": Path(source).stem, **given},
        territories=_each(document, "territory", _TERRITORY, TerritoryChange, source),
        members=_each(document, "member", _MEMBER, MemberChange, source),
        rules=_each(document, "rule", _RULE, RuleChange, source),
        moves=_each(document, "move", _MOVE, RecordMove, source),
        document=_plain(document),
    )
    for rule in plan.rules:
        _check_rule(rule)
    for move in plan.moves:
        _check_move(move)
    if not (plan.territories or plan.members or plan.rules or plan.moves):
        hint = "give it [[territory]], [[member]], [[rule]] or [[move]] tables; docs/territories.md shows them"
        raise PlanError(f"{source} changes nothing", hint=hint)
    return plan


def _each(
    document: Mapping[str, Any], part: str, checks: Mapping[str, Check], make: Callable[..., T], source: str
) -> tuple[T, ...]:
    tables = document.get(part, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise PlanError(f"{source}: {part} must be a list of tables", hint=f"head each with [[{part}]]")
    made = []
    for number, table in enumerate(tables, start=1):
        place = f"{source}: {part} {number}"
        values = _checked(table, checks, place)
        if "except" in values:
            values["exclude"] = values.pop("except")
        _check_needed(part, values, place)
        made.append(make(place=place, **values))
    return tuple(made)


_NEEDED = {"territory": ("name",), "member": ("territory", "user"), "move": ("entity", "records")}


def _check_needed(part: str, values: Mapping[str, Any], place: str) -> None:
    needed = _NEEDED.get(part, () if "id" in values else ("territory",))
    for name in needed:
        if name not in values:
            raise PlanError(f"{place} has no {name}", hint=f"give it a line {name} = …", place=place)


def _checked(
    table: Mapping[str, Any], checks: Mapping[str, Check], place: str, also: tuple[str, ...] = ()
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        if name not in checks:
            known = (*checks, *also)
            hint = did_you_mean(name, known) or f"there are: {', '.join(known)}"
            raise PlanError(f"{place}: {name} is no key of a plan", hint=hint, place=place)
        try:
            found[name] = checks[name](value)
        except _WrongError as error:
            message = f"{place}: {name} is {value!r}"
            raise PlanError(message, hint=f"{name} takes {error}", place=place, value=value) from None
    return found


def _check_rule(rule: RuleChange) -> None:
    if rule.remove and rule.id is None:
        raise PlanError(f"{rule.place} is to go, but has no id", hint="crm territory rule list shows it")
    if rule.id is None and not rule.has_condition:
        hint = "give it where, postal or accounts"
        raise PlanError(f"{rule.place} has no condition", hint=hint, place=rule.place)
    if rule.effective_from and rule.effective_to and rule.effective_from > rule.effective_to:
        raise PlanError(f"{rule.place} ends before it begins", hint="exchange effective_from and effective_to")


def _check_move(move: RecordMove) -> None:
    if not move.territory and not move.owner:
        raise PlanError(f"{move.place} says no territory and no owner", hint="give it one of them, or both")


def _plain(value: Any) -> Any:
    """The document as JSON holds it: days as texts."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
