"""Confirmations: when, and by what, a group of a record's fields was last known to hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crm_cli.dictionary import Freshness
from crm_cli.history.operation import Operation
from crm_cli.store import bulk_insert

__all__ = ["ALL_CARRIED", "OF_ONE_POINT", "confirm", "confirm_batch"]

ALL_CARRIED = "*"  # all the groups that the batch's columns carry
OF_ONE_POINT = ("hard", "soft")  # results that speak of one contact point, not of the group
_COLUMNS = (
    "id", "entity", "record_id", "freshness_group", "confirmed_at", "method", "result", "source",
    "operation_id", "batch_id",
)  # fmt: skip


def confirm(
    operation: Operation,
    entity: str,
    ids: Sequence[int],
    groups: Iterable[Freshness | str],
    *,
    method: str,
    when: datetime | None = None,
    result: str = "valid",
    source: str | None = None,
) -> int:
    """Write that `groups` of these records were found valid (or dead) at `when`; return how many rows were written."""
    wanted = [(number, str(group)) for number in ids for group in groups]
    numbers = operation.allocate("confirmation", len(wanted))
    moment = when or operation.started_at
    rows = [
        (one, entity, number, group, moment, method, result, source, operation.id, None)
        for one, (number, group) in zip(numbers, wanted, strict=True)
    ]
    bulk_insert(operation.connection, operation.store.table("confirmation"), _COLUMNS, rows)
    operation.log_inserts("confirmation", list(numbers))
    return len(rows)


def confirm_batch(
    operation: Operation, entity: str, ids: Sequence[int], batch_id: int, moments: Sequence[datetime]
) -> int:
    """Write, one thin row a record, that a batch carried these records and so confirmed all groups it has columns for.

    `moments` says, for each record, how old the source's word is. Undone with the operation without a log row each:
    the rows name their operation.
    """
    numbers = operation.allocate("confirmation", len(ids))
    rows = (
        (one, entity, number, ALL_CARRIED, when, "import", "valid", None, operation.id, batch_id)
        for one, number, when in zip(numbers, ids, moments, strict=True)
    )
    return bulk_insert(operation.connection, operation.store.table("confirmation"), _COLUMNS, rows)
