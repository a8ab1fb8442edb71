"""What stands behind the name of a company: its trade name, a former or other name, who is to get the letter."""

from __future__ import annotations

import re
from typing import NamedTuple

from crm_cli.standardize.wordlists import words

__all__ = ["Clause", "taken_clauses"]

# What a clause means: the part, its usual spelling, and what else is written for it (usage, gathered by hand).
_KINDS = (
    ("trade_name", "dba", r"d\.?\s?/?b\.?\s?/?a\.?|doing\s+business\s+as"),
    ("trade_name", "t/a", r"t/as?|trading\s+as"),
    ("former_name", "f/k/a", r"f\.?\s?/?k\.?\s?/?a\.?|formerly(?:\s+known\s+as)?|ehemals|vormals|anciennement"),
    ("new_name", "n/k/a", r"n/k/a|now\s+known\s+as"),
    ("other_name", "a/k/a", r"a\.?\s?/?k\.?\s?/?a\.?|also\s+known\s+as"),
    ("care_of", "c/o", r"c/o|care\s+of|℅"),
    ("attention", "Attn:", r"att(?:n|ention)?[.:]|attn|fao|z\.?\s?hd\.?|zu\s+händen|à\s+l['’]attention\s+de|t\.a\.v\."),
)
_MARKER = re.compile(
    r"(?i)[\s,;]+\(?(?:" + "|".join(f"(?P<k{place}>{kind[2]})" for place, kind in enumerate(_KINDS)) + r")(?:[:,.]?\s+)"
)
# Words with which a clause begins: a quick look tells that most names have none.
_FIRST_WORDS = words(
    """
    dba d.b.a. d.b.a d d. d/b/a doing t/a t/as trading fka f.k.a. f.k.a f. f f/k/a formerly ehemals vormals
    anciennement n/k/a now aka a.k.a. a.k.a a. a a/k/a also c/o care ℅ att. att attn attn. attention attention. fao
    zhd zhd. z.hd. z.hd z. zu à t.a.v.
    """
)
_SIGNS = str.maketrans("(,;:", "    ")
_HAS_SIGNS = re.compile("[(,;:]").search


class Clause(NamedTuple):
    """One clause: the part it is, the usual word for it, what it says, and how it was written with its blanks."""

    part: str
    usual: str
    text: str
    written: str


def taken_clauses(text: str) -> tuple[str, list[Clause]]:
    """Return a name without the clauses behind it, and these, in their order."""
    small = text.lower()
    if _HAS_SIGNS(small):
        small = small.translate(_SIGNS)
    if _FIRST_WORDS.isdisjoint(small.split()):
        return text, []
    found = [match for match in _MARKER.finditer(text) if match.start()]
    main = text[: found[0].start()] if found else text
    if not found or not re.search(r"\w", main):
        return text, []
    clauses = []
    for place, match in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(text)
        said = text[match.end() : end].strip(" ,;")
        if "(" in match.group() and said.endswith(")"):
            said = said[:-1].strip()
        if not re.search(r"\w", said):
            return text, []
        part, usual, _ = _KINDS[int((match.lastgroup or "k0")[1:])]
        clauses.append(Clause(part, usual, said, text[match.start() : end]))
    return main.rstrip(" ,;"), clauses
