"""Entities and the dictionary that holds them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from crm_cli.dictionary.fields import ContactSlot, Field
from crm_cli.errors import UsageError, did_you_mean

__all__ = ["Dictionary", "Entity", "EntityRole", "UnknownEntityError", "UnknownFieldError"]


# Where the system itself keeps copies of values: masked with the first field that is.
_COPIES = (
    *(("change", "old"), ("change", "new"), ("external_ref", "external_id"), ("import_row", "cells")),
    *(("import_row", "faults"), ("import_batch", "mapping"), ("search_record", "tokens"), ("search_posting", "token")),
    *(("search_words", "words"), ("match_pair", "scores"), ("cross_pair", "scores"), ("match_run", "model")),
    *(("match_model", "document"), ("value_frequency", "value")),
)


class UnknownEntityError(UsageError):
    """No entity has this name."""

    code = "unknown-entity"


class UnknownFieldError(UsageError):
    """The entity has no such field."""

    code = "unknown-field"


class EntityRole(StrEnum):
    """What the entity is to its users: decides commands and common columns."""

    RECORD = "record"  # has commands, versions, soft deletion, custom fields
    DETAIL = "detail"  # a part of a record: versions and soft deletion, shown with its record
    MACHINERY = "machinery"  # the system's own book-keeping


@dataclass(frozen=True)
class Entity:
    """A kind of record: fields, contact slots, and how it is named and shown."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    role: EntityRole = EntityRole.RECORD
    noun: str = ""
    plural: str = ""
    subtype_of: str = ""
    slots: tuple[ContactSlot, ...] = ()
    title: tuple[str, ...] = ("name",)
    identified_by: tuple[str, ...] = ()  # at least one of these fields or slots must have a value
    unite_by: tuple[str, ...] = ()  # rows of equal values here are "the same" when a merge unites them
    unique_together: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    append_only: bool = False
    by_name: Mapping[str, Field] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})
        object.__setattr__(self, "noun", self.noun or self.name)
        object.__setattr__(self, "plural", self.plural or f"{self.noun}s")

    @cached_property
    def slot_by_name(self) -> dict[str, ContactSlot]:
        """The contact slots by their names."""
        return {slot.name: slot for slot in self.slots}

    @cached_property
    def masked(self) -> frozenset[str]:
        """The names under which masked values stand: fields, references without `_id`, compare keys, slots."""
        fields = [each for one in self.fields if one.masked for each in (one.name, one.path_name, one.key_column)]
        return frozenset([*fields, *(slot.name for slot in self.slots if slot.masked)])

    @property
    def references(self) -> tuple[Field, ...]:
        """The fields that name other records."""
        return tuple(one for one in self.fields if one.reference)

    @property
    def self_references(self) -> tuple[Field, ...]:
        """The fields that name other records of the same entity: a parent, whom somebody reports to."""
        return tuple(one for one in self.references if one.reference and one.reference.entity == self.name)

    @property
    def public_names(self) -> tuple[str, ...]:
        """Names that users may write: fields and contact slots, in order."""
        return tuple(self.by_name) + tuple(self.slot_by_name)

    def field(self, name: str) -> Field:
        """Return the field called `name`; `UnknownFieldError` suggests the nearest."""
        try:
            return self.by_name[name]
        except KeyError:
            raise self.unknown(name) from None

    def unknown(self, name: str) -> UnknownFieldError:
        """Return the error for a field that this entity has not."""
        near = difflib.get_close_matches(name, self.public_names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"crm schema show {self.noun} lists its fields"
        return UnknownFieldError(f"{self.noun} has no field {name!r}", hint=hint, entity=self.name, field=name)


class Dictionary:
    """All entities, as a value: the shipped declaration plus the fields added at run time.

    `masked_by` says where it is written which fields are masked, as a person may read it.
    """

    def __init__(self, entities: Iterable[Entity], masked_by: str = "") -> None:
        self.masked_by = masked_by
        self._entities = {entity.name: entity for entity in entities}
        self._nouns = {entity.noun: entity for entity in self._entities.values()}
        self._plurals = {entity.plural: entity for entity in self._entities.values()}

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities.values())

    def __contains__(self, name: str) -> bool:
        return name in self._entities or name in self._nouns

    @property
    def records(self) -> tuple[Entity, ...]:
        """The entities that have commands of their own."""
        return tuple(entity for entity in self if entity.role is EntityRole.RECORD)

    def entity(self, name: str) -> Entity:
        """Return the entity by name, noun or plural; `UnknownEntityError` suggests the nearest."""
        found = self._entities.get(name) or self._nouns.get(name) or self._plurals.get(name)
        if found:
            return found
        nouns = [entity.noun for entity in self.records]
        near = difflib.get_close_matches(name, nouns, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(nouns)}"
        raise UnknownEntityError(f"there is no entity {name!r}", hint=hint, entity=name)

    def references_to(self, name: str) -> list[tuple[Entity, Field]]:
        """Return every (entity, field) whose values may name a record of `name`, polymorphic ones included.

        A reference to a supertype counts for its subtypes: consent refers to a party, hence to a contact.
        """
        targets = {name, self.entity(name).subtype_of or name}
        return [
            (entity, one)
            for entity in self
            for one in entity.references
            if one.reference and (one.reference.entity is None or one.reference.entity in targets)
        ]

    def details_of(self, name: str) -> list[tuple[Entity, Field]]:
        """Return the details that belong to records of `name`, each with the field that names their record."""
        return [
            (entity, one)
            for entity, one in self.references_to(name)
            if entity.role is EntityRole.DETAIL and one.reference and one.reference.owned
        ]

    def with_fields(self, added: Iterable[tuple[str, Field]]) -> Dictionary:
        """Return a dictionary that also has these run-time fields, as (entity name, field)."""
        entities = dict(self._entities)
        for name, one in added:
            entities[name] = replace(entities[name], fields=(*entities[name].fields, one))
        return Dictionary(entities.values(), self.masked_by)

    def with_masked(self, names: Iterable[str], by: str = "the configuration") -> Dictionary:
        """Return a dictionary in which these fields are masked, each named as `ENTITY.FIELD`; `by` says who wants it.

        A contact slot masks the contact points behind it, of every party and under every slot that shows them: the
        column, what was given, and the standard form in one line. What the system keeps of values elsewhere, such as
        in its log, is masked too. Raises `UnknownEntityError` and `UnknownFieldError`,
        which suggest the nearest.
        """
        meant = {pair for name in names for pair in self._meant(name)}
        masked = {*meant, *_COPIES}
        return Dictionary((_masking(entity, masked) for entity in self), by) if meant else self

    @property
    def is_masked(self) -> bool:
        """Whether any field is masked."""
        return bool(self.masked_by)

    def _meant(self, name: str) -> set[tuple[str, str]]:
        """The fields that a name means, as (entity, field)."""
        noun, _, field_name = name.strip().partition(".")
        if not field_name:
            known = [f"{entity.noun}.{one}" for entity in self.records for one in entity.public_names]
            hint = did_you_mean(name, known) or "write ENTITY.FIELD, such as contact.birth_date"
            raise UnknownFieldError(f"{name!r} names no field", hint=hint, field=name)
        entity = self.entity(noun)
        if slot := entity.slot_by_name.get(field_name):
            return self._point_columns(slot.detail, slot.column)
        one = entity.field(field_name.removeprefix("custom."))
        return self._point_columns(entity.name, one.name) or {(entity.name, one.name)}

    def _point_columns(self, detail: str, column: str) -> set[tuple[str, str]]:
        """A column of contact points with those that repeat its values; nothing where slots do not show `detail`."""
        shown = {slot.column for entity in self for slot in entity.slots if slot.detail == detail}
        repeated = ("value", "standard") if shown else ()
        return {(detail, one) for one in (column, *repeated)} if column in {*shown, *repeated} else set()


def _masking(entity: Entity, meant: Collection[tuple[str, str]]) -> Entity:
    fields = tuple(replace(one, masked=True) if (entity.name, one.name) in meant else one for one in entity.fields)
    slots = tuple(replace(one, masked=True) if (one.detail, one.column) in meant else one for one in entity.slots)
    return replace(entity, fields=fields, slots=slots)
