"""Short words for what a rule covers, asked of records."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.errors import UsageError
from crm_cli.history import Author, operation
from crm_cli.query import Scope, compile_where
from crm_cli.store import Store
from crm_cli.territories import covering, read_numbers

CODES = ("75000", "79999", "79999-1234", "75201-0001", "80000", "7600", "88501", "10115", "101150", None)


def fill(store: Store) -> None:
    with operation(store, "add", Author("boss")) as op:
        for place, code in enumerate(CODES):
            industry = ("Toys", "Steel", None)[place % 3]
            [number] = op.insert("account", [{"name": code or "none", "industry": industry, "employees": place}])
            if code:
                op.insert("postal_address", [{"party_id": number, "postal_code": code, "is_primary": True}])


def names(store: Store, condition: str) -> list[str]:
    account = store.dictionary.entity("account")
    scope = Scope(store, account)
    test = compile_where(store.dictionary, account, condition).render(scope)
    with store.read() as connection:
        query = sa.select(scope.root.c.name).select_from(scope.source).where(test).order_by(scope.root.c.id)
        return list(connection.scalars(query))


def test_postal_ranges_prefixes_and_codes(store: Store) -> None:
    fill(store)
    assert names(store, covering("account", postal="75000-79999")) == ["75000", "79999", "79999-1234", "75201-0001"]
    assert names(store, covering("account", postal="885*")) == ["88501"]
    assert names(store, covering("account", postal="10115, 80000")) == ["80000", "10115"]
    both = covering("account", postal="75000-79999,885*", where="employees > 2")
    assert names(store, both) == ["75201-0001", "88501"]


def test_what_is_excluded_is_out_and_what_is_unknown_stays(store: Store) -> None:
    fill(store)
    rest = names(store, covering("account", where="employees < 6", exclude="industry = 'toys'"))
    assert rest == ["79999", "79999-1234", "80000", "7600"]
    odd = "not (industry <> 'toys' or employees > 4) or employees in (1) or coalesce(industry, 'Toys') = 'Toys'"
    excluded = set(names(store, odd))
    assert 0 < len(excluded) < len(CODES)
    assert names(store, covering("account", where="true", exclude=odd)) == [
        code or "none" for code in CODES if (code or "none") not in excluded
    ]


def test_accounts_are_named_by_numbers_or_a_file(store: Store, tmp_path: Path) -> None:
    fill(store)
    (tmp_path / "key.csv").write_text("account,note\n2,big\n9,old\n", encoding="utf-8")
    assert read_numbers("key.csv", tmp_path) == [2, 9]
    assert names(store, covering("account", accounts=read_numbers("2, 9", tmp_path))) == ["79999", "101150"]
    assert len(names(store, covering("account", accounts=range(1, 1_200)))) == len(CODES)
    assert covering("opportunity", accounts=[3]) == "account.id in (3)"


@pytest.mark.parametrize("text", ["79999-75000", "750-79999", "75%", "'", " ", "75000-"])
def test_what_is_no_postal_code_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        covering("account", postal=text)


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a condition"):
        covering("account")
    with pytest.raises(UsageError, match="lead has no account"):
        covering("lead", accounts=[1])
    with pytest.raises(UsageError, match="without another condition"):
        covering("account", accounts=[1], where="true")
    with pytest.raises(UsageError, match="is no condition"):
        covering("account", where="true", exclude="industry = = 3")
    (tmp_path / "bad.csv").write_text("id\n1\nx\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"bad\.csv, line 3: 'x'"):
        read_numbers("bad.csv", tmp_path)
