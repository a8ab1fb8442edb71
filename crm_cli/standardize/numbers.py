"""Numbers and sums of money in the notations of the world, as plain decimals; sums with the currency in front."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.money_words import currency_of, minor_digits
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
    Rule("M300", "Not a number", (_NUM, _INT, _MON), (Example("a dozen", None),)),
    Rule("M301", "The sign may group thousands or begin a fraction", (_NUM, _MON), (Example("1,234", "1234"),)),
    Rule("M302", "A fraction where a whole number belongs", (_INT,), (Example("12.5", None, kind=_INT),)),
    Rule("M303", "More decimals than the currency has", (_MON,), (Example("JPY 12.5", None),)),
    Rule("M304", "Another currency than the record's", (_MON,),
         (Example("EUR 5", "EUR 5.00", Context(currency="USD")),)),
)  # fmt: skip

_NUMBER = re.compile(r"([+\-]?)(\d[\d.,' ’_٬٫]*|[.,]\d+)([eE][+\-]?\d{1,2})?([+\-]?)").fullmatch
_DECIMAL = re.compile(r"\d+\.\d+", re.ASCII).fullmatch
_GROUP_LIKE = re.compile(r"-?\d{1,3}\.\d{3}", re.ASCII).fullmatch
_AROUND = re.compile(r"([^\d.,()+\-−]*)\s*([(+\-−]?\s*[\d.,].*?)\s*([^\d.,()+\-−]*)").fullmatch


def _amount(text: str, decimal: str | None, *, thousands_likely: bool) -> tuple[Decimal, bool] | None:
    """Return the number that `text` writes, and whether its one separator could also be the other; None if none."""
    text = text.replace("−", "-").strip()
    negative = text.startswith("(") and text.endswith(")")
    found = _NUMBER(text[1:-1].strip() if negative else re.sub(r"^([+\-])\s+", r"\1", text))
    if not found or (found[1] and found[4]):
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
    found = _amount(draft.value, draft.context.decimal, thousands_likely=False)
    if found is None:
        return None
    if found[1]:
        draft.flag("M301", f'"{draft.value}" was taken as {_written(found[0])}: its sign may also begin a fraction')
    return found[0]


def standardize_integer(value: str, context: Context) -> Standard:
    """Return a whole number; "12.0" is 12, "12.5" is none."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    found = _amount(draft.value, context.decimal, thousands_likely=True)
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
    code, text = _split_currency(draft.value, context)
    currency = code or context.currency
    three = minor_digits(currency) == 3
    standard_already = three and re.fullmatch(r"[A-Z]{3} -?\d+\.\d{3}", draft.value)
    decimal = "." if standard_already else context.decimal
    found = _amount(text, decimal, thousands_likely=not three) if text else None
    if found is None:
        return draft.unknown("M300", f'"{draft.value}" is not a sum of money', keep=False)
    digits = minor_digits(currency)
    minor = found[0].scaleb(digits)
    if minor != minor.to_integral_value():
        return draft.unknown("M303", f"{currency or 'A sum'} has at most {digits} decimals: {draft.value}", keep=False)
    _money_issues(draft, code, found[0], ambiguous=found[1])
    amount = format(minor.to_integral_value().scaleb(-digits) + 0, f".{digits}f")
    amount = amount.removeprefix("-") if not minor else amount
    draft.part("amount", amount)
    draft.part("minor", format(minor.to_integral_value() + 0, "f") if minor else "0")
    draft.part("currency", currency)
    draft.change("M102", f"{currency} {amount}" if currency else amount)
    return draft.done()


def _split_currency(value: str, context: Context) -> tuple[str | None, str]:
    """Return the currency that stands before or after the number (or None), and the number; "" if words are unknown."""
    sign = ""
    if value[:1] in "-−+" and not value[1:2].isdigit():
        sign, value = value[0], value[1:].strip()
    found = _AROUND(value)
    if not found:
        return None, ""
    words = [word for word in (found[1].strip(), found[3].strip()) if word]
    codes = {currency_of(word, context.country) for word in words}
    if None in codes or len(codes) > 1:
        return None, ""
    return next(iter(codes), None), sign + found[2]


def _money_issues(draft: Draft, code: str | None, number: Decimal, *, ambiguous: bool) -> None:
    record = draft.context.currency
    if ambiguous:
        draft.flag("M301", f'"{draft.value}" was taken as {_written(number)}: its sign may also begin a fraction')
    if code and record and code != record:
        draft.flag("M304", f"The sum is in {code}, the record is kept in {record}")
