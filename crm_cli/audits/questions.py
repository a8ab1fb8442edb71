"""From a policy to SQL: which records it looks at, and which of them fail. Runs on all three databases alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.freshness import LastKnown, day_before, has_value, last_known
from crm_cli.audits.policy import Level, Policy, PolicyError, Related
from crm_cli.dictionary import Entity, EntityRole, UnknownEntityError, UnknownFieldError
from crm_cli.query import ConditionError, Path, Scope, compile_where, resolve
from crm_cli.store import Store
from crm_cli.store.columns import UtcDateTime, short_text

__all__ = ["Question", "ask"]

Truth = sa.ColumnElement[bool]
_SEVERITY = short_text(5)


@dataclass(frozen=True)
class Question:
    """A policy as SQL: `population` gives the ids of the records looked at, `failing` (record_id, severity)."""

    policy: Policy
    population: sa.Select[Any]
    failing: sa.Select[Any]
    narrowed: sa.Select[Any] | None = None  # the ids that the user's own condition leaves

    def within(self, record_id: sa.ColumnElement[Any]) -> list[Truth]:
        """Return the condition that a record is one that this run was to look at, deleted or not."""
        return [] if self.narrowed is None else [record_id.in_(self.narrowed)]


def ask(store: Store, connection: sa.Connection, policy: Policy, today: date, where: str | None = None) -> Question:
    """Return the queries of a policy as of `today`, for the records that fit `where` too.

    Raises `ConditionError` or `UnknownFieldError` for what the policy or `where` cannot ask of its entity.
    """
    return _Asking(store, connection, policy, today).question(where)


class _Asking:
    """Builds the queries of one policy: one scope for the population, the same joins for the test."""

    def __init__(self, store: Store, connection: sa.Connection, policy: Policy, today: date) -> None:
        self.store = store
        self.connection = connection
        self.policy = policy
        self.today = today
        self.entity = store.dictionary.entity(policy.entity)
        self.scope = Scope(store, self.entity)

    def question(self, where: str | None) -> Question:
        narrowed = (
            [self._holds(where)] if where else []
        )  # compiled apart: its mistakes are the user's, not the policy's
        try:
            return self._question(where, narrowed)
        except (ConditionError, UnknownFieldError, UnknownEntityError) as fault:
            raise PolicyError(f"policy {self.policy.name}: {fault.message}", hint=fault.hint, **fault.facts) from fault

    def _question(self, where: str | None, narrowed: Sequence[Truth]) -> Question:
        population = [*_alive(self.entity, self.scope.root), *narrowed]
        if self.policy.where:
            population.append(self._holds(self.policy.where))
        if self.policy.stale:
            population.append(has_value(self.store, self.entity, self.policy.stale, self.scope.root))
        looked_at = sa.select(self.scope.root.c.id).select_from(self.scope.source).where(*population)
        if self.policy.stale:
            known = self._last_known()
            fails, severity, source = self._stale(known), self._stale_severity(known), known.source
        else:
            fails, severity = self._fails(), sa.literal(self.policy.severity.value, _SEVERITY)
            source = self.scope.source
        columns = (self.scope.root.c.id.label("record_id"), severity.label("severity"))
        failing = sa.select(*columns).select_from(source).where(*population, fails)
        return Question(self.policy, looked_at, failing, self._narrowed(where))

    def _narrowed(self, where: str | None) -> sa.Select[Any] | None:
        if not where:
            return None
        scope = Scope(self.store, self.entity)
        condition = self._holds(where, scope)
        return sa.select(scope.root.c.id).select_from(scope.source).where(condition)

    def _holds(self, text: str, scope: Scope | None = None, entity: Entity | None = None) -> Truth:
        asked, zone = entity or self.entity, self.store.zone
        now = datetime.combine(self.today, time(0), zone)
        condition = compile_where(self.store.dictionary, asked, text, now=now, today=self.today, zone=zone)
        return condition.render(scope or self.scope)

    # --- tests ----------------------------------------------------------------------------------------------------

    def _fails(self) -> Truth:
        policy = self.policy
        tests: tuple[tuple[Any, Callable[[], Truth]], ...] = (
            (policy.fails_if, lambda: self._holds(policy.fails_if)),
            (policy.needs, lambda: sa.not_(sa.and_(*map(self._present, policy.needs)))),
            (policy.needs_any, lambda: sa.not_(sa.or_(*map(self._present, policy.needs_any)))),
            (policy.has, lambda: self._exists(policy.has)),
            (policy.lacks, lambda: sa.not_(self._exists(policy.lacks))),
            (policy.same, self._shared),
        )
        return next(test() for given, test in tests if given)

    def _present(self, name: str) -> Truth:
        """Whether a record has a value: of a slot in any of its contact points of that kind, not only the first."""
        slot = self.entity.slot_by_name.get(name)
        if slot is None:
            path = resolve(self.store.dictionary, self.entity, name)
            return _given(path, self.scope.value(path))
        point = self.store.table(slot.detail).alias()
        found = sa.exists().where(
            point.c.party_id == self.scope.root.c.id, point.c.deleted_at.is_(None), point.c[slot.column].is_not(None)
        )
        if slot.kind:
            found = found.where(point.c.kind == slot.kind)
        return found.correlate(self.scope.root)

    def _exists(self, related: Related | None) -> Truth:
        if related is None:
            raise LookupError(f"{self.policy.name} names no related rows")
        scope, conditions = self._related(related)
        query = sa.select(sa.literal(1)).select_from(scope.source).where(*conditions)
        return query.where(self._owner(scope, related) == self.scope.root.c.id).correlate(self.scope.root).exists()

    def _related(self, related: Related) -> tuple[Scope, list[Truth]]:
        entity = self.store.dictionary.entity(related.entity)
        scope = Scope(self.store, entity)
        conditions = [*_alive(entity, scope.root)]
        if related.where:
            conditions.append(self._holds(related.where, scope, entity))
        target = entity.field(related.via).reference
        if target is None:
            hint = "via names the field of the related rows that refers to the audited record"
            raise PolicyError(f"policy {self.policy.name}: {related.via} is no reference", hint=hint)
        if target.entity is None:
            conditions.append(scope.root.c[target.entity_field] == self.entity.name)
        return scope, conditions

    def _owner(self, scope: Scope, related: Related) -> sa.ColumnElement[Any]:
        owner: sa.ColumnElement[Any] = scope.root.c[related.via]
        return owner

    def _shared(self) -> Truth:
        """Whether another record has the same values: rows grouped by their keys, then the records of large groups."""
        groups = self._keyed("g")
        keys = [column for column in groups.c if column.name != "record_id"]
        many = (
            sa.select(*keys)
            .group_by(*keys)
            .having(sa.func.min(groups.c.record_id) < sa.func.max(groups.c.record_id))
            .subquery()
        )
        rows = self._keyed("r")
        equal = sa.and_(*(rows.c[key.name] == many.c[key.name] for key in keys))
        return self.scope.root.c.id.in_(sa.select(rows.c.record_id).select_from(rows.join(many, equal)))

    def _keyed(self, label: str) -> sa.Subquery:
        """Rows (record_id, key0, key1, …) of what is compared, without those that lack a value."""
        among = self.policy.among
        inner = Scope(self.store, self.entity)
        conditions: list[Truth] = [*_alive(self.entity, inner.root)]
        if self.policy.where:
            conditions.append(self._holds(self.policy.where, inner))
        entity, scope = self.entity, inner
        if among:
            scope, more = self._related(among)
            entity = self.store.dictionary.entity(among.entity)
            conditions += more
        paths = [resolve(self.store.dictionary, entity, name) for name in self.policy.same]
        keys = [scope.key(path) for path in paths]
        source = scope.source
        if among:
            source = source.join(inner.source, inner.root.c.id == self._owner(scope, among))
        columns = [key.label(f"key{place}") for place, key in enumerate(keys)]
        conditions += [_given(path, key) for path, key in zip(paths, keys, strict=True)]
        return (
            sa.select(inner.root.c.id.label("record_id"), *columns)
            .select_from(source)
            .where(*conditions)
            .subquery(label)
        )

    # --- freshness ------------------------------------------------------------------------------------------------

    def _last_known(self) -> LastKnown:
        if self.policy.stale is None:
            raise LookupError(f"{self.policy.name} is not about freshness")
        return last_known(self.store, self.connection, self.entity, self.policy.stale, self.scope)

    def _stale(self, known: LastKnown) -> Truth:
        limits = [days for days in (self.policy.warn_after, self.policy.error_after) if days is not None]
        return sa.or_(known.dead, known.moment < self._limit(min(limits)))

    def _limit(self, days: float) -> sa.ColumnElement[Any]:
        return sa.literal(day_before(self.today, days), UtcDateTime())

    def _stale_severity(self, known: LastKnown) -> sa.ColumnElement[Any]:
        error = sa.literal(Level.ERROR.value, _SEVERITY)
        cases: list[tuple[Truth, sa.ColumnElement[Any]]] = [(known.dead, error)]
        if self.policy.error_after is not None:
            cases.append((known.moment < self._limit(self.policy.error_after), error))
        return sa.case(*cases, else_=sa.literal(Level.WARN.value, _SEVERITY))


def _given(path: Path, value: sa.ColumnElement[Any]) -> Truth:
    return sa.and_(value.is_not(None), value != "") if path.field.is_text else value.is_not(None)


def _alive(entity: Entity, root: sa.FromClause) -> Sequence[Truth]:
    if entity.role is EntityRole.MACHINERY:
        return ()
    if entity.role is EntityRole.DETAIL:
        return (root.c.deleted_at.is_(None),)
    return (root.c.deleted_at.is_(None), root.c.merged_into_id.is_(None))
