from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_cli.dictionary import Dictionary, EntityRole, UnknownFieldError, shipped
from crm_cli.query import ConditionError, Selection, compile_where, paths, record_ids
from crm_cli.store import Store

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

CASES = [
    ("contact", "given_name = 'ann'", [3, 4]),
    ("contact", "GIVEN_NAME = 'aNN'", [3, 4]),
    ("contact", "given_name <> 'ann'", []),
    ("contact", "family_name = 'MÜLLER'", [3]),
    ("contact", "family_name = 'o''neil'", [4]),
    ("contact", "family_name = '王'", [5]),
    ("contact", "not given_name = 'ann' or given_name is null", [5]),
    ("contact", "given_name is not null", [3, 4]),
    ("contact", "not (given_name is not null)", [5]),
    ("contact", "family_name in ('müller', '王')", [3, 5]),
    ("contact", "family_name not in ('müller', '王')", [4]),
    ("contact", "birth_date = '1980-02-29'", [3]),
    ("contact", "birth_date >= date '1980-02-29' and birth_date < today()", [3, 5]),
    ("contact", "birth_date between '1980-01-01' and '1999-12-30'", [3]),
    ("contact", "birth_date not between '1980-01-01' and '1999-12-30'", [5]),
    ("contact", "'1990-01-01' < birth_date", [5]),
    ("contact", "email = 'ANN@acme.example'", [3]),
    ("contact", "home_email = 'second@acme.example'", [3]),
    ("contact", "email is null", [5]),
    ("contact", "email like 'ann%'", [3, 4]),
    ("contact", r"email like 'ann\_100\%@%'", [4]),
    ("contact", "email like 'ann!_100!%@%' escape '!'", [4]),
    ("contact", "email not like '%100%'", [3]),
    ("contact", "email not like '%100!%%' escape '!'", [3]),
    ("contact", "phone = '+1 (212) 555-0123'", [3]),
    ("contact", "mobile like '%0199'", [3]),
    ("contact", "work_phone is null", [4, 5]),
    ("contact", "city = 'KÖLN' and country = 'de'", [3]),
    ("contact", "city = 'new york'", [4]),
    ("contact", "postal_code = 01234", [4]),
    ("contact", "account.name = 'strasse & söhne'", [3]),
    ("contact", "account.owner.email = 'maria@us.example'", [3]),
    ("contact", "account.owner.manager = 'Maria'", [4]),
    ("contact", "owner = 'LI'", [4]),
    ("contact", "owner is null", [5]),
    ("contact", "owner.active", [3]),
    ("contact", "not owner.active", [4]),
    ("contact", "owner.active is not true", [4, 5]),
    ("contact", "owner.active = false", [4]),
    ("contact", "owner.team.name = 'north'", [3]),
    ("contact", "reports_to.email = 'ann@acme.example'", [5]),
    ("contact", "given_name = account.name", []),
    ("contact", "account.owner_id = owner_id", [3, 4]),
    ("contact", "status = 'Customer'", [3]),
    ("contact", "colour = 'Red'", [3]),
    ("contact", "lower(custom.colour) = 'RED'", [3, 4]),
    ("contact", "colour like 'r%'", [4]),
    ("contact", "custom.visits > 5", [4]),
    ("contact", "score < 0 or score = 1.5", [3, 4]),
    ("contact", "vip", [3]),
    ("contact", "not vip", [4]),
    ("contact", "vip is null", [5]),
    ("contact", "met_on < '2020-03-01'", [3]),
    ("contact", "colour is null", [5]),
    ("contact", "length(family_name) = 1", [5]),
    ("contact", "length(family_name) = 6", [3, 4]),
    ("contact", "upper(given_name) = 'Ann'", [3, 4]),
    ("contact", "coalesce(given_name, '') = ''", [5]),
    ("contact", "coalesce(owner.username, account.name, 'nobody') = 'nobody'", [5]),
    ("contact", "id in (3, 5) and id <> 3", [5]),
    ("contact", "created_at < now()", []),
    ("contact", "created_at > now() - interval '20 years'", [3, 4, 5]),
    ("contact", "true", [3, 4, 5]),
    ("contact", "false or ((id = 3))", [3]),
    ("account", "name = 'acme inc.'", [2]),
    ("account", "name like 'ACME_inc%'", [2]),
    ("account", "name like '% söhne'", [1]),
    ("account", "employees > 11.5", [2]),
    ("account", "annual_revenue > 800", [1, 2]),
    ("account", "annual_revenue = 900", [2]),
    ("account", "annual_revenue between 250000 and 250000.00", [1]),
    ("account", "parent.name is null", [1, 2]),
    ("opportunity", "amount > 1000", [1, 4]),
    ("opportunity", "amount >= 1000", [1, 2, 4]),
    ("opportunity", "amount = 1000.5", [4]),
    ("opportunity", "amount in (1000, 1000.01)", [1, 2]),
    ("opportunity", "coalesce(amount, 0) = 0", [3]),
    ("opportunity", "amount < -1", []),
    ("opportunity", r"name like '50\%%'", [2]),
    ("opportunity", "name like '50_ off'", [2, 3]),
    ("opportunity", "name like '%[/b]%'", [1]),
    ("opportunity", "closed_at = '2026-05-31'", [2]),
    ("opportunity", "closed_at <> '2026-05-31'", [3]),
    ("opportunity", "closed_at > '2026-05-31'", [3]),
    ("opportunity", "closed_at <= '2026-05-31'", [2]),
    ("opportunity", "closed_at between '2026-05-01' and '2026-05-31'", [2]),
    ("opportunity", "closed_at in ('2026-05-31', '2026-06-01')", [2, 3]),
    ("opportunity", "closed_at < '2026-06-01 02:00+02:00'", [2]),
    ("opportunity", "expected_close_on = today() - 1", [1]),
    ("opportunity", "expected_close_on < current_date - interval '1 month'", []),
    ("opportunity", "expected_close_on <= today() - interval '1 day'", [1]),
    ("opportunity", "probability = 0.1", [1]),
    ("opportunity", "probability = 0.30000000000000004", [2]),
    ("opportunity", "probability = 0.3", []),
    ("opportunity", "account.owner.username = 'li' and stage in ('won', 'lost')", [2, 3]),
    ("opportunity", "contact.account.name like 'stras%'", [4]),
    ("activity", "party.contact.email = 'ann@acme.example'", [1]),
    ("activity", "party.account.name = 'acme inc.'", [2]),
    ("activity", "party.kind = 'account'", [2]),
    ("activity", "opportunity.stage = 'won'", [2]),
]


