"""One look at a full name: taken apart, cased, put in its natural order, and written anew with its parts."""

from __future__ import annotations

import re

from crm_cli.standardize.cjk_names import is_cjk, is_family_name, joined_cjk, split_cjk, without_title
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.iberian_names import is_iberian_given
from crm_cli.standardize.name_case import has_one_case, name_case, word_case
from crm_cli.standardize.name_checks import drop_brackets, inspect_name, joined
from crm_cli.standardize.name_notes import Notes, taken_notes
from crm_cli.standardize.name_order import Division, divide, given_and_family
from crm_cli.standardize.name_pieces import Pieces, are_initials, cased, mark_capitals, taken_apart, western_order
from crm_cli.standardize.name_titles import TITLES
from crm_cli.standardize.name_words import NICKNAMES, PARTICLES
from crm_cli.standardize.roman_order import FAMILY_FIRST_COUNTRIES, leading_family
from crm_cli.standardize.roman_words import SINITIC_FAMILY
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context

__all__ = ["looked_at"]

_COMPANY = re.compile(
    r"\b(?:gmbh|inc|llc|ltd|corp|plc|s\.?a\.?r\.?l|co\. ?kg|pty|company|holdings?|limited)\b\.?", re.IGNORECASE
)
_COUPLE = re.compile(r"\w\.?\s+(?:&|(?<!von )(?i:and|und)(?!\s+zu\b)|et|ET|och|OCH|og|OG|en|\+|/)\s+\w")
_SPANISH_COUPLE = re.compile(r"(\w+) [yeYE] (\w+)\b").match
_BESIDE = re.compile(
    r"[(\"“„«]|(?<!\w)'|(?i:\s(?:n[ée]e?|geb(?:orene?r?)?|szül|roz|f[öø]d[dt]|урожд\w*|a\.?k\.?a|a/k/a|also)[\s.])"
)
_TWO_WORDS = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+").fullmatch
_CJK_PART = (
    r"[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af·]{2,}(?:\s[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)?"
)
_CJK_EDGE = re.compile(
    rf"(?P<front>{_CJK_PART})\s*(?P<behind>[A-Za-zÀ-ɏ].*)|(?P<latin>[A-Za-zÀ-ɏ].*?)\s*(?P<cjk>{_CJK_PART})"
).fullmatch


def looked_at(value: str, context: Context) -> Draft:
    """Return the draft of a full name: what `standardize_person_name` gives, before it is seen whether that settles."""
    draft = tidy(value, context)
    text = draft.value
    if not text:
        return draft
    drop_brackets(draft)
    if _COMPANY.search(draft.value):
        draft.flag("N305", f'"{draft.value}" looks like a company')
        draft.part("family", draft.value)
        return draft
    if _TWO_WORDS(text) and (words := text.split())[0].lower() not in TITLES:
        _divided(draft, divide(words, context.country))  # most names: for speed
        return draft
    core, notes = draft.value, Notes()
    if _BESIDE.search(core):
        core, notes = taken_notes(core, one_case=context.allows("N101") and has_one_case(core))
    if not core.isascii() or notes.other_script:
        core = _native(core, notes)
        if is_cjk(core):
            _east_asian(draft, core, notes)
            return draft
    if _is_couple(draft.value):
        draft.flag("N304", f'"{draft.value}" seems to be more than one person')
        if has_one_case(draft.value):
            draft.change("N101", name_case(draft.value, context.country, given=True))
        return draft
    _western(draft, core, notes)
    return draft


def _is_couple(text: str) -> bool:
    if _COUPLE.search(text):
        return True
    names = _SPANISH_COUPLE(text)
    return names is not None and is_iberian_given(names[1]) and is_iberian_given(names[2])


def _native(core: str, notes: Notes) -> str:
    """Return the name in Chinese, Japanese or Korean script where there is one; its Latin spelling becomes a note."""
    if is_cjk(core):
        return core
    if is_cjk(notes.other_script):
        core, notes.other_script = notes.other_script, core
    elif not notes.other_script and (found := _CJK_EDGE(core)):
        core = found["front"] or found["cjk"]
        notes.other_script = (found["behind"] or found["latin"]).strip(" ,/-")
    return core


def _east_asian(draft: Draft, core: str, notes: Notes) -> None:
    """Write a name in Chinese, Japanese or Korean script: family name first, the Latin spelling behind in brackets."""
    country = draft.context.country
    name, title = without_title(core)
    divided = None if title and is_family_name(name) else split_cjk(name, country)
    close = joined_cjk(name, country) + title
    latin = _latin(notes.other_script, draft)
    draft.change("N105", draft.value.replace(core, close))
    behind = [*notes.inside, *notes.behind, *notes.end]
    draft.change("N106", " ".join([close, *([f"({latin})"] if latin else []), *behind]))
    draft.part("latin", latin)
    draft.part("title", title)
    _note_parts(draft, notes)
    if divided is None:
        if not title:
            draft.flag("N303", f'"{core}" cannot be divided into family and given name')
        draft.part("family", joined_cjk(name, country))
        return
    draft.part("family", divided[0])
    draft.part("given", divided[1])


