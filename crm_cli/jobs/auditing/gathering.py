"""Gather what a report shows: how the policies stand, and the findings with what their records are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm_cli.audits import (
    Level,
    Policy,
    PolicyResult,
    Since,
    Standing,
    StandingFinding,
    read_standing,
    standing_findings,
)
from crm_cli.audits.since import found_since, newest_runs
from crm_cli.dictionary import shown
from crm_cli.records import titles_of
from crm_cli.store import Store

__all__ = ["AuditReport", "FindingRow", "read_report"]

NOBODY, ENTERED = "(nobody)", "(no source)"
_OWNER, _SOURCE, _SOURCE_NAME = "owner_id", "source_system", "name"


@dataclass(frozen=True)
class FindingRow:
    """A finding as a report shows it; of masked fields the title has `•••`."""

    finding: int
    severity: str
    policy: str
    entity: str
    record: int
    title: str
    since: date
    message: str
    fix: str


@dataclass(frozen=True)
class AuditReport:
    """A report: how the policies stand, and open findings by owner and by source of their records.

    `level` is from which level on a policy counts as failed.
    """

    store: Store
    standing: Standing
    level: Level
    by_owner: dict[str, int]
    by_source: dict[str, int]

    def findings(self, one: PolicyResult, limit: int | None = None) -> Iterator[FindingRow]:
        """Yield the open findings of a policy by record, each with the command that mends it."""
        policy = one.policy
        noun = self.store.dictionary.entity(policy.entity).noun
        with self.store.read() as connection:
            for chunk in standing_findings(self.store, connection, policy, since=self.standing.since, limit=limit):
                titles = titles_of(self.store, connection, policy.entity, [each.record_id for each in chunk])
                for each in chunk:
                    yield _row(each, noun, titles.get(each.record_id, ""))


def read_report(
    store: Store, policies: Sequence[Policy], *, since: Since | None = None, level: Level = Level.ERROR
) -> AuditReport:
    """Return the report on `policies` by what the runs stored; `since` narrows it to what was found since then.

    Raises `NoRunError`.
    """
    standing = read_standing(store, policies, since=since)
    with store.read() as connection:
        counting = _Counting(store, connection, standing)
        return AuditReport(store, standing, level, counting.by_owner(), counting.by_source())


def _row(one: StandingFinding, noun: str, title: str) -> FindingRow:
    policy = one.policy
    fix = policy.fix.replace("{id}", str(one.record_id))
    return FindingRow(
        one.id, one.severity, policy.name, noun, one.record_id, title, one.since, policy.message, fix
    )  # fmt: skip


@dataclass(frozen=True)
class _Counting:
    """Counts open findings by something that their records have."""

    store: Store
    connection: sa.Connection
    standing: Standing

    @property
    def entities(self) -> list[str]:
        return list(dict.fromkeys(one.policy.entity for one in self.standing.worst))

    def by_owner(self) -> dict[str, int]:
        """Findings per owner, of records that can have one."""
        finding, numbers = self.store.table("finding"), Counter[int | None]()
        hidden = 0
        for name in self.entities:
            declared = self.store.dictionary.entity(name).by_name.get(_OWNER)
            if declared is None:
                continue
            record = self.store.table(name)
            joined = finding.join(record, record.c.id == finding.c.record_id)
            query = sa.select(record.c[_OWNER], sa.func.count()).select_from(joined).where(*self._chosen(name))
            rows = self.connection.execute(query.group_by(record.c[_OWNER]))
            found: dict[int | None, int] = dict(tuple(row) for row in rows)
            if declared.masked:
                hidden += sum(number for owner, number in found.items() if owner is not None)
                found = {None: found.get(None, 0)}
            numbers.update(found)
        return self._named_owners(numbers, hidden)

    def _named_owners(self, numbers: Counter[int | None], hidden: int) -> dict[str, int]:
        titles = titles_of(self.store, self.connection, "app_user", [one for one in numbers if one is not None])
        named = Counter[str]()
        for owner, number in numbers.items():
            named[NOBODY if owner is None else titles.get(owner, f"number {owner}")] += number
        if hidden:
            named["•••"] += hidden
        return {name: number for name, number in named.most_common() if number}

    def by_source(self) -> dict[str, int]:
        """Findings per source that knows the record; a record of two sources counts in both."""
        finding, reference, source = (self.store.table(one) for one in ("finding", "external_ref", "source_system"))
        declared = self.store.dictionary.entity("source_system").field(_SOURCE_NAME)
        known = sa.and_(reference.c.entity == finding.c.entity, reference.c.record_id == finding.c.record_id)
        joined = finding.outerjoin(reference, known).outerjoin(source, source.c.id == reference.c.source_system_id)
        named = Counter[str]()
        for name in self.entities:
            query = sa.select(source.c.name, sa.func.count(finding.c.id.distinct())).select_from(joined)
            for label, number in self.connection.execute(query.where(*self._chosen(name)).group_by(source.c.name)):
                named[ENTERED if label is None else str(shown(declared, label))] += number
        return dict(named.most_common())

    def _chosen(self, entity: str) -> list[sa.ColumnElement[bool]]:
        """Which findings: open ones of the report's policies on records of this entity."""
        finding = self.store.table("finding")
        names = [one.policy.name for one in self.standing.worst if one.policy.entity == entity]
        chosen = [finding.c.entity == entity, finding.c.status == "open", finding.c.policy.in_(names)]
        if self.standing.since is not None:
            chosen.append(found_since(self.store, self.standing.since, newest_runs(self.store, self.connection)))
        return chosen
