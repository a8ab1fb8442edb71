"""What can be wrong with a condition, a path or a selection."""

from __future__ import annotations

from typing import Any

from crm_cli.errors import UsageError

__all__ = ["ConditionError"]


class ConditionError(UsageError):
    """A `--where` condition can't be understood or is not allowed; the facts name `text` and `position` (1-based)."""

    code = "condition"

    def at(self, text: str, position: int | None) -> ConditionError:
        """Return this error with the place in `text` that it speaks of."""
        facts: dict[str, Any] = {**self.facts, "text": text, "position": position}
        where = f" (character {position} of the condition)" if position else ""
        return ConditionError(self.message + where, hint=self.hint, **facts)
