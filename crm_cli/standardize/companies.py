"""Names of companies: case, spacing, and the legal form in its standard spelling, also apart from the name."""

from __future__ import annotations

import re
import unicodedata

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.company_clauses import Clause, taken_clauses
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.legal_forms import LegalForm, find_form, is_form_alone
from crm_cli.standardize.name_case import has_one_case, word_case
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import NO_PARTS, Context, Standard
from crm_cli.standardize.wordlists import words

__all__ = ["RULES", "company_case", "standardize_company"]

_KINDS = (SemanticType.COMPANY_NAME,)
RULES = (
    Rule("C101", "The case of names typed all in capitals or all in small letters; abbreviations stay", _KINDS,
         (Example("ACME TRADING COMPANY LLC", "Acme Trading Company LLC"), Example("IBM", "IBM"))),
    Rule("C102", "The legal form in its standard spelling, without a comma before it", _KINDS,
         (Example("Acme, incorporated", "Acme Inc."), Example("Müller gmbh & co kg", "Müller GmbH & Co. KG"),
          Example("ооо Ромашка", "ООО Ромашка"), Example("(株)トヨタ", "株式会社トヨタ"))),
    Rule("C103", "dba, t/a, f/k/a, a/k/a, c/o and Attn: in one spelling each", _KINDS,
         (Example("Smith LLC d/b/a Joe's", "Smith LLC dba Joe's"), Example("Acme C/O Ann Lee", "Acme c/o Ann Lee"),
          Example("Bar Ltd. trading as Foo", "Bar Ltd. t/a Foo"), Example("Acme (formerly Apex)", "Acme f/k/a Apex"))),
    Rule("C201", "The legal form is dropped", _KINDS,
         (Example("Acme Inc.", "Acme", Context(select=frozenset({"C201"}))),)),
    Rule("C202", '"The" at the beginning is dropped', _KINDS,
         (Example("The Acme Company", "Acme Company", Context(select=frozenset({"C202"}))),)),
    Rule("C301", "Only a legal form, no name", _KINDS, (Example("GmbH", "GmbH"),)),
    Rule("C303", "A company being founded or wound up", _KINDS, (Example("Foo GmbH i.L.", "Foo GmbH i.L."),)),
    Rule("C302", "A note instead of a name", _KINDS, (Example("Self employed", "Self employed"),)),
)  # fmt: skip

_NOTES = frozenset(
    [
        "self employed",
        "self-employed",
        "selfemployed",
        "freelance",
        "freelancer",
        "retired",
        "unemployed",
        "student",
        "private",
        "privat",
        "none",
        "home",
        "individual",
        "personal",
        "selbständig",
        "rentner",
        "particulier",
        "indépendant",
        "autónomo",
        "个体",
        "个人",
    ]
)
_SHORT_WORDS = words(
    """
    the and of for in on at to by or a an new old big red air sea sun sky oil gas car art bay box bus can cat
    day dog dry ear egg end eye far fit fix fly fun ice ink inn ivy job joy key kid kit lab law lee log low max
    mid mix net nor oak one our own pet pie pro pub raw ray rio rod sat sea set ski spa tax tea tin top toy two
    tub van vet war wax way web wet win yes you zen zoo ad am as be do go he it me my no so up us we san los las
    del de la le el et und der die das van von den bei im co st ann bob dan don jim joe kim ken leo lou meg ned
    pam pat ron roy sam sue ted tim tom fox elm ash pen cup bar sub hot all pan eat gym tan ben ave son inc ltd
    """
)
_SMALL = words("of the and for in on at to by or a an de la le du des del della di da und der die das von et y e")
_QUOTES = '"“”„«»「」『』 '
_LOOKS = 4  # after so many a name settles, or is left alone
_LETTERS = re.compile(r"[^\W\d_]+(?:['’`´][^\W\d_]+)*")


def company_case(text: str) -> str:
    """Return the name of a company in mixed case; what looks like an abbreviation stays in capitals."""
    capitals = text.isupper()
    if capitals and len(text) <= 4 and " " not in text:
        return text
    words = list(_LETTERS.finditer(text))
    out, at = [], 0
    for place, word in enumerate(words):
        out.append(text[at : word.start()])
        out.append(_word(word.group(), first=place == 0, capitals=capitals, beside=text[word.end() : word.end() + 1]))
        at = word.end()
    return unicodedata.normalize("NFC", "".join(out) + text[at:])


