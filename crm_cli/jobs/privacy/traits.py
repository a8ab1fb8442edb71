"""By what the person is recognized: addresses, numbers, names, ids of sources; and what of it others have as well."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.history import Trait, email_trait, external_trait, phone_trait, traits_of
from crm_cli.jobs.privacy.subject import PERSONS, Subject
from crm_cli.store import Store, in_chunks

__all__ = ["LEAST_DIGITS", "Known", "Sharing", "known_of"]

Row = Mapping[str, Any]
_POINTS = ("email_address", "phone_number")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+").fullmatch
LEAST_DIGITS = 7  # of a telephone number, its country and area left out: fewer would fit numbers of others
_LEAD_FIELDS = {"email": "email_address", "phone": "phone_number", "mobile": "phone_number"}


@dataclass(frozen=True, slots=True)
class Sharing:
    """Another record that has something of the person's: perhaps a relative, perhaps the same person again."""

    entity: str
    record_id: int
    what: str  # e-mail address, telephone number, name and date of birth


@dataclass
class Known:
    """What is known of the person: spellings by kind, what only this person has, and who else has the rest.

    `emails` and `phones` hold every spelling with the standard form that it has; `names` are (given, middle, family).
    """

    emails: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    names: list[tuple[str, str, str]] = field(default_factory=list)
    births: set[str] = field(default_factory=set)
    external: list[tuple[int, str, str]] = field(default_factory=list)  # source, entity, id
    traits: list[Trait] = field(default_factory=list)
    shared: list[Sharing] = field(default_factory=list)
    shared_values: set[str] = field(default_factory=set)  # standard forms that others have
    own_names: bool = True  # nobody else has the same given and family name
    own_family_names: set[str] = field(default_factory=set)  # those that nobody else has

    @property
    def own_emails(self) -> list[str]:
        """The spellings of the e-mail addresses that nobody else has; a word such as `none` is no address."""
        return [one for one in self._own(self.emails) if _ADDRESS(one)]

    @property
    def own_phones(self) -> list[str]:
        """The spellings of the telephone numbers that nobody else has; a few digits are no number."""
        return [one for one in self._own(self.phones) if sum(map(str.isdigit, one)) >= LEAST_DIGITS]

    def _own(self, spellings: Mapping[str, str]) -> list[str]:
        return [one for one, standard in spellings.items() if standard not in self.shared_values]


def known_of(store: Store, connection: sa.Connection, subject: Subject, rows: Mapping[str, Collection[int]]) -> Known:
    """Return by what the person is recognized. `rows`: the rows that hold its data, by entity; their log counts too."""
    known = Known()
    for entity in (*_POINTS, *PERSONS):
        for row in _rows(store, connection, entity, rows.get(entity, ())):
            _note(known, entity, row)
            if entity in PERSONS:
                known.traits += traits_of(row, ())
        for values in _logged(store, connection, entity, rows.get(entity, ())):
            _note(known, entity, values)
    for row in _rows(store, connection, "external_ref", rows.get("external_ref", ())):
        known.external.append((row["source_system_id"], row["entity"], row["external_id"]))
    _find_shared(store, connection, subject, known)
    named = [one for one in known.traits if one.kind == "name_and_birth" and known.own_names]
    mails = {known.emails[one] for one in known.own_emails}
    numbers = {known.phones[one] for one in known.own_phones}
    ids = [external_trait(*one) for one in known.external]
    traits = [*map(email_trait, sorted(mails)), *map(phone_trait, sorted(numbers)), *named, *ids]
    known.traits = list(dict.fromkeys(traits))
    return known


def _rows(store: Store, connection: sa.Connection, entity: str, ids: Iterable[int]) -> Iterator[Row]:
    table = store.table(entity)
    for chunk in in_chunks(sorted(ids)):
        query = sa.select(table).where(table.c.id.in_(chunk)).order_by(table.c.id)
        yield from (dict(row) for row in connection.execute(query).mappings())


