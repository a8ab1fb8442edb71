"""What the related classes may not learn.

Household members and colleagues share address, telephone and surname or employer, but not who they are. Without this
knowledge the related classes would swallow heavily corrupted duplicates, which look just like relatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from crm_cli.dedupe.comparisons import Comparison
from crm_cli.dedupe.kinds import Kind

__all__ = ["IDENTITY", "RELATED_CLASSES", "Constraint", "RelatedClass", "constraints_for"]


class RelatedClass(IntEnum):
    """The two classes of pairs that belong together without being the same."""

    FIRST = 0  # persons: household; organizations: at one address
    SECOND = 1  # persons: colleagues; organizations: branches of one name


RELATED_CLASSES = len(RelatedClass)


@dataclass(frozen=True, slots=True)
class Constraint:
    """How a comparison may behave in a related class.

    `pinned`: as between unrelated records. `capped_from`: agreement of this level or better only about by chance.
    Neither: free, it learns.
    """

    pinned: bool = False
    capped_from: int | None = None

    @property
    def free(self) -> bool:
        """Whether the class may learn this comparison."""
        return not self.pinned and self.capped_from is None


IDENTITY = frozenset({Kind.GIVEN_NAME, Kind.BIRTH_DATE})  # what members of a household do not share
_PINNED = Constraint(pinned=True)
_FREE = Constraint()
_ALWAYS_PINNED = IDENTITY | {Kind.IDENTIFIER}
_PINNED_IN: dict[RelatedClass, frozenset[Kind]] = {
    RelatedClass.FIRST: frozenset({Kind.ORGANIZATION, Kind.WEB}),  # a household has many employers
    RelatedClass.SECOND: frozenset({Kind.FAMILY_NAME}),  # colleagues have many surnames
}
_SAME_DOMAIN, _SAME_USER = 2, 3  # levels of e-mail addresses
_SIMILAR_NAME, _SAME_STREET = 4, 4  # levels of organization names and of streets


def constraints_for(comparisons: Sequence[Comparison], related: RelatedClass, *, of_persons: bool) -> list[Constraint]:
    """The constraint of each comparison in the class `related`."""
    kinds = [comparison.kind for comparison in comparisons]
    name = None if of_persons or Kind.ORGANIZATION not in kinds else kinds.index(Kind.ORGANIZATION)
    has_company = bool({Kind.ORGANIZATION, Kind.WEB} & set(kinds))
    if of_persons:
        found = [_for_persons(kind, related, has_company=has_company) for kind in kinds]
    else:
        found = [_for_organizations(kind, related, is_name=place == name) for place, kind in enumerate(kinds)]
    return [_PINNED if each.one_record_only else known for each, known in zip(comparisons, found, strict=True)]


def _for_persons(kind: str, related: RelatedClass, *, has_company: bool) -> Constraint:
    if kind in _ALWAYS_PINNED or kind in _PINNED_IN[related]:
        return _PINNED
    if kind == Kind.EMAIL:
        return Constraint(capped_from=_SAME_DOMAIN if related is RelatedClass.FIRST and has_company else _SAME_USER)
    return _FREE


def _for_organizations(kind: str, related: RelatedClass, *, is_name: bool) -> Constraint:
    if kind in _ALWAYS_PINNED:
        return _PINNED
    if kind == Kind.EMAIL:
        return Constraint(capped_from=_SAME_USER)
    if related is RelatedClass.FIRST and is_name:
        return Constraint(capped_from=_SIMILAR_NAME)  # at one address: another name
    if related is RelatedClass.SECOND and kind == Kind.STREET:
        return Constraint(capped_from=_SAME_STREET)  # a branch: another address
    return _FREE
