"""Where commands find matching rules: the folder `rules/` beside `crm.toml`, or the file that --rules names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands.kit import Crm

if TYPE_CHECKING:
    from crm_cli.jobs.match_rules import MatchRules

__all__ = ["RulesFile", "entity_rules", "given_rules", "rules_folder"]

RulesFile = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="Matching rules (TOML): columns that must match, must differ, …"),
]


def rules_folder(crm: Crm) -> Path:
    """Return the folder of the project's rules, whether it exists or not."""
    project = crm.config.project
    return (project.parent if project else crm.surroundings.cwd) / "rules"


def entity_rules(crm: Crm, entity: str) -> MatchRules:
    """Return the rules that the project has for `entity`; `RulesError` (exit 2) for a file that is wrong."""
    from crm_cli.jobs.matching import rules_of

    return rules_of(rules_folder(crm), entity, crm.dictionary)


def given_rules(crm: Crm, file: Path | None) -> MatchRules | None:
    """Return the rules of the file that --rules names."""
    from crm_cli.jobs.match_rules import read_rules

    return None if file is None else read_rules(crm.path(file))
