"""Verifying: somebody asked whether a record's telephone, address or job still holds, and writes down what was found.

What is found dead is marked and no longer tried first, never deleted; what is found alive again comes back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity, Freshness, fold
from crm_cli.errors import UsageError
from crm_cli.history import Operation, confirm
from crm_cli.records.addressing import locate
from crm_cli.records.points import points_of, shown_line
from crm_cli.records.standing import refuse_merged
from crm_cli.records.titles import titles_of

__all__ = [
    "DEAD_STANDINGS",
    "OPTED_OUT",
    "Said",
    "State",
    "Verified",
    "VerifiedPoint",
    "choose_primary",
    "group_result",
    "parse_said",
    "verifiable_groups",
    "verify",
]

DEAD_STANDINGS = frozenset({"bounced", "wrong"})
OPTED_OUT = "opted_out"  # a wish, not a state: whether the address works does not take it back
_BEFORE = {"valid": 0, "unverified": 1}  # which point takes the place of a dead primary one
Row = dict[str, Any]


class State(StrEnum):
    """What was found."""

    OK = "ok"
    DEAD = "dead"
    UNKNOWN = "unknown"

    @property
    def result(self) -> str:
        """The word of a confirmation."""
        return "valid" if self is State.OK else self.value


@dataclass(frozen=True, slots=True)
class Said:
    """What was found of a group: of the contact point named (by value or place in the list), or of the only one."""

    state: State
    which: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedPoint:
    """A contact point that was changed or confirmed: its standing before and now, and whether it is tried first."""

    group: str
    value: str
    before: str
    standing: str
    primary: bool


@dataclass
class Verified:
    """What a verification wrote: the result by group (only of groups that are settled by it), and the points."""

    entity: str
    id: int
    title: str
    remarks: list[str] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)
    points: list[VerifiedPoint] = field(default_factory=list)


def parse_said(option: str, words: Sequence[str]) -> list[Said]:
    """Return what `ok`, `dead`, `unknown` or `WHICH=ok` mean; `UsageError` for other words."""
    found = []
    for text in words:
        which, named, word = text.rpartition("=")
        if named and not which.strip():
            raise UsageError(f"{option} {text}: it does not say which", hint=f"{option} 2=dead, or {option} VALUE=dead")
        try:
            found.append(Said(State(word.strip().lower()), which.strip()))
        except ValueError:
            hint = f"one of ok, dead, unknown; of several: {option} 2=dead, or {option} VALUE=dead"
            raise UsageError(f"{option} {text}: not a finding", hint=hint) from None
    by_which: dict[str, State] = {}
    for one in found:
        if by_which.setdefault(one.which, one.state) is not one.state:
            named = f" {one.which}" if one.which else ""
            message = f"{option}{named} is said to be {by_which[one.which]} and {one.state}"
            raise UsageError(message, hint=f"say it once; of several: {option} 2=dead, or {option} VALUE=dead")
    return found


def verifiable_groups(dictionary: Dictionary, entity: str) -> list[Freshness]:
    """Return the groups of fields that records of an entity have, in the order of the dictionary."""
    owners = [dictionary.entity(entity), *(detail for detail, _ in dictionary.details_of(entity))]
    own = {one.freshness for owner in owners for one in owner.fields}
    return [group for group in Freshness if group in own]


def verify(
    op: Operation,
    entity: str,
    text: str,
    said: Mapping[Freshness, Sequence[Said]],
    *,
    method: str = "verify",
    when: datetime | None = None,
) -> Verified:
    """Write what was found of the record that `text` names, at `when` (now); return what came of it.

    A group is confirmed valid when one of its contact points is, dead when none is left that may live, and not at all
    while another may. Raises what `locate` raises, and `UsageError` for a group that the record has nothing of or
    when it is not clear which contact point is meant.
    """
    declared = op.store.dictionary.entity(entity)
    located = locate(op.store, op.connection, declared, text, deleted=False)
    refuse_merged(op, declared, [located.id])
    title = titles_of(op.store, op.connection, declared.name, [located.id])[located.id]
    done = Verified(declared.noun, located.id, title, [located.remark] if located.remark else [])
    for group, findings in said.items():
        if findings:
            _verify_group(op, declared, done, group, findings)
    for group_name, result in done.results.items():
        moment = _after_earlier_words(op, declared, located.id, group_name, when or op.started_at)
        confirm(op, declared.name, [located.id], [group_name], method=method, when=moment, result=result)
    return done


def _verify_group(op: Operation, entity: Entity, done: Verified, group: Freshness, findings: Sequence[Said]) -> None:
    if group not in verifiable_groups(op.store.dictionary, entity.name):
        known = ", ".join(verifiable_groups(op.store.dictionary, entity.name)) or "nothing"
        raise UsageError(f"--{group}: {entity.plural} have no {group}", hint=f"what can be verified: {known}")
    details = [detail.name for detail in _details(op.store.dictionary, entity, group)]
    if not details:
        done.results[group] = _of_own_fields(op, entity, done.id, group, findings)
        return
    points = _points(op, details, done.id)
    if not points:
        raise UsageError(f"{entity.noun} {done.id} has no {group}", hint=f"crm {entity.noun} show {done.id}")
    named = [(_meant(op, group, points, one), one.state) for one in findings]
    after = [dict(point) for point in points]
    for place, state in named:
        _mark(op, done, group, after[place], state)
    choose_primary(after)
    _write(op, done, group, points, after, {place for place, _ in named})
    if result := group_result([state for _, state in named], after):
        done.results[group] = result


def _details(dictionary: Dictionary, entity: Entity, group: Freshness) -> list[Entity]:
    return [
        detail
        for detail, _ in dictionary.details_of(entity.name)
        if any(one.freshness is group for one in detail.fields)
    ]


def _of_own_fields(op: Operation, entity: Entity, number: int, group: Freshness, findings: Sequence[Said]) -> str:
    if len(findings) > 1 or findings[0].which:
        raise UsageError(f"--{group}: it is one thing of a {entity.noun}", hint=f"--{group} ok, dead or unknown")
    table = op.store.table(entity.name)
    names = [one.name for one in entity.fields if one.freshness is group and not one.custom]
    row = op.connection.execute(sa.select(*(table.c[name] for name in names)).where(table.c.id == number)).one()
    if all(value in (None, "") for value in row):
        raise UsageError(f"{entity.noun} {number} has no {group}", hint=f"its fields: {', '.join(names)}")
    return findings[0].state.result


def _points(op: Operation, details: Sequence[str], number: int) -> list[Row]:
    """Return the contact points in the order in which the record shows them."""
    rows = [
        {**row, "detail": detail}
        for detail in details
        for row in points_of(op.store, op.connection, detail, [number]).get(number, [])
    ]
    return sorted(rows, key=lambda row: (details.index(row["detail"]), not row["is_primary"], row["id"]))


def _meant(op: Operation, group: Freshness, points: Sequence[Row], said: Said) -> int:
    """Return the place of the contact point that is meant."""
    if not said.which and len(points) == 1:
        return 0
    if said.which.isascii() and said.which.isdecimal() and 1 <= int(said.which) <= len(points):
        return int(said.which) - 1
    wanted = _comparable(group, said.which)
    found = [
        place
        for place, row in enumerate(points)
        if wanted and wanted in (_comparable(group, row["standard"]), _comparable(group, row["value"]))
    ]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(f"{place} {_shown(op, row)}" for place, row in enumerate(points, start=1))
    what = f"--{group} {said.which}={said.state}: there is no such one" if said.which else f"--{group} {said.state}"
    problem = what if said.which else f"{what}: there are {len(points)}"
    raise UsageError(problem, hint=f"say which, for example --{group} 1={said.state}: {listed}")


def _comparable(group: Freshness, text: str | None) -> str:
    if group is Freshness.PHONE:
        return re.sub(r"[^0-9x]", "", (text or "").lower().replace("ext", "x"))
    return fold(text) or ""


def _shown(op: Operation, row: Row) -> str:
    return shown_line(op.store.dictionary.entity(row["detail"]), row)


def _mark(op: Operation, done: Verified, group: Freshness, row: Row, state: State) -> None:
    if row["standing"] == OPTED_OUT:
        done.remarks.append(f"{_shown(op, row)} stays opted out")
        return
    dead = "bounced" if group is Freshness.EMAIL else "wrong"
    row["standing"] = {State.OK: "valid", State.DEAD: dead, State.UNKNOWN: "unverified"}[state]


def choose_primary(rows: Sequence[Row]) -> None:
    """Of each detail, let a living point be tried first where the primary one is dead (or was, and none is primary)."""
    by_detail: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_detail[row["detail"]].append(row)
    for points in by_detail.values():
        living = [row for row in points if row["standing"] in _BEFORE]
        if living and not any(row["is_primary"] and row["standing"] not in DEAD_STANDINGS for row in points):
            chosen = min(living, key=lambda row: (_BEFORE[row["standing"]], row["id"]))
            for row in points:
                row["is_primary"] = row is chosen


def _write(
    op: Operation, done: Verified, group: Freshness, before: Sequence[Row], after: Sequence[Row], named: set[int]
) -> None:
    updates: dict[str, dict[int, Row]] = defaultdict(dict)
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        changed = {name: new[name] for name in ("standing", "is_primary") if new[name] != old[name]}
        if changed:
            updates[new["detail"]][new["id"]] = changed
        if changed or place in named:
            value = _shown(op, new)
            done.points.append(VerifiedPoint(group, value, old["standing"], new["standing"], new["is_primary"]))
    for detail, rows in updates.items():
        op.update(detail, rows, units=dict.fromkeys(rows, done.id))


def group_result(states: Sequence[State], after: Sequence[Row]) -> str | None:
    """Return what is confirmed of the group, None when it stays open because another point may live."""
    if State.OK in states:
        return State.OK.result
    if State.DEAD in states:
        return None if any(row["standing"] in _BEFORE for row in after) else State.DEAD.result
    return State.UNKNOWN.result


def _after_earlier_words(op: Operation, entity: Entity, number: int, group: str, moment: datetime) -> datetime:
    """Return the moment, a little later where the same day was spoken of before: the last word counts."""
    table = op.store.table("confirmation")
    same_day = table.c.confirmed_at.between(moment, moment + timedelta(seconds=1))
    mine = (table.c.entity == entity.name, table.c.record_id == number, table.c.freshness_group == group)
    latest = op.connection.scalar(sa.select(sa.func.max(table.c.confirmed_at)).where(*mine, same_day))
    return moment if latest is None else latest + timedelta(microseconds=1)
