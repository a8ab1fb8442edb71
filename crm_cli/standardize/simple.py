"""Values of one word: identifiers, truth values, choices from a list, currencies."""

from __future__ import annotations

import re
from functools import cache

from crm_cli.dictionary import SemanticType, fold
from crm_cli.errors import did_you_mean
from crm_cli.standardize.money_words import ISO_CURRENCIES, currency_of
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "standardize_boolean", "standardize_currency", "standardize_enum", "standardize_identifier"]

_ID, _BOOL, _ENUM, _CUR = SemanticType.IDENTIFIER, SemanticType.BOOLEAN, SemanticType.ENUM, SemanticType.CURRENCY
_CHOICES = Context(choices=("customer", "on_hold"))
RULES = (
    Rule("I201", "A decimal part .0 that a spreadsheet added to a number is dropped", (_ID,),
         (Example("4711.0", "4711", Context(unsafe=True)),)),
    Rule("I301", "Number was damaged by a spreadsheet: its last digits are lost", (_ID,),
         (Example("1.23457E+15", "1.23457E+15"),)),
    Rule("B101", "true or false for the words and signs of many languages", (_BOOL,),
         (Example("Ja", "true"), Example("n", "false"), Example("否", "false"))),
    Rule("B300", "Neither yes nor no", (_BOOL,), (Example("maybe", None),)),
    Rule("V101", "The spelling of the list of allowed values", (_ENUM,),
         (Example("On Hold", "on_hold", _CHOICES), Example("CUSTOMER", "customer", _CHOICES))),
    Rule("V300", "Not in the list of allowed values", (_ENUM,), (Example("custmer", "custmer", _CHOICES),)),
    Rule("Y101", "The code of ISO 4217 for signs and names of a currency", (_CUR,),
         (Example("€", "EUR"), Example("us dollar", "USD"), Example("Fr.", "CHF"))),
    Rule("Y300", "Currency not recognized", (_CUR,), (Example("doubloons", "doubloons"),)),
)  # fmt: skip

_SCIENTIFIC = re.compile(r"\d[.,]\d+E\+\d{1,2}").fullmatch
_FLOATED = re.compile(r"(\d+)[.,]0").fullmatch
_YES = (
    "true t yes y 1 on x ok ja j si s oui o sim da tak t ano kylla evet e igen tak nai hai vero wahr vrai verdadero "
    "verdadeiro waar ✓ ✔ ☑ 是 对 有 真 はい 有り 예 네 да д истина نعم כן"
)
_NO = (
    "false f no n 0 off nein non nao ne nie nej ei hayir h nem ochi iie falso falsch faux onwaar nee ✗ ✘ ☐ 否 不 "
    "无 無 没有 假 いいえ 아니오 아니요 нет н ложь لا לא"
)


def standardize_identifier(value: str, context: Context) -> Standard:
    """Return the identifier without blanks around it. Letters, zeros and signs stay: identifiers compare exactly."""
    draft = tidy(value, context)
    if _SCIENTIFIC(draft.value):
        draft.flag("I301", "A spreadsheet rounded this number; take it again from its source, as text")
    if floated := _FLOATED(draft.value):
        draft.change("I201", floated[1])
    return draft.done()


@cache
def _truths() -> dict[str, str]:
    return dict.fromkeys(_NO.split(), "false") | dict.fromkeys(_YES.split(), "true")


def standardize_boolean(value: str, context: Context) -> Standard:
    """Return "true" or "false"; None when it is neither."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    from crm_cli.standardize.places import place_key

    key = place_key(draft.value) or draft.value
    truth = _truths().get(key) or {"1 0": "true", "0 0": "false"}.get(key)
    if truth is None:
        return draft.unknown("B300", f'"{draft.value}" says neither yes nor no', keep=False)
    draft.change("B101", truth)
    return draft.done()


def _choice_key(text: str) -> str:
    return (fold(text) or "").replace("_", " ").replace("-", " ")


def standardize_enum(value: str, context: Context) -> Standard:
    """Return the allowed value of `context.choices` that is meant; without choices the tidied text."""
    draft = tidy(value, context)
    if not draft.value or not context.choices:
        return draft.done()
    key = _choice_key(draft.value)
    chosen = next((choice for choice in context.choices if _choice_key(choice) == key), None)
    if chosen is None:
        guess = did_you_mean(draft.value, context.choices)
        allowed = ", ".join(context.choices)
        return draft.unknown("V300", f'"{draft.value}" is not one of: {allowed}' + (f"; {guess}" if guess else ""))
    draft.change("V101", chosen)
    return draft.done()


def standardize_currency(value: str, context: Context) -> Standard:
    """Return the three-letter code of ISO 4217."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    code = currency_of(draft.value, context.country)
    if code is None or code not in ISO_CURRENCIES:
        return draft.unknown("Y300", f'No currency is called "{draft.value}"')
    draft.change("Y101", code)
    return draft.done()
