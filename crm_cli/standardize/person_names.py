"""Names of persons: spacing, case, order, and their parts (title, given, middle, family, suffix)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.cjk_names import is_cjk, split_cjk
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.name_case import has_one_case, name_case
from crm_cli.standardize.name_order import divide
from crm_cli.standardize.name_words import AMBIGUOUS_TITLES, COMMA_SUFFIXES, NICKNAMES, SUFFIXES, TITLES
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard
from crm_cli.standardize.wordlists import words

__all__ = ["RULES", "standardize_family_name", "standardize_given_name", "standardize_person_name"]

_FULL, _GIVEN, _FAMILY = SemanticType.PERSON_NAME, SemanticType.GIVEN_NAME, SemanticType.FAMILY_NAME
_ALL = (_FULL, _GIVEN, _FAMILY)
_UNSAFE = Context(unsafe=True)
RULES = (
    Rule("N101", "The case of names that were typed all in capitals or all in small letters", _ALL,
         (Example("JOHN MCDONALD", "John McDonald"), Example("o'brien", "O'Brien", kind=_FAMILY),
          Example("VAN DER BERG", "van der Berg", kind=_FAMILY), Example("JEAN-PIERRE", "Jean-Pierre", kind=_GIVEN))),
    Rule("N102", "Given name first where it stood after a comma", (_FULL,),
         (Example("Smith, John Q.", "John Q. Smith"), Example("Smith, John, Jr.", "John Smith Jr."))),
    Rule("N103", "Titles and suffixes in their usual spelling", (_FULL,),
         (Example("dr John Smith jr", "Dr. John Smith Jr."), Example("John Smith, Ph.D.", "John Smith PhD"))),
    Rule("N104", "A family name in capitals beside a given name in mixed case", (_FULL,),
         (Example("Jean DUPONT", "Jean Dupont"), Example("DUPONT Jean", "Jean Dupont"))),
    Rule("N105", "No blanks inside Chinese, Japanese and Korean names; none around hyphens and apostrophes", _ALL,
         (Example("王 小明", "王小明"), Example("O ' Brien", "O'Brien", kind=_FAMILY))),
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

_STRANGE = re.compile(r"[@#$%^*_=+<>{}\[\]|\\~!?;:]|https?|www\.")
_QUOTED = re.compile(r"\s*(?:\(([^()]*)\)|[\"“„]([^\"“”„]*)[\"”“]|(?<!\w)'([^']+)'(?!\w))\s*")
_SEVERAL = re.compile(r"\s(?:&|and|und|et|y|\+|/)\s", re.IGNORECASE)
_COUPLE = re.compile(r"\w(?:\.)?\s+(?:&|and|und|\+|/)\s+\w", re.IGNORECASE)
_COMPANY = re.compile(
    r"\b(?:gmbh|inc|llc|ltd|corp|plc|s\.?a\.?r\.?l|co\. ?kg|pty|company|holdings?|limited)\b\.?", re.IGNORECASE
)
_MADE_UP = words(
    """
    asdf asdfasdf qwerty qwertz test tester testing foo bar foobar mickey abc xyz aaa zzz dummy noname firstname
    lastname
    """
)
_LETTERS = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*").fullmatch
_JOINTS = re.compile(r"(?<=\w)\s*([-‐])\s*(?=\w)|(?<=\w)\s*(['’`´])\s*(?=\w)")


@dataclass(slots=True)
class _Pieces:
    """A name taken apart: what stands around its core, and the core in natural order."""

    titles: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    suffixes: list[str] = field(default_factory=list)
    family: int | None = None  # how many of the last words are the family name, where that is known


def standardize_given_name(value: str, context: Context) -> Standard:
    """Return the given name or names."""
    draft = _component(value, context, initials=True)
    if full := NICKNAMES.get(draft.value.lower()):
        draft.change("N201", full)
    return draft.done()


def standardize_family_name(value: str, context: Context) -> Standard:
    """Return the family name; particles as the country writes them."""
    return _component(value, context, initials=False).done()


def _component(value: str, context: Context, *, initials: bool) -> Draft:
    draft = tidy(value, context)
    _drop_brackets(draft)
    draft.change("N105", _joined(draft.value))
    if has_one_case(draft.value) and not (initials and _initials(draft.value)):
        draft.change("N101", name_case(draft.value, context.country))
    _inspect(draft)
    return draft


def _initials(text: str) -> bool:
    """Whether a given name is initials that belong together: JP, JRR, J.P."""
    if not text.isupper():
        return False
    return ("." in text and len(text) <= 6) or (
        len(text) in {2, 3} and text.isascii() and not set(text) & set("AEIOUY")
    )


def _joined(text: str) -> str:
    """Close up hyphens, apostrophes, and names in characters that have no blanks."""
    text = _JOINTS.sub(lambda match: match[1] or "'", text) if _JOINTS.search(text) else text
    return "".join(text.split()) if is_cjk(text) and not re.search(r"[\u30a0-\u30ff]", text) else text


def _drop_brackets(draft: Draft) -> None:
    if "N202" in draft.context.select:
        draft.change("N202", " ".join(_QUOTED.sub(" ", draft.value).split()))


def _inspect(draft: Draft) -> None:
    value = draft.value
    if not value or value.isalpha():
        if value.lower() in _MADE_UP:
            draft.flag("N306", f'"{value}" looks made up')
        return
    if any(character.isdigit() for character in value):
        draft.flag("N301", f'"{value}" has digits')
    if found := _STRANGE.search(value):
        draft.flag("N302", f'"{value}" has signs that no name has: {found.group()}')


def standardize_person_name(value: str, context: Context) -> Standard:
    """Return a full name in its natural order: title, given, middle, family, suffix; East Asian scripts family first.

    Parts `title`, `given`, `middle`, `family`, `suffix`, `nickname`, and `latin` for a Latin spelling beside another.
    """
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    _drop_brackets(draft)
    if _COMPANY.search(draft.value):
        draft.flag("N305", f'"{draft.value}" looks like a company')
        draft.part("family", draft.value)
        return draft.done()
    core = _without_nickname(draft)
    if is_cjk(core):
        return _east_asian(draft, core)
    if _COUPLE.search(draft.value) and "," not in draft.value:
        draft.flag("N304", f'"{draft.value}" seems to be more than one person')
        if has_one_case(draft.value):
            draft.change("N101", name_case(draft.value, context.country))
        return draft.done()
    return _settled(_western(draft, core), context)


def _settled(outcome: Standard, context: Context) -> Standard:
    """Return the outcome of a second look where that would still change something: rare, but twice must be once."""
    if not outcome.rules or outcome.value is None:
        return outcome
    again = standardize_person_name(outcome.value, context)
    if again.value == outcome.value:
        return outcome
    return Standard(again.value, again.parts, again.issues, tuple(dict.fromkeys((*outcome.rules, *again.rules))))


def _without_nickname(draft: Draft) -> str:
    """Return the name without what stands in quotes or brackets, which becomes a part; CJK beside Latin is `latin`."""
    found = _QUOTED.search(draft.value)
    if not found or not (outside := " ".join(_QUOTED.sub(" ", draft.value).split())):
        return draft.value
    inside = next((group for group in found.groups() if group), "").strip()
    draft.part("latin" if is_cjk(outside) and inside.isascii() else "nickname", inside)
    return outside


def _east_asian(draft: Draft, core: str) -> Standard:
    divided = split_cjk(core, draft.context.country)
    draft.change("N105", draft.value.replace(core, _joined(core)))
    if divided is None:
        draft.flag("N303", f'"{core}" cannot be divided into family and given name')
        draft.part("family", _joined(core))
        return draft.done()
    draft.part("family", divided[0])
    draft.part("given", divided[1])
    return draft.done()


def _western(draft: Draft, core: str) -> Standard:
    pieces = _taken_apart(_joined(core))
    country = draft.context.country
    marked = _mark_capitals(pieces)
    words = pieces.words
    if marked and draft.context.allows("N104"):
        words = [name_case(word) if len(word) >= 3 and word.isupper() else word for word in words]
        pieces.words = words
    elif has_one_case(" ".join(words)) and draft.context.allows("N101"):
        words = name_case(" ".join(words), country).split(" ")
        words = [
            old if place == 0 and len(words) > 1 and old.isupper() and len(old) <= 3 and _initials(old) else word
            for place, (word, old) in enumerate(zip(words, pieces.words, strict=True))
        ]
        pieces.words = words
    _rewrite(draft, core, pieces, marked=marked)
    _name_parts(draft, pieces)
    _inspect(draft)
    return draft.done()


def _taken_apart(text: str) -> _Pieces:
    """Take a name apart at its comma, and titles and suffixes off its ends."""
    pieces = _Pieces()
    sections = [section.strip() for section in text.split(",") if section.strip()]
    while len(sections) > 1 and (suffix := _suffixes(sections[-1])):
        pieces.suffixes = suffix + pieces.suffixes
        sections.pop()
    while len(sections) > 1 and (title := TITLES.get(sections[-1].lower().rstrip("."))):
        pieces.titles.append(title)
        sections.pop()
    if len(sections) == 2:
        family, given = sections[0].split(), sections[1].split()
        _strip_suffixes(pieces, family, least=1)
        _strip_suffixes(pieces, given, least=1)
        _strip_titles(pieces, given, least=0)
        _strip_titles(pieces, family)
        given, family = _trailing_particles(given, family)
        pieces.words, pieces.family = given + family, len(family)
        return pieces
    words = " ".join(sections).split()
    _strip_titles(pieces, words)
    _strip_suffixes(pieces, words)
    pieces.words = words
    return pieces


def _trailing_particles(given: list[str], family: list[str]) -> tuple[list[str], list[str]]:
    """Move particles at the end of "Berg, Jan van der" to the family name."""
    from crm_cli.standardize.name_words import PARTICLES

    while len(given) > 1 and given[-1].lower() in PARTICLES:
        family = [given[-1], *family]
        given = given[:-1]
    return given, family


def _suffixes(section: str) -> list[str]:
    words = section.split()
    known = [SUFFIXES.get(word.lower().rstrip(".")) for word in words]
    return [word for word in known if word] if words and all(known) else []


def _strip_titles(pieces: _Pieces, words: list[str], least: int = 1) -> None:
    while len(words) > least:
        key = words[0].lower().rstrip(".")
        if key not in TITLES or (key in AMBIGUOUS_TITLES and not words[0].endswith(".")) or key == "m":
            return
        pieces.titles.append(TITLES[key])
        words.pop(0)


def _strip_suffixes(pieces: _Pieces, words: list[str], least: int = 2) -> None:
    while len(words) > least or (len(words) == 2 and pieces.suffixes):
        key = words[-1].lower().rstrip(".")
        if key not in SUFFIXES or key in COMMA_SUFFIXES:
            return
        pieces.suffixes.insert(0, SUFFIXES[key])
        words.pop()


def _mark_capitals(pieces: _Pieces) -> bool:
    """Find a family name in capitals beside mixed case ("DUPONT Jean"); put it last. Return whether there is one.

    After a comma the order is known, and words in capitals only need their case.
    """
    words = pieces.words
    capital = [
        len(word) >= 3 and word.isupper() and _LETTERS(word) is not None and not _initials(word) for word in words
    ]
    mixed = [not word.isupper() and word[:1].isupper() for word in words]
    if has_one_case(" ".join(words)) or not any(capital):
        return False
    if pieces.family is not None:
        return True
    if all(capital) or not all(a or b for a, b in zip(capital, mixed, strict=True)):
        return False
    count = sum(capital)
    if all(capital[:count]) and len(words) > count:
        pieces.words = words[count:] + words[:count]
    elif not all(capital[-count:]):
        return False
    pieces.family = count
    return True


def _rewrite(draft: Draft, core: str, pieces: _Pieces, *, marked: bool) -> None:
    """Write the name anew, and say which rules had a part in it."""
    text = " ".join([*pieces.titles, *pieces.words, *pieces.suffixes])
    if core != draft.value:  # a nickname stays where it stood: after the given name
        rest = _QUOTED.search(draft.value)
        inside = rest.group().strip() if rest else ""
        text = " ".join([*pieces.titles, *pieces.words[:1], inside, *pieces.words[1:], *pieces.suffixes])
    if not text:
        return
    text = _joined(text)
    before = draft.value
    cased = text.casefold() == _joined(before).casefold()
    code = "N104" if marked else "N101" if cased else "N102" if "," in before and pieces.family else "N103"
    draft.change(code, text)


def _name_parts(draft: Draft, pieces: _Pieces) -> None:
    given, middle, family = divide(pieces.words, pieces.family, draft.context.country)
    draft.part("title", " ".join(pieces.titles))
    draft.part("given", given)
    draft.part("middle", middle)
    draft.part("family", family)
    draft.part("suffix", " ".join(pieces.suffixes))
    if not given:
        draft.flag("N303", f'"{draft.value}" is one word: given or family name?')
    elif (full := NICKNAMES.get(given.lower())) and draft.context.allows("N201"):
        draft.change("N201", re.sub(rf"\b{re.escape(given)}\b", full, draft.value, count=1))
        draft.part("given", full)
