"""Bring stored records into their standard form: column by column, since most values are as they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm_cli.collecting import collect_young, seldom_collecting
from crm_cli.dictionary import Entity, Field, SemanticType
from crm_cli.history import Author, Operation, operation
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.jobs.standardizing.judging import Judge, fits
from crm_cli.jobs.standardizing.result import StandardizeResult
from crm_cli.query import Selection, record_ids
from crm_cli.standardize import Context, Standard
from crm_cli.store import Store, in_chunks

__all__ = ["standardize_records"]

_CHUNK = 2_000
_POINTS = {"email_address": SemanticType.EMAIL, "phone_number": SemanticType.PHONE}
_ADDRESS = "postal_address"
_SKIPPED = {
    SemanticType.REFERENCE, SemanticType.JSON, SemanticType.ENUM, SemanticType.DATE, SemanticType.TIMESTAMP,
    SemanticType.MONEY, SemanticType.INTEGER, SemanticType.NUMBER, SemanticType.BOOLEAN,
}  # fmt: skip
_AS_GIVEN = ("value", "standard")  # of contact points: what was given stays, the form beside it is made anew
_ADDRESS_ORDER = ("street", "postal_code", "city", "region", "country")
_STANDARD_LENGTH = 700  # of the compare form of an address, in characters

Updates: TypeAlias = dict[int, dict[str, Any]]


def standardize_records(
    store: Store,
    entity: str,
    author: Author,
    *,
    where: str | None = None,
    context: Context | None = None,
    dry_run: bool = False,
    wait: float = 0.0,
    progress: Callable[[int], None] | None = None,
    max_changes: int | None = None,
) -> StandardizeResult:
    """Bring the fields and contact points of `entity` (all, or those that fit `where`) into their standard form.

    Contact points keep what was given beside it; of other fields the log keeps it (`crm blame`, `crm undo`). A second
    run changes nothing. With `dry_run` nothing is written, only told. Raises `UnknownEntityError`, what a wrong
    `where` raises, and `TooManyChangesError` as soon as more than `max_changes` records would change; then nothing is
    written.
    """
    declared = store.dictionary.entity(entity)
    with operation(store, "standardize", author, dry_run=dry_run, exclusive=True, wait=wait) as op, seldom_collecting():
        ids = record_ids(store, op.connection, Selection(entity=declared.name, where=where))
        result = StandardizeResult(op.id, records=len(ids))
        run = _Run(op, declared, Judge(context or Context()), result, dry_run=dry_run)
        for chunk in in_chunks(ids, _CHUNK):
            run.standardize(chunk)
            collect_young()
            refuse_too_many(declared.noun, result.changed, max_changes)
            if progress:
                progress(len(chunk))
    return result


class _Rows:
    """Rows of one table as columns: `ids`, `owners` (the records that they belong to), and the values of fields."""

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.columns: dict[str, Sequence[Any]] = dict(
            zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True)
        )
        self.ids: Sequence[int] = self.columns["id"]


@dataclass
class _Run:
    op: Operation
    entity: Entity
    judge: Judge
    result: StandardizeResult
    dry_run: bool

    def standardize(self, ids: Sequence[int]) -> None:
        """Standardize some records and their contact points."""
        countries = self._countries(ids)
        changed = set(self._write(self.entity.name, self._records(ids, countries)))
        if self.entity.slots:
            for detail in _POINTS:
                changed |= self._points(detail, ids, countries)
            changed |= self._addresses(ids, countries)
        self.result.changed += len(changed)

    def _write(self, entity: str, updates: Updates, units: Mapping[int, int] | None = None) -> list[int]:
        return list(updates) if self.dry_run else self.op.update(entity, updates, units=units)

    def _countries(self, ids: Sequence[int]) -> dict[int, str | None]:
        """The country that each record's values are read by: of its primary address, or its own field."""
        if self.entity.slots:
            table = self.op.store.table(_ADDRESS)
            owner = table.c.party_id
            # the last one of a record counts: the primary one
            query = sa.select(owner, table.c.country).order_by(table.c.is_primary, table.c.id.desc())
        elif "country" in self.entity.by_name:
            table = self.op.store.table(self.entity.name)
            owner = table.c.id
            query = sa.select(owner, table.c.country)
        else:
            return {}
        found: dict[int, str | None] = {}
        for chunk in in_chunks(ids):
            wanted = query.where(owner.in_(chunk), table.c.country.is_not(None))
            for number, given in self.op.connection.execute(wanted).all():
                found[number] = self.judge.country(given)
        return found

    def _rows(self, entity: Entity, names: Sequence[str], owner: str, ids: Sequence[int]) -> _Rows:
        table = self.op.store.table(entity.name)
        rows: list[Any] = []
        for chunk in in_chunks(ids):
            query = sa.select(*[table.c[name] for name in names])
            wanted = query.where(table.c[owner].in_(chunk), table.c.deleted_at.is_(None))
            rows += self.op.connection.execute(wanted).all()
        return _Rows(names, rows)

    def _records(self, ids: Sequence[int], countries: Mapping[int, str | None]) -> Updates:
        fields = [one for one in self.entity.fields if _is_standardized(one)]
        rows = self._rows(self.entity, ["id", *[one.name for one in fields]], "id", ids)
        return self._fields(self.entity, fields, rows, [countries.get(number) for number in rows.ids])

    def _fields(self, entity: Entity, fields: Sequence[Field], rows: _Rows, countries: Sequence[str | None]) -> Updates:
        """Return the standard forms of the plain text fields of rows, where they differ."""
        updates: Updates = {}
        for one in fields:
            for number, given, standard in self._judged(one.type, rows.ids, rows.columns[one.name], countries):
                value = self._taken(entity, one, given, standard)
                if value != given:
                    updates.setdefault(number, {})[one.name] = value
        return updates

    def _judged(
        self, kind: SemanticType, ids: Sequence[int], values: Sequence[Any], countries: Sequence[str | None]
    ) -> Iterator[tuple[int, str, Standard]]:
        """Yield those values that are not as they should be, or of which something is to be said."""
        of_country = {country: self.judge.of(kind, country) for country in dict.fromkeys(countries)}
        for number, given, country in zip(ids, values, countries, strict=True):
            if isinstance(given, str):
                standard = of_country[country](given)
                if standard.value != given or standard.issues:
                    yield number, given, standard

    def _taken(self, entity: Entity, one: Field, given: str, standard: Standard) -> str | None:
        """Return the value that the field takes, counting what is to be told of it."""
        value = standard.value
        fit = value == given or fits(entity, one, value)
        if not standard.understood or not fit:
            self.result.add_not_understood(entity, one, given)
        if not fit or (value is None and one.required):
            return given
        if value != given:
            self.result.add_change(entity, one, standard.rules, given, value or "")
        return value

    def _points(self, detail: str, ids: Sequence[int], countries: Mapping[int, str | None]) -> set[int]:
        """Renew the standard forms beside what was given; return the records whose points changed."""
        entity = self.op.store.dictionary.entity(detail)
        value, form = entity.field("value"), entity.field("standard")
        rows = self._rows(entity, ("id", "party_id", "value", "standard", "standing"), "party_id", ids)
        owners = dict(zip(rows.ids, rows.columns["party_id"], strict=True))
        of_country = {one: self.judge.of(_POINTS[detail], one) for one in {None, *countries.values()}}
        updates: Updates = {}
        for number, owner, given, stored, standing in zip(*rows.columns.values(), strict=True):
            standard = of_country[countries.get(owner)](given)
            if not standard.issues and standard.value == stored:
                continue
            if not standard.understood or not standard.value or not fits(entity, form, standard.value):
                self.result.add_not_understood(entity, value, given)
            elif standard.value != stored:
                self.result.add_change(entity, form, standard.rules or ("-",), stored, standard.value)
                updates[number] = {"standard": standard.value}
                if standing == "wrong":  # it was the form before that was found wrong
                    updates[number]["standing"] = "unverified"
        return {owners[number] for number in self._write(detail, updates, owners)}

    def _addresses(self, ids: Sequence[int], countries: Mapping[int, str | None]) -> set[int]:
        """Standardize postal addresses and the one line that they are compared by; return the records changed."""
        entity = self.op.store.dictionary.entity(_ADDRESS)
        fields = [one for one in entity.fields if _is_standardized(one)]
        rows = self._rows(entity, ["id", "party_id", *[one.name for one in fields], "standard"], "party_id", ids)
        owners = rows.columns["party_id"]
        updates = self._fields(entity, fields, rows, [countries.get(owner) for owner in owners])
        lines = zip(*[rows.columns[name] for name in _ADDRESS_ORDER], strict=True)
        for number, line, stored in zip(rows.ids, lines, rows.columns["standard"], strict=True):
            changes = updates.get(number)
            parts = [changes.get(*part) for part in zip(_ADDRESS_ORDER, line, strict=True)] if changes else line
            joined = _one_line(parts)
            if joined and joined != stored:
                updates.setdefault(number, {})["standard"] = joined
        units = dict(zip(rows.ids, owners, strict=True))
        return {units[number] for number in self._write(_ADDRESS, updates, units)}


def _is_standardized(one: Field) -> bool:
    return one.type not in _SKIPPED and not one.custom and one.editable and one.name not in _AS_GIVEN


def _one_line(parts: Iterable[str | None]) -> str:
    return ", ".join([part for part in parts if part])[:_STANDARD_LENGTH]
