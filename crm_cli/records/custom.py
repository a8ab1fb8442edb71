"""Fields added at run time: rows of `custom_field`, whose values stand in each record's `custom` column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_cli.dictionary import Entity, EntityRole, SemanticType
from crm_cli.errors import CrmError, UsageError, did_you_mean
from crm_cli.history import Operation
from crm_cli.store import COMMON_COLUMNS

__all__ = ["FieldExistsError", "NewField", "add_field"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}").fullmatch
_NOT_ADDABLE = {SemanticType.REFERENCE, SemanticType.JSON}


class FieldExistsError(CrmError):
    """The entity has a field of this name already."""

    code = "field-exists"


@dataclass(frozen=True)
class NewField:
    """A field to be added: entity and type as the user wrote them."""

    entity: str
    name: str
    type: str
    meaning: str
    values: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()


def add_field(op: Operation, new: NewField) -> Entity:
    """Add the field; return the entity. The store knows it once it is opened again (`Store.reload`).

    Raises `FieldExistsError`; `UsageError` for a name or type that cannot be, or an enumeration without values.
    """
    entity = op.store.dictionary.entity(new.entity)
    _check_entity(entity)
    _check_name(entity, new.name)
    kind = _type_of(new)
    options = {"values": list(new.values), "synonyms": list(new.synonyms)}
    row = {
        "entity": entity.name, "name": new.name, "type": str(kind), "meaning": new.meaning,
        "options": {name: words for name, words in options.items() if words} or None,
    }  # fmt: skip
    op.insert("custom_field", [row])
    return entity


def _check_entity(entity: Entity) -> None:
    if entity.role is not EntityRole.RECORD:
        raise UsageError(f"{entity.noun} takes no further fields", hint="crm schema list shows what does")


def _check_name(entity: Entity, name: str) -> None:
    if not _NAME(name):
        raise UsageError(
            f"{name!r} is no name for a field", hint="small letters, digits and _, a letter first: shoe_size"
        )
    paths = {one.path_name for one in entity.references}
    if name in {*entity.public_names, *paths, "id", *COMMON_COLUMNS[entity.role]}:
        hint = f"crm schema show {entity.noun} shows the fields"
        raise FieldExistsError(f"{entity.noun} has a field {name} already", hint=hint, entity=entity.name, field=name)


def _type_of(new: NewField) -> SemanticType:
    known = [str(kind) for kind in SemanticType if kind not in _NOT_ADDABLE]
    if new.type not in known:
        hint = did_you_mean(new.type, known) or f"one of: {', '.join(known)}"
        raise UsageError(f"there is no type {new.type!r} for a field", hint=hint, type=new.type)
    kind = SemanticType(new.type)
    if (kind is SemanticType.ENUM) != bool(new.values):
        raise UsageError("an enum, and nothing else, has --values", hint="--type enum --values small,large")
    return kind
