"""The erasures that were made, and how one is lifted: the person may come back, its data do not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import NotFoundError
from crm_cli.history import KEY_CHECK, Author, operation
from crm_cli.store import Store

__all__ = ["allow", "list_erasures"]

Row = dict[str, Any]


def list_erasures(store: Store) -> list[Row]:
    """Return the erasures, newest first, with how many tombstones of each kind still stand."""
    table, keys = store.table("erasure"), store.table("erasure_key")
    with store.read() as connection:
        standing: dict[int, Counter[str]] = {}
        count = sa.select(keys.c.erasure_id, keys.c.kind, sa.func.count()).group_by(keys.c.erasure_id, keys.c.kind)
        for number, kind, amount in connection.execute(count):
            standing.setdefault(number, Counter())[kind] = amount
        rows = connection.execute(sa.select(table).order_by(table.c.id.desc())).mappings().all()
    return [_shown(dict(row), standing.get(row["id"], Counter())) for row in rows]


def _shown(row: Row, standing: Counter[str]) -> Row:
    counts = {name: count for name, count in (row["counts"] or {}).items() if name != KEY_CHECK}
    return {
        "id": row["id"], "entity": row["entity"], "record": row["record_id"], "erased_at": row["erased_at"],
        "actor": row["actor"], "reason": row["reason"], "counts": counts, "tombstones": dict(sorted(standing.items())),
    }  # fmt: skip


def allow(store: Store, number: int, author: Author, *, dry_run: bool = False, wait: float = 0.0) -> tuple[int, int]:
    """Let the person of an erasure come back: take its tombstones away; return (operation, how many).

    The erasure stays listed. Raises `NotFoundError`.
    """
    with operation(store, "allow", author, dry_run=dry_run, wait=wait) as op:
        erasure, keys = store.table("erasure"), store.table("erasure_key")
        if op.connection.scalar(sa.select(erasure.c.id).where(erasure.c.id == number)) is None:
            raise NotFoundError(f"there is no erasure {number}", hint="crm privacy list shows them", erasure=number)
        ids = list(op.connection.scalars(sa.select(keys.c.id).where(keys.c.erasure_id == number)))
        op.remove("erasure_key", ids)
        return op.id, len(ids)
