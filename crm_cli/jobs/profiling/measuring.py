"""Profile a source or an entity: what its columns hold, what no rule understands, what looks like a duplicate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from crm_cli.audits.profiling import ColumnProfile, Profiler, TableProfile, batch_size, columns_of
from crm_cli.importers import ReadOptions, read_tables
from crm_cli.jobs.profiling.duplicates import DuplicateWatch
from crm_cli.jobs.profiling.next_steps import NextSteps
from crm_cli.jobs.profiling.understanding import add_findings
from crm_cli.query import Selection, select_records
from crm_cli.standardize import Context
from crm_cli.store import Store

__all__ = ["profile_entity", "profile_source"]

Progress = Callable[[int], None]
Cells = Sequence[str | None]


@dataclass(frozen=True)
class _Subject:
    """What is profiled: its name and columns, which of these are masked, and what mends them."""

    name: str
    header: list[str]
    steps: NextSteps
    masked: frozenset[str] = frozenset()


def profile_source(
    source: str | Path,
    options: ReadOptions,
    context: Context,
    *,
    today: date,
    named: str | None = None,
    progress: Progress | None = None,
) -> list[TableProfile]:
    """Return a profile a table of the source; raises as reading does.

    Dates after `today` are to come; `context` has the country of telephone numbers that name none; `named` is how the
    source is called in the commands that the profile proposes.
    """
    steps = NextSteps(file=named or str(source))
    profiles = []
    for table in read_tables(source, options):
        batches = table.batches(batch_size(len(table.header)))
        rows = ([row.values for row in batch] for batch in batches)
        profiles.append(_profile(_Subject(table.name, table.header, steps), rows, context, today, progress))
    return profiles


def profile_entity(
    store: Store,
    entity: str,
    context: Context,
    *,
    today: date,
    where: str | None = None,
    progress: Progress | None = None,
) -> list[TableProfile]:
    """Return the profile of the records of an entity, all or those that fit `where`; of a masked field only counts."""
    selection = Selection(entity=entity, where=where)
    names = selection.headers(store.dictionary)
    paths = selection.paths(store.dictionary)
    masked = frozenset(name for name, path in zip(names, paths, strict=True) if path.masked)
    noun = store.dictionary.entity(entity).noun
    with store.read() as connection:
        rows = _texts(select_records(store, connection, selection), batch_size(len(names)))
        return [_profile(_Subject(noun, names, NextSteps(entity=noun), masked), rows, context, today, progress)]


def _texts(records: Iterable[Sequence[Any]], size: int) -> Iterator[Sequence[Cells]]:
    rows = iter(records)
    while batch := list(islice(rows, size)):
        yield [[None if value is None else str(value) for value in row] for row in batch]


def _profile(
    subject: _Subject, batches: Iterable[Sequence[Cells]], context: Context, today: date, progress: Progress | None
) -> TableProfile:
    profiler = Profiler(subject.name, subject.header)
    watch: DuplicateWatch | None = None
    for batch in batches:
        columns = columns_of(batch, len(subject.header))
        profiler.add(columns)
        if watch is None:  # the first rows say what the columns are
            watch = DuplicateWatch(subject.header, profiler.roles(), context.country)
            profiler.share_room(watch.repeats)
        watch.add(columns)
        if progress:
            progress(len(batch))
    made = profiler.profile(today)
    for place, column in enumerate(made.columns):
        if column.name not in subject.masked:
            add_findings(column, profiler.values(place), context)
    made.columns = [_counts(one) if one.name in subject.masked else one for one in made.columns]
    for column in made.columns:
        column.findings = [subject.steps.added(one, column) for one in column.findings]
    if watch is not None:
        made.duplicates = list(watch.hints(subject.masked, subject.steps.duplicates))
    return made


def _counts(one: ColumnProfile) -> ColumnProfile:
    """What may be said of a masked column: how many values it has, not which."""
    return ColumnProfile(
        one.name, one.role, "masked", filled=one.filled, distinct=one.distinct, distinct_error=one.distinct_error,
        is_key=one.is_key, masked=True,
    )  # fmt: skip
