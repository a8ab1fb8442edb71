"""Tombstones: keyed hashes by which a person whose data were erased is recognized, and stopped at the door.

HMAC with SHA-256 (RFC 2104, FIPS 180-4): without the key, which the database does not hold, nobody can try out whose
address a hash may be, although e-mail addresses and telephone numbers are few enough to be tried one by one.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.errors import CrmError, ExitCode, UsageError
from crm_cli.store import Store

__all__ = [
    "KEY_CHECK",
    "ErasedPersonError",
    "NoTombstoneKeyError",
    "Tombstones",
    "Trait",
    "email_trait",
    "erased_message",
    "external_trait",
    "key_check",
    "name_trait",
    "phone_trait",
    "refuse_other_key",
    "traits_of",
]

KEY_CHECK = "@key"  # among the counts of an erasure: which key it was made with


class ErasedPersonError(CrmError):
    """The data of this person were erased, and are not to come back."""

    code = "erased-person"
    exit_code = ExitCode.FINDINGS


class NoTombstoneKeyError(UsageError):
    """There are erasures, but not the key by which erased persons are recognized."""

    code = "no-privacy-key"


@dataclass(frozen=True, slots=True)
class Trait:
    """Something by which a person is recognized: its kind as `erasure_key` has it, and its text, always alike."""

    kind: str
    text: str

    def hashed(self, key: bytes) -> str:
        """Return the keyed hash, in hexadecimal digits."""
        return hmac.digest(key, f"{self.kind}\0{self.text}".encode("utf-8", "surrogatepass"), "sha256").hex()


def email_trait(address: str) -> Trait:
    """Return the trait of an e-mail address in standard form."""
    return Trait("email", fold(address) or "")


def phone_trait(number: str) -> Trait:
    """Return the trait of a telephone number in standard form."""
    return Trait("phone", number)


def external_trait(source_id: int, entity: str, external_id: str) -> Trait:
    """Return the trait of the id by which a source knows a record."""
    return Trait("external_id", f"{source_id}\0{entity}\0{external_id}")


def name_trait(given: str | None, family: str | None, born: Any) -> Trait | None:
    """Return the trait of a name with a day of birth; None where one of the three is not known."""
    if not (given and family and born):
        return None
    return Trait("name_and_birth", f"{fold(given)}\0{fold(family)}\0{born}")


def traits_of(values: Mapping[str, Any], points: Iterable[tuple[str, str]]) -> list[Trait]:
    """Return the traits of a person: of its fields, and of its contact points, given as (entity, standard form).

    A lead has its address and numbers among its fields.
    """
    made = {"email_address": email_trait, "phone_number": phone_trait}
    found = [made[detail](standard) for detail, standard in points if detail in made and standard]
    found += [email_trait(values["email"])] if values.get("email") else []
    found += [phone_trait(values[name]) for name in ("phone", "mobile") if values.get(name)]
    named = name_trait(values.get("given_name"), values.get("family_name"), values.get("birth_date"))
    return list(dict.fromkeys([*found, *([named] if named else [])]))


@dataclass
class Tombstones:
    """The tombstones of a database, with the key to compare with them; empty where nobody was erased."""

    key: bytes = b""
    known: dict[tuple[str, str], int] = field(default_factory=dict)  # kind and hash → erasure

    @classmethod
    def read(cls, store: Store, connection: sa.Connection) -> Tombstones:
        """Return the tombstones; `NoTombstoneKeyError` where there are some and the key is missing, or another."""
        table = store.table("erasure_key")
        rows = connection.execute(sa.select(table.c.kind, table.c.hash, table.c.erasure_id)).all()
        if not rows:
            return cls()
        key = store.privacy_key()
        refuse_other_key(store, connection, key)
        return cls(key, {(row.kind, row.hash): row.erasure_id for row in rows})

    def find(self, traits: Iterable[Trait]) -> tuple[Trait, int] | None:
        """Return the first trait that is that of an erased person, with the number of the erasure."""
        if not self.known:
            return None
        for one in traits:
            number = self.known.get((one.kind, one.hashed(self.key)))
            if number is not None:
                return one, number
        return None

    def refuse(self, traits: Iterable[Trait]) -> None:
        """Raise `ErasedPersonError` where a trait is that of an erased person; the message does not repeat it."""
        if found := self.find(traits):
            message, hint = erased_message(*found)
            raise ErasedPersonError(message, hint=hint, erasure=found[1])


def erased_message(trait: Trait, number: int) -> tuple[str, str]:
    """Return in plain words why a person is refused, and what may be done; nothing of the person is repeated."""
    what = {"external_id": "id of the source", "name_and_birth": "name and date of birth", "phone": "telephone number"}
    named = what.get(trait.kind, "e-mail address")
    message = f"the data of the person with this {named} were erased on request (erasure {number})"
    return message, f"if the person wants to be known again: crm privacy allow {number}"


def key_check(key: bytes) -> str:
    """Return by what it is told later whether a key is this one; it tells nothing of the key."""
    return hmac.digest(key, b"key of erasures", "sha256").hex()[:16]


def refuse_other_key(store: Store, connection: sa.Connection, key: bytes) -> None:
    """Raise `NoTombstoneKeyError` where tombstones stand that were made with another key than this, or there is none.

    A wrong key would recognize nobody, and nobody would notice.
    """
    erasure, keys = store.table("erasure"), store.table("erasure_key")
    standing = sa.exists(sa.select(keys.c.id).where(keys.c.erasure_id == erasure.c.id))
    for number, counts in connection.execute(sa.select(erasure.c.id, erasure.c.counts).where(standing)):
        made_with = (counts or {}).get(KEY_CHECK)
        if key and made_with in (None, key_check(key)):
            continue
        what = "is not here" if not key else "is another than the one that is here"
        raise NoTombstoneKeyError(
            f"persons were erased from this database, and the key that recognizes those of erasure {number} {what}",
            hint="bring back the key file beside crm.toml, or the variable that privacy.key in crm.toml names",
            erasure=number,
        )
