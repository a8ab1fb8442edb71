"""Paths: how users name a value of a record or of what it refers to, such as `account.owner.email`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crm_cli.dictionary import (
    ContactSlot,
    Dictionary,
    Entity,
    EntityRole,
    Field,
    SemanticType,
    UnknownFieldError,
)
from crm_cli.errors import did_you_mean

__all__ = ["Path", "PathInfo", "Step", "paths", "resolve"]

T = SemanticType
COMMON = {
    one.name: one
    for one in (
        Field(name="id", type=T.INTEGER, meaning="Number of the record"),
        Field(name="public_id", type=T.IDENTIFIER, meaning="Id that never changes (ULID)", keyed=False),
        Field(name="row_version", type=T.INTEGER, meaning="Grows with every change"),
        Field(name="created_at", type=T.TIMESTAMP, meaning="When it was made"),
        Field(name="updated_at", type=T.TIMESTAMP, meaning="When it was last changed"),
        Field(name="deleted_at", type=T.TIMESTAMP, meaning="When it was deleted"),
        Field(name="merged_into_id", type=T.INTEGER, meaning="The record that it was merged into"),
        Field(name="custom", type=T.JSON, meaning="Fields added at run time"),
        Field(name="extra", type=T.JSON, meaning="Columns of the source that no field took"),
    )
}
_BY_ROLE = {
    EntityRole.RECORD: tuple(COMMON),
    EntityRole.DETAIL: ("id", "row_version", "created_at", "updated_at", "deleted_at"),
    EntityRole.MACHINERY: ("id",),
}
_SHOWN_COMMON = ("id", "created_at", "updated_at")


@dataclass(frozen=True)
class Step:
    """One step of a path: from a record to the one that its reference names (or to its subtype of the same id)."""

    name: str
    column: str  # of the record before
    target: str  # entity
    masked: bool = False  # the reference itself is not shown, hence nothing behind it


@dataclass(frozen=True)
class Path:
    """A resolved path: the steps, the entity where it ends, and the field there.

    With `slot` the field belongs to the contact point behind the slot, else to the entity.
    """

    text: str
    steps: tuple[Step, ...]
    entity: Entity
    field: Field
    slot: ContactSlot | None = None

    @property
    def masked(self) -> bool:
        """Whether views do not show its values."""
        return self.field.masked or any(step.masked for step in self.steps)


@dataclass(frozen=True)
class PathInfo:
    """A path as `crm schema show --paths` and the shell's completion show it."""

    name: str
    type: SemanticType
    meaning: str
    values: tuple[str, ...] = field(default=())


def resolve(dictionary: Dictionary, entity: Entity, text: str | Sequence[str]) -> Path:
    """Return the path that `text` (`owner.username`, or its parts) names, seen from `entity`.

    A path that ends with a reference means the name of the record referred to (`owner` is `owner.username`) where that
    is one field. Raises `UnknownFieldError` with the nearest names.
    """
    parts = tuple(text.split(".")) if isinstance(text, str) else tuple(text)
    if len(parts) > 1 and parts[-2] == "custom":
        return _custom(dictionary, entity, parts)
    steps, here = _walk(dictionary, entity, parts[:-1])
    shown = ".".join(parts)
    return _end(dictionary, here, parts[-1], steps, shown)


def _custom(dictionary: Dictionary, entity: Entity, parts: tuple[str, ...]) -> Path:
    steps, here = _walk(dictionary, entity, parts[:-2])
    one = here.by_name.get(parts[-1])
    if one is None or not one.custom:
        names = [f"custom.{each.name}" for each in here.fields if each.custom]
        hint = did_you_mean(".".join(parts[-2:]), names) or f"crm schema add-field {here.noun} NAME adds one"
        message = f"{here.noun} has no added field {parts[-1]!r}"
        raise UnknownFieldError(message, hint=hint, entity=here.name, field=parts[-1])
    return Path(".".join(parts), steps, here, one)


def _walk(dictionary: Dictionary, entity: Entity, names: Sequence[str]) -> tuple[tuple[Step, ...], Entity]:
    steps: list[Step] = []
    here = entity
    for name in names:
        step = _steps_of(dictionary, here).get(name)
        if step is None:
            raise _unknown(dictionary, here, name, stepping=True)
        steps.append(step)
        here = dictionary.entity(step.target)
    return tuple(steps), here


def _steps_of(dictionary: Dictionary, entity: Entity) -> dict[str, Step]:
    found = {
        one.path_name: Step(one.path_name, one.name, one.reference.entity, one.masked)
        for one in entity.references
        if one.reference and one.reference.entity
    }
    for other in dictionary:  # a party is one of its subtypes, which share its id
        if other.subtype_of == entity.name:
            found.setdefault(other.name, Step(other.name, "id", other.name))
    return found


def _end(dictionary: Dictionary, here: Entity, name: str, steps: tuple[Step, ...], shown: str) -> Path:
    if name in here.by_name:
        return Path(shown, steps, here, here.by_name[name])
    if name in here.slot_by_name:
        slot = here.slot_by_name[name]
        return Path(shown, steps, here, dictionary.entity(slot.detail).field(slot.column), slot)
    if name in _BY_ROLE[here.role]:
        return Path(shown, steps, here, COMMON[name])
    step = _steps_of(dictionary, here).get(name)
    if step is None:
        raise _unknown(dictionary, here, name)
    return _title(dictionary, step, steps, shown)


def _title(dictionary: Dictionary, step: Step, steps: tuple[Step, ...], shown: str) -> Path:
    target = dictionary.entity(step.target)
    if len(target.title) != 1 or target.role is not EntityRole.RECORD:
        some = [*target.title, *(one.name for one in _subtypes(dictionary, target))][:3]
        hint = f"name a field of it: {' or '.join(f'{shown}.{name}' for name in some)}"
        raise UnknownFieldError(f"{shown} is a {target.noun}, not a value", hint=hint, entity=target.name, field=shown)
    return Path(shown, (*steps, step), target, target.field(target.title[0]))


def _subtypes(dictionary: Dictionary, entity: Entity) -> list[Entity]:
    return [other for other in dictionary if other.subtype_of == entity.name]


def _unknown(dictionary: Dictionary, here: Entity, name: str, *, stepping: bool = False) -> UnknownFieldError:
    steps = list(_steps_of(dictionary, here))
    known = steps if stepping else [*here.public_names, *_BY_ROLE[here.role], *steps]
    hint = did_you_mean(name, known)
    if stepping and not hint:
        hint = f"{here.noun} leads to: {', '.join(steps)}" if steps else f"{here.noun} leads nowhere"
    hint = hint or f"crm schema show {here.noun} --paths lists its fields"
    what = "reference" if stepping else "field"
    return UnknownFieldError(f"{here.noun} has no {what} {name!r}", hint=hint, entity=here.name, field=name)


def paths(dictionary: Dictionary, entity: str | Entity, depth: int = 2) -> list[PathInfo]:
    """Return every path that may be written for `entity`, through at most `depth` references, in a steady order."""
    start = dictionary.entity(entity) if isinstance(entity, str) else entity
    return list(_paths(dictionary, start, "", depth))


def _paths(dictionary: Dictionary, here: Entity, prefix: str, depth: int) -> Iterator[PathInfo]:
    for name in _SHOWN_COMMON:
        if name in _BY_ROLE[here.role] and (name == "id" or not prefix):
            yield PathInfo(prefix + name, COMMON[name].type, COMMON[name].meaning)
    for one in here.fields:
        yield PathInfo(prefix + one.name, one.type, one.meaning, one.values)
    for slot in here.slots:
        yield PathInfo(prefix + slot.name, slot.type, slot.meaning)
    if depth > 0:
        for name, step in _steps_of(dictionary, here).items():
            yield from _paths(dictionary, dictionary.entity(step.target), f"{prefix}{name}.", depth - 1)
