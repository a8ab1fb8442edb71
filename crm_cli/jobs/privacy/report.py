"""Everything that is held about a person, from every table: what Article 15 of the GDPR, (EU) 2016/679, asks for.

Masked fields stay masked, as in every view: who may see them runs the report with a configuration that does not mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import MASK, Entity, EntityRole, hide, shown_row
from crm_cli.jobs.privacy.elsewhere import exports_of
from crm_cli.jobs.privacy.holdings import holdings_of
from crm_cli.jobs.privacy.logged import removed_rows
from crm_cli.jobs.privacy.mentions import find_mentions, marks_of
from crm_cli.jobs.privacy.rejected import rejected_rows
from crm_cli.jobs.privacy.subject import PERSONS, Subject, find_subject, links_to
from crm_cli.jobs.privacy.traits import known_of
from crm_cli.records import titles_of
from crm_cli.store import Store, in_chunks

__all__ = ["PersonReport", "person_report"]

Row = dict[str, Any]
_LOG = ("change", "erasure", "erasure_key")


@dataclass(frozen=True)
class PersonReport:
    """What is held about a person, in parts: heading → rows; a part is there when it has rows.

    `masked` says whether a value in it is masked.
    """

    entity: str
    id: int
    title: str
    made_at: datetime
    database: str
    remark: str = ""
    parts: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def masked(self) -> bool:
        """Whether a value is not shown."""
        return any(_is_masked(value) for rows in self.parts.values() for row in rows for value in row.values())

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each part has."""
        return {name: len(rows) for name, rows in self.parts.items()}


def person_report(store: Store, entity: str, text: str) -> PersonReport:
    """Return everything that is held about the person that `text` names; raises what `find_subject` raises."""
    with store.read() as connection:
        subject = find_subject(store, connection, entity, text)
        parts = _Gathering(store, connection, subject).run()
    filled = {name: rows for name, rows in parts.items() if rows}
    return PersonReport(subject.entity, subject.id, subject.title, store.now(), store.shown, subject.remark, filled)


def _is_masked(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_is_masked(one) for one in value.values())
    return any(_is_masked(one) for one in value) if isinstance(value, list) else value == MASK


