"""What a run of standardizing tells: what each rule did to each field, and what no rule understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from crm_cli.dictionary import Entity, Field, shown

__all__ = ["NotUnderstood", "RuleCount", "StandardizeResult"]

_SAMPLES = 3


class NotUnderstood(NamedTuple):
    """A value that stayed as it was: no rule understood it, or its standard form does not fit the field."""

    field: str
    value: str


@dataclass(slots=True)
class RuleCount:
    """What one rule did to one field: how often, and a few examples before and after."""

    name: str
    rule: str
    count: int = 0
    samples: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class StandardizeResult:
    """What a run changed: records looked at and changed, what each rule did, what was not understood and how often.

    A field is named `contact.family_name`, an e-mail address `email.value`. Values of masked fields are masked.
    """

    operation_id: int
    records: int = 0
    changed: int = 0
    rules: dict[tuple[str, str], RuleCount] = field(default_factory=dict)
    not_understood: Counter[NotUnderstood] = field(default_factory=Counter)

    def add_change(self, entity: Entity, one: Field, rules: Sequence[str], before: str | None, after: str) -> None:
        """Count the rules that changed one value."""
        name = f"{entity.noun}.{one.name}"
        for rule in rules:
            count = self.rules.get((name, rule))
            if count is None:
                count = self.rules[name, rule] = RuleCount(name, rule)
            count.count += 1
            if len(count.samples) < _SAMPLES:
                sample = shown(one, before or ""), shown(one, after)
                if sample not in count.samples:
                    count.samples.append(sample)

    def add_not_understood(self, entity: Entity, one: Field, value: str) -> None:
        """Count a value that stays as it is."""
        self.not_understood[NotUnderstood(f"{entity.noun}.{one.name}", shown(one, value))] += 1
