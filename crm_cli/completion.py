"""What the shell offers after Tab: entities, their fields, and databases by name.

Completion never fails and never asks a server: what cannot be found out quickly is simply not offered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from crm_cli.errors import CrmError

__all__ = ["database_names", "entity_nouns", "field_names"]


def entity_nouns(incomplete: str) -> list[tuple[str, str]]:
    """Return the entities whose noun begins with `incomplete`, each with its meaning."""
    from crm_cli.dictionary import shipped

    return [(one.noun, one.meaning) for one in shipped().records if one.noun.startswith(incomplete)]


def database_names(incomplete: str) -> list[str]:
    """Return the names from [databases] in the configuration that begin with `incomplete`."""
    from crm_cli.config import load

    try:
        names = load(os.environ, Path.cwd()).table("databases")
    except CrmError:  # a broken configuration is reported by the command itself
        return []
    return [name for name in names if name.startswith(incomplete)]


def field_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the fields of the command's entity that continue a comma-separated list such as `name,em`."""
    done, _, begun = incomplete.rpartition(",")
    prefix = f"{done}," if done else ""
    return [prefix + name for name in _fields(context) if name.startswith(begun)]


def _fields(context: typer.Context) -> Iterator[str]:
    from crm_cli.dictionary import shipped

    dictionary = shipped()
    words = [context.params.get("entity"), context.parent.info_name if context.parent else None]
    for word in words:
        if isinstance(word, str) and word in dictionary:
            yield from dictionary.entity(word).public_names
            return
