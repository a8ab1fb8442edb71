"""Telephone numbers of records that a search found: the index knows their last digits alone, a person may type all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from crm_cli.dictionary import SemanticType
from crm_cli.store import Store, in_chunks

__all__ = ["with_numbers"]

Key = tuple[str, int]
_DETAIL = "phone_number"


def with_numbers(store: Store, connection: sa.Connection, keys: Sequence[Key], numbers: Sequence[str]) -> set[Key]:
    """Return those of these records (entity, id) that have a telephone number which ends with all digits of one."""
    found: set[Key] = set()
    for name in {name for name, _ in keys}:
        ids = [number for entity, number in keys if entity == name]
        for number, text in _numbers_of(store, connection, name, ids):
            digits = "".join(letter for letter in text.partition("x")[0] if letter.isdecimal())
            if any(digits.endswith(asked) for asked in numbers):
                found.add((name, number))
    return found


def _numbers_of(store: Store, connection: sa.Connection, entity: str, ids: Sequence[int]) -> Iterable[tuple[int, str]]:
    declared, table = store.dictionary.entity(entity), store.table(entity)
    own = [table.c[one.name] for one in declared.fields if one.type is SemanticType.PHONE and not one.custom]
    points = store.table(_DETAIL)
    for chunk in in_chunks(ids):
        for column in own:
            query = sa.select(table.c.id, column).where(table.c.id.in_(chunk), column.is_not(None))
            yield from ((number, text) for number, text in connection.execute(query))
        if any(slot.detail == _DETAIL for slot in declared.slots):
            query = sa.select(points.c.party_id, points.c.standard).where(
                points.c.party_id.in_(chunk), points.c.deleted_at.is_(None)
            )
            yield from ((number, text or "") for number, text in connection.execute(query))
