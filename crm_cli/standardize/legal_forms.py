"""Legal forms of companies: found at the end or the beginning of a name, in their standard spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias

from crm_cli.standardize.glued_forms import GLUED_COUNTRIES, glued_form
from crm_cli.standardize.places import place_key, table
from crm_cli.standardize.wordlists import words

__all__ = ["LegalForm", "countries_covered", "find_form", "forms_by_country", "is_form_alone"]

_MOST_WORDS = 8
_CLEAR_WHEN_SMALL = frozenset({"sa", "ag", "kg", "bv", "nv", "oy", "sl", "Sa", "Ag", "Kg", "Bv", "Nv"})
# Forms that are states, directions or initials as often: only in their countries, or in their very own spelling.
_AMBIGUOUS_BEHIND = words(
    """
    ME C.A. S.C. C.B. CC MB DA EF ET A.C. s.p. (RF) ry k.d. a.d. AD EAD MMC ASC CIO MEI S.A.C. S.A.A. SCP EARL GIE sf.
    IVS FIE S.s. S/S P/S S.L.P. A.I.E. B.S.C. S.A.E. Sh.a. I.K.E. O.E. E.P.E. s.c. P.F.A. ENK
    """
)
_AMBIGUOUS_IN_FRONT = words(
    """
    AB AS MB PT CV UD S.A. A.E. SE S.C. AD EAD a.d. d.d. IK ET ДП КП ПП АД ЕТ АТ GIE SCI SAS S.A.S. SNC SRL EARL SCP
    SCOP EIRL I.K.E. E.P.E. P.F.A. FIE Bt. Rt. Osk Tmi
    """
)
# Forms that stand behind another one, and forms in front that stand around the name together with another behind it.
_STACKED = {"me": "ME", "epp": "EPP", "mei": "MEI", "publ": "(publ)", "tbk": "Tbk.", "rf": "(RF)"}
_AROUND = {
    "PT": words("Tbk. (Persero)"), "S.C.": words("S.R.L. S.A."), "Stichting": words("B.V."),
    "Coöperatie": words("U.A."),
}  # fmt: skip
_ROMANIAN = words("RO MD")
# What stands behind a legal form while a company is being founded or wound up.
_STATES = {
    "il": "i.L.", "ig": "i.G.", "igr": "i.Gr.", "ia": "i.A.", "ii": "i.I.", "in liquidation": "in Liquidation",
    "in liq": "in liq.", "en liquidation": "en liquidation", "en liquidacion": "en liquidación",
    "in liquidazione": "in liquidazione", "em liquidacao": "em liquidação", "w likwidacji": "w likwidacji",
    "v likvidaci": "v likvidaci", "v likvidacii": "v likvidácii", "u likvidaciji": "u likvidaciji",
    "v likvidaciji": "v likvidaciji", "in vereffening": "in vereffening", "i likvidation": "i likvidation",
    "under avvikling": "under avvikling", "in administration": "in administration", "fa": "f.a.", "va": "v.a.",
    "in grundung": "in Gründung", "w upadlosci": "w upadłości", "in receivership": "in receivership",
    "en formation": "en formation", "in fallimento": "in fallimento", "в ликвидации": "в ликвидации",
}  # fmt: skip
_STATE_ENDS = frozenset(state.split()[-1] for state in _STATES) | words("l g gr a i")  # "i. L." in two words
_BLANKS_AND_DOTS = re.compile(r"[\s.]+")
_HAS_LETTERS = re.compile(r"\w").search
_DOTTED = re.compile(r"(?:\w\.\s?)+\w?\.?").fullmatch


@dataclass(frozen=True, slots=True)
class LegalForm:
    """A legal form found in a name: its standard spelling in front and behind, the name without it, and a state such
    as "in liquidation"; `glued` where it is written without a blank, as in Chinese.
    """

    name: str
    front: str = ""
    behind: str = ""
    state: str = ""
    glued: bool = False

    @property
    def standard(self) -> str:
        """The form alone; "PT Tbk." of a form that stands around the name."""
        return f"{self.front} {self.behind}".strip()

    def around(self, name: str) -> str:
        """Return the name of a company with this form."""
        return ("" if self.glued else " ").join(filter(None, (self.front, name, self.behind, self.state)))


@lru_cache(maxsize=65536)  # the words of company names repeat
def _key(text: str) -> str:
    return _BLANKS_AND_DOTS.sub("", place_key(text.replace("+", " and ")))


@lru_cache(maxsize=4096)
def _bare(written: str) -> str:
    return re.sub(r"\W", "", written)


_Forms: TypeAlias = dict[str, list[tuple[str, frozenset[str]]]]


@cache
def _forms() -> tuple[_Forms, _Forms]:
    """Return suffixes and prefixes: key → standard spellings with their countries."""
    suffixes: _Forms = {}
    prefixes: _Forms = {}
    for standard, place, countries, spellings in table("legal_forms.tsv"):
        form = (standard, frozenset(countries.split()))
        for key in dict.fromkeys(_key(spelling) for spelling in (standard, *spellings.split("|")) if spelling):
            if place != "prefix":
                suffixes.setdefault(key, []).append(form)
            if place != "suffix":
                prefixes.setdefault(key, []).append(form)
    return suffixes, prefixes


@cache
def _last_words() -> dict[str, int]:
    """Return the last words of legal forms, and how many words a form that ends so can have."""
    ends: dict[str, int] = {}
    for key in _forms()[0]:  # "G. m. b. H.": each letter may stand apart
        for start in range(len(key)):
            end = key[start:]
            ends[end] = max(ends.get(end, 1), min(start + 1, _MOST_WORDS))
    return ends


@cache
def _first_words() -> frozenset[str]:
    return frozenset(_forms()[1]) | {
        _key(spelling.split()[0])
        for standard, place, _, spellings in table("legal_forms.tsv")
        if place != "suffix"
        for spelling in (standard, *spellings.split("|"))
        if spelling
    }


@cache
def forms_by_country() -> dict[str, frozenset[str]]:
    """Return the legal forms that are known of each country (ISO 3166-1 alpha-2), in their standard spelling."""
    forms: dict[str, set[str]] = {country: set(known) for country, known in GLUED_COUNTRIES.items()}
    for standard, _, countries, _ in table("legal_forms.tsv"):
        for country in countries.split():
            forms.setdefault(country, set()).add(standard)
    return {country: frozenset(known) for country, known in forms.items()}


def countries_covered() -> frozenset[str]:
    """Return the countries of which legal forms are known (ISO 3166-1 alpha-2)."""
    return frozenset(forms_by_country())


def find_form(name: str, country: str | None) -> LegalForm | None:
    """Return the legal form at the end, at the beginning, or around a company's name; None when there is none."""
    if not name.isascii() and (glued := glued_form(name)):
        return LegalForm(glued.name, front=glued.front, behind=glued.behind, glued=not glued.blanks)
    words = name.split()
    words, state = _without_state(words) if _key(words[-1]) in _STATE_ENDS else (words, "")
    behind, rest = _stacked(words, name, country) or _at_end(words, name, country)
    front = ""
    if _key(rest[0]) in _first_words():
        front, rest = _at_beginning(rest, name, country, beside=behind)
    if not (front or behind):
        return None
    return LegalForm(" ".join(rest).strip(" ,;-–"), front=front, behind=behind, state=state)


