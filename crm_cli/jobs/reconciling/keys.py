"""By what a row of the source and a record here are known to be the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Entity, fold, hide
from crm_cli.errors import UsageError
from crm_cli.importers import Row, Table
from crm_cli.importers.mapping import Mapping, MappingError
from crm_cli.jobs.importing.drafts import known_as
from crm_cli.jobs.reconciling.fields import ComparedField, chosen_fields
from crm_cli.jobs.reconciling.said import Said
from crm_cli.store import Store

__all__ = ["Key", "KeyPart", "choose_key", "known_ids", "named_key", "source_system"]

_OURS = "public_id"
_NUMBERS = (_OURS, "id")
_SLOTS = ("email", "phone", "mobile")
_ENOUGH = 0.5  # of the sampled rows that must have a key for it to be chosen


@dataclass(frozen=True, slots=True)
class KeyPart:
    """A field that is part of a key; or a column of the source that holds `id`, `public_id`, or a system's own id."""

    name: str
    field: ComparedField | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """The parts of a key. `system` is the source system whose ids of the records are looked up."""

    parts: tuple[KeyPart, ...]
    system: int | None = None

    @property
    def fields(self) -> list[ComparedField]:
        """The parts that are fields."""
        return [one.field for one in self.parts if one.field is not None]

    @property
    def numbers(self) -> list[str]:
        """The parts that are ids of ours."""
        return [one.name for one in self.parts if one.field is None and self.system is None]

    def shown(self, key: Sequence[str | None] | None, *, ids_masked: bool) -> list[str | None] | None:
        """Return the key of a record as a view may show it; `ids_masked` where a source's ids are masked too."""
        if key is None:
            return None
        return [
            hide(value) if (part.field.masked if part.field else ids_masked and part.name not in _NUMBERS) else value
            for part, value in zip(self.parts, key, strict=True)
        ]

    def __str__(self) -> str:
        return ",".join(one.name for one in self.parts)

    def of_row(self, said: Sequence[Said], columns: Sequence[str | None]) -> tuple[list[str] | None, list[str | None]]:
        """Return the compared key of a row (None where a part is blank), and the key as it stands.

        `said` is what the row says of the fields of the key, `columns` the cells of its other parts.
        """
        fields, cells = iter(said), iter(columns)
        forms: list[str] = []
        shown: list[str | None] = []
        for part in self.parts:
            if part.field is not None:
                one = next(fields)
                form, stands = fold((one.form or "").partition("\n")[0]), one.shown
            else:
                stands = next(cells)
                form = self._id(stands)
            shown.append(stands)
            if form:
                forms.append(form)
        return (forms if len(forms) == len(self.parts) else None), shown

    def _id(self, cell: str | None) -> str | None:
        text = (cell or "").strip()
        return known_as(text) if self.system is not None else fold(text)


def named_key(
    store: Store, connection: sa.Connection, entity: Entity, known: Sequence[ComparedField], table: Table,
    names: Sequence[str],
) -> Key:  # fmt: skip
    """Return the key that the user named; `UsageError` for a field that no column says, or a system that is unknown."""
    parts: list[KeyPart] = []
    for name in names:
        if ":" in name:
            if len(names) > 1:
                raise UsageError(
                    f"--key {','.join(names)}: the ids of a system are a key of their own", hint="name it alone"
                )
            return _system_key(store, connection, entity, table, name)
        if name in _NUMBERS:
            parts.append(KeyPart(name, column=_column(table, name)))
            continue
        by_column = next((one for one in known if name in one.columns and not one.only_given), None)
        is_field = name in entity.by_name or name in entity.slot_by_name
        one = by_column if by_column is not None and not is_field else chosen_fields(entity, known, [name])[0]
        parts.append(KeyPart(one.name, field=one))
    return Key(tuple(parts))


def _system_key(store: Store, connection: sa.Connection, entity: Entity, table: Table, name: str) -> Key:
    system, _, column = name.rpartition(":")
    number = source_system(store, connection, system)
    if number is None:
        known = _systems(store, connection)
        hint = f"known: {', '.join(known)}" if known else "crm batch list shows what was imported"
        raise UsageError(f"no import brought records of a source {system!r}", hint=hint, source=system)
    if connection.scalar(known_ids(store, entity, number).limit(1)) is None:
        hint = "it was imported without --key; name a field by --key"
        raise UsageError(f"{system!r} brought no {entity.plural} under ids of its own", hint=hint, source=system)
    return Key((KeyPart(name, column=_column(table, column)),), system=number)


def known_ids(store: Store, entity: Entity, system: int) -> sa.Select[tuple[str, int]]:
    """Return a query for the ids under which a source system knows records, and theirs.

    What an import made up for rows without a key, and for companies that it met by name, is no id of the system.
    """
    refs = store.table("external_ref")
    made_up = [refs.c.external_id.like(f"{prefix}%") for prefix in ("row:", "name:")]
    return sa.select(refs.c.external_id, refs.c.record_id).where(
        refs.c.source_system_id == system, refs.c.entity == entity.name, sa.not_(sa.or_(*made_up))
    )


def _column(table: Table, name: str) -> str:
    found = next((one for one in table.header if fold(one) == fold(name)), None)
    if found is None:
        hint = f"its columns are: {', '.join(table.header)}"
        raise MappingError(f"the source has no column {name!r}", hint=hint, column=name)
    return found


def source_system(store: Store, connection: sa.Connection, name: str) -> int | None:
    """Return the source system of a name, None where no import brought one."""
    table = store.table("source_system")
    key = store.dictionary.entity("source_system").field("name").key_column
    return connection.scalar(sa.select(table.c.id).where(table.c[key] == fold(name)))


def _systems(store: Store, connection: sa.Connection) -> list[str]:
    table = store.table("source_system")
    return list(connection.scalars(sa.select(table.c.name).order_by(table.c.name).limit(10)))


def choose_key(
    store: Store, connection: sa.Connection, entity: Entity, known: Sequence[ComparedField], table: Table,
    mapping: Mapping, named: str, sample: Sequence[Row],
) -> Key:  # fmt: skip
    """Return the first key that most rows of the sample have: our ids, the source's own, what is unique, e-mail, name.

    A column `id` is not taken unasked: most systems have one of their own. `named` is what the source is called. Raises
    `UsageError` when the source says nothing that could be a key.
    """
    candidates = [Key((KeyPart(_OURS, column=_OURS),))] if _OURS in table.header else []
    candidates += _of_system(store, connection, entity, mapping, named)
    candidates += [Key((KeyPart(one.name, field=one),)) for one in known if one.field is not None and one.field.unique]
    by_name = {one.name: one for one in known}
    candidates += [Key((KeyPart(name, field=by_name[name]),)) for name in _SLOTS if name in by_name]
    if all(name in by_name for name in entity.title):
        candidates.append(Key(tuple(KeyPart(name, field=by_name[name]) for name in entity.title)))
    if not candidates:
        said = ", ".join(one.name for one in known)
        raise UsageError(f"nothing in the source identifies a {entity.noun}", hint=f"--key FIELD, one of: {said}")
    filled = [_filled(one, table, sample) for one in candidates]
    enough = [one for one, share in zip(candidates, filled, strict=True) if share >= _ENOUGH]
    return enough[0] if enough else candidates[filled.index(max(filled))]


def _of_system(store: Store, connection: sa.Connection, entity: Entity, mapping: Mapping, named: str) -> list[Key]:
    """The key column of the source, where imports of it brought records under such ids."""
    name = mapping.source or named
    number = source_system(store, connection, name) if mapping.key else None
    if number is None or mapping.key is None:
        return []
    if connection.scalar(known_ids(store, entity, number).limit(1)) is None:
        return []
    return [Key((KeyPart(f"{name}:{mapping.key}", column=mapping.key),), system=number)]


def _filled(key: Key, table: Table, sample: Sequence[Row]) -> float:
    """The share of the rows that have every part of the key."""
    groups = [(part.column,) if part.field is None else part.field.columns for part in key.parts]
    places = [[table.header.index(name) for name in names if name in table.header] for names in groups]
    full = sum(
        all(any(place < len(row.values) and row.values[place] for place in part) for part in places) for row in sample
    )
    return full / len(sample) if sample else 0.0