def test_conditions_select_the_same_records_on_every_database(company: Store) -> None:
    wrong = []
    with company.read() as connection:
        for entity, text, expected in CASES:
            condition = compile_where(company.dictionary, entity, text, now=NOW, today=TODAY)
            found = record_ids(company, connection, Selection(entity=entity, where=condition))
            if found != expected:
                wrong.append((text, found, expected))
    assert wrong == []


LOS_ANGELES, AUCKLAND = ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Auckland")  # 7 hours behind, 12 ahead
IN_ZONES = [
    (LOS_ANGELES, "closed_at = '2026-05-31'", [2, 3]),
    (LOS_ANGELES, "closed_at = '2026-06-01'", []),
    (LOS_ANGELES, "closed_at >= '2026-05-31 17:00'", [3]),
    (LOS_ANGELES, "closed_at < timestamp '2026-05-31 17:00'", [2]),
    (LOS_ANGELES, "closed_at < '2026-06-01 00:00+00:00'", [2]),
    (LOS_ANGELES, "closed_at >= today() + interval '17 hours'", [3]),
    (LOS_ANGELES, "closed_at = today()", [2, 3]),
    (LOS_ANGELES, "expected_close_on = today()", [1]),
    (LOS_ANGELES, "expected_close_on = now()", [1]),
    (AUCKLAND, "closed_at = '2026-06-01'", [2, 3]),
    (AUCKLAND, "closed_at = '2026-05-31'", []),
    (AUCKLAND, "expected_close_on = today() - 1", [1]),
]


def test_days_begin_in_the_zone_of_who_asks(company: Store) -> None:
    asked = datetime(2026, 6, 1, 3, tzinfo=UTC)
    wrong = []
    with company.read() as connection:
        for zone, text, expected in IN_ZONES:
            condition = compile_where(company.dictionary, "opportunity", text, now=asked, zone=zone)
            found = record_ids(company, connection, Selection(entity="opportunity", where=condition))
            if found != expected:
                wrong.append((zone, text, found, expected))
    assert wrong == []


def test_a_store_opened_in_a_zone_asks_in_it(company: Store) -> None:
    there = Store(company.url, company.engine, company.dictionary, LOS_ANGELES)
    chosen = Selection(entity="opportunity", where="closed_at = '2026-05-31'")
    with there.read() as connection:
        assert record_ids(there, connection, chosen) == [2, 3]
        assert record_ids(there.bound_to(connection), connection, chosen) == [2, 3]
        assert record_ids(company, connection, chosen) == [2]


def test_every_field_and_path_can_be_asked_for_on_every_database(company: Store) -> None:
    with company.read() as connection:
        for entity in company.dictionary.records:
            names = [one.name for one in paths(company.dictionary, entity, depth=1) if one.type != "json"]
            for start in range(0, len(names), 8):  # MariaDB joins at most 61 tables
                text = " or ".join(f"{name} is null and not {name} is null" for name in names[start : start + 8])
                assert record_ids(company, connection, Selection(entity=entity.name, where=text)) == []


