from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_cli.dictionary import UnknownFieldError, shipped
from crm_cli.query import (
    Selection,
    all_columns,
    count_records,
    major_units,
    minor_digits,
    paths,
    record_ids,
    resolve,
    select_columns,
    select_records,
    summary_columns,
)
from crm_cli.store import Store


def rows(store: Store, **more: Any) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        return list(select_records(store, connection, Selection(**more)))


def test_rows_are_python_values_in_the_order_of_the_columns(company: Store) -> None:
    names = ["family_name", "birth_date", "email", "mobile", "account.name", "owner", "owner.active", "custom.met_on"]
    found = rows(company, entity="contact", columns=[*names, "vip", "visits", "score"])
    assert found == [
        ("Müller", date(1980, 2, 29), "ann@acme.example", "+12125550199", "Straße & Söhne", "maria", True,
         date(2020, 2, 29), True, 3, 1.5),
        ("O'Neil", None, "ann_100%@acme.example", None, "ACME  Inc.", "Li", False, date(2021, 3, 1), False, 30, -2.0),
        ("王", date(1999, 12, 31), None, None, None, None, None, None, None, None, None),
    ]  # fmt: skip


def test_amounts_come_in_major_units_of_their_currency(company: Store) -> None:
    found = rows(company, entity="opportunity", columns=["amount", "currency", "account.annual_revenue", "closed_at"])
    moment = datetime(2026, 5, 31, 23, 59, 59, 999_999, UTC)
    assert found == [
        (Decimal("1000.01"), "EUR", Decimal("250000.00"), None),
        (Decimal(1000), "JPY", Decimal(900), moment),
        (None, "EUR", Decimal(900), datetime(2026, 6, 1, tzinfo=UTC)),
        (Decimal("1000.500"), "KWD", None, None),
    ]
    assert rows(company, entity="opportunity", columns=["amount"], stored=True) == [
        (100_001,),
        (1_000,),
        (None,),
        (1_000_500,),
    ]


def test_order_is_the_same_everywhere_with_blanks_last(company: Store) -> None:
    def order(*names: str, entity: str = "contact") -> list[int]:
        return [row[0] for row in rows(company, entity=entity, columns=["id"], order=names)]

    assert order() == [3, 4, 5]
    assert order("given_name", "-id") == [4, 3, 5]
    assert order("-birth_date") == [5, 3, 4]
    assert order("family_name") == [3, 4, 5]
    assert order("-account.name") == [3, 4, 5]
    assert order("-email") == [4, 3, 5]
    assert order("amount", entity="opportunity") == [2, 1, 4, 3]


def test_deleted_and_merged_records_are_left_out_unless_asked_for(company: Store) -> None:
    assert [row[0] for row in rows(company, entity="contact", columns=["id"], include_deleted=True)] == [3, 4, 5, 6, 7]
    with company.read() as connection:
        assert count_records(company, connection, Selection(entity="contact")) == 3
        assert record_ids(company, connection, Selection(entity="contact", order=["-id"], limit=2)) == [5, 4]


def test_everything_can_be_read_at_once(company: Store) -> None:
    for entity in company.dictionary.records:
        selection = Selection(entity=entity.name)
        with company.read() as connection:
            found = list(select_records(company, connection, selection))
        assert selection.headers(company.dictionary) == all_columns(entity)
        assert all(len(row) == len(all_columns(entity)) for row in found)


def test_a_wrong_column_is_named(company: Store) -> None:
    with pytest.raises(UnknownFieldError, match="no field 'nmae'"):
        rows(company, entity="account", columns=["nmae"])


def test_summaries_and_paths_name_what_exists() -> None:
    for entity in shipped().records:
        for name in summary_columns(entity):
            resolve(shipped(), entity, name)
        for info in paths(shipped(), entity, depth=2):
            assert resolve(shipped(), entity, info.name).field.type == info.type
    assert summary_columns(shipped().entity("opportunity")) == ["id", "name", "stage", "amount", "currency", "owner"]
    names = [info.name for info in paths(shipped(), "contact")]
    assert "account.owner.email" in names
    assert "account.owner.team.name" not in names
    assert len(names) == len(set(names))


def test_minor_units_are_those_of_standardize() -> None:
    from crm_cli.standardize.money_words import ISO_CURRENCIES
    from crm_cli.standardize.money_words import minor_digits as theirs

    assert [code for code in ISO_CURRENCIES if minor_digits(code) != theirs(code)] == []
    assert minor_digits(None) == theirs(None) == 2
    assert major_units(-5, "EUR") == Decimal("-0.05")


def test_columns_are_the_rows_turned(company: Store) -> None:
    names = ["family_name", "account.name", "owner.active", "custom.met_on", "score", "id"]
    with company.read() as connection:
        selection = Selection(entity="contact", columns=names)
        turned = [list(zip(*part, strict=True)) for part in select_columns(company, connection, selection)]
    assert [row for part in turned for row in part] == rows(company, entity="contact", columns=names)


def test_many_rows_are_all_there_once(company: Store) -> None:
    with company.write() as connection:
        table = company.table("app_user")
        stamps = {"created_at": datetime.now(UTC), "updated_at": datetime.now(UTC), "row_version": 1}
        made = [{"id": 1_000 + n, "public_id": f"{n:026}", "username": f"u{n}", "username_key": f"u{n}", **stamps}
                for n in range(2_500)]  # fmt: skip
        connection.execute(table.insert(), made)
    found = rows(company, entity="app_user", columns=["id", "created_at"], where="username like 'u%'")
    assert [number for number, _ in found] == [1_000 + n for n in range(2_500)]
    assert {moment for _, moment in found} == {stamps["created_at"]}
