"""The hand-over sheet: a workbook of what changed hands, who has it now, and when the customer was last spoken to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import SemanticType
from crm_cli.exporters import ExportColumn, ExportOptions, Row, Table, export_tables
from crm_cli.history import Operation
from crm_cli.records import Listing, listed
from crm_cli.store import Store, in_chunks

__all__ = ["write_sheet"]

_LAST = "last_contact"
_SHEETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "account": ("Accounts", ("id", "name", "owner", "territory", "industry", "city", "phone", "email")),
    "contact": ("Contacts", ("id", "given_name", "family_name", "account", "owner", "job_title", "phone", "email")),
    "lead": ("Leads", ("id", "given_name", "family_name", "company", "status", "owner", "phone", "email")),
    "opportunity": (
        "Open deals",
        (
            "id", "name", "account", "contact.family_name", "stage", "amount", "currency", "expected_close_on",
            "next_step", "owner",
        ),
    ),
    "activity": (
        "Activities",
        (
            "id", "kind", "subject", "due_at", "party.account.name", "party.contact.family_name", "opportunity",
            "owner", "notes",
        ),
    ),
}  # fmt: skip


def write_sheet(operation: Operation, path: Path, *, overwrite: bool = False) -> int:
    """Write what the operation has moved so far into an Excel workbook; return how many records are in it.

    It is called inside the operation, so that a file that cannot be written leaves nothing handed over. Masked fields
    are `•••`. Raises `UsageError` for a file that is there or is no workbook, `ExportError` where a value does not fit.
    """
    operation.flush()
    tables = [_table(operation, entity, *_SHEETS[entity]) for entity in _SHEETS]
    export_tables(tables, path, ExportOptions(overwrite=overwrite), format_name="xlsx")
    return sum(len(list(table.rows)) for table in tables)


def _table(operation: Operation, entity: str, name: str, columns: Sequence[str]) -> Table:
    store, connection = operation.store, operation.connection
    change = operation.store.table("change")
    query = sa.select(change.c.record_id).where(
        change.c.operation_id == operation.id, change.c.entity == entity, change.c.action == "update"
    )
    ids = sorted(set(connection.scalars(query)))
    with_last = columns if entity == "activity" else (*columns, _LAST)
    rows: list[Row] = []
    for chunk in in_chunks(ids):
        last = {} if entity == "activity" else _last_contacts(store, connection, entity, chunk)
        for row in _records(store, connection, entity, columns, chunk):
            values = {**row, _LAST: last.get(row["id"])}
            rows.append([_value(values.get(column)) for column in with_last])
    return Table(name, [_column(column, rows, place) for place, column in enumerate(with_last)], rows)


def _records(
    store: Store, connection: sa.Connection, entity: str, columns: Sequence[str], ids: Sequence[int]
) -> Iterator[Mapping[str, Any]]:
    where = f"id in ({', '.join(map(str, ids))})"
    yield from list(listed(store, connection, Listing(entity=entity, columns=columns, where=where)).rows)


def _last_contacts(store: Store, connection: sa.Connection, entity: str, ids: Sequence[int]) -> dict[int, datetime]:
    """When there was last something done with each: with an account also what was done with its people and deals."""
    activity, contact, deal = (store.table(name) for name in ("activity", "contact", "opportunity"))
    source: Any = activity
    if entity == "account":
        source = activity.outerjoin(contact, contact.c.id == activity.c.party_id).outerjoin(
            deal, deal.c.id == activity.c.opportunity_id
        )
        about = [activity.c.party_id, contact.c.account_id, deal.c.account_id]
    else:
        field = {"contact": "party_id", "lead": "lead_id", "opportunity": "opportunity_id"}[entity]
        about = [activity.c[field]]
    found: dict[int, datetime] = {}
    for who in about:
        when = sa.func.max(sa.func.coalesce(activity.c.occurred_at, activity.c.due_at, type_=activity.c.due_at.type))
        query = sa.select(who, when).select_from(source).where(
            who.in_(ids), activity.c.status == "done", activity.c.deleted_at.is_(None)
        )  # fmt: skip
        for number, moment in connection.execute(query.group_by(who)):
            if moment is not None and (number not in found or found[number] < moment):
                found[number] = moment
    return found


def _value(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    return value if isinstance(value, int | float | Decimal | date | datetime) else str(value)


def _column(name: str, rows: Sequence[Row], place: int) -> ExportColumn:
    """Days and times as such, unless views hide them: then they are texts."""
    kinds = {type(row[place]) for row in rows if row[place] is not None}
    if kinds == {datetime}:
        return ExportColumn(name, SemanticType.TIMESTAMP)
    if kinds == {date}:
        return ExportColumn(name, SemanticType.DATE)
    if kinds and kinds <= {int, float, Decimal}:
        return ExportColumn(name, SemanticType.NUMBER)
    return ExportColumn(name)
