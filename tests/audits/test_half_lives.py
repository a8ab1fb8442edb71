"""Half-lives: what looking found gives back the decay that made it; stored results do so on every database."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.audits import HALF_LIFE, half_lives, half_lives_of_last_run, load_policies, reverify, run_audit
from crm_cli.audits.half_lives import Look, estimate_half_life
from crm_cli.dictionary import Freshness
from crm_cli.history import Author, confirm, operation
from crm_cli.store import Store

START = datetime(2020, 1, 1, tzinfo=UTC)
TESTER = Author("tester")
AGES_AND_FATES = st.lists(st.tuples(st.floats(7, 4000), st.booleans()), min_size=2, max_size=60)


def simulated(half_life: float, count: int, seed: int) -> list[Look]:
    """Looks at values that die with this half-life, each once, at any age up to six years."""
    dice = random.Random(seed)
    ages = [dice.uniform(10, 2200) for _ in range(count)]
    return [Look(age, dice.random() > 2 ** (-age / half_life)) for age in ages]


@pytest.mark.parametrize("half_life", [200, 880, 2500])
def test_looks_give_back_the_half_life_that_made_them_within_the_interval(half_life: float) -> None:
    inside = 0
    for seed in range(60):
        found = estimate_half_life(simulated(half_life, 400, seed))
        assert found is not None
        assert found.low < found.days < found.high
        assert found.days == pytest.approx(half_life, rel=0.4)
        inside += found.low <= half_life <= found.high
    assert inside >= 53  # of 60 at 95 %, fewer than one time in a hundred


@settings(max_examples=40, deadline=None)
@given(AGES_AND_FATES)
def test_no_other_half_life_is_more_likely(pairs: list[tuple[float, bool]]) -> None:
    looks = [Look(age, dead) for age, dead in pairs]
    found = estimate_half_life(looks)
    if len({one.dead for one in looks}) == 1:
        assert found is None
        return
    assert found is not None

    def likelihood(days: float) -> float:
        alive = [(1 - 2 ** (-one.age / days)) if one.dead else 2 ** (-one.age / days) for one in looks]
        return sum(math.log(max(one, 1e-300)) for one in alive)

    best = likelihood(found.days)
    assert all(likelihood(found.days * factor) <= best + 1e-6 for factor in (0.5, 0.9, 0.99, 1.01, 1.1, 2))
    assert best - likelihood(found.low) == pytest.approx(1.9207, abs=0.01)


def look_at_contacts(store: Store, half_life: float, method: str = "call", only_dead: bool = False) -> None:
    """Add 300 contacts known to hold at the start; look at each once, later."""
    looks = simulated(half_life, 300, 1)
    with operation(store, "add", TESTER) as op:
        ids = op.insert("contact", [{"family_name": "Doe", "created_at": START} for _ in looks])
        points = [{"party_id": one, "value": "+1", "standard": "+1", "is_primary": True} for one in ids]
        op.insert("phone_number", points, covered=True)
        for number, one in zip(ids, looks, strict=True):
            if one.dead or not only_dead:
                result = "dead" if one.dead else "valid"
                when = START + timedelta(days=one.age)
                confirm(op, "contact", [number], [Freshness.PHONE], method=method, when=when, result=result)
                if one.dead:  # a second look finds what the first has found: it tells nothing new
                    later = when + timedelta(days=30)
                    confirm(op, "contact", [number], [Freshness.PHONE], method=method, when=later, result="dead")


@pytest.mark.all_databases
def test_stored_results_are_estimated_and_used_by_policies_that_set_none(store: Store) -> None:
    look_at_contacts(store, 400)
    found = half_lives(store)
    expected = estimate_half_life(simulated(400, 300, 1))
    phone, email = found[Freshness.PHONE], found[Freshness.EMAIL]
    assert expected is not None
    assert phone.estimate is not None
    assert phone.days == pytest.approx(expected.days, rel=1e-6)
    assert (phone.looks, phone.estimate.low < 400 < phone.estimate.high) == (300, True)
    assert (email.days, email.estimate, email.looks) == (HALF_LIFE, None, 0)

    policy = next(one for one in load_policies() if one.name == "contact-stale-phone")
    today = datetime(2027, 1, 1, tzinfo=UTC).date()
    last = [one for one in reverify(store, policy, today=today, limit=300) if not one.found_dead][-1]
    assert last.still_valid == pytest.approx(2 ** (-last.age_days / phone.days))
    own = list(reverify(store, replace(policy, half_life=100.0), today=today, limit=300))[-1]
    assert own.still_valid == pytest.approx(2 ** (-own.age_days / 100))

    run_audit(store, [policy], today=today, actor="tester")
    with store.read() as connection:
        assert half_lives_of_last_run(store, connection) == {"phone": pytest.approx(phone.days)}


def test_bounces_alone_do_not_say_how_fast_addresses_die(store: Store) -> None:
    look_at_contacts(store, 400, "bounce", only_dead=True)
    phone = half_lives(store)[Freshness.PHONE]
    assert (phone.estimate, phone.days, phone.looks) == (None, HALF_LIFE, 0)
    assert phone.left_out > 100
