"""Who brings the dirt in: the open findings of the last runs, by the source or the batch that the records came from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.policy import Policy
from crm_cli.dictionary import EntityRole, shown
from crm_cli.errors import NotFoundError
from crm_cli.store import Store

__all__ = ["Origin", "judge_origins"]


@dataclass
class Origin:
    """A source, or a batch of one, and what the audit found in its living records.

    `failing` records have an open finding. The score is the mean, over all policies about entities that it brought, of
    100 × (1 − failing / records of that entity). `rows` and `rejected` are those of its imports.
    """

    source: str
    batch: int | None = None
    file: str = ""
    records: int = 0
    failing: int = 0
    errors: int = 0
    rows: int = 0
    rejected: int = 0
    score: float | None = None
    by_policy: Counter[str] = field(default_factory=Counter)
    by_entity: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """The share of its records that fail."""
        return self.failing / self.records if self.records else 0.0

    @property
    def worst(self) -> str:
        """The policy that most of its records fail, blank for none."""
        return min(self.by_policy, key=lambda name: (-self.by_policy[name], name), default="")


def judge_origins(store: Store, policies: Sequence[Policy], *, batches: bool = False) -> list[Origin]:
    """Return the sources, or with `batches` what each batch last brought, the worst score first.

    A record that several sources know counts in each. Raises `NotFoundError` when no audit has stored findings yet.
    """
    with store.read() as connection:
        run = store.table("audit_run")
        if connection.scalar(sa.select(sa.func.count()).select_from(run)) == 0:
            raise NotFoundError("no audit has run yet", hint="crm audit run")
        found = _batches(store, connection) if batches else _sources(store, connection)
        known = _known(store, batches=batches)
        _count_records(connection, known, found)
        _count_findings(store, connection, known, found, {one.name for one in policies})
    by_entity: dict[str, list[str]] = defaultdict(list)
    for policy in policies:
        by_entity[policy.entity].append(policy.name)
    for origin in found.values():
        origin.score = _score(origin, by_entity)
    seen = [one for one in found.values() if one.records or one.rejected]
    return sorted(seen, key=lambda one: (one.score is None, one.score, -one.records, one.source, one.batch or 0))


def _score(origin: Origin, policies: dict[str, list[str]]) -> float | None:
    scores = [
        100 * (1 - origin.by_policy[name] / records)
        for entity, records in origin.by_entity.items()
        for name in policies.get(entity, ())
    ]
    return sum(scores) / len(scores) if scores else None


def _sources(store: Store, connection: sa.Connection) -> dict[int, Origin]:
    table, batch = store.table("source_system"), store.table("import_batch")
    name = store.dictionary.entity("source_system").field("name")
    sums = (
        sa.select(
            batch.c.source_system_id, sa.func.sum(batch.c.rows).label("rows"),
            sa.func.sum(batch.c.rejected).label("rejected"),
        )
        .where(batch.c.status == "applied")
        .group_by(batch.c.source_system_id)
        .subquery()
    )  # fmt: skip
    query = sa.select(table.c.id, table.c.name, sums.c.rows, sums.c.rejected).outerjoin(
        sums, sums.c.source_system_id == table.c.id
    )
    return {
        row.id: Origin(str(shown(name, row.name)), rows=int(row.rows or 0), rejected=int(row.rejected or 0))
        for row in connection.execute(query)
    }


def _batches(store: Store, connection: sa.Connection) -> dict[int, Origin]:
    table, batch = store.table("source_system"), store.table("import_batch")
    name = store.dictionary.entity("source_system").field("name")
    query = (
        sa.select(batch.c.id, batch.c.source_name, batch.c.rows, batch.c.rejected, table.c.name)
        .outerjoin(table, table.c.id == batch.c.source_system_id)
        .where(batch.c.status == "applied")
    )
    return {
        row.id: Origin(
            str(shown(name, row.name) or ""), row.id, row.source_name, rows=row.rows or 0, rejected=row.rejected or 0
        )
        for row in connection.execute(query)
    }


def _known(store: Store, *, batches: bool) -> sa.Subquery:
    """Rows (origin, entity, record) of the living records that sources know."""
    ref = store.table("external_ref")
    origin = ref.c.batch_id if batches else ref.c.source_system_id
    parts = []
    for entity in store.dictionary:
        if entity.role is EntityRole.RECORD:
            table = store.table(entity.name)
            living = sa.and_(table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None))
            columns: tuple[Any, ...] = (origin.label("origin"), ref.c.entity.label("entity"), ref.c.record_id)
            joined = sa.select(*columns).join(
                table, sa.and_(ref.c.entity == entity.name, ref.c.record_id == table.c.id)
            )
            parts.append(joined.where(living, origin.is_not(None)))
    return sa.union(*parts).subquery("known")


def _count_records(connection: sa.Connection, known: sa.Subquery, found: dict[int, Origin]) -> None:
    query = sa.select(known.c.origin, known.c.entity, sa.func.count()).group_by(known.c.origin, known.c.entity)
    for number, entity, count in connection.execute(query):
        if number in found:
            found[number].records += count
            found[number].by_entity[entity] += count


def _count_findings(
    store: Store, connection: sa.Connection, known: sa.Subquery, found: dict[int, Origin], policies: set[str]
) -> None:
    finding = store.table("finding")
    same = sa.and_(finding.c.entity == known.c.entity, finding.c.record_id == known.c.record_id)
    joined = known.join(finding, sa.and_(same, finding.c.status == "open", finding.c.policy.in_(sorted(policies))))
    each = sa.select(known.c.origin, finding.c.policy, sa.func.count()).select_from(joined)
    for number, policy, count in connection.execute(each.group_by(known.c.origin, finding.c.policy)):
        if number in found:
            found[number].by_policy[policy] += count
    error = sa.func.max(sa.case((finding.c.severity == "error", 1), else_=0)).label("error")
    records = (
        sa.select(known.c.origin, error)
        .select_from(joined)
        .group_by(known.c.origin, known.c.entity, known.c.record_id)
        .subquery()
    )
    sums = sa.select(records.c.origin, sa.func.count(), sa.func.sum(records.c.error)).group_by(records.c.origin)
    for number, failing, errors in connection.execute(sums):
        if number in found:
            found[number].failing, found[number].errors = failing, int(errors)
