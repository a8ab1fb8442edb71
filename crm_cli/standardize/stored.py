"""From standard forms to the Python values that are stored."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.values import Standard

__all__ = ["stored_value"]


def stored_value(kind: SemanticType, standard: Standard) -> Any:
    """Return the value that a field of this type stores: date, aware datetime, int, float, bool or text; None for none.

    Money becomes integer minor units, counted by the currency where it is known and in hundredths where not.
    """
    text = standard.value
    if text is None:
        return None
    if kind is SemanticType.DATE:
        return date.fromisoformat(text)
    if kind is SemanticType.TIMESTAMP:
        return datetime.fromisoformat(text)
    if kind is SemanticType.MONEY:
        return _whole(standard.parts["minor"]) if "minor" in standard.parts else None
    if kind is SemanticType.INTEGER:
        return _whole(text)
    if kind is SemanticType.NUMBER:
        return float(text)
    if kind is SemanticType.BOOLEAN:
        return text == "true"
    return text


def _whole(text: str) -> int:
    """Return the number; `int` refuses texts of some thousand digits, about which the store has its own word to say."""
    return int(text) if len(text) < 1_000 else int(Decimal(text))
