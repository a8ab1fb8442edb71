"""Standardize a batch column by column, each unique value once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from crm_cli.dictionary import SemanticType
from crm_cli.importers import Table
from crm_cli.importers.mapping import Target
from crm_cli.standardize import Context, Standard, detect_date_order, standardizer

__all__ = ["ColumnStandardizer", "date_orders", "target_kind"]

_CACHE_LIMIT = 50_000  # values remembered a column: repeats are near each other or few
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
    _seen: dict[tuple[str, str | None], Standard] = field(default_factory=dict)

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
        if len(self._seen) > _CACHE_LIMIT:
            self._seen.clear()
        hinted = self.hint
        found: list[Standard | None] = []
        for value, hint in zip(values, hints, strict=True):
            if value is None:
                found.append(None)
                continue
            key = (value, hint if hinted else None)
            known = self._seen.get(key)
            if known is None:
                context = self._context(hinted, hint)
                known = self._seen[key] = function(value, context)
            found.append(known)
        return found

    def _context(self, name: str | None, hint: str | None) -> Context:
        if not hint or name is None:
            return self.context
        return replace(self.context, country=hint) if name == "country" else replace(self.context, currency=hint)


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
