"""What the commands of the audit share: which policies, which day, since when, from which level on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import Crm
from crm_cli.commands.policies import policy_folder
from crm_cli.errors import UsageError

if TYPE_CHECKING:
    from crm_cli.audits import Level, Policy, Since

__all__ = ["Policies", "SinceOption", "chosen_policies", "level_named", "since_named"]

Policies = Annotated[
    list[str] | None,
    typer.Argument(metavar="POLICY…", help="Policies, kinds such as freshness, or entities such as contact; else all."),
]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="last|DATE", help="Only what the last run found first, or runs from this day on."),
]


def since_named(text: str | None) -> Since | None:
    """Return what --since names; `UsageError` when it is neither `last` nor a day."""
    if text is None:
        return None
    if text == "last":
        return "last"
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = "--since last, or a day such as 2026-05-31"
        raise UsageError(f"--since {text} is neither last nor a day", hint=hint) from None


def level_named(text: str | None) -> Level:
    """Return the level that --fail-on names; `UsageError` when it is none."""
    from crm_cli.audits import Level

    if text not in ("warn", "error"):
        raise UsageError(f"--fail-on {text} is unknown", hint="warn or error")
    return Level(text)


def chosen_policies(crm: Crm, words: list[str] | None) -> list[Policy]:
    """Return the policies that words name, shipped ones and the project's own; all without words."""
    from crm_cli.audits import choose, load_policies

    return choose(load_policies(policy_folder(crm)), words or [], crm.dictionary)
