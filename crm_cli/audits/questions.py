"""From a policy to SQL: which records it looks at, and which of them fail. Runs on all three databases alike.

`ask` gives the queries of one policy by itself. `conditions_of` gives the same as conditions on the records of a scope,
so that one reading of a table can answer many policies (`verdicts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from crm_cli.audits.freshness import Known, day_before, has_value, last_known
from crm_cli.audits.policy import Level, Policy, PolicyError, Related
from crm_cli.dictionary import Entity, EntityRole, UnknownEntityError, UnknownFieldError
from crm_cli.query import ConditionError, Path, Scope, compile_where, resolve
from crm_cli.store import Store
from crm_cli.store.columns import UtcDateTime, short_text

__all__ = ["Conditions", "Question", "alive", "ask", "condition_of", "conditions_of", "narrowed_ids"]

Truth = sa.ColumnElement[bool]
_SEVERITY = short_text(5)


@dataclass(frozen=True)
class Conditions:
    """A policy as conditions on the records of a scope: which are looked at, which of them fail, and how badly."""

    looked_at: Truth
    fails: Truth
    severity: sa.ColumnElement[Any]


@dataclass(frozen=True)
class Question:
    """A policy as SQL: `population` gives the ids of the records looked at, `failing` (record_id, severity)."""

    policy: Policy
    population: sa.Select[Any]
    failing: sa.Select[Any]
    narrowed: sa.Select[Any] | None = None  # the ids that the user's own condition leaves


def ask(store: Store, connection: sa.Connection, policy: Policy, today: date, where: str | None = None) -> Question:
    """Return the queries of a policy as of `today`, for the records that fit `where` too.

    Raises `ConditionError` or `UnknownFieldError` for what `where` cannot ask of the entity, `PolicyError` for what the
    policy can't.
    """
    scope = Scope(store, store.dictionary.entity(policy.entity))
    narrowed = [condition_of(store, scope, policy.entity, where, today)] if where else []
    known = None
    if policy.stale:
        joined = last_known(store, connection, store.dictionary.entity(policy.entity), policy.stale, scope)
        scope.source, known = joined.source, joined
    test = conditions_of(store, policy, today, scope, known)
    looked_at = [*alive(store.dictionary.entity(policy.entity), scope.root), *narrowed, test.looked_at]
    ids = scope.root.c.id
    columns = (ids.label("record_id"), test.severity.label("severity"))
    failing = sa.select(*columns).select_from(scope.source).where(*looked_at, test.fails)
    population = sa.select(ids).select_from(scope.source).where(*looked_at)
    return Question(policy, population, failing, narrowed_ids(store, policy.entity, where, today))


def conditions_of(store: Store, policy: Policy, today: date, scope: Scope, known: Known | None = None) -> Conditions:
    """Return a policy as conditions on the records of `scope`, to which it joins what it needs.

    A policy about freshness needs what is `known` of its group. Raises `PolicyError` for what the policy cannot ask.
    """
    try:
        return _Asking(store, policy, today, scope).test(known)
    except (ConditionError, UnknownFieldError, UnknownEntityError) as fault:
        raise PolicyError(f"policy {policy.name}: {fault.message}", hint=fault.hint, **fault.facts) from fault


def condition_of(store: Store, scope: Scope, entity: str, text: str, today: date) -> Truth:
    """Return a condition of the `--where` language on the records of `scope`; days are reckoned from `today`."""
    now = datetime.combine(today, time(0), store.zone)
    asked = store.dictionary.entity(entity)
    return compile_where(store.dictionary, asked, text, now=now, today=today, zone=store.zone).render(scope)


def narrowed_ids(store: Store, entity: str, where: str | None, today: date) -> sa.Select[Any] | None:
    """Return the ids of the records that the user's own condition leaves, deleted or not; None without a condition."""
    if not where:
        return None
    scope = Scope(store, store.dictionary.entity(entity))
    condition = condition_of(store, scope, entity, where, today)
    return sa.select(scope.root.c.id).select_from(scope.source).where(condition)


