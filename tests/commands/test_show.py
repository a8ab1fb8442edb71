"""The whole view of one record as its users see it."""

from __future__ import annotations

import re

from crm_cli.history import Author, operation
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner

_PEOPLE = """id,first name,last name,email,phone,company
c-1,Ann,Smith,ann.smith@acme.example,+49 30 901820,Acme Ltd
c-2,Anne,Smith,ann.smith@acme.example,+49 30 901820,Acme Ltd
c-3,Bob,Jones,bob@other.example,+49 30 5550100,Other
c-4,Ann,Smith,ann.smith@acme.example,+49 30 901820,Acme Ltd
"""
_SCREEN = """record
id           2
given_name   Ann
family_name  Smith
company      Acme Ltd
job_title    A [/b][31m
status       prospect
account_id   1 Acme Ltd.
public_id    ULID
created_at   MOMENT
updated_at   MOMENT
extra        {"@original": {"job_title": "A [/b]\\u001b[31m"}}

emails
value                   kind         standing
ann.smith@acme.example  work, first  unverified

phones
value        kind         standing  as_given
+4930901820  work, first  ! wrong   +49 30 901820

opportunities (the newest 10; 2 more)
OPPORTUNITIES

relationships
relation    party  title
reports to      4  Bob Jones

freshness
group       state                  last held   how     by
email       ! probably dead (NN%)  2023-01-31  import  people.csv
employment  fresh                  TODAY  edit    tester
identity    fresh                  2023-01-31  import  people.csv
phone       ! dead                 2023-01-31  verify  tester

open findings
severity  policy                 fix
error     contact-stale-email    crm audit reverify contact-stale-email
error     contact-stale-phone    crm audit reverify contact-stale-phone
warn      contact-shared-email   crm dedupe find contact
warn      contact-without-owner  crm territory assign contact --dry-run
warn      contact-wrong-phone    crm standardize contact --dry-run

possible duplicates
title       probability  review
Anne Smith       0.NNNN  crm dedupe explain contact 2 3

merged from
id  title      merged      by      operation
 5  Ann Smith  TODAY  tester          3

sources
source      external_id  last seen   file
people.csv  c-1          2023-01-31  people.csv
people.csv  c-4          2023-01-31  people.csv

last operations
operation  kind    on          by
NUMBER  verify  TODAY  tester
        4  set     TODAY  tester
        2  import  TODAY  tester
"""


def rich(crm: CrmRunner) -> None:
    """Ann: imported long ago, merged with her double, with a boss, a dead telephone, and a dozen opportunities."""
    crm("account", "add", "name=Acme Ltd", "rating=A").ok()
    crm.write("people.csv", _PEOPLE)
    crm("import", "people.csv", "--into", "contact", "--key", "id", "--as-of", "2023-01-31", "--country", "DE").ok()
    crm("dedupe", "merge", "contact", "2", "5", "--survivor", "2", "--yes").ok()
    crm("contact", "set", "account=1", "job_title=A [/b]\x1b[31m", "2").ok()
    crm("relationship-type", "add", "name=reports to", "inverse_name=leads").ok()
    crm("relationship", "add", "type=1", "party=2", "other_party=4").ok()
    with Store.open(crm.folder / "crm.db") as store, operation(store, "add", Author("tester")) as op:
        op.insert("opportunity", [{"name": f"Pump {number}", "contact_id": 2, "stage": "won"} for number in range(12)])
    crm("verify", "contact", "2", "--phone", "dead").ok()
    crm("dedupe", "find", "contact").ok()
    crm("audit", "run")


def plain(text: str) -> str:
    """The screen without what differs from day to day."""
    text = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{26}\b", "ULID", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\S+", "MOMENT", text)
    text = re.sub(r"(?!2023)\d{4}-\d\d-\d\d", "TODAY", text)
    text = re.sub(r"\(\d+%\)", "(NN%)", re.sub(r"0\.\d{2,4}(?= )", "0.NNNN", text))
    text = re.sub(r" +\d+(?=  verify)", "NUMBER", text)
    return re.sub(r"(2 more\)\n).*?\n\n", r"\1OPPORTUNITIES\n\n", text, flags=re.DOTALL)


def test_a_record_is_shown_whole_within_80_columns_and_as_json(project: CrmRunner) -> None:
    rich(project)
    shown = project("contact", "show", "2").ok()
    assert plain(shown.stdout) == _SCREEN
    assert max(map(len, shown.lines)) <= 80
    document = project("contact", "show", "2", "--json").ok().json
    assert document["left_out"] == {"opportunities": 2}
    assert [row["name"] for row in document["opportunities"]][:2] == ["Pump 11", "Pump 10"]
    assert {row["group"]: row["state"] for row in document["confirmed"]}["phone"] == "dead"
    assert document["duplicates"][0]["id"] == 3
    assert document["merged from"][0]["operation"] == 3
    assert {row["policy"] for row in document["findings"]} >= {"contact-stale-email", "contact-wrong-phone"}
    account = project("account", "show", "1").ok()
    assert "rating       A" in re.sub(r"rating +A", "rating       A", account.stdout)
    assert "contacts\n" in account.stdout, "the people of an account"


def test_a_decided_pair_is_no_possible_duplicate_any_more(project: CrmRunner) -> None:
    project.write("people.csv", _PEOPLE)
    project("import", "people.csv", "--into", "contact", "--key", "id", "--country", "DE").ok()
    project("dedupe", "find", "contact").ok()
    first = project("contact", "show", "2", "--json").ok().json["duplicates"]
    assert {row["id"] for row in first} >= {1}
    project("dedupe", "decide", "contact", "1", "2", "different").ok()
    left = project("contact", "show", "2", "--json").ok().json.get("duplicates", [])
    assert 1 not in {row["id"] for row in left}
