"""Profiles as people look at them: which there are, which tables they know, what each column fills."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crm_cli.dictionary import Dictionary
from crm_cli.importers.profiles import Profile, TableLayout, check_targets

__all__ = ["profile_rows", "table_rows"]


def profile_rows(profiles: Iterable[Profile]) -> list[dict[str, Any]]:
    """Return a row a profile: its name, the system, and which records its tables become."""
    return [
        {
            "profile": one.name,
            "system": one.title,
            "records": ", ".join(dict.fromkeys(table.into for table in one.tables)),
            "recognized": "yes" if any(table.signature for table in one.tables) else "by --profile",
        }
        for one in profiles
    ]


def table_rows(dictionary: Dictionary, profile: Profile) -> dict[str, list[dict[str, Any]]]:
    """Return the columns of each table that a profile knows, and what they fill; raises `ProfileError`."""
    check_targets(profile, dictionary)
    return {_title(one): _columns(one) for one in profile.tables}


def _title(layout: TableLayout) -> str:
    names = ", ".join(layout.names) or "any name"
    return f"table {layout.number}: {names} -> {layout.into}"


def _columns(layout: TableLayout) -> list[dict[str, Any]]:
    rows = [{"column": name, "fills": target, "how": ""} for name, target in layout.columns.items()]
    rows += [
        {"column": name, "fills": one.target, "how": f"id of {' or '.join(one.entities) or 'the record'}"}
        for name, one in layout.references.items()
    ]
    rows += [
        {"column": f"({name})", "fills": name, "how": f"always {value}"} for name, value in layout.constants.items()
    ]
    for row in rows:
        if words := layout.values.get(row["column"]):
            row["how"] = ", ".join(f"{given} = {ours or '-'}" for given, ours in list(words.items())[:4])
    rows += [{"column": name, "fills": "(row left out)", "how": ", ".join(of)} for name, of in layout.skip.items()]
    rows += [{"column": name, "fills": "(which rows)", "how": ", ".join(of)} for name, of in layout.where.items()]
    rows += [
        {
            "column": ", ".join((one.through or one).take.values()),
            "fills": "(columns)",
            "how": f"joined from {one.table}",
        }
        for one in layout.joins
    ]
    return rows