class _Asking:
    """Builds the conditions of one policy, with joins for both its population and its test."""

    def __init__(self, store: Store, policy: Policy, today: date, scope: Scope) -> None:
        self.store = store
        self.policy = policy
        self.today = today
        self.entity = store.dictionary.entity(policy.entity)
        self.scope = scope

    def test(self, known: Known | None) -> Conditions:
        looked_at: list[Truth] = [self._holds(self.policy.where)] if self.policy.where else []
        if self.policy.stale is None:
            everybody = sa.and_(sa.true(), *looked_at)
            return Conditions(everybody, self._fails(), sa.literal(self.policy.severity.value, _SEVERITY))
        if known is None:
            raise LookupError(f"{self.policy.name} is about freshness, and nothing is known of it")
        looked_at.append(has_value(self.store, self.entity, self.policy.stale, self.scope.root))
        return Conditions(sa.and_(*looked_at), self._stale(known), self._stale_severity(known))

    def _holds(self, text: str, scope: Scope | None = None, entity: Entity | None = None) -> Truth:
        return condition_of(self.store, scope or self.scope, (entity or self.entity).name, text, self.today)

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
        conditions = [*alive(entity, scope.root)]
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
        groups = self._keyed("g", only_repeated=True)
        keys = [column for column in groups.c if column.name != "record_id"]
        many = (
            sa.select(*keys)
            .group_by(*keys)
            .having(sa.func.min(groups.c.record_id) < sa.func.max(groups.c.record_id))
            .subquery()
        )
        rows = self._keyed("r")
        equal = sa.and_(*(rows.c[key.name] == many.c[key.name] for key in keys))
        # a join, not `id IN (…)`: PostgreSQL asks again for every record what stands in a column of the result, and so
        # it does with what it is not told to keep apart, where it takes a table for small
        found = sa.select(rows.c.record_id).select_from(rows.join(many, equal)).distinct().cte()
        found = found.prefix_with("MATERIALIZED", dialect="postgresql")
        self.scope.source = self.scope.source.outerjoin(found, found.c.record_id == self.scope.root.c.id)
        return found.c.record_id.is_not(None)

    def _keyed(self, label: str, *, only_repeated: bool = False) -> sa.Subquery:
        """Rows (record_id, key0, key1, …) of what is compared, without those that lack a value.

        `only_repeated` may leave out rows whose key is found only once in the whole table.
        """
        among = self.policy.among
        inner = Scope(self.store, self.entity)
        conditions: list[Truth] = []
        if self.policy.where:
            conditions.append(self._holds(self.policy.where, inner))
        entity, scope = self.entity, inner
        if among:
            scope, more = self._related(among)
            entity = self.store.dictionary.entity(among.entity)
            conditions += more
        paths = [resolve(self.store.dictionary, entity, name) for name in self.policy.same]
        keys = [scope.key(path) for path in paths]
        repeated = self._repeated(entity, paths, keys)
        conditions += alive(self.entity, inner.root) if repeated is None else _alive_by_number(self.entity, inner.root)
        if only_repeated and repeated is not None:
            conditions.append(repeated)
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

    def _repeated(self, entity: Entity, paths: Sequence[Path], keys: Sequence[sa.ColumnElement[Any]]) -> Truth | None:
        """Return the condition that a key is found more than once in its table; None where that would not be quick.

        On SQLite, read from an index alone, it costs a tenth of sorting all keys, and leaves few rows to look at. The
        servers group by hashing; MariaDB would even ask it again for every row.
        """
        [path, *others], table = paths, self.store.table(entity.name)
        if self.store.backend != "sqlite" or others or path.steps or path.slot or path.field.custom:
            return None
        column = table.c[keys[0].name] if isinstance(keys[0], sa.Column) else None
        if column is None or not any(next(iter(index.columns)) is column for index in table.indexes):
            return None
        many = sa.select(column).group_by(column).having(sa.func.count() > 1)
        return keys[0].in_(many.correlate(None))

    # --- freshness ------------------------------------------------------------------------------------------------

    def _stale(self, known: Known) -> Truth:
        limits = [days for days in (self.policy.warn_after, self.policy.error_after) if days is not None]
        return sa.or_(known.dead, known.moment < self._limit(min(limits)))

    def _limit(self, days: float) -> sa.ColumnElement[Any]:
        return sa.literal(day_before(self.today, days), UtcDateTime())

    def _stale_severity(self, known: Known) -> sa.ColumnElement[Any]:
        error = sa.literal(Level.ERROR.value, _SEVERITY)
        cases: list[tuple[Truth, sa.ColumnElement[Any]]] = [(known.dead, error)]
        if self.policy.error_after is not None:
            cases.append((known.moment < self._limit(self.policy.error_after), error))
        return sa.case(*cases, else_=sa.literal(Level.WARN.value, _SEVERITY))


def _given(path: Path, value: sa.ColumnElement[Any]) -> Truth:
    return sa.and_(value.is_not(None), value != "") if path.field.is_text else value.is_not(None)


def alive(entity: Entity, root: sa.FromClause) -> Sequence[Truth]:
    """Return the conditions that a record is there: neither deleted nor merged into another."""
    if entity.role is EntityRole.MACHINERY:
        return ()
    if entity.role is EntityRole.DETAIL:
        return (root.c.deleted_at.is_(None),)
    return (root.c.deleted_at.is_(None), root.c.merged_into_id.is_(None))


def _alive_by_number(entity: Entity, root: sa.FromClause) -> Sequence[Truth]:
    """Return what `alive` does, for records that are looked up by their number.

    SQLite takes "merged into none" for rare, and would begin with the index of that column, which names all records.
    """
    conditions = alive(entity, root)
    if "merged_into_id" not in root.c:
        return conditions
    return [root.c.deleted_at.is_(None), sa.func.coalesce(root.c.merged_into_id, 0) == 0]
