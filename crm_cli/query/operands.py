"""Operands: what a condition compares – fields and functions of them – and how constants are made to fit them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import SemanticType, fold
from crm_cli.errors import did_you_mean
from crm_cli.query.constants import OUTSIDE, Constant, Number, parse_date, parse_moment
from crm_cli.query.constructs import AsciiCase, ByCodePoint, Length
from crm_cli.query.faults import ConditionError
from crm_cli.query.money import DIGITS
from crm_cli.query.paths import Path
from crm_cli.query.scope import Scope

__all__ = ["Fitted", "Kind", "Operand", "ascii_case", "coalesce", "field_operand", "length"]

T = SemanticType
Column = sa.ColumnElement[Any]
_INT64 = 2**63


class Kind(StrEnum):
    """What can be compared with what."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "amount of money"
    DATE = "date"
    TIMESTAMP = "time"
    BOOLEAN = "yes or no"


_KINDS = {
    T.DATE: Kind.DATE, T.TIMESTAMP: Kind.TIMESTAMP, T.MONEY: Kind.MONEY, T.INTEGER: Kind.NUMBER, T.NUMBER: Kind.NUMBER,
    T.REFERENCE: Kind.NUMBER, T.BOOLEAN: Kind.BOOLEAN,
}  # fmt: skip
_PHONE_FILLING = str.maketrans("", "", " -()./\u00a0")


@dataclass(frozen=True)
class Fitted:
    """A constant made to fit an operand: `value`, and for a whole day of a time field the moment `until` it lasts."""

    value: Any
    until: datetime | None = None


@dataclass(frozen=True)
class Operand:
    """A field, or a function of fields: how it is rendered for comparison, and as it is stored (`raw`)."""

    name: str
    kind: Kind
    compared: Callable[[Scope], Column]
    raw: Callable[[Scope], Column]
    prepare: Callable[[str], str] = str
    folded: bool = False
    path: Path | None = None
    iso: bool = False  # dates that stand in JSON as ISO 8601 text
    zone: tzinfo = UTC  # in which days begin

    def fit(self, value: Constant) -> Fitted:
        """Return `value` as this operand's values are compared; `ConditionError` when it is of another kind."""
        if value is None:
            raise ConditionError(f"{self.name} = null is never true", hint=f"write {self.name} is null")
        fitted = _FIT[self.kind](self, value)
        if not self.iso:
            return fitted
        until = fitted.until.isoformat() if fitted.until else None
        return Fitted(fitted.value.isoformat(), until)  # type: ignore[arg-type]

    @property
    def currency_dependent(self) -> bool:
        """Whether the same constant means another stored number from record to record."""
        return self.kind is Kind.MONEY

    def bound(self, value: Any, scope: Scope) -> Column:
        """Return a fitted value as SQL; an amount in major units becomes minor units by the record's currency."""
        if self.folded and self.path:
            return sa.literal(value, scope.key(self.path).type)  # cut as the stored keys are
        if self.kind is not Kind.MONEY:
            return _bind(value)
        currency = scope.currency(self.path) if self.path else None
        if currency is None:
            return _bind(_minor(value, 2))
        cases = [(currency.in_(codes), _bind(_minor(value, digits))) for digits, codes in DIGITS.items()]
        return sa.case(*cases, else_=_bind(_minor(value, 2)))


def _bind(value: Any) -> Column:
    if isinstance(value, bool):
        return sa.true() if value else sa.false()
    if isinstance(value, int):
        return sa.literal(value, sa.BigInteger)
    if isinstance(value, float):
        return sa.literal(value, sa.Double)
    if isinstance(value, datetime):
        from crm_cli.store.columns import UtcDateTime

        return sa.literal(value, UtcDateTime)
    return sa.literal(value)


def _minor(value: Decimal, digits: int) -> int | float:
    return _plain_number(value.scaleb(digits))


def _plain_number(value: Decimal) -> int | float:
    if abs(value) >= _INT64:
        raise ConditionError(f"{value} is too large a number")
    return int(value) if value == value.to_integral_value() else float(value)


def field_operand(path: Path, zone: tzinfo = UTC) -> Operand:
    """Return the operand for a resolved path; its days begin in `zone`."""
    one = path.field
    if one.type is T.JSON:
        raise ConditionError(f"{path.text} can't be compared", hint="name one field of it, such as custom.NAME")
    kind = _KINDS.get(one.type, Kind.TEXT)
    folded = kind is Kind.TEXT and one.has_key and not one.custom
    iso = one.custom and kind in (Kind.DATE, Kind.TIMESTAMP)
    prepare = _preparing(path, folded=folded)
    return Operand(
        path.text, kind, lambda scope: scope.key(path), lambda scope: scope.value(path),
        prepare, folded, path, iso, zone,
    )  # fmt: skip


def _preparing(path: Path, *, folded: bool) -> Callable[[str], str]:
    if folded:
        return lambda text: fold(text) or ""
    if path.field.type is T.ENUM:
        return lambda text: fold(text) or ""
    if path.field.type in (T.COUNTRY, T.CURRENCY, T.POSTAL_CODE):
        return str.upper
    if path.field.type is T.PHONE:
        return lambda text: text.translate(_PHONE_FILLING)
    return str


