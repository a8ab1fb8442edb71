"""Standardize a batch column by column, each unique value once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from crm_cli.dictionary import SemanticType
from crm_cli.importers import Table
from crm_cli.importers.mapping import Target
from crm_cli.standardize import Context, Standard, Standardizer, detect_date_order, standardizer

__all__ = ["ColumnStandardizer", "date_orders", "target_kind"]

_CACHE_LIMIT = 30_000  # values remembered a column that repeats itself
_CACHE_LIMIT_UNIQUE = 12_000  # of one in which most values are new: its repeats are near each other, or few
_SAMPLE = 2_000
# types that are read in the light of another cell of their row, and what that cell says
_HINTED = {
    SemanticType.PHONE: "country", SemanticType.POSTAL_CODE: "country", SemanticType.REGION: "country",
    SemanticType.STREET: "country", SemanticType.MONEY: "currency",
}  # fmt: skip


def target_kind(target: Target) -> SemanticType:
    """Return the semantic type that a target's values are standardized as."""
    if target.slot is not None:
        return target.slot.type
    if target.field is not None:
        return target.field.type
    kinds = {"full_name": SemanticType.PERSON_NAME, "last_modified": SemanticType.TIMESTAMP}
    return kinds.get(target.name, SemanticType.IDENTIFIER)


@dataclass
class ColumnStandardizer:
    """Standardizes the values of one column; remembers what it has seen."""

    kind: SemanticType
    context: Context
    _seen: dict[tuple[str | None, str | None], Standard | None] = field(default_factory=dict)
    _alone: dict[str | None, Standard | None] = field(default_factory=dict)  # the same for types without a hint
    _asked: int = 0
    _new: int = 0
    _contexts: dict[str, Context] = field(default_factory=dict)

    @property
    def hint(self) -> str | None:
        """What of its row a value is read by: `country`, `currency` or nothing."""
        return _HINTED.get(self.kind)

    def standardize(self, values: Sequence[str | None], hints: Sequence[str | None]) -> list[Standard | None]:
        """Return a standard form per value; None for a blank, and for types that have no standard form.

        `hints` are the country or currency of each row, for the types that are read by one.
        """
        function = standardizer(self.kind)
        if function is None:
            return [None if value is None else Standard(value) for value in values]
        self._forget()
        self._asked += len(values)
        if not self.hint:
            return self._unhinted(function, values)
        seen = self._seen
        keys = list(zip(values, hints, strict=True))
        new = set(keys) - seen.keys()
        self._new += len(new)
        for value, hint in new:
            seen[value, hint] = None if value is None else function(value, self._context(hint))
        return [seen[key] for key in keys]

    def _unhinted(self, function: Standardizer, values: Sequence[str | None]) -> list[Standard | None]:
        seen, context = self._alone, self.context
        new = set(values) - seen.keys()
        self._new += len(new)
        for value in new:
            seen[value] = None if value is None else function(value, context)
        return [seen[value] for value in values]

    def _forget(self) -> None:
        limit = _CACHE_LIMIT if 2 * self._new < self._asked else _CACHE_LIMIT_UNIQUE
        for known in (self._seen, self._alone):
            if len(known) > limit:
                known.clear()

    def _context(self, hint: str | None) -> Context:
        if not hint:
            return self.context
        if hint not in self._contexts:
            named = {"country": hint} if self.hint == "country" else {"currency": hint}
            self._contexts[hint] = replace(self.context, **named)  # type: ignore[arg-type]
        return self._contexts[hint]


def date_orders(table: Table, targets: dict[str, Target]) -> dict[str, tuple[str | None, bool]]:
    """Return, per date column, (order, ambiguous) by the vote of a sample: one format a column."""
    wanted = {
        column: table.header.index(column)
        for column, target in targets.items()
        if target_kind(target) in (SemanticType.DATE, SemanticType.TIMESTAMP)
    }
    if not wanted:
        return {}
    sample = next(table.batches(_SAMPLE), [])
    found = {}
    for column, place in wanted.items():
        vote = detect_date_order([row.values[place] for row in sample if place < len(row.values)])
        found[column] = (vote.order, vote.ambiguous)
    return found
