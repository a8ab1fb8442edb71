"""Write an export: into one file, a file a value of a column, several tables of a workbook or database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import UsageError
from crm_cli.exporters import (
    ColumnBatches,
    Exported,
    ExportOptions,
    Table,
    export_rows,
    export_tables,
    holds_tables,
    put_together,
)
from crm_cli.jobs.exporting.reading import Readout, read_changes, read_request, split_ids
from crm_cli.jobs.exporting.request import Request, check_request
from crm_cli.jobs.exporting.runs import Run
from crm_cli.jobs.exporting.splitting import names_for
from crm_cli.jobs.exporting.watermark import Watermark, watermark_of
from crm_cli.store import Store
from crm_cli.urls import hide_passwords

__all__ = ["Done", "Target", "export_records", "write_export"]

Progress = Callable[[int], None]
Columns = Sequence[Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to write: a file, `-`, or the URL of a database; how; and by which column to make files of it."""

    where: Path | str
    format: str | None = None
    overwrite: bool = False
    split: str | None = None

    @property
    def is_database(self) -> bool:
        """Whether the target is a database named by its URL."""
        return "://" in str(self.where)

    @property
    def shown(self) -> str:
        """The target as it may be shown and kept."""
        if self.is_database:
            return hide_passwords(str(self.where), whole=True)
        return "standard output" if str(self.where) == "-" else str(Path(self.where).absolute())


@dataclass
class Done:
    """What was written: the files, and what is to be said of them."""

    files: list[Exported]
    entity: str
    started_at: datetime
    finished_at: datetime
    watermark: Watermark
    readouts: list[Readout]
    left_out: Counter[str] = field(default_factory=Counter)
    since: Watermark | None = None
    is_split: bool = False

    @property
    def rows(self) -> int:
        """The rows of all files."""
        return sum(one.rows for one in self.files)

    @property
    def gone(self) -> Counter[str]:
        """What became of records that are none any more, and of how many."""
        return sum((one.gone for one in self.readouts), Counter())

    @property
    def blank(self) -> Counter[str]:
        """Columns that another system demands, and how many rows have none."""
        return sum((one.blank for one in self.readouts), Counter())

    @property
    def masked(self) -> list[str]:
        """Columns left blank because the configuration masks them."""
        return list(dict.fromkeys(name for one in self.readouts for name in one.masked))

    def run(self, target: Target, actor: str, extract: str = "", document: dict[str, Any] | None = None) -> Run:
        """Return this as it is written down."""
        return Run(
            entity=self.entity, destination=target.shown, actor=actor, started_at=self.started_at,
            finished_at=self.finished_at, rows=self.rows, sha256=self.files[0].sha256 if len(self.files) == 1 else "",
            extract=extract, is_full=self.since is None, gone=sum(self.gone.values()), watermark=self.watermark,
            document=document,
        )  # fmt: skip


def write_export(
    store: Store,
    requests: Sequence[Request],
    target: Target,
    *,
    since: Watermark | None = None,
    progress: Progress | None = None,
) -> Done:
    """Write the records of the requests to the target; several need a format that holds tables.

    Same database, same bytes: the order is fixed (by id unless the request says otherwise). With `since` only what
    changed after that watermark is written, with a row for each record that is gone. Raises `UnknownFieldError`,
    `ConditionError`, `UsageError` for what cannot be or is there already, `ExportError` where the format cannot carry a
    value or the system refuses to write.
    """
    for request in requests:
        check_request(store.dictionary, request)
    _check(requests, target, since)
    started = store.now()
    with store.read() as connection:
        watermark = watermark_of(store, connection, since)
        work = _Work(store, connection, target, since, progress)
        files = work.split(requests[0]) if target.split else work.whole(requests)
    left_out = sum((one.left_out for one in work.readouts), Counter(work.left_out))
    nouns = ",".join(store.dictionary.entity(one.entity).name for one in requests)
    return Done(files, nouns, started, store.now(), watermark, work.readouts, left_out, since, bool(target.split))


