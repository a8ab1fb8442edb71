"""Leads that are contacts already, or whose company is an account already: found, reviewed, linked, taken back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import operation, undo
from crm_cli.jobs import matching
from crm_cli.jobs.matching import FindOptions, NoRunError, ReviewOptions, Verdict, across
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from crm_cli.store.integrity import check
from tests.dumps import business_content
from tests.jobs.people import MARIA, Leads, World, add_leads, add_people


@pytest.fixture
def world(store: Store) -> World:
    return add_people(store)


@pytest.fixture
def leads(store: Store, world: World) -> Leads:
    return add_leads(store, world)


def against(store: Store, other: str) -> across.Across:
    return across.across_of(store, "lead", other)


def proposed(store: Store, other: str, above: float = 0.5) -> dict[tuple[int, int], float]:
    options = ReviewOptions(above=above)
    return {one.pair: one.probability for one in across.review_pairs(store, against(store, other), options)}


def lead(store: Store, number: int) -> Any:
    table = store.table("lead")
    with store.read() as connection:
        return connection.execute(sa.select(table).where(table.c.id == number)).one()


def decide(store: Store, pair: tuple[int, int], verdict: str, other: str = "contact") -> int:
    return across.decide_across(store, against(store, other), [Verdict(*pair, verdict)], MARIA)


@pytest.mark.all_databases
def test_leads_are_found_among_the_contacts_and_linked_and_never_asked_again(store: Store, leads: Leads) -> None:
    report = across.find_across(store, "lead", "contact", MARIA)

    found = proposed(store, "contact")
    true = set(leads.contact_of.items())
    assert len(true & found.keys()) >= 0.95 * len(true)
    assert len(found.keys() - true) <= 3
    assert (report.records, report.other_records) == (170, 280)
    assert report.found >= 75

    pair = next(iter(true & found.keys()))
    before = business_content(store)
    number = decide(store, pair, "duplicate")
    assert (lead(store, pair[0]).converted_contact_id, lead(store, pair[0]).status) == (pair[1], "new")
    assert pair[0] not in {left for left, _ in proposed(store, "contact")}
    across.find_across(store, "lead", "contact", MARIA)
    assert pair[0] not in {left for left, _ in proposed(store, "contact")}
    undo(store, number, MARIA)
    assert business_content(store) == before
    across.find_across(store, "lead", "contact", MARIA)
    assert pair in proposed(store, "contact")
    assert check(store) == []


@pytest.mark.all_databases
def test_companies_of_leads_are_found_among_the_accounts_many_to_one(store: Store, leads: Leads) -> None:
    across.find_across(store, "lead", "account", MARIA)

    found = proposed(store, "account")
    true = set(leads.account_of.items())
    assert len(true & found.keys()) >= 0.85 * len(true)
    assert len(true & found.keys()) >= 0.85 * len(found)
    shared = {account for _, account in found}
    assert len(shared) < len(found)  # several leads of one company
    pair = max(true & found.keys(), key=lambda one: found[one])
    decide(store, pair, "duplicate", "account")
    assert lead(store, pair[0]).converted_account_id == pair[1]
    assert lead(store, pair[0]).converted_contact_id is None


def test_who_lives_with_a_contact_is_not_the_contact(store: Store, leads: Leads) -> None:
    across.find_across(store, "lead", "contact", MARIA)

    assert not set(leads.spouses.items()) & proposed(store, "contact").keys()


@pytest.mark.parametrize("verdict", ["different", "same_household"])
def test_what_is_not_the_same_is_remembered_and_links_nothing(store: Store, leads: Leads, verdict: str) -> None:
    across.find_across(store, "lead", "contact", MARIA)
    pair = next(iter(leads.contact_of.items()))
    number = decide(store, pair, verdict)

    report = across.find_across(store, "lead", "contact", MARIA)

    assert pair not in proposed(store, "contact", above=0.0)
    assert lead(store, pair[0]).converted_contact_id is None
    assert report.found == len({left for left, _ in proposed(store, "contact", above=0.1)})
    undo(store, number, MARIA)
    assert pair in proposed(store, "contact")


def test_a_decision_holds_for_the_survivor_of_a_merge(store: Store, world: World, leads: Leads) -> None:
    across.find_across(store, "lead", "contact", MARIA)
    one, contact = next(iter(leads.contact_of.items()))
    decide(store, (one, contact), "different")
    other = world.ids[0]
    merge(store, "contact", [MergeGroup((other, contact), other)], MARIA)
    across.find_across(store, "lead", "contact", MARIA)

    assert (one, other) not in proposed(store, "contact", above=0.0)


def test_a_change_of_mind_takes_the_link_back(store: Store, leads: Leads) -> None:
    one, contact = next(iter(leads.contact_of.items()))
    decide(store, (one, contact), "duplicate")
    with pytest.raises(UsageError, match=f"lead {one} is linked to contact {contact} already"):
        decide(store, (one, contact + 1), "duplicate")
    decide(store, (one, contact + 1), "different")
    assert lead(store, one).converted_contact_id == contact
    decide(store, (one, contact), "different")
    assert lead(store, one).converted_contact_id is None


def test_searches_among_contacts_and_leads_do_not_disturb_each_other(store: Store, leads: Leads) -> None:
    matching.find(store, "lead", MARIA)
    own = matching.review_queue(store, store.dictionary.entity("lead"))
    across.find_across(store, "lead", "account", MARIA)
    accounts = proposed(store, "account")
    across.find_across(store, "lead", "contact", MARIA)

    assert own
    assert matching.review_queue(store, store.dictionary.entity("lead")) == own
    assert proposed(store, "account") == accounts
    table = store.table("cross_run")
    with store.read() as connection:
        assert sorted(connection.scalars(sa.select(table.c.other_entity))) == ["account", "contact"]


def test_a_dry_run_keeps_nothing_and_a_condition_narrows(store: Store, leads: Leads) -> None:
    dry = across.find_across(store, "lead", "contact", MARIA, FindOptions(dry_run=True))
    assert dry.run == 0
    assert dry.found > 0
    with pytest.raises(NoRunError, match="nobody has looked for leads among the contacts yet"):
        proposed(store, "contact")
    some = sorted(leads.contact_of)[:40]
    report = across.find_across(store, "lead", "contact", MARIA, FindOptions(where=f"id <= {some[-1]}"))
    assert report.records == 40
    assert {left for left, _ in proposed(store, "contact", above=0.0)} <= set(some)


def test_deleted_leads_and_unknown_records_take_no_part(store: Store, leads: Leads) -> None:
    across.find_across(store, "lead", "contact", MARIA)
    one, contact = next(iter(leads.contact_of.items()))
    with operation(store, "delete", MARIA) as op:
        op.update("lead", {one: {"deleted_at": op.started_at}})

    assert one not in {left for left, _ in proposed(store, "contact")}
    with pytest.raises(NotFoundError, match=f"there is no lead {one}"):
        decide(store, (one, contact), "duplicate")
    with pytest.raises(UsageError, match="'maybe' is no decision"):
        decide(store, (one, contact), "maybe")


def test_only_what_belongs_together_is_compared(store: Store) -> None:
    with pytest.raises(UsageError, match="contacts are not matched against leads") as error:
        across.across_of(store, "contact", "lead")
    assert error.value.hint == "what is: lead --against contact; lead --against account"


def test_nothing_on_one_side_is_no_fault(store: Store) -> None:
    report = across.find_across(store, "lead", "contact", MARIA)

    assert (report.records, report.other_records, report.found) == (0, 0, 0)


def test_a_review_shows_both_goes_on_and_goes_back(store: Store, leads: Leads) -> None:
    across.find_across(store, "lead", "contact", MARIA)
    pair = against(store, "contact")
    review = across.AcrossReview(store, pair.entity, MARIA, ReviewOptions(above=0.5), across=pair)
    first = review.current()
    assert first is not None
    lines = {line.field: line for line in review.card(first)}
    assert {"given_name", "family_name", "email", "phone", "address"} <= lines.keys()
    assert not {"street", "status"} & lines.keys()
    assert (lines["id"].left, lines["id"].right) == (f"lead {first.left}", f"contact {first.right}")
    assert lines["given_name"].mark == "="
    why = review.waterfall(first)
    assert why is not None
    assert (why.left, why.right, why.probability) == (*first.pair, pytest.approx(first.probability, abs=1e-4))
    review.decide(first, "duplicate")
    assert lead(store, first.left).converted_contact_id == first.right
    second = review.current()
    assert second is not None
    assert second.left != first.left
    assert review.back()
    assert review.current() == first
    assert lead(store, first.left).converted_contact_id is None


def test_any_lead_and_contact_are_explained_also_when_they_are_linked(store: Store, leads: Leads) -> None:
    one, contact = next(iter(leads.contact_of.items()))
    decide(store, (one, contact), "duplicate")
    reasons = across.AcrossReasons(store, against(store, "contact"))

    same, other = reasons.explain(one, contact), reasons.explain(leads.strangers[0], contact)

    assert same is not None
    assert other is not None
    assert same.probability > 0.9
    assert other.probability < 0.1
    with pytest.raises(NotFoundError, match="there is no contact 999999 to compare"):
        reasons.explain(one, 999999)


def test_leads_of_persons_and_of_companies_are_told_apart(store: Store, leads: Leads) -> None:
    _, loaded, result = matching.find(store, "lead", MARIA)
    companies = {*leads.account_of, *leads.unknown_companies}

    assert {part.kind: {loaded.ids[one] for one in part.records.tolist()} == companies for part in result.parts} == {
        "persons": False,
        "organizations": True,
    }
    (first, *_), second = leads.contact_of, list(leads.contact_of)[70]  # two leads of one person
    reasons = matching.Reasons(store, "lead")
    same, other = reasons.explain(first, second), reasons.explain(first, min(companies))
    assert same is not None
    assert same.probability > 0.5
    assert other is not None
    assert [step.level for step in other.steps] == ["a person is no organization"]