def is_form_alone(name: str, country: str | None) -> bool:
    """Whether a text is a legal form and nothing else."""
    known = _key(name.rsplit(" ", 1)[-1]) in _last_words() or _key(name.split(" ", 1)[0]) in _first_words()
    return (known or not name.isascii()) and find_form(f"x {name}", country) is not None


def _stacked(words: list[str], name: str, country: str | None) -> tuple[str, list[str]] | None:
    """Return two forms behind a name, as "Ltda. ME", and the words before them; None when there are not two."""
    second = _STACKED.get(_key(words[-1]))
    if second is None or len(words) < 3:
        return None
    first, rest = _at_end(words[: -2 if words[-2] in {"-", "–"} else -1], name, country)
    return (f"{first} {second}", rest) if first else None


def _without_state(words: list[str]) -> tuple[list[str], str]:
    """Take "i.L." or "in Liquidation" off the end, behind a legal form."""
    for count in (2, 1):
        written = " ".join(words[-count:])
        state = _STATES.get(_key(written) if "." in written else place_key(written))
        rest = words[:-count]
        if state and len(rest) > 1 and _key(rest[-1]) in _last_words() and (" " in state or "." in written):
            bare = written.strip("()")
            as_written = bare.casefold() == state.casefold() and not bare.isupper()
            return [*rest[:-1], rest[-1].rstrip(",")], bare if as_written else state
    return words, ""


