"""What the record commands say before and after: counts, samples, candidates, results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_cli.cells import cell
from crm_cli.commands.kit import Crm
from crm_cli.errors import ExitCode

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crm_cli.dictionary import Entity
    from crm_cli.records import Added, Candidate, ChangePlan
    from crm_cli.store import Store

__all__ = [
    "SAMPLE",
    "Deletion",
    "agrees_to_change",
    "agrees_to_delete",
    "deletion",
    "show_added",
    "show_candidates",
    "show_changes",
    "show_remarks",
    "show_removed",
]

SAMPLE = 3  # records shown before a question


def show_remarks(crm: Crm, remarks: Iterable[str]) -> None:
    """Warn of what should be looked at."""
    for remark in remarks:
        crm.console.warn(remark)


def show_added(crm: Crm, noun: str, added: Added) -> None:
    """Show a new record as it is stored, and what was noticed about it."""
    show_remarks(crm, added.remarks)
    known: dict[str, Any] = {} if crm.dry_run else {"id": added.id, "public_id": added.public_id}
    crm.console.show({**known, **added.values})
    crm.console.note(
        f"{noun} {added.title} would be added" if crm.dry_run else f"added {noun} {added.id} {added.title}"
    )
    if not crm.dry_run:
        crm.console.next_step(f"crm {noun} show {added.id}")


def show_candidates(crm: Crm, noun: str, candidates: Sequence[Candidate]) -> ExitCode:
    """Show the records that a new one would repeat; return exit code 3."""
    rows = [{"id": one.id, "title": one.title, "same": one.same} for one in candidates]
    crm.console.show({"candidates": rows} if crm.console.json else rows)
    found = "a record is" if len(rows) == 1 else f"{len(rows)} records are"
    crm.console.warn(f"nothing was added: {found} like it")
    crm.console.next_step(f"crm {noun} show {rows[0]['id']}, or add it with --force")
    return ExitCode.FINDINGS


def agrees_to_change(crm: Crm, plan: ChangePlan, titles: Mapping[int, str]) -> bool:
    """Ask before a change of several records, showing how many there are and what becomes of the first."""
    if len(plan.changed) < 2 or crm.common.yes or crm.dry_run:
        return True
    sample = "".join(f"\n  {number} {titles[number]}: {_differences(plan, number)}" for number in titles)
    more = "\n  …" if len(plan.changed) > len(titles) else ""
    crm.console.note(f"{len(plan.changed)} {plan.entity.plural} would change:{sample}{more}")
    return crm.confirm(f"change {len(plan.changed)} {plan.entity.plural}?")


def _differences(plan: ChangePlan, number: int) -> str:
    return ", ".join(
        f"{name} {cell(old) or '(blank)'} → {cell(new) or '(blank)'}"
        for name, (old, new) in plan.differences.get(number, {}).items()
    )


def show_changes(crm: Crm, plan: ChangePlan, count: int, operation: int) -> None:
    """Show what changed, a row a field; as JSON with the count and the operation."""
    rows = [
        {"id": number, "field": name, "old": old, "new": new}
        for number, fields in sorted(plan.differences.items())
        for name, (old, new) in fields.items()
    ]
    done = None if crm.dry_run else operation
    crm.console.show({"changed": count, "operation": done, "changes": rows} if crm.console.json else rows)
    _tell(crm, plan.entity.noun, count, "changed", done)


@dataclass(frozen=True)
class Deletion:
    """What a deletion would take: how many records, the titles of the first, and how many records refer to them."""

    entity: Entity
    count: int
    titles: dict[int, str]
    referring: dict[str, int]


def deletion(store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int]) -> Deletion:
    """Return what is to be shown before these records are deleted."""
    from crm_cli import records

    titles = records.titles_of(store, connection, entity.name, ids[:SAMPLE])
    return Deletion(entity, len(ids), titles, records.referring_counts(store, connection, entity, ids))


def agrees_to_delete(crm: Crm, wanted: Deletion) -> bool:
    """Ask before a deletion, showing the first records, and what refers to them and stays."""
    if crm.dry_run and wanted.referring:
        crm.console.note(f"{_referring(wanted)} refer to what would go, and would stay")
    if not wanted.count or crm.common.yes or crm.dry_run:
        return True
    sample = "".join(f"\n  {number} {title}" for number, title in wanted.titles.items())
    more = "\n  …" if wanted.count > len(wanted.titles) else ""
    left = f"\n{_referring(wanted)} refer to what goes, and stay" if wanted.referring else ""
    what = f"{wanted.count} {wanted.entity.noun if wanted.count == 1 else wanted.entity.plural}"
    crm.console.note(f"{what} would be deleted:{sample}{more}{left}")
    return crm.confirm(f"delete {what}?")


def _referring(wanted: Deletion) -> str:
    return ", ".join(f"{count} {plural}" for plural, count in wanted.referring.items())


def show_removed(crm: Crm, noun: str, titles: Mapping[int, str], verb: str, operation: int) -> None:
    """Show the records that were deleted or restored, by id and title."""
    done = None if crm.dry_run else operation
    rows = [{"id": number, "title": title} for number, title in titles.items()]
    crm.console.show({verb: list(titles), "operation": done} if crm.console.json else rows)
    _tell(crm, noun, len(titles), verb, done)


def _tell(crm: Crm, noun: str, count: int, verb: str, operation: int | None) -> None:
    records = "record" if count == 1 else "records"
    if operation is None:
        crm.console.note(f"{count} {records} ({noun}) would be {verb}")
        return
    crm.console.note(f"{count} {records} ({noun}) {verb}")
    crm.console.next_step(f"crm undo {operation} takes it back")
