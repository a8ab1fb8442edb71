"""`crm audit half-lives` and `crm audit freshness`: how fast values die, and how many probably are dead."""

from __future__ import annotations

from typing import Any

from crm_cli.commands.kit import Crm
from crm_cli.options import Format

__all__ = ["half_lives"]


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
