"""Numbers and sums of money in the notations of the world, as plain decimals; sums with the currency in front."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.magnitudes import unfolded
from crm_cli.standardize.money_words import ISO_CURRENCIES, currency_of, is_shared, minor_digits
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "standardize_integer", "standardize_money", "standardize_number"]

_INT, _NUM, _MON = SemanticType.INTEGER, SemanticType.NUMBER, SemanticType.MONEY
RULES = (
    Rule("M101", "A plain decimal: no grouping, a point before the fraction, minus in front", (_NUM, _INT, _MON),
         (Example("1.234,5", "1234.5"), Example("(1 200)", "-1200"), Example("12,000", "12000", kind=_INT))),
    Rule("M102", "A sum of money: currency code in front, as many decimals as it has", (_MON,),
         (Example("$1,234.5", "USD 1234.50"), Example("1.234,50 €", "EUR 1234.50"), Example("¥1,200", "JPY 1200"))),
    Rule("M103", "Thousands, millions and the like in digits: k, M, bn, Mio., Lakh, 万", (_MON, _NUM, _INT),
         (Example("$1.2M", "USD 1200000.00"), Example("3万元", "CNY 30000.00"), Example("12 Lakh", "1200000.00"),
          Example("1.5 Mio. €", "EUR 1500000.00"), Example("12k", "12000", kind=_INT))),
    Rule("M300", "Not a number", (_NUM, _INT, _MON), (Example("a dozen", None),)),
    Rule("M301", "The sign may group thousands or begin a fraction", (_NUM, _MON), (Example("1,234", "1234"),)),
    Rule("M302", "A fraction where a whole number belongs", (_INT,), (Example("12.5", None, kind=_INT),)),
    Rule("M303", "More decimals than the currency has", (_MON,), (Example("JPY 12.5", None),)),
    Rule("M304", "Another currency than the record's", (_MON,),
         (Example("EUR 5", "EUR 5.00", Context(currency="USD")),)),
    Rule("M305", "The word for the currency is that of several countries", (_MON,), (Example("50 kr", "50.00"),)),
)  # fmt: skip

_NUMBER = re.compile(r"([+\-]?)(\d[\d.,' ’_٬٫]*|[.,]\d+)([eE][+\-]?\d{1,2})?([+\-]?)").fullmatch
_DECIMAL = re.compile(r"\d+\.\d+", re.ASCII).fullmatch
_GROUP_LIKE = re.compile(r"-?\d{1,3}\.\d{3}", re.ASCII).fullmatch
_SIGNS_OF_SEVERAL = frozenset({"$", "¥", "£", "kr", "Kr"})
_AROUND = re.compile(r"([^\d.,()+\-−]*)\s*([(+\-−]?\s*[\d.,].*?)\s*([^\d.,()+\-−]*)").fullmatch


def _amount(text: str, decimal: str | None, *, thousands_likely: bool) -> tuple[Decimal, bool] | None:
    """Return the number that `text` writes, and whether its one separator could also be the other; None if none."""
    text = text.replace("−", "-").strip()
    negative = text.startswith("(") and text.endswith(")")
    found = _NUMBER(text[1:-1].strip() if negative else re.sub(r"^([+\-])\s+", r"\1", text))
    if not found or (found[4] and (found[1] or found[2].rstrip()[-1] in ".,")):  # "5,-" has no cents, and no minus
        return None
    digits, ambiguous = _plain(found[2], decimal, thousands_likely=thousands_likely)
    if digits is None:
        return None
    number = Decimal(digits + (found[3] or ""))
    return (-number if negative or "-" in (found[1], found[4]) else number), ambiguous


def _plain(digits: str, decimal: str | None, *, thousands_likely: bool) -> tuple[str | None, bool]:
    digits = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in digits)
    digits = re.sub(r"[' ’_٬]", "", digits.strip()).replace("٫", ".").rstrip(".,")
    signs = {sign for sign in digits if sign in ".,"}
    if not signs:
        return digits, False
    ambiguous = False
    point = decimal
    if len(signs) == 2:
        point = max(".,", key=digits.rfind)
    elif digits.count(sign := next(iter(signs))) > 1:
        point = "," if sign == "." else "."
    elif point is None:
        ambiguous = bool(re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits)) and (sign == "," or thousands_likely)
        point = ("," if sign == "." else ".") if ambiguous else sign
    plain = _grouped(digits, point or ".")
    if plain is None and point == "," and _DECIMAL(digits):
        return digits, False  # what we write ourselves, whatever the decimal sign of the source is
    return plain, ambiguous


def _grouped(digits: str, point: str) -> str | None:
    """Return the plain decimal, or None where groups are not groups of three (or two, as in India)."""
    group = "," if point == "." else "."
    whole, _, fraction = digits.partition(point)
    if group in whole and not re.fullmatch(rf"\d{{1,3}}(?:\{group}\d{{2,3}})*\{group}\d{{3}}", whole):
        return None
    if not fraction.isdigit() and fraction:
        return None
    return (whole.replace(group, "") or "0") + (f".{fraction}" if fraction else "")


def _written(number: Decimal, decimal: str | None = None) -> str:
    """Write the number plainly; beside a decimal comma, "1.2340", so that it cannot be read as 1234."""
    text = format(number.normalize() + 0, "f")
    if decimal == "," and _GROUP_LIKE(text):
        return text + "0"
    return "0" if text == "-0" else text


def standardize_number(value: str, context: Context) -> Standard:
    """Return a plain decimal such as -1234.5; None when it is no number."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    number = _number(draft)
    if number is None:
        return draft.unknown("M300", f'"{draft.value}" is not a number', keep=False)
    draft.change("M101", _written(number, context.decimal))
    return draft.done()


