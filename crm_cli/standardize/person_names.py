"""Names of persons: spacing, case, order, and their parts (title, given, middle, family, suffix)."""

from __future__ import annotations

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.full_names import looked_at
from crm_cli.standardize.name_case import has_one_case, name_case
from crm_cli.standardize.name_checks import drop_brackets, inspect_name, joined
from crm_cli.standardize.name_pieces import are_initials
from crm_cli.standardize.name_words import NICKNAMES
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "standardize_family_name", "standardize_given_name", "standardize_person_name"]

_FULL, _GIVEN, _FAMILY = SemanticType.PERSON_NAME, SemanticType.GIVEN_NAME, SemanticType.FAMILY_NAME
_ALL = (_FULL, _GIVEN, _FAMILY)
_UNSAFE = Context(unsafe=True)
_LOOKS = 4  # after so many a name settles, or is left alone
RULES = (
    Rule("N101", "The case of names that were typed all in capitals or all in small letters", _ALL,
         (Example("JOHN MCDONALD", "John McDonald"), Example("o'brien", "O'Brien", kind=_FAMILY),
          Example("VAN DER BERG", "van der Berg", kind=_FAMILY), Example("JEAN-PIERRE", "Jean-Pierre", kind=_GIVEN),
          Example("MACKENZIE", "Mackenzie", kind=_GIVEN), Example("MACKENZIE", "MacKenzie", kind=_FAMILY))),
    Rule("N102", "Given name first where it stood after a comma, if the family name can still be told", (_FULL,),
         (Example("Smith, John Q.", "John Q. Smith"), Example("Smith, John, Jr.", "John Smith Jr."),
          Example("Smith Jones, Mary", "Smith Jones, Mary"))),
    Rule("N103", "Titles and suffixes in their usual spelling", (_FULL,),
         (Example("dr John Smith jr", "Dr. John Smith Jr."), Example("John Smith, Ph.D.", "John Smith PhD"),
          Example("Müller, Hans, Prof Dr med", "Prof. Dr. med. Hans Müller"))),
    Rule("N104", "A family name in capitals beside a given name in mixed case", (_FULL,),
         (Example("Jean DUPONT", "Jean Dupont"), Example("DUPONT Jean", "Jean Dupont"),
          Example("Peter CHAN Tai Man", "Peter Chan Tai Man"), Example("DUPONT MARTIN Jean", "Dupont Martin, Jean"))),
    Rule("N105", "No blanks inside Chinese, Japanese and Korean names; none around hyphens and apostrophes", _ALL,
         (Example("王 小明", "王小明"), Example("O ' Brien", "O'Brien", kind=_FAMILY))),
    Rule("N106", "A name in Chinese, Japanese or Korean script before its Latin spelling, that in brackets", (_FULL,),
         (Example("Wang Xiaoming (王小明)", "王小明 (Wang Xiaoming)"),
          Example("王小明 WANG Xiaoming", "王小明 (Wang Xiaoming)"))),
    Rule("N107", "A nickname before the family name, a name at birth in brackets behind it", (_FULL,),
         (Example("Jane Doe née Smith", "Jane Doe (née Smith)"), Example('"Bob" Robert Smith', 'Robert "Bob" Smith'))),
    Rule("N201", "Short forms of given names are spelled out", (_GIVEN, _FULL),
         (Example("Bill", "William", _UNSAFE, _GIVEN), Example("Bob Smith", "Robert Smith", _UNSAFE, _FULL))),
    Rule("N202", "Words in brackets or quotes are dropped (nicknames, former names)", _ALL,
         (Example("Robert (Bob) Smith", "Robert Smith", Context(select=frozenset({"N202"}))),)),
    Rule("N301", "Digits in a name", _ALL, (Example("J0hn", "J0hn", kind=_GIVEN),)),
    Rule("N302", "Signs that no name has", _ALL, (Example("Ann@Lee", "Ann@Lee"),)),
    Rule("N303", "The name cannot be divided into given and family name", (_FULL,), (Example("Madonna", "Madonna"),)),
    Rule("N304", "More than one person", (_FULL,), (Example("John and Mary Smith", "John and Mary Smith"),)),
    Rule("N305", "Looks like a company, not a person", (_FULL,), (Example("Acme Trading GmbH", "Acme Trading GmbH"),)),
    Rule("N306", "Looks like made up for a test", _ALL, (Example("Asdf", "Asdf", kind=_GIVEN),)),
)  # fmt: skip


def standardize_given_name(value: str, context: Context) -> Standard:
    """Return the given name or names."""
    draft = _component(value, context, given=True)
    if full := NICKNAMES.get(draft.value.lower()):
        draft.change("N201", full)
    return draft.done()


def standardize_family_name(value: str, context: Context) -> Standard:
    """Return the family name; particles as the country writes them."""
    return _component(value, context, given=False).done()


def _component(value: str, context: Context, *, given: bool) -> Draft:
    draft = tidy(value, context)
    drop_brackets(draft)
    draft.change("N105", joined(draft.value))
    one_case = has_one_case(draft.value) and not (given and are_initials(draft.value))
    if one_case and draft.change("N101", name_case(draft.value, context.country, given=given)):
        draft.change("N105", joined(draft.value))  # a letter that has become one with its mark can be joined now
    inspect_name(draft)
    return draft


def standardize_person_name(value: str, context: Context) -> Standard:
    """Return a full name in its natural order: title, given, middle, family, suffix; East Asian names family first.

    Parts `title`, `given`, `middle`, `family`, `suffix`, `nickname`, `birth_name`, `note` for what else stands in
    brackets, and `latin` for a Latin spelling beside another. The parts are those of the standard form: where the
    natural order would not tell the family name, the form "Family, Given" is kept.
    """
    draft = looked_at(value, context)
    return _settled(value, draft, context) if draft.rules and draft.value else draft.done()


def _settled(value: str, first: Draft, context: Context) -> Standard:
    """Return the outcome of looking again until nothing changes: rare, but twice must be once.

    A name that does not settle is returned as it was, tidied.
    """
    rules = list(first.rules)
    draft = first
    for _ in range(_LOOKS):
        before, draft = draft, looked_at(draft.value, context)
        if draft.value == before.value:
            return Standard(draft.value, draft.parts, tuple(draft.issues), tuple(dict.fromkeys(rules)))
        rules += draft.rules
    tidied = tidy(value, context)
    return Standard(tidied.value or None, first.parts, tuple(first.issues), tuple(tidied.rules))
