"""What a plan would do: carried out, measured, and rolled back – so that what is shown is what would be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from crm_cli.dictionary import shown
from crm_cli.history import Author, operation
from crm_cli.store import Store
from crm_cli.territories.fairness import Fairness, fairness
from crm_cli.territories.plan import Plan
from crm_cli.territories.planning import Carried, carry_out
from crm_cli.territories.tree import territory_names
from crm_cli.territories.workload import Key, Workload, by_owner, by_territory, measure_work

__all__ = ["Compared", "FairnessLine", "Simulation", "compare", "simulate"]

_NOBODY = "(none)"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A territory or an owner: accounts gained and lost, and all of its work before and after."""

    name: str
    gained: int
    lost: int
    before: Workload
    after: Workload


@dataclass(frozen=True, kw_only=True)
class FairnessLine:
    """How evenly something is spread, before and after."""

    measure: str
    among: str
    before: Fairness
    after: Fairness


@dataclass
class Simulation:
    """What a plan does, in figures."""

    plan: str
    day: date
    structure: dict[str, int]
    moved: dict[str, int]
    followed: dict[str, int]
    territories: list[Compared] = field(default_factory=list)
    owners: list[Compared] = field(default_factory=list)
    fairness: list[FairnessLine] = field(default_factory=list)
    unmanned: list[str] = field(default_factory=list)


def simulate(store: Store, plan: Plan, *, today: date) -> Simulation:
    """Return what the plan would do on `today` (or on its own day, if that is later); nothing is written.

    It takes the write lock for as long as it works, as a dry run does. Raises what `carry_out` raises.
    """
    day = max(today, plan.effective or today)
    with operation(store, "territory", Author("simulation"), dry_run=True) as op:
        before = measure_work(store, op.connection, day)
        old_names = _names(store, op.connection)
        done = carry_out(op, plan, today=day, stays=False)
        after = measure_work(store, op.connection, day)
        names = [{**old, **new} for old, new in zip(old_names, _names(store, op.connection), strict=True)]
        return compare(done, day, before, after, names)


def compare(
    done: Carried, day: date, before: Mapping[Key, Workload], after: Mapping[Key, Workload],
    names: list[dict[int, str]],
) -> Simulation:  # fmt: skip
    """Return the figures of what was done; `names` are those of the territories and those of the users."""
    moves = done.moves.get("account", [])
    result = Simulation(
        done.plan, day, done.structure, {name: len(found) for name, found in done.moves.items() if found},
        dict(done.followed), unmanned=list(dict.fromkeys(name for one in done.assigned for name in one.unmanned)),
    )  # fmt: skip
    places = [(one.old_territory, one.new_territory) for one in moves]
    hands = [(one.old_owner, one.new_owner) for one in moves]
    result.territories = _compared(by_territory(before), by_territory(after), places, names[0])
    result.owners = _compared(by_owner(before), by_owner(after), hands, names[1])
    for among, rows in (("territories", result.territories), ("owners", result.owners)):
        result.fairness += _fairness(among, rows)
    return result


def _names(store: Store, connection: sa.Connection) -> list[dict[int, str]]:
    user = store.table("app_user")
    username = store.dictionary.entity("app_user").field("username")
    users = connection.execute(sa.select(user.c.id, user.c.username))
    return [territory_names(store, connection), {row.id: shown(username, row.username) for row in users}]


def _compared(
    before: Mapping[int | None, Workload], after: Mapping[int | None, Workload],
    moves: list[tuple[int | None, int | None]], names: Mapping[int, str],
) -> list[Compared]:  # fmt: skip
    changed = [(old, new) for old, new in moves if old != new]
    lost, gained = Counter(old for old, _ in changed), Counter(new for _, new in changed)
    rows = [
        (number, Compared(
            name=_NOBODY if number is None else names.get(number, f"#{number}"),
            gained=gained[number], lost=lost[number], before=before.get(number, Workload()),
            after=after.get(number, Workload()),
        ))
        for number in {*before, *after, *gained, *lost}
    ]  # fmt: skip
    return [one for _, one in sorted(rows, key=lambda row: (row[0] is None, row[1].name, row[0] or 0))]


def _fairness(among: str, rows: list[Compared]) -> list[FairnessLine]:
    """Return the figures of accounts, open work and each currency's pipeline; what is nobody's is left out."""
    held = [one for one in rows if one.name != _NOBODY]
    lines = [
        FairnessLine(
            measure=measure, among=among, before=fairness([getattr(one.before, name) for one in held]),
            after=fairness([getattr(one.after, name) for one in held]),
        )
        for measure, name in (("accounts", "accounts"), ("open work", "open"))
    ]  # fmt: skip
    currencies = sorted({currency for one in held for side in (one.before, one.after) for currency in side.pipeline})
    lines += [
        FairnessLine(
            measure=f"pipeline {currency}".strip(), among=among,
            before=fairness([max(one.before.pipeline[currency], 0) for one in held]),
            after=fairness([max(one.after.pipeline[currency], 0) for one in held]),
        )
        for currency in currencies
    ]  # fmt: skip
    return lines
