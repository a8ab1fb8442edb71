"""`crm territory balance`: propose moves that even territories out, as a plan."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.new_files import new_file
from crm_cli.commands.times import day
from crm_cli.errors import ExitCode, UsageError
from crm_cli.options import Output, Overwrite, Today

__all__ = ["register"]

Names = Annotated[list[str], typer.Argument(metavar="TERRITORY…", help="Balance these; of a single one its members.")]
By = Annotated[str, typer.Option("--by", metavar="accounts|revenue|pipeline", help="What is evened out.")]
Tolerance = Annotated[str, typer.Option("--tolerance", metavar="PERCENT", help="How far from the mean is even enough.")]
MaxMoves = Annotated[
    int | None, typer.Option("--max-moves", metavar="N", min=1, help="At most so many accounts change hands.")
]


def register(app: App) -> None:
    """Add the command to the group."""
    app.command("balance")(balance)


def balance(
    crm: Crm, names: Names, by: By = "accounts", tolerance: Tolerance = "10%", max_moves: MaxMoves = None,
    output: Output = None, overwrite: Overwrite = False, today: Today = None,
) -> ExitCode:  # fmt: skip
    """Propose which accounts change hands so that territories, or the members of one, have about as much.

    Nothing is written but the plan that -o names. Accounts that a rule names or holds fast never move. It ends with 3
    when what it found is not within the tolerance.

    Examples:
        crm territory balance North South --by revenue -o PLAN.toml
        crm territory balance South --tolerance 5% --max-moves 20
    """
    from crm_cli.jobs.territories import write_plan
    from crm_cli.territories import propose

    path = new_file(crm, output, overwrite=overwrite) if output else None
    with crm.store.read() as connection:
        found = propose(
            crm.store, connection, names, by=by, today=day(crm, today), tolerance=_part(tolerance), max_moves=max_moves
        )
    if path is not None and found.moves:
        write_plan(found.document, path, overwrite=overwrite)
    facts = {"by": found.measure, "currency": found.currency or None, "among": found.among, "fixed": found.fixed}
    if crm.console.json:
        spread = {"before": found.before, "after": found.after}
        crm.console.show({**facts, "balanced": found.balanced, **spread, "holders": found.lines, "moves": found.moves})
    else:
        crm.console.show_parts({"Before and after": found.lines, **({"Moves": found.moves} if found.moves else {})})
    for label, figures in (("before", found.before), ("after", found.after)):
        if figures is not None and figures.mean is not None:
            crm.console.note(
                f"{label}: variation {figures.variation:.3f}, gini {figures.gini:.3f}, max/mean {figures.largest:.3f}"
            )
    crm.console.note(f"{len(found.moves)} accounts would move; {found.fixed} stay, named or held fast or of others")
    if path is not None and found.moves:
        crm.console.next_step(f"crm territory simulate {output}")
    return ExitCode.DONE if found.balanced else ExitCode.FINDINGS


def _part(text: str) -> float:
    try:
        part = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        part = -1.0
    if not 0 <= part < 10:
        raise UsageError(f"--tolerance {text} is no percentage", hint="write 10%")
    return part
