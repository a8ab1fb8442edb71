"""Who must not be written to or called: consent that was withdrawn, and addresses that opted out.

An objection outlives duplicates: an address that opted out with one record is left out with every other one that has
it, also where the record that it was said of is deleted by now.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, fold
from crm_cli.errors import UsageError
from crm_cli.store import Store

__all__ = ["Channel", "check_reachable", "objections"]

_PARTY, _LEAD = "party", "lead"
_MARKETING = "marketing"
_WITHDREW = "consent withdrawn"
_OPTED_OUT = "opted out on an address or number"
_SAME = "same address as somebody who objected"


class Channel(StrEnum):
    """How people are to be reached; an objection to any way counts for `any`, and one to all ways for each."""

    ANY = "any"
    EMAIL = "email"
    PHONE = "phone"
    SMS = "sms"
    POST = "post"


_DETAILS = {
    Channel.ANY: ("email_address", "phone_number", "postal_address"),
    Channel.EMAIL: ("email_address",),
    Channel.PHONE: ("phone_number",),
    Channel.SMS: ("phone_number",),
    Channel.POST: ("postal_address",),
}
# Of leads the addresses are fields; people who share a house or a switchboard do not speak for each other.
_FIELDS_OF_LEADS = {"email_address": ("email",), "phone_number": ("phone", "mobile")}


def check_reachable(entity: Entity) -> None:
    """Raise `UsageError` for records that are nobody who could object."""
    if entity.subtype_of != _PARTY and entity.name != _LEAD:
        hint = "it works for contact, account and lead"
        raise UsageError(f"--for marketing: {entity.plural} are nobody who is written to", hint=hint)


def objections(store: Store, connection: sa.Connection, entity: Entity, channel: Channel) -> dict[int, str]:
    """Return the ids of the records that must be left out, each with the first reason.

    What counts: the newest consent for marketing of a channel is a withdrawal; a contact point stands as opted out; an
    e-mail address or number is one that opted out with somebody else, or an e-mail address of somebody who withdrew.
    """
    found: dict[int, str] = {}
    reasons = _of_leads(store, channel) if entity.name == _LEAD else _of_parties(store, entity, channel)
    for reason, query in reasons:
        for number in connection.scalars(query):
            found.setdefault(number, reason)
    return found


def _of_parties(store: Store, entity: Entity, channel: Channel) -> Iterator[tuple[str, sa.Select[int]]]:
    party, withdrew = store.table(entity.name), _withdrew(store, channel)
    own = sa.select(party.c.id)
    yield _WITHDREW, own.where(party.c.id.in_(withdrew))
    for detail in _DETAILS[channel]:
        point = store.table(detail).alias()
        opted = sa.select(point.c.party_id).where(point.c.standing == "opted_out", point.c.deleted_at.is_(None))
        yield _OPTED_OUT, own.where(party.c.id.in_(opted))
    for detail in (one for one in _DETAILS[channel] if one in _FIELDS_OF_LEADS):
        point = store.table(detail).alias()
        same = sa.select(point.c.party_id).where(point.c.deleted_at.is_(None))
        same = same.where(point.c[_key(store, detail)].in_(_objecting(store, detail, withdrew)))
        yield _SAME, own.where(party.c.id.in_(same))


def _of_leads(store: Store, channel: Channel) -> Iterator[tuple[str, sa.Select[int]]]:
    lead, withdrew = store.table(_LEAD), _withdrew(store, channel)
    yield _WITHDREW, sa.select(lead.c.id).where(lead.c.converted_contact_id.in_(withdrew))
    declared = store.dictionary.entity(_LEAD)
    for detail in _DETAILS[channel]:
        for name in _FIELDS_OF_LEADS.get(detail, ()):
            one = declared.field(name)
            column = lead.c[one.key_column if one.has_key else name]
            yield _SAME, sa.select(lead.c.id).where(column.in_(_objecting(store, detail, withdrew)))


def _key(store: Store, detail: str) -> str:
    one = store.dictionary.entity(detail).field("standard")
    return one.key_column if one.has_key else one.name


def _objecting(store: Store, detail: str, withdrew: sa.Select[int]) -> sa.Select[Any]:
    """The compare keys of addresses that objected: who withdrew speaks for an e-mail address, not for a switchboard."""
    other = store.table(detail).alias()
    said = other.c.standing == "opted_out"
    if detail == "email_address":
        said = sa.or_(said, sa.and_(other.c.party_id.in_(withdrew), other.c.deleted_at.is_(None)))
    return sa.select(other.c[_key(store, detail)]).where(said)


def _withdrew(store: Store, channel: Channel) -> sa.Select[int]:
    """The parties whose newest consent for marketing is a withdrawal, of a channel that matters here."""
    consent, later = store.table("consent").alias(), store.table("consent").alias()
    is_newer = sa.or_(
        later.c.recorded_at > consent.c.recorded_at,
        sa.and_(later.c.recorded_at == consent.c.recorded_at, later.c.id > consent.c.id),
    )
    same = [later.c[name] == consent.c[name] for name in ("party_id", "channel", "purpose_key")]
    superseded = sa.exists(sa.select(later.c.id).where(*same, is_newer, later.c.deleted_at.is_(None)))
    query = sa.select(consent.c.party_id).where(
        consent.c.status == "withdrawn", consent.c.purpose_key == fold(_MARKETING), consent.c.deleted_at.is_(None),
        ~superseded,
    )  # fmt: skip
    return query if channel is Channel.ANY else query.where(consent.c.channel.in_((channel.value, Channel.ANY.value)))
