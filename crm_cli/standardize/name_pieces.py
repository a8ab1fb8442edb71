"""A name taken apart: titles in front, suffixes behind, the comma of "Last, First", a family name in capitals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crm_cli.standardize.name_case import has_one_case, name_case
from crm_cli.standardize.name_titles import AMBIGUOUS_TITLES, COMMA_SUFFIXES, SUFFIXES, TITLE_TAILS, TITLES
from crm_cli.standardize.name_words import LOWER_PARTICLES, PARTICLES, SHORT_PARTICLES
from crm_cli.standardize.roman_words import SINITIC_FAMILY, SINITIC_SYLLABLES, VIETNAMESE_FAMILY, fold

__all__ = ["Pieces", "are_initials", "cased", "mark_capitals", "taken_apart", "western_order"]

_CAPITALS = re.compile(r"(?:Mc|Mac|[OD]['’])?[^\W\d_]+(?:['’\-][^\W\d_]+)*").fullmatch
_PHRASES = {("tan", "sri"): "Tan Sri", ("puan", "sri"): "Puan Sri", ("toh", "puan"): "Toh Puan"}


@dataclass(slots=True)
class Pieces:
    """What stands around the core of a name, and its words; `family` is which of them are known as the family name."""

    titles: list[tuple[str, str]] = field(default_factory=list)  # as written, and as usual
    words: list[str] = field(default_factory=list)
    suffixes: list[tuple[str, str]] = field(default_factory=list)
    family: tuple[int, int] | None = None
    comma: bool = False
    whole: bool = False  # whether a whole Chinese name stood before the comma
    loose: bool = False  # whether the first suffix needs a comma, for it may be a name


def taken_apart(text: str) -> Pieces:
    """Take a name apart at its comma, and titles and suffixes off its ends."""
    pieces = Pieces()
    if "," not in text:
        words = text.split()
        _strip_titles(pieces, words)
        _strip_suffixes(pieces, words)
        pieces.words = words
        return pieces
    sections = [section.strip() for section in text.split(",") if section.strip()]
    _strip_sections(pieces, sections)
    if len(sections) == 2:
        _turned(pieces, sections[0].split(), sections[1].split())
        return pieces
    words = " ".join(sections).split()
    _strip_titles(pieces, words)
    _strip_suffixes(pieces, words)
    pieces.words = words
    return pieces


def _strip_sections(pieces: Pieces, sections: list[str]) -> None:
    """Take the sections behind the last commas that are nothing but suffixes or titles."""
    while len(sections) > 1:
        if suffix := _suffixes(sections[-1]):
            pieces.loose = _needs_comma(sections[-1].split()[0])
            pieces.suffixes = suffix + pieces.suffixes
        elif titles := _all_titles(sections[-1]):
            pieces.titles = titles + pieces.titles
        else:
            return
        sections.pop()


def _turned(pieces: Pieces, family: list[str], given: list[str]) -> None:
    _strip_suffixes(pieces, family, least=1)
    _strip_suffixes(pieces, given, least=1)
    _strip_titles(pieces, given)
    _strip_titles(pieces, family)
    count = _trailing_particles(given, family)
    family = given[len(given) - count :] + family
    given = given[: len(given) - count]
    pieces.words, pieces.comma = given + family, True
    # "Chan Tai Man, Peter": before the comma stands the whole Chinese name
    pieces.whole = len(given) == 1 and _is_whole_chinese(family) and fold(given[0]) not in SINITIC_SYLLABLES
    pieces.family = (len(given), len(pieces.words))


def western_order(words: list[str]) -> list[str]:
    """Return "Chan Tai Man Peter" as "Peter Chan Tai Man"; another name as it is."""
    if len(words) == 4 and _is_whole_chinese(words[:3]) and fold(words[3]) not in SINITIC_SYLLABLES:
        return [words[3], *words[:3]]
    return words


def _is_whole_chinese(words: list[str]) -> bool:
    keys = [fold(word) for word in words]
    return len(keys) == 3 and keys[0] in SINITIC_FAMILY and all(key in SINITIC_SYLLABLES for key in keys[1:])


def _trailing_particles(given: list[str], family: list[str]) -> int:
    """Return how many words at the end of "Berg, Jan van der" are particles of the family name."""
    if fold(family[0]) in VIETNAMESE_FAMILY:  # "Nguyen, Hong Van"
        return 0
    count = 0
    while len(given) > count + 1 and _trails(given[-1 - count]):
        count += 1
    return count


def _trails(word: str) -> bool:
    if word in SHORT_PARTICLES:
        return True
    return len(word) > 1 and (word in PARTICLES or word.lower() in LOWER_PARTICLES or word.lower() == "van")


def _suffixes(section: str) -> list[tuple[str, str]]:
    words = section.split()
    known = [(word, suffix) for word in words if (suffix := SUFFIXES.get(_suffix_key(word)))]
    return known if len(known) == len(words) else []


def _suffix_key(word: str) -> str:
    return word.lower().strip("()").rstrip(".")


def _needs_comma(word: str) -> bool:
    return _suffix_key(word) in COMMA_SUFFIXES and not word.startswith("(")


def _all_titles(section: str) -> list[tuple[str, str]]:
    """Return the titles of a section that is nothing else; "Dr. med." is one in words."""
    words = section.split()
    pieces = Pieces()
    _strip_titles(pieces, words, least=0)
    return pieces.titles if not words else []


def _strip_titles(pieces: Pieces, words: list[str], least: int = 1) -> None:
    while len(words) > least:
        word = words[0]
        key = word.lower().rstrip(".").replace("’", "'")
        title = TITLES.get(key)
        if title is None or (key in AMBIGUOUS_TITLES and not _is_surely_title(word, pieces)):
            title = _tail(word, key) if pieces.titles else None
        count = 1
        if title is None and len(words) > least + 1:
            title, count = _PHRASES.get((key, words[1].lower())), 2
        if title is None:
            return
        pieces.titles.append((" ".join(words[:count]), title))
        del words[:count]


def _is_surely_title(word: str, pieces: Pieces) -> bool:
    """Whether a word that may be a name is a title here: with a point, or in small letters after another title."""
    if word.lower() == "m":
        return False  # an initial as often as "Monsieur"
    return word.endswith(".") or (bool(pieces.titles) and (word.islower() or word in {"RA", "PD", "DI"}))


def _tail(word: str, key: str) -> str | None:
    tail = TITLE_TAILS.get(key)
    return tail if tail and (word.endswith((".", ")")) or word.islower()) and (len(key) > 1 or word.islower()) else None


def _strip_suffixes(pieces: Pieces, words: list[str], least: int = 2) -> None:
    while len(words) > least or (len(words) == 2 and pieces.suffixes):
        word = words[-1]
        key = _suffix_key(word)
        if key not in SUFFIXES or _needs_comma(word):
            return
        pieces.loose = False
        pieces.suffixes.insert(0, (word, SUFFIXES[key]))
        words.pop()


def are_initials(text: str) -> bool:
    """Whether a given name is initials that belong together: JP, JRR, J.P."""
    if not text.isupper():
        return False
    return ("." in text and len(text) <= 6) or (
        len(text) in {2, 3} and text.isascii() and set(text).isdisjoint("AEIOUY")
    )


def mark_capitals(pieces: Pieces) -> bool:
    """Find a family name in capitals beside mixed case ("DUPONT Jean", "Peter CHAN Tai Man"); return whether there is.

    The usage of the United Nations and of French-speaking countries. After a comma the order is known, and words in
    capitals only need their case. In the middle of a name, capitals count only for a Chinese or Korean family name.
    """
    words = pieces.words
    if not any(map(_in_capitals, words)) or has_one_case(" ".join(words)):
        return False
    if pieces.family is not None:
        return True
    run = _run_of_capitals(words)
    if run is None:
        return False
    start, end = run
    if start > 0 and end < len(words):
        if fold(words[start]) not in SINITIC_FAMILY:
            return False
    elif end == len(words) and start > 1 and end - start == 1 and len(words[start]) <= 3 and not _known(words[start]):
        return False  # letters behind a name that may be a degree
    pieces.family = run
    return True


def _in_capitals(word: str) -> bool:
    if not _CAPITALS(word):
        return False
    core = word[3:] if word.startswith("Mac") else word[2:] if word.startswith(("Mc", "O'", "D'")) else word
    return core.isupper() and (len(core) > 2 or _known(word)) and not (are_initials(word) and not _known(word))


def _known(word: str) -> bool:
    key = fold(word)
    return key in SINITIC_FAMILY or key in VIETNAMESE_FAMILY


def _is_initial(word: str) -> bool:
    return len(word) == 1 or "." in word


def _run_of_capitals(words: list[str]) -> tuple[int, int] | None:
    """Return from where to where the one run of words in capitals goes, particles inside and before it included."""
    capital = [_in_capitals(word) or (word.isupper() and word.lower() in PARTICLES and len(word) > 1) for word in words]
    start = capital.index(True)
    end = start
    while end < len(words) and capital[end]:
        end += 1
    rest = words[:start] + words[end:]
    if not rest or any(capital[end:]) or not all(_is_initial(word) or not word.isupper() for word in rest):
        return None
    while start and words[start - 1].islower() and words[start - 1] in PARTICLES:
        start -= 1
    return start, end


def cased(pieces: Pieces, country: str | None) -> list[str]:
    """Return the words in mixed case where they stand in capitals beside mixed case."""
    words = list(pieces.words)
    if pieces.family is not None:
        start, end = pieces.family
        if all(word.isupper() for word in words[start:end]):
            words[start:end] = name_case(" ".join(words[start:end]), country).split(" ")
    return [name_case(word, given=True) if _in_capitals(word) else word for word in words]
