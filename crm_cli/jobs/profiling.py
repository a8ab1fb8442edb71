"""Profile a source or an entity: every column's type, fill, values, patterns, and what no rule understands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_cli.audits.profiling import ColumnProfile, Profiler, TableProfile, as_rows
from crm_cli.dictionary import SemanticType
from crm_cli.dictionary.recognition import Role
from crm_cli.importers import ReadOptions, read_tables
from crm_cli.query import Selection, select_records
from crm_cli.standardize import Context, standardize_unique
from crm_cli.store import Store

__all__ = ["as_rows", "profile_entity", "profile_source"]

_KINDS = {
    Role.EMAIL: SemanticType.EMAIL,
    Role.PHONE: SemanticType.PHONE,
    Role.MOBILE: SemanticType.PHONE,
    Role.COUNTRY: SemanticType.COUNTRY,
    Role.BIRTH_DATE: SemanticType.DATE,
    Role.URL: SemanticType.URL,
}
_CHECKED = 20_000  # different values a column that the rules are tried on
_NAMED = 5


def profile_source(
    source: str | Path, options: ReadOptions, context: Context, progress: Callable[[int], None] | None = None
) -> list[TableProfile]:
    """Return a profile a table of the source; raises as reading does."""
    profiles = []
    for table in read_tables(source, options):
        profiler = Profiler(table.name, table.header)
        for rows in table.batches(5_000):
            for row in rows:
                profiler.add(row.values)
            if progress:
                progress(len(rows))
        profiles.append(_judged(profiler, context))
    return profiles


def profile_entity(
    store: Store,
    entity: str,
    context: Context,
    *,
    where: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[TableProfile]:
    """Return the profile of the records of an entity, all or those that fit `where`; of a masked field only counts."""
    selection = Selection(entity=entity, where=where)
    names = selection.headers(store.dictionary)
    hidden = [path.masked for path in selection.paths(store.dictionary)]
    profiler = Profiler(store.dictionary.entity(entity).noun, names)
    with store.read() as connection:
        for row in select_records(store, connection, selection):
            profiler.add([_text(value) for value in row])
            if progress:
                progress(1)
    profile = _judged(profiler, context)
    profile.columns = [_counts(one) if masked else one for one, masked in zip(profile.columns, hidden, strict=True)]
    return [profile]


def _counts(one: ColumnProfile) -> ColumnProfile:
    """What may be said of a masked column: how many values it has, not which."""
    return ColumnProfile(
        one.name, one.role, "masked", one.filled, one.distinct, one.distinct_exact, is_key=one.is_key
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _judged(profiler: Profiler, context: Context) -> TableProfile:
    """Add what the standards do not understand, by frequency."""
    profile = profiler.profile()
    for place, column in enumerate(profile.columns):
        kind = _KINDS.get(column.role)
        if kind is None:
            continue
        counts = dict(list(profiler.values(place))[:_CHECKED])
        standards = standardize_unique(kind, counts, context)
        wrong = [(value, count) for value, count in counts.items() if not standards[value].understood]
        column.not_understood = sorted(wrong, key=lambda item: -item[1])[:_NAMED]
    return profile
