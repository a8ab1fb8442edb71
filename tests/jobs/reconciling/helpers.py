"""Records, sources and results for the tests of reconciling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crm_cli.history import Author
from crm_cli.jobs.importing import ImportOptions, ImportResult, import_source
from crm_cli.jobs.reconciling import ReconcileOptions, Reconciliation, reconcile
from crm_cli.store import Store

MARIA = Author("maria", "test")


def write(folder: Path, text: str, name: str = "erp.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def load(
    store: Store, folder: Path, text: str, into: str = "contact", name: str = "ours.csv", **more: Any
) -> ImportResult:
    options = ImportOptions(into=tuple(into.split("+")), country="DE", currency="EUR", **more)
    result = import_source(store, write(folder, text, name), MARIA, options)
    assert not result.counts["rejected"]
    return result


@contextmanager
def reconciled(
    store: Store, source: Path, *key: str, entity: str = "contact", where: str | None = None, **more: Any
) -> Iterator[Reconciliation]:
    fields = tuple(more.pop("fields", ()))
    reading = ImportOptions(country="DE", currency="EUR", **more)
    options = ReconcileOptions(key=key, fields=fields, where=where, reading=reading)
    with reconcile(store, entity, source, options) as found:
        assert sum(found.there.values()) == sum(row["there"] or 0 for row in found.summary[:-1])
        assert sum(found.here.values()) == sum(row["here"] or 0 for row in found.summary[:-1])
        yield found


def counts(found: Reconciliation) -> dict[str, tuple[int | None, int | None]]:
    """The summary without what did not occur: status → (there, here)."""
    return {row["status"]: (row["there"], row["here"]) for row in found.summary if row["there"] or row["here"]}


def differences(found: Reconciliation) -> list[tuple[int, str, str, str | None, str | None]]:
    return [(one.record, one.field, one.kind, one.here, one.there) for one in found.differences()]
