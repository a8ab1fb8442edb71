"""References to records that come later: in the same table, or in another one of the same delivery."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_cli.dictionary import Entity
from crm_cli.importers import Row
from crm_cli.jobs.importing.collision import Claim
from crm_cli.jobs.importing.drafts import Draft, SourceId
from crm_cli.jobs.importing.references import RefKeeper
from crm_cli.jobs.importing.resolving import KnownRef, Resolver
from crm_cli.jobs.importing.updating import Updater

__all__ = ["LateReferences"]

_AT_ONCE = 5_000
_SAMPLES = 3


@dataclass
class LateReferences:
    """Keeps the references that could not be filled when their rows were written, and fills them in the end.

    One that is found in the end goes the way of every other value: under the collision rule, logged, undone with the
    rest. What is not found is kept in `extra` under the name of the field, and counted by column.
    """

    resolver: Resolver
    updater: Updater
    refs: RefKeeper
    as_of: datetime | None
    coming: frozenset[str] = frozenset()  # entities of which records may still come
    unresolved: Counter[str] = field(default_factory=Counter)  # column → rows
    samples: dict[str, list[str]] = field(default_factory=dict)
    _waiting: dict[str, list[Draft]] = field(default_factory=lambda: defaultdict(list))
    _created: dict[str, int] = field(default_factory=dict)

    def created(self, entity: Entity, first: int) -> None:
        """Note that records from id `first` on are new."""
        self._created.setdefault(entity.name, first)

    def give_up(self, entity: Entity, drafts: Sequence[Draft]) -> None:
        """Keep at once, beside its record, what names a record that cannot come any more."""
        for draft in drafts:
            hopeless = [
                one for one in draft.waiting if one[0] == entity.name and not self.coming & set(one[2].entities)
            ]
            for one in hopeless:
                draft.waiting.remove(one)
                self._miss(entity, draft, one[1], one[2])

    def add(self, entity: Entity, drafts: Sequence[Draft]) -> None:
        """Keep of these drafts, which were written, what they wait for."""
        for draft in drafts:
            waiting = {name: value for owner, name, value in draft.waiting if owner == entity.name}
            if waiting:
                slim = Draft(
                    Row(draft.row.number, draft.row.place, []), draft.content_hash, draft.external_id, draft.modified,
                    values={entity.name: waiting}, keyed=draft.keyed,
                    missed=[one for one in draft.missed if one[1] not in waiting],
                )  # fmt: skip
                self._waiting[entity.name].append(slim)

    def settle(self) -> Iterator[tuple[Entity, set[int]]]:
        """Fill what can be filled now; yield the entity and the records that were there before and changed."""
        for name, drafts in self._waiting.items():
            entity = self.resolver.dictionary.entity(name)
            for start in range(0, len(drafts), _AT_ONCE):
                changed = self._settle(entity, drafts[start : start + _AT_ONCE])
                yield entity, changed
        self._waiting.clear()

    def _settle(self, entity: Entity, drafts: Sequence[Draft]) -> set[int]:
        self._fill(entity, drafts)
        known = self.resolver.known(entity.name, [draft.external_id for draft in drafts])
        deleted = self.resolver.deleted(entity.name, [ref.record_id for ref in known.values()])
        found = [(draft, known[draft.external_id]) for draft in drafts if draft.external_id in known]
        found = [(draft, ref) for draft, ref in found if ref.record_id not in deleted]
        self._complete(entity, [(draft, ref) for draft, ref in found if self._is_new(entity, ref)])
        claims = [
            Claim(draft, ref.record_id, ref, draft.modified or self.as_of)
            for draft, ref in found
            if not self._is_new(entity, ref)
        ]
        for claim in claims:  # it may hold other things too: it is looked at again next time
            claim.draft.missed.append((entity.name, ""))
        changed, standings = self.updater.update(entity, claims)
        self.refs.keep(entity, claims, standings, changed)
        return changed

    def _is_new(self, entity: Entity, ref: KnownRef) -> bool:
        return ref.record_id >= self._created.get(entity.name, ref.record_id + 1)

    def _complete(self, entity: Entity, found: Sequence[tuple[Draft, KnownRef]]) -> None:
        """Fill the references of records that this operation made: nobody can have said otherwise."""
        rows = self.resolver.rows(entity.name, [ref.record_id for draft, ref in found if draft.extra])
        updates: dict[int, dict[str, Any]] = {}
        for draft, ref in found:  # of rows with the same key the first decides
            update = updates.setdefault(ref.record_id, {})
            for name, value in draft.values[entity.name].items():
                update.setdefault(name, value)
            if draft.extra:
                before = update.get("extra", rows[ref.record_id]["extra"])
                update["extra"] = {**draft.extra, **(before or {})}
        self.updater.operation.update(entity.name, updates, logged=False)
        self.refs.complete(entity, found)

    def _fill(self, entity: Entity, drafts: Sequence[Draft]) -> None:
        found = self.resolver.by_source_ids(value for draft in drafts for value in draft.values[entity.name].values())
        for draft in drafts:
            values = draft.values[entity.name]
            for name, value in list(values.items()):
                if value in found:
                    values[name] = found[value]
                else:
                    del values[name]
                    self._miss(entity, draft, name, value)

    def _miss(self, entity: Entity, draft: Draft, name: str, value: SourceId) -> None:
        draft.extra[entity.by_name[name].path_name] = value.text
        if (entity.name, name) not in draft.missed:
            draft.missed.append((entity.name, name))
        self.unresolved[value.column] += 1
        samples = self.samples.setdefault(value.column, [])
        if value.text not in samples and len(samples) < _SAMPLES:
            samples.append(value.text)

    def warnings(self) -> list[str]:
        """Return a sentence a column with ids of records that did not come."""
        return [
            f"{column}: {_rows(count)} records that did not come ({', '.join(self.samples[column])}"
            f"{', …' if count > len(self.samples[column]) else ''}); the ids are kept beside them, in extra"
            for column, count in sorted(self.unresolved.items())
        ]


def _rows(count: int) -> str:
    return "1 row names" if count == 1 else f"{count} rows name"
