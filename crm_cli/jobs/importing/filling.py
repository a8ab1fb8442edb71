"""The common case of a column: values that are understood and fit. What needs judgement is left to the drafter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from crm_cli.dictionary import Entity, Field, SemanticType
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.standardize import Standard

__all__ = ["fill_sound", "said"]

_JUDGED = {
    SemanticType.REFERENCE, SemanticType.ENUM, SemanticType.JSON, SemanticType.MONEY, SemanticType.INTEGER,
    SemanticType.NUMBER, SemanticType.BOOLEAN, SemanticType.TIMESTAMP,
}  # fmt: skip


def said(cells: Sequence[str | None], standards: Sequence[Standard | None]) -> Iterator[tuple[int, str, Standard]]:
    """Yield (place, cell, standard form) of the cells that say something: neither blank nor a word for "no value"."""
    for place, (cell, standard) in enumerate(zip(cells, standards, strict=True)):
        if cell is not None and standard is not None and not (standard.issues and standard.stands_for_nothing):
            yield place, cell, standard


def fill_sound(
    drafts: Sequence[Draft], entity: Entity, one: Field, cells: Sequence[str | None],
    standards: Sequence[Standard | None],
) -> list[int]:  # fmt: skip
    """Give the drafts the values of a column that are sound; return the places of the others, to be judged."""
    if one.type in _JUDGED or one.masked:  # the mark of a masked value is none
        return [place for place, _, _ in said(cells, standards)]
    made: Callable[[str], Any] | None = date.fromisoformat if one.type is SemanticType.DATE else None
    longest = one.max_length if one.is_text else sys.maxsize
    name, field = entity.name, one.name
    left: list[int] = []
    for place, (draft, cell, standard) in enumerate(zip(drafts, cells, standards, strict=True)):
        if cell is None or standard is None:
            continue
        value = standard.value
        if standard.issues or value is None or len(value) > longest:
            if not standard.stands_for_nothing:
                left.append(place)
            continue
        values = draft.values.get(name)
        if values is None:
            values = draft.values[name] = {}
        values[field] = made(value) if made else value
        if value != cell and not made:
            draft.originals.setdefault(name, {})[field] = cell
    return left
