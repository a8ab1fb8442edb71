"""Telephone numbers: E.164 with extension, by the library phonenumbers and the country of the row."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import nanp
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Issue, Standard

__all__ = ["RULES", "standardize_phone"]

_KINDS = (SemanticType.PHONE,)
RULES = (
    Rule("P101", "E.164: plus sign, country code, number, without blanks; extension as ;ext= (RFC 3966)", _KINDS,
         (Example("(212) 736-5000 x12", "+12127365000;ext=12", Context("US")),
          Example("030 / 2270", "+49302270", Context("DE")), Example("+44 20 7946 0018", "+442079460018"))),
    Rule("P102", "The first of several numbers; the others are named as part `more`", _KINDS,
         (Example("212-736-5000 or 212-736-5001", "+12127365000", Context("US")),)),
    Rule("P103", "A number that a spreadsheet made a decimal one, where all its digits are there", _KINDS,
         (Example("2127365000.0", "+12127365000", Context("US")),
          Example("2.127365E+09", "2.127365E+09", Context("US")),
          Example("2.127365001E+09", "+12127365001", Context("US")))),
    Rule("P305", "The area code is missing", _KINDS, (Example("736-5000", "736-5000", Context("US")),)),
    Rule("P300", "Not a telephone number", _KINDS, (Example("call me", "call me", Context("US")),)),
    Rule("P301", "The number cannot exist in the numbering plan of its country", _KINDS,
         (Example("(212) 136-5000", "+12121365000", Context("US")),)),
    Rule("P302", "The country is needed to read the number", _KINDS, (Example("030 2270", "030 2270"),)),
    Rule("P303", "A premium-rate number", _KINDS, (Example("(900) 234-5678", "+19002345678", Context("US")),)),
    Rule("P304", "The number belongs to another country than the record", _KINDS,
         (Example("+49 30 2270", "+49302270", Context("FR")),)),
)  # fmt: skip
_SEVERAL = re.compile(r"\s*(?:[;|\n]|,(?!\s*(?:ext|x))|\s/\s|//|\b(?:or|oder|ou|and|und)\b)\s*(?!ext=)", re.IGNORECASE)
_TRUNK_ZERO = re.compile(r"^(\+|00)\s*(\d{1,3})[\s\-]*\(0\)\s*")
_VANITY = re.compile(r"\+?[\d\s().\-]{3,}[A-Za-z][A-Za-z\-]{2,9}").fullmatch
_CHINESE_EXTENSION = re.compile(r"\s*(?:转|轉|分机|分機|内線|內線)\s*(?=\d)")
_FLOATED = re.compile(r"(\+?\d{7,15})[.,]0").fullmatch
_SCIENTIFIC = re.compile(r"(\d)[.,](\d{1,14})[eE]\+?(\d{1,2})", re.ASCII).fullmatch
_NATIONAL_SLASH = re.compile(r"(?<=\d)\s*/\s*(?=\d)")
_MIN_DIGITS = 5
_PREMIUM = Issue("P303", "A premium-rate number: calls to it cost extra")
_WRITTEN = ("P101",)


def standardize_phone(value: str, context: Context) -> Standard:
    """Return the number as +4930123456 or +12127365000;ext=12.

    Parts: `number` without extension, `extension`, `country` (alpha-2 of the number), `more` (further numbers, one a
    line). What could be a number but is not in the numbering plan is written the same way and reported.
    """
    if north_american := nanp.read(value, context.country):
        return _north_american(value, context, *north_american)
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    if floated := _unfloated(draft.value):
        draft.change("P103", floated)
    found = _parse(draft.value, context.country)
    if (found is None or not _is_whole(found)) and draft.value.startswith("00"):
        found = _dialled_abroad(draft.value) or found
    if found is None or not _is_whole(found):
        found = _first_of_several(draft) or found
    if found is None or not _is_whole(found):
        return _not_understood(draft, found)
    valid = phonenumbers.is_valid_number(found)
    if not valid and not _reads_back(found):
        return _not_understood(draft, None)
    country = phonenumbers.region_code_for_number(found) if valid else None
    _write(draft, found, country, valid=valid)
    return draft.done()


def _north_american(value: str, context: Context, number: str, extension: str, country: str) -> Standard:
    """Return the outcome of what the fast path read: a valid number."""
    whole, parts = number, {"number": number, "country": country}
    if extension:
        whole = f"{number};ext={extension}"
        parts["extension"] = extension
    if value != whole and not context.allows("P101"):
        whole = value
    issues = (_PREMIUM,) if number.startswith("+1900") and context.allows("P303") else ()
    return Standard(whole, parts, issues, _WRITTEN if whole != value else ())


def _unfloated(text: str) -> str:
    """Return the number that a spreadsheet made a decimal one; nothing where digits were lost, as in 2.12555E+09."""
    if plain := _FLOATED(text):
        return plain[1]
    found = _SCIENTIFIC(text)
    return found[1] + found[2] if found and len(found[2]) == int(found[3]) >= _MIN_DIGITS else ""


def _parse(text: str, country: str | None) -> PhoneNumber | None:
    """Return what phonenumbers reads; a full-stop "(0)" after the country code and German slashes are understood."""
    text = _NATIONAL_SLASH.sub(" ", _TRUNK_ZERO.sub(r"\1\2 ", text))
    text = _CHINESE_EXTENSION.sub(" ext. ", text)
    if sum(character.isdigit() for character in text) < _MIN_DIGITS and not _VANITY(text):
        return None
    try:
        return phonenumbers.parse(text, country)
    except NumberParseException:
        return _parse("+" + text[2:].lstrip(), None) if text.startswith("00") and country is None else None


def _dialled_abroad(text: str) -> PhoneNumber | None:
    """Return a number after the prefix 00 of most countries, in a country that dials another one (ITU-T E.164, A.3)."""
    number = _parse("+" + text[2:].lstrip(), None)
    return number if number and phonenumbers.is_valid_number(number) else None


def _first_of_several(draft: Draft) -> PhoneNumber | None:
    pieces = [piece for piece in _SEVERAL.split(draft.value) if piece]
    if len(pieces) < 2:
        pieces = [piece for piece in draft.value.split("/") if piece]
    pieces = [_unfloated(piece) or piece for piece in pieces]
    numbers = [(piece, _parse(piece, draft.context.country)) for piece in pieces]
    good = [(piece, number) for piece, number in numbers if number and _is_whole(number)]
    if len(pieces) < 2 or not good:
        return None
    first, found = good[0]
    if not draft.change("P102", first):
        return None
    draft.part("more", "\n".join(dict.fromkeys(piece.strip() for piece, _ in numbers if piece != first)))
    return found


def _reads_back(number: PhoneNumber) -> bool:
    """Whether the E.164 form means the same number: some that cannot exist begin like a trunk prefix."""
    plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return phonenumbers.format_number(phonenumbers.parse(plain), PhoneNumberFormat.E164) == plain


def _is_whole(number: PhoneNumber) -> bool:
    """Whether a number has the length of its country, area code and all."""
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def _not_understood(draft: Draft, read: PhoneNumber | None) -> Standard:
    digits = sum(character.isdigit() for character in draft.value)
    if read and phonenumbers.is_possible_number(read):
        return draft.unknown("P305", f'"{draft.value}" has no area code')
    if draft.context.country is None and digits >= _MIN_DIGITS and not draft.value.startswith("+"):
        return draft.unknown("P302", f'"{draft.value}" has no country code, and the record no country')
    if digits < _MIN_DIGITS:
        return draft.unknown("P300", f'"{draft.value}" is no telephone number: it has {digits} digits')
    return draft.unknown("P300", f'"{draft.value}" is no telephone number: too few or too many digits for its country')


def _write(draft: Draft, found: PhoneNumber, country: str | None, *, valid: bool) -> None:
    number = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    number = number.partition(";")[0]
    extension = found.extension or ""
    draft.change("P101", f"{number};ext={extension}" if extension else number)
    draft.part("number", number)
    draft.part("extension", extension)
    draft.part("country", country)
    if not valid:
        draft.flag("P301", f"{number} cannot exist in the numbering plan of its country")
        return
    if phonenumbers.number_type(found) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        draft.flag(_PREMIUM.code, _PREMIUM.message)
    own = draft.context.country
    if own and country and country != own and found.country_code != phonenumbers.country_code_for_region(own):
        draft.flag("P304", f"{number} is a number of {country}, the record is in {own}")
