"""Names of companies: case, spacing, and the legal form in its standard spelling, also apart from the name."""

from __future__ import annotations

import re
import unicodedata

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.legal_forms import LegalForm, find_form
from crm_cli.standardize.name_case import has_one_case, word_case
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard
from crm_cli.standardize.wordlists import words

__all__ = ["RULES", "company_case", "standardize_company"]

_KINDS = (SemanticType.COMPANY_NAME,)
RULES = (
    Rule("C101", "The case of names typed all in capitals or all in small letters; abbreviations stay", _KINDS,
         (Example("ACME TRADING COMPANY LLC", "Acme Trading Company LLC"), Example("IBM", "IBM"))),
    Rule("C102", "The legal form in its standard spelling, without a comma before it", _KINDS,
         (Example("Acme, incorporated", "Acme Inc."), Example("Müller gmbh & co kg", "Müller GmbH & Co. KG"),
          Example("ооо Ромашка", "ООО Ромашка"), Example("(株)トヨタ", "株式会社トヨタ"))),
    Rule("C103", "dba and c/o in one spelling", _KINDS,
         (Example("Smith LLC d/b/a Joe's", "Smith LLC dba Joe's"), Example("Acme C/O Ann Lee", "Acme c/o Ann Lee"))),
    Rule("C201", "The legal form is dropped", _KINDS,
         (Example("Acme Inc.", "Acme", Context(select=frozenset({"C201"}))),)),
    Rule("C202", '"The" at the beginning is dropped', _KINDS,
         (Example("The Acme Company", "Acme Company", Context(select=frozenset({"C202"}))),)),
    Rule("C301", "Only a legal form, no name", _KINDS, (Example("GmbH", "GmbH"),)),
    Rule("C302", "A note instead of a name", _KINDS, (Example("Self employed", "Self employed"),)),
)  # fmt: skip

_TRADING = re.compile(r"(?i)[\s,]+\(?(?:d\.?\s?/?b\.?\s?/?a\.?|doing business as|trading as|t/a)[\s:,]+([^()]+?)\)?$")
_CARE_OF = re.compile(r"(?i)[\s,]+\(?(?:c/o|care of|℅|z\.\s?hd\.)[\s:,]+([^()]+?)\)?$")
_CLAUSE = re.compile(r"(?i)[/℅]|\bdba\b|\bd\.\s?b\.|care of|doing business|trading as|z\.\s?hd")
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

    Parts `name` (without the form), `legal_form`, `trade_name` (after dba), `care_of`.
    """
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    main = draft.value
    if _CLAUSE.search(main):
        main = _without(draft, _CARE_OF, "care_of", "c/o", main)
        main = _without(draft, _TRADING, "trade_name", "dba", main)
    form = find_form(main, context.country)
    _rewrite(draft, main, form)
    has_clause = any(word in draft.value.casefold() for word in ("c/o", "dba"))
    if draft.rules and (draft.value.isupper() or has_clause) and draft.value != value:
        # "ACME kg" has become "ACME KG", all of one case; a clause can be seen that could not before
        again = standardize_company(draft.value, context)
        rules = tuple(dict.fromkeys((*draft.rules, *again.rules)))
        return Standard(again.value, again.parts, (*draft.issues, *again.issues), rules)
    _unsafe(draft)
    if form is None and find_form(f"x {main}", context.country):
        draft.flag("C301", f'"{main}" is a legal form without a name')
    if draft.value.casefold() in _NOTES:
        draft.flag("C302", f'"{draft.value}" is a note, not the name of a company')
    return draft.done()


def _without(draft: Draft, pattern: re.Pattern[str], part: str, word: str, text: str) -> str:
    """Take a clause off the end of the name; it becomes a part and stays in the value in one spelling."""
    found = pattern.search(text)
    if not found or not found.start():
        return text
    clause = found[1].strip()
    if has_one_case(draft.value) and draft.context.allows("C101"):
        clause = company_case(clause)
    draft.part(part, clause)
    draft.change("C103", draft.value.replace(found.group(), f" {word} {clause}"))
    return text[: found.start()]


def _rewrite(draft: Draft, main: str, form: LegalForm | None) -> None:
    one_case = has_one_case(main)
    name = form.name if form else main
    name_alone = has_one_case(name) and (name.islower() or " " in name)
    if (one_case or name_alone) and draft.context.allows("C101"):
        name = company_case(name)
    draft.part("name", name)
    if not form:
        draft.change("C101", draft.value.replace(main, name, 1))
        return
    draft.part("legal_form", form.standard)
    blank = "" if form.glued else " "
    whole = f"{form.standard}{blank}{name}" if form.prefix else f"{name}{blank}{form.standard}"
    if name != form.name:
        draft.change("C101", draft.value.replace(main, main.replace(form.name, name, 1), 1))
        main = main.replace(form.name, name, 1)
    draft.change("C102", draft.value.replace(main, whole, 1))


def _unsafe(draft: Draft) -> None:
    """Shorten the name where that was asked for by code."""
    select = draft.context.select
    if "C201" in select and (name := draft.parts.get("name")) and "legal_form" in draft.parts:
        draft.change("C201", name)
    if "C202" in select:
        draft.change("C202", re.sub(r"(?i)^the\s+(?=\w)", "", draft.value))
