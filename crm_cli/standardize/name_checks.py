"""What all names have in common: hyphens and apostrophes closed up, brackets, and signs that no name has."""

from __future__ import annotations

import re

from crm_cli.standardize.cjk_names import is_cjk
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.name_notes import QUOTED
from crm_cli.standardize.wordlists import words

__all__ = ["drop_brackets", "inspect_name", "joined"]

_STRANGE = re.compile(r"[@#$%^*_=+<>{}\[\]|\\~!?;:]|https?|www\.")
_MADE_UP = words(
    """
    asdf asdfasdf qwerty qwertz test tester testing foo bar foobar mickey abc xyz aaa zzz dummy noname firstname
    lastname
    """
)
_JOINTS = re.compile(r"(?<=\w)\s*([-‐])\s*(?=\w)|(?<=\w)\s*(['’`´])\s*(?=\w)")
_KATAKANA = re.compile(r"[\u30a0-\u30ff]")
_DIGIT = re.compile(r"\d")
_CLEAN = re.compile(r"[A-Za-z]+(?:[ .,'-]+[A-Za-z]+)*\.?").fullmatch


def joined(text: str) -> str:
    """Close up hyphens, apostrophes, and names in characters that have no blanks."""
    text = _JOINTS.sub(lambda match: match[1] or "'", text) if _JOINTS.search(text) else text
    return "".join(text.split()) if is_cjk(text) and not _KATAKANA.search(text) else text


def drop_brackets(draft: Draft) -> None:
    """Drop what stands in brackets or quotes, where that was asked for."""
    if "N202" in draft.context.select:
        draft.change("N202", " ".join(QUOTED.sub(" ", draft.value).split()))


def inspect_name(draft: Draft) -> None:
    """Note digits, strange signs, and words that were made up."""
    value = draft.value
    if not value or value.isalpha():
        if value.lower() in _MADE_UP:
            draft.flag("N306", f'"{value}" looks made up')
        return
    if _CLEAN(value) and not value.startswith(("http", "www")):
        return
    if _DIGIT.search(value):
        draft.flag("N301", f'"{value}" has digits')
    if found := _STRANGE.search(value):
        draft.flag("N302", f'"{value}" has signs that no name has: {found.group()}')