def _at_end(words: list[str], name: str, country: str | None) -> tuple[str, list[str]]:
    """Return the form behind a name, and the words before it."""
    most = _last_words().get(_key(words[-1]), 0)
    for count in range(min(most, len(words) - 1), 0, -1):
        written = " ".join(words[-count:])
        form = _choice(_forms()[0].get(_key(written), ()), written, name, country)
        if form and not (form in _AMBIGUOUS_BEHIND and not _is_sure(form, written, country)):
            rest = " ".join(words[:-count]).rstrip(" ,;-–")
            if _HAS_LETTERS(rest):
                return form, rest.split()
    return "", words


def _at_beginning(words: list[str], name: str, country: str | None, *, beside: str) -> tuple[str, list[str]]:
    """Return the form in front of a name, and the words after it; few stand in front when there is one behind."""
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        written = " ".join(words[:count])
        form = _choice(_forms()[1].get(_key(written), ()), written, name, country)
        if not form or (beside and not _stands_around(form, beside, country)):
            continue
        if form in _AMBIGUOUS_IN_FRONT and not (beside or _is_sure_in_front(form, written, country)):
            continue
        rest = " ".join(words[count:]).lstrip(" ,;-–")
        if _HAS_LETTERS(rest):
            return form, rest.split()
    return "", words


def _stands_around(front: str, behind: str, country: str | None) -> bool:
    """Whether a form in front goes with the one behind; "S.C. Johnson S.A." is none of Romania."""
    if front == "S.C." and behind == "S.A.":
        return country in _ROMANIAN
    return front in _AROUND and (behind.split()[-1] in _AROUND[front] or (front == "PT" and country == "ID"))


def _is_sure(form: str, written: str, country: str | None) -> bool:
    """Whether letters that mean something else as often are a legal form: in its country, or with points."""
    if (form == written and not form.isalnum()) or ("." in form and "." in written and _DOTTED(written)):
        return True
    return any(form == standard and country in where for standard, where in _forms()[0].get(_key(written), ()))


def _is_sure_in_front(form: str, written: str, country: str | None) -> bool:
    """Whether letters in front of a name are a legal form and no initials: in its country alone.

    PT and CV are so frequent in Indonesia that they count in capitals where no country is known.
    """
    if country is None:
        return form in {"PT", "CV"} and written.isupper()
    return any(form == standard and country in where for standard, where in _forms()[1].get(_key(written), ()))


def _choice(
    forms: list[tuple[str, frozenset[str]]] | tuple[()], written: str, name: str, country: str | None
) -> str | None:
    """Return the spelling used in the country, else the first; short words only where they are written as a form is."""
    if not forms:
        return None
    spelled = next((form for form, _ in forms if form == written), None)
    bare = _bare(written)
    as_form = bare.isupper() or name.islower() or "." in written or bare in _CLEAR_WHEN_SMALL
    if spelled is None and len(bare) <= 2 and not as_form and not any(country in where for _, where in forms):
        return next((form for form, _ in forms if bare == "Co" or _bare(form) == bare), None)
    in_country = next((form for form, countries in forms if country in countries), None)
    return in_country or spelled or forms[0][0]
