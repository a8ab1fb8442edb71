"""Who wins where a row of a source and the record that it speaks of disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from crm_cli.jobs.importing.drafts import Draft
from crm_cli.jobs.importing.resolving import KnownRef
from crm_cli.jobs.importing.standing import Standing

__all__ = ["Claim", "Collision", "CollisionRules", "wins"]


class Collision(StrEnum):
    """Who wins where the source and the record disagree."""

    # the source, except where a person edited the field or a newer source spoke, and it does not say by --as-of or a
    # last-modified column that it is newer
    NEWEST = "newest"
    SOURCE = "source"
    BLANK = "blank"  # only blanks are filled
    NEVER = "never"


_POINTS = {"email_address": ("email",), "phone_number": ("phone", "mobile"), "postal_address": ("address", "street")}


@dataclass(frozen=True)
class CollisionRules:
    """Who wins, by field: `email`, `phone` and `address` speak for all contact points of their kind."""

    default: Collision = Collision.NEWEST
    by_field: Mapping[str, Collision] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, *names: str) -> Collision:
        """Return the rule for a field by the first of these names that has one of its own."""
        return next((self.by_field[name] for name in names if name in self.by_field), self.default)

    def of_points(self, detail: str) -> Collision:
        """Return the rule for the contact points of a kind."""
        return self.of(detail, *_POINTS.get(detail, ()))

    def have(self, rule: Collision) -> bool:
        """Whether any field goes by this rule."""
        return rule in (self.default, *self.by_field.values())

    @property
    def only_never(self) -> bool:
        """Whether nothing may be changed at all."""
        return not any(self.have(rule) for rule in Collision if rule is not Collision.NEVER)

    def __str__(self) -> str:
        fields = "".join(f" {name}={rule}" for name, rule in sorted(self.by_field.items()))
        return f"{self.default}{fields}"


@dataclass
class Claim:
    """What one row says of a record that is there, and what came of it."""

    draft: Draft
    record_id: int
    ref: KnownRef | None  # None where the source speaks of the record for the first time
    said: datetime | None  # how old the source says that it is; None where it does not say
    repeats_key: bool = False  # an earlier row of the same import has the same key
    disagreeing: set[str] = field(default_factory=set)  # freshness groups in which the record holds something else
    conflicts: int = 0

    @property
    def repeated(self) -> bool:
        """Whether the source said exactly this before."""
        return self.ref is not None and self.ref.repeats(self.draft.content_hash)

    @property
    def settled(self) -> bool:
        """Whether it did, and the record held all of it then."""
        return self.ref is not None and self.ref.settled(self.draft.content_hash)

    @property
    def stale(self) -> bool:
        """Whether the source said something newer before."""
        seen = self.ref.last_seen_at if self.ref else None
        return self.said is not None and seen is not None and self.said < seen

    @property
    def yields(self) -> bool:
        """Whether an earlier row of the same import goes before: else the two would take turns at every import."""
        seen = self.ref.last_seen_at if self.ref else None
        newer = self.draft.modified is not None and seen is not None and self.draft.modified > seen
        return self.repeats_key and not newer

    @property
    def is_news(self) -> bool:
        """Whether this is the source's newest word, and another one than before."""
        return not (self.repeated or self.stale or self.yields)


def wins(
    rule: Collision, claim: Claim, standing: Standing, edited: datetime | None, group: str, *, tidied: bool = False,
    trusted: bool = False,
) -> bool:  # fmt: skip
    """Return whether the row goes before what stands in the record.

    `edited` is when a person set what stands, `group` its freshness group, `tidied` whether it was only standardized
    since the source gave it, `trusted` whether a source that is trusted more gave what stands (against NEWEST alone
    that counts). What a source only repeats is no news: it does not go before what came after it.
    """
    if rule in (Collision.BLANK, Collision.NEVER) or claim.yields:
        return False
    if claim.repeated and standing.shared:  # one of the rows has won already
        return rule is Collision.SOURCE and edited is not None
    if rule is Collision.SOURCE:
        return True
    if trusted or (claim.repeated and tidied):
        return False
    if claim.said is None:
        return edited is None and not claim.settled
    return (edited is None or claim.said > edited) and claim.said >= standing.known(group)
