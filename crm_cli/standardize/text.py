"""Free text: what no reader sees is removed, what every reader takes as the same is written the same.

Also the first step of every other standardizer. Identifying kinds (names, numbers, codes) are brought to Unicode form
NFKC (Unicode Standard Annex 15); running text only to NFC with full-width letters and digits narrowed, because NFKC
would turn "m²" into "m2" and Chinese punctuation into Latin.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.values import NO_VALUE, Context, Standard
from crm_cli.standardize.wordlists import words

__all__ = ["RULES", "is_no_value", "is_plain", "standardize_note", "standardize_text", "tidy"]

_T, _N = SemanticType.TEXT, SemanticType.NOTE
_TYPES = tuple(kind for kind in SemanticType if kind not in {SemanticType.REFERENCE, SemanticType.JSON})

_tidy_already = re.compile(r"[!-~]+(?: [!-~]+)*").fullmatch
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
_JOINERS_AND_MARKS = re.compile("[\u200c-\u200f\u061c]")
_NARROWED = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f]+")
_PLACEHOLDERS = words(
    """
    n/a #n/a na n.a. none null nil nan - -- --- . .. ? ?? ??? unknown unbekannt inconnu desconocido xxx xx x tbd
    test 0000 (null) <null> (none) <none> #ref! #value! #name? #null! #div/0! keine k.a. s/n 无 未知 なし 不明
    """
)
_LONGEST_PLACEHOLDER = 12
_MOJIBAKE = re.compile(
    "[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]"
    "|â€|ï»¿|ðŸ|[ÐÑ][\u0080-\u00bf\u2013-\u2026].[ÐÑ]"
)

RULES = (
    Rule("T101", "Control characters and NUL are removed", _TYPES, (Example("A\x00cme\x07", "Acme", kind=_T),)),
    Rule(
        "T102",
        "Characters that nobody sees (zero width, soft hyphen, direction overrides) are removed",
        _TYPES,
        (Example("Ac\u200bme\ufeff", "Acme", kind=_T), Example("\u202eevil", "evil", kind=_T)),
    ),
    Rule(
        "T103",
        "One spelling for characters that look the same (Unicode NFKC; NFC and full-width letters in running text)",
        _TYPES,
        (Example("Ａｃｍｅ １２", "Acme 12", kind=_T), Example("Mu\u0308ller", "Müller", kind=_T)),
    ),
    Rule(
        "T104",
        "Blanks: none around, one between words; lines of a note are kept",
        _TYPES,
        (Example("  Acme \t Ltd ", "Acme Ltd", kind=_T), Example("a  \r\nb", "a\nb", kind=_N)),
    ),
    Rule(
        "T201",
        "Text that was read in the wrong encoding is repaired",
        _TYPES,
        (Example("MÃ¼ller", "Müller", Context(unsafe=True), _T),),
    ),
    Rule(
        "T202",
        "HTML entities are replaced by their characters",
        _TYPES,
        (Example("Smith &amp; Sons", "Smith & Sons", Context(unsafe=True), _T),),
    ),
    Rule(
        "T203",
        'Stand-ins for "no value" are emptied',
        _TYPES,
        (Example("N/A", None, Context(unsafe=True), _T), Example("--", None, Context(unsafe=True), _T)),
    ),
    Rule(
        "T301", "Text looks as if it was read in the wrong encoding", _TYPES, (Example("MÃ¼ller", "MÃ¼ller", kind=_T),)
    ),
    Rule("T302", "Text has characters that were lost", _TYPES, (Example("M\ufffdller", "M\ufffdller", kind=_T),)),
    Rule("T303", "HTML entities in the text", _TYPES, (Example("A &amp; B", "A &amp; B", kind=_T),)),
    Rule("T304", 'Value only stands for "no value"', _TYPES, (Example("n/a", "n/a", kind=_T),)),
)


def tidy(value: str, context: Context, *, compatible: bool = True, lines: bool = False) -> Draft:
    """Return a draft of `value` without invisible characters and superfluous blanks.

    `compatible` asks for NFKC instead of NFC; `lines` keeps line breaks.
    """
    draft = Draft(value, context)
    if is_plain(value) and len(value) > _LONGEST_PLACEHOLDER:
        return draft
    if not _tidy_already(value):
        _tidy_characters(draft, compatible=compatible)
        draft.change("T104", _tidy_lines(draft.value) if lines else _BLANKS.sub(" ", draft.value).strip())
    _check(draft)
    return draft


def is_plain(value: str) -> bool:
    """Whether `tidy` would leave a value as it is, being one line of ASCII, but for words that stand for "no value"."""
    return bool(_tidy_already(value)) and "&" not in value


def is_no_value(value: str, context: Context) -> bool:
    """Whether an identifier is a word for "no value": what its standard form says, without making one."""
    if is_plain(value):
        stands_in = len(value) <= _LONGEST_PLACEHOLDER and value.lower() in _PLACEHOLDERS
        return stands_in and context.allows(NO_VALUE) and not context.allows("T203")
    return any(issue.code == NO_VALUE for issue in tidy(value, context).issues)


def _tidy_characters(draft: Draft, *, compatible: bool) -> None:
    """Remove and unify characters until nothing changes: removing one can bring others together that then compose."""
    for _ in range(4):
        before = draft.value
        draft.change("T101", _CONTROL.sub("", draft.value))
        if draft.value.isascii():
            return
        draft.change("T102", _without_invisible(draft.value))
        draft.change("T103", _normal(draft.value, compatible=compatible))
        if draft.value == before:
            return


def _normal(text: str, *, compatible: bool) -> str:
    if compatible:
        return unicodedata.normalize("NFKC", text)
    text = _NARROWED.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return unicodedata.normalize("NFC", text)


def _without_invisible(text: str) -> str:
    """Remove what nobody sees, but keep the joiners that Persian and Indic spelling needs, and marks beside Hebrew."""
    text = _INVISIBLE.sub("", text)
    if not _JOINERS_AND_MARKS.search(text):
        return text
    directed = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text if character > "\u0590")
    return "".join(
        character
        for place, character in enumerate(text)
        if not _JOINERS_AND_MARKS.match(character) or _needed(text, place, directed=directed)
    )


def _needed(text: str, place: int, *, directed: bool) -> bool:
    if text[place] not in "\u200c\u200d":
        return directed and text[place] in "\u200e\u200f\u061c" and 0 < place < len(text) - 1
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return len(around) == 2 and all(unicodedata.category(character) in {"Lo", "Mn", "Mc", "So"} for character in around)


def _tidy_lines(text: str) -> str:
    lines = [_BLANKS.sub(" ", line).strip() for line in re.split(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]", text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _check(draft: Draft) -> None:
    value = draft.value
    if "&" in value and ";" in value and (plain := html.unescape(value)) != value and not draft.change("T202", plain):
        draft.flag("T303", "Contains HTML codes such as &amp; instead of the characters they stand for")
    if not value.isascii():
        _check_encoding(draft)
    if len(value) <= _LONGEST_PLACEHOLDER and value.casefold() in _PLACEHOLDERS and not draft.change("T203", ""):
        draft.flag("T304", f'"{value}" stands for "no value"')


def _check_encoding(draft: Draft) -> None:
    if "\ufffd" in draft.value:
        draft.flag(
            "T302", "Characters were lost (\ufffd): the source was read in the wrong encoding before it came here"
        )
    if not _MOJIBAKE.search(draft.value):
        return
    if not draft.change("T201", repaired(draft.value)):
        draft.flag("T301", "Looks as if UTF-8 was read as a Western encoding (such as Ã¼ for ü)")


@lru_cache(maxsize=1024)
def repaired(text: str) -> str:
    """Return `text` with UTF-8 that was read as Windows-1252 or Latin-1 put right, or as it is where that fails."""
    for _ in range(3):
        for encoding in ("cp1252", "latin-1"):
            try:
                better = text.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            if better != text:
                break
        else:
            return text
        text = better
    return text


def standardize_text(value: str, context: Context) -> Standard:
    """Return one line of text, tidied."""
    return tidy(value, context, compatible=False).done()


def standardize_note(value: str, context: Context) -> Standard:
    """Return text of many lines, tidied; its lines are kept."""
    return tidy(value, context, compatible=False, lines=True).done()
