"""What a merge would choose, read without writing: for a person who decides field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.jobs.merging.evidence import Evidence, read_commonness, read_evidence, read_trusts
from crm_cli.jobs.merging.model import FieldChoice, MergeSettings
from crm_cli.jobs.merging.survivorship import Row, choose_survivor, choose_values
from crm_cli.store import Store

__all__ = ["Proposal", "propose"]


@dataclass(frozen=True, eq=False)
class Proposal:
    """The surviving record, the fields on which another's value would survive, and what that was judged by."""

    survivor: int
    choices: Sequence[FieldChoice]
    evidence: Evidence
    rows: dict[int, Row]


def propose(
    store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int], settings: MergeSettings,
    survivor: int | None = None,
) -> Proposal:  # fmt: skip
    """Say how the living records `ids` would be merged; with `survivor` into that one."""
    table = store.table(entity.name)
    found = connection.execute(sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id)).mappings()
    rows: dict[int, Row] = {row["id"]: dict(row) for row in found}
    members = list(rows.values())
    trusts = read_trusts(store, connection, entity, ids, settings.trusted_sources)
    first = rows[survivor] if survivor in rows else choose_survivor(entity, members, settings.survivor, trusts)
    ordered = [first, *(row for row in members if row["id"] != first["id"])]
    evidence = read_evidence(store, connection, entity, ids, settings.trusted_sources)
    read_commonness(store, connection, entity, [ordered], evidence)
    return Proposal(first["id"], choose_values(entity, ordered, evidence, settings.survivorship), evidence, rows)
