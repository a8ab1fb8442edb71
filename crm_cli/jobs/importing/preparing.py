"""Preparing an import: how each table of a source is mapped, what only a person can settle, and what came before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary
from crm_cli.errors import UsageError
from crm_cli.importers import Table
from crm_cli.importers.mapping import EXTRA, IGNORE, ColumnMap, Mapping, MappingError, suggest_mapping
from crm_cli.importers.profiles import ShapedTable
from crm_cli.jobs.importing.columns import date_orders
from crm_cli.jobs.importing.drafts import note_columns
from crm_cli.jobs.importing.earlier import EarlierDelivery, as_mapped_before, last_delivery, refuse_changed_columns
from crm_cli.jobs.importing.known_layouts import mapping_as_known
from crm_cli.jobs.importing.options import ImportOptions, UnsettledError
from crm_cli.jobs.importing.plan import Plan, PlanError
from crm_cli.jobs.importing.source_settings import SourceSettings
from crm_cli.store import Store

__all__ = ["PreparedTable", "Preparer", "check_questions", "mapping_for", "settled_orders"]

_SAMPLE_ROWS = 1_000


@dataclass(frozen=True)
class PreparedTable:
    """A table that will be imported: its mapping, the order of its dates, and the delivery of the same kind before."""

    table: Table
    mapping: Mapping
    orders: dict[str, str | None]
    before: EarlierDelivery | None = None
    fingerprint: str = ""  # SHA-256 of what it was read from
    options: ImportOptions | None = None  # where they are other than those of the whole
    coming: frozenset[str] = frozenset()  # entities that this and later tables of the delivery bring


@dataclass(frozen=True)
class Preparer:
    """Maps every table before anything is written; asks (by raising) what cannot be decided."""

    store: Store
    options: ImportOptions
    settings: SourceSettings
    source_id: int | None = None  # None: nothing came from this source yet
    plan: Plan | None = None
    fingerprint: str = ""

    def prepare(self, tables: Sequence[Table]) -> tuple[list[PreparedTable], list[str]]:
        """Return the tables to import, and of several those that fit nothing, each with the reason.

        Raises `MappingError` where none fits, `UnsettledError`, and `UsageError` for a source without a table.
        """
        planned, skipped = [], []
        fault: MappingError | None = None
        with self.store.read() as connection:
            for table in tables:
                try:
                    planned.append(self._prepared(connection, table))
                except MappingError as error:
                    fault = fault or error
                    skipped.append(f"{table.name}: {error.message}")
        if fault is not None and not planned:
            raise fault
        if not tables:
            raise UsageError(
                "the source has no table with data", hint="crm import --explain SOURCE shows what was understood"
            )
        return planned, skipped

    def _prepared(self, connection: sa.Connection, table: Table) -> PreparedTable:
        before = None
        if self.source_id is not None:
            before = last_delivery(self.store, connection, self.source_id, self.options.into, table.header)
        if self.plan is not None:
            mapping = self._as_planned(table)
        else:
            if before is not None and not self.options.accept_columns:
                refuse_changed_columns(table, before, self.settings.columns)
            mapping = mapping_for(self.store.dictionary, table, self.options, before)
        check_questions(table, mapping, self.options)
        orders = settled_orders(self.store.dictionary, table, mapping, self.options)
        return PreparedTable(table, mapping, orders, before, self.fingerprint)

    def _as_planned(self, table: Table) -> Mapping:
        mapping = self.plan.mapping_of(table.name) if self.plan else None
        if mapping is None:
            raise PlanError(f"the plan does not speak of {table.name}", hint="crm import SOURCE --plan-out FILE")
        return mapping


def mapping_for(
    dictionary: Dictionary, table: Table, options: ImportOptions, before: EarlierDelivery | None = None, *,
    whole: bool = True,
) -> Mapping:  # fmt: skip
    """Return the mapping of a table: the one given, else that of the delivery before, else one suggested from headers
    and values.

    Raises `MappingError` as `suggest_mapping` does; rows that only speak of records that are there need not be `whole`.
    """
    if options.mapping is not None:
        mapping = options.mapping
    elif isinstance(table, ShapedTable) and (before is None or before.mapping.layout is not None):
        mapping = mapping_as_known(dictionary, table, options.into)
    else:
        sample = next(table.batches(_SAMPLE_ROWS), [])
        names = [name for name in table.header if name not in note_columns(table.header)]
        places = {name: place for place, name in enumerate(table.header)}
        columns = {n: [row.values[places[n]] if places[n] < len(row.values) else None for row in sample] for n in names}
        if before is not None and before.carries(names):
            kept = tuple(ColumnMap(name, before.filled_by(name) or EXTRA, 1.0, "as the last time") for name in names)
            mapping = before.as_before(Mapping(options.into, kept, before.key_in(names)), names)
        else:
            mapping = suggest_mapping(dictionary, options.into, columns, whole=whole)
            mapping = mapping if before is None else as_mapped_before(before, mapping, names)
    notes = tuple(ColumnMap(name, IGNORE) for name in note_columns(table.header))
    key = options.key or mapping.key
    return replace(mapping, columns=(*mapping.columns, *notes), key=key).checked(table.header)


def check_questions(table: Table, mapping: Mapping, options: ImportOptions) -> None:
    """Raise `UnsettledError` for what only a person can settle.

    A header whose words name fields is one, whatever it looks like.
    """
    named = [one for one in mapping.columns if one.target not in (EXTRA, IGNORE) and "value" not in one.why]
    for question in table.understood.questions:
        if question.flag == "--header" and (options.mapping is not None or len(named) >= min(2, len(table.header))):
            continue
        raise UnsettledError(
            f"{table.name}: {question.what}? {' or '.join(value for value, _ in question.choices)}",
            hint=f"settle it with {question.flag}; crm import --explain shows samples",
            flag=question.flag,
            choices=question.choices,
        )


def settled_orders(
    dictionary: Dictionary, table: Table, mapping: Mapping, options: ImportOptions
) -> dict[str, str | None]:
    """Return in which order each date column writes day, month and year; `UnsettledError` where both are possible."""
    settled: dict[str, str | None] = {}
    for column, (order, ambiguous) in date_orders(table, mapping.targets(dictionary)).items():
        if ambiguous and options.date_order is None:
            raise UnsettledError(
                f"the dates of column {column!r} can be read as day/month or as month/day",
                hint="say which with --date-order dmy or --date-order mdy",
                column=column,
                flag="--date-order",
                choices=(("dmy", "3/4 is the third of April"), ("mdy", "3/4 is the fourth of March")),
            )
        settled[column] = options.date_order if ambiguous or order is None else order
    return settled
