"""Tables written into another database, named by its URL: PostgreSQL, MariaDB or SQLite.

Tables are made new and appear whole: on PostgreSQL and SQLite all of it is one transaction. MariaDB commits at every
`CREATE TABLE`, so the tables are filled under other names there and renamed with one statement at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary.types import SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters.base import RefusalError, converted
from crm_cli.exporters.model import ExportError, Table, Value
from crm_cli.exporters.tabular import renamed
from crm_cli.exporters.values import as_text, number_text, utc
from crm_cli.store import bulk_insert
from crm_cli.store.columns import UtcDateTime, long_text
from crm_cli.store.engine import create_engine, normal_url, shown_url, transaction

__all__ = ["write_database"]

_INT64 = 2**63
_MONEY_DIGITS, _MONEY_DECIMALS = 38, 4
_OURS = {"alembic_version", "operation", "change"}  # a database of ours has these
_NEW, _OLD = "__crm_new", "__crm_old"
_OTHER_FORMAT = "export to CSV or JSONL, or leave the column out by --columns"


def write_database(tables: Sequence[Table], where: str, *, overwrite: bool = False) -> int:
    """Make the tables and fill them; return how many rows were written.

    Raises `UsageError` for a table that is there already without `overwrite`, and always for a database of crm's own;
    `ExportError` when the server refuses; `UnfitValueError` for a value that its column cannot hold.
    """
    url = normal_url(where)
    engine = create_engine(url)
    try:
        with transaction(engine) as connection:
            _check(connection, tables, shown_url(url), overwrite=overwrite)
            if connection.dialect.name in ("mysql", "mariadb"):
                return _write_aside(connection, tables)
            return _write_in_place(connection, tables)
    except sa.exc.DBAPIError as error:
        raise ExportError(f"could not write to {shown_url(url)}: {error.orig}", hint="nothing was written") from error
    finally:
        engine.dispose()


def _check(connection: sa.Connection, tables: Sequence[Table], shown: str, *, overwrite: bool) -> None:
    there = set(sa.inspect(connection).get_table_names())
    if there >= _OURS:
        hint = "name another one; crm import brings records into it"
        raise UsageError(f"{shown} is a database of crm's own", hint=hint)
    if (clash := [one.name for one in tables if one.name in there]) and not overwrite:
        hint = "choose another database, or add --overwrite"
        raise UsageError(f"{shown} has a table {', '.join(clash)} already", hint=hint, tables=clash)


def _write_in_place(connection: sa.Connection, tables: Sequence[Table]) -> int:
    total = 0
    for table in tables:
        made = _made(table, table.name)
        made.drop(connection, checkfirst=True)
        made.create(connection)
        total += _fill(connection, made, table)
    return total


def _write_aside(connection: sa.Connection, tables: Sequence[Table]) -> int:
    aside = [_made(table, table.name + _NEW) for table in tables]
    total = 0
    try:
        for made, table in zip(aside, tables, strict=True):
            made.drop(connection, checkfirst=True)
            made.create(connection)
            total += _fill(connection, made, table)
        _rename(connection, [table.name for table in tables])
    finally:
        for made in aside:
            made.drop(connection, checkfirst=True)
    return total


def _rename(connection: sa.Connection, names: Sequence[str]) -> None:
    """Put the new tables in the place of old ones of their names, all at once."""
    quote = connection.dialect.identifier_preparer.quote
    there = set(sa.inspect(connection).get_table_names())
    old = [name for name in names if name in there]
    steps = [f"{quote(name)} TO {quote(name + _OLD)}" for name in old]
    steps += [f"{quote(name + _NEW)} TO {quote(name)}" for name in names]
    for name in old:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name + _OLD)}")
    connection.exec_driver_sql(f"RENAME TABLE {', '.join(steps)}")
    for name in old:
        connection.exec_driver_sql(f"DROP TABLE {quote(name + _OLD)}")


def _made(table: Table, name: str) -> sa.Table:
    columns = [sa.Column(one.name, _type(one.type)) for one in renamed(table.columns)]
    return sa.Table(name, sa.MetaData(), *columns, mariadb_charset="utf8mb4", mysql_charset="utf8mb4")


def _fill(connection: sa.Connection, made: sa.Table, table: Table) -> int:
    converters = [_CONVERTERS.get(one.type, as_text) for one in table.columns]
    names = [one.name for one in made.columns]
    return bulk_insert(connection, made, names, _tuples(converted(table.rows, table.columns, converters)))


def _tuples(rows: Iterator[list[Any]]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield tuple(row)


def _type(kind: SemanticType) -> sa.types.TypeEngine[Any]:
    types: dict[SemanticType, sa.types.TypeEngine[Any]] = {
        SemanticType.DATE: sa.Date(),
        SemanticType.TIMESTAMP: UtcDateTime(),
        SemanticType.INTEGER: sa.BigInteger(),
        SemanticType.REFERENCE: sa.BigInteger(),
        SemanticType.MONEY: sa.Numeric(_MONEY_DIGITS, _MONEY_DECIMALS),
        SemanticType.NUMBER: sa.Double(),
        SemanticType.BOOLEAN: sa.Boolean(),
    }
    return types.get(kind) or long_text()


def _integer(value: Value) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64):
        return value
    raise RefusalError("not an integer of 64 bits", _OTHER_FORMAT)


def _money(value: Value) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise RefusalError("not an amount", _OTHER_FORMAT)
    amount = Decimal(value)
    whole, _, decimals = number_text(amount).lstrip("-").partition(".")
    if len(decimals.rstrip("0")) > _MONEY_DECIMALS or len(whole) > _MONEY_DIGITS - _MONEY_DECIMALS:
        raise RefusalError(f"an amount with over {_MONEY_DECIMALS} decimals or {_MONEY_DIGITS} digits", _OTHER_FORMAT)
    return amount


def _number(value: Value) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise RefusalError("not a number", _OTHER_FORMAT)
    number_text(value)
    return float(value)


def _date(value: Value) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise RefusalError("not a date", _OTHER_FORMAT)


def _time(value: Value) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return utc(value)
    raise RefusalError("not a time", _OTHER_FORMAT)


def _boolean(value: Value) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise RefusalError("neither true nor false", _OTHER_FORMAT)


_CONVERTERS: dict[SemanticType, Callable[[Any], Any]] = {
    SemanticType.DATE: _date, SemanticType.TIMESTAMP: _time, SemanticType.INTEGER: _integer,
    SemanticType.REFERENCE: _integer, SemanticType.MONEY: _money, SemanticType.NUMBER: _number,
    SemanticType.BOOLEAN: _boolean,
}  # fmt: skip