def _word(word: str, *, first: bool, capitals: bool, beside: str) -> str:
    small = word.lower()
    if small in _SMALL and not first:
        return small
    abbreviation = (len(word) <= 3 and small not in _SHORT_WORDS) or (
        not set(small) & set("aeiouyäöüéèàáíóúåøæ") and small.isascii()
    )
    if capitals and (abbreviation or (len(word) == 1 and beside in {".", "&"})):
        return word
    return re.sub(r"(['’`´])S$", r"\1s", word_case(word))


def standardize_company(value: str, context: Context) -> Standard:
    """Return the name with its legal form.

    Parts `name` (without the form), `legal_form`, `state` (in liquidation), and what clauses behind the name say:
    `trade_name`, `former_name`, `new_name`, `other_name`, `care_of`, `attention`.
    """
    draft, settled = _looked_at(value, context)
    if settled or not draft.rules or not draft.value:
        return draft.done()
    rules = list(draft.rules)
    for _ in range(_LOOKS):  # "ACME kg" becomes "ACME KG", all of one case
        before, (draft, _) = draft, _looked_at(draft.value, context)
        if draft.value == before.value:
            return Standard(draft.value, draft.parts, tuple(draft.issues), tuple(dict.fromkeys(rules)))
        rules += draft.rules
    tidied = tidy(value, context)
    return Standard(tidied.value or None, NO_PARTS, tuple(tidied.issues), tuple(tidied.rules))


def _looked_at(value: str, context: Context) -> tuple[Draft, bool]:
    """Return the draft, and whether it is known that another look would change nothing: so with a plain name in mixed
    case and its form behind it.
    """
    draft = tidy(value, context)
    if not draft.value:
        return draft, True
    main, clauses = taken_clauses(draft.value)
    one_case = has_one_case(main)
    form = find_form(main, context.country)
    _rewrite(draft, main, form, one_case=one_case)
    if clauses:
        _add_clauses(draft, clauses, one_case=one_case)
    if context.select:
        _unsafe(draft)
    if form is None and is_form_alone(main, context.country):
        draft.flag("C301", f'"{main}" is a legal form without a name')
    if form and form.state:
        draft.flag("C303", f'"{draft.value}" is {form.state}: not a company in business')
    if draft.value.casefold() in _NOTES:
        draft.flag("C302", f'"{draft.value}" is a note, not the name of a company')
    unusual = one_case or clauses or context.select or draft.value.isupper() or not draft.value.isascii()
    return draft, not (unusual or (form and (form.front or form.state)))


def _rewrite(draft: Draft, main: str, form: LegalForm | None, *, one_case: bool) -> None:
    """Write the company anew: the case of its name, then its form."""
    name = form.name if form else main
    cased = name
    if (one_case or (has_one_case(name) and (name.islower() or " " in name))) and draft.context.allows("C101"):
        cased = company_case(name)
        head = main.replace(name, cased, 1)
        draft.change("C101", draft.value.replace(main, head, 1))
        main = head
    if form:
        whole = form.around(cased)
        if whole != main:
            draft.change("C102", draft.value.replace(main, whole, 1))
        draft.part("legal_form", form.standard)
        draft.part("state", form.state)
    draft.part("name", cased.strip(_QUOTES) or cased)


def _add_clauses(draft: Draft, clauses: list[Clause], *, one_case: bool) -> None:
    """Write the clauses behind the name in their usual spelling; they become parts."""
    value = draft.value
    for clause in clauses:
        text = company_case(clause.text) if one_case and draft.context.allows("C101") else clause.text
        value = value.replace(clause.written, f" {clause.usual} {text}", 1)
        draft.part(clause.part, f"{draft.parts[clause.part]}\n{text}" if clause.part in draft.parts else text)
    draft.change("C103", value)


def _unsafe(draft: Draft) -> None:
    """Shorten the name where that was asked for by code."""
    select = draft.context.select
    if "C201" in select and (name := draft.parts.get("name")) and "legal_form" in draft.parts:
        draft.change("C201", name)
    if "C202" in select:
        draft.change("C202", re.sub(r"(?i)^the\s+(?=\w)", "", draft.value))
