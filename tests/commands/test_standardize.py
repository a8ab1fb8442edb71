"""`crm standardize`: what each rule would do, how often and to which values; what no rule understood."""

from __future__ import annotations

import pytest

from crm_cli.history import Author, operation
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner


@pytest.fixture
def stocked(crm: CrmRunner) -> CrmRunner:
    crm("init").ok()
    store = Store.open(crm.folder / "crm.db")
    with operation(store, "add", Author("tester", "test")) as op:
        names = ["SMITH", "JONES", "BROWN", "DAVIS", "Miller"]
        ids = op.insert("contact", [{"given_name": "Ann", "family_name": name} for name in names])
        phones = ["(212) 736-5000", "ask Bob", "ask Bob", "ring twice", "+12127365001"]
        points = zip(ids, phones, strict=True)
        op.insert("phone_number", [{"party_id": one, "value": phone, "standard": phone} for one, phone in points])
    store.close()
    return crm


def test_a_dry_run_shows_before_and_after_by_rule_and_what_is_not_understood(stocked: CrmRunner) -> None:
    seen = stocked("standardize", "contact", "--country", "US", "--dry-run").ok()
    lines = [" ".join(line.split()) for line in seen.lines]
    case = "contact.family_name N101 The case of names that were typed all in capitals or all in small letters 4"
    assert f"{case} SMITH Smith" in lines
    assert lines[lines.index(f"{case} SMITH Smith") + 1] == "JONES Jones"
    assert any(line.startswith("phone.standard P101 E.164") and line.endswith(" +12127365000") for line in lines)
    assert lines[lines.index("not understood") + 2 :] == ["phone.value ask Bob 2", "phone.value ring twice 1"]
    assert "would change 4 of 5 records" in seen.stderr
    assert stocked("standardize", "contact", "--country", "US", "--dry-run").stdout == seen.stdout


def test_json_has_all_samples_and_all_that_is_not_understood(stocked: CrmRunner) -> None:
    document = stocked("standardize", "contact", "--country", "US", "--dry-run", "--json").ok().json
    assert (document["operation"], document["records"], document["changed"]) == (None, 5, 4)
    assert [(one["field"], one["rule"], one["count"]) for one in document["rules"]] == [
        ("contact.family_name", "N101", 4),
        ("phone.standard", "P101", 1),
    ]
    assert document["rules"][0]["samples"] == [
        {"before": "SMITH", "after": "Smith"},
        {"before": "JONES", "after": "Jones"},
        {"before": "BROWN", "after": "Brown"},
    ]
    assert document["not_understood"] == [
        {"field": "phone.value", "value": "ask Bob", "count": 2},
        {"field": "phone.value", "value": "ring twice", "count": 1},
    ]


def test_rules_are_chosen_by_code_or_its_beginning(stocked: CrmRunner) -> None:
    def fields(*options: str) -> list[str]:
        document = stocked("standardize", "contact", "--country", "US", "--dry-run", "--json", *options).ok().json
        return [one["field"] for one in document["rules"]]

    assert fields("--ignore", "N") == ["phone.standard"]
    assert fields("--select", "N101") == ["contact.family_name"]
    assert fields("--select", "P,N", "--ignore", "P1") == ["contact.family_name"]


def test_it_writes_one_operation_that_is_taken_back_by_one(stocked: CrmRunner) -> None:
    done = stocked("standardize", "contact", "--country", "US").ok()
    assert "changed 4 of 5 records" in done.stderr
    assert stocked("contact", "show", "1", "--json").ok().json["record"]["family_name"] == "Smith"
    assert "would change 0 of 5" in stocked("standardize", "contact", "--country", "US", "--dry-run").ok().stderr
    stocked("undo", "2", "--yes").ok()
    assert stocked("contact", "show", "1", "--json").ok().json["record"]["family_name"] == "SMITH"


def test_a_file_is_no_entity_and_the_command_for_it_is_named(crm: CrmRunner) -> None:
    crm("init").ok()
    (crm.folder / "my people.csv").write_text("name\nAnn\n")
    refused = crm("standardize", "my people.csv")
    assert refused.exit_code == 2
    assert "crm clean 'my people.csv' --standardize-only" in refused.stderr
