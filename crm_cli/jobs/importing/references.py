"""The ids by which a source knows records, and what it last said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.history import Operation
from crm_cli.jobs.importing.collision import Claim
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.jobs.importing.resolving import KnownRef, unsettled
from crm_cli.jobs.importing.standing import Standing
from crm_cli.store import in_chunks

__all__ = ["RefKeeper"]

_TABLE = "external_ref"


@dataclass
class RefKeeper:
    """Writes references. What a source said is remembered as settled only where the record holds all of it."""

    operation: Operation
    source_id: int
    batch_id: int
    as_of: datetime | None

    def moment(self, draft: Draft) -> datetime:
        """Return how old the word of a row is."""
        return draft.modified or self.as_of or self.operation.started_at

    def add(
        self, entity: Entity, records: Iterable[tuple[Draft, int]], disagreeing: frozenset[int] = frozenset()
    ) -> None:
        """Note under which ids the source knows these records; `disagreeing` do not hold all that it says of them."""
        rows = [
            {
                "source_system_id": self.source_id, "external_id": draft.external_id, "entity": entity.name,
                "record_id": number, "batch_id": self.batch_id, "last_seen_at": self.moment(draft),
                "content_hash": _content(entity, draft, taken=number not in disagreeing),
            }
            for draft, number in records
        ]  # fmt: skip
        self.operation.insert(_TABLE, rows, covered=True)

    def complete(self, entity: Entity, records: Sequence[tuple[Draft, KnownRef]]) -> None:
        """Note that records which this operation made came to hold all that their rows say."""
        updates = {
            ref.id: {"content_hash": draft.content_hash}
            for draft, ref in records
            if not draft.misses(entity.name) and ref.repeats(draft.content_hash)
        }
        self.operation.update(_TABLE, updates, logged=False)

    def hand_on(self, entity: Entity, records: Sequence[tuple[Draft, int, KnownRef]]) -> None:
        """Let ids that named deleted records name others."""
        updates = {
            ref.id: {"record_id": number, "content_hash": _content(entity, draft, taken=True)}
            for draft, number, ref in records
        }
        self.operation.update(_TABLE, updates, units={ref.id: number for _, number, ref in records})
        self._advance([(ref, self.moment(draft)) for draft, _, ref in records], brought=True)

    def keep(
        self, entity: Entity, claims: Sequence[Claim], standings: Mapping[int, Standing], changed: set[int]
    ) -> None:
        """Note what the source said in these claims. A word that is older than another of it is not its last one."""
        new = [claim for claim in claims if claim.ref is None]
        lacking = frozenset(claim.record_id for claim in new if claim.disagreeing)
        self.add(entity, [(claim.draft, claim.record_id) for claim in new], lacking)
        known = [(claim, claim.ref) for claim in claims if claim.ref and not claim.stale and not claim.yields]
        updates: dict[int, dict[str, Any]] = {}
        units: dict[int, int] = {}
        for claim, ref in known:
            said = self._said(entity, claim, ref, changed)
            if said:
                updates[ref.id], units[ref.id] = said, claim.record_id
        self._unsettle_others(standings, changed, updates, units)
        self.operation.update(_TABLE, updates, units=units)
        held = {ref.id for claim, ref in known if not claim.repeated or self._is_held(entity, claim)}
        self._advance([(ref, self.moment(claim.draft)) for claim, ref in known if ref.id in held], brought=True)
        self._advance([(ref, self.moment(claim.draft)) for claim, ref in known if ref.id not in held])

    def _is_held(self, entity: Entity, claim: Claim) -> bool:
        return not claim.disagreeing and not claim.draft.misses(entity.name)

    def _said(self, entity: Entity, claim: Claim, ref: KnownRef, changed: set[int]) -> dict[str, Any]:
        """What is to be remembered of a claim.

        Of a word that the source only repeats nothing, unless the record came to hold it just now: a line in the log
        would stand in the way of an undo of the import that brought the word.
        """
        said: dict[str, Any] = {}
        held = self._is_held(entity, claim)
        content = claim.draft.content_hash if held else unsettled(claim.draft.content_hash)
        if not claim.repeated or (held and claim.record_id in changed):
            said["content_hash"] = content
        if ref.record_id != claim.record_id:
            said["record_id"] = claim.record_id
        return said

    def _unsettle_others(
        self,
        standings: Mapping[int, Standing],
        changed: set[int],
        updates: dict[int, dict[str, Any]],
        units: dict[int, int],
    ) -> None:
        """A record that one of its rows changed may not hold any more what others of the same import said before."""
        for number in sorted(changed):
            for ref, content, batch in standings[number].refs if standings[number].shared else ():
                if ref not in updates and batch == self.batch_id and content and unsettled(content) != content:
                    updates[ref], units[ref] = {"content_hash": unsettled(content)}, number

    def still_there(self, claims: Sequence[Claim]) -> None:
        """Note that the source has these records as it had them."""
        self._advance([(claim.ref, self.moment(claim.draft)) for claim in claims if claim.ref])

    def _advance(self, refs: Iterable[tuple[KnownRef, datetime]], *, brought: bool = False) -> None:
        """Set when the source had these last, and in which batch it brought them. The log holds none of it: that the
        source has a record still is no change of the data, and stands in the way of no undo.
        """
        table = self.operation.store.table(_TABLE)
        moments: dict[datetime, list[int]] = defaultdict(list)
        for ref, moment in refs:
            newest = max(moment, ref.last_seen_at or moment)
            if brought or newest != ref.last_seen_at:
                moments[newest].append(ref.id)
        batch = {"batch_id": self.batch_id} if brought else {}
        for moment, ids in moments.items():
            for chunk in in_chunks(ids):
                query = sa.update(table).where(table.c.id.in_(chunk)).values(last_seen_at=moment, **batch)
                self.operation.connection.execute(query)


def _content(entity: Entity, draft: Draft, *, taken: bool) -> str:
    whole = taken and not draft.misses(entity.name)
    return draft.content_hash if whole else unsettled(draft.content_hash)
