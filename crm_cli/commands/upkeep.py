"""What `crm db` does beyond one call: how a database stands, and migrating it with a backup before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli.errors import CrmError, LockedError

if TYPE_CHECKING:
    from crm_cli.store import Store

__all__ = [
    "Upgrade",
    "backup_name",
    "holder_of",
    "pending_of",
    "refuse_partial",
    "refuse_unreadable",
    "refuse_while_written",
    "status_of",
    "upgrade_store",
]


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did: the revisions that ran, and the backup that was made before."""

    revisions: list[str]
    backup: str | None


def pending_of(store: Store) -> list[str]:
    """Return the migrations that the database still needs, oldest first."""
    from crm_cli.store.migrate import pending

    with store.read() as connection:
        return pending(connection)


def upgrade_store(store: Store, folder: Path) -> Upgrade:
    """Make a backup (beside the file, of a server into `folder`), then run what is pending.

    Raises `LockedError` while somebody writes at length, `BackupError` when no backup can be made.
    """
    from crm_cli.store import backup
    from crm_cli.store.migrate import upgrade

    todo = pending_of(store)
    if not todo:
        return Upgrade([], None)
    refuse_while_written(store)
    saved = backup.save(store, _beside(store, folder, "before-upgrade"))
    store.close()
    return Upgrade(upgrade(store.url), str(saved))


def refuse_unreadable(store: Store) -> None:
    """Raise `CrmError` when the file is no database, or the server cannot be reached."""
    import sqlalchemy as sa

    try:
        with store.read() as connection:
            sa.inspect(connection).get_table_names()
    except sa.exc.OperationalError as fault:
        hint = "is the server running, is the URL right?"
        raise CrmError(f"cannot open {store.shown}: {fault.orig}", hint=hint) from fault
    except sa.exc.DatabaseError as fault:
        hint = "crm db restore FILE brings a backup back"
        raise CrmError(f"{store.shown} is not a crm database: {fault.orig}", hint=hint) from fault


def refuse_partial(store: Store) -> None:
    """Raise `CrmError` where this login does not see all tables: a backup would lack them and not tell."""
    import sqlalchemy as sa

    if pending_of(store):
        return  # an old schema has not all of them
    hidden = sorted(set(store.metadata.tables) - set(sa.inspect(store.engine).get_table_names()))
    if hidden:
        raise CrmError(
            f"this login does not see all tables of {store.shown}: {', '.join(hidden[:3])}, … ({len(hidden)})",
            hint="a backup is made by whoever owns the database", hidden=hidden,
        )  # fmt: skip


def refuse_while_written(store: Store) -> None:
    """Raise `LockedError` (exit 5) while another process holds the writers' lease."""
    holder = holder_of(store)
    if holder:
        raise LockedError(f"{holder} is writing to {store.shown}", hint="wait for it to end", holder=holder)


def holder_of(store: Store) -> str | None:
    """Return who writes at length just now; None where nobody does, or where the database has no tables yet."""
    import sqlalchemy as sa

    from crm_cli.store.lease import lease_holder

    if not sa.inspect(store.engine).has_table("lease"):
        return None
    return lease_holder(store.engine, store.table("lease"))


def backup_name(store: Store, folder: Path) -> Path:
    """Return a name for a backup in `folder` that says what it is of and when."""
    return folder / f"{_base(store)}.backup-{_stamp()}{_suffix(store)}"


def status_of(store: Store) -> dict[str, Any]:
    """Return how the database stands: schema, size, records by entity, last operation, who writes."""
    from crm_cli.store.migrate import current_revision, head_revision

    with store.read() as connection:
        found = current_revision(connection)
    shown = {"database": store.shown, "backend": store.backend, "schema": found, "needed": head_revision()}
    waiting = pending_of(store)
    size = Path(str(store.url.database)).stat().st_size if store.backend == "sqlite" else None
    counts = {} if waiting else _counts(store)
    return {**shown, "pending": len(waiting), "bytes": size, "writer": holder_of(store), **counts}


def _counts(store: Store) -> dict[str, Any]:
    import sqlalchemy as sa

    with store.read() as connection:
        found: dict[str, Any] = {}
        for entity in sorted(store.dictionary.records, key=lambda one: one.plural):
            table = store.table(entity.name)
            living = sa.select(sa.func.count()).where(table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None))
            found[entity.plural] = connection.scalar(living) or None
        operation = store.table("operation")
        found["last_operation"] = connection.scalar(sa.select(sa.func.max(operation.c.id)))
    return {name: value for name, value in found.items() if value is not None}


def _beside(store: Store, folder: Path, why: str) -> Path:
    home = Path(str(store.url.database)).parent if store.backend == "sqlite" else folder
    return home / f"{_base(store)}.{why}-{_stamp()}{_suffix(store)}"


def _base(store: Store) -> str:
    return Path(str(store.url.database)).name


def _suffix(store: Store) -> str:
    return "" if store.backend == "sqlite" else ".jsonl.gz"


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