def _logged(store: Store, connection: sa.Connection, entity: str, ids: Iterable[int]) -> Iterator[Row]:
    """Yield the values that the log has of these rows: addresses that were given up count as well."""
    change = store.table("change")
    for chunk in in_chunks(sorted(ids)):
        query = sa.select(change.c.old, change.c.new).where(change.c.entity == entity, change.c.record_id.in_(chunk))
        for old, new in connection.execute(query):
            yield from (values for values in (old, new) if values)


def _note(known: Known, entity: str, row: Row) -> None:
    if entity in _POINTS:
        _note_point(known, entity, row.get("value"), row.get("standard"))
        return
    for name, detail in _LEAD_FIELDS.items() if entity == "lead" else ():
        _note_point(known, detail, row.get(name), row.get(name))
    given, middle, family = (str(row.get(name) or "") for name in ("given_name", "middle_name", "family_name"))
    if (given or family) and (given, middle, family) not in known.names:
        known.names.append((given, middle, family))
    if row.get("birth_date"):
        known.births.add(str(row["birth_date"]))


def _note_point(known: Known, detail: str, value: str | None, standard: str | None) -> None:
    """Note what was given and its standard form; of what the log has, one of the two may be missing."""
    spellings = known.emails if detail == "email_address" else known.phones
    main = standard or value
    for one in (standard, value):
        if one and main:
            spellings.setdefault(one, (fold(main) or main) if detail == "email_address" else main)


def _find_shared(store: Store, connection: sa.Connection, subject: Subject, known: Known) -> None:
    """Note who else has the same addresses, numbers and names."""
    for detail, what, spellings in (
        ("email_address", "e-mail address", known.emails),
        ("phone_number", "telephone number", known.phones),
    ):
        standards = sorted(set(spellings.values()))
        for entity, number, value in _others_reached(store, connection, subject, detail, standards):
            known.shared.append(Sharing(entity, number, what))
            known.shared_values.add(value)
    _find_namesakes(store, connection, subject, known)
    known.shared = list(dict.fromkeys(known.shared))


def _others_reached(
    store: Store, connection: sa.Connection, subject: Subject, detail: str, standards: Collection[str]
) -> Iterator[tuple[str, int, str]]:
    """Yield other records with one of these contact points, as (entity, id, standard form)."""
    points, party = store.table(detail), store.table("party")
    compared = "standard_key" if "standard_key" in points.c else "standard"
    query = (
        sa.select(party.c.kind, points.c.party_id, points.c[compared])
        .join(party, party.c.id == points.c.party_id)
        .where(points.c[compared].in_(standards), points.c.party_id.not_in(subject.ids("contact")))
    )
    for kind, number, value in connection.execute(query.order_by(points.c.party_id)):
        yield kind, number, value
    for entity, names in (("lead", _LEAD_FIELDS), ("app_user", {"email": "email_address"})):
        table = store.table(entity)
        for name in (name for name, of in names.items() if of == detail and name in table.c):
            column = table.c[f"{name}_key"] if f"{name}_key" in table.c else table.c[name]
            rows = sa.select(table.c.id, column).where(column.in_(standards), table.c.id.not_in(subject.ids(entity)))
            for number, value in connection.execute(rows.order_by(table.c.id)):
                yield entity, number, value


def _find_namesakes(store: Store, connection: sa.Connection, subject: Subject, known: Known) -> None:
    pairs = {(fold(given), fold(family)) for given, _, family in known.names if given and family}
    families = {fold(family) or "" for _, _, family in known.names if family}
    elsewhere: set[str] = set()
    for entity in PERSONS:
        table = store.table(entity)
        columns = [table.c.id, table.c.given_name_key, table.c.family_name_key]
        born = table.c.birth_date if "birth_date" in table.c else sa.null()
        query = sa.select(*columns, born.label("born")).where(
            table.c.family_name_key.in_(sorted(families)), table.c.id.not_in(subject.ids(entity))
        )
        for row in connection.execute(query.order_by(table.c.id)):
            elsewhere.add(row.family_name_key)
            if (row.given_name_key, row.family_name_key) in pairs:
                known.own_names = False
                if row.born is not None and str(row.born) in known.births:
                    known.shared.append(Sharing(entity, row.id, "name and date of birth"))
    known.own_family_names = {family for _, _, family in known.names if family and fold(family) not in elsewhere}
