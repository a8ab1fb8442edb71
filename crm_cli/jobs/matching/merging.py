"""From decisions and probabilities to merges: what was decided, or what is sure enough to go without a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from crm_cli.dictionary import Entity
from crm_cli.errors import StalePlanError
from crm_cli.history import Author, resolve_all
from crm_cli.jobs.decisions import DUPLICATE, Choices, Decision, Pair, read_decisions
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching.model import SURE, Candidate, MatchRun, UnsupportedMergeError
from crm_cli.jobs.matching.queue import Groups, open_candidates
from crm_cli.jobs.matching.runs import last_run
from crm_cli.jobs.merging import MergeGroup, MergeResult, MergeSettings, RefusedCluster, merge
from crm_cli.store import Store, in_chunks

__all__ = [
    "PRECISION",
    "AutomaticOptions",
    "automatic_groups",
    "decided_groups",
    "merge_automatically",
    "merge_decided",
]

PRECISION = 0.995


@dataclass(frozen=True, slots=True)
class AutomaticOptions:
    """How sure a merge without a person's look must be.

    `above`: the least probability of a pair that joins two records. `precision`: the expected share of right merges
    among all of them; the least sure are left out until it is reached. `rules`: those that hold today.
    """

    above: float = SURE
    precision: float = PRECISION
    rules: MatchRules = field(default_factory=MatchRules)
    among: frozenset[int] | None = None  # merge only groups with one of these records

    @classmethod
    def under(cls, rules: MatchRules, above: float | None = None) -> AutomaticOptions:
        """Return what `rules` demand; `above` given by hand comes first."""
        return cls(above or rules.auto_merge_from or SURE, rules.auto_merge_precision or PRECISION, rules)


def merge_decided(store: Store, entity: str, author: Author, settings: MergeSettings | None = None) -> MergeResult:
    """Merge the records that were decided to be the same, as one operation."""
    declared = store.dictionary.entity(entity)
    return merge(store, declared.name, decided_groups(store, declared), author, settings)


def merge_automatically(
    store: Store,
    entity: str,
    author: Author,
    options: AutomaticOptions | None = None,
    settings: MergeSettings | None = None,
) -> MergeResult:
    """Merge the clusters of the last search that are sure enough, as one operation.

    Clusters with a record that was changed since the search are refused and listed. Where the data do not support it,
    only what a rule makes the same is merged. Raises `UnsupportedMergeError` when there is no such rule either,
    `StalePlanError` when everything has changed, or the rules have; `NoRunError` without a search.
    """
    declared = store.dictionary.entity(entity)
    options = options or AutomaticOptions()
    run = last_run(store, declared)
    if not run.is_of(options.rules):
        message = f"the rules for {declared.plural} have changed since the search"
        raise StalePlanError(message, hint=f"crm dedupe find {declared.noun} searches again", run=run.id)
    ruled_only = not run.summary.get("supports_automatic_merge", False)
    if ruled_only and not options.rules.must_match:
        warnings = "; ".join(run.summary.get("warnings") or ()) or "the engine is not sure enough of what it found"
        message = f"these {declared.plural} do not support a merge without a person's look: {warnings}"
        raise UnsupportedMergeError(message, hint=f"crm dedupe review {declared.noun}, then merge what was decided")
    groups, doubtful = _automatic(store, declared, options, ruled_only=ruled_only)
    fresh, stale = _without_changed(store, declared, run, groups)
    if stale and not fresh:
        hint = f"crm dedupe find {declared.noun} searches again"
        raise StalePlanError(f"all {len(stale)} clusters were changed since the search", hint=hint, run=run.id)
    result = merge(store, declared.name, fresh, author, settings)
    result.refused += stale
    result.to_review = doubtful
    return result


def decided_groups(store: Store, entity: Entity) -> list[MergeGroup]:
    """Return the groups of living records that decisions hold together, with what was chosen for their merge."""
    table = store.table(entity.name)
    together = Groups()
    with store.read() as connection:
        decided = read_decisions(store, connection, entity.name)
        same = {pair: decision for pair, decision in decided.items() if decision.verdict == DUPLICATE}
        for pair in same:
            together.join(*pair)
        found = together.members()
        chosen = _chosen(store, connection, entity, same, together)
        deleted: set[int] = set()
        for chunk in in_chunks([number for group in found for number in group]):
            query = sa.select(table.c.id).where(table.c.id.in_(chunk), table.c.deleted_at.is_not(None))
            deleted.update(connection.scalars(query))
    left = [tuple(number for number in group if number not in deleted) for group in found]
    return [_group(group, chosen.get(together.root(group[0]), Choices())) for group in left if len(group) > 1]


def _chosen(
    store: Store, connection: sa.Connection, entity: Entity, same: Mapping[Pair, Decision], together: Groups
) -> dict[int, Choices]:
    """What was chosen for each group, by its root, naming today's records; what was decided later comes first."""
    said = sorted((one.decided_at, pair) for pair, one in same.items() if one.choices != Choices())
    named = {number for _, pair in said for number in _named(same[pair].choices)}
    today = resolve_all(store, connection, entity.name, named)
    chosen: dict[int, Choices] = {}
    for _, pair in said:
        root, own = together.root(pair[0]), same[pair].choices
        known = chosen.get(root, Choices())
        survivor = known.survivor if own.survivor is None else today[own.survivor]
        taken = {name: today[number] for name, number in own.taken.items()}
        chosen[root] = Choices(survivor, {**known.taken, **taken})
    return chosen


