"""Choosing owners in a territory: who among its members gets a record that none of them owns yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from crm_cli.territories.dealing import least_loaded, round_robin, weighted
from crm_cli.territories.rules import Member

__all__ = ["choosers"]


def choosers(
    assign: str, members: Sequence[Member], held: Sequence[int], loads: Mapping[int, int]
) -> Iterator[int] | None:
    """Return an endless choice of owners, or None where owners are kept (`keep`, or nobody works the territory).

    `held` lists the owners of the territory's records that a member has already, in the order of the records; `loads`
    says how many open records of the entity everybody has.
    """
    people = [member.user_id for member in members]
    if not people or assign == "keep":
        return None
    if assign == "round_robin":
        return round_robin(people, after=held[-1] if held else None)
    if assign == "weighted":
        return weighted({member.user_id: member.share for member in members}, Counter(held))
    return least_loaded({user: loads.get(user, 0) for user in people})
