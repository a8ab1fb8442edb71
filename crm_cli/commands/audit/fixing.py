"""`crm audit fix`: run what a policy's `fix` says on the records that fail it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.audit.choosing import chosen_policies
from crm_cli.commands.context import Surroundings
from crm_cli.commands.kit import Crm
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import MaxChanges, Where

if TYPE_CHECKING:
    from crm_cli.audits import Policy
    from crm_cli.jobs.auditing import Fix

__all__ = ["fix"]

PolicyToFix = Annotated[str, typer.Argument(metavar="POLICY", help="The policy whose open findings are mended.")]
_LISTED = 50


def fix(crm: Crm, policy: PolicyToFix, where: Where = None, max_changes: MaxChanges = None) -> ExitCode:
    """Mend the open findings of a policy with the command that it names, where nobody has to decide anything.

    That is one operation, of at most 1 000 records at a time, undone by `crm undo`; it asks first. Where a person is
    needed the commands are listed, and nothing is done.

    Examples:
        crm audit fix contact-wrong-phone --dry-run
        crm audit fix lead-unverified --where "created_at < today() - 30" --max-changes 100 --yes
    """
    from crm_cli.jobs.auditing import NeedsPersonError, plan_fix
    from crm_cli.jobs.caps import refuse_too_many

    found = chosen_policies(crm, [policy])
    if len(found) != 1 or found[0].name != policy:
        raise UsageError(f"{policy} is not one policy", hint=f"crm audit list {policy} shows them")
    try:
        plan = plan_fix(crm.store, found[0], where=where)
    except NeedsPersonError:
        _list_commands(crm, found[0])
        raise
    if not plan.records:
        if crm.console.json:
            crm.console.show([])
        crm.console.note(f"{policy} has no open findings here; crm audit run {policy} looks again")
        return ExitCode.DONE
    noun = crm.dictionary.entity(found[0].entity).noun
    refuse_too_many(noun, len(plan.records), max_changes)
    return _carry_out(crm, plan, policy, noun)


def _carry_out(crm: Crm, plan: Fix, policy: str, noun: str) -> ExitCode:
    number = len(plan.records)
    scope = (
        f"for all it finds, {number} findings ({noun}) among them" if plan.whole else f"on {number} records ({noun})"
    )
    if not crm.confirm(f"run `{plan.shown}` {scope}?"):
        crm.console.note("nothing was changed")
        return ExitCode.DONE
    crm.console.note(f"{plan.shown} {scope}")
    code = _called(crm, (*plan.words, *_common(crm)))
    if plan.left:
        crm.console.note(f"{plan.left} more are left for the next time")
    if not crm.dry_run:
        crm.console.next_step(f"crm audit run {policy} says what is left")
    return code


def _called(crm: Crm, words: tuple[str, ...]) -> ExitCode:
    """Run a command of this program in this process; the log has the command line that the user typed."""
    from crm_cli.commands.lazy import Program

    around = Surroundings(crm.console, crm.surroundings.cwd, crm.surroundings.argv)
    program = Program(name="crm", commands={})
    with program.make_context("crm", list(words), obj=around) as context:
        return ExitCode(program.invoke(context) or ExitCode.DONE)


def _common(crm: Crm) -> Iterator[str]:
    """Yield the common options as they were given; the question was asked already."""
    common = crm.common
    flags = {"--dry-run": common.dry_run, "--json": common.json, "--quiet": common.quiet, "--debug": common.debug}
    yield "--yes"
    yield "--no-input"
    yield from (name for name, given in flags.items() if given)
    wait = None if common.wait is None else str(common.wait)
    for name, value in {"--db": common.db, "--reason": common.reason, "--as": common.actor, "--wait": wait}.items():
        if value is not None:
            yield f"{name}={value}"


def _list_commands(crm: Crm, policy: Policy) -> None:
    """Show what a person would do, finding by finding."""
    from crm_cli.audits import read_findings

    found = read_findings(crm.store, policies=[policy.name], limit=_LISTED)
    noun = crm.dictionary.entity(policy.entity).noun
    crm.console.show(
        [{"finding": one.id, "record": f"{noun} {one.record_id}", "fix": policy.fix.replace("{id}", str(one.record_id))}
         for one in found]
    )  # fmt: skip
    if len(found) == _LISTED:
        crm.console.note(f"the first {_LISTED}; crm audit findings {policy.name} --limit N lists more")
