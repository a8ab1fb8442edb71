"""What is wrong with an extract, said when it is saved and not in the night when it is run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from crm_cli.dictionary import Dictionary
from crm_cli.errors import UsageError
from crm_cli.exporters import exporter_for
from crm_cli.jobs.exporting import check_request, layout_of, masked_of
from crm_cli.jobs.extracts.definition import Extract
from crm_cli.query import resolve
from crm_cli.store import Store

__all__ = ["check_extract", "masked_headers"]


def check_extract(dictionary: Dictionary, extract: Extract, today: date) -> None:
    """Raise what every run would raise.

    `UnknownEntityError`, `UnknownFieldError`, `ConditionError`; `UsageError` for a destination, masking or purpose that
    cannot be. That files and folders are there is not looked at.
    """
    entity = dictionary.entity(extract.entity)
    check_request(dictionary, extract.request())
    destination = extract.destination(today)
    if destination == "-":
        raise UsageError("an extract needs a file or a database", hint="-o 'out/NAME-{date}.csv'")
    if "://" not in destination:
        exporter_for(Path(destination), extract.format or None)
    if extract.split:
        resolve(dictionary, entity, extract.split)


def masked_headers(store: Store, extract: Extract) -> frozenset[str]:
    """Return the columns of the extract's files whose values no view shows."""
    purpose = extract.request().purpose
    entity = store.dictionary.entity(extract.entity)
    if purpose.system:
        columns = layout_of(purpose.system, entity).columns
        masked = set(masked_of(store, entity.name, list(columns.values())))
        return frozenset(header for header, name in columns.items() if name in masked)
    return frozenset(masked_of(store, entity.name, extract.columns or None))