REFUSED = [
    ("given_nam = 'x'", "no field 'given_nam'", "given_name"),
    ("account.ownr.email = 'x'", "account has no reference 'ownr'", "owner"),
    ("owner.emial = 'x'", "user has no field 'emial'", "email"),
    ("custom.color = 'red'", "no added field 'color'", "custom.colour"),
    ("reports_to = 'Ann'", "not a value", "reports_to.given_name"),
    ('given_name = "Ann"', "no field 'Ann'", "single quotes"),
    ("status = 'custommer'", "never 'custommer'", "customer"),
    ("birth_date > 'soon'", "not a date", "2026-05-31"),
    ("birth_date > '2026-02-30'", "not a date", "2026-05-31"),
    ("birth_date = 5", "is a date", "today()"),
    ("visits > 'many'", "is a number", ""),
    ("visits = 99999999999999999999", "too large", ""),
    ("visits = 1e999999999", "too large", ""),
    ("given_name = null", "never true", "is null"),
    ("1 = 1", "needs a field", ""),
    ("given_name", "alone is no condition", "="),
    ("given_name = birth_date", "can't be compared", "same kind"),
    ("birth_date + 30 > today()", "can't be calculated", "other side"),
    ("birth_date < today() + given_name", "", ""),
    ("(select 1) = 1", "not allowed", "allowed are"),
    ("id in (select id from contact)", "list of values", "country in"),
    ("exists (select 1)", "not allowed", "allowed are"),
    ("drop table contact", "not allowed", "allowed are"),
    ("id = 1; drop table contact", "semicolons", ""),
    ("id = 1 union select 2", "not allowed", "allowed are"),
    ("pg_sleep(9)", "pg_sleep()", "allowed are"),
    ("length(pg_sleep(9)) = id", "", ""),
    ("id between symmetric 5 and 1", "not allowed", "allowed are"),
    ("given_name ~ 'a'", "not allowed", "allowed are"),
    ("given_name = any('{a}')", "", ""),
    ("case when id = 1 then true end", "not allowed", "allowed are"),
    ("cast(id as text) = '1'", "not allowed", "allowed are"),
    ("id = ", "cannot understand", "single quotes"),
    ("id = 'unclosed", "cannot understand", "single quotes"),
    ("", "empty", "--where"),
    ("   ", "empty", "--where"),
    ("extra = 'x'", "can't be compared", "custom.NAME"),
    ("interval '1 day' = birth_date", "interval alone", "today()"),
    ("birth_date > today() + 99999999", "outside the calendar", ""),
    ("created_at = '9999-12-31'", "outside the calendar", ""),
    ("created_at > '0001-01-01 00:00+09:00'", "outside the calendar", ""),
    ("created_at > now() - interval '5 fortnights'", "interval", "days"),
    ("id like '1%'", "like compares a text", ""),
    ("lower(id) = 'x'", "takes a text", ""),
    ("given_name like 'a' escape 'ab'", "one character", "escape"),
    ("given_name is true", "takes null", ""),
    ("coalesce(1, given_name) = 'x'", "coalesce takes fields", "coalesce(amount, 0)"),
    ("given_name || 'x' = 'y'", "not allowed", "allowed are"),
    ("*", "", ""),
]


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED, ids=[case[0][:40] or "empty" for case in REFUSED])
def test_what_is_no_condition_is_refused_with_what_where_and_cure(
    dictionary: Dictionary, text: str, message: str, hint: str
) -> None:
    with pytest.raises((ConditionError, UnknownFieldError)) as caught:
        compile_where(dictionary, "contact", text)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_the_place_of_the_fault_is_named() -> None:
    with pytest.raises(UnknownFieldError, match=r"character 11 of the condition") as caught:
        compile_where(shipped(), "contact", "id = 3 or citty = 'x'")
    assert caught.value.facts["position"] == 11


def test_long_chains_are_no_problem_and_deep_nesting_is_refused() -> None:
    compile_where(shipped(), "contact", " or ".join(f"id = {number}" for number in range(1_000)))
    with pytest.raises(ConditionError):
        compile_where(shipped(), "contact", "(" * 9_000 + "id = 1" + ")" * 9_000)


def test_every_public_name_of_every_record_parses_bare() -> None:
    refused = []
    for entity in shipped():
        if entity.role is EntityRole.MACHINERY:
            continue
        for name in entity.public_names:
            try:
                compile_where(shipped(), entity, f"{name} is null")
            except ConditionError as fault:
                refused.append((entity.name, name, fault.message))
    assert refused == []


def test_the_examples_of_the_guide_are_understood(dictionary: Dictionary) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
    examples = guide.split("```sql\n")[1].split("```")[0].splitlines()
    assert len(examples) > 4
    for text in examples:
        entity = "opportunity" if "amount" in text else "contact"
        compile_where(dictionary, entity, text)
