"""Writing records into a workbook that is made for editing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters import Exported as Written
from crm_cli.exporters import write_whole
from crm_cli.exporters.form import Form, FormColumn, FormRow, write_form
from crm_cli.jobs.sheet_editing.columns import EditColumn, Record, columns_of, records_of
from crm_cli.jobs.sheet_editing.layout import ID, KEPT, MARK, VERSION, Exported, Head, cell_value, shown, token
from crm_cli.store import Store

__all__ = ["database_identity", "export_for_edit"]

_ID_NOTE = "The record. Leave it blank in a new row; a row taken out changes nothing."
_VERSION_NOTE = "How the record stood when it was exported. It is not to be changed."


def export_for_edit(
    store: Store,
    entity: str,
    target: Path,
    *,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    order: Sequence[str] = (),
    limit: int | None = None,
    overwrite: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Written:
    """Write the records of `entity` to `target`, an xlsx file for `import_edits`; whole or not at all.

    Masked columns are left out, which `masked_of` names.

    Raises `UsageError` for another kind of file or one that exists, and what a wrong column or condition raises.
    """
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"{target.name}: only a workbook can be edited and imported again", hint="-o FILE.xlsx")
    declared = store.dictionary.entity(entity)
    with store.read() as connection:
        shown_columns = [one for one in columns_of(store, connection, declared, columns) if not one.masked]
        head = Head(
            entity=declared.name, columns=tuple(one.name for one in shown_columns),
            database=database_identity(store, connection), exported_at=store.now().isoformat(timespec="seconds"),
            nonce=secrets.token_hex(8), sheet=declared.plural,
        )  # fmt: skip
        found = records_of(store, connection, declared, shown_columns, where=where, order=order, limit=limit)
        rows = (_row(head, declared, shown_columns, one) for one in found)
        form = Form(
            sheet=head.sheet[:31], columns=_form_columns(shown_columns), kept_as=KEPT, head=head.to_json(),
            mark=(MARK, declared.name),
        )  # fmt: skip
        return write_whole(
            target, lambda stream: write_form(form, _counted(rows, progress), stream), overwrite=overwrite
        )


def database_identity(store: Store, connection: sa.Connection) -> str:
    """Return what tells this database from others: its first operation, which a copy or a backup of it shares."""
    table = store.table("operation")
    query = sa.select(table.c.id, table.c.kind, table.c.started_at).order_by(table.c.id).limit(1)
    first = connection.execute(query).one_or_none()
    return "" if first is None else f"{first.id}-{first.kind}-{first.started_at.isoformat()}"


def _form_columns(columns: Sequence[EditColumn]) -> list[FormColumn]:
    made = [
        FormColumn(name=ID, locked=True, note=_ID_NOTE), FormColumn(name=VERSION, locked=True, note=_VERSION_NOTE)
    ]  # fmt: skip
    for one in columns:
        day = one.type is SemanticType.DATE
        made.append(
            FormColumn(
                name=one.name,
                locked=not one.target,
                note=one.note,
                choices=one.choices,
                strict=one.strict,
                as_text=not (day or one.is_value),
                as_day=day,
            )
        )
    return made


def _row(head: Head, entity: Entity, columns: Sequence[EditColumn], record: Record) -> FormRow:
    seen = [shown(text) for text in record.texts]
    unfit = frozenset(place for place, (_, locked) in enumerate(seen) if locked)
    texts = tuple(
        text if place in unfit else exact
        for place, ((text, _), exact) in enumerate(zip(seen, record.texts, strict=True))
    )
    kept = Exported(record.id, record.version, record.public_id, texts, unfit)
    cells = [cell_value(column.type, text) for column, (text, _) in zip(columns, seen, strict=True)]
    mark = token(head.nonce, entity.name, record.id, record.version)
    return FormRow([str(record.id), mark, *cells], frozenset(place + 2 for place in unfit), kept.to_json())


def _counted(rows: Iterator[FormRow], progress: Callable[[int], None] | None) -> Iterator[FormRow]:
    for row in rows:
        yield row
        if progress:
            progress(1)
