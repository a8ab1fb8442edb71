"""Tokens: the folded words of a record by which search finds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crm_cli.dictionary import Entity, Field, SemanticType, fold

__all__ = ["letters_of_pair", "query_tokens", "searched_fields", "tokens_of", "whole_numbers"]

T = SemanticType
_LONGEST = 80  # the width of the token column
_PHONE_DIGITS = 7  # the subscriber's number, without the area code that people leave out
_WORD = re.compile(r"[^\W_]+")
# scripts written without blanks: Thai, Lao, Khmer, Kana, Han, Hangul (whose endings hang on the word)
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_PHONE = re.compile(r"[+(]?\d[\d\s().\-/]{5,}\d")
_NAMES = {T.GIVEN_NAME, T.FAMILY_NAME, T.PERSON_NAME, T.COMPANY_NAME}
_WAYS = {T.CITY, T.POSTAL_CODE, T.IDENTIFIER, T.EMAIL, T.PHONE}


def searched_fields(entity: Entity) -> list[Field]:
    """Return the entity's own fields that search looks into: names, numbers, addresses, and what it is called."""
    return [one for one in entity.fields if not one.custom and _is_searched(one, entity)]


def _is_searched(one: Field, entity: Entity) -> bool:
    told = one.type is T.TEXT and (one.name in entity.title or one.freshness is not None)
    return told or one.type in _NAMES | _WAYS


def tokens_of(entity: Entity, values: Mapping[str, Any]) -> set[str]:
    """Return the tokens of a record given as field (or detail column) → text or list of texts.

    Words are folded; scripts without blanks give pairs of letters, telephone numbers their last seven digits, e-mail
    addresses themselves and the words of them. Fields that search does not look into are passed over.
    """
    found: set[str] = set()
    for one in searched_fields(entity):
        given = values.get(one.name)
        for text in [given] if isinstance(given, str) else given or ():
            found.update(_field_tokens(one.type, text))
    return found


def _field_tokens(kind: SemanticType, text: str) -> Iterator[str]:
    if kind is T.PHONE:
        yield from _phone(text)
        return
    if kind is T.EMAIL:
        folded = fold(text) or ""
        yield folded[:_LONGEST]
        text = folded.rpartition(".")[0] or folded  # .com is the same in all of them
    yield from words_of(text)


def words_of(text: str) -> Iterator[str]:
    """Yield the folded words of a text; of scripts without blanks every pair of neighbouring letters."""
    for word in _WORD.findall(fold(text) or ""):
        place = 0
        for run in _UNSPACED.finditer(word):
            yield from _plain(word[place : run.start()])
            yield from _pairs(run.group())
            place = run.end()
        yield from _plain(word[place:])


def _plain(word: str) -> Iterable[str]:
    return [word[:_LONGEST]] if word else []


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]


def letters_of_pair(token: str) -> list[str]:
    """Return the two letters of a pair of a script without blanks, else nothing: they may belong to two fields."""
    return list(token) if len(token) == 2 and _UNSPACED.fullmatch(token) else []


def _phone(text: str) -> Iterable[str]:
    digits = "".join(letter for letter in text.partition("x")[0].partition(";")[0] if letter.isdecimal())
    return [digits[-_PHONE_DIGITS:]] if len(digits) >= _PHONE_DIGITS else _plain(digits)


def whole_numbers(words: str) -> list[str]:
    """Return the digits of the telephone numbers that somebody typed with more than the subscriber's part.

    Zeros before a number stand for what is dialled before it, and are left out.
    """
    found = ["".join(letter for letter in match if letter.isdecimal()).lstrip("0") for match in _PHONE.findall(words)]
    return [digits for digits in found if len(digits) > _PHONE_DIGITS]


def query_tokens(words: str) -> list[str]:
    """Return the tokens of what somebody typed, each once, in order: telephone numbers may contain blanks."""
    numbers = [token for match in _PHONE.findall(words) for token in _phone(match)]
    rest = _PHONE.sub(" ", words)
    tokens: list[str] = numbers
    for part in rest.split():
        tokens += [fold(part) or ""] if "@" in part.strip("@") else words_of(part)
    return list(dict.fromkeys(token[:_LONGEST] for token in tokens if token))
