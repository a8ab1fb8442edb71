"""Apply drafts: create, update, confirm – set-based, through the operation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_cli.dictionary import Entity, fold
from crm_cli.history import Operation
from crm_cli.jobs.importing.adopting import adopted
from crm_cli.jobs.importing.collision import Claim, CollisionRules
from crm_cli.jobs.importing.companies import ACCOUNT, Companies, company_of
from crm_cli.jobs.importing.confirming import Confirmer, Seen
from crm_cli.jobs.importing.drafts import Draft, Fault
from crm_cli.jobs.importing.identity import EarlierRows, Strangers, differing
from crm_cli.jobs.importing.late import LateReferences
from crm_cli.jobs.importing.missing import SeenRefs
from crm_cli.jobs.importing.origins import more_trusted_operations
from crm_cli.jobs.importing.point_updates import PointUpdater
from crm_cli.jobs.importing.references import RefKeeper
from crm_cli.jobs.importing.resolving import KnownRef, Resolver
from crm_cli.jobs.importing.samples import SampleKeeper
from crm_cli.jobs.importing.standing import read_standings
from crm_cli.jobs.importing.uniqueness import refuse_taken
from crm_cli.jobs.importing.updating import Updater
from crm_cli.jobs.importing.watching import ChangeWatch
from crm_cli.store import in_chunks

__all__ = ["Applier"]

_COMPANIES_AT_ONCE = 5_000


@dataclass
class Applier:
    """Writes the drafts of one table. `counts` says what became of the rows."""

    operation: Operation
    resolver: Resolver
    entities: Sequence[Entity]
    confirmer: Confirmer
    earlier: EarlierRows
    as_of: datetime | None  # how old the source says it is
    rules: CollisionRules
    key: str = ""  # the column whose value identifies a record in its source
    adopts_users: bool = False  # a user of the source may be one of ours, known by login or e-mail address
    coming: frozenset[str] = frozenset()  # entities that later tables of the delivery bring
    counts: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    samples: SampleKeeper = field(default_factory=SampleKeeper)
    seen: SeenRefs | None = None  # where it is asked which records the delivery lacks

    def __post_init__(self) -> None:
        self._companies = Companies(self.resolver, self.rules.default)
        trusted = more_trusted_operations(self.operation, self.resolver.source_id)
        points = PointUpdater(self.operation, self.rules, self.resolver.source_id, self.samples, trusted)
        self._updater = Updater(self.operation, self.rules, points, self.counts, self.samples, trusted)
        self._watch = ChangeWatch(self.operation)
        self._refs = RefKeeper(self.operation, self.resolver.source_id, self.confirmer.batch_id, self.as_of)
        coming = self.coming | {entity.name for entity in self.entities}
        self._late = LateReferences(self.resolver, self._updater, self._refs, self.as_of, coming)
        self._changed: set[int] = set()

    def warnings(self) -> list[str]:
        """Return what the user should know beyond the counts."""
        found = []
        if count := self.counts["deleted"]:
            found.append(f"{count} rows speak of records that were deleted; these stay deleted (restore ID)")
        if count := self.counts["repeated"]:
            found.append(f"{count} rows have the key of an earlier row; they fill what that one left blank")
        return [*found, *self._late.warnings()]

    def strangers(self, drafts: Sequence[Draft]) -> Strangers:
        """Compare rows with what the source brought before under their keys: these should be the same records."""
        found = Strangers()
        for entity in self.entities:
            sound = [one for one in drafts if one.keyed and not one.faults and self._main(one) is entity]
            first = [one for one in sound if self.earlier.find(entity.name, one.external_id) is None]
            mine = {one.external_id: one for one in first}
            known = self.resolver.known(entity.name, mine)
            found.known += len(known)
            rows = self.resolver.rows(entity.name, [ref.record_id for ref in known.values()])
            for key, ref in known.items():
                if not ref.repeats(mine[key].content_hash) and ref.record_id in rows:
                    found.compare(entity, key, mine[key].values.get(entity.name, {}), rows[ref.record_id])
        return found

    def apply(self, drafts: Sequence[Draft]) -> None:
        """Write sound drafts; one that cannot be written – it needs a unique value that is taken, or has the key of
        an earlier row that is somebody else – gets a fault instead.
        """
        for entity in self.entities:
            for _, name in self.resolver.look_up_references(entity, drafts):
                self.missed[f"{entity.noun}.{name.removesuffix('_id')}"] += 1
            self._late.give_up(entity, drafts)
        for wave in _waves([draft for draft in drafts if not draft.faults]):
            self._apply_wave(wave)

    def finish(self) -> None:
        """Write what all rows together say of the companies of people."""
        companies = self._companies
        for keys in in_chunks(list(companies.drafts), _COMPANIES_AT_ONCE):
            drafts = {key: companies.complete(key) for key in keys}
            known = self.resolver.known(ACCOUNT, [draft.external_id for draft in drafts.values()])
            claims = [
                Claim(draft, companies.ids[key], known.get(draft.external_id), draft.modified or self.as_of)
                for key, draft in drafts.items()
            ]
            _, changed = self._meet(self.operation.store.dictionary.entity(ACCOUNT), claims, named="name")
            rows = sum(companies.waiting[key] for key in keys if companies.ids[key] in changed)
            self.counts["updated"] += rows
            self.counts["unchanged"] -= rows

    def settle(self) -> None:
        """Fill the references to records that came after their rows, when all tables of the delivery were applied."""
        for _, changed in self._late.settle():
            self.counts["updated"] += len(changed - self._changed)
            self.counts["unchanged"] -= len(changed - self._changed)
            self._changed |= changed

    def _apply_wave(self, drafts: Sequence[Draft]) -> None:
        mine: dict[str, list[Draft]] = defaultdict(list)
        for draft in drafts:
            mine[self._main(draft).name].append(draft)
        for entity in self.entities:  # accounts first: of people of the same company, theirs is found by its name
            found = self._of_one_mind(entity, mine[entity.name])
            if entity.name != ACCOUNT:
                self._link(entity, [draft for draft in found if ACCOUNT in draft.values])
                found = [draft for draft in found if not draft.faults]
            self._apply_to(entity, found)
            self._late.add(entity, [draft for draft in found if not draft.faults])
            for draft in found:
                if draft.keyed and not draft.faults:
                    self.earlier.add(entity.name, draft.external_id, draft.row.number)

    def _main(self, draft: Draft) -> Entity:
        """The entity that the row is counted as: a person before the company that comes with it."""
        return next(one for one in reversed(self.entities) if one.name in draft.values or one.name in draft.points)

    def _of_one_mind(self, entity: Entity, drafts: Sequence[Draft]) -> list[Draft]:
        """Return the drafts without those whose key an earlier row had that names somebody else: these get a fault."""
        again = {
            draft.external_id: where
            for draft in drafts
            if draft.keyed and (where := self.earlier.find(entity.name, draft.external_id))
        }
        if not again:
            return list(drafts)
        self.counts["repeated"] += len(again)
        known = self.resolver.known(entity.name, again)
        standings = read_standings(self.operation, entity, [ref.record_id for ref in known.values()])
        for draft in drafts:
            ref = known.get(draft.external_id)
            if ref is None or draft.external_id not in again or ref.repeats(draft.content_hash):
                continue
            standing = standings[ref.record_id]
            names, shared = differing(entity, draft.values.get(entity.name, {}), standing.row)
            newer = draft.modified is not None and ref.last_seen_at is not None and draft.modified > ref.last_seen_at
            names = [name for name in names if standing.edits.when(name) is None]
            if names and (len(names) == shared or not newer):
                draft.faults.append(
                    _somebody_else(self.key, draft, again[draft.external_id], names, standing.row, entity)
                )
        return [draft for draft in drafts if not draft.faults]

    def _apply_to(self, entity: Entity, drafts: Sequence[Draft]) -> None:
        if not drafts:
            return
        known = self.resolver.known(entity.name, [draft.external_id for draft in drafts])
        if self.seen is not None:
            self.seen.note(known.values())
        deleted = self.resolver.deleted(entity.name, [ref.record_id for ref in known.values()])
        new = [draft for draft in drafts if draft.external_id not in known]
        old = [(draft, known[draft.external_id]) for draft in drafts if draft.external_id in known]
        claims = [self._claim(entity, draft, ref.record_id, ref) for draft, ref in old if ref.record_id not in deleted]
        self.counts["deleted"] += len(old) - len(claims)
        if entity.name == ACCOUNT and self._companies.ids:
            named = self._companies.named_before(new)
            claims += [self._claim(entity, one, named[one.external_id]) for one in new if one.external_id in named]
            new = [draft for draft in new if draft.external_id not in named]
        ours = adopted(self.resolver, entity, new, users=self.adopts_users)
        claims += [self._claim(entity, one, ours[one.external_id]) for one in new if one.external_id in ours]
        new = [draft for draft in new if draft.external_id not in ours]
        self._create(entity, refuse_taken(self.operation, entity, new))
        compared, changed = self._meet(entity, claims)
        self._changed |= changed
        self._count(claims, compared, changed)

    def _claim(self, entity: Entity, draft: Draft, number: int, ref: KnownRef | None = None) -> Claim:
        repeats = draft.keyed and self.earlier.find(entity.name, draft.external_id) is not None
        return Claim(draft, number, ref, draft.modified or self.as_of, repeats)

    def _create(self, entity: Entity, drafts: Sequence[Draft]) -> None:
        if not drafts:
            return
        numbers = self.operation.allocate(entity.name, len(drafts))
        self._late.created(entity, numbers[0])
        self._count_suspected(entity, drafts, numbers[0])
        records = list(zip(drafts, numbers, strict=True))
        self._insert(entity, records, main=True)
        self._refs.add(entity, records)
        self.confirmer.confirm(entity, [Seen(number, self._refs.moment(draft)) for draft, number in records])
        self.counts["created"] += len(drafts)

    def _insert(self, entity: Entity, records: Sequence[tuple[Draft, int]], *, main: bool) -> None:
        rows = [
            {**draft.values.get(entity.name, {}), "id": number, "extra": draft.extra_of(entity.name, main=main)}
            for draft, number in records
        ]
        self.operation.insert(entity.name, rows, source_rows=[draft.row.number for draft, _ in records])
        points: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for draft, number in records:
            for point in draft.points.get(entity.name, ()):
                points[point.detail].append({"party_id": number, **point.values})
        for detail in sorted(points):
            self.operation.insert(detail, points[detail], covered=True)

    def _count_suspected(self, entity: Entity, drafts: Sequence[Draft], first: int) -> None:
        emails: dict[str, Draft] = {
            fold(point.values["standard"]) or "": draft
            for draft in drafts
            for point in draft.points.get(entity.name, ())
            if point.detail == "email_address"
        }
        count = self.resolver.suspected(emails, first)
        self.counts["suspected"] += count
        if count and self.samples.wants("duplicate"):
            for number, noun, title, email in self.resolver.holders(emails, first):
                draft = emails[fold(email) or ""]
                self.samples.suspect(draft.row.number, f"{noun} {number}", title, email)

    def _meet(
        self, entity: Entity, claims: Sequence[Claim], *, named: str | None = None
    ) -> tuple[list[Claim], set[int]]:
        """Update and confirm records that are there; return the claims that were compared, and the changed records.

        What the source said before, and nobody touched since, needs no comparison: that is most of every later import.
        """
        settled = [claim for claim in claims if claim.settled and claim.ref and claim.ref.record_id == claim.record_id]
        touched = self._watch.changed(entity, [claim.ref for claim in settled if claim.ref])
        same = [claim for claim in settled if claim.ref and claim.ref.id not in touched]
        sure = {id(claim) for claim in same}
        compared = [claim for claim in claims if id(claim) not in sure]
        changed, standings = self._updater.update(entity, compared, named=named)
        self._refs.keep(entity, compared, standings, changed)
        self._refs.still_there(same)
        self.confirmer.confirm(
            entity,
            [Seen(one.record_id, self._refs.moment(one.draft), frozenset(one.disagreeing)) for one in claims],
        )
        return compared, changed

    def _count(self, claims: Sequence[Claim], compared: Sequence[Claim], changed: set[int]) -> None:
        self.counts["updated"] += len(changed)
        self.counts["unchanged"] += len(claims) - len(changed)
        for claim in compared:
            if claim.is_news and claim.record_id not in changed and ACCOUNT in claim.draft.values:
                self._companies.waiting[company_of(claim.draft)] += 1

    def _link(self, entity: Entity, rows: Sequence[Draft]) -> None:
        """Find or make the accounts of these rows, which then refer to them; a row whose account could not be made gets
        a fault.
        """
        companies = self._companies
        keys = [company_of(row) for row in rows]
        missing, refs = companies.find(companies.add(keys, rows))
        faults = self._make_accounts(missing, refs)
        for key, row in zip(keys, rows, strict=True):
            if key in faults:
                row.faults += faults[key]
            else:
                row.values.setdefault(entity.name, {})["account_id"] = companies.ids[key]

    def _make_accounts(self, keys: Sequence[str], refs: Mapping[str, KnownRef]) -> dict[str, list[Fault]]:
        """Make the accounts that are not there, and return why some could not be made.

        One that was deleted hands its id in the source on to the new one.
        """
        account = self.operation.store.dictionary.entity(ACCOUNT)
        drafts = {key: self._companies.complete(key) for key in keys}
        free = refuse_taken(self.operation, account, list(drafts.values()))
        faults = {key: draft.faults for key, draft in drafts.items() if draft.faults}
        for key in faults:
            del self._companies.drafts[key]
        numbers = self.operation.allocate(ACCOUNT, len(free))
        records = list(zip(free, numbers, strict=True))
        self._insert(account, records, main=False)
        self._refs.add(account, [(draft, number) for draft, number in records if draft.external_id not in refs])
        handed = [(draft, number, refs[draft.external_id]) for draft, number in records if draft.external_id in refs]
        self._refs.hand_on(account, handed)
        self._companies.ids |= {company_of(draft): number for draft, number in records}
        self.counts["accounts"] += len(records)
        return faults


def _waves(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Yield the drafts so that no key repeats at once: what an earlier row wrote is there when a later one comes."""
    waiting = list(drafts)
    while waiting:
        met: set[str] = set()
        now: list[Draft] = []
        later: list[Draft] = []
        for draft in waiting:
            (later if draft.external_id in met else now).append(draft)
            met.add(draft.external_id)
        yield now
        waiting = later


def _somebody_else(
    key: str, draft: Draft, where: str, names: Sequence[str], row: Mapping[str, Any], entity: Entity
) -> Fault:
    given = draft.values[entity.name]
    what = ", ".join(f"{name} {row[name]}, here {given[name]}" for name in names)
    reason = f"{where} has the same key {draft.external_id!r} and is somebody else: {what}"
    return Fault(key, draft.external_id, reason, "give one of the two a key of its own")
