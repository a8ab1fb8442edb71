"""Taking an edited workbook back: one operation, in which every row is judged by how its record stands now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm_cli import records
from crm_cli.dictionary import Entity, shown
from crm_cli.errors import CrmError, ExitCode
from crm_cli.history import Author, Operation, operation, resolve_all
from crm_cli.jobs.existing import existing
from crm_cli.jobs.sheet_editing.columns import EditColumn, Record, columns_of, records_of
from crm_cli.jobs.sheet_editing.exporting import database_identity
from crm_cli.jobs.sheet_editing.layout import Head
from crm_cli.jobs.sheet_editing.reading import (
    CellChange,
    EditWorkbookError,
    Fault,
    Reading,
    RowEdit,
    read_edits,
    read_head,
)
from crm_cli.standardize import Context
from crm_cli.store import Store, in_chunks

__all__ = ["EditOptions", "EditResult", "FieldChange", "import_edits"]

_CHUNK = 200
_SHOWN = 5  # candidates named for a new row


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOptions:
    """How to take edits in: the context that values are read in, and the usual questions of a writer."""

    context: Context = field(default_factory=Context)
    rejects: Path | None = None
    dry_run: bool = False
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that changed: the workbook's row, the record, and its texts before and after; a new one has no before."""

    row: int
    id: int
    field: str
    before: Any
    after: Any


@dataclass
class EditResult:
    """What became of a workbook: `operation_id` is None when it asked for nothing."""

    entity: Entity
    rows: int
    missing: int
    notes: list[str]
    operation_id: int | None = None
    changes: list[FieldChange] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    rejects: Path | None = None

    @property
    def refused_rows(self) -> int:
        """How many rows were refused."""
        return len({one.row for one in self.refused})

    @property
    def exit_code(self) -> ExitCode:
        """How a command that did this ends."""
        return ExitCode.PARTIAL if self.refused else ExitCode.DONE


def import_edits(store: Store, path: Path, author: Author, options: EditOptions | None = None) -> EditResult:
    """Change in the records what a person changed in the workbook, and nothing else.

    A row is refused, and the rest taken, where somebody else changed the same field since the export, the record is
    gone or another one, id or version were changed, or a value does not fit. A row without id is added unless there is
    a record like it. Raises `EditWorkbookError` for a workbook of another database or one that cannot be trusted.
    """
    options = options or EditOptions()
    head = read_head(path)
    entity = store.dictionary.entity(head.entity)
    with store.read() as connection:
        if head.database != database_identity(store, connection):
            raise EditWorkbookError(f"{path.name} was exported from another database", hint="name that one by --db")
        columns = columns_of(store, connection, entity, head.columns)
    reading = read_edits(path, head, columns)
    result = EditResult(entity, reading.rows, reading.missing, reading.notes, refused=reading.faults)
    similar = _similar(store, entity, reading, options.context)
    if reading.edits:
        with operation(store, "edit", author, dry_run=options.dry_run, exclusive=True, wait=options.wait) as op:
            result.operation_id = op.id
            _Run(op, head, entity, columns, options.context, result, similar).apply(reading.edits)
    result.refused.sort(key=lambda one: (one.row, one.cell))
    if options.rejects is not None and result.refused:
        _write_rejects(result.refused, options.rejects)
        result.rejects = options.rejects
    return result


def _texts(changes: Iterable[CellChange]) -> dict[str, str]:
    return {one.column.target: one.given for one in changes}


def _similar(store: Store, entity: Entity, reading: Reading, context: Context) -> dict[int, list[records.Candidate]]:
    """Return, by row, the records that new rows would repeat: asked of the index too, as `add` does."""
    found: dict[int, list[records.Candidate]] = {}
    for edit in reading.edits:
        if edit.record is None:
            try:
                with store.read() as connection:
                    given = records.Reader(store, connection, entity, context).read(_texts(edit.changes))
            except CrmError:  # said when the row is applied
                continue
            found[edit.row] = existing(store, given)
    return found


