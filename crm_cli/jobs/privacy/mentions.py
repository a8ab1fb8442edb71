"""Where texts of other rows name the person: found by the database, cut out here, value by value.

Only what belongs to nobody else is looked for: an address that a relative has too says nothing of who is meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, EntityRole, SemanticType, fold
from crm_cli.jobs.privacy.traits import Known
from crm_cli.store import Store, in_chunks

__all__ = ["ERASED", "Marks", "Mention", "find_mentions", "marks_of"]

ERASED = "[erased]"
_SHORTEST = 4  # letters of a family name
# What is not read: indexes are made anew, rejected rows are judged whole, the rest holds no words of customers.
_NOT_READ = frozenset(
    {
        *("search_record", "search_posting", "search_words", "match_key", "value_frequency", "match_waiting", "lease"),
        *("id_allocation", "import_row", "erasure_key", "app_user", "custom_field", "external_ref"),
    }
)
_TEXTS_OF_RECORDS = (SemanticType.TEXT, SemanticType.NOTE, SemanticType.JSON)  # names and addresses of others stay
_TEXTS_OF_MACHINERY = (*_TEXTS_OF_RECORDS, SemanticType.IDENTIFIER, SemanticType.URL)
_NO_WORDS = frozenset(  # names of entities, hashes, and who did something: users may be called like customers
    {"entity", "record_entity", "other_entity", "hash", "fingerprint", "content_hash", "sha256", "actor", "accepted_by"}
)
_OPEN = ("custom", "extra")  # columns of records that hold many values
# Where a family name alone means the person: words about somebody, and conditions. Elsewhere it may be a town.
_WORDS_ABOUT = frozenset(
    {
        *(("operation", "command"), ("operation", "reason"), ("erasure", "reason"), ("match_run", "condition")),
        *(
            ("cross_run", "condition"),
            ("match_decision", "reason"),
            ("cross_decision", "reason"),
            ("finding", "message"),
        ),
        *(("finding", "reason"), ("confirmation", "source"), ("match_pair", "scores"), ("script_run", "parameters")),
    }
)
_SHORTEST_NAME = 6


@dataclass(frozen=True)
class Marks:
    """What a text is searched for: `anywhere` in every text, `families` where a family name alone means the person."""

    anywhere: tuple[str, ...]
    families: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mention:
    """A row of another record, or of the log, whose texts name the person; `values`: the same without."""

    entity: str
    id: int
    values: Mapping[str, Any]


def marks_of(known: Known) -> Marks:
    """Return what texts are searched for: addresses, numbers, whole names; in the log family names alone too."""
    names: list[str] = []
    for given, middle, family in known.names if known.own_names else ():
        if given and family:
            whole = f"{given} {middle} {family}" if middle else f"{given} {family}"
            names += [whole, f"{given} {family}", f"{family}, {given}", f"{family} {given}"]
    whole_names = [one for one in names if len(one) >= _SHORTEST_NAME]
    longest_first = sorted(dict.fromkeys([*known.own_emails, *known.own_phones, *whole_names]), key=len, reverse=True)
    return Marks(tuple(longest_first), tuple(sorted(one for one in known.own_family_names if len(one) >= _SHORTEST)))


def find_mentions(
    store: Store,
    connection: sa.Connection,
    marks: Marks,
    about: Mapping[str, Collection[int]],
    leave_out: Mapping[str, Collection[int]] | None = None,
) -> Iterator[Mention]:
    """Yield the rows of all tables that name the person, those of `leave_out` (by entity) left out.

    In rows `about` the person (by entity) its family name alone is enough.
    """
    for entity in store.dictionary:
        if entity.name in _NOT_READ:
            continue
        skipped = set((leave_out or {}).get(entity.name, ()))
        columns, mine = _columns(entity), sorted(about.get(entity.name, ()))
        words = [name for name in columns if (entity.name, name) in _WORDS_ABOUT]
        searches = (
            (columns, marks.anywhere, None),
            (words, marks.families, None),
            (columns, (*marks.anywhere, *marks.families), mine),
        )
        for names, wanted, ids in searches:
            for row in _candidates(store, connection, entity, names, wanted, ids):
                values = {} if row["id"] in skipped else _without(store, entity, row, names, _finder(wanted))
                if values:
                    yield Mention(entity.name, row["id"], values)


def _finder(marks: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, marks))})(?!\w)", re.IGNORECASE)


def _columns(entity: Entity) -> list[str]:
    machinery = entity.role is EntityRole.MACHINERY
    types = _TEXTS_OF_MACHINERY if machinery else _TEXTS_OF_RECORDS
    named = [one.name for one in entity.fields if one.type in types and not one.custom and one.name not in _NO_WORDS]
    return named if entity.role is not EntityRole.RECORD else [*named, *_OPEN]


def _candidates(
    store: Store,
    connection: sa.Connection,
    entity: Entity,
    columns: Sequence[str],
    marks: Sequence[str],
    ids: Sequence[int] | None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows that may hold a mark: of the whole table, or of these ids."""
    if ids is not None and not ids:
        return
    table = store.table(entity.name)
    texts = [sa.cast(table.c[name], sa.Text) for name in columns]
    patterns = [_like(store, text, _pattern(mark)) for text in texts for mark in _fewest(marks)]
    if not patterns:
        return
    query = sa.select(table.c.id, *(table.c[name] for name in columns)).where(sa.or_(*patterns)).order_by(table.c.id)
    for chunk in [None] if ids is None else in_chunks(ids):
        found = query if chunk is None else query.where(table.c.id.in_(chunk))
        yield from [dict(row) for row in connection.execute(found).mappings()]


def _like(store: Store, text: sa.ColumnElement[str], pattern: str) -> sa.ColumnElement[bool]:
    """Compare without regard to case, as each database does it fastest: SQLite's LIKE knows no case in ASCII."""
    if store.backend == "sqlite":
        return text.like(pattern, escape="!")
    return text.ilike(pattern, escape="!")


def _fewest(marks: Sequence[str]) -> list[str]:
    """The marks that are in no other: what holds the longer holds the shorter."""
    folded = {mark.lower() for mark in marks}
    return sorted(mark for mark in folded if not any(other in mark for other in folded if other != mark))


def _pattern(mark: str) -> str:
    """A pattern that finds the mark in any case and as JSON writes it: databases differ in `lower` beyond ASCII."""
    letters = []
    for letter in mark.lower():
        if letter in "!%_":
            letters.append(f"!{letter}")
        elif letter in '"\\' or not letter.isascii():
            letters.append("%")
        else:
            letters.append(letter)
    return f"%{''.join(letters)}%"


def _without(
    store: Store, entity: Entity, row: Mapping[str, Any], columns: Sequence[str], finder: re.Pattern[str]
) -> dict[str, Any]:
    """Return the columns that change, with what they hold then; compare keys follow."""
    table = store.table(entity.name)
    changed: dict[str, Any] = {}
    for name in columns:
        value = _cut(row[name], finder)
        if value == row[name]:
            continue
        one = entity.by_name.get(name)
        if isinstance(value, str) and one is not None and one.is_text:
            value = value[: one.max_length]
        changed[name] = value
        if f"{name}_key" in table.c:
            changed[f"{name}_key"] = fold(value)
    return changed


def _cut(value: Any, finder: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return finder.sub(ERASED, value)
    if isinstance(value, Mapping):  # keys are names of columns
        return {key: _cut(one, finder) for key, one in value.items()}
    return [_cut(one, finder) for one in value] if isinstance(value, list) else value
