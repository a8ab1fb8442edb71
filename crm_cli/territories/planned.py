"""Plans that were decided and wait for their day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from crm_cli.errors import NotFoundError
from crm_cli.history import Operation
from crm_cli.store import Store
from crm_cli.territories.plan import Plan, PlanError
from crm_cli.territories.plan_reading import plan_of
from crm_cli.territories.planning import Carried, carry_out

__all__ = ["PlannedChange", "apply_plan", "apply_planned", "cancel_plan", "keep_plan", "read_planned"]


@dataclass(frozen=True, kw_only=True)
class PlannedChange:
    """A plan as it is kept."""

    id: int
    name: str
    effective_on: date
    status: str
    actor: str | None
    operation_id: int | None


def keep_plan(operation: Operation, plan: Plan, effective: date) -> int:
    """Keep a plan until its day; return its number. What fits nothing then is told now: see `carry_out`."""
    values = {
        "name": plan.name, "effective_on": effective, "status": "planned", "actor": operation.author.actor,
        "moves": dict(plan.document), "decided_at": operation.started_at,
    }  # fmt: skip
    return operation.insert("territory_plan", [values])[0]


def read_planned(store: Store, connection: sa.Connection, *, due: date | None = None) -> list[PlannedChange]:
    """Return the plans that are kept, in the order of their days; with `due` those that wait and whose day has come."""
    table = store.table("territory_plan")
    columns = [table.c[name] for name in PlannedChange.__dataclass_fields__]
    query = sa.select(*columns).order_by(table.c.effective_on, table.c.id)
    if due is not None:
        query = query.where(table.c.status == "planned", table.c.effective_on <= due)
    return [PlannedChange(**row) for row in connection.execute(query).mappings()]


def apply_planned(operation: Operation, number: int, *, today: date) -> Carried:
    """Carry a plan out that was kept: its rules are asked today, its stays begin on its own day."""
    table = operation.store.table("territory_plan")
    row = _waiting(operation, number)
    document = operation.connection.scalar(sa.select(table.c.moves).where(table.c.id == number)) or {}
    plan = replace(plan_of(document, f"plan {number}"), name=row.name, effective=row.effective_on)
    done = carry_out(operation, plan, today=today)
    operation.update("territory_plan", {number: {"status": "applied", "operation_id": operation.id}})
    return done


def apply_plan(operation: Operation, plan: Plan, *, today: date) -> Carried:
    """Carry a plan out now, and keep a row that says so."""
    done = carry_out(operation, plan, today=today)
    number = keep_plan(operation, plan, plan.effective or today)
    table = operation.store.table("territory_plan")
    values = {"status": "applied", "operation_id": operation.id}
    operation.connection.execute(table.update().where(table.c.id == number).values(**values))  # part of its insert
    return done


def cancel_plan(operation: Operation, number: int) -> PlannedChange:
    """Take back a plan that waits; `PlanError` for one that was applied or cancelled."""
    row = _waiting(operation, number)
    operation.update("territory_plan", {number: {"status": "cancelled"}})
    return row


def _waiting(operation: Operation, number: int) -> PlannedChange:
    known = {one.id: one for one in read_planned(operation.store, operation.connection)}
    if number not in known:
        raise NotFoundError(f"there is no plan {number}", hint="crm territory plan list shows them", plan=number)
    if known[number].status != "planned":
        hint = "crm territory plan list shows which wait"
        raise PlanError(f"plan {number} is {known[number].status}", hint=hint, plan=number)
    return known[number]