def _latin(text: str, draft: Draft) -> str:
    if has_one_case(text) and draft.context.allows("N101"):
        return " ".join(map(word_case, text.split()))
    return " ".join(word_case(word) if len(word) > 1 and word.isupper() else word for word in text.split())


def _western(draft: Draft, core: str, notes: Notes) -> None:
    context = draft.context
    close = joined(core)
    pieces = taken_apart(close)
    pieces.suffixes += notes.suffixes
    before = pieces.words
    marked, words = False, before
    if not close.istitle() or close.isupper():
        marked = context.allows("N104") and mark_capitals(pieces)
        words = _cased(pieces, context, marked=marked)
    words, division, comma = _arranged(pieces, words, context)
    text = _written(pieces, words, division, notes, context, comma=comma)
    if text != draft.value:
        spelled = [name for written, name in (*pieces.titles, *pieces.suffixes) if written != name]
        turned = pieces.comma and not comma
        codes = {
            "N104": marked,
            "N101": not marked and words != before,
            "N102": turned,
            "N103": bool(spelled),
            "N107": bool(notes.behind) or bool(notes.inside),
        }
        code = _first_code(codes, otherwise="N105" if close != core else "N103")
        if draft.change(code, text):
            draft.rules.extend(other for other, took_part in codes.items() if took_part and other not in draft.rules)
    _parts(draft, pieces, notes)
    _divided(draft, division)
    inspect_name(draft)


def _first_code(codes: dict[str, bool], *, otherwise: str) -> str:
    return next((code for code, took_part in codes.items() if took_part), otherwise)


def _cased(pieces: Pieces, context: Context, *, marked: bool) -> list[str]:
    words = pieces.words
    if marked:
        return cased(pieces, context.country)
    text = " ".join(words)
    if not has_one_case(text) or not context.allows("N101"):
        return words
    if leading_family(words, context.country) == "vietnamese":  # "van" and "do" are no particles there
        return [word_case(word) for word in words]
    family_alone = all(word.lower() in PARTICLES for word in words[:-1])
    new = name_case(text, context.country, given=not family_alone).split(" ")
    if len(words) > 1 and are_initials(words[0]) and words[0].lower() not in SINITIC_FAMILY:
        new[0] = words[0]
    return new


def _arranged(pieces: Pieces, words: list[str], context: Context) -> tuple[list[str], Division, bool]:
    """Return the words in the order that is read again with the same family name, how they divide, and whether that
    needs a comma: "Smith Jones, Mary" has no natural order that says that both are the family name.
    """
    country = context.country
    if pieces.family is None:
        return words, divide(words, country), False
    start, end = pieces.family
    family, given = words[start:end], words[:start] + words[end:]
    if not pieces.comma or context.allows("N102"):
        orders = [given + family] if pieces.comma else [western_order(words), given + family]
        if country == "HU" or country in FAMILY_FIRST_COUNTRIES:
            orders.append(family + given)
        wanted = family[0] if pieces.whole else " ".join(family)
        for order in orders:
            division = divide(order, country)
            if division.family == wanted:
                return order, division, False
    return given + family, given_and_family(given, family, country), True


def _written(
    pieces: Pieces, words: list[str], division: Division, notes: Notes, context: Context, *, comma: bool
) -> str:
    usual = context.allows("N103")
    titles = [name if usual else written for written, name in pieces.titles]
    suffixes = " ".join(name if usual else written for written, name in pieces.suffixes)
    start, end = division.start, division.end
    if comma:
        front = " ".join([*words[start:], *notes.behind])
        text = f"{front}, {' '.join([*titles, *words[:start], *notes.inside])}"
    elif not (notes.inside or notes.behind):
        text = " ".join([*titles, *words]) if titles else " ".join(words)
    else:
        at = start if end == len(words) else len(words)
        text = " ".join([*titles, *words[:at], *notes.inside, *words[at:], *notes.behind])
    if suffixes:
        text = f"{text}{',' if comma or pieces.loose else ''} {suffixes}"
    return " ".join([text, *notes.end]) if notes.end else text


def _parts(draft: Draft, pieces: Pieces, notes: Notes) -> None:
    usual = draft.context.allows("N103")
    if pieces.titles:
        draft.part("title", " ".join(name if usual else written for written, name in pieces.titles))
    if pieces.suffixes:
        draft.part("suffix", " ".join(name if usual else written for written, name in pieces.suffixes))
    if notes.parts:
        _note_parts(draft, notes)


def _divided(draft: Draft, division: Division) -> None:
    given = division.given
    draft.part("given", given)
    draft.part("middle", division.middle)
    draft.part("family", division.family)
    if not given:
        draft.flag("N303", f'"{draft.value}" is one word: given or family name?')
    elif (full := NICKNAMES.get(given.lower())) and draft.context.allows("N201"):
        draft.change("N201", re.sub(rf"\b{re.escape(given)}\b", full, draft.value, count=1))
        draft.part("given", full)


def _note_parts(draft: Draft, notes: Notes) -> None:
    for name, text in notes.parts.items():
        draft.part(name, text)
