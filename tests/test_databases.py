"""The database fixtures keep their promise: a fresh, empty database each time, of the kind that was asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, inspect, make_url

from tests import databases

pytestmark = pytest.mark.all_databases


def _fill(url: str) -> None:
    with databases.connect(url) as connection:
        connection.exec_driver_sql("CREATE TABLE left_over (id INTEGER)")


@pytest.mark.parametrize("turn", [1, 2])
def test_a_database_is_empty_although_a_test_before_filled_one(database_url: str, turn: int) -> None:
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    _fill(database_url)
    assert inspect(engine).get_table_names() == ["left_over"]
    engine.dispose()


def test_two_databases_of_one_test_are_apart(new_database: Callable[[], str]) -> None:
    first, second = new_database(), new_database()
    _fill(first)
    with databases.connect(second) as connection:
        assert inspect(connection).get_table_names() == []


def test_a_transaction_left_open_does_not_block_the_next_test(database_server: databases.Server) -> None:
    engine = create_engine(database_server.empty_database(9))
    connection = engine.connect()
    connection.exec_driver_sql("CREATE TABLE held (id INTEGER)")
    connection.commit()
    connection.exec_driver_sql("SELECT * FROM held")

    with databases.connect(database_server.empty_database(9)) as again:
        assert inspect(again).get_table_names() == []
    connection.invalidate()
    engine.dispose()


def test_the_kind_of_database_is_the_one_asked_for(
    database_url: str, database_server: databases.Server, request: pytest.FixtureRequest
) -> None:
    kinds = {databases.Sqlite: "sqlite", databases.PostgreSql: "postgresql", databases.MariaDb: "mysql"}
    assert make_url(database_url).get_backend_name() == kinds[type(database_server)]
