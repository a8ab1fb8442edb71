"""References given by people: `owner=maria`, `account="Acme"`, `party=ann@acme.example`, or a number."""

from __future__ import annotations

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity, Field
from crm_cli.errors import NotFoundError
from crm_cli.records.addressing import AmbiguousRecordError, locate
from crm_cli.store import Store

__all__ = ["find_reference", "targets_of"]


def targets_of(dictionary: Dictionary, one: Field) -> list[Entity]:
    """Return the entities whose records a reference may name: of a supertype its subtypes; polymorphic ones none."""
    target = one.reference.entity if one.reference else None
    if target is None:
        return []
    subtypes = [entity for entity in dictionary if entity.subtype_of == target]
    return subtypes or [dictionary.entity(target)]


def find_reference(store: Store, connection: sa.Connection, one: Field, text: str) -> int:
    """Return the id of the living record that the reference `one` means by `text`; see `locate`.

    Raises `NotFoundError` and `AmbiguousRecordError`; a name that an account and a contact share is ambiguous too.
    """
    found: dict[int, str] = {}
    faults: list[NotFoundError] = []
    for entity in targets_of(store.dictionary, one):
        try:
            located = locate(store, connection, entity, text, deleted=False)
        except NotFoundError as fault:
            faults.append(fault)
        else:
            found[located.id] = entity.noun
    if not found:
        nouns = " or ".join(entity.noun for entity in targets_of(store.dictionary, one))
        hint = next((fault.hint for fault in faults if "did you mean" in fault.hint), "")
        raise NotFoundError(
            f"{one.path_name}={text}: there is no such {nouns}", hint=hint or "name it by its number", field=one.name
        )
    if len(found) > 1:
        listed = "; ".join(f"{noun} {number}" for number, noun in found.items())
        raise AmbiguousRecordError(f"{one.path_name}={text} fits several records", hint=f"give a number: {listed}")
    return next(iter(found))
