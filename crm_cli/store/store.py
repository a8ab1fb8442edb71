"""The store: one database with our schema, opened, checked and handed down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from crm_cli.dictionary import Dictionary, shipped
from crm_cli.errors import CrmError, LockedError, UsageError
from crm_cli.store.custom_fields import read_custom_fields
from crm_cli.store.engine import create_engine, normal_url, shown_url, transaction
from crm_cli.store.faults import is_busy, is_deadlock
from crm_cli.store.identity import allocate, family, mint_ulids
from crm_cli.store.lease import Lease, drop_lease, held_lease, lease_holder, try_lease
from crm_cli.store.schema import build_metadata
from crm_cli.store.versions import current_revision, head_revision

__all__ = ["NoDatabaseError", "SchemaVersionError", "Store"]


class NoDatabaseError(UsageError):
    """There is no database where one was expected."""

    code = "no-database"


class SchemaVersionError(CrmError):
    """The database's schema is older or newer than this program."""

    code = "schema-version"


class Store:
    """An open database: engine, dictionary (with run-time fields) and tables.

    Knows nothing of people or rules. `read()` and `write()` give a connection inside a transaction; everything that
    users change goes through `history.operation`, which builds on `write()`. `zone` is the time zone in which days
    begin for whoever asks; `masked` names the fields that views do not show, as the dictionary says of each.
    """

    def __init__(
        self, url: URL, engine: sa.Engine, dictionary: Dictionary, zone: tzinfo = UTC, masked: Sequence[str] = (),
        masked_by: str = "the configuration",
    ) -> None:  # fmt: skip
        self.url = url
        self.engine = engine
        self.dictionary = dictionary
        self.zone = zone
        self.masked, self.masked_by = tuple(masked), masked_by
        self.metadata = build_metadata(dictionary)
        # gives the key of erasures, which no database holds; b"" where whoever opened the store has none
        self.privacy_key: Callable[[], bytes] = bytes
        self.commits = 0  # transactions that wrote and were committed
        self._bound: sa.Connection | None = None

    @classmethod
    def open(
        cls, where: str | Path | URL, *, check: bool = True, zone: tzinfo = UTC, masked: Sequence[str] = (),
        masked_by: str = "the configuration",
    ) -> Store:  # fmt: skip
        """Open the database at `where` (path or URL); days begin in `zone`.

        Fields in `masked` (`ENTITY.FIELD`) are not shown; `masked_by` says where that is written.

        Raises `NoDatabaseError` when there is none, `SchemaVersionError` when its schema is not this program's
        (unless `check` is off, as for migrations), what `Dictionary.with_masked` raises for a field that is not there.
        """
        url = where if isinstance(where, URL) else normal_url(where)
        if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
            raise NoDatabaseError(f"there is no database {url.database}", hint="crm init makes one")
        engine = create_engine(url)
        store = cls(url, engine, shipped(), zone, masked, masked_by)
        if check:
            store._check_version()
            store.reload()
        return store

    def _check_version(self) -> None:
        try:
            with self.read() as connection:
                found = current_revision(connection)
        except sa.exc.OperationalError as fault:
            raise CrmError(
                f"cannot open {self.shown}: {fault.orig}", hint="is the server running, is the URL right?"
            ) from fault
        except sa.exc.DatabaseError as fault:
            raise CrmError(f"{self.shown} is not a crm database: {fault.orig}", hint="crm init makes one") from fault
        if found is None:
            raise NoDatabaseError(f"{self.shown} holds no crm tables", hint="crm init makes them")
        if found != head_revision():
            hint = "crm db upgrade brings it up to date (a backup is made first); if it is newer, update the program"
            raise SchemaVersionError(
                f"{self.shown} has schema {found}, this program needs {head_revision()}", hint=hint
            )

    def reload(self) -> None:
        """Read the run-time fields again, after one was added; what is masked stays masked."""
        with self.read() as connection:
            added = read_custom_fields(connection, self.table("custom_field"))
        dictionary = shipped().with_fields(added) if added else shipped()
        self.dictionary = dictionary.with_masked(self.masked, self.masked_by)

    @property
    def shown(self) -> str:
        """The database as it may be shown: a path, or a URL without its password."""
        return shown_url(self.url)

    @property
    def backend(self) -> str:
        """One of sqlite, postgresql, mysql, mariadb."""
        return self.url.get_backend_name()

    def table(self, name: str) -> sa.Table:
        """Return the table of the entity called `name`."""
        return self.metadata.tables[name]

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Yield a connection in a read transaction that holds no write lock."""
        if self._bound is not None:
            yield self._bound
            return
        with transaction(self.engine, read_only=True) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Yield a connection in a write transaction; commits at the end, rolls back on an error.

        Raises `LockedError` when another writer keeps the database busy.
        """
        if self._bound is not None:
            with self._bound.begin_nested():
                yield self._bound
            return
        with self._naming_the_writer():
            with transaction(self.engine) as connection:
                yield connection
            self.commits += 1

    @contextmanager
    def _naming_the_writer(self) -> Iterator[None]:
        """Say who writes, as `LockedError`, where the database is busy."""
        try:
            yield
        except sa.exc.OperationalError as fault:
            if is_busy(fault):
                holder = lease_holder(self.engine, self.table("lease"))
                who = holder or "another process"
                raise LockedError(
                    f"{who} is writing to {self.shown}",
                    hint="try again later, or pass --wait SECONDS",
                    holder=holder,
                    deadlock=is_deadlock(fault),
                ) from fault
            raise

    def bound_to(self, connection: sa.Connection) -> Store:
        """Return this store inside the transaction of `connection`: every write of it becomes a savepoint of that one.

        A script's dry run is one outer transaction that is rolled back: its steps see each other's work.
        """
        inner = copy(self)  # with the same tables: statements on them are compiled once for all
        inner._bound = connection
        return inner

    @contextmanager
    def lease(self, *, wait: float = 0.0) -> Iterator[Lease | None]:
        """Hold the writers' lease for a block; see `lease.held_lease`. An outer transaction has it already."""
        if self._bound is not None:
            yield None
            return
        with self._naming_the_writer(), held_lease(self.engine, self.table("lease"), wait=wait) as held:
            yield held

    def claim(self, name: str) -> Lease | None:
        """Claim what is called `name` for this process, if nobody has; give it back with `release`.

        Raises `LockedError` when another writer keeps the database busy.
        """
        with self._naming_the_writer():
            return try_lease(self.engine, self.table("lease"), name)

    def release(self, claim: Lease) -> None:
        """Give a claim back; raises `LockedError` when another writer keeps the database busy."""
        with self._naming_the_writer():
            drop_lease(self.engine, self.table("lease"), claim)

    def allocate(self, connection: sa.Connection, entity: str, count: int) -> range:
        """Return `count` fresh ids for records of `entity`."""
        name = family(self.dictionary.entity(entity))
        return allocate(connection, self.table("id_allocation"), name, count)

    def mint(self, count: int) -> Sequence[str]:
        """Return `count` fresh public ids (ULIDs)."""
        return mint_ulids(count)

    def now(self) -> datetime:
        """Return this moment, aware and in UTC: the one clock."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the day that it is now, where days begin in the store's zone."""
        return self.now().astimezone(self.zone).date()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
