"""Standardize records that are in the database: the same rules as at import, previewed, logged, undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, Field, SemanticType, shown
from crm_cli.history import Author, Operation, WrongValueError, check_value, operation
from crm_cli.jobs.caps import refuse_too_many
from crm_cli.query import Selection, record_ids
from crm_cli.standardize import Context, Standard, standardizer
from crm_cli.store import Store, in_chunks

__all__ = ["RuleCount", "StandardizeResult", "standardize_records"]

_CHUNK = 2_000
_SAMPLES = 3
_POINTS = {"email_address": SemanticType.EMAIL, "phone_number": SemanticType.PHONE}
_SKIPPED = {
    SemanticType.REFERENCE, SemanticType.JSON, SemanticType.ENUM, SemanticType.DATE, SemanticType.TIMESTAMP,
    SemanticType.MONEY, SemanticType.INTEGER, SemanticType.NUMBER, SemanticType.BOOLEAN,
}  # fmt: skip
_BY_COUNTRY = {SemanticType.PHONE, SemanticType.POSTAL_CODE, SemanticType.REGION, SemanticType.STREET}
_ADDRESS_ORDER = ("street", "postal_code", "city", "region", "country")


@dataclass
class RuleCount:
    """What one rule did to one field: how often, and a few examples before and after."""

    name: str
    rule: str
    count: int = 0
    samples: list[tuple[str, str]] = field(default_factory=list)

    def add(self, before: str, after: str) -> None:
        """Count one application."""
        self.count += 1
        if len(self.samples) < _SAMPLES and (before, after) not in self.samples:
            self.samples.append((before, after))


@dataclass
class StandardizeResult:
    """What a run changed: records looked at and changed, per rule, and what stayed as it was: no rule understood it, or
    its standard form does not fit the field."""

    operation_id: int
    records: int = 0
    changed: int = 0
    rules: dict[tuple[str, str], RuleCount] = field(default_factory=dict)
    not_understood: Counter[tuple[str, str]] = field(default_factory=Counter)


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
    run changes nothing. Raises `UnknownEntityError`, what a wrong `where` raises, and `TooManyChangesError` as soon as
    more than `max_changes` records would change; then nothing is written.
    """
    declared = store.dictionary.entity(entity)
    with operation(store, "standardize", author, dry_run=dry_run, exclusive=True, wait=wait) as op:
        ids = record_ids(store, op.connection, Selection(entity=declared.name, where=where))
        run = _Run(op, declared, context or Context(), StandardizeResult(op.id, records=len(ids)))
        for chunk in in_chunks(ids, _CHUNK):
            run.standardize(chunk)
            refuse_too_many(declared.noun, run.result.changed, max_changes)
            if progress:
                progress(len(chunk))
    return run.result


def _fits(entity: Entity, one: Field, value: str | None) -> bool:
    """Whether the field holds the standard form: that can be longer than what was given."""
    if value is None:
        return True
    try:
        check_value(entity, one, value)
    except WrongValueError:
        return False
    return True


