"""What `crm export` and `crm extract` have in common: their options, and what they say of a file that was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import Crm
from crm_cli.completion import field_names
from crm_cli.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from crm_cli.jobs.exporting import Done, Points, Purpose, Run, Target

__all__ = [
    "Destination",
    "ExportFor",
    "Mask",
    "Order",
    "PointsOption",
    "Split",
    "masking_key",
    "note_down",
    "points_of",
    "purpose",
    "say",
    "target_of",
    "words",
]

Order = Annotated[str | None, typer.Option("--order", metavar="FIELD,…", help="Order by these fields; else by id.")]
Destination = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE|URL", help="Write to this file, `-` is the standard output."),
]
ExportFor = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="PURPOSE,…",
        help="For what: excel marks CSV so that Excel shows every script; edit makes a workbook to be imported again; "
        "marketing (or marketing:email, :phone, :sms, :post) leaves out who objected; salesforce and hubspot write "
        "what these import.",
    ),
]  # fmt: skip
Mask = Annotated[
    str | None,
    typer.Option(
        "--mask", metavar="CLASS,…",
        help="Mask personal data: default is all of it; or classes (name, contact, birth, identifier, free_text), "
        "CLASS=METHOD or COLUMN=METHOD (hash, pseudonym, year, prefix, redact, keep).",
    ),
]  # fmt: skip
PointsOption = Annotated[
    str | None,
    typer.Option(
        "--points", metavar="first|joined|rows",
        help="Of several e-mail addresses, numbers or addresses: the first (this is the default), all joined by `; `, "
        "or a row for each.",
    ),
]  # fmt: skip
Split = Annotated[
    str | None,
    typer.Option(
        "--split", metavar="FIELD", autocompletion=field_names,
        help="Write a file for each value of this field; {value} in the file's name is where it goes.",
    ),
]  # fmt: skip


def words(text: str | None) -> list[str]:
    """Return what stands between the commas."""
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def purpose(text: str | None) -> Purpose:
    """Read --for; `UsageError` where it says what nobody knows."""
    from crm_cli.jobs.exporting import purpose_of

    return purpose_of(words(text))


def points_of(text: str | None) -> Points:
    """Read --points; `UsageError` where it is none of them."""
    from crm_cli.jobs.exporting import Points

    try:
        return Points(text or Points.FIRST)
    except ValueError:
        hint = did_you_mean(text or "", Points) or f"--points takes {', '.join(Points)}"
        raise UsageError(f"--points {text}: unknown", hint=hint) from None


def masking_key(crm: Crm, mask: list[str]) -> str:
    """Return the secret that masks, from the variable that the configuration names; empty where nothing is masked.

    `UsageError` where it is needed and not there.
    """
    variable = crm.config.text("masking_key")
    key = crm.surroundings.environ.get(variable, "")
    if mask and not key:
        hint = f"put a secret of at least 16 characters into {variable}; the same one gives the same masks"
        raise UsageError(f"masking needs a key, and the variable {variable} is not set", hint=hint)
    return key if mask else ""


def target_of(crm: Crm, output: str, *, format_: str | None, overwrite: bool, split: str | None) -> Target:
    """Return where to write, seen from the working directory."""
    from crm_cli.jobs.exporting import Target

    is_file = output != "-" and "://" not in output
    name = format_ or ("csv" if output == "-" else None)
    return Target(where=crm.path(output) if is_file else output, format=name, overwrite=overwrite, split=split)


def note_down(crm: Crm, run: Run) -> None:
    """Keep who took what out; where the database cannot be written, say so and go on."""
    from crm_cli.jobs.exporting import note_run

    if why := note_run(crm.store, run):
        crm.console.note(f"the database does not know of this export, it could not be written: {why}")


def say(crm: Crm, done: Done, shown: str) -> None:
    """Say what was written, who was left out, what is masked."""
    note = crm.console.note
    for one in done.files:
        digest = f" (SHA-256 {one.sha256[:12]}…)" if one.sha256 else ""
        name = str(Path(shown).with_name(one.path.name)) if done.is_split and one.path else shown
        what = "rows" if done.since else "records"
        note(f"{one.rows} {what} written to {name}{digest}")
    if done.is_split:
        note(f"{done.rows} records in {len(done.files)} files")
    if done.gone:
        note(f"of them gone: {', '.join(f'{count} {how}' for how, count in sorted(done.gone.items()))}")
    for reason, count in sorted(done.left_out.items()):
        note(f"left out: {count} ({reason})")
    for header, count in sorted(done.blank.items()):
        note(f"{count} rows have no {header}, which the import demands")
    if done.masked:
        note(f"masked, and left blank: {', '.join(done.masked)}")
    _say_masking(crm, done)


def _say_masking(crm: Crm, done: Done) -> None:
    smallest = [one.smallest for one in done.readouts if one.smallest is not None]
    if not smallest:
        return
    masking = {name: how for one in done.readouts for name, how in one.masking.items() if name not in one.masked}
    crm.console.note(f"masked: {', '.join(f'{name} ({how})' for name, how in masking.items()) or 'nothing'}")
    if any(one.is_uncounted for one in smallest):
        crm.console.warn("too many different groups to count them: take it that persons can be singled out")
    elif sizes := [one.size for one in smallest if one.size is not None]:
        names = list(dict.fromkeys(name for one in smallest for name in one.columns))
        crm.console.note(f"smallest group: {min(sizes)} alike in {', '.join(names)}")
        if min(sizes) == 1:
            crm.console.warn("somebody can be singled out by what was left readable")
