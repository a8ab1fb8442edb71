"""`crm import --into bounce` and `--into delivered`: what mail servers and mailing services say of addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli.commands.kit import Crm
from crm_cli.commands.reading import as_of_moment, known_order
from crm_cli.errors import ExitCode, UsageError, worst

if TYPE_CHECKING:
    from crm_cli.importers import ReadOptions
    from crm_cli.jobs.bounces import BounceResult

__all__ = ["MAIL_REPORTS", "take_mail_reports"]

MAIL_REPORTS = ("bounce", "delivered")
_NAMED = 10  # addresses and faults that are named on the screen
_SAID = ("rows", "hard", "soft", "delivered")
_DONE = ("marked", "confirmed", "counted", "known", "answered", "opted_out", "unknown", "rejected")


def take_mail_reports(
    crm: Crm, sources: Sequence[str], into: str, reading: ReadOptions, as_of: str | None, date_order: str | None,
    rejects: Path | None, needless: Mapping[str, Any],
) -> ExitCode:  # fmt: skip
    """Read the sources and show what came of them, the code of the worst; refuse options that would do nothing."""
    from crm_cli.jobs.bounces import BounceOptions, import_bounces

    if given := [name for name, value in needless.items() if value]:
        raise UsageError(f"{given[0]} does nothing with --into {into}", hint=f"leave {' and '.join(given)} out")
    if rejects and len(sources) > 1:
        raise UsageError("--rejects names one file, and several sources were given", hint="import them one by one")
    options = BounceOptions(
        delivered=into == "delivered", as_of=as_of_moment(as_of), zone=crm.config.text("timezone"),
        date_order=known_order(date_order), read=reading,
    )  # fmt: skip
    results: list[tuple[str, BounceResult]] = []
    try:
        for one in sources:
            where = one if one == "-" or "://" in one else crm.path(one)
            done = import_bounces(
                crm.store, where, crm.author, options, rejects=crm.path(rejects) if rejects else None,
                dry_run=crm.dry_run, wait=crm.wait,
            )  # fmt: skip
            results.append((one, done))
    finally:
        if results:
            _show(crm, results)
    return worst(*(one.exit_code for _, one in results))


def _show(crm: Crm, results: Sequence[tuple[str, BounceResult]]) -> None:
    crm.console.show([_row(crm, source, one) for source, one in results])
    for source, one in results:
        if one.counts["pending"]:
            crm.console.note(f"{source}: {one.counts['pending']} mails are still tried: nothing follows from them")
        _name_unknown(crm, source, one)
        _name_faults(crm, source, one)
    if crm.dry_run:
        crm.console.note("dry run: nothing was written")
    else:
        crm.console.next_step(
            f"crm audit run contact-wrong-email  (crm undo {results[-1][1].operation_id} takes it back)"
        )


def _row(crm: Crm, source: str, one: BounceResult) -> dict[str, Any]:
    row: dict[str, Any] = {"source": source, **{name: one.counts[name] for name in (*_SAID, *_DONE)}}
    row["operation"] = None if crm.dry_run else one.operation_id
    if crm.console.json:
        unknown = [] if _is_masked(crm) else one.unknown
        row |= {"unknown_addresses": unknown, "faults": [_fault(crm, place, fault) for place, fault in one.faults]}
    return row


def _is_masked(crm: Crm) -> bool:
    """Whether e-mail addresses are not to be shown."""
    return any(one.masked for one in crm.dictionary.entity("email_address").fields if one.name in ("value", "standard"))


def _name_unknown(crm: Crm, source: str, one: BounceResult) -> None:
    if not one.unknown:
        return
    named = "" if _is_masked(crm) else ": " + ", ".join(one.unknown[:_NAMED])
    more = " …" if named and len(one.unknown) > _NAMED else ""
    crm.console.note(f"{source}: {len(one.unknown)} addresses are nobody's here{named}{more}")


def _name_faults(crm: Crm, source: str, one: BounceResult) -> None:
    for place, fault in one.faults[:_NAMED]:
        said = _fault(crm, place, fault)
        crm.console.warn(f"{source}: {said['place']}: {said['reason']} - {said['hint']}")
    if one.rejects:
        crm.console.note(f"rejected rows: {one.rejects} - mend them there and import that file")
    elif one.counts["rejected"]:
        crm.console.note(f"{source}: {one.counts['rejected']} were not understood; --rejects FILE writes them out")


def _fault(crm: Crm, place: str, fault: Any) -> dict[str, str]:
    reason = f"{fault.column or 'the row'} is not understood" if _is_masked(crm) else fault.reason
    return {"place": place, "column": fault.column, "reason": reason, "hint": fault.hint}
