"""How many values are probably dead, by what; and whom to ask first by what is at stake."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_cli.audits import By, decayed, load_policies, reverify, reverify_all, reverify_by_value, still_valid
from crm_cli.audits.policy import HALF_LIFE, Policy
from crm_cli.dictionary import Freshness
from crm_cli.errors import UsageError
from crm_cli.history import Author, confirm, operation
from crm_cli.store import Store

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def policy(name: str = "contact-stale-phone") -> Policy:
    return next(one for one in load_policies() if one.name == name)


def add(store: Store, entity: str, age: int, **fields: Any) -> int:
    """Add a record with a telephone, made so many days ago."""
    made = NOON - timedelta(days=age)
    name = {"contact": {"family_name": "Doe"}, "account": {"name": "Acme"}}.get(entity, {})
    with operation(store, "add", Author("tester")) as op:
        [number] = op.insert(entity, [{**name, "created_at": made, **fields}])
        if entity in ("contact", "account"):
            point = {"party_id": number, "value": "+1", "standard": "+1", "is_primary": True}
            op.insert("phone_number", [point], covered=True)
    return number


def of_source(store: Store, name: str, *records: int) -> None:
    with operation(store, "import", Author("tester")) as op:
        [source] = op.insert("source_system", [{"name": name}])
        rows = [
            {"source_system_id": source, "external_id": str(one), "entity": "contact", "record_id": one}
            for one in records
        ]
        op.insert("external_ref", rows, covered=True)


@pytest.mark.all_databases
def test_dead_values_are_expected_by_age_and_counted_by_source_owner_and_territory(store: Store) -> None:
    maria = add(store, "app_user", 0, username="maria")
    south = add(store, "territory", 0, name="South")
    old, older = add(store, "contact", 880, owner_id=maria), add(store, "contact", 1760, territory_id=south)
    dead, fresh = add(store, "contact", 30, owner_id=maria), add(store, "contact", 0)
    with operation(store, "verify", Author("tester")) as op:
        confirm(op, "contact", [dead], [Freshness.PHONE], method="call", when=NOON, result="dead")
        confirm(op, "contact", [fresh], [Freshness.PHONE], method="call", when=NOON)
    of_source(store, "fair", old, dead)
    of_source(store, "shop", old, older)  # the old one was known to the fair first

    [whole] = decayed(store, [policy(), policy("contact-stale-email")], today=TODAY)[:1]
    assert (whole.group, whole.values, whole.found_dead) == ("phone", 4, 1)
    assert whole.dead == pytest.approx(0.5 + 0.75 + 1 + 0)
    assert whole.share == pytest.approx(whole.dead / 4)

    def counted(by: By) -> dict[str | None, tuple[int, float]]:
        return {one.of: (one.values, round(one.dead, 6)) for one in decayed(store, [policy()], by=by, today=TODAY)}

    assert counted(By.SOURCE) == {"fair": (2, 1.5), "shop": (1, 0.75), None: (1, 0.0)}
    assert counted(By.OWNER) == {"maria": (2, 1.5), None: (2, 0.75)}
    assert counted(By.TERRITORY) == {"South": (1, 0.75), None: (3, 1.5)}
    narrowed = decayed(store, [policy()], today=TODAY, where="owner_id is null")
    assert narrowed[0].values == 2


def test_the_sum_is_that_of_the_single_records(store: Store) -> None:
    ages = [0, 1, 20, 20, 365, 700, 2000]
    for age in ages:
        add(store, "contact", age)
    [whole] = decayed(store, [policy()], today=TODAY)
    assert whole.dead == pytest.approx(sum(1 - still_valid(age, HALF_LIFE) for age in ages))
    suspects = reverify(store, policy(), today=TODAY)
    assert whole.dead == pytest.approx(sum(1 - one.still_valid for one in suspects))


@pytest.mark.all_databases
def test_by_value_comes_first_of_whom_most_is_at_stake(store: Store) -> None:
    firm, good, plain = (add(store, "account", 880, rating=rating) for rating in ("C", "A", None))
    young = add(store, "account", 10)
    person = add(store, "contact", 880, account_id=firm)
    alone = add(store, "contact", 1760)
    add(store, "opportunity", 5, name="a", account_id=firm, amount=1000_00, stage="proposal")
    add(store, "opportunity", 5, name="b", account_id=firm, amount=500_00, stage="lost")
    add(store, "opportunity", 5, name="c", account_id=young, amount=9000_00, stage="won", closed_at=NOON)
    add(
        store,
        "opportunity",
        5,
        name="d",
        account_id=plain,
        amount=9000_00,
        stage="won",
        closed_at=NOON - timedelta(800),
    )
    add(store, "opportunity", 5, name="e", contact_id=alone, amount=100_00, stage="proposal")
    both = [policy("account-stale-phone"), policy()]
    found = reverify_by_value(store, both, today=TODAY)
    assert [(one.entity, one.record_id) for one in found] == [
        ("account", firm), ("contact", person),  # 1000 × ½ each, of the same class
        ("contact", alone),  # 100 × ¾
        ("account", young),  # 9000 × little
        ("account", good), ("account", plain),  # nothing at stake: by class
    ]  # fmt: skip
    assert found[0].at_stake == pytest.approx(500)
    assert found[2].at_stake == pytest.approx(75)
    assert [one.record_id for one in reverify_by_value(store, both, today=TODAY, limit=2)] == [firm, person]
    assert reverify_all(store, both, today=TODAY)[0].record_id == alone


def test_policies_of_other_kinds_are_left_out_or_refused(store: Store) -> None:
    add(store, "contact", 10)
    other = policy("contact-unreachable")
    assert len(reverify_all(store, [other, policy()], today=TODAY)) == 1
    with pytest.raises(UsageError, match="not about freshness"):
        decayed(store, [other], today=TODAY)
    with pytest.raises(UsageError, match="one entity"):
        decayed(store, [policy(), policy("account-stale-phone")], today=TODAY, where="id > 1")
