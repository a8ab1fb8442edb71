"""Files about territories: a simulation's page, a proposal's plan. Each appears whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from crm_cli.dictionary import Dictionary
from crm_cli.errors import UsageError
from crm_cli.exporters import write_whole
from crm_cli.jobs.territories.page import page_lines
from crm_cli.territories import Simulation

__all__ = ["write_page", "write_plan"]


def write_page(dictionary: Dictionary, found: Simulation, path: Path, *, overwrite: bool = False) -> None:
    """Write a simulation as an HTML page; `UsageError` for another suffix and for a file that is there already."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{path.name} is no page", hint="give it a name that ends in .html")
    text = "\n".join(page_lines(dictionary, found)) + "\n"
    _write(path, text, overwrite=overwrite)


def write_plan(document: Mapping[str, Any], path: Path, *, overwrite: bool = False) -> None:
    """Write a plan as TOML, as `crm territory simulate` and `apply` read it; raises as `write_page`."""
    import tomlkit  # NOTE: only a plan that is written needs it

    if path.suffix.lower() != ".toml":
        raise UsageError(f"{path.name} is no plan", hint="give it a name that ends in .toml")
    _write(path, tomlkit.dumps(dict(document)), overwrite=overwrite)


def _write(path: Path, text: str, *, overwrite: bool) -> None:
    def fill(stream: BinaryIO) -> int:
        stream.write(text.encode())
        return text.count("\n")

    write_whole(path, fill, overwrite=overwrite)
