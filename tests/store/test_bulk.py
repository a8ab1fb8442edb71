from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql, sqlite

from crm_cli.store import Store, bulk_insert, bulk_insert_columns
from crm_cli.store.bulk import prepared_column
from crm_cli.store.columns import CompareKey, UtcDateTime, document
from crm_cli.store.identity import mint_ulids

_DIALECTS = [sqlite.dialect(), postgresql.dialect(), mysql.dialect()]  # type: ignore[no-untyped-call]
_JUNE = datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
_VALUES: list[tuple[sa.types.TypeEngine[Any], st.SearchStrategy[Any]]] = [
    (UtcDateTime(), st.sampled_from([None, _JUNE, _JUNE + timedelta(days=1), datetime(2026, 6, 1, 10, tzinfo=UTC)])),
    (CompareKey(4), st.one_of(st.none(), st.text(max_size=8))),
    (
        sa.Date(),
        st.one_of(st.none(), st.dates(), st.just(datetime(2026, 6, 1, 10, tzinfo=UTC)), st.just(date(7, 1, 2))),
    ),
    (sa.Boolean(), st.sampled_from([None, True, False, 1, 0])),
    (sa.BigInteger(), st.one_of(st.none(), st.integers())),
    (sa.String(9), st.one_of(st.none(), st.text(max_size=8))),
]


@pytest.mark.parametrize("dialect", _DIALECTS, ids=lambda one: str(one.name))
@pytest.mark.parametrize(("kind", "values"), _VALUES, ids=[type(kind).__name__ for kind, _ in _VALUES])
def test_a_column_is_prepared_as_sqlalchemy_prepares_each_value(
    dialect: sa.engine.Dialect, kind: sa.types.TypeEngine[Any], values: st.SearchStrategy[Any]
) -> None:
    column = sa.Column("c", kind)
    process = kind.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)  # type: ignore[no-untyped-call]

    @given(st.lists(values, min_size=1, max_size=8))
    def compare(given_values: list[Any]) -> None:
        assert list(prepared_column(column, dialect, given_values)) == [process(value) for value in given_values]

    compare()


def test_a_naive_moment_is_refused_wherever_it_stands() -> None:
    column = sa.Column("c", UtcDateTime())
    with pytest.raises(ValueError, match="naive"):
        prepared_column(column, _DIALECTS[0], [_JUNE, datetime(2026, 6, 1)])


@pytest.mark.all_databases
def test_rows_and_columns_write_the_same(store: Store) -> None:
    table = sa.Table(
        "bulk", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("moment", UtcDateTime), sa.Column("key", CompareKey(4)), sa.Column("day", sa.Date),
        sa.Column("yes", sa.Boolean), sa.Column("more", document()), sa.Column("never", sa.String(9)),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (1, _JUNE, "abcdef", date(1999, 12, 31), True, {"b": "ü", "a": [1]}, None),
        (2, None, None, None, None, None, None),
        (3, _JUNE, "ab", date(7, 1, 2), False, {}, None),
    ]
    names = [column.name for column in table.columns]
    with store.write() as connection:
        table.create(connection)
        assert bulk_insert(connection, table, names, iter(rows)) == 3
        by_rows = connection.execute(sa.select(table).order_by(table.c.id)).all()
        connection.execute(table.delete())
        assert bulk_insert_columns(connection, table, dict(zip(names, zip(*rows, strict=True), strict=True))) == 3
        assert connection.execute(sa.select(table).order_by(table.c.id)).all() == by_rows
        assert bulk_insert(connection, table, names, []) == 0
        table.drop(connection)
    assert [row.key for row in by_rows] == ["abcd", None, "ab"]
    assert [row.moment for row in by_rows] == [_JUNE, None, _JUNE]
    assert [tuple(row)[3:] for row in by_rows] == [row[3:] for row in rows]


@given(st.integers(0, 3000))
def test_public_ids_ascend_and_differ(count: int) -> None:
    made = mint_ulids(count)
    assert len(made) == count == len(set(made))
    assert made == sorted(made)
    assert {len(one) for one in made} <= {26}
