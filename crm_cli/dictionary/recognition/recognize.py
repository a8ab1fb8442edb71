"""Recognize what columns mean, from header words in seven languages and from sample values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm_cli.dictionary.recognition.header_words import (
    ADDRESS_LINE,
    CATEGORY_ENDINGS,
    KEY_ENDINGS,
    NAME,
    NUMBER_ENDINGS,
    PHRASES,
)
from crm_cli.dictionary.recognition.roles import Recognition, Role
from crm_cli.dictionary.recognition.shapes import Sample, looks_like_company, looks_like_person

__all__ = ["header_words", "recognize", "recognize_columns"]

# When a header names several roles ("company e-mail address"), the first of these is what its values are.
_PRIORITY = (
    *(
        Role.EMAIL,
        Role.FAX,
        Role.MOBILE,
        Role.PHONE,
        Role.BIRTH_DATE,
        Role.BIRTH_YEAR,
        Role.BIRTH_MONTH,
        Role.BIRTH_DAY,
    ),
    *(Role.URL, Role.TIMESTAMP, Role.IDENTIFIER, Role.SOURCE, Role.FULL_NAME, Role.GIVEN_NAME, Role.MIDDLE_NAME),
    *(Role.FAMILY_NAME, Role.NAME_SUFFIX, Role.POSTAL_CODE, Role.HOUSE_NUMBER, Role.STREET2, Role.CITY, Role.COUNTRY),
    *(Role.REGION, Role.STREET, Role.JOB_TITLE, Role.DEPARTMENT, Role.OWNER, Role.COMPANY),
)
# Words of these roles occur inside many other headers ("number per site"): they must end the header or fill half of it.
_WEAK = frozenset(
    {Role.COMPANY, Role.CATEGORY, Role.NUMBER, Role.AMOUNT, Role.BOOLEAN, Role.RECORD_KEY, Role.OWNER, Role.FREE_TEXT}
    | {Role.JOB_TITLE, Role.DEPARTMENT, Role.TIMESTAMP, Role.SOURCE, Role.LANGUAGE, Role.CURRENCY, Role.SALUTATION}
)
_SHORTEST_PART = 3  # a phrase of fewer letters ("by", "cp") counts only as the whole header
_LONGEST_PHRASE = 6
_MOST_NAME_WORDS = 1.7  # mean number of words up to which names are family names alone


def header_words(header: str) -> list[str]:
    """Split a header into folded words: `EmailAddress`, `email_address` and `E-Mail Address2` alike."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", header.replace("ß", "ss")) if not unicodedata.combining(c))
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return re.findall(r"[^\W\d_]+|\d+", parted.casefold())


def recognize(header: str, values: Sequence[str | None] = ()) -> Recognition:
    """Return what the column `header` with the sample `values` (texts, blanks allowed) holds.

    Values overrule a header that they contradict; a header decides where values look alike (given and family names).
    `why` says in words what decided; `confidence` is a rank for sorting suggestions, not a measured probability.
    """
    sample = Sample(values)
    words = header_words(header)
    named = _by_header(words)
    if named is None:
        return _by_values(words, sample)
    return _checked(named, words, sample)


def recognize_columns(columns: Mapping[str, Sequence[str | None]]) -> list[Recognition]:
    """Recognize each column, then settle what depends on the others.

    A full name beside given and family names, and a second column of a role that a record has only once (a given name
    after a given name), keep their role with a lower confidence and say why.
    """
    found = [recognize(header, values) for header, values in columns.items()]
    if Role.FAMILY_NAME not in {each.role for each in found} and Role.GIVEN_NAME in {each.role for each in found}:
        found = [
            _family_name(each, header, values) for each, (header, values) in zip(found, columns.items(), strict=True)
        ]
    roles = {each.role for each in found}
    split = {Role.GIVEN_NAME, Role.FAMILY_NAME} <= roles
    settled = []
    for each in found:
        if split and each.role is Role.FULL_NAME:
            each = replace(each, confidence=0.3, why="full name, which given and family name beside it already say")  # noqa: PLW2901
        settled.append(each)
    return settled


def _family_name(found: Recognition, header: str, values: Sequence[str | None]) -> Recognition:
    """What is only called "name" beside a given name is the family name (Vorname, Name), unless it names companies."""
    words = set(header_words(header))
    sample = Sample(values)
    if not words or not words <= NAME or looks_like_company(sample) or sample.words > _MOST_NAME_WORDS:
        return found
    return Recognition(Role.FAMILY_NAME, 0.8, "a name beside a given name")


