"""Choosing owners in a territory: who among its members gets a record that none of them owns yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat

from crm_cli.territories.dealing import least_loaded, round_robin, weighted
from crm_cli.territories.rules import Member, Rule

__all__ = ["choosers", "needs_loads", "stays"]


def choosers(
    rule: Rule, members: Sequence[Member], held: Sequence[int], loads: Callable[[], Mapping[int, int]]
) -> Iterator[int] | None:
    """Return an endless choice of owners, or None where owners are kept (`keep`, or nobody works the territory).

    `held` lists the owners of the territory's records that a member has already, in the order of the records; `loads`
    says how many open records of the entity everybody has. `sticky` gives what comes in to whoever has the least.
    """
    if rule.assign == "direct":
        return repeat(rule.owner_id) if rule.owner_id is not None else None
    people = [member.user_id for member in members]
    if not people or rule.assign == "keep":
        return None
    if rule.assign == "round_robin":
        return round_robin(people, after=held[-1] if held else None)
    if rule.assign == "weighted":
        return weighted({member.user_id: member.share for member in members}, Counter(held))
    known = loads()
    return least_loaded({user: known.get(user, 0) for user in people})


def needs_loads(rule: Rule) -> bool:
    """Whether the choice depends on what everybody has."""
    return rule.assign in ("least_loaded", "sticky")


def stays(rule: Rule, owner: int | None, *, was_here: bool, people: set[int], working: set[int]) -> bool:
    """Whether a record that the rule wins keeps the owner that it has.

    Direct rules take nobody else; `sticky` keeps whoever has it as long as the record stays in the territory and the
    owner works here at all; otherwise an owner stays who is a member of the territory.
    """
    if rule.assign == "direct":
        return owner == rule.owner_id
    if rule.assign == "sticky" and was_here and owner in working:
        return True
    return owner in people