def length(inner: Operand) -> Operand:
    """Return the operand for the number of characters of a text."""
    if inner.kind is not Kind.TEXT:
        raise ConditionError(f"length() takes a text, {inner.name} is a {inner.kind}")

    def count(scope: Scope) -> Column:
        return Length(inner.raw(scope))

    return Operand(f"length({inner.name})", Kind.NUMBER, count, count)


def ascii_case(inner: Operand, name: str) -> Operand:
    """Return the operand for `lower(x)` and `upper(x)`: texts with a key ignore case anyway, others now do for A-Z."""
    if inner.kind is not Kind.TEXT:
        raise ConditionError(f"{name}() takes a text, {inner.name} is a {inner.kind}")
    if inner.folded:
        return replace(inner, name=f"{name}({inner.name})")

    def compared(scope: Scope) -> Column:
        return AsciiCase(inner.compared(scope))

    return replace(inner, name=f"{name}({inner.name})", compared=compared, prepare=_ascii_lower)


def _ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def coalesce(parts: list[Operand], last: Constant) -> Operand:
    """Return the operand for `coalesce(a, b, …, constant)`; all of one kind."""
    first = parts[0]
    for other in parts[1:]:
        check_same_kind(first, other)
    fitted = None if last is None else first.fit(last)

    def build(scope: Scope, take: Callable[[Operand], Column]) -> Column:
        columns = [take(one) for one in parts]
        if fitted is not None:
            columns.append(first.bound(fitted.value, scope))
        result: Column = columns[0] if len(columns) == 1 else sa.func.coalesce(*columns)
        return ByCodePoint(result) if first.kind is Kind.TEXT else result

    name = f"coalesce({', '.join(one.name for one in parts)}, …)"
    return replace(
        first,
        name=name,
        compared=lambda scope: build(scope, lambda one: one.compared(scope)),
        raw=lambda scope: build(scope, lambda one: one.raw(scope)),
    )


def check_same_kind(left: Operand, right: Operand) -> None:
    """Raise `ConditionError` unless two operands can be compared with each other on every database."""
    if left.kind is not right.kind or left.iso != right.iso:
        raise ConditionError(
            f"{left.name} is a {left.kind} and {right.name} a {right.kind}: they can't be compared",
            hint="compare fields of the same kind",
        )


def _fit_text(operand: Operand, value: Constant) -> Fitted:
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, bool) or value is None:
        raise ConditionError(f"{operand.name} is a text", hint="write texts in single quotes: 'abc'")
    text = operand.prepare(value.text if isinstance(value, Number) else value)
    if "\0" in text:
        raise ConditionError("a text can't hold the character NUL")
    one = operand.path.field if operand.path else None
    if one is not None and one.values and text not in one.values:
        hint = did_you_mean(text, one.values) or f"values: {', '.join(one.values)}"
        raise ConditionError(f"{operand.name} is never {text!r}", hint=hint)
    return Fitted(text)


def _number(operand: Operand, value: Constant) -> Decimal:
    if isinstance(value, str):
        try:
            value = Number(value, Decimal(value.strip()))
        except ArithmeticError:
            raise ConditionError(f"{operand.name} is a {operand.kind}, {value!r} is none") from None
    if not isinstance(value, Number) or not value.value.is_finite():
        raise ConditionError(f"{operand.name} is a {operand.kind}", hint=f"write {operand.name} > 1000")
    return value.value


def _fit_number(operand: Operand, value: Constant) -> Fitted:
    return Fitted(_plain_number(_number(operand, value)))


def _fit_money(operand: Operand, value: Constant) -> Fitted:
    amount = _number(operand, value)
    _plain_number(amount.scaleb(4))  # refuse now what would overflow in any currency
    return Fitted(amount)


def _fit_date(operand: Operand, value: Constant) -> Fitted:
    if isinstance(value, str):
        value = parse_date(value)
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise ConditionError(f"{operand.name} is a date", hint=f"write {operand.name} >= '2026-05-31' or today() - 30")
    return Fitted(value)


def _fit_timestamp(operand: Operand, value: Constant) -> Fitted:
    if isinstance(value, str):
        value = parse_moment(value, operand.zone)
    if value is None or not isinstance(value, date):
        raise ConditionError(f"{operand.name} is a time", hint=f"write {operand.name} >= '2026-05-31' or now()")
    try:
        if isinstance(value, datetime):
            return Fitted(value.astimezone(UTC))
        ends = (datetime.combine(day, time(0), operand.zone) for day in (value, value + timedelta(days=1)))
        return Fitted(*(moment.astimezone(UTC) for moment in ends))
    except OverflowError:
        raise ConditionError(OUTSIDE) from None


def _fit_boolean(operand: Operand, value: Constant) -> Fitted:
    if isinstance(value, str) and (fold(value) or "") in ("true", "false"):
        value = fold(value) == "true"
    if not isinstance(value, bool):
        raise ConditionError(f"{operand.name} is true or false", hint=f"write {operand.name} or not {operand.name}")
    return Fitted(value)


_FIT: dict[Kind, Callable[[Operand, Constant], Fitted]] = {
    Kind.TEXT: _fit_text,
    Kind.NUMBER: _fit_number,
    Kind.MONEY: _fit_money,
    Kind.DATE: _fit_date,
    Kind.TIMESTAMP: _fit_timestamp,
    Kind.BOOLEAN: _fit_boolean,
}
