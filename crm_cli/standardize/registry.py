"""Which function standardizes which semantic type. Each is imported when its type is first met: some are heavy."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.rules import Rule
from crm_cli.standardize.values import EMPTY, Context, Standard, Standardizer

__all__ = ["REGISTRY", "all_rules", "rule_named", "standardize", "standardizer"]

_T = SemanticType
_NO_CONTEXT = Context()
REGISTRY: dict[SemanticType, tuple[str, str] | None] = {
    _T.GIVEN_NAME: ("person_names", "standardize_given_name"),
    _T.FAMILY_NAME: ("person_names", "standardize_family_name"),
    _T.PERSON_NAME: ("person_names", "standardize_person_name"),
    _T.COMPANY_NAME: ("companies", "standardize_company"),
    _T.EMAIL: ("emails", "standardize_email"),
    _T.PHONE: ("phones", "standardize_phone"),
    _T.STREET: ("streets", "standardize_street"),
    _T.CITY: ("cities", "standardize_city"),
    _T.POSTAL_CODE: ("postal_codes", "standardize_postal_code"),
    _T.REGION: ("regions", "standardize_region"),
    _T.COUNTRY: ("countries", "standardize_country"),
    _T.URL: ("urls", "standardize_url"),
    _T.DATE: ("dates", "standardize_date"),
    _T.TIMESTAMP: ("timestamps", "standardize_timestamp"),
    _T.MONEY: ("numbers", "standardize_money"),
    _T.CURRENCY: ("simple", "standardize_currency"),
    _T.INTEGER: ("numbers", "standardize_integer"),
    _T.NUMBER: ("numbers", "standardize_number"),
    _T.BOOLEAN: ("simple", "standardize_boolean"),
    _T.ENUM: ("simple", "standardize_enum"),
    _T.IDENTIFIER: ("simple", "standardize_identifier"),
    _T.TEXT: ("text", "standardize_text"),
    _T.NOTE: ("text", "standardize_note"),
    _T.REFERENCE: None,  # the key of another record: resolved, never rewritten
    _T.JSON: None,  # data of programs
}
_RULE_FILES = ("text", *dict.fromkeys(place[0] for place in REGISTRY.values() if place))


@cache
def standardizer(kind: SemanticType) -> Standardizer | None:
    """Return the function for a semantic type; None for the types whose values are left alone."""
    place = REGISTRY[kind]
    if place is None:
        return None
    return cast("Standardizer", getattr(import_module(f"crm_cli.standardize.{place[0]}"), place[1]))


def standardize(kind: SemanticType, value: str | None, context: Context = _NO_CONTEXT) -> Standard:
    """Return the standard form of one value, its parts, what is wrong with it, and the rules that changed it."""
    if value is None or not value:
        return EMPTY
    function = standardizer(kind)
    return function(value, context) if function else Standard(value)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule of the room, sorted by code."""
    found: dict[str, Rule] = {}
    for name in _RULE_FILES:
        for rule in cast("tuple[Rule, ...]", import_module(f"crm_cli.standardize.{name}").RULES):
            found[rule.code] = rule
    return tuple(found[code] for code in sorted(found))


def rule_named(code: str) -> Rule | None:
    """Return the rule with this code, or None."""
    return next((rule for rule in all_rules() if rule.code == code.upper()), None)
