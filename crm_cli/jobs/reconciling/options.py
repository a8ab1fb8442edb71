"""What the user settled of a reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm_cli.jobs.importing import ImportOptions

__all__ = ["ReconcileOptions"]


@dataclass(frozen=True, kw_only=True)
class ReconcileOptions:
    """How two sides are compared.

    `key` names the fields (or `id`, `public_id`, `SYSTEM:COLUMN` for the ids of a source system) by which a row and a
    record are the same; without any the best one is chosen. `fields` are those to compare, else all that the source
    says. `where` chooses the records here. `reading` says how the source is read and mapped, as for an import.
    """

    key: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    where: str | None = None
    reading: ImportOptions = field(default_factory=ImportOptions)
