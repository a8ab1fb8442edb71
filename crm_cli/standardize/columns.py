"""Whole columns: each different value is standardized once, however often it stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crm_cli.collecting import seldom_collecting
from crm_cli.dictionary import SemanticType
from crm_cli.standardize.registry import standardizer
from crm_cli.standardize.values import EMPTY, Context, Standard

__all__ = ["standardize_column", "standardize_unique"]

_NO_CONTEXT = Context()


def standardize_unique(
    kind: SemanticType, values: Iterable[str | None], context: Context = _NO_CONTEXT
) -> dict[str | None, Standard]:
    """Return the outcome of each different value, all in one context."""
    function = standardizer(kind) or _as_it_is
    with seldom_collecting():
        return {value: function(value, context) if value else EMPTY for value in dict.fromkeys(values)}


def _as_it_is(value: str, _context: Context) -> Standard:
    return Standard(value)


def standardize_column(
    kind: SemanticType, values: Sequence[str | None], contexts: Context | Iterable[Context] = _NO_CONTEXT
) -> list[Standard]:
    """Return the outcomes in the order of `values`; `contexts` is one for all or one each, such as by country."""
    if isinstance(contexts, Context):
        unique = standardize_unique(kind, values, contexts)
        return [unique[value] for value in values]
    with seldom_collecting():
        return list(_each(kind, values, contexts))


def _each(kind: SemanticType, values: Sequence[str | None], contexts: Iterable[Context]) -> Iterator[Standard]:
    function = standardizer(kind) or _as_it_is
    seen: dict[Context, dict[str, Standard]] = {}
    for value, context in zip(values, contexts, strict=True):
        if not value:
            yield EMPTY
            continue
        known = seen.setdefault(context, {})
        outcome = known.get(value)
        if outcome is None:
            outcome = known[value] = function(value, context)
        yield outcome
