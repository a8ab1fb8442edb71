"""Comparisons: operands with constants and with each other, as renderers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm_cli.query.constructs import Matches
from crm_cli.query.operands import Fitted, Operand
from crm_cli.query.patterns import pattern_of
from crm_cli.query.scope import Scope

__all__ = ["Rendered", "compare", "compare_operands", "contains", "is_between", "like", "swapped"]

Truth: TypeAlias = sa.ColumnElement[bool]
Rendered: TypeAlias = Callable[[Scope], Truth]
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_SWAPPED = {"=": "=", "<>": "<>", ">": "<", ">=": "<=", "<": ">", "<=": ">="}


def swapped(sign: str) -> str:
    """Return the sign that says the same with its sides exchanged: 5 < a is a > 5."""
    return _SWAPPED[sign]


def compare(operand: Operand, sign: str, fitted: Fitted) -> Rendered:
    """Return `operand sign constant`. A day stands for its whole length: `created_at = '2026-05-31'`."""
    if fitted.until is not None and sign in ("=", "<>", ">", "<="):
        return _compare_day(operand, sign, fitted)
    return lambda scope: _SIGNS[sign](operand.compared(scope), operand.bound(fitted.value, scope))


def _compare_day(operand: Operand, sign: str, day: Fitted) -> Rendered:
    def render(scope: Scope) -> Truth:
        column = operand.compared(scope)
        start, end = operand.bound(day.value, scope), operand.bound(day.until, scope)
        if sign == ">":
            return column >= end
        if sign == "<=":
            return column < end
        inside = sa.and_(column >= start, column < end)
        return inside if sign == "=" else sa.not_(inside)

    return render


def compare_operands(left: Operand, sign: str, right: Operand) -> Rendered:
    """Return `field sign field`: by keys when both have them, else as they are stored."""
    if left.folded and right.folded:
        return lambda scope: _SIGNS[sign](left.compared(scope), right.compared(scope))
    return lambda scope: _SIGNS[sign](left.raw(scope), right.raw(scope))


def contains(operand: Operand, values: Sequence[Fitted]) -> Rendered:
    """Return `operand in (constants)`."""
    if any(value.until is not None for value in values) or operand.currency_dependent:
        parts = [compare(operand, "=", value) for value in values]
        return lambda scope: sa.or_(*(part(scope) for part in parts))
    return lambda scope: operand.compared(scope).in_([operand.bound(value.value, scope) for value in values])


def is_between(operand: Operand, low: Fitted, high: Fitted) -> Rendered:
    """Return `operand between low and high`, both included (a day with its whole length)."""
    lower, upper = compare(operand, ">=", low), compare(operand, "<=", high)
    return lambda scope: sa.and_(lower(scope), upper(scope))


def like(operand: Operand, pattern: str, escape: str) -> Rendered:
    """Return `operand like pattern`."""
    for_like, for_glob = pattern_of(pattern, escape, operand.prepare)

    def render(scope: Scope) -> Truth:
        return Matches(operand.compared(scope), sa.literal(for_like), sa.literal(for_glob))

    return render