@dataclass
class _Run:
    op: Operation
    head: Head
    entity: Entity
    columns: Sequence[EditColumn]
    context: Context
    result: EditResult
    similar: Mapping[int, list[records.Candidate]]

    def apply(self, edits: Sequence[RowEdit]) -> None:
        """Apply the edits in the order of their rows."""
        known = [one.record.id for one in edits if one.record is not None]
        standing = {one.id: one for one in self._standing(known)}
        for edit in edits:
            if edit.record is None:
                self._add(edit)
            else:
                self._change(edit, standing.get(edit.record.id))

    def _standing(self, ids: Sequence[int]) -> Iterator[Record]:
        """The records as they stand now, deleted and merged ones included."""
        for chunk in in_chunks(sorted(ids), _CHUNK):
            where = f"id in ({', '.join(map(str, chunk))})"
            op = self.op
            yield from records_of(op.store, op.connection, self.entity, self.columns, where=where, gone=True)

    def _reader(self) -> records.Reader:
        return records.Reader(self.op.store, self.op.connection, self.entity, self.context)

    def _change(self, edit: RowEdit, now: Record | None) -> None:
        gone = self._gone(edit, now)
        if gone is not None or edit.record is None or now is None:
            self.result.refused += [gone] if gone else []
            return
        try:
            plan = records.plan_changes(self._reader(), [edit.record.id], _texts(edit.changes))
            conflicts = self._conflicts(edit, now, plan.differences.get(now.id, {}))
            if conflicts:
                self.result.refused += conflicts
                return
            records.apply_changes(self.op, plan)
        except CrmError as fault:
            self._refuse(edit, fault)
            return
        self.result.remarks += [f"row {edit.row}: {remark}" for remark in plan.remarks]
        self.result.changed += plan.changed
        for name, (before, after) in plan.differences.get(edit.record.id, {}).items():
            self.result.changes.append(FieldChange(edit.row, edit.record.id, name, before, after))

    def _gone(self, edit: RowEdit, now: Record | None) -> Fault | None:
        """Why the record cannot be changed at all."""
        if edit.record is None:
            return None
        noun, number = self.entity.noun, edit.record.id
        if now is None:
            why = f"there is no {noun} {number}"
        elif now.public_id != edit.record.public_id:
            why = f"{noun} {number} is another record than the one that was exported"
        elif now.merged_into is not None:
            survivor = resolve_all(self.op.store, self.op.connection, self.entity.name, [number])[number]
            why = f"{noun} {number} was merged into {survivor}; change that one"
        elif now.deleted:
            why = f"{noun} {number} is deleted; crm {noun} restore {number} brings it back"
        else:
            return None
        return Fault(row=edit.row, cell=f"A{edit.row}", id=number, reason=why)

    def _conflicts(self, edit: RowEdit, now: Record, differing: Mapping[str, Any]) -> list[Fault]:
        """The cells whose field somebody else gave another value since the export, and not the one that is wanted."""
        current = dict(zip((one.name for one in self.columns), now.texts, strict=True))
        return [
            Fault(
                row=edit.row, cell=one.cell, id=now.id, field=one.column.name, exported=one.exported,
                now=shown(one.column, current[one.column.name]), yours=one.given,
                reason="somebody else changed it since the export",
            )
            for one in edit.changes
            if one.column.target in differing and current[one.column.name] != one.exported
        ]  # fmt: skip

    def _add(self, edit: RowEdit) -> None:
        try:
            given = self._reader().read(_texts(edit.changes))
            alike = self.similar.get(edit.row) or records.similar(self.op.store, self.op.connection, given)
            if alike:
                self.result.refused.append(self._repeats(edit, alike))
                return
            added = records.add(self.op, given)
        except CrmError as fault:
            self._refuse(edit, fault)
            return
        self.result.added.append(added.id)
        self.result.remarks += [f"row {edit.row}: {remark}" for remark in added.remarks]
        for one in edit.changes:
            after = added.values.get(one.column.target, one.given)
            self.result.changes.append(FieldChange(edit.row, added.id, one.column.target, None, after))

    def _repeats(self, edit: RowEdit, alike: Sequence[records.Candidate]) -> Fault:
        some = "; ".join(f"{one.id} {one.title} ({one.same})" for one in alike[:_SHOWN])
        noun = self.entity.noun
        why = f"there is a {noun} like it: {some}. If it is another, crm {noun} add --force adds it"
        return Fault(row=edit.row, cell=edit.changes[0].cell, reason=why)

    def _refuse(self, edit: RowEdit, fault: CrmError) -> None:
        """Refuse the row for what a value of it met; the cell is that of the field which the fault names."""
        named = str(fault.facts.get("field") or fault.message.partition("=")[0])
        one = next((one for one in edit.changes if named in (one.column.target, one.column.name)), None)
        one = one or (edit.changes[0] if len(edit.changes) == 1 else None)
        hint = f" ({fault.hint})" if fault.hint else ""
        self.result.refused.append(
            Fault(
                row=edit.row,
                cell=one.cell if one else "",
                id=edit.record.id if edit.record else None,
                field=one.column.name if one else "",
                exported=one.exported if one else "",
                yours=one.given if one else "",
                reason=f"{fault.message}{hint}",
            )
        )


def _write_rejects(refused: Sequence[Fault], target: Path) -> None:
    from crm_cli.exporters import ExportColumn, ExportOptions, export_rows

    names = ("row", "cell", "id", "field", "exported", "now", "yours", "reason")
    rows = ([asdict(one)[name] for name in names] for one in refused)
    export_rows(rows, [ExportColumn(name) for name in names], target, ExportOptions(overwrite=True))