class _Gathering:
    def __init__(self, store: Store, connection: sa.Connection, subject: Subject) -> None:
        self.store = store
        self.connection = connection
        self.subject = subject
        self.holdings = holdings_of(store, connection, subject, keep_business=False)
        self.rows = self.holdings.touched
        for name, ids in removed_rows(store, connection, subject).items():
            self.rows.setdefault(name, set()).update(ids)
        self.known = known_of(store, connection, subject, self.rows)

    def run(self) -> dict[str, list[Row]]:
        """Return the parts: what the person is, what belongs to it, what the system keeps, who took it out."""
        parts: dict[str, list[Row]] = {}
        for entity, ids in self.subject.records.items():
            parts[self._heading(entity)] = [self._with_titles(entity, row) for row in self._table(entity, ids)]
        parts |= self._linked()
        parts["search words"] = self._search()
        parts["changes"] = self._changes()
        parts["operations"] = self._operations(parts["changes"])
        parts["imports"] = self._imports(parts)
        parts["rejected rows"] = self._rejected()
        parts["mentioned in"] = self._mentions()
        parts["exported to"] = [
            self._shown("export_run", row) for row in exports_of(self.store, self.connection, self.subject)
        ]
        parts["others with the same"] = [
            {"entity": one.entity, "record": one.record_id, "what": one.what} for one in self.known.shared
        ]
        return parts

    def _heading(self, entity: str) -> str:
        return self.store.dictionary.entity(entity).plural

    def _table(self, entity: str, ids: Iterable[int]) -> list[Row]:
        table = self.store.table(entity)
        found: list[Row] = []
        for chunk in in_chunks(sorted(ids)):
            query = sa.select(table).where(table.c.id.in_(chunk)).order_by(table.c.id)
            found += [self._shown(entity, dict(row)) for row in self.connection.execute(query).mappings()]
        return found

    def _shown(self, entity: str, row: Mapping[str, Any]) -> Row:
        """The row as a view may show it: without what is empty, and without keys, which only repeat the values."""
        declared = self.store.dictionary.entity(entity)
        keys = {one.key_column for one in declared.fields if one.has_key}
        return {
            name: value
            for name, value in shown_row(declared, row).items()
            if name not in keys and value not in (None, "", {}, [])
        }

    def _with_titles(self, entity: str, row: Row) -> Row:
        """The row with what its references are called, such as the company: a number says nothing to the person."""
        told: Row = {}
        for name, value in row.items():
            told[name] = value
            one = self.store.dictionary.entity(entity).by_name.get(name)
            target = one.reference.entity if one and one.reference else None
            if one is not None and target and isinstance(value, int):
                titles = titles_of(self.store, self.connection, target, [value])
                told[one.path_name] = titles.get(value, "")
        return told

    def _linked(self) -> dict[str, list[Row]]:
        """What names the person: parts of its records, and records of others as far as they are about it."""
        found: dict[str, dict[int, Row]] = {}
        for entity, ids in self.subject.records.items():
            for other, _, rows in links_to(self.store, self.connection, entity, ids, (*_LOG, *PERSONS)):
                mine = found.setdefault(other.plural, {})
                mine.update({row["id"]: self._shown(other.name, row) for row in rows})
                if other.name == "activity_link":
                    activities = self._table("activity", {row["activity_id"] for row in rows})
                    found.setdefault(self._heading("activity"), {}).update({row["id"]: row for row in activities})
        people = {plural: list(rows.values()) for plural, rows in found.items()}
        people["stage changes"] = self._table("stage_change", self.holdings.gone.get("stage_change", ()))
        people["people who name this one"] = self._people()
        return people

    def _people(self) -> list[Row]:
        """Persons that refer to this one: their own data are not this one's, so only that they do is said."""
        return [
            {"entity": other.name, "id": row["id"], "as": one.path_name}
            for entity, ids in self.subject.records.items()
            for other, one, rows in links_to(self.store, self.connection, entity, ids)
            if other.name in PERSONS
            for row in rows
            if row["id"] not in self.subject.ids(other.name)
        ]

    def _search(self) -> list[Row]:
        table = self.store.table("search_record")
        found: list[Row] = []
        for entity, ids in self.subject.records.items():
            query = sa.select(table).where(table.c.entity == entity, table.c.record_number.in_(ids))
            rows = self.connection.execute(query.order_by(table.c.id)).mappings()
            found += [
                self._shown("search_record", {**row, "tokens": " ".join(row["tokens"].split("\n"))}) for row in rows
            ]
        return found

    def _changes(self) -> list[Row]:
        """The log of the person's records and of what belongs to them, old and new values field by field."""
        change = self.store.table("change")
        found: list[Row] = []
        for entity, ids in sorted(self.rows.items()):
            declared = self.store.dictionary.entity(entity)
            if declared.role is EntityRole.MACHINERY and entity not in ("external_ref", "confirmation"):
                continue
            for chunk in in_chunks(sorted(ids)):
                query = sa.select(change).where(change.c.entity == entity, change.c.record_id.in_(chunk))
                found += [self._change(declared, dict(row)) for row in self.connection.execute(query).mappings()]
        return sorted(found, key=lambda row: row["id"])

    def _change(self, declared: Entity, row: Mapping[str, Any]) -> Row:
        values = {name: shown_row(declared, row[name]) for name in ("old", "new") if row[name]}
        names = ("id", "operation_id", "action", "entity", "record_id", "source_row")
        return {**{name: row[name] for name in names if row[name] is not None}, **values}

    def _operations(self, changes: Sequence[Row]) -> list[Row]:
        numbers = sorted({row["operation_id"] for row in changes})
        rows = self._table("operation", numbers)
        return [
            {name: row[name] for name in ("id", "kind", "actor", "reason", "started_at") if name in row} for row in rows
        ]

    def _imports(self, parts: Mapping[str, Sequence[Row]]) -> list[Row]:
        """The imports that brought the person: files or tables, and when."""
        named = [row for heading in ("external_refs", "confirmations") for row in parts.get(heading, ())]
        rows = self._table("import_batch", {row["batch_id"] for row in named if row.get("batch_id")})
        return [
            {name: row[name] for name in ("id", "source_name", "into", "as_of", "started_at") if name in row}
            for row in rows
        ]

    def _rejected(self) -> list[Row]:
        hidden = self.store.dictionary.is_masked
        return [
            {
                "batch": row.batch_id, "row": row.row_number, "status": row.status,
                "cells": {name: hide(cell) for name, cell in row.cells.items()} if hidden else dict(row.cells),
            }
            for row in rejected_rows(self.store, self.connection, self.known)
        ]  # fmt: skip

    def _mentions(self) -> list[Row]:
        """Texts of others, and of the system, that name the person."""
        own = {**self.rows, "change": self._own_log()}
        found: dict[tuple[str, int], Row] = {}
        for one in find_mentions(self.store, self.connection, marks_of(self.known), self.holdings.about(), own):
            (row,) = self._table(one.entity, [one.id])
            told = found.setdefault((one.entity, one.id), {"entity": one.entity, "record": one.id})
            told |= {name: row[name] for name in one.values if name in row}
        return list(found.values())

    def _own_log(self) -> set[int]:
        change = self.store.table("change")
        mine: set[int] = set()
        for entity, ids in self.rows.items():
            for chunk in in_chunks(sorted(ids)):
                query = sa.select(change.c.id).where(change.c.entity == entity, change.c.record_id.in_(chunk))
                mine |= set(self.connection.scalars(query))
        return mine