def _check(requests: Sequence[Request], target: Target, since: Watermark | None) -> None:
    several = len(requests) > 1
    if several and not target.is_database and not holds_tables(target.where, target.format):
        hint = "write an .xlsx or .db file, or a database by its URL; or one entity at a time"
        raise UsageError("this format holds one entity", hint=hint)
    if target.split and (several or target.is_database or str(target.where) == "-" or since):
        what = "several entities" if several else "--since" if since else target.shown
        raise UsageError(f"--split does not go together with {what}", hint="-o FILE, of one entity")
    if since and several:
        raise UsageError("--since does not go together with several entities", hint="one extract an entity")


@dataclass
class _Work:
    """One export while it is written, over one connection."""

    store: Store
    connection: sa.Connection
    target: Target
    since: Watermark | None
    progress: Progress | None
    readouts: list[Readout] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def whole(self, requests: Sequence[Request]) -> list[Exported]:
        """Write one file, or one database."""
        tables = [self._table(request) for request in requests]
        options = self._options(requests[0])
        if self.target.is_database or len(tables) > 1:
            return [export_tables(tables, self.target.where, options, format_name=self.target.format)]
        [one] = tables
        options = replace(options, sheet=one.name)
        return [export_rows(one.rows, one.columns, self.target.where, options, format_name=self.target.format)]

    def split(self, request: Request) -> list[Exported]:
        """Write a file for each value; all of them appear, or none."""
        groups, self.left_out = split_ids(self.store, self.connection, request, self.target.split or "")
        places = names_for(Path(self.target.where), list(groups))
        parts = [(path, partial(self._part, request, groups[value])) for value, path in places.items()]
        return put_together(parts, overwrite=self.target.overwrite)

    def _part(self, request: Request, ids: Sequence[int], path: Path) -> Exported:
        made = read_request(self.store, self.connection, request, ids)
        self.readouts.append(made)
        options = self._options(request)
        return export_rows(self._counted(made.rows), made.columns, path, options, format_name=self.target.format)

    def _table(self, request: Request) -> Table:
        if self.since is not None:
            made = read_changes(self.store, self.connection, request, self.since)
        else:
            made = read_request(self.store, self.connection, request)
        self.readouts.append(made)
        name = made.entity.name if self.target.is_database else made.entity.plural
        return Table(name, made.columns, self._counted(made.rows))

    def _options(self, request: Request) -> ExportOptions:
        purpose = request.purpose
        return ExportOptions(
            overwrite=self.target.overwrite, for_excel=purpose.excel, guard_formulas=not purpose.system
        )

    def _counted(self, rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        return rows if self.progress is None else _counted(rows, self.progress)


def _counted(rows: Iterable[Sequence[Any]], progress: Progress) -> Iterable[Sequence[Any]]:
    if isinstance(rows, ColumnBatches):
        return ColumnBatches(_told(rows.batches(), progress))
    return _each_told(rows, progress)


def _told(batches: Iterable[Columns], progress: Progress) -> Iterator[Columns]:
    for columns in batches:
        yield columns
        progress(len(columns[0]))


def _each_told(rows: Iterable[Sequence[Any]], progress: Progress) -> Iterator[Sequence[Any]]:
    count = 0
    for count, row in enumerate(rows, start=1):
        yield row
        if not count % 1_000:
            progress(1_000)
    progress(count % 1_000)


def export_records(
    store: Store,
    entity: str,
    target: Path | str,
    *,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    order: Sequence[str] | None = None,
    limit: int | None = None,
    options: ExportOptions | None = None,
    format_name: str | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write the records of `entity` to `target` (a file whose name says the format, or `-`); nothing is written down.

    Same database, same bytes: the order is fixed (by id unless `order` says otherwise). Raises `UnknownFieldError`,
    `UsageError` for an existing file, `ExportError` where the format cannot carry a value.
    """
    request = Request(entity=entity, columns=columns or (), where=where, order=order or (), limit=limit)
    with store.read() as connection:
        made = read_request(store, connection, request)
        rows = made.rows if progress is None else _counted(made.rows, progress)
        return export_rows(rows, made.columns, target, options or ExportOptions(), format_name=format_name)
