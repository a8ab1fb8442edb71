"""Merging, as its users see it: who survives, what becomes of the children, and that undo brings all of it back."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli import records
from crm_cli.dictionary import Survivorship
from crm_cli.errors import CrmError, ExitCode, LockedError, UsageError
from crm_cli.history import Author, confirm, operation, resolve, undo
from crm_cli.jobs.decisions import Verdict, read_decisions, record_decisions
from crm_cli.jobs.match_rules import MergeRules
from crm_cli.jobs.merging import Caps, MergeCapError, MergeGroup, MergeResult, MergeSettings, merge, merge_in
from crm_cli.standardize import Context
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def add(store: Store, entity: str, *rows: dict[str, Any]) -> list[int]:
    with operation(store, "add", MARIA) as op:
        return op.insert(entity, rows)


def contacts(store: Store, *rows: dict[str, Any]) -> list[int]:
    return add(store, "contact", *({"family_name": "Smith", **row} for row in rows))


def email(party: int, value: str, **more: Any) -> dict[str, Any]:
    return {"party_id": party, "value": value, "standard": value, **more}


def row(store: Store, entity: str, number: int) -> Any:
    table = store.table(entity)
    with store.read() as connection:
        return connection.execute(sa.select(table).where(table.c.id == number)).mappings().one()


def rows(store: Store, entity: str, **equal: Any) -> list[Any]:
    table = store.table(entity)
    query = sa.select(table).order_by(table.c.id)
    for name, value in equal.items():
        query = query.where(table.c[name] == value)
    with store.read() as connection:
        return list(connection.execute(query).mappings())


def merge_contacts(store: Store, *members: int, survivor: int | None = None, **settings: Any) -> MergeResult:
    return merge(store, "contact", [MergeGroup(members, survivor)], MARIA, MergeSettings(**settings))


def family_of_everything(store: Store) -> tuple[int, int]:
    """Two contacts that are the same, the second with a child in every table that may refer to a contact."""
    keep, gone, friend = contacts(store, {"given_name": "Ann"}, {"given_name": "A."}, {"family_name": "Friend"})
    (company,) = add(store, "account", {"name": "ACME [/b] Ltd"})
    add(store, "contact", {"family_name": "Boss", "reports_to_id": gone})
    add(store, "email_address", email(keep, "ann@acme.example", is_primary=True), email(gone, "ann@acme.example"))
    add(store, "email_address", email(gone, "a.smith@home.example", is_primary=True))
    add(store, "phone_number", {"party_id": gone, "value": "1", "standard": "+15550001", "is_primary": True})
    add(store, "postal_address", {"party_id": gone, "city": "Berlin", "standard": "Berlin"})
    given = {"channel": "email", "purpose": "marketing", "recorded_at": LONG_AGO}
    add(store, "consent", {**given, "party_id": gone, "status": "withdrawn"})
    add(store, "consent", {**given, "party_id": keep, "status": "given", "recorded_at": LONG_AGO + timedelta(days=9)})
    (kind,) = add(store, "relationship_type", {"name": "friend of"})
    add(store, "relationship", {"type_id": kind, "party_id": keep, "other_party_id": friend})
    known = {"since": date(2020, 1, 1), "note": "from school"}
    add(store, "relationship", {"type_id": kind, "party_id": gone, "other_party_id": friend, **known})
    add(store, "relationship", {"type_id": kind, "party_id": keep, "other_party_id": gone})
    (deal,) = add(store, "opportunity", {"name": "Deal", "contact_id": gone, "account_id": company})
    (call,) = add(store, "activity", {"subject": "Call", "party_id": gone, "opportunity_id": deal})
    (meeting,) = add(store, "activity", {"subject": "Meeting"})
    add(store, "activity_link", {"activity_id": meeting, "entity": "contact", "record_id": gone})
    add(store, "activity_link", {"activity_id": call, "entity": "account", "record_id": company})
    add(store, "lead", {"family_name": "Smith", "converted_contact_id": gone})
    (source,) = add(store, "source_system", {"name": "old crm"})
    ref = {"source_system_id": source, "external_id": "C-7", "entity": "contact", "record_id": gone}
    with operation(store, "import", MARIA) as op:
        op.insert("external_ref", [ref])
        confirm(op, "contact", [gone], ["email"], method="call")
    return keep, gone


def test_a_merge_takes_every_child_along_and_undo_brings_all_back(store: Store) -> None:
    keep, gone = family_of_everything(store)
    before = business_content(store)
    references = rows(store, "external_ref"), rows(store, "confirmation"), rows(store, "match_decision")

    result = merge_contacts(store, keep, gone)

    assert result.exit_code is ExitCode.DONE
    (cluster,) = result.clusters
    assert (cluster.survivor, cluster.merged) == (keep, (gone,))
    for entity, name in (("activity", "party_id"), ("opportunity", "contact_id"), ("lead", "converted_contact_id")):
        assert len(rows(store, entity, **{name: keep})) == 1, entity
    assert [one["external_id"] for one in rows(store, "external_ref", record_id=keep)] == ["C-7"]
    assert len(rows(store, "confirmation", record_id=keep)) == 1
    assert len(rows(store, "activity_link", record_id=keep)) == 1
    assert row(store, "contact", gone)["merged_into_id"] == keep
    assert [one["survivor_id"] for one in rows(store, "merge")] == [keep]

    assert undo(store, result.operation_id, MARIA).refused == []
    assert business_content(store) == before
    assert (rows(store, "external_ref"), rows(store, "confirmation"), rows(store, "match_decision")) == references
    assert rows(store, "merge") == []


def test_an_undone_merge_can_be_done_again_and_undone_again(store: Store) -> None:
    keep, gone = family_of_everything(store)
    before = business_content(store)
    result = merge_contacts(store, keep, gone)
    merged = business_content(store)
    first = undo(store, result.operation_id, MARIA)
    assert undo(store, first.operation_id, MARIA).refused == []
    assert business_content(store) == merged
    assert undo(store, result.operation_id, MARIA).refused == []
    assert business_content(store) == before


def test_contact_points_are_united_and_one_stays_primary(store: Store) -> None:
    keep, gone = family_of_everything(store)
    (cluster,) = merge_contacts(store, keep, gone).clusters
    points = {one["standard"]: one["is_primary"] for one in rows(store, "email_address", party_id=keep)}
    assert points == {"ann@acme.example": True, "a.smith@home.example": False}
    assert [one["standard"] for one in rows(store, "email_address", party_id=gone)] == ["ann@acme.example"]
    assert rows(store, "phone_number", party_id=keep)[0]["is_primary"]
    assert cluster.moved["email_address"] == cluster.united["email_address"] == 1


def test_the_equal_of_a_primary_address_becomes_primary_when_the_survivor_has_none(store: Store) -> None:
    keep, gone = contacts(store, {"given_name": "Ann"}, {})
    add(store, "email_address", email(keep, "a@x.example"), email(keep, "b@x.example"))
    add(store, "email_address", email(gone, "b@x.example", is_primary=True))
    merge_contacts(store, keep, gone, survivor=keep)
    assert [one["is_primary"] for one in rows(store, "email_address", party_id=keep)] == [False, True]


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("valid", "opted_out", "opted_out"),
        ("opted_out", "valid", "opted_out"),
        ("unverified", "bounced", "bounced"),
        ("valid", "unverified", "valid"),
    ],
)
def test_what_is_known_of_an_address_survives(store: Store, own: str, other: str, expected: str) -> None:
    keep, gone = contacts(store, {}, {})
    add(store, "email_address", email(keep, "a@x.example", standing=own))
    add(store, "email_address", email(gone, "a@x.example", standing=other))
    merge_contacts(store, keep, gone, survivor=keep)
    assert [one["standing"] for one in rows(store, "email_address", party_id=keep)] == [expected]


def consent_today(store: Store, party: int, channel: str) -> str:
    said = [one for one in rows(store, "consent", party_id=party) if one["channel"] in (channel, "any")]
    return str(max(said, key=lambda one: (one["recorded_at"], one["id"]))["status"])


@pytest.mark.parametrize("withdrawn", ["email", "any"])
@pytest.mark.parametrize("later", [LONG_AGO + timedelta(days=1), datetime.now(UTC) + timedelta(days=400)])
def test_a_withdrawn_consent_stays_withdrawn(store: Store, withdrawn: str, later: datetime) -> None:
    keep, gone = contacts(store, {}, {})
    add(
        store,
        "consent",
        {"party_id": gone, "channel": withdrawn, "status": "withdrawn", "recorded_at": LONG_AGO},
        {"party_id": keep, "channel": "email", "status": "given", "recorded_at": later},
    )
    merge_contacts(store, keep, gone, survivor=keep)
    assert consent_today(store, keep, "email") == "withdrawn"
    assert rows(store, "consent", party_id=gone) == []


def test_a_consent_that_a_record_gave_again_itself_is_given(store: Store) -> None:
    keep, gone = contacts(store, {}, {})
    later = LONG_AGO + timedelta(days=1)
    add(
        store,
        "consent",
        {"party_id": gone, "channel": "email", "status": "withdrawn", "recorded_at": LONG_AGO},
        {"party_id": gone, "channel": "email", "status": "given", "recorded_at": later},
    )
    merge_contacts(store, keep, gone, survivor=keep)
    assert consent_today(store, keep, "email") == "given"
    assert len(rows(store, "consent")) == 2


def test_the_most_complete_survives_and_of_equals_the_oldest(store: Store) -> None:
    thin, full = contacts(store, {}, {"given_name": "Ann", "job_title": "Buyer"})
    assert merge_contacts(store, thin, full).clusters[0].survivor == full
    old, new = contacts(store, {"given_name": "Bob"}, {"given_name": "Rob"})
    assert merge_contacts(store, new, old).clusters[0].survivor == old


def test_a_survivor_must_be_one_of_the_group(store: Store) -> None:
    one, two, other = contacts(store, {}, {}, {})
    with pytest.raises(UsageError, match=f"contact {other} cannot survive"):
        merge_contacts(store, one, two, survivor=other)


def test_each_field_survives_by_its_rule_and_says_whose_it_was(store: Store) -> None:
    keep, gone = contacts(
        store,
        {"given_name": "A. B.", "job_title": "Clerk", "description": "short", "customer_number": None},
        {"given_name": "Anne Marie", "job_title": "Buyer", "description": "a longer note", "customer_number": "K9"},
    )
    with operation(store, "verify", MARIA) as op:
        confirm(op, "contact", [keep], ["employment"], method="call", when=datetime(2026, 2, 1, tzinfo=UTC))
        confirm(op, "contact", [gone], ["employment"], method="import", when=LONG_AGO)
    (cluster,) = merge_contacts(store, keep, gone, survivor=keep).clusters
    now = row(store, "contact", keep)
    assert (now["given_name"], now["given_name_key"]) == ("Anne Marie", "anne marie")
    assert now["description"] == "a longer note"
    assert now["job_title"] == "Clerk", "confirmed later"
    sources = {one.field: one.source for one in cluster.choices}
    assert sources == {"given_name": gone, "job_title": keep, "description": gone, "customer_number": gone}


def test_a_slip_of_the_pen_does_not_survive_a_name_that_others_have(store: Store) -> None:
    contacts(store, {"given_name": "Björn"}, {"given_name": "Björn"})
    keep, gone = contacts(store, {"given_name": "Björn"}, {"given_name": "Björrn"})
    merge_contacts(store, keep, gone, survivor=gone)
    assert row(store, "contact", gone)["given_name"] == "Björn"


def test_a_unique_value_moves_to_the_survivor_and_back(store: Store) -> None:
    keep, gone = contacts(store, {"given_name": "Ann", "job_title": "Buyer"}, {"customer_number": "K9"})
    before = business_content(store)
    done = merge_contacts(store, keep, gone)
    assert row(store, "contact", keep)["customer_number"] == "K9"
    assert row(store, "contact", gone)["customer_number"] is None
    undo(store, done.operation_id, MARIA)
    assert business_content(store) == before


def test_the_survivor_keeps_its_own_unique_value(store: Store) -> None:
    keep, gone = contacts(store, {"customer_number": "K1"}, {"customer_number": "K9"})
    merge_contacts(store, keep, gone, survivor=keep)
    assert row(store, "contact", keep)["customer_number"] == "K1"
    assert row(store, "contact", gone)["customer_number"] == "K9"


def test_a_more_trusted_source_wins_a_trusted_field(store: Store) -> None:
    keep, gone = contacts(store, {"birth_date": date(1980, 1, 1)}, {"birth_date": date(1980, 1, 2)})
    web, erp = add(store, "source_system", {"name": "web form", "trust": 20}, {"name": "erp", "trust": 90})
    with operation(store, "import", MARIA) as op:
        for source, number in ((web, keep), (erp, gone)):
            ref = {"source_system_id": source, "external_id": str(number), "entity": "contact", "record_id": number}
            op.insert("external_ref", [ref], covered=True)
    merge_contacts(store, keep, gone, survivor=keep)
    assert row(store, "contact", keep)["birth_date"] == date(1980, 1, 2)


def test_a_status_that_nobody_gave_does_not_survive_one_that_somebody_gave(store: Store) -> None:
    gone, keep = contacts(store, {"status": "customer"}, {"given_name": "Ann", "job_title": "Buyer"})
    merge_contacts(store, keep, gone, survivor=keep)
    assert row(store, "contact", keep)["status"] == "customer"


def test_a_status_that_was_set_back_to_the_default_was_given(store: Store) -> None:
    gone, keep = contacts(store, {"status": "customer"}, {"status": "former"})
    with operation(store, "set", MARIA) as op:
        op.update("contact", {keep: {"status": "prospect"}})
    merge_contacts(store, keep, gone, survivor=keep)
    assert row(store, "contact", keep)["status"] == "prospect"


def test_originals_are_kept_of_the_values_that_stand(store: Store) -> None:
    keep, gone = contacts(
        store,
        {"given_name": "Anne Marie", "job_title": "Buyer", "extra": {"tier": "A"}},
        {
            "given_name": "Ann", "job_title": "Buyer", "department": "Sales", "salutation": "Dr.",
            "extra": {"@original": {"given_name": "ANN", "job_title": "BUYER", "department": "SALES",
                                    "full_name": "ANN SMITH"}, "tier": "B"},
        },
    )  # fmt: skip
    merge_contacts(store, keep, gone, survivor=keep)
    now = row(store, "contact", keep)
    assert (now["given_name"], now["department"]) == ("Anne Marie", "Sales")
    assert now["extra"] == {"tier": "A", "@original": {"department": "SALES"}}


def test_the_original_of_a_value_that_gave_way_goes(store: Store) -> None:
    keep, gone = contacts(
        store,
        {"given_name": "A.", "extra": {"@original": {"given_name": "a."}}},
        {"given_name": "Ann", "extra": {"@original": {"given_name": "ANN"}}},
    )
    merge_contacts(store, keep, gone, survivor=keep)
    assert row(store, "contact", keep)["extra"] == {"@original": {"given_name": "ANN"}}


def test_an_amount_keeps_its_currency(store: Store) -> None:
    keep, gone = add(
        store,
        "account",
        {"name": "Acme", "annual_revenue": 100_00, "currency": "EUR"},
        {"name": "Acme", "annual_revenue": 900_00, "currency": "USD"},
    )
    with operation(store, "set", MARIA) as op:
        op.update("account", {keep: {"annual_revenue": 200_00}, gone: {"currency": "CHF"}})
    merge(store, "account", [MergeGroup((keep, gone), keep)], MARIA)
    now = row(store, "account", keep)
    assert (now["annual_revenue"], now["currency"]) in {(200_00, "EUR"), (900_00, "CHF")}


def test_a_rule_of_a_field_can_be_overridden(store: Store) -> None:
    from crm_cli.dictionary import Survivorship

    keep, gone = contacts(store, {"given_name": "Al"}, {"given_name": "Alexander"})
    merge_contacts(store, keep, gone, survivor=keep, survivorship={"given_name": Survivorship.SURVIVOR})
    assert row(store, "contact", keep)["given_name"] == "Al"
    with pytest.raises(UsageError, match="has no field 'gven_name'"):
        merge_contacts(store, keep, gone, survivorship={"gven_name": Survivorship.SURVIVOR})


def test_a_value_that_a_person_chose_stands_above_all_rules_also_a_blank(store: Store) -> None:
    rows = [{"job_title": "Head of Buying", "department": "Sales"}, {"job_title": "Buyer"}]
    keep, gone = contacts(store, *rows)
    taken = {"job_title": gone, "department": gone}
    done = merge(store, "contact", [MergeGroup((keep, gone), keep, taken=taken)], MARIA)

    (cluster,) = done.clusters
    assert [(one.field, one.value, one.source, one.rule) for one in cluster.choices] == [
        ("job_title", "Buyer", gone, None), ("department", None, gone, None),
    ]  # fmt: skip
    assert (row(store, "contact", keep)["job_title"], row(store, "contact", keep)["department"]) == ("Buyer", None)
    undo(store, done.operation_id, MARIA)
    assert row(store, "contact", keep)["department"] == "Sales"
    (other,) = contacts(store, {})
    with pytest.raises(UsageError, match=f"job_title of contact {other} cannot be taken: it is not one of"):
        merge(store, "contact", [MergeGroup((keep, gone), taken={"job_title": other})], MARIA)


@pytest.mark.parametrize(
    ("rule", "place"), [("most_complete", 1), ("oldest", 0), ("newest", 2), ("trusted", 2)], ids=lambda one: str(one)
)
def test_which_record_survives_is_a_rule(store: Store, rule: str, place: int) -> None:
    ids = contacts(store, {}, {"given_name": "Ann", "job_title": "Buyer"}, {"given_name": "Ann"})
    with operation(store, "import", MARIA) as op:
        web, erp = op.insert("source_system", [{"name": "web", "trust": 90}, {"name": "ERP", "trust": 10}])
        for source, number in ((web, ids[1]), (erp, ids[2])):
            about = {"source_system_id": source, "external_id": f"x{number}", "entity": "contact", "record_id": number}
            op.insert("external_ref", [about])
    settings = MergeSettings().under(MergeRules(survivor=rule, trusted_sources=("erp",)))

    (cluster,) = merge(store, "contact", [MergeGroup(tuple(ids))], MARIA, settings).clusters

    assert cluster.survivor == ids[place]


def test_rules_of_the_house_say_which_value_survives_and_the_command_line_comes_first(store: Store) -> None:
    keep, gone = contacts(store, {"job_title": "Buyer", "department": "Purchasing"}, {"job_title": "Head of Buying"})
    rules = MergeRules(survive={"job_title": "longest", "department": "longest"}, max_cluster=2, max_merge_share=0.9)
    ruled = MergeSettings(survivorship={"department": Survivorship.SURVIVOR}).under(rules)
    assert ruled.survivorship == {"job_title": "longest", "department": "survivor"}
    assert (ruled.caps.max_cluster, ruled.caps.max_share) == (2, 0.9)
    assert ruled.capped(5).caps.max_cluster == 5

    merge(store, "contact", [MergeGroup((keep, gone), keep)], MARIA, ruled)

    assert row(store, "contact", keep)["job_title"] == "Head of Buying"


def test_a_preview_tells_every_row_that_would_change_and_writes_nothing(store: Store) -> None:
    keep, gone = contacts(store, {"given_name": "Ann"}, {"job_title": "Buyer"})
    (phone,) = add(store, "phone_number", {"party_id": gone, "value": "1", "standard": "+15550001", "is_primary": True})
    before = business_content(store)

    done = merge_contacts(store, keep, gone, survivor=keep, dry_run=True, with_rows=True)

    told = {(one.entity, one.record_id, one.title): dict(one.fields) for one in done.rows}
    assert told["contact", keep, "Ann Smith"] == {"job_title": (None, "Buyer")}
    assert told["phone_number", phone, "1"]["party_id"] == (gone, keep)
    assert {one.survivor for one in done.rows} == {keep}
    assert business_content(store) == before


def test_no_record_comes_to_refer_to_itself(store: Store) -> None:
    mother, twin = add(store, "account", {"name": "Acme", "industry": "Toys"}, {"name": "Acme"})
    with operation(store, "set", MARIA) as op:
        op.update("account", {mother: {"parent_id": twin}, twin: {"parent_id": mother}})
    before = business_content(store)
    done = merge(store, "account", [MergeGroup((mother, twin), mother)], MARIA)
    assert row(store, "account", mother)["parent_id"] is None
    undo(store, done.operation_id, MARIA)
    assert business_content(store) == before


@pytest.mark.parametrize("survivor", ["grandmother", "granddaughter"])
def test_no_company_comes_to_belong_to_its_own_subsidiary(store: Store, survivor: str) -> None:
    top, middle, bottom = add(store, "account", {"name": "Acme"}, {"name": "Between"}, {"name": "Acme"})
    with operation(store, "set", MARIA) as op:
        op.update("account", {bottom: {"parent_id": middle}, middle: {"parent_id": top}})
    before = business_content(store)
    chosen = top if survivor == "grandmother" else bottom
    done = merge(store, "account", [MergeGroup((top, bottom), chosen)], MARIA)
    assert row(store, "account", chosen)["parent_id"] is None
    assert row(store, "account", middle)["parent_id"] == chosen
    undo(store, done.operation_id, MARIA)
    assert business_content(store) == before


def living(store: Store, entity: str) -> list[Any]:
    """The records that a list shows."""
    return rows(store, entity, deleted_at=None, merged_into_id=None)


def test_equal_relationships_become_one_that_knows_what_both_knew(store: Store) -> None:
    keep, gone = family_of_everything(store)
    (cluster,) = merge_contacts(store, keep, gone, survivor=keep).clusters
    (one,) = living(store, "relationship")
    assert (one["party_id"], one["since"], one["note"]) == (keep, date(2020, 1, 1), "from school")
    (united,) = rows(store, "relationship", merged_into_id=one["id"])
    assert united["party_id"] == gone
    assert cluster.united["relationship"] == 2


def test_of_equal_relationships_the_survivors_keeps_what_it_has(store: Store) -> None:
    keep, gone, third, friend = contacts(store, {}, {}, {}, {"family_name": "Friend"})
    (kind,) = add(store, "relationship_type", {"name": "friend of"})
    both = {"type_id": kind, "other_party_id": friend}
    add(store, "relationship", {**both, "party_id": third, "since": date(2019, 1, 1), "until": date(2021, 1, 1)})
    add(store, "relationship", {**both, "party_id": keep, "since": date(2020, 1, 1)})
    add(store, "relationship", {**both, "party_id": gone, "until": date(2022, 1, 1), "note": "from school"})
    before = business_content(store)
    done = merge_contacts(store, keep, gone, third, survivor=keep)
    (one,) = living(store, "relationship")
    assert (one["party_id"], one["since"], one["until"]) == (keep, date(2020, 1, 1), date(2021, 1, 1))
    assert one["note"] == "from school"
    undo(store, done.operation_id, MARIA)
    assert business_content(store) == before


def test_a_relationship_of_the_two_that_are_merged_is_out_of_sight(store: Store) -> None:
    keep, gone = family_of_everything(store)
    merge_contacts(store, keep, gone, survivor=keep)
    pairs = [(one["party_id"], one["other_party_id"]) for one in living(store, "relationship")]
    assert all(one != other and gone not in (one, other) for one, other in pairs)
    (closed,) = [one for one in rows(store, "relationship") if one["deleted_at"] is not None]
    assert (closed["party_id"], closed["other_party_id"]) == (keep, gone)


def test_what_does_not_fit_is_refused_and_listed_and_the_rest_is_merged(store: Store) -> None:
    one, two, three, four, five, six = contacts(store, *({} for _ in range(6)))
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [four])
    groups = [MergeGroup((one, two)), MergeGroup((three, four)), MergeGroup((two, five)), MergeGroup((six, 999))]
    result = merge(store, "contact", groups, MARIA)
    assert result.exit_code is ExitCode.PARTIAL
    assert [cluster.survivor for cluster in result.clusters] == [one]
    assert [refused.why for refused in result.refused] == [
        f"contact {four} is deleted",
        f"contact {two} is in another cluster of this merge",
        "there is no contact 999",
    ]
    again = merge_contacts(store, two, five)
    assert again.refused[0].why == f"contact {two} was merged into {one}"
    assert str(one) in again.refused[0].hint


def test_large_clusters_and_large_shares_are_refused(store: Store) -> None:
    ids = contacts(store, *({} for _ in range(50)))
    result = merge_contacts(store, *ids[:21])
    assert "21 records in one cluster, more than 20" in result.refused[0].why
    pairs = [MergeGroup((one, other)) for one, other in zip(ids[::2], ids[1::2], strict=True)]
    before = business_content(store)
    with pytest.raises(MergeCapError, match=r"25 of 50 contacts would be merged away \(50%\)") as fault:
        merge(store, "contact", pairs, MARIA)
    assert "--max-merge-share" in fault.value.hint
    assert business_content(store) == before
    result = merge(store, "contact", pairs, MARIA, MergeSettings(caps=Caps(max_share=0.5)))
    assert result.merged == 25


def test_one_cluster_of_a_batch_is_undone_alone(store: Store) -> None:
    ids = contacts(store, *({"given_name": f"G{number}"} for number in range(6)))
    for number in ids:
        add(store, "activity", {"subject": "Call", "party_id": number})
    before = business_content(store)
    groups = [MergeGroup(tuple(ids[place : place + 2])) for place in (0, 2, 4)]
    done = merge(store, "contact", groups, MARIA)
    undo(store, done.operation_id, MARIA, units=[ids[2]])
    assert [one["merged_into_id"] for one in rows(store, "contact")] == [None, ids[0], None, None, None, ids[4]]
    assert [one["party_id"] for one in rows(store, "activity")] == [ids[0], ids[0], ids[2], ids[3], ids[4], ids[4]]
    undo(store, done.operation_id, MARIA)
    assert business_content(store) == before


def test_a_relation_between_two_merged_clusters_follows_both_and_each_is_undone_alone(store: Store) -> None:
    one, two, three, four = contacts(store, *({} for _ in range(4)))
    (kind,) = add(store, "relationship_type", {"name": "friend of"})
    (friends,) = add(store, "relationship", {"type_id": kind, "party_id": two, "other_party_id": four})
    done = merge(store, "contact", [MergeGroup((one, two), one), MergeGroup((three, four), three)], MARIA)

    def ends() -> tuple[int, int]:
        now = row(store, "relationship", friends)
        return now["party_id"], now["other_party_id"]

    assert ends() == (one, three)
    assert undo(store, done.operation_id, MARIA, units=[one]).refused == []
    assert ends() == (two, three)


def test_a_dry_run_says_the_same_and_writes_nothing(store: Store) -> None:
    keep, gone = family_of_everything(store)
    before = business_content(store)
    shown = merge_contacts(store, keep, gone, dry_run=True)
    assert business_content(store) == before
    done = merge_contacts(store, keep, gone)
    assert [(one.survivor, one.merged, one.moved) for one in shown.clusters] == [
        (one.survivor, one.merged, one.moved) for one in done.clusters
    ]


def test_old_ids_resolve_to_the_survivor_of_the_survivor(store: Store) -> None:
    one, two, three = contacts(store, {}, {}, {"given_name": "Ann", "job_title": "Buyer"})
    merge_contacts(store, one, two)
    merge_contacts(store, one, three)
    assert resolve(store, "contact", two) == three
    assert resolve(store, "contact", three) == three
    assert resolve(store, "contact", 999) == 999


def test_what_was_decided_to_be_different_is_not_merged(store: Store) -> None:
    one, two, three = contacts(store, {}, {}, {})
    with operation(store, "decide", MARIA) as op:
        record_decisions(op, "contact", [Verdict(two, three, "same_household")])
    result = merge_contacts(store, one, two, three)
    assert result.exit_code is ExitCode.PARTIAL
    assert f"contact {two} and {three} were decided to be same household by maria" in result.refused[0].why
    merge_contacts(store, one, two)
    assert "same household" in merge_contacts(store, one, three).refused[0].why, "it holds for the survivor too"


def test_a_merge_is_a_decision_and_its_undo_the_opposite(store: Store) -> None:
    one, two = contacts(store, {}, {})
    with operation(store, "decide", MARIA) as op:
        record_decisions(op, "contact", [Verdict(one, two, "duplicate")])
    done = merge_contacts(store, one, two)
    undo(store, done.operation_id, MARIA)
    with store.read() as connection:
        decided = read_decisions(store, connection, "contact")[one, two]
    assert (decided.verdict, decided.implied) == ("different", True)
    assert merge_contacts(store, one, two).refused == [], "but whoever asks for it gets it"


def test_a_merge_waits_for_no_other_long_writer(store: Store) -> None:
    one, two = contacts(store, {}, {})
    with store.lease(), pytest.raises(LockedError, match="is writing to this database"):
        merge_contacts(store, one, two)
    assert row(store, "contact", two)["merged_into_id"] is None


@pytest.mark.all_databases
def test_a_contact_point_added_during_a_merge_waits_for_it(store: Store) -> None:
    keep, gone = contacts(store, {}, {})
    done = threading.Event()

    def add_late() -> None:
        with Store.open(store.url) as other:
            add(other, "email_address", email(gone, "late@acme.example"))
        done.set()

    late = threading.Thread(target=add_late)
    with operation(store, "merge", MARIA) as op:
        merge_in(op, "contact", [MergeGroup((keep, gone), keep)], MergeSettings())
        late.start()
        assert not done.wait(1.0), "it was written while its party was being merged away"
    late.join(30)
    assert done.is_set()


@pytest.mark.all_databases
def test_who_sets_an_address_during_a_merge_is_told_of_the_survivor(store: Store) -> None:
    keep, gone = contacts(store, {}, {})
    with store.read() as connection:
        reader = records.Reader(store, connection, store.dictionary.entity("contact"), Context())
        plan = records.plan_changes(reader, [gone], {"email": "late@acme.example"})
    told: list[CrmError] = []

    def set_late() -> None:
        try:
            with Store.open(store.url) as other, operation(other, "set", MARIA) as op:
                records.apply_changes(op, plan)
        except CrmError as fault:
            told.append(fault)

    late = threading.Thread(target=set_late)
    with operation(store, "merge", MARIA) as op:
        merge_in(op, "contact", [MergeGroup((keep, gone), keep)], MergeSettings())
        late.start()
        time.sleep(0.5)
    late.join(30)
    assert [one.message for one in told] == [f"contact {gone} was merged into {keep} meanwhile"]
    assert rows(store, "email_address") == []


def test_details_are_not_merged_by_themselves(store: Store) -> None:
    with pytest.raises(UsageError, match="not merged by themselves"):
        merge(store, "email_address", [MergeGroup((1, 2))], MARIA)
