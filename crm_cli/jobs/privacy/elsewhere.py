"""Where data of the person may be that no erasure reaches: backups beside the database, files that were exported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.jobs.privacy.subject import PERSONS, Subject
from crm_cli.store import Store

__all__ = ["backups_of", "exports_of"]

_MARKS = (".backup-", ".before-restore-", ".before-upgrade-")  # as `crm db backup`, `restore` and `upgrade` name them


def backups_of(store: Store, folders: Iterable[Path], since: datetime | None = None) -> list[Path]:
    """Return the backups in these folders (and beside a SQLite file) that were made since the person is known."""
    url = store.url
    sqlite = url.get_backend_name() == "sqlite"
    base = Path(str(url.database)).name if sqlite else str(url.database or "")
    stems = {base, Path(base).stem}
    places = [*folders, *([Path(str(url.database)).parent] if sqlite else [])]
    found = (path for folder in dict.fromkeys(place.resolve() for place in places) for path in _files(folder))
    return sorted(path for path in found if _is_backup(path, stems) and _is_since(path, since))


def _files(folder: Path) -> Iterator[Path]:
    with suppress(OSError):  # a folder that may not be read
        yield from (path for path in sorted(folder.iterdir()) if path.is_file())


def _is_backup(path: Path, stems: set[str]) -> bool:
    starts = (path.name.partition(mark)[0] for mark in _MARKS if mark in path.name)
    return any(start in stems for start in starts)


def _is_since(path: Path, since: datetime | None) -> bool:
    return since is None or datetime.fromtimestamp(path.stat().st_mtime, UTC) >= since


def exports_of(store: Store, connection: sa.Connection, subject: Subject) -> list[dict[str, Any]]:
    """Return the files of persons, or of what names them, that were written since the person is known."""
    table = store.table("export_run")
    naming = {other.name for entity in PERSONS for other, _ in store.dictionary.references_to(entity)}
    query = sa.select(table).where(table.c.record_entity.in_(sorted({*PERSONS, *naming}))).order_by(table.c.id)
    if subject.since is not None:
        query = query.where(table.c.started_at >= subject.since)
    return [
        {
            "run": row["id"], "destination": row["destination"], "extract": row["extract"],
            "entity": row["record_entity"], "actor": row["actor"], "at": row["started_at"], "rows": row["rows"],
        }
        for row in connection.execute(query).mappings()
    ]  # fmt: skip
