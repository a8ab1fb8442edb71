"""Reading a workbook back: which cells a person changed since it was written, and which rows cannot be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm_cli.errors import UsageError
from crm_cli.importers.form import BLANK, FormBook, FormCell, has_mark
from crm_cli.jobs.sheet_editing.columns import EditColumn
from crm_cli.jobs.sheet_editing.layout import ID, KEPT, MARK, VERSION, Exported, Head, given_text, is_same, shown, token

__all__ = [
    "CellChange",
    "EditWorkbookError",
    "Fault",
    "Reading",
    "RowEdit",
    "is_edit_workbook",
    "read_edits",
    "read_head",
]

_HEADER_WITHIN = 50  # rows above the table that somebody may have added
_LETTERS = 26


class EditWorkbookError(UsageError):
    """The workbook was made for editing, but cannot be taken back: another database, another format, parts missing."""

    code = "edit-workbook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row is refused: where, and for a conflict what was exported, what stands there now, and what was wanted."""

    row: int
    reason: str
    cell: str = ""
    id: int | None = None
    field: str = ""
    exported: str = ""
    now: str = ""
    yours: str = ""


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that a person changed: its address, what was exported, and what stands there."""

    column: EditColumn
    cell: str
    exported: str
    given: str


@dataclass(frozen=True, slots=True)
class RowEdit:
    """What a person changed in a row; `record` is None for a new one."""

    row: int
    record: Exported | None
    changes: tuple[CellChange, ...]


@dataclass
class Reading:
    """What a workbook asks for, row by row, and what cannot be taken; `missing` counts exported rows that are gone."""

    edits: list[RowEdit] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    missing: int = 0
    notes: list[str] = field(default_factory=list)


def is_edit_workbook(path: Path) -> bool:
    """Return whether a file is a workbook that `export_for_edit` wrote, also after another program saved it."""
    return has_mark(path, MARK, f'"{KEPT}"')


def read_head(path: Path) -> Head:
    """Return what the workbook says of itself; raises `EditWorkbookError` where its hidden sheet is gone or broken."""
    hint = "export the records again with --for edit, and save as .xlsx"
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise EditWorkbookError(f"{path.name} was made for editing, and then saved in another format", hint=hint)
    with FormBook.open(path) as book:
        if KEPT not in book.titles:
            raise EditWorkbookError(f"{path.name} was made for editing, but its hidden sheet is gone", hint=hint)
        _, cells = next(book.rows(KEPT), (0, ()))
    try:
        return Head.from_json(_joined(cells))
    except ValueError as fault:
        raise EditWorkbookError(f"{path.name}: its hidden sheet was changed", hint=hint) from fault


def read_edits(path: Path, head: Head, columns: Sequence[EditColumn]) -> Reading:
    """Return what was changed. Rows may be sorted, filtered or taken out, columns moved or taken out, others added.

    Raises `EditWorkbookError` where no table with the columns `id` and `row_version` is found.
    """
    with FormBook.open(path) as book:
        kept = _kept(path, book)
        table = _table(path, book, head)
        reader = _RowReader(head, columns, kept, table.places)
        reading = Reading(notes=_notes(head, table))
        rows = list(table.rows(book))
    ids = Counter(number for _, cells in rows if (number := reader.id_of(cells)) is not None)
    for number, cells in rows:
        reader.read(reading, number, cells, ids)
    reading.missing = len(kept.keys() - ids.keys())
    return reading


def _joined(cells: Sequence[FormCell]) -> str:
    return "".join(one.text for one in cells)


def _kept(path: Path, book: FormBook) -> dict[int, Exported]:
    lines = book.rows(KEPT)
    next(lines, None)
    try:
        found = [Exported.from_json(_joined(cells)) for _, cells in lines]
    except (ValueError, TypeError) as fault:
        hint = "export the records again with --for edit"
        raise EditWorkbookError(f"{path.name}: its hidden sheet was changed", hint=hint) from fault
    return {one.id: one for one in found}


@dataclass(frozen=True)
class _Table:
    """Where the table stands: its sheet, its header's row, and the place of each column."""

    sheet: str
    header: int
    places: Mapping[str, int]
    unknown: Sequence[str]

    def rows(self, book: FormBook) -> Iterator[tuple[int, Sequence[FormCell]]]:
        """Yield the rows below the header that hold something in a column of ours."""
        for number, cells in book.rows(self.sheet):
            ours = (cells[place] for place in self.places.values() if place < len(cells))
            if number > self.header and any(one.fault or one.text.strip() for one in ours):
                yield number, cells


def _table(path: Path, book: FormBook, head: Head) -> _Table:
    titles = [name for name in book.titles if name not in book.hidden and name != KEPT]
    for title in sorted(titles, key=lambda name: name != head.sheet):
        for number, cells in book.rows(title):
            if number > _HEADER_WITHIN:
                break
            names = [one.text.strip() for one in cells]
            if ID in names and VERSION in names:
                return _found(path, head, title, number, names)
    hint = "the first row names the columns; put it back, or export again with --for edit"
    raise EditWorkbookError(f"{path.name} has no table with the columns {ID} and {VERSION}", hint=hint)


