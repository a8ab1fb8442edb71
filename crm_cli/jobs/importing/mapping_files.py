"""Mapping files: suggested for a source, checked against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_cli.dictionary import Dictionary
from crm_cli.errors import UsageError
from crm_cli.importers import ReadOptions, Table, read_tables
from crm_cli.importers.mapping import Mapping
from crm_cli.jobs.importing.known_layouts import as_known
from crm_cli.jobs.importing.options import ImportOptions
from crm_cli.jobs.importing.preparing import mapping_for

__all__ = ["check_mapping", "suggest_for_source"]


def suggest_for_source(
    dictionary: Dictionary, source: str | Path, into: tuple[str, ...], reading: ReadOptions
) -> Mapping:
    """Return a mapping for the first table of `source`; raises as reading and mapping do."""
    table = as_known(_first(source, reading), into, as_it_is=True)
    return mapping_for(dictionary, table, ImportOptions(into=into, read=reading))


def check_mapping(dictionary: Dictionary, mapping: Mapping, source: str | Path) -> list[dict[str, Any]]:
    """Return a row a column of the source: what fills it, its meaning and its first value. Raises `MappingError`."""
    table = _first(source, ReadOptions())
    checked = mapping.checked(table.header)
    targets = checked.targets(dictionary)
    sample = next(table.rows(), None)
    first = dict(zip(table.header, sample.values, strict=False)) if sample else {}
    rows = []
    for one in checked.columns:
        target = targets.get(one.column)
        what = (target.field or target.slot) if target else None
        meaning = what.meaning if what else ""
        rows.append(
            {"column": one.column, "fills": one.target, "meaning": meaning, "first_value": first.get(one.column)}
        )
    return rows


def _first(source: str | Path, reading: ReadOptions) -> Table:
    tables = read_tables(source, reading)
    if not tables:
        raise UsageError(f"{source} has no table with data", hint="crm import --explain shows what was understood")
    return tables[0]
