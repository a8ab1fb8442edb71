"""Which table of a delivery is which of a profile's: by name and header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from crm_cli.importers.model import Table
from crm_cli.importers.profiles.catalogue import signed_profiles
from crm_cli.importers.profiles.model import Profile, TableLayout, letters

__all__ = ["expanded", "layouts_for", "recognize", "stem"]

_MOST_NUMBERED = 99
_ENDING = re.compile(r"\.(?:csv|tsv|txt|xlsx?|xlsm|ods|json|jsonl|sql|dbf|gz|zip|parquet)$", re.IGNORECASE)


def stem(name: str) -> str:
    """Return a table's name without folder, ending and schema, in lower case: `out/Contacts.csv` is `contacts`."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    while _ENDING.search(last):
        last = _ENDING.sub("", last)
    return last.casefold()


def expanded(name: str, header: dict[str, int]) -> list[tuple[str, str]]:
    """Return (number, name) of the columns that a name with `#` stands for, as far as the header has them."""
    if "#" not in name:
        return [("", name)] if letters(name) in header else []
    numbered = [(str(number), name.replace("#", str(number))) for number in range(1, _MOST_NUMBERED + 1)]
    return [(number, one) for number, one in numbered if letters(one) in header]


def layouts_for(profile: Profile, table: Table, *, renamed: bool = False) -> list[TableLayout]:
    """Return the layouts that describe a table: none, one, or several that share its rows by their `where`.

    A table that is called like one of the system's is that one or none: leads are not taken for contacts. One that was
    `renamed`, as rejected rows are, may be any that its columns tell without doubt.
    """
    header = {letters(name) for name in table.header}
    called = stem(table.name)
    fitting = [one for one in profile.tables if _has(one.headers, header) and _known(one, header)]
    named = [one for one in fitting if _is_called(one, called)]
    if not named and any(_is_called(one, called) for one in profile.tables):
        return []
    candidates = named or [one for one in fitting if one.headers and (renamed or not one.by_name_only)]
    if not candidates:
        return []
    best = max(candidates, key=lambda one: (_known(one, header), -one.number))
    alike = [one for one in candidates if _known(one, header) == _known(best, header) and one.names != best.names]
    if renamed and not named and best.by_name_only and alike:
        return []
    return [one for one in candidates if one is best or (best.where and one.where and one.names == best.names)]


def recognize(header: Sequence[str]) -> tuple[Profile, TableLayout] | None:
    """Return the shipped layout that a header is that of beyond doubt, where nobody named the system."""
    found = {letters(name) for name in header}
    hits = [
        (profile, layout)
        for profile in signed_profiles()
        for layout in profile.tables
        if layout.signature and _has(layout.signature, found)
    ]
    return max(hits, key=lambda hit: _known(hit[1], found), default=None)


def _has(wanted: Sequence[str], header: set[str]) -> bool:
    return all(any(letters(one) in header for one in names.split("|")) for names in wanted)


def _is_called(layout: TableLayout, called: str) -> bool:
    bare = letters(called)
    return any(fnmatchcase(called, name.casefold()) or letters(name) == bare for name in layout.names)


def _known(layout: TableLayout, header: set[str]) -> int:
    """How many of the layout's columns the header has."""
    places = dict.fromkeys(header, 0)
    names = (*layout.columns, *layout.references, *layout.ignore, *layout.key)
    return sum(bool(expanded(name, places)) for name in names)
