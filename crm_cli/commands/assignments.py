"""`FIELD=VALUE` words on the command line, and what reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_cli.errors import UsageError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crm_cli.commands.kit import Crm
    from crm_cli.records import Reader

__all__ = ["assignments", "reader", "split_words"]

_ASSIGNMENT = re.compile(r"([A-Za-z_][\w.]*)=(.*)", re.DOTALL).fullmatch


def split_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return (assignments, other words): `city=Berlin 42 43` sets the city of two records."""
    given = [word for word in words if _ASSIGNMENT(word)]
    return given, [word for word in words if not _ASSIGNMENT(word)]


def assignments(words: Sequence[str]) -> dict[str, str]:
    """Return name → value of `FIELD=VALUE` words; raises `UsageError` for other words, repeats, and none at all."""
    found: dict[str, str] = {}
    for word in words:
        match = _ASSIGNMENT(word)
        if match is None:
            raise UsageError(
                f"{word!r} is no FIELD=VALUE", hint='write name=value, in quotes where it has blanks: city="New York"'
            )
        name, value = match.groups()
        name = name.removeprefix("custom.")
        if name in found:
            raise UsageError(f"{name} is given twice", hint="give each field once")
        found[name] = value
    if not found:
        raise UsageError("no field was given", hint="give FIELD=VALUE, such as city=Berlin")
    return found


def reader(crm: Crm, noun: str, connection: sa.Connection) -> Reader:
    """Return what reads values of the entity, with the configuration's country, currency and time zone."""
    from crm_cli.records import Reader
    from crm_cli.standardize import Context

    settings = {name: crm.config.text(name) or None for name in ("default_country", "base_currency", "timezone")}
    context = Context(
        country=settings["default_country"], currency=settings["base_currency"], timezone=settings["timezone"]
    )
    return Reader(crm.store, connection, crm.store.dictionary.entity(noun), context)