def _by_header(words: list[str]) -> Recognition | None:
    """The role that the header alone names, or None."""
    if not words:
        return None
    text = " ".join(words)
    if tuple(words) in PHRASES:
        return Recognition(PHRASES[tuple(words)], 0.95, f"the header says {text!r}")
    if words[-1] in CATEGORY_ENDINGS and len(words) > 1:
        return Recognition(Role.CATEGORY, 0.8, f"the header ends in {words[-1]!r}")
    hits = _phrases_in(words)
    if words[-1] in KEY_ENDINGS and all(role in _WEAK for _, role in hits):
        return None
    for phrase, role in sorted(
        hits, key=lambda hit: _PRIORITY.index(hit[1]) if hit[1] in _PRIORITY else len(_PRIORITY)
    ):
        if role is Role.STREET and words[-1] in ("2", "3", "4") and ADDRESS_LINE.intersection(words):
            return Recognition(Role.STREET2, 0.85, f"a further address line: {text!r}")
        return Recognition(role, 0.8, f"the header holds {' '.join(phrase)!r}")
    return None


def _phrases_in(words: list[str]) -> list[tuple[tuple[str, ...], Role]]:
    """Phrases that occur in the header, longest first; a word counts for one phrase only."""
    taken: set[int] = set()
    hits = []
    for length in range(min(len(words), _LONGEST_PHRASE), 0, -1):
        for start in range(len(words) - length + 1):
            phrase, places = tuple(words[start : start + length]), set(range(start, start + length))
            role = PHRASES.get(phrase)
            if role is None or places & taken or len("".join(phrase)) < _SHORTEST_PART:
                continue
            if role in _WEAK and max(places) < len(words) - 1 and 2 * len("".join(phrase)) < len("".join(words)):
                continue
            taken |= places
            hits.append((phrase, role))
    return hits


_CONTRADICTED_BELOW = 0.3
_NAMES = frozenset({Role.COMPANY, Role.FULL_NAME, Role.GIVEN_NAME, Role.FAMILY_NAME, Role.JOB_TITLE})


def _checked(named: Recognition, words: list[str], sample: Sample) -> Recognition:
    """The header's role, unless the values say otherwise."""
    role = named.role
    if len(sample) == 0:
        return replace(named, confidence=named.confidence * 0.8)
    if role is not Role.EMAIL and sample.emails > 0.6:
        return Recognition(Role.EMAIL, 0.9, "the values are e-mail addresses")
    if role is Role.EMAIL and sample.emails < _CONTRADICTED_BELOW and sample.booleans > 0.9:
        return Recognition(Role.BOOLEAN, 0.8, "the values are yes and no")
    if role is Role.JOB_TITLE and sample.honorifics > 0.8:
        return Recognition(Role.SALUTATION, 0.9, "the values are forms of address")
    if role in (Role.PHONE, Role.MOBILE, Role.FAX) and sample.phones < _CONTRADICTED_BELOW and sample.distinct < 10:
        return Recognition(Role.CATEGORY, 0.6, "few values, none a telephone number")
    if role in _NAMES and sample.numbers > 0.9:
        return Recognition(Role.NUMBER, 0.6, "the values are numbers, not names")
    if role is Role.REGION and words[-1:] == ["status"]:
        return Recognition(Role.CATEGORY, 0.8, "the header says status")
    return named


def _by_values(words: list[str], sample: Sample) -> Recognition:
    """What the values alone say."""
    if len(sample) == 0:
        return Recognition(Role.UNKNOWN, 0.0, "no values")
    if NAME.intersection(words) and set(words) <= NAME:
        return _name(sample)
    for share, role, what in (
        (sample.emails, Role.EMAIL, "e-mail addresses"),
        (sample.timestamps, Role.TIMESTAMP, "points in time"),
        (sample.dates, Role.DATE, "dates"),
        (sample.urls, Role.URL, "web addresses"),
        (sample.phone_marks, Role.PHONE, "written like telephone numbers"),
    ):
        if share > 0.6:
            return Recognition(role, 0.7, f"the values are {what}")
    if (
        words
        and words[-1] in KEY_ENDINGS | NUMBER_ENDINGS
        and sample.distinct == len(sample)
        and sample.with_digit > 0.9
    ):
        return Recognition(Role.RECORD_KEY, 0.7, f"every value is different, and the header ends in {words[-1]!r}")
    if sample.distinct <= 3 and sample.booleans > 0.95:
        return Recognition(Role.BOOLEAN, 0.6, "the values are yes and no")
    return Recognition(Role.UNKNOWN, 0.0, "neither the header nor the values say what it is")


def _name(sample: Sample) -> Recognition:
    """Whether a column that is only called "name" names people or companies."""
    if looks_like_company(sample):
        return Recognition(Role.COMPANY, 0.6, "a name whose values look like companies")
    if not looks_like_person(sample):
        why = "a name, and the values do not say whether of people or companies"
        return Recognition(Role.COMPANY, 0.5, why, or_else=Role.FULL_NAME)
    return Recognition(Role.FULL_NAME, 0.7, "a name whose values look like people")
