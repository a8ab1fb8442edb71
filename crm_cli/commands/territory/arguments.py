"""Arguments that several commands of `crm territory` have."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["PlanFile", "Territory", "UserName"]

Territory = Annotated[str, typer.Argument(metavar="TERRITORY", help="Its name or number.")]
UserName = Annotated[str, typer.Argument(metavar="USER", help="The user.")]
PlanFile = Annotated[
    str, typer.Argument(metavar="PLAN.toml", help="The plan; docs/territories.md shows what it holds.")
]
