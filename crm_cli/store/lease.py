"""The lease of long writers: who writes at length right now, on any database and across hosts.

A process of this host holds its lease as long as it lives. What lives on other hosts cannot be seen from here: a holder
renews its lease, and is succeeded when it has not done so for an hour. The fencing token grows with every holder, and a
holder checks its own token before it commits, so a sleeper that wakes up late writes nothing.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import LockedError
from crm_cli.store.engine import transaction

__all__ = ["Lease", "drop_lease", "held_lease", "lease_holder", "try_lease"]

_LENGTH = timedelta(hours=1)
_POLL_SECONDS = 0.2
WRITER = "writer"
_NOBODY = ""
# what stands in the table; the mark tells a process from a later one that got the same number
_HOLDER = re.compile(r"(?P<shown>.*@(?P<host>.+) \(process (?P<pid>\d+)\))(?: (?P<mark>\d+))?", re.DOTALL)


@dataclass(frozen=True)
class Lease:
    """A lease that we hold: its name and fencing token."""

    name: str
    token: int

    def check(self, connection: sa.Connection, table: sa.Table) -> None:
        """Raise `LockedError` when somebody else took over; call it just before the commit, until which it holds."""
        query = sa.select(table.c.fencing_token).where(table.c.name == self.name).with_for_update()
        if connection.scalar(query) != self.token:
            raise LockedError(
                "another process took over the lease while this one was stopped or cut off from the database",
                hint="nothing was written; run it again",
            )


@contextmanager
def held_lease(engine: sa.Engine, table: sa.Table, *, wait: float = 0.0, name: str = WRITER) -> Iterator[Lease]:
    """Hold the lease `name` for the block; wait up to `wait` seconds for it, then `LockedError` (exit 5)."""
    deadline = time.monotonic() + wait
    while True:
        holder = lease_holder(engine, table, name)
        lease = None if holder else _take(engine, table, name)
        if lease:
            break
        if time.monotonic() >= deadline:
            raise _locked(holder)
        time.sleep(_POLL_SECONDS)
    try:
        with _renewed(engine, table, lease):
            yield lease
    finally:
        _release(engine, table, lease)


def try_lease(engine: sa.Engine, table: sa.Table, name: str) -> Lease | None:
    """Take the lease `name` if nobody holds it, without waiting; None when somebody does.

    It is not renewed: for what a person holds for minutes, such as a pair that is looked at.
    """
    return None if lease_holder(engine, table, name) else _take(engine, table, name)


def drop_lease(engine: sa.Engine, table: sa.Table, lease: Lease) -> None:
    """Give a lease back that `try_lease` took, and leave nothing of it behind."""
    with transaction(engine) as connection:
        connection.execute(table.delete().where(_is_ours(table, lease)))


def lease_holder(engine: sa.Engine, table: sa.Table, name: str = WRITER) -> str | None:
    """Return who holds the lease now, or None. Reads only: it never waits for a writer."""
    with transaction(engine, read_only=True) as connection:
        row = connection.execute(sa.select(table).where(table.c.name == name)).one_or_none()
        return _shown(row.holder) if row and _is_held(row) else None


def _locked(holder: str | None) -> LockedError:
    who = f"{holder} is writing to this database" if holder else "another process is writing to this database"
    return LockedError(who, hint="wait for it to end, or pass --wait SECONDS", holder=holder)


def _take(engine: sa.Engine, table: sa.Table, name: str) -> Lease | None:
    now = datetime.now(UTC)
    values = {"holder": _me(), "acquired_at": now, "expires_at": now + _LENGTH}
    try:
        with transaction(engine) as connection:
            row = connection.execute(sa.select(table).where(table.c.name == name).with_for_update()).one_or_none()
            if row is None:
                number = (connection.scalar(sa.select(sa.func.max(table.c.id))) or 0) + 1
                connection.execute(table.insert().values(id=number, name=name, fencing_token=1, **values))
                return Lease(name, 1)
            if _is_held(row):
                return None
            token = int(row.fencing_token) + 1
            connection.execute(table.update().where(table.c.name == name).values(fencing_token=token, **values))
            return Lease(name, token)
    except sa.exc.IntegrityError:  # two wrote the first row at the same moment: the other one has it
        return None


def _release(engine: sa.Engine, table: sa.Table, lease: Lease) -> None:
    with transaction(engine) as connection:
        values = {"holder": _NOBODY, "expires_at": datetime.now(UTC)}
        connection.execute(table.update().where(_is_ours(table, lease)).values(**values))


@contextmanager
def _renewed(engine: sa.Engine, table: sa.Table, lease: Lease) -> Iterator[None]:
    """Renew the lease for the block, from a thread: one statement of the holder can take longer than a lease lasts.

    Not on SQLite: the holder's transaction would block it, and hosts do not share such a file.
    """
    if engine.dialect.name == "sqlite":
        yield
        return
    ended = threading.Event()
    renewal = threading.Thread(target=_renew, args=(engine, table, lease, ended), name="lease", daemon=True)
    renewal.start()
    try:
        yield
    finally:
        ended.set()
        renewal.join(timeout=5.0)  # a server that does not answer must not hold up an interruption


def _renew(engine: sa.Engine, table: sa.Table, lease: Lease, ended: threading.Event) -> None:
    while not ended.wait(_LENGTH.total_seconds() / 6):
        try:
            with transaction(engine) as connection:
                values = {"expires_at": datetime.now(UTC) + _LENGTH}
                connection.execute(table.update().where(_is_ours(table, lease)).values(**values))
        except sa.exc.SQLAlchemyError:
            continue  # the next one may succeed; if none does, the holder learns it when it commits


def _is_ours(table: sa.Table, lease: Lease) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.name == lease.name, table.c.fencing_token == lease.token)


def _me() -> str:
    pid = os.getpid()
    return f"{getpass.getuser()}@{socket.gethostname()} (process {pid}) {_mark(pid) or ''}".rstrip()


def _shown(holder: str) -> str:
    found = _HOLDER.fullmatch(holder)
    return found["shown"] if found else holder


def _is_held(row: Any) -> bool:
    if row.holder == _NOBODY:
        return False
    living = _lives(str(row.holder))
    return bool(row.expires_at > datetime.now(UTC)) if living is None else living


def _lives(holder: str) -> bool | None:
    """Tell whether the holder, a process of this host, lives; None where that cannot be known."""
    found = _HOLDER.fullmatch(holder)
    if found is None or found["host"] != socket.gethostname() or os.name != "posix":
        return None
    pid = int(found["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process, so it lives
    now = _mark(pid)
    return not found["mark"] or now is None or now == found["mark"]


def _mark(pid: int) -> str | None:
    """Return when the process started, in the kernel's ticks, and `""` when it ended; None where that is not told."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # after the name of the program, which may hold blanks
    return None if len(fields) < 20 else "" if fields[0] in "ZX" else fields[19]
