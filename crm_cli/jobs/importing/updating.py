"""Update records that are there: what each row says is weighed against what stands, then written set by set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_cli.dictionary import Entity, Field, fold, shown
from crm_cli.history import Operation, plain
from crm_cli.jobs.importing.collision import Claim, Collision, CollisionRules, wins
from crm_cli.jobs.importing.drafts import ORIGINAL
from crm_cli.jobs.importing.point_updates import PointUpdater
from crm_cli.jobs.importing.samples import SampleKeeper
from crm_cli.jobs.importing.standing import NO_GROUP, Standing, read_standings
from crm_cli.jobs.importing.uniqueness import drop_taken

__all__ = ["Updater"]

Row = dict[str, Any]


@dataclass
class Updater:
    """Applies claims to their records under the collision rule."""

    operation: Operation
    rules: CollisionRules
    points: PointUpdater
    counts: Counter[str]
    samples: SampleKeeper = field(default_factory=SampleKeeper)
    trusted: frozenset[int] = frozenset()  # operations by which sources that are trusted more were imported

    def update(
        self, entity: Entity, claims: Sequence[Claim], *, named: str | None = None
    ) -> tuple[set[int], dict[int, Standing]]:
        """Write what the claims change; return the records that changed, and what stood in all of them before.

        Each claim then says in which groups its record holds something else. `named` is the field by which the records
        were found: it is compared, not set.
        """
        if not claims:
            return set(), {}
        timed = self.rules.have(Collision.NEWEST) and any(claim.said for claim in claims)
        ids = [claim.record_id for claim in claims]
        standings = read_standings(
            self.operation, entity, ids, edits=not self.rules.only_never, moments=timed, trusted=self.trusted
        )
        updates: dict[int, Row] = {}
        for claim in claims:
            self._decide(entity, claim, standings[claim.record_id], updates.setdefault(claim.record_id, {}), named)
        self.counts["conflicts"] += drop_taken(self.operation, entity, updates)
        rows = {claim.record_id: claim.draft.row.number for claim in claims}
        units = {number: number for number in updates}
        done = set(self.operation.update(entity.name, updates, units=units, source_rows=rows))
        done |= self.points.update(entity, claims, standings)
        for claim in claims:
            self._compare(entity, claim, standings[claim.record_id], updates[claim.record_id], named)
            self.counts["conflicts"] += claim.conflicts
        return done, standings

    def _decide(self, entity: Entity, claim: Claim, standing: Standing, wanted: Row, named: str | None) -> None:
        """Add the fields to set to `wanted`, and count the disagreements that are left as they are."""
        chosen: Row = {}
        for name, value in claim.draft.values.get(entity.name, {}).items():
            one = entity.by_name[name]
            now = wanted[name] if name in wanted else _current(standing.row, one)
            if value is None or name == named or _agree(one, now, value):
                continue
            if self._sets(claim, standing, one, now):
                chosen[name] = value
            else:
                claim.conflicts += 1
                where = f"{entity.noun} {claim.record_id}"
                self.samples.conflict(claim.draft.row.number, where, one.name, shown(one, now), value)
        if self.rules.only_never:
            return
        wanted.update(chosen)
        before = wanted.get("extra", standing.row.get("extra"))
        extra = self._extra(entity, claim, before, set(chosen))
        if extra != before:
            wanted["extra"] = extra

    def _sets(self, claim: Claim, standing: Standing, one: Field, now: Any) -> bool:
        rule = self.rules.of(one.name, one.path_name)
        if rule is Collision.NEVER:
            return False
        edits = standing.edits
        if now is None and one.name not in edits.fields:
            return True
        tidied = one.name in edits.tidied
        edited = edits.fields[one.name][0] if now is None else edits.when(one.name)  # a person left it blank
        trusted = edits.is_trusted(one.name)
        return wins(rule, claim, standing, edited, one.freshness or NO_GROUP, tidied=tidied, trusted=trusted)

    def _extra(self, entity: Entity, claim: Claim, before: Row | None, wanted: set[str]) -> Row | None:
        """What is kept beside the record: unmapped columns as the source has them now, originals of standing values."""
        extra = dict(before or {})
        originals = dict(extra.pop(ORIGINAL, None) or {})
        for one in entity.references:  # found at last: the name that was kept in its place goes
            if one.name in wanted and one.path_name not in claim.draft.extra:
                extra.pop(one.path_name, None)
        if self.rules.default is not Collision.BLANK:
            extra = extra | claim.draft.extra if claim.is_news else claim.draft.extra | extra
        given = claim.draft.originals.get(entity.name, {})
        for name in wanted | ({"full_name"} if wanted & {"given_name", "family_name"} else set()):
            originals.pop(name, None)
            if name in given:
                originals[name] = given[name]
        if originals:
            extra[ORIGINAL] = originals
        return extra or None

    def _compare(
        self, entity: Entity, claim: Claim, standing: Standing, changed: Mapping[str, Any], named: str | None
    ) -> None:
        """Say in which groups the record holds something else than the row, now that all rows were written."""
        for name, value in claim.draft.values.get(entity.name, {}).items():
            one = entity.by_name[name]
            now = changed[name] if name in changed else _current(standing.row, one)
            same = fold(now) == fold(value) if name == named else _agree(one, now, value)
            if value is not None and not same:
                claim.disagreeing.add(one.freshness or NO_GROUP)


def _current(row: Mapping[str, Any], one: Field) -> Any:
    """The value that a record has now; of a run-time field as its JSON document holds it."""
    return (row.get("custom") or {}).get(one.name) if one.custom else row.get(one.name)


def _agree(one: Field, now: Any, value: Any) -> bool:
    return bool(now == (plain(value) if one.custom else value))
