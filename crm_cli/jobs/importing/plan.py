"""A plan: what an import would do, kept in a file, and carried out only while it would still do the same.

What counts is not whether anything changed meanwhile but whether the outcome would be another one: the plan holds a
digest of every change that the import logs, row by row, and the counts. It is compared before anything is committed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.errors import StalePlanError, UsageError
from crm_cli.history import Operation
from crm_cli.importers import ReadOptions
from crm_cli.importers.mapping import Mapping as ColumnMapping
from crm_cli.jobs.importing.collision import Collision
from crm_cli.jobs.importing.missing import Missing
from crm_cli.jobs.importing.options import ImportOptions

__all__ = ["Plan", "PlanError", "digest_of", "plan_of", "read_plan", "refuse_other_outcome", "refuse_other_source"]

_VERSION = 1
_AT_ONCE = 5_000


class PlanError(UsageError):
    """A file is no plan of an import."""

    code = "plan"


@dataclass(frozen=True)
class Plan:
    """What was planned: the source, how it is read and by which options, and what would come of it.

    `tables`: name → mapping as JSON; `counts`: name → counts; `digest`: SHA-256 of everything that would be changed.
    """

    source: str
    fingerprint: str
    source_system: str
    options: dict[str, Any]
    tables: dict[str, Any]
    counts: dict[str, dict[str, int]]
    samples: list[dict[str, Any]]
    digest: str
    made_at: str
    made_by: str

    def to_json(self) -> str:
        """Return the text of the plan file."""
        shown = {"crm_import_plan": _VERSION, **asdict(self)}
        return json.dumps(shown, ensure_ascii=False, indent=2, default=str) + "\n"

    def import_options(self) -> ImportOptions:
        """Return the options under which it was made; mappings are those of its tables (`mapping_of`)."""
        given = dict(self.options)
        read = ReadOptions(**given.pop("read"))
        as_of = datetime.fromisoformat(given.pop("as_of")) if given.get("as_of") else given.pop("as_of", None)
        into, named = tuple(given.pop("into")), given.pop("collision")
        collision = Collision(named) if named else None
        missing = Missing(given.pop("missing"))
        return ImportOptions(into=into, as_of=as_of, collision=collision, read=read, missing=missing, **given)

    def mapping_of(self, table: str) -> ColumnMapping | None:
        """Return how a table was mapped; None for one that was skipped."""
        kept = self.tables.get(table)
        if kept is None:
            return None
        return ColumnMapping.from_json(kept, "as planned")


def plan_of(
    op: Operation, source: tuple[str, str, str], options: ImportOptions, batches: Sequence[Any],
    samples: list[dict[str, Any]],
) -> Plan:  # fmt: skip
    """Return the plan of what the open operation did; `source` is its name, fingerprint and source system."""
    given = {
        "into": list(options.into), "source_name": options.source_name, "key": options.key,
        "as_of": options.as_of.isoformat() if options.as_of else None, "country": options.country,
        "currency": options.currency, "timezone": options.timezone, "date_order": options.date_order,
        "collision": str(options.collision) if options.collision else None, "accept_columns": options.accept_columns,
        "missing": str(options.missing),
        "read": {name: value for name, value in asdict(options.read).items() if value is not None},
    }  # fmt: skip
    return Plan(
        *source, given, {one.name: one.mapping.to_json() for one in batches}, _counts(batches), samples,
        digest_of(op), op.started_at.isoformat(timespec="seconds"), op.author.actor,
    )  # fmt: skip


def _counts(batches: Sequence[Any]) -> dict[str, dict[str, int]]:
    return {one.name: dict(sorted((name, n) for name, n in one.counts.items() if n)) for one in batches}


def digest_of(op: Operation) -> str:
    """Return the SHA-256 of every change that the operation logged, but for the numbers of what it created."""
    op.flush()
    change = op.store.table("change")
    mine = change.c.operation_id == op.id
    first = dict(
        op.connection.execute(
            sa.select(change.c.entity, sa.func.min(change.c.record_id))
            .where(mine, change.c.action == "insert")
            .group_by(change.c.entity)
        ).all()
    )
    names = ("action", "entity", "record_id", "source_row", "old", "new")
    query = sa.select(*(change.c[name] for name in names)).where(mine).order_by(change.c.id)
    found = hashlib.sha256()
    for row in op.connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        made = row.action == "insert" or row.record_id >= first.get(row.entity, row.record_id + 1)
        shown = [row.action, row.entity, None if made else row.record_id, row.source_row, row.old, row.new]
        found.update(json.dumps(shown, sort_keys=True, ensure_ascii=True, default=str).encode())
    return found.hexdigest()


def read_plan(path: Path) -> Plan:
    """Read a plan file; `PlanError` where it is none."""
    hint = "crm import SOURCE --plan-out FILE makes one"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("crm_import_plan") != _VERSION:
            raise PlanError(f"{path} was made by another version of this program", hint=hint)
        plan = Plan(**content)
        _check(plan)
        return plan
    except PlanError:
        raise
    except OSError as fault:
        raise PlanError(f"cannot read {path}: {fault.strerror}", hint=hint) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PlanError(f"{path} is no plan of an import, or was damaged", hint=hint) from None


def _check(plan: Plan) -> None:
    """Raise some error of the language where a part is not what `plan_of` writes."""
    plan.import_options()
    texts = [plan.source, plan.fingerprint, plan.source_system, plan.digest, plan.made_at, plan.made_by]
    for name in plan.tables:
        mapping = plan.mapping_of(name)
        if mapping is not None:
            texts += [*mapping.into, *(text for one in mapping.columns for text in (one.column, one.target))]
            texts += [mapping.key] if mapping.key is not None else []
    counts = [count for table in plan.counts.values() for count in table.values()]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(count, int) for count in counts):
        raise TypeError


def refuse_other_source(plan: Plan, fingerprint: str) -> None:
    """Raise `StalePlanError` where the source is not what it was."""
    if plan.fingerprint != fingerprint:
        message = f"{plan.source} is not what it was when the plan was made ({plan.made_at})"
        raise StalePlanError(message, hint="make a new plan: crm import SOURCE --plan-out FILE")


def refuse_other_outcome(plan: Plan, op: Operation, batches: Sequence[Any]) -> None:
    """Raise `StalePlanError` where the open operation has done something else than was planned, saying what differs."""
    counts = _counts(batches)
    if digest_of(op) == plan.digest and counts == plan.counts:
        return
    told = [
        f"{name} {planned.get(name, 0)} planned, {now.get(name, 0)} now"
        for table, planned, now in _by_table(plan.counts, counts)
        for name in sorted({*planned, *now})
        if planned.get(name, 0) != now.get(name, 0)
    ]
    what = "; ".join(told) if told else "the same counts, but other records or values"
    message = f"the data have changed since the plan was made ({plan.made_at}): {what}"
    raise StalePlanError(message, hint="nothing was written; make a new plan: crm import SOURCE --plan-out FILE")


def _by_table(
    one: Mapping[str, dict[str, int]], other: Mapping[str, dict[str, int]]
) -> list[tuple[str, dict[str, int], dict[str, int]]]:
    return [(name, one.get(name, {}), other.get(name, {})) for name in sorted({*one, *other})]
