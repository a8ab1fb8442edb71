"""What every command file is made with: `App` registers commands, `Crm` is what a command works through.

    app = App("Show and explain the configuration.")

    @app.command(writes=True)
    def purge(crm: Crm, where: Where = None) -> ExitCode | None:
        \"\"\"Say what it does in one sentence.

        Example:
            crm thing purge --where "age > 3"
        \"\"\"
        with crm.operation("purge") as operation:
            purged = rooms.purge(operation, where)
        crm.console.show(purged)

`App.command` adds the common options (`--db --json --quiet --no-input --debug`, and for writers `--dry-run --yes
--reason --as --wait`), which are read from `crm`. A command returns None or the `ExitCode` to end with.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import typer

from crm_cli import options
from crm_cli.commands.attempts import carried_out
from crm_cli.commands.context import Common, Crm, Surroundings
from crm_cli.commands.lazy import CrmCommand, CrmGroup
from crm_cli.errors import ExitCode

__all__ = ["App", "Crm"]

CommandFunction = Callable[..., ExitCode | None]

_EVERYWHERE: dict[str, tuple[Any, Any]] = {
    "json": (options.Json, False),
    "quiet": (options.Quiet, False),
    "no_input": (options.NoInput, False),
    "debug": (options.Debug, False),
}
_DATABASE: dict[str, tuple[Any, Any]] = {"db": (options.Database, None)}
_WRITES: dict[str, tuple[Any, Any]] = {
    "dry_run": (options.DryRun, False),
    "yes": (options.Yes, False),
    "reason": (options.Reason, None),
    "actor": (options.Actor, None),
    "wait": (options.Wait, None),
}


class App:
    """The commands of one file; `help` is the sentence that `crm NAME --help` opens with.

    `usual`: the command of the group that is meant when none is named (see `CrmGroup`).
    """

    def __init__(self, help: str = "", *, usual: str | None = None) -> None:
        group = type(CrmGroup.__name__, (CrmGroup,), {"usual": usual}) if usual else CrmGroup
        self.typer = typer.Typer(cls=group, help=help, rich_markup_mode=None, add_completion=False)

    def command(
        self, name: str | None = None, *, writes: bool = False, database: bool = True
    ) -> Callable[[CommandFunction], CommandFunction]:
        """Register a function `(crm: Crm, …)` as a command; `writes` and `database` say which options it is given."""
        common = {**(_WRITES if writes else {}), **(_DATABASE if database else {}), **_EVERYWHERE}

        def register(function: CommandFunction) -> CommandFunction:
            self.typer.command(name, cls=CrmCommand)(_with_options(function, common))
            return function

        return register

    def add(self, name: str, app: App) -> None:
        """Put another `App` under this one as a group of its own."""
        self.typer.add_typer(app.typer, name=name)


def _with_options(function: CommandFunction, common: dict[str, tuple[Any, Any]]) -> Callable[..., int]:
    """Return what Typer calls: the function's own parameters and the common ones, which are folded into a `Crm`."""
    hints = get_type_hints(function, include_extras=True)
    _, *own = [
        parameter.replace(annotation=hints.get(parameter.name, parameter.annotation))
        for parameter in inspect.signature(function).parameters.values()
    ]
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in common.items()
    ]

    def call(*, context: typer.Context, **values: Any) -> int:
        surroundings = context.ensure_object(Surroundings)
        given = {name: values.pop(name) for name in common}
        with Crm(surroundings, Common(**given)) as crm:
            return int(carried_out(crm, lambda: function(crm, **values)) or ExitCode.DONE)

    parameters = [own_.replace(kind=inspect.Parameter.KEYWORD_ONLY) for own_ in own]
    call.__signature__ = inspect.Signature([context, *parameters, *added])  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in (context, *parameters, *added)}
    call.__name__, call.__doc__ = function.__name__, function.__doc__
    return call