def _found(path: Path, head: Head, title: str, number: int, names: Sequence[str]) -> _Table:
    known = {ID, VERSION, *head.columns}
    twice = sorted(name for name, count in Counter(names).items() if count > 1 and name in known)
    if twice:
        message = f"{path.name} has the column {twice[0]} twice"
        raise EditWorkbookError(message, hint="take one out: both cannot be meant")
    places = {name: place for place, name in enumerate(names) if name in known}
    return _Table(title, number, places, [name for name in names if name and name not in known])


def _notes(head: Head, table: _Table) -> list[str]:
    gone = [name for name in head.columns if name not in table.places]
    notes = [f"columns that were added are not imported: {', '.join(table.unknown)}"] if table.unknown else []
    return notes + ([f"columns that were taken out stay as they are: {', '.join(gone)}"] if gone else [])


@dataclass(frozen=True)
class _RowReader:
    head: Head
    columns: Sequence[EditColumn]
    kept: Mapping[int, Exported]
    places: Mapping[str, int]

    def id_of(self, cells: Sequence[FormCell]) -> int | None:
        """The record that a row names, None where it names none."""
        text = self._cell(cells, ID).text.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def _cell(self, cells: Sequence[FormCell], name: str) -> FormCell:
        place = self.places.get(name)
        return BLANK if place is None or place >= len(cells) else cells[place]

    def read(self, reading: Reading, row: int, cells: Sequence[FormCell], ids: Mapping[int, int]) -> None:
        """Add what the row asks for to `reading`, or why it cannot be taken."""
        reading.rows += 1
        number, version = self.id_of(cells), self._cell(cells, VERSION).text.strip()
        if number is None and not self._cell(cells, ID).text.strip() and not version:
            self._read_new(reading, row, cells)
            return
        fault = self._untrusted(row, number, version, cells, ids)
        if fault is not None:
            reading.faults.append(fault)
        elif number is not None:
            self._read_known(reading, row, cells, self.kept[number])

    def _untrusted(
        self, row: int, number: int | None, version: str, cells: Sequence[FormCell], ids: Mapping[int, int]
    ) -> Fault | None:
        """Why the row's id and version cannot be trusted, if so."""
        cell, text = self._address(row, ID), self._cell(cells, ID).text.strip()
        if number is None:
            why = f"{text!r} is no id" if text else "its id is gone; a new record has neither id nor row_version"
            return Fault(row=row, cell=cell, field=ID, reason=why)
        if ids[number] > 1:
            return Fault(row=row, cell=cell, field=ID, id=number, reason=f"{ids[number]} rows have this id")
        exported = self.kept.get(number)
        if exported is None:
            return Fault(row=row, cell=cell, field=ID, id=number, reason="this id was not exported into this workbook")
        if version != token(self.head.nonce, self.head.entity, number, exported.version):
            why = "id or row_version was changed: they do not belong together"
            return Fault(row=row, cell=self._address(row, VERSION), field=VERSION, id=number, reason=why)
        return None

    def _read_known(self, reading: Reading, row: int, cells: Sequence[FormCell], record: Exported) -> None:
        changes, faults = [], []
        for place, (column, exported) in enumerate(zip(self.columns, record.texts, strict=True)):
            cell, address = self._cell(cells, column.name), self._address(row, column.name)
            if column.name not in self.places or is_same(column.type, exported, cell):
                continue
            why = self._refusal(column, cell, unfit=place in record.unfit)
            if why is None:
                changes.append(CellChange(column, address, exported, given_text(column.type, cell)))
            else:
                faults.append(
                    Fault(
                        row=row,
                        cell=address,
                        id=record.id,
                        field=column.name,
                        exported=shown(exported)[0],
                        yours=cell.text,
                        reason=why,
                    )
                )
        reading.faults += faults
        if changes and not faults:
            reading.edits.append(RowEdit(row, record, tuple(changes)))

    def _refusal(self, column: EditColumn, cell: FormCell, *, unfit: bool = False) -> str | None:
        if cell.fault:
            return cell.fault
        if not column.target:
            return f"{column.name} is only to read here"
        if unfit:
            return f"the cell does not hold the whole value; crm {self.head.entity} edit changes it"
        try:
            given_text(column.type, cell)
        except ValueError as fault:
            return str(fault)
        return None

    def _read_new(self, reading: Reading, row: int, cells: Sequence[FormCell]) -> None:
        changes, faults = [], []
        for column in self.columns:
            cell, address = self._cell(cells, column.name), self._address(row, column.name)
            if not cell.fault and not cell.text.strip():
                continue
            why = self._refusal(column, cell)
            if why is None:
                changes.append(CellChange(column, address, "", given_text(column.type, cell)))
            else:
                faults.append(Fault(row=row, cell=address, field=column.name, yours=cell.text, reason=why))
        reading.faults += faults
        if changes and not faults:
            reading.edits.append(RowEdit(row, None, tuple(changes)))

    def _address(self, row: int, name: str) -> str:
        place = self.places.get(name)
        return f"row {row}" if place is None else f"{_letters(place)}{row}"


def _letters(place: int) -> str:
    """Return the letters of a column, counted from 0: 0 is A, 26 is AA."""
    place, letters = place + 1, ""
    while place:
        place, rest = divmod(place - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters
