"""Which record is meant: a number, a public id, the old id of a merged record, a unique value, an e-mail or a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType, fold
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.history import resolve_all
from crm_cli.records.titles import titles_of
from crm_cli.standardize import standardize
from crm_cli.store import Store

__all__ = ["AmbiguousRecordError", "Located", "locate", "locate_all", "matching_ids"]

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}", re.IGNORECASE).fullmatch
_SHOWN = 8
_UNIQUE = (SemanticType.TEXT, SemanticType.IDENTIFIER)


class AmbiguousRecordError(UsageError):
    """Several records fit what was given; the hint lists them."""

    code = "ambiguous"


@dataclass(frozen=True, slots=True)
class Located:
    """A record that was named: its id, and a remark when another was named than the one that stands for it."""

    entity: str
    id: int
    remark: str = ""


def locate(store: Store, connection: sa.Connection, entity: Entity, text: str, *, deleted: bool = True) -> Located:
    """Return the record of `entity` that `text` names: number, public id, unique value, e-mail address or name.

    The id of a merged record leads to its survivor, and the remark says so. Raises `NotFoundError`, and
    `AmbiguousRecordError` listing the candidates when several fit. `deleted` says whether deleted records count.
    """
    found = matching_ids(store, connection, entity, text, deleted=deleted)
    survivors = resolve_all(store, connection, entity.name, found)
    standing = sorted(set(survivors.values()))
    if not standing:
        raise NotFoundError(
            f"there is no {entity.noun} {text}", hint=_near(store, connection, entity, text), entity=entity.name
        )
    if len(standing) > 1:
        raise _ambiguous(store, connection, entity, text, standing)
    if standing[0] not in found:
        _check_survivor(store, connection, entity, text, standing[0])
    remark = f"{entity.noun} {text} was merged into {standing[0]}" if standing[0] not in found else ""
    return Located(entity.name, standing[0], remark)


def locate_all(store: Store, connection: sa.Connection, entity: Entity, texts: Iterable[str]) -> list[Located]:
    """Return the records that `texts` name, each once; see `locate`."""
    found = {one.id: one for one in (locate(store, connection, entity, text) for text in texts)}
    return list(found.values())


def matching_ids(
    store: Store, connection: sa.Connection, entity: Entity, text: str, *, deleted: bool = False
) -> list[int]:
    """Return the ids that `text` fits: by id, else by public id, unique value, e-mail address, name."""
    table = store.table(entity.name)
    living = [] if deleted or "deleted_at" not in table.c else [table.c.deleted_at.is_(None)]
    for condition in _conditions(store, entity, table, text.strip()):
        ids = list(connection.scalars(sa.select(table.c.id).where(condition, *living).order_by(table.c.id)))
        if ids:
            return _unmerged_first(connection, table, ids)
    return []


def _check_survivor(store: Store, connection: sa.Connection, entity: Entity, text: str, survivor: int) -> None:
    table = store.table(entity.name)
    if connection.scalar(sa.select(table.c.id).where(table.c.id == survivor)) is None:
        raise NotFoundError(
            f"{entity.noun} {text} was merged into {survivor}, which is missing",
            hint="crm db check lists all that does not hold together; crm db restore FILE brings a backup back",
            entity=entity.name,
            record_id=survivor,
        )


def _unmerged_first(connection: sa.Connection, table: sa.Table, ids: list[int]) -> list[int]:
    """A name is also that of records merged away: they count only when no living record has it."""
    if len(ids) < 2 or "merged_into_id" not in table.c:
        return ids
    query = sa.select(table.c.id).where(table.c.id.in_(ids[:500]), table.c.merged_into_id.is_(None))
    return sorted(connection.scalars(query)) or ids


def _conditions(store: Store, entity: Entity, table: sa.Table, text: str) -> Iterable[sa.ColumnElement[bool]]:
    key = fold(text)
    if not key:
        return
    if text.isascii() and text.isdigit() and len(text) <= 18:
        yield table.c.id == int(text)
    if _ULID(text) and "public_id" in table.c:
        yield table.c.public_id == text.upper()
    for one in entity.fields:
        if one.unique and one.type in _UNIQUE and not one.custom:
            yield (table.c[one.key_column] if one.has_key else table.c[one.name]) == (key if one.has_key else text)
    if "@" in text:
        yield from _by_email(store, entity, table, key)
    yield from _by_title(entity, table, text, key)


def _by_email(store: Store, entity: Entity, table: sa.Table, key: str) -> Iterable[sa.ColumnElement[bool]]:
    if "email" in entity.slot_by_name:
        email = store.table("email_address")
        holders = sa.select(email.c.party_id).where(email.c.standard_key == key, email.c.deleted_at.is_(None))
        yield table.c.id.in_(holders)
    elif "email" in entity.by_name:
        yield table.c.email_key == key


def _by_title(entity: Entity, table: sa.Table, text: str, key: str) -> Iterable[sa.ColumnElement[bool]]:
    names = [name for name in entity.title if entity.by_name[name].has_key]
    if len(names) == 1:
        standard = standardize(entity.by_name[names[0]].type, text)  # "Acme Limited" is stored as "Acme Ltd."
        yield table.c[f"{names[0]}_key"].in_({key, fold(standard.value) or key})
    if "given_name" in entity.by_name and "family_name" in entity.by_name:
        yield from _by_person_name(table, key)


def _by_person_name(table: sa.Table, key: str) -> Iterable[sa.ColumnElement[bool]]:
    """`Ann van der Berg` splits anywhere into given and family name; `Doe, Ann` at its comma."""
    family, comma, given = key.partition(", ")
    splits = [(given, family)] if comma else []
    words = key.split(" ")
    places = [len(" ".join(words[: number + 1])) for number, _ in enumerate(pairwise(words))]
    splits += [(key[:place], key[place + 1 :]) for place in places]
    if splits:
        pairs = [sa.and_(table.c.given_name_key == given, table.c.family_name_key == last) for given, last in splits]
        yield sa.or_(*pairs)
    yield table.c.family_name_key == key


def _ambiguous(
    store: Store, connection: sa.Connection, entity: Entity, text: str, ids: Sequence[int]
) -> AmbiguousRecordError:
    titles = titles_of(store, connection, entity.name, ids[:_SHOWN])
    listed = "; ".join(f"{number} {title}" for number, title in titles.items())
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return AmbiguousRecordError(
        f"{len(ids)} {entity.plural} are called {text!r}",
        hint=f"name one by its number: {listed}{more}",
        entity=entity.name,
        candidates=list(ids),
    )


def _near(store: Store, connection: sa.Connection, entity: Entity, text: str) -> str:
    """Return a hint with records whose name begins alike."""
    fallback = f"crm {entity.noun} list shows them"
    names = [name for name in entity.title if entity.by_name[name].has_key]
    key = fold(text) or ""
    if not names or len(key) < 3 or key.isdigit():
        return fallback
    table = store.table(entity.name)
    begins = sa.or_(*(table.c[f"{name}_key"].startswith(key[:3], autoescape=True) for name in names))
    query = sa.select(table.c.id).where(begins).order_by(table.c.id).limit(3)
    if "deleted_at" in table.c:
        query = query.where(table.c.deleted_at.is_(None))
    titles = titles_of(store, connection, entity.name, list(connection.scalars(query)))
    listed = " or ".join(f"{number} ({title})" for number, title in titles.items())
    return f"did you mean {listed}?" if listed else fallback
