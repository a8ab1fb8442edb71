from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dictionary import Entity, Field, SemanticType, fold, shipped
from crm_cli.history import Author, WrongValueError, check_value, operation
from crm_cli.history.rows import insert_columns
from crm_cli.store import COMMON_COLUMNS, Store

_NOW = datetime(2026, 11, 27, tzinfo=UTC)
_DICTIONARY = shipped().with_fields(
    [("contact", Field(name="shoe_size", type=SemanticType.INTEGER, meaning="size of shoes", custom=True))]
)
_CONTACT, _PHONE = _DICTIONARY.entity("contact"), _DICTIONARY.entity("phone_number")


def naive_rows(
    entity: Entity, rows: Sequence[Mapping[str, Any]], ids: Sequence[int], public_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of an insert, made row by row and value by value; what is NULL is left out."""
    minted = iter(public_ids)
    made = []
    for values, number in zip(rows, ids, strict=True):
        row: dict[str, Any] = {"id": number}
        for name in COMMON_COLUMNS[entity.role]:
            row[name] = values.get(name, _NOW if name in ("created_at", "updated_at") else None)
        if "public_id" in row:
            row["public_id"] = row["public_id"] or next(minted)
        row["row_version"] = 1
        added = {one.name: values[one.name] for one in entity.fields if one.custom and one.name in values}
        if "custom" in row:
            row["custom"] = {**(row["custom"] or {}), **added} or None
        for one in entity.fields:
            if not one.custom:
                value = values.get(one.name)
                value = one.default if value is None else value
                check_value(entity, one, value)
                row[one.name] = value
                if one.has_key:
                    row[one.key_column] = fold(value)
        made.append({name: value for name, value in row.items() if value is not None})
    return made


def _rows_of(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _outcome(make: Any) -> Any:
    try:
        return make()
    except WrongValueError as fault:
        return type(fault), fault.message, fault.hint


_TEXT = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["Ann", " ANN ", "ß" * 300, "ﬁ" * 250, "x" * 256]))
_CONTACTS = st.fixed_dictionaries(
    {"given_name": _TEXT},
    optional={
        "family_name": _TEXT,
        "gender": st.sampled_from([None, "female", "neither that nor this"]),
        "birth_date": st.sampled_from([None, date(1999, 12, 31)]),
        "account_id": st.sampled_from([None, 7, 2**63, -(2**70)]),
        "public_id": st.sampled_from([None, "", "01J00000000000000000000000"]),
        "extra": st.sampled_from([None, {"a": "b"}]),
        "custom": st.sampled_from([None, {"hat": 3}]),
        "shoe_size": st.integers(1, 60),
        "created_at": st.sampled_from([None, datetime(2020, 1, 1, tzinfo=UTC)]),
    },
)
_PHONES = st.fixed_dictionaries(
    {"party_id": st.sampled_from([1, 2, None]), "standard": _TEXT},
    optional={
        "value": _TEXT,
        "kind": st.sampled_from(["work", "home", None, "smoke signals"]),
        "is_primary": st.booleans(),
    },
)


@pytest.mark.parametrize(("entity", "kind"), [(_CONTACT, _CONTACTS), (_PHONE, _PHONES)], ids=["contact", "phone"])
def test_columns_hold_what_rows_made_one_by_one_hold(entity: Entity, kind: Any) -> None:
    @given(st.lists(kind, min_size=1, max_size=6))
    def compare(rows: list[dict[str, Any]]) -> None:
        ids, public = range(1, len(rows) + 1), [f"P{place}" for place in range(len(rows))]
        expected = _outcome(lambda: naive_rows(entity, rows, ids, public))
        assert _outcome(lambda: _rows_of(insert_columns(entity, rows, ids, public, _NOW))) == expected

    compare()


def test_what_no_row_fills_is_no_column() -> None:
    columns = insert_columns(_CONTACT, [{"given_name": "Ann"}, {"given_name": None}], range(1, 3), ["A", "B"], _NOW)
    assert "job_title" not in columns
    assert "extra" not in columns
    assert columns["given_name_key"] == ["ann", None]


@pytest.mark.all_databases
def test_the_database_knows_how_large_a_table_has_become_inside_an_operation(store: Store) -> None:
    with operation(store, "test", Author("x")) as op:
        (source,) = op.insert("source_system", [{"name": "shop"}])
        rows = [
            {"source_system_id": source, "external_id": str(number), "entity": "contact", "record_id": number}
            for number in range(3000)
        ]
        op.insert("external_ref", rows, covered=True)
        if store.backend == "postgresql":
            query = sa.text("SELECT reltuples FROM pg_class WHERE oid = 'external_ref'::regclass")
            assert op.connection.scalar(query) == 3000