def _number(draft: Draft) -> Decimal | None:
    found = _amount(draft.value, draft.context.decimal, thousands_likely=False) or _counted(draft)
    if found is None:
        return None
    if found[1]:
        draft.flag("M301", f'"{draft.value}" was taken as {_written(found[0])}: its sign may also begin a fraction')
    return found[0]


def _counted(draft: Draft) -> tuple[Decimal, bool] | None:
    """Return the number that a text such as "1.2M" or "3万" writes; the draft then holds its digits."""
    plain = unfolded(draft.value, draft.context.country, None)
    if plain is None or not plain.spelled or not draft.context.allows("M103"):
        return None
    found = _amount(plain.text, draft.context.decimal, thousands_likely=False)
    if found is None:
        return None
    number = found[0].scaleb(plain.power)
    draft.change("M103", _written(number, draft.context.decimal))
    return number, found[1]


def standardize_integer(value: str, context: Context) -> Standard:
    """Return a whole number; "12.0" is 12, "12.5" is none."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    found = _amount(draft.value, context.decimal, thousands_likely=True) or _counted(draft)
    if found is None:
        return draft.unknown("M300", f'"{draft.value}" is not a number', keep=False)
    if found[0] != found[0].to_integral_value():
        return draft.unknown("M302", f'"{draft.value}" is not a whole number', keep=False)
    draft.change("M101", _written(found[0]))
    return draft.done()


def standardize_money(value: str, context: Context) -> Standard:
    """Return "EUR 1234.50"; parts `amount`, `minor` (integer minor units) and `currency` where it is known.

    The currency comes from the value, else from the context. Without any the sum has two decimals.
    """
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    sum_ = _sum(draft.value, context) or _unfolded_sum(draft)
    if sum_ is None:
        return draft.unknown("M300", f'"{draft.value}" is not a sum of money', keep=False)
    currency = sum_.code or context.currency
    digits = minor_digits(currency)
    minor = sum_.number.scaleb(digits)
    if minor != minor.to_integral_value():
        return draft.unknown("M303", f"{currency or 'A sum'} has at most {digits} decimals: {draft.value}", keep=False)
    _money_issues(draft, sum_)
    amount = format(minor.to_integral_value().scaleb(-digits) + 0, f".{digits}f")
    amount = amount.removeprefix("-") if not minor else amount
    draft.part("amount", amount)
    draft.part("minor", format(minor.to_integral_value() + 0, "f") if minor else "0")
    draft.part("currency", currency)
    draft.change("M102", f"{currency} {amount}" if currency else amount)
    return draft.done()


class _Sum(NamedTuple):
    """A sum as it was read; `code` is the currency that it says, `open_word` a word that several countries have."""

    code: str | None
    number: Decimal
    ambiguous: bool
    open_word: str | None = None


def _sum(value: str, context: Context) -> _Sum | None:
    """Return the sum that `value` writes in digits, or None."""
    split = _split_currency(value, context)
    if split is None:
        return None
    code, text, open_word = split
    currency = code or context.currency
    digits = minor_digits(currency)
    standard_already = digits == 3 and re.fullmatch(r"[A-Z]{3} -?\d+\.\d{3}", value)
    decimal = "." if standard_already else context.decimal
    found = _amount(text, decimal, thousands_likely=digits != 3)
    return _Sum(code, found[0], found[1] and digits > 0, open_word) if found else None


def _unfolded_sum(draft: Draft) -> _Sum | None:
    """Return the sum of a text such as "$1.2M", "1.234,- €" or "($5)"."""
    context = draft.context
    plain = unfolded(draft.value, context.country, lambda word: _code(word, context) is not None)
    if plain is None or (plain.spelled and not context.allows("M103")):
        return None
    decimal = context.decimal
    if plain.power and decimal is None and plain.text.count(".") == 1 and "," not in plain.text:
        decimal = "."  # 1.234M: nobody groups thousands of millions
    read = _sum(plain.text, replace(context, decimal=decimal) if decimal != context.decimal else context)
    if read is None or not plain.spelled:
        return read
    read = read._replace(number=read.number.scaleb(plain.power))
    draft.change("M103", _sum_written(read, context))
    return read


def _sum_written(read: _Sum, context: Context) -> str:
    currency = read.code or context.currency
    amount = f"{read.number:.{minor_digits(currency)}f}"
    return f"{currency} {amount}" if currency else amount


def _split_currency(value: str, context: Context) -> tuple[str | None, str, str | None] | None:
    """Return the currency before or after the number (or None), the number, and a word that may mean several.

    None where a word is no currency, or two words mean two.
    """
    sign = ""
    if value[:1] in "-−+" and not value[1:2].isdigit():
        sign, value = value[0], value[1:].strip()
    found = _AROUND(value)
    if not found:
        return None
    codes: set[str] = set()
    open_word = None
    number = found[2]
    if number[0] == "." and found[1][-1:].isalpha():
        number = number[1:]  # the point of "Rs.500" is that of an abbreviation
    for word in (found[1].strip(), found[3].strip()):
        if not word:
            continue
        code = _code(word, context)
        if code is None:
            return None
        if code:
            codes.add(code)
        else:
            open_word = word
    if len(codes) > 1:
        return None
    return next(iter(codes), None), sign + number, open_word


def _code(word: str, context: Context) -> str | None:
    """Return the currency that a word means, "" where several countries have it, None where it is none."""
    if code := currency_of(word, context.country, context.currency):
        return code
    if is_shared(word):
        return ""
    pieces = word.split()  # "USD $": the code decides
    codes = [piece.upper() for piece in pieces if piece.upper() in ISO_CURRENCIES]
    signs = [piece for piece in pieces if piece.upper() not in ISO_CURRENCIES]
    if len(codes) != 1 or len(signs) != 1:
        return None
    agree = signs[0] in _SIGNS_OF_SEVERAL or currency_of(signs[0], context.country) == codes[0]
    return codes[0] if agree else None


def _money_issues(draft: Draft, read: _Sum) -> None:
    record = draft.context.currency
    if read.ambiguous:
        draft.flag("M301", f'"{draft.value}" was taken as {_written(read.number)}: its sign may also begin a fraction')
    if read.code and record and read.code != record:
        draft.flag("M304", f"The sum is in {read.code}, the record is kept in {record}")
    if read.open_word and not record:
        draft.flag("M305", f'"{read.open_word}" is money of several countries; the country or the currency tells')
