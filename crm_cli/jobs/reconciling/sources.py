"""The other side: which table of the source is compared, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crm_cli.dictionary import Dictionary, Entity
from crm_cli.errors import UsageError
from crm_cli.importers import Row, Table, open_source
from crm_cli.importers.mapping import EXTRA, IGNORE, Mapping, MappingError
from crm_cli.jobs.importing.drafting import Drafter
from crm_cli.jobs.importing.options import ImportOptions
from crm_cli.jobs.importing.preparing import check_questions, mapping_for, settled_orders
from crm_cli.jobs.reconciling.fields import mapping_of_names
from crm_cli.standardize import Context

__all__ = ["OtherSide", "open_other_side"]

_SAMPLE_ROWS = 1_000


@dataclass(frozen=True)
class OtherSide:
    """The table that is compared with our records: how it is mapped and read. `is_ours`: its columns have our names."""

    name: str
    table: Table
    mapping: Mapping
    orders: Map[str, str | None]
    options: ImportOptions
    is_ours: bool
    skipped: tuple[str, ...]
    sample: Sequence[Row]

    @property
    def context(self) -> Context:
        """What values are read by that do not say it themselves."""
        return Context(country=self.options.country, currency=self.options.currency, timezone=self.options.timezone)

    def drafter(self, dictionary: Dictionary) -> Drafter:
        """Return what makes drafts of its rows; they need not be whole records."""
        return Drafter(dictionary, self.table, self.mapping, self.context, self.orders, whole=False)


def open_other_side(dictionary: Dictionary, entity: Entity, source: str | Path, options: ImportOptions) -> OtherSide:
    """Open the source and map its table, as an import would.

    Raises `ReadError` for a source that cannot be read, `UsageError` for one without data or with several tables that
    fit, `MappingError` where no column says anything of the entity, `UnsettledError` for what only the user can say.
    """
    reading = open_source(source, options.read)
    tables = list(reading.tables())
    if not tables:
        hint = "crm import --explain SOURCE shows what was understood"
        raise UsageError(f"{source} has no table with data", hint=hint, source=str(source))
    options = replace(options, into=_into(dictionary, entity, options))
    fitting, skipped = [], []
    fault: MappingError | None = None
    for table in tables:
        try:
            fitting.append((table, *_mapped(dictionary, entity, table, options)))
        except MappingError as error:
            fault = fault or error
            skipped.append(f"{table.name}: {error.message}")
    if fault is not None and not fitting:
        raise fault
    if len(fitting) > 1:
        names = ", ".join(table.name for table, _, _ in fitting)
        raise UsageError(f"{source} has several tables that fit: {names}", hint="name one with --sheet")
    ((table, mapping, is_ours),) = fitting
    check_questions(table, mapping, options)
    orders = settled_orders(dictionary, table, mapping, options)
    sample = next(table.batches(_SAMPLE_ROWS), [])
    return OtherSide(Path(reading.source.name).name, table, mapping, orders, options, is_ours, tuple(skipped), sample)


def _into(dictionary: Dictionary, entity: Entity, options: ImportOptions) -> tuple[str, ...]:
    """What the rows are read as: the entity, or what a mapping file says, if that is among it."""
    if options.mapping is None:
        return (entity.noun,)
    if entity not in [dictionary.entity(name) for name in options.mapping.into]:
        into = "+".join(options.mapping.into)
        raise UsageError(f"the mapping is for {into}, not for {entity.noun}", hint=f"crm reconcile {into} SOURCE")
    return options.mapping.into


def _mapped(dictionary: Dictionary, entity: Entity, table: Table, options: ImportOptions) -> tuple[Mapping, bool]:
    names = mapping_of_names(dictionary, entity, table.header) if options.mapping is None else None
    mapping = names or mapping_for(dictionary, table, options, whole=False)
    if all(one.target in (EXTRA, IGNORE) for one in mapping.columns):
        headers = ", ".join(table.header[:12])
        raise MappingError(
            f"no column could be recognized as a field of {entity.noun}; the columns are: {headers}",
            hint="crm mapping make SOURCE -o map.toml writes a mapping to complete, --mapping map.toml uses it",
        )
    return mapping, names is not None
