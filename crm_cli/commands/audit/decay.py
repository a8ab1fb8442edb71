"""`crm audit freshness`, `reverify`, `half-lives`: how many values are dead, whom to ask first, how fast they die."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import Crm
from crm_cli.commands.policies import chosen_policies
from crm_cli.commands.times import day
from crm_cli.options import Format, Limit, Today, Where

if TYPE_CHECKING:
    from crm_cli.audits import Decayed, Suspect

__all__ = ["freshness", "half_lives", "reverify"]


class Dimension(StrEnum):
    """By what dead values are counted."""

    GROUP = "group"
    SOURCE = "source"
    OWNER = "owner"
    TERRITORY = "territory"


class Order(StrEnum):
    """Who comes first on the list of those to ask."""

    AGE = "age"
    VALUE = "value"


Policies = Annotated[
    list[str] | None, typer.Argument(metavar="POLICY…", help="Policies of freshness, or entities; else all.")
]
ByDimension = Annotated[Dimension, typer.Option("--by", help="Count by this.")]
ByOrder = Annotated[
    Order, typer.Option("--by", help="Order by age, or by what is at stake: worth times probability of being dead.")
]
_SUSPECTS, _ROWS = 200, 50


def freshness(
    crm: Crm, policies: Policies = None, by: ByDimension = Dimension.GROUP, where: Where = None, today: Today = None,
    limit: Limit = None, format_: Format = None,
) -> None:  # fmt: skip
    """Count how many values are probably dead, by group of fields, source, owner or territory, most dead first.

    `probably_dead` is the sum of 1 - 2^(-age / half-life) over all records with a value, those found dead among them.
    A record is of the source that knew it first.

    Examples:
        crm audit freshness
        crm audit freshness --by source
        crm audit freshness contact --by owner --where "status = 'customer'"
    """
    from crm_cli.audits import By, decayed

    chosen = chosen_policies(crm, [*(policies or ["freshness"])])
    rows = decayed(
        crm.store, chosen, by=By(by.value), today=day(crm, today), where=where
    )  # fmt: skip
    most = limit or _ROWS
    crm.console.show([_decayed_row(crm, one, by) for one in rows[:most]], format_)
    if len(rows) > most:
        crm.console.note(f"the first {most} of {len(rows)}; --limit shows more")
    if rows:
        crm.console.next_step("crm audit reverify --by value lists whom to ask first")


def reverify(
    crm: Crm, policies: Policies = None, by: ByOrder = Order.AGE, where: Where = None, today: Today = None,
    limit: Limit = None, format_: Format = None,
) -> None:  # fmt: skip
    """List whom to ask first whether a value still holds: what was found dead, then what is longest unconfirmed.

    `still_valid` is the probability 2^(-age / half-life). With --by value first come those of whom most is at stake:
    open opportunities and what was won in the last year (of a person: also of the company), times the probability that
    the value is dead; of equal ones by class.

    Examples:
        crm audit reverify contact-stale-phone --limit 20
        crm audit reverify --limit 200 --by value
        crm audit reverify contact-stale-email --where "status = 'customer'" --format csv
    """
    from crm_cli import audits

    chosen = chosen_policies(crm, [*(policies or ["freshness"])])
    find = audits.reverify_by_value if by is Order.VALUE else audits.reverify_all
    found = find(crm.store, chosen, today=day(crm, today), where=where, limit=limit or _SUSPECTS)
    several = len(chosen) > 1
    crm.console.show([_suspect_row(crm, one, by, several=several) for one in found], format_)


def _decayed_row(crm: Crm, one: Decayed, by: Dimension) -> dict[str, Any]:
    named = {} if by is Dimension.GROUP else {by.value: one.of}
    return {
        **named, "policy": one.policy, "group": one.group, "values": one.values, "found_dead": one.found_dead,
        "probably_dead": round(one.dead, 3) if crm.console.json else round(one.dead), "share": _share(crm, one.share),
    }  # fmt: skip


def _share(crm: Crm, share: float) -> Any:
    return round(share, 6) if crm.console.json else f"{share:.1%}"


def _suspect_row(crm: Crm, one: Suspect, by: Order, *, several: bool) -> dict[str, Any]:
    noun = crm.dictionary.entity(one.entity).noun
    value = {"at_stake": round(one.at_stake, 2), "worth": round(one.worth, 2), "class": one.class_}
    return {
        **({"policy": one.policy} if several else {}), "id": one.record_id, **(value if by is Order.VALUE else {}),
        "last_known": one.last_known, "days": one.age_days, "still_valid": round(one.still_valid, 3),
        "found_dead": one.found_dead, "show": f"crm {noun} show {one.record_id}",
    }  # fmt: skip


def half_lives(crm: Crm, format_: Format = None) -> None:
    """Show after how many days half of the values of each group are dead: the default, and what looking found.

    The default is 880 days (25 % a year). From 200 results of `crm verify` and of mailings on, the half-life is
    estimated, with its 95 % interval; policies use it unless they set `half_life`.

    Examples:
        crm audit half-lives
        crm audit half-lives --json
    """
    from crm_cli.audits import half_lives as found

    rows = found(crm.store)
    crm.console.show([_half_life_row(crm, one) for one in rows.values()], format_)
    for one in rows.values():
        if one.left_out:
            what = f"{one.group}: {one.left_out} mailings left out, more of them bounced than are known to have arrived"
            crm.console.note(f"{what}; crm import --into delivered takes the list of those whom mail reached")


def _half_life_row(crm: Crm, one: Any) -> dict[str, Any]:
    found = one.estimate
    row: dict[str, Any] = {
        "group": one.group.value, "in_use": round(one.days), "default": round(one.default),
        "estimate": round(found.days) if found else None, "low": round(found.low) if found else None,
        "high": round(found.high) if found else None, "results": one.looks, "dead": one.dead,
    }  # fmt: skip
    return row | ({"left_out": one.left_out} if crm.console.json else {})