def _named(choices: Choices) -> list[int]:
    return [*([] if choices.survivor is None else [choices.survivor]), *choices.taken.values()]


def _group(members: tuple[int, ...], choices: Choices) -> MergeGroup:
    """A group with what was chosen of its members; a choice of a record that is none of them has no effect."""
    taken = {name: number for name, number in choices.taken.items() if number in members}
    return MergeGroup(members, choices.survivor if choices.survivor in members else None, taken=taken)


def automatic_groups(
    store: Store, entity: Entity, options: AutomaticOptions | None = None, *, ruled_only: bool = False
) -> list[MergeGroup]:
    """Return the groups of records that are sure enough, surest first; within the engine's clusters only.

    With `ruled_only` they are joined by nothing but pairs that a rule makes the same.
    A group is as sure as the weakest of the pairs that it takes to hold it together, and has no pair in it that was
    scored as more likely different: such clusters hang on a weak bridge, and are for a person to look at.
    """
    return _automatic(store, entity, options or AutomaticOptions(), ruled_only=ruled_only)[0]


def _automatic(
    store: Store, entity: Entity, options: AutomaticOptions, *, ruled_only: bool
) -> tuple[list[MergeGroup], list[tuple[int, ...]]]:
    """The groups that are sure enough, and those that hang on a weak bridge."""
    by_cluster: dict[int, list[Candidate]] = {}
    for one in open_candidates(store, entity):
        if one.cluster is not None and (one.rule or not ruled_only):
            by_cluster.setdefault(one.cluster, []).append(one)
    decided = {number: group.members for group in decided_groups(store, entity) for number in group.members}
    found = [_sure_groups(pairs, decided, options.above) for pairs in by_cluster.values()]
    groups = [
        group for sure, _ in found for group in sure if options.among is None or options.among & set(group.members)
    ]
    groups.sort(key=lambda group: (-(group.probability or 0.0), group.members))
    return _precise(groups, options.precision), sorted(members for _, doubtful in found for members in doubtful)


def _sure_groups(
    pairs: Sequence[Candidate], decided: Mapping[int, tuple[int, ...]], above: float
) -> tuple[list[MergeGroup], list[tuple[int, ...]]]:
    """The sure groups of one cluster, and the members of those that a pair among them makes doubtful."""
    together = Groups()
    weakest: dict[int, float] = {}
    for one in sorted(pairs, key=lambda one: -one.probability):
        for number in one.pair:  # what was decided to be the same comes along
            for other in decided.get(number, ()):
                if together.root(number) != together.root(other):
                    together.join(number, other)
        roots = {together.root(number) for number in one.pair}
        if one.probability < above or len(roots) == 1:
            continue
        least = min([one.probability, *(weakest.get(root, 1.0) for root in roots)])
        together.join(*one.pair)
        weakest[together.root(one.left)] = least
    doubtful = {together.root(one.left) for one in pairs if _is_doubtful(one, together)}
    joined = [members for members in together.members() if together.root(members[0]) in weakest]
    sure = [
        MergeGroup(members, probability=weakest[together.root(members[0])])
        for members in joined
        if together.root(members[0]) not in doubtful
    ]
    return sure, [members for members in joined if together.root(members[0]) in doubtful]


def _is_doubtful(one: Candidate, together: Groups) -> bool:
    return one.probability < 0.5 and together.root(one.left) == together.root(one.right)


def _precise(groups: Sequence[MergeGroup], precision: float) -> list[MergeGroup]:
    """The surest groups, as many as keep the expected share of right ones."""
    total = 0.0
    kept = 0
    for number, group in enumerate(groups, start=1):
        total += group.probability or 0.0
        if total / number >= precision:
            kept = number
    return list(groups[:kept])


def _without_changed(
    store: Store, entity: Entity, run: MatchRun, groups: Sequence[MergeGroup]
) -> tuple[list[MergeGroup], list[RefusedCluster]]:
    table = store.table(entity.name)
    changed: dict[int, datetime] = {}
    with store.read() as connection:
        for chunk in in_chunks([number for group in groups for number in group.members]):
            query = sa.select(table.c.id, table.c.updated_at).where(table.c.id.in_(chunk))
            rows = connection.execute(query.where(table.c.updated_at > run.started_at))
            changed.update({row[0]: row[1] for row in rows})
    fresh: list[MergeGroup] = []
    stale: list[RefusedCluster] = []
    for group in groups:
        number = next((one for one in group.members if one in changed), None)
        if number is None:
            fresh.append(group)
        else:
            why = f"{entity.noun} {number} was changed since the search"
            stale.append(RefusedCluster(group.members, why, f"crm dedupe find {entity.noun} searches again"))
    return fresh, stale
