"""Find records by words, with what tells the hits apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_cli.query import catch_up, search
from crm_cli.records.titles import titles_of
from crm_cli.store import Store

__all__ = ["Found", "find"]


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: the entity's noun, the record's number and title, and how well it fits (the higher, the better)."""

    entity: str
    id: int
    title: str
    score: float


def find(store: Store, words: str, *, entities: Sequence[str] | None = None, limit: int = 20) -> list[Found]:
    """Return the records that `words` find, best first; what was written a moment ago is found too.

    Raises `UnknownEntityError` for an entity that there is not.
    """
    names = [store.dictionary.entity(name).name for name in entities] if entities else None
    catch_up(store)
    with store.read() as connection:
        hits = search(store, connection, words, entities=names, limit=limit)
        titles = {
            name: titles_of(store, connection, name, [hit.record_id for hit in hits if hit.entity == name])
            for name in {hit.entity for hit in hits}
        }
    nouns = {name: store.dictionary.entity(name).noun for name in titles}
    return [
        Found(nouns[hit.entity], hit.record_id, titles[hit.entity].get(hit.record_id, hit.title), hit.score)
        for hit in hits
    ]
