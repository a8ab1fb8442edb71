"""Every rule does what its examples say; every semantic type has a standardizer or an explicit none."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import (
    REGISTRY,
    Context,
    Example,
    Rule,
    all_rules,
    rule_named,
    standardize,
    standardizer,
)

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{example.before}") for rule in all_rules() for example in rule.examples
]


def test_every_semantic_type_is_in_the_registry() -> None:
    assert set(REGISTRY) == set(SemanticType)
    assert {kind for kind, place in REGISTRY.items() if place is None} == {SemanticType.REFERENCE, SemanticType.JSON}


@pytest.mark.parametrize("kind", [kind for kind, place in REGISTRY.items() if place])
def test_every_registered_function_can_be_called(kind: SemanticType) -> None:
    function = standardizer(kind)
    assert function is not None
    assert function("   ", Context()).value is None


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_examples_of_rules(rule: Rule, example: Example) -> None:
    outcome = standardize(example.kind or rule.kinds[0], example.before, example.context)
    assert outcome.value == example.after
    mentioned = {*outcome.rules, *(issue.code for issue in outcome.issues)}
    assert rule.code in mentioned or example.before == example.after
    assert standardize(example.kind or rule.kinds[0], outcome.value, example.context).value == outcome.value


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if rule.changes], ids=lambda rule: rule.code)
def test_an_ignored_rule_does_not_run(rule: Rule) -> None:
    example = rule.examples[0]
    context = Context(country=example.context.country, ignore=frozenset({rule.code}))
    outcome = standardize(example.kind or rule.kinds[0], example.before, context)
    assert rule.code not in outcome.rules


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if not rule.safe], ids=lambda rule: rule.code)
def test_unsafe_rules_run_only_on_request(rule: Rule) -> None:
    example = rule.examples[0]
    outcome = standardize(example.kind or rule.kinds[0], example.before, Context(country=example.context.country))
    assert rule.code not in outcome.rules


def test_codes_say_what_a_rule_does() -> None:
    for rule in all_rules():
        assert re.fullmatch(r"[A-Z][123]\d\d", rule.code)
        assert rule.examples, rule.code
    assert rule_named("e101") is not None
    assert rule_named("nothing") is None


def test_selection_by_code_and_by_beginning() -> None:
    messy = "ANN@ACME.com "
    assert standardize(SemanticType.EMAIL, messy).rules == ("T104", "E101")
    assert standardize(SemanticType.EMAIL, messy.strip(), Context(select=frozenset({"E"}))).rules == ("E101",)
    assert standardize(SemanticType.EMAIL, messy, Context(ignore=frozenset({"E1"}))).rules == ("T104",)
    kept = Context(ignore=frozenset({"E"}), select=frozenset({"E101"}))
    assert standardize(SemanticType.EMAIL, messy.strip(), kept).rules == ("E101",)


def test_importing_the_room_loads_no_heavy_library() -> None:
    code = (
        "import sys, crm_cli.standardize; "
        "heavy = {'phonenumbers', 'usaddress', 'email_validator', 'idna', 'fastaddress'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
