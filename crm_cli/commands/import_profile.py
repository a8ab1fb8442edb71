"""`crm import --profile`: what a known system delivers, all its tables in one go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import Crm

if TYPE_CHECKING:
    from crm_cli.jobs.importing import ImportOptions, ImportResult

__all__ = ["ProfileName", "import_profile"]

ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile", metavar="NAME", help="The system that the sources come from: crm mapping profiles lists them."
    ),
]


def import_profile(
    crm: Crm, sources: list[str], profile: str, options: ImportOptions, rejects: Path | None
) -> list[ImportResult]:
    """Import the sources together; what is ambiguous is asked where somebody can answer, else refused."""
    from crm_cli.importers.profiles import find_profile
    from crm_cli.jobs.importing import UnsettledError, import_delivery

    found = find_profile(profile, crm.path(Path()))
    where = [one if one == "-" or "://" in one else crm.path(one) for one in sources]
    target = crm.path(rejects) if rejects else None
    while True:
        try:
            with crm.console.progress(f"importing from {found.title}") as bar:
                result = import_delivery(
                    crm.store, where, found, crm.author, options,
                    rejects=target, dry_run=crm.dry_run, wait=crm.wait, progress=bar.advance,
                )  # fmt: skip
            return [result]
        except UnsettledError as question:
            if not crm.console.can_ask:
                raise
            for value, sample in question.facts["choices"]:
                crm.console.note(f"  {value}: {sample}")
            answer = crm.console.ask(question.message, flag=question.facts["flag"])
            options = options.settled(question.facts["flag"], answer)
