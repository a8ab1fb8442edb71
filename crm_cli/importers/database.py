"""Databases: SQLite files by signature, servers by SQLAlchemy URL. Read only, streamed, passwords never shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from crm_cli.errors import MissingExtraError
from crm_cli.importers.faults import ReadError
from crm_cli.importers.interface import Importer
from crm_cli.importers.model import ReadOptions, Row, Table, Understood, unique_header
from crm_cli.importers.source import Source
from crm_cli.importers.typed import value_text
from crm_cli.urls import database_url

if TYPE_CHECKING:
    from sqlalchemy import Engine, Inspector, Select

__all__ = ["Database"]

_SQLITE = b"SQLite format 3\x00"
_EXTRAS = {"pymysql": "mysql", "psycopg": "postgres"}
_PER_FETCH = 2000


class Database(Importer):
    """Every table (and, by name, every view) of a database."""

    name = "database"
    suffixes = (".db", ".sqlite", ".sqlite3")

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize a SQLite file, or the name of a source that is a URL."""
        return head.startswith(_SQLITE) or (not head and "://" in name)

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return the tables that hold rows, or the table or view that `sheet` names; raise ReadError."""
        from sqlalchemy import inspect
        from sqlalchemy.exc import SQLAlchemyError

        engine = _engine(source)
        try:
            inspector = inspect(engine)
            names = _names(inspector, options.sheet, source.name)
            tables = [_table(engine, inspector, name, source.name) for name in names]
        except SQLAlchemyError as error:
            raise _unreadable(source.name, error) from error
        return tables


def _engine(source: Source) -> Engine:
    """Make an engine that keeps no connection open between readings."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    if source.url is None:
        path = source.local_path().resolve().as_posix()
        return create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool, hide_parameters=True)
    try:
        return create_engine(database_url(source.url), poolclass=NullPool, hide_parameters=True)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "", "")
        hint = f"install crm-cli-toolkit[{extra}]" if extra else f"install the Python package {error.name}"
        raise MissingExtraError(f"reading {source.name} needs the package {error.name}", hint=hint) from error
    except SQLAlchemyError as error:
        raise ReadError(
            f"{source.name} is no database URL", hint="write it as postgresql://user@host/name", source=source.name
        ) from error


def _unreadable(name: str, error: Exception) -> ReadError:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return ReadError(f"{name} can't be read: {reason}", hint="check host, name and access", source=name)


def _names(inspector: Inspector, wanted: str | None, source: str) -> list[str]:
    tables = sorted(inspector.get_table_names())
    if wanted is None:
        return tables
    everything = [*tables, *sorted(inspector.get_view_names())]
    if wanted not in everything:
        raise ReadError(f"{source} has no table {wanted}", hint=f"it has {', '.join(everything)}", sheet=wanted)
    return [wanted]


def _table(engine: Engine, inspector: Inspector, name: str, source: str) -> Table:
    columns = [column["name"] for column in inspector.get_columns(name)]
    key = inspector.get_pk_constraint(name).get("constrained_columns") or []
    understood = Understood("database")
    return Table(name, unique_header(columns), understood, _Rows(engine, name, key, columns, source), columns)


@dataclass(slots=True)
class _Rows:
    engine: Engine
    table: str
    key: list[str]
    columns: list[str] = field(default_factory=list)
    source: str = ""

    def __call__(self) -> Iterator[Row]:
        from sqlalchemy import column, select, table
        from sqlalchemy.exc import SQLAlchemyError

        columns: list[Any] = [column(name) for name in self.columns]
        query = cast("Select[Any]", select(*columns)).select_from(table(self.table)).order_by(*map(column, self.key))
        try:
            with self.engine.connect() as connection:
                result = connection.execution_options(stream_results=True, yield_per=_PER_FETCH).execute(query)
                for number, values in enumerate(result, start=1):
                    yield Row(number, f"table {self.table} row {number}", [value_text(value) for value in values])
        except SQLAlchemyError as error:
            raise _unreadable(self.source, error) from error
