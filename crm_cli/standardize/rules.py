"""What a rule is. Each file of the room declares the rules it applies as `RULES`; `all_rules` lists them.

A code is a letter for the kind of value and three digits, of which the first says what the rule does:

* `1xx` changes the form only (safe: runs unless ignored),
* `2xx` may change the meaning (unsafe: runs on request),
* `3xx` changes nothing but reports something to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.values import Context

__all__ = ["Example", "Rule"]


@dataclass(frozen=True, slots=True)
class Example:
    """A value before and after; `after` is None when nothing is left of it. Run as a test, shown by `crm rule show`."""

    before: str
    after: str | None
    context: Context = field(default_factory=Context)
    kind: SemanticType | None = None  # when it differs from the rule's first


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of standardization: its code, what it does, for which types, and examples."""

    code: str
    title: str
    kinds: tuple[SemanticType, ...]
    examples: tuple[Example, ...]

    @property
    def safe(self) -> bool:
        """Whether the rule leaves the meaning alone."""
        return self.code[1] != "2"

    @property
    def changes(self) -> bool:
        """Whether the rule changes values; otherwise it only reports."""
        return self.code[1] != "3"
