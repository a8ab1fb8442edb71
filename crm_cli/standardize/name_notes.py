"""What stands beside a name in brackets or quotes: a nickname, a former name, a rank, a spelling in another script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crm_cli.standardize.cjk_names import is_cjk
from crm_cli.standardize.name_case import name_case
from crm_cli.standardize.name_titles import SUFFIXES

__all__ = ["QUOTED", "Notes", "taken_notes"]

QUOTED = re.compile(r"\s*(?:\((?!FH\))([^()]*)\)|[\"“„]([^\"“”„]*)[\"”“]|(?<!\w)'([^']+)'(?!\w)|«([^«»]*)»)\s*")
_BORN = {
    "née": "née", "nee": "née", "né": "né", "born": "born", "geb": "geb.", "geborene": "geb.", "geborener": "geb.",
    "nata": "nata", "nacida": "nacida", "nascida": "nascida", "urodzona": "urodzona", "roz": "roz.", "rozená": "roz.",
    "szül": "szül.", "született": "szül.", "född": "född", "født": "født", "ur": "ur.", "урождённая": "урождённая",
    "урожденная": "урождённая", "урожд": "урожд.", "旧姓": "旧姓", "舊姓": "旧姓", "de soltera": "de soltera",
    "z domu": "z domu", "o.s": "o.s.", "maiden name": "née", "maiden": "née",
}  # fmt: skip
_FIRST = "|".join(re.escape(word) for word in sorted(_BORN, key=len, reverse=True))
_BIRTH = re.compile(rf"(?i)({_FIRST})(?:\.?:?\s+|(?<=旧姓):?|\.)(\S.*)").fullmatch
_BIRTH_AT_END = re.compile(
    r"(?i)^(.*\w.?),?\s+((?:née|nee|né|geb\.|geborene[r]?|szül\.|roz\.|född|født|урожд\.|урожд[её]нная)\s+[^,()]+?)(,.*)?$"
).match
_ALIAS = re.compile(
    r"(?i)(?:aka|a\.k\.a\.|a/k/a|also known as|genannt|gen\.|dit|dite|called|goes by)\s+(\S.*)"
).fullmatch
_ALIAS_AT_END = re.compile(r"(?i)^(.*\w.?),?\s+((?:aka|a\.k\.a\.|a/k/a|also known as)\s+[^,()]+)$").match
_ONE_NAME = re.compile(r"[^\W\d_]+(?:[.'’\-][^\W\d_]+)*\.?").fullmatch


@dataclass(slots=True)
class Notes:
    """The notes of one name: `inside` goes before the family name, `behind` after it, `end` after all."""

    parts: dict[str, str] = field(default_factory=dict)
    inside: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    suffixes: list[tuple[str, str]] = field(default_factory=list)  # as written, and as usual
    other_script: str = ""  # the Latin spelling of a Chinese, Japanese or Korean name, or the other way round

    def add(self, part: str, text: str) -> None:
        """Note a part; several of one kind stand one a line."""
        self.parts[part] = f"{self.parts[part]}\n{text}" if part in self.parts else text


def taken_notes(text: str, *, one_case: bool) -> tuple[str, Notes]:
    """Return a name without what stands beside it, and that; a text that is nothing but a note stays whole.

    What stands there is brought to mixed case where all was typed in `one_case`.
    """
    notes = Notes()
    found = list(QUOTED.finditer(text))
    outside = " ".join(QUOTED.sub(" ", text).split()) if found else text
    if not re.search(r"\w", outside):
        return text, notes
    for match in found:
        inside = next((group for group in match.groups() if group), "").strip()
        written = match.group().strip()
        if one_case and (_ONE_NAME(inside) or _BIRTH(inside)):
            written = written.replace(inside, inside := name_case(inside, given=True))
        _sort_in(notes, inside, written, outside=outside, last=match.end() == len(text))
    if former := _BIRTH_AT_END(outside):
        outside = former[1].rstrip(" ,") + (former[3] or "")
        _birth(notes, name_case(former[2], given=True) if one_case else former[2])
    elif alias := _ALIAS_AT_END(outside):
        outside = alias[1].rstrip(" ,")
        _nickname(notes, alias[2], name_case(alias[2]) if one_case else alias[2], quoted=False, last=True)
    return outside, notes


def _sort_in(notes: Notes, inside: str, written: str, *, outside: str, last: bool) -> None:
    if not inside:
        notes.end.append(written)
    elif is_cjk(outside) != is_cjk(inside) and not notes.other_script and _one_script(inside) and len(inside) > 1:
        notes.other_script = inside
    elif written.startswith("(") and (suffix := _suffix(inside)):
        notes.suffixes.append((written, suffix))
    elif not _birth(notes, inside):
        _nickname(notes, inside, written, quoted=not written.startswith("("), last=last)


def _suffix(text: str) -> str | None:
    """Return the suffix in brackets: retired, or letters as they are usually written; "(Jun)" is a nickname."""
    suffix = SUFFIXES.get(text.lower().rstrip("."))
    return suffix if suffix in {"(Ret.)", text, f"{text}."} else None


def _one_script(text: str) -> bool:
    return is_cjk(text) or re.fullmatch(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ .,'’\-]*", text) is not None


def _birth(notes: Notes, text: str) -> bool:
    """Take a name at birth; it is written in brackets behind the family name."""
    found = _BIRTH(text)
    if not found or (found[1].lower() in {"ur", "nata"} and "." not in text and len(text.split()) > 2):
        return False
    notes.add("birth_name", found[2].strip())
    notes.behind.append(f"({_BORN[found[1].lower()]}{'' if found[1] == '旧姓' else ' '}{found[2].strip()})")
    return True


def _nickname(notes: Notes, inside: str, written: str, *, quoted: bool, last: bool) -> None:
    """A nickname stands before the family name; what follows a name in brackets may be anything and stays there."""
    if alias := _ALIAS(inside):
        notes.add("nickname", alias[1])
        notes.end.append(written)
    elif quoted or not last:
        notes.add("nickname", inside)
        notes.inside.append(written)
    else:
        notes.add("nickname" if _ONE_NAME(inside) else "note", inside)
        notes.end.append(written)