@dataclass
class _Run:
    op: Operation
    entity: Entity
    context: Context
    result: StandardizeResult
    _seen: dict[tuple[SemanticType, str, str | None], Standard] = field(default_factory=dict)

    def standardize(self, ids: Sequence[int]) -> None:
        countries = self._countries(ids)
        changed = set(self._fields(self.entity, ids, lambda row: countries.get(row["id"])))
        if self.entity.slots:
            for detail in ("email_address", "phone_number", "postal_address"):
                changed |= self._points(detail, ids, countries)
        self.result.changed += len(changed)

    def _countries(self, ids: Sequence[int]) -> dict[int, str | None]:
        """The country that each record's values are read by: of its primary address, or its own field."""
        if self.entity.slots:
            table = self.op.store.table("postal_address")
            owner, country = table.c.party_id, table.c.country
            query = (
                sa.select(owner, country).where(country.is_not(None)).order_by(table.c.is_primary, table.c.id.desc())
            )
        elif "country" in self.entity.by_name:
            table = self.op.store.table(self.entity.name)
            owner = table.c.id
            query = sa.select(owner, table.c.country).where(table.c.country.is_not(None))
        else:
            return {}
        found: dict[int, str | None] = {}
        for chunk in in_chunks(ids):
            for number, given in self.op.connection.execute(query.where(owner.in_(chunk))):
                standard = self._standard(SemanticType.COUNTRY, given, None)
                found[number] = standard.value if standard.understood else None
        return found

    def _standard(self, kind: SemanticType, value: str, country: str | None) -> Standard:
        key = (kind, value, country if kind in _BY_COUNTRY else None)
        known = self._seen.get(key)
        if known is None:
            if len(self._seen) > 200_000:
                self._seen.clear()
            function = standardizer(kind)
            context = self._context(country) if kind in _BY_COUNTRY else self.context
            known = self._seen[key] = function(value, context) if function else Standard(value)
        return known

    def _context(self, country: str | None) -> Context:
        from dataclasses import replace

        return replace(self.context, country=country or self.context.country)

    def _rows(self, table: sa.Table, owner: str, ids: Sequence[int]) -> Iterator[Mapping[str, Any]]:
        for chunk in in_chunks(ids):
            query = sa.select(table).where(table.c[owner].in_(chunk), table.c.deleted_at.is_(None))
            yield from (dict(row) for row in self.op.connection.execute(query).mappings().all())

    def _fields(
        self,
        entity: Entity,
        ids: Sequence[int],
        country_of: Callable[[Mapping[str, Any]], str | None],
        owner: str = "id",
    ) -> list[int]:
        """Standardize the plain text fields of rows; return the ids that changed."""
        fields = [one for one in entity.fields if one.type not in _SKIPPED and not one.custom and one.editable]
        fields = [one for one in fields if one.name not in ("value", "standard")]
        updates: dict[int, dict[str, Any]] = {}
        for row in self._rows(self.op.store.table(entity.name), owner, ids):
            country = country_of(row)
            for one in fields:
                given = row[one.name]
                if not isinstance(given, str):
                    continue
                value = self._judged(entity, one, given, country)
                if value != given and not (value is None and one.required):
                    updates.setdefault(row["id"], {})[one.name] = value
        return self.op.update(entity.name, updates)

    def _judged(self, entity: Entity, one: Field, given: str, country: str | None) -> str | None:
        standard = self._standard(one.type, given, country)
        name = f"{entity.noun}.{one.name}"
        value = standard.value
        fits = _fits(entity, one, value)
        if not standard.understood or not fits:
            self.result.not_understood[name, shown(one, given)] += 1
        if not fits:
            return given
        self._count(entity, one, standard.rules, given, value)
        return value

    def _count(self, entity: Entity, one: Field, rules: Sequence[str], before: str, after: str | None) -> None:
        name = f"{entity.noun}.{one.name}"
        if before != after:
            for rule in rules:
                count = self.result.rules.setdefault((name, rule), RuleCount(name, rule))
                count.add(shown(one, before), shown(one, after or ""))

    def _points(self, detail: str, ids: Sequence[int], countries: Mapping[int, str | None]) -> set[int]:
        declared = self.op.store.dictionary.entity(detail)
        if detail == "postal_address":
            self._fields(declared, ids, lambda row: countries.get(row["party_id"]), owner="party_id")
        updates: dict[int, dict[str, Any]] = {}
        owners: dict[int, int] = {}
        for row in self._rows(self.op.store.table(detail), "party_id", ids):
            owners[row["id"]] = row["party_id"]
            changes = self._point(declared, row, countries.get(row["party_id"]))
            if changes:
                updates[row["id"]] = changes
        return {owners[number] for number in self.op.update(detail, updates, units=owners)}

    def _point(self, entity: Entity, row: Mapping[str, Any], country: str | None) -> dict[str, Any]:
        kind = _POINTS.get(entity.name)
        if kind is None:
            joined = ", ".join(row[name] for name in _ADDRESS_ORDER if row[name])[:700]
            return {"standard": joined} if joined and joined != row["standard"] else {}
        standard = self._standard(kind, row["value"], country)
        fits = _fits(entity, entity.field("standard"), standard.value)
        if not standard.understood or not standard.value or not fits:
            given = shown(entity.field("value"), row["value"])
            self.result.not_understood[f"{entity.noun}.value", given] += 1
            return {}
        if standard.value == row["standard"]:
            return {}
        self._count(entity, entity.field("standard"), standard.rules or ("-",), row["standard"], standard.value)
        standing = {"standing": "unverified"} if row["standing"] == "wrong" else {}
        return {"standard": standard.value, **standing}
