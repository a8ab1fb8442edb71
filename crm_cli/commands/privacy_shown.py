"""What `crm privacy` shows: what would be erased, what was, and what no erasure reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli.commands.kit import Crm
from crm_cli.commands.times import localized

if TYPE_CHECKING:
    from crm_cli.jobs.privacy import Erasure, ErasurePlan, Scrubbed

__all__ = ["OutOfReach", "agrees_to_erase", "on_screen", "show_erasure"]

_NOT_TOLD = "logs of servers and programs, mailboxes, and copies that somebody made by other means"


def on_screen(crm: Crm, rows: Sequence[Mapping[str, Any]]) -> Any:
    """Return the rows of a part as a screen shows them: one alone as lines, several as a table."""
    local = localized(crm, list(rows))
    return local[0] if len(local) == 1 else local


@dataclass(frozen=True)
class OutOfReach:
    """What no erasure reaches: backups, and runs of exports."""

    backups: Sequence[Path]
    exports: Sequence[Mapping[str, Any]]


def agrees_to_erase(crm: Crm, plan: ErasurePlan) -> bool:
    """Ask before a person is erased, showing what would go: yes with --yes and in a dry run."""
    if plan.subject.remark:
        crm.console.note(plan.subject.remark)
    if crm.common.yes or crm.dry_run:
        return True
    _show_plan(crm, plan)
    return crm.confirm(f"erase {plan.subject.entity} {plan.subject.id} for good? No undo brings it back")


def _show_plan(crm: Crm, plan: ErasurePlan) -> None:
    subject = plan.subject
    crm.console.note(f"{subject.entity} {subject.id} {subject.title} would be erased: {_counted(plan.counts)}")
    for entity, ids in sorted(plan.holdings.nameless.items()):
        numbers = ", ".join(map(str, sorted(ids)))
        crm.console.note(f"{entity} {numbers} would stay without a name, for the deals that name it")
    for entity, ids in sorted(plan.holdings.without_links().items()):
        crm.console.note(f"{len(ids)} {entity} would stay, and lose the reference")
    _show_sharing(crm, plan.shared)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing in tables"


def _show_sharing(crm: Crm, shared: Sequence[Any]) -> None:
    for one in shared:
        who = f"{one.entity} {one.record_id} has the same {one.what}"
        crm.console.warn(f"{who}: perhaps the same person, which is then to be erased too")


def show_erasure(crm: Crm, erased: Erasure, scrubbed: Scrubbed, left: OutOfReach, key_file: Path | None) -> None:
    """Show what was erased, what of it the files of the database may still hold, and what is out of reach."""
    would = "would be " if crm.dry_run else ""
    if crm.console.json:
        crm.console.show(_document(crm, erased, scrubbed, left, key_file))
    else:
        crm.console.show([{"table": name, "rows": count} for name, count in erased.erased.items()])
    crm.console.note(
        f"{erased.entity} {erased.record_id} {would}erased; {erased.log_rows} rows of the log {would}emptied"
    )
    for entity, count in erased.nameless.items():
        crm.console.note(f"{count} {entity} {would}kept without a name, for the deals that name it")
    for entity, count in erased.texts.items():
        crm.console.note(f"{entity}: the person {would}cut out of {count} texts")
    _show_sharing(crm, erased.shared)
    if key_file is not None:
        crm.console.note(
            f"made {key_file}: the key that recognizes erased persons; keep a copy apart from the database"
        )
    for line in scrubbed.done:
        crm.console.note(line)
    _show_left(crm, scrubbed, left)
    if not crm.dry_run:
        crm.console.next_step("crm privacy list shows the erasures")


def _show_left(crm: Crm, scrubbed: Scrubbed, left: OutOfReach) -> None:
    lines = [*scrubbed.left, *(f"backup {path}" for path in left.backups)]
    lines += [f"export of {one['entity']} by {one['actor']} to {one['destination']}" for one in left.exports]
    crm.console.note("out of reach, and perhaps with data of the person:\n" + "\n".join([*lines, _NOT_TOLD]))


def _document(crm: Crm, erased: Erasure, scrubbed: Scrubbed, left: OutOfReach, key_file: Path | None) -> dict[str, Any]:
    shared = [{"entity": one.entity, "record": one.record_id, "what": one.what} for one in erased.shared]
    return {
        "operation": None if crm.dry_run else erased.operation_id,
        "erasure": None if crm.dry_run else erased.erasure_id,
        "entity": erased.entity,
        "record": erased.record_id,
        "erased": erased.erased,
        "nameless": erased.nameless,
        "unlinked": erased.unlinked,
        "log_rows": erased.log_rows,
        "texts": erased.texts,
        "tombstones": erased.tombstones,
        "others_with_the_same": shared,
        "files": {"done": scrubbed.done, "left": scrubbed.left, "complete": scrubbed.complete},
        "out_of_reach": {
            "backups": [str(path) for path in left.backups],
            "exports": list(left.exports),
            "also": _NOT_TOLD,
        },
        "key_file": None if key_file is None else str(key_file),
        "dry_run": crm.dry_run,
    }
