"""From a request to rows: read, without who objected, contact points put in, masked, in the form of another system."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from secrets import token_bytes
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters import ColumnBatches, ExportColumn, Masking, MaskingMethod, SmallestGroup
from crm_cli.jobs.exporting.columns import default_columns, export_column, masked_of
from crm_cli.jobs.exporting.objections import check_reachable, objections
from crm_cli.jobs.exporting.points import PointReader, Points, prefix_of
from crm_cli.jobs.exporting.request import Request, masking_rules
from crm_cli.jobs.exporting.systems import Layout, layout_of
from crm_cli.jobs.exporting.watermark import Gone, Watermark, changed_since, gone_of
from crm_cli.query import Selection, resolve, select_columns, select_records
from crm_cli.store import Store, in_chunks

__all__ = ["Readout", "read_changes", "read_request", "split_ids"]

_AT_ONCE = 2_000  # records read by their ids with one statement
Row = Sequence[Any]


@dataclass
class Readout:
    """Rows to be written once, and what is known of them; what is counted is complete when the last row has passed."""

    entity: Entity
    columns: Sequence[ExportColumn]
    rows: Iterable[Row]
    masked: Sequence[str] = ()  # by the configuration: left blank
    masking: dict[str, str] = field(default_factory=dict)  # column → method
    smallest: SmallestGroup | None = None
    left_out: Counter[str] = field(default_factory=Counter)  # reason → records
    blank: Counter[str] = field(default_factory=Counter)  # header that another system demands → rows without it
    gone: Counter[str] = field(default_factory=Counter)  # what became of records → how many


@dataclass
class _Reader:
    """Reads the records of one request over one connection."""

    store: Store
    connection: sa.Connection
    request: Request
    ids: Sequence[int] | None = None  # only these, in this order

    def __post_init__(self) -> None:
        self.entity = self.store.dictionary.entity(self.request.entity)
        system = self.request.purpose.system
        self.layout: Layout | None = layout_of(system, self.entity) if system else None
        self.names = self.layout.fields if self.layout else list(self.request.columns or default_columns(self.entity))
        self.left_out: Counter[str] = Counter()

    def rows(self) -> Iterable[Row]:
        """Return the rows of `names`."""
        request = self.request
        marketing = request.purpose.marketing
        by_slots = request.points is not Points.FIRST and any(
            resolve(self.store.dictionary, self.entity, name).slot for name in self.names
        )
        if self.ids is None and marketing is None and not by_slots:
            return ColumnBatches(select_columns(self.store, self.connection, self._selection(self.names)))
        ids = self.ids if self.ids is not None else self.all_ids()
        return self._by_ids(ids, with_points=by_slots)

    def all_ids(self) -> Sequence[int]:
        """Return the ids of the records in their order, without those who objected; eight bytes each."""
        marketing, limit = self.request.purpose.marketing, self.request.limit
        selection = self._selection(["id"])
        if marketing is None:
            return array("q", (number for (number,) in select_records(self.store, self.connection, selection)))
        check_reachable(self.entity)
        against = objections(self.store, self.connection, self.entity, marketing)
        kept = array("q")
        for (number,) in select_records(self.store, self.connection, replace(selection, limit=None)):
            if number in against:
                self.left_out[against[number]] += 1
            else:
                kept.append(number)
        return kept if limit is None else kept[:limit]

    def _selection(self, columns: Sequence[str]) -> Selection:
        request = self.request
        return Selection(
            entity=self.entity.name, columns=columns, where=request.where, order=request.order, limit=request.limit
        )

    def _by_ids(self, ids: Sequence[int], *, with_points: bool) -> Iterator[Row]:
        """Read some records at a time, in the order of `ids`; memory holds no more of them."""
        if with_points:
            yield from self._with_points(ids)
            return
        for rows in self._chunks(ids, self.names):
            for row in rows:
                yield row[:-1]

    def _with_points(self, ids: Sequence[int]) -> Iterator[Row]:
        paths = [resolve(self.store.dictionary, self.entity, name) for name in self.names]
        plain = [place for place, path in enumerate(paths) if not path.slot]
        ways = sorted({prefix_of(path) for path in paths if path.slot} - {""})
        width = len(paths)
        parties = {"": width + len(ways)} | {way: width + place for place, way in enumerate(ways)}
        reader = PointReader(self.store, paths, parties)
        for rows in self._chunks(ids, [*(self.names[place] for place in plain), *(f"{way}.id" for way in ways)]):
            wide = [_spread(row, plain, width) for row in rows]
            for row in reader.filled(self.connection, wide, self.request.points):
                yield row[:width]

    def _chunks(self, ids: Sequence[int], names: Sequence[str]) -> Iterator[list[Row]]:
        """Yield rows of `names` and, behind them, the id."""
        for chunk in in_chunks(ids, _AT_ONCE):
            selection = Selection(entity=self.entity.name, columns=[*names, "id"], ids=list(chunk))
            found = {row[-1]: row for row in select_records(self.store, self.connection, selection)}
            yield [found[number] for number in chunk if number in found]


def _spread(row: Row, places: Sequence[int], width: int) -> list[Any]:
    """Put the first values of a row at their places among `width`, and the rest behind."""
    made: list[Any] = [None] * width
    for place, value in zip(places, row, strict=False):
        made[place] = value
    return [*made, *row[len(places) :]]


def read_request(
    store: Store, connection: sa.Connection, request: Request, ids: Sequence[int] | None = None
) -> Readout:
    """Return the rows of a request; with `ids` only those of these records, in this order.

    Raises `UnknownFieldError`, `ConditionError`, `UsageError`; what can only be told by reading, with the first row.
    """
    reader = _Reader(store, connection, request, ids)
    return _finished(reader, reader.rows())


def read_changes(store: Store, connection: sa.Connection, request: Request, since: Watermark) -> Readout:
    """Return the rows of the records that changed since a watermark, and a row for each that is gone.

    The rows have two more columns: `gone` (deleted, merged, or left: it does not fit the filter any more) and
    `gone_into`, the record that it was merged into. `id` comes first where the request does not name it.
    """
    if request.limit is not None or request.points is Points.ROWS or request.purpose.system:
        what = "--limit" if request.limit is not None else "--points rows" if request.points is Points.ROWS else "--for"
        hint = "changes are told record by record"
        raise UsageError(f"--since does not go together with {what}", hint=hint)
    entity = store.dictionary.entity(request.entity)
    names = list(request.columns or default_columns(entity))
    names = names if "id" in names else ["id", *names]
    request = replace(request, columns=names)
    changes = changed_since(store, connection, entity, names, request.where, since)
    changed = changes.all
    reader = _Reader(store, connection, request)
    reader.ids = [number for number in reader.all_ids() if number in changed]
    gone = gone_of(store, connection, entity, changes, set(reader.ids))
    return _with_gone(_finished(reader, reader.rows()), gone, names.index("id"))


def split_ids(
    store: Store, connection: sa.Connection, request: Request, by: str
) -> tuple[dict[Any, Sequence[int]], Counter[str]]:
    """Return the ids of a request by the value that their records have in the column `by`, in the request's order.

    Also returns who was left out, by reason. Raises `UsageError` for a column whose values are to be masked: they would
    stand in the names of files.
    """
    reader = _Reader(store, connection, request)
    column = export_column(store.dictionary, reader.entity, by)
    if masked_of(store, reader.entity.name, [by]) or _is_masked(request, column, reader):
        raise UsageError(f"--split {by}: it is masked", hint="names of files would show what the files do not")
    wanted = reader.all_ids()
    groups: dict[Any, array[int]] = {}
    for number, value in _Reader(store, connection, Request(entity=request.entity, columns=["id", by]), wanted).rows():
        groups.setdefault(value, array("q")).append(number)
    return dict(groups), reader.left_out


def _is_masked(request: Request, column: ExportColumn, reader: _Reader) -> bool:
    if not request.mask:
        return False
    others = [export_column(reader.store.dictionary, reader.entity, name) for name in reader.names]
    rules = masking_rules(request.mask, [*others, column])
    return Masking(request.key.encode(), *rules).method_of(column) is not MaskingMethod.KEEP


def _finished(reader: _Reader, rows: Iterable[Row]) -> Readout:
    store, entity = reader.store, reader.entity
    columns = [export_column(store.dictionary, entity, name) for name in reader.names]
    hidden = masked_of(store, entity.name, reader.names)
    made = Readout(entity, columns, rows, hidden, left_out=reader.left_out)
    _mask(made, reader.request, hidden)
    if reader.layout:
        _arrange(made, reader.layout)
    return made


def _mask(made: Readout, request: Request, hidden: Sequence[str]) -> None:
    """Mask as was asked; what the configuration masks is left blank, whatever was asked."""
    if not request.mask and not hidden:
        return
    if request.mask:
        by_class, by_column = masking_rules(request.mask, made.columns)
    else:
        by_class, by_column = {}, {column.name: MaskingMethod.KEEP for column in made.columns}
    by_column |= dict.fromkeys(hidden, MaskingMethod.REDACT)
    masking = Masking(request.key.encode() if request.mask else token_bytes(16), by_class, by_column)
    made.masking = {
        column.name: masking.method_of(column).value
        for column in made.columns
        if masking.method_of(column) is not MaskingMethod.KEEP
    }
    masked = masking.apply(made.rows, made.columns)
    made.columns, made.rows = list(masked.columns), masked.rows
    made.smallest = masked.smallest if request.mask else None


def _arrange(made: Readout, layout: Layout) -> None:
    kinds = {column.name: column for column in made.columns}
    names = [column.name for column in made.columns]
    made.columns = [replace(kinds[name], name=header) for header, name in layout.columns.items()]
    made.rows = _arranged(made.rows, names, layout, made.blank)


def _arranged(rows: Iterable[Row], names: Sequence[str], layout: Layout, blank: Counter[str]) -> Iterator[Row]:
    demanded = [(place, header) for place, header in enumerate(layout.columns) if header in layout.required]
    for row in rows:
        made = layout.row(dict(zip(names, row, strict=True)))
        for place, header in demanded:
            if made[place] in (None, ""):
                blank[header] += 1
        yield made


def _with_gone(made: Readout, gone: Sequence[Gone], place: int) -> Readout:
    width = len(made.columns)
    live = made.rows
    made.columns = [
        *made.columns, ExportColumn("gone", SemanticType.ENUM), ExportColumn("gone_into", SemanticType.INTEGER),
    ]  # fmt: skip

    def rows() -> Iterator[Row]:
        for row in live:
            yield [*row, None, None]
        for one in gone:
            made.gone[one.how] += 1
            tombstone: list[Any] = [None] * width
            tombstone[place] = one.id
            yield [*tombstone, one.how, one.into]

    made.rows = rows()
    return made
