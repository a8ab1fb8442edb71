"""Updates in bulk: read what is there, write what differs, say what changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import CrmError, NotFoundError
from crm_cli.history.rows import stored_values
from crm_cli.history.values import plain, plain_row
from crm_cli.store import COMMON_COLUMNS, Store, in_chunks

__all__ = ["ChangedMeanwhileError", "Update", "apply_updates"]


class ChangedMeanwhileError(CrmError):
    """Somebody else changed the record since it was read."""

    code = "changed-meanwhile"


@dataclass(frozen=True, slots=True)
class Update:
    """What an update changed of one record: old and new values of the changed fields, as the log holds them."""

    id: int
    old: dict[str, Any]
    new: dict[str, Any]


def apply_updates(
    store: Store,
    connection: sa.Connection,
    entity: str,
    updates: Mapping[int, Mapping[str, Any]],
    now: datetime,
    versions: Mapping[int, int] | None = None,
) -> list[Update]:
    """Write `updates` (id → field values) where they differ; return what changed, in the order of ids."""
    declared = store.dictionary.entity(entity)
    table = store.table(declared.name)
    done: list[Update] = []
    for chunk in in_chunks(sorted(updates)):
        rows = _locked_rows(connection, table, declared, chunk, {n for i in chunk for n in updates[i]})
        writes: dict[int, dict[str, Any]] = {}
        for number in chunk:
            row = rows.get(number)
            if row is None:
                raise NotFoundError(f"there is no {declared.noun} {number}", entity=entity, record_id=number)
            _check_version(declared, row, (versions or {}).get(number))
            stored = stored_values(declared, updates[number], row.get("custom"))
            changed = {name: value for name, value in stored.items() if row[name] != value}
            if changed:
                writes[number] = changed
                done.append(_update(table, number, row, changed))
        _write(connection, table, writes, _bookkeeping(declared, table, now))
    return done


def _locked_rows(
    connection: sa.Connection, table: sa.Table, entity: Entity, ids: Sequence[int], names: set[str]
) -> dict[int, sa.RowMapping]:
    wanted = {"id", "row_version", "custom"} & set(table.c.keys())
    for name in names:
        one = entity.by_name.get(name)
        if one is not None and one.custom:
            continue
        wanted.add(name)
        if one is not None and one.has_key:
            wanted.add(one.key_column)
    columns = [column for column in table.c if column.name in wanted]
    query = sa.select(*columns).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
    return {row["id"]: row for row in connection.execute(query).mappings()}


def _check_version(entity: Entity, row: sa.RowMapping, expected: int | None) -> None:
    if expected is not None and row["row_version"] != expected:
        message = f"{entity.noun} {row['id']} was changed by somebody else meanwhile"
        raise ChangedMeanwhileError(message, hint="look at it again, then repeat the change", record_id=row["id"])


def _update(table: sa.Table, number: int, row: sa.RowMapping, changed: Mapping[str, Any]) -> Update:
    logged = [name for name in changed if not _is_key(table, name)]
    return Update(number, {name: plain(row[name]) for name in logged}, plain_row({n: changed[n] for n in logged}))


def _is_key(table: sa.Table, name: str) -> bool:
    return name.endswith("_key") and name.removesuffix("_key") in table.c


def _bookkeeping(entity: Entity, table: sa.Table, now: datetime) -> dict[str, Any]:
    if "row_version" not in COMMON_COLUMNS[entity.role]:
        return {}
    return {"row_version": table.c.row_version + 1, "updated_at": now}


def _write(
    connection: sa.Connection, table: sa.Table, writes: Mapping[int, Mapping[str, Any]], always: Mapping[str, Any]
) -> None:
    """Write equal changes with one statement, different ones of the same columns with one executemany."""
    alike: dict[str, list[int]] = defaultdict(list)
    for number, changed in writes.items():
        alike[json.dumps(plain_row(changed), sort_keys=True, default=str)].append(number)
    apart: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for ids in alike.values():
        changed = writes[ids[0]]
        if len(ids) > 1:
            connection.execute(table.update().where(table.c.id.in_(ids)).values(**changed, **always))
        else:
            apart[tuple(changed)].append({"b_id": ids[0], **{f"b_{name}": value for name, value in changed.items()}})
    for names, rows in apart.items():
        values = {name: sa.bindparam(f"b_{name}", type_=table.c[name].type) for name in names}
        statement = table.update().where(table.c.id == sa.bindparam("b_id")).values(**values, **always)
        connection.execute(statement, rows)
