"""What a source delivered before: its columns, how they were mapped, and how many rows there were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.importers import Table
from crm_cli.importers.mapping import EXTRA, IGNORE, ColumnMap, Mapping
from crm_cli.jobs.importing.drafts import REJECT_COLUMNS, note_columns
from crm_cli.jobs.importing.options import UnsettledError
from crm_cli.store import Store

__all__ = ["EarlierDelivery", "as_mapped_before", "last_delivery", "refuse_changed_columns"]

_LOOKED_AT = 50  # deliveries; one of the same kind is among the latest
_SAME_KIND = 0.5  # Jaccard similarity of the columns from which two tables of a source are taken for one kind
# of these the columns are those of the records that happen to be in them
_KEYED_FORMATS = frozenset({"json", "jsonl", "vcard", "ldif"})


@dataclass(frozen=True)
class EarlierDelivery:
    """An import of the same source and kind that still holds, with the mapping by which it was made.

    Columns are the same whatever the case of their names.
    """

    batch_id: int
    name: str
    mapping: Mapping
    rows: int

    @cached_property
    def columns(self) -> dict[str, str]:
        """The columns of the source → what they filled."""
        return {one.column: one.target for one in self.mapping.columns}

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The columns by their folded names."""
        return {_folded(name): target for name, target in self.columns.items()}

    def filled_by(self, column: str) -> str | None:
        """Return what a column filled; None for one that was not there."""
        return self.by_name.get(_folded(column))

    def key_in(self, header: Iterable[str]) -> str | None:
        """Return the column of `header` that was the key."""
        key = self.mapping.key
        return next((name for name in header if key and _folded(name) == _folded(key)), None)

    def as_before(self, made: Mapping, header: Sequence[str]) -> Mapping:
        """Return a mapping with what the earlier one said beside its columns: constants, words, ids."""
        here = {_folded(name): name for name in header}
        old = self.mapping
        return replace(
            made, constants=old.constants, layout=old.layout,
            values={here[_folded(name)]: words for name, words in old.values.items() if _folded(name) in here},
            ids={here[_folded(name)]: of for name, of in old.ids.items() if _folded(name) in here},
        )  # fmt: skip

    def carries(self, columns: Iterable[str]) -> bool:
        """Whether all these columns were there."""
        return all(_folded(one) in self.by_name for one in columns)


def _folded(name: str) -> str:
    return fold(name) or name


def last_delivery(
    store: Store, connection: sa.Connection, source_id: int, into: Sequence[str], header: Iterable[str]
) -> EarlierDelivery | None:
    """Return the latest import of the source that filled the same entities from about the same columns, if any.

    Imports that were undone do not count, nor do files of rejected rows that were mended: those are parts.
    """
    batch, operation = store.table("import_batch"), store.table("operation")
    query = (
        sa.select(batch.c.id, batch.c.source_name, batch.c.mapping, batch.c.rows)
        .join(operation, operation.c.id == batch.c.operation_id)
        .where(
            batch.c.source_system_id == source_id, batch.c.into == "+".join(into), batch.c.status == "applied",
            operation.c.undone_by_id.is_(None),
        )
        .order_by(batch.c.id.desc())
        .limit(_LOOKED_AT)
    )  # fmt: skip
    own = {_folded(name) for name in _without_notes(list(header))}
    for row in connection.execute(query):
        mapping = Mapping.from_json(row.mapping or {}, "as the last time")
        columns = [one.column for one in mapping.columns]
        if not note_columns(columns) and _similarity(own, {_folded(name) for name in columns}) >= _SAME_KIND:
            return EarlierDelivery(row.id, row.source_name, mapping, row.rows)
    return None


def _without_notes(header: list[str]) -> set[str]:
    return set(header) - set(REJECT_COLUMNS) if note_columns(header) else set(header)


def _similarity(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def refuse_changed_columns(table: Table, before: EarlierDelivery, rule: str) -> None:
    """Raise `UnsettledError` where the columns are not those of the last time; the order of them may change.

    `rule`: "same"; "mapped" where new columns may come, and those that filled nothing may go; "any".
    """
    if rule == "any" or table.understood.format in _KEYED_FORMATS:
        return
    now = _without_notes(table.header)
    folded = {_folded(name) for name in now}
    gone = [name for name in before.columns if _folded(name) not in folded]
    new = [name for name in table.header if name in now and before.filled_by(name) is None]
    if rule == "mapped":
        gone, new = [name for name in gone if before.columns[name] not in (EXTRA, IGNORE)], []
    if not gone and not new:
        return
    filled = [
        f"{name} (it filled {before.columns[name]})" for name in gone if before.columns[name] not in (EXTRA, IGNORE)
    ]
    told = [*filled, *(name for name in gone if before.columns[name] in (EXTRA, IGNORE))]
    parts = [f"missing: {', '.join(told)}"] if told else []
    parts += [f"new: {', '.join(new)}"] if new else []
    raise UnsettledError(
        f"{table.name}: the columns of this source have changed since batch {before.batch_id} ({before.name}); "
        f"{'; '.join(parts)}",
        hint="look at them with --dry-run --accept-columns, and import with --accept-columns if they are right",
        flag="--accept-columns",
        choices=(("yes", "import with the columns as they are now"),),
        missing=gone,
        new=new,
    )


def as_mapped_before(before: EarlierDelivery, suggested: Mapping, header: Sequence[str]) -> Mapping:
    """Return the mapping by which the source was imported last; what it does not speak of is filled as suggested."""
    taken = {before.filled_by(name) for name in header}
    columns = []
    for one in suggested.columns:
        if (filled := before.filled_by(one.column)) is not None:
            columns.append(ColumnMap(one.column, filled, 1.0, "as the last time"))
        elif one.target in taken:
            columns.append(ColumnMap(one.column, EXTRA, 1.0, f"{one.target} is filled as the last time"))
        else:
            columns.append(one)
    key = before.key_in(header) or suggested.key
    return before.as_before(replace(suggested, columns=tuple(columns), key=key), header)
