"""Import what a known system delivers: its tables together, as one operation, with the references between them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crm_cli.dictionary import Dictionary, Entity
from crm_cli.errors import UsageError
from crm_cli.exporters import check_target
from crm_cli.history import Author, Operation
from crm_cli.importers import Source, Table
from crm_cli.importers.mapping import IGNORE, ColumnMap, Mapping
from crm_cli.importers.profiles import (
    Profile,
    ShapedTable,
    check_targets,
    layouts_for,
    letters,
    mapping_of,
    shape,
    stem,
)
from crm_cli.jobs.importing.drafts import note_columns
from crm_cli.jobs.importing.links import Linker
from crm_cli.jobs.importing.options import ImportOptions
from crm_cli.jobs.importing.origins import Origin, named_in_rejects, source_system_of
from crm_cli.jobs.importing.preparing import PreparedTable, check_questions, settled_orders
from crm_cli.jobs.importing.rejects import RejectSpool
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.jobs.importing.result import BatchResult, ImportResult
from crm_cli.jobs.importing.run import ImportRun, Prepared, carry_out
from crm_cli.jobs.importing.sources import Delivery, open_delivery, own_files
from crm_cli.store import Store

__all__ = ["import_delivery"]

_ANY = ("contact",)  # what `into` is where nobody said it
_WITH_COMPANIES = {"account", "contact"}


@dataclass(frozen=True)
class _Planned:
    """A table of the delivery, ready to be imported."""

    table: ShapedTable
    source: Source
    mapping: Mapping
    options: ImportOptions
    orders: dict[str, str | None]


def import_delivery(
    store: Store,
    sources: Sequence[str | Path],
    profile: Profile,
    author: Author,
    options: ImportOptions,
    run: ImportRun | None = None,
) -> ImportResult:
    """Import all tables of `sources` that `profile` describes; nothing is written when anything goes wrong.

    What others refer to goes first; a reference to a record that comes later still is filled in the end. Each record
    keeps the id that it has in its source. The rejected rows go to a file, or to a folder that gets a file a table.
    Raises `ProfileError` for a profile that names unknown fields, `ReadError` for a source that cannot be read,
    `UsageError` where no table is of the profile, and what `import_source` raises.
    """
    run = run or ImportRun()
    check_targets(profile, store.dictionary)
    if options.into != _ANY and set(options.into) != _WITH_COMPANIES:
        raise UsageError(
            f"--into {'+'.join(options.into)}: the profile {profile.name} says itself what its tables become",
            hint="leave it out; account+contact makes accounts of the companies in an address book",
        )
    if run.rejects is not None and not _is_folder(run.rejects):
        check_target(run.rejects)
    delivery = open_delivery(sources, options.read, own_files(store))
    planned = _planned(store.dictionary, delivery, profile, options)
    fingerprint = hashlib.sha256("".join(one.source.fingerprint for one in planned).encode()).hexdigest()
    name = options.source_name or named_in_rejects([one.table for one in planned]) or profile.name

    def write_rejects(spools: Sequence[RejectSpool]) -> Path | None:
        names = [one.table.name for one in planned]
        return None if run.rejects is None else _write_rejects(run.rejects, names, spools)

    def finish(op: Operation, origin: Origin, table: PreparedTable, batch: BatchResult) -> None:
        _finish(op, origin, next(one for one in planned if one.table is table.table), batch)

    prepared = Prepared(
        name, fingerprint, _ready(store.dictionary, planned), options.settings(name),
        lambda op: _origin(op, planned, profile, options), write_rejects, delivery.skipped, finish,
    )  # fmt: skip
    return carry_out(store, prepared, author, options, run)


def _ready(dictionary: Dictionary, planned: Sequence[_Planned]) -> list[PreparedTable]:
    return [
        PreparedTable(
            one.table, one.mapping, one.orders, None, one.source.fingerprint, one.options,
            _entities(dictionary, planned[place:]),
        )
        for place, one in enumerate(planned)
    ]  # fmt: skip


def _entities(dictionary: Dictionary, planned: Sequence[_Planned]) -> frozenset[str]:
    return frozenset(dictionary.entity(name).name for one in planned for name in one.mapping.into)


def _planned(dictionary: Dictionary, delivery: Delivery, profile: Profile, options: ImportOptions) -> list[_Planned]:
    """Tell which table is which, and put what others refer to first; what is of no layout is skipped and named."""
    joined = {
        name.casefold() for layout in profile.tables for join in layout.joins
        for name in (join.table, *([join.through.table] if join.through else []))
    }  # fmt: skip
    tables = [table for table, _ in delivery.tables]
    found: list[_Planned] = []
    for table, source in delivery.tables:
        layouts = layouts_for(profile, table, renamed=bool(note_columns(table.header)))
        found += [
            _plan(dictionary, shape(profile, layout, table, tables), source, options, alone=len(layouts) == 1)
            for layout in layouts
        ]
        if not layouts and stem(table.name) not in joined:
            delivery.skipped.append(
                f"{table.name}: no table of {profile.title} that is imported, by its name and columns"
            )
    if not found:
        columns = ", ".join(tables[0].header[:8]) if tables else "none"
        raise UsageError(
            f"nothing here is laid out as {profile.title} writes it; the first columns are: {columns}",
            hint=f"crm mapping profiles {profile.name} shows the tables that it knows",
        )
    ranks = _ranks(dictionary, {one.mapping.into[-1] for one in found})
    return sorted(found, key=lambda one: ranks[dictionary.entity(one.mapping.into[-1]).name])


def _plan(
    dictionary: Dictionary, table: ShapedTable, source: Source, options: ImportOptions, *, alone: bool
) -> _Planned:
    layout = table.layout
    if layout is None:
        raise ValueError("a table without layout")
    mapping = mapping_of(table, options.into if options.into != _ANY else ())
    notes = tuple(ColumnMap(name, IGNORE) for name in note_columns(table.header))
    key = options.key if options.key in table.header else mapping.key
    mapping = replace(mapping, columns=(*mapping.columns, *notes), key=key).checked(table.header)
    mine = replace(
        options, mapping=mapping, into=mapping.into, date_order=options.date_order or layout.dates,
        timezone=layout.timezone or options.timezone,
    )  # fmt: skip
    check_questions(table, mapping, mine)
    orders = settled_orders(dictionary, table, mapping, mine)
    if not alone:
        table.name = f"{table.name} ({layout.into})"
    return _Planned(table, source, mapping, mine, orders)


def _ranks(dictionary: Dictionary, names: set[str]) -> dict[str, int]:
    """Return an order of entities in which what others refer to comes first, as far as they do not refer in circles."""
    wanted = {dictionary.entity(name).name for name in names}
    ranks: dict[str, int] = {}

    def visit(entity: Entity, above: frozenset[str]) -> None:
        for one in entity.references:
            target = one.reference.entity if one.reference else None
            parts = [part.name for part in dictionary if target and target in (part.name, part.subtype_of)]
            for name in sorted((wanted & set(parts)) - above - set(ranks)):
                visit(dictionary.entity(name), above | {name})
        ranks.setdefault(entity.name, len(ranks))

    for name in sorted(wanted):
        visit(dictionary.entity(name), frozenset({name}))
    return ranks


def _origin(op: Operation, planned: Sequence[_Planned], profile: Profile, options: ImportOptions) -> Origin:
    """The source system: the one named, that of a file of rejected rows, else the one called like the profile."""
    named = options.source_name or named_in_rejects([one.table for one in planned])
    settled = replace(options, source_name=named or profile.name)
    origin = source_system_of(op, planned[0].source, settled, None)
    return replace(origin, assumed=named is None)


def _finish(op: Operation, origin: Origin, one: _Planned, batch: BatchResult) -> None:
    """Write the links of a table, and say what was left out of it."""
    layout = one.table.layout
    if layout is not None and layout.links:
        columns = _by_letters(one.table, layout.links)
        linker = Linker(op, Resolver(op, origin.id), one.table, one.mapping.key or "", columns)
        linker.run()
        batch.counts["links"] += linker.written
    batch.counts["skipped"] += one.table.skipped.total()
    shown = [column for column in batch.mapping.columns if column.column not in one.table.unused]
    batch.mapping = replace(batch.mapping, columns=tuple(shown))
    for name, count in sorted(one.table.skipped.items()):
        batch.warnings.append(f"left out {count} {'row' if count == 1 else 'rows'}, for {name}")
    batch.warnings += [
        f"the table {name} did not come, so nothing of it is taken" for name in dict.fromkeys(one.table.missing)
    ]


def _by_letters(table: Table, links: Map[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The columns of links, as the table itself calls them."""
    there = {letters(name): name for name in reversed(table.header)}
    return {there[letters(name)]: of for name, of in links.items() if letters(name) in there}


def _is_folder(path: Path) -> bool:
    return path.is_dir() or not path.suffix


def _write_rejects(target: Path, names: Sequence[str], spools: Sequence[RejectSpool]) -> Path | None:
    """Write the rejected rows of each table into a file of its own; of one table alone into the file named."""
    full = [(name, spool) for name, spool in zip(names, spools, strict=True) if spool.count]
    if not full:
        return None
    if not _is_folder(target) and len(full) == 1:
        full[0][1].write(target)
        return target
    folder = target if _is_folder(target) else target.parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, spool in full:
        plain = name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".csv")
        spool.write(folder / (f"{plain}.csv" if _is_folder(target) else f"{target.stem}-{plain}{target.suffix}"))
    return folder
