"""Find the duplicates of a table: plan, encode, block, train, score, calibrate, cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from crm_cli.dedupe.arrays import Bools, Floats, Ints, pair_keys, sigmoid2, sorted_distinct
from crm_cli.dedupe.calibration import calibrate
from crm_cli.dedupe.clustering import LARGEST, cluster
from crm_cli.dedupe.evidence import log_odds
from crm_cli.dedupe.features import Features, build_features
from crm_cli.dedupe.field_types import FieldTypes, field_types
from crm_cli.dedupe.learning import Learning, Lessons, instructive, learn, lessons_of
from crm_cli.dedupe.mixed import mixture_of
from crm_cli.dedupe.model import Model
from crm_cli.dedupe.overrides import Overrides, overrides_of, pairs_of_records
from crm_cli.dedupe.parts import find_in_parts
from crm_cli.dedupe.plan import PlannedColumn, kind_of_role, plan_columns
from crm_cli.dedupe.result import MatchResult, MatchSummary, PairTable
from crm_cli.dedupe.scoring import KnownOdds, Scorer, calibrated_posteriors
from crm_cli.dedupe.searching.search import Search, search
from crm_cli.dedupe.settings import MatchSettings
from crm_cli.dedupe.streaming import LOWEST_LOG_ODDS, Survivors, hopeful, merged, score_survivors
from crm_cli.dedupe.summary import summarize
from crm_cli.dedupe.table import MatchColumn, MatchTable
from crm_cli.dedupe.verdicts import verdict_codes
from crm_cli.errors import UsageError, did_you_mean

__all__ = ["Progress", "find_duplicates"]

Progress: TypeAlias = Callable[[str, float], None]
_RELATED_REPORTED = 0.5
_UNKNOWN_PAIR = -50.0  # log2 odds of two records of which nothing is known but that no rule joins them


@dataclass
class _Clock:
    """Reports each stage as it begins, and notes how long it took."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)
    _stage: str = ""
    _since: float = 0.0

    def begin(self, stage: str, done: float) -> None:
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = round(now - self._since, 3)
        self._stage, self._since = stage, now
        if self.progress is not None:
            self.progress(stage, done)


def find_duplicates(
    table: MatchTable, settings: MatchSettings | None = None, progress: Progress | None = None
) -> MatchResult:
    """Cluster the records of `table` that are the same person or organization.

    Where the table holds both, each kind is matched apart. `progress(stage, share done)` is called as stages begin. The
    same table and settings give the same result. Raises UsageError for settings that name unknown columns or records.
    """
    settings = settings or MatchSettings()
    clock = _Clock(progress)
    clock.begin("plan", 0.0)
    types = field_types(settings.field_types)
    table = _with_roles(table, settings)
    _check_kinds(table, settings, types)
    pairs_of_records([(i, j) for i, j, _ in settings.labelled], table.rows)
    plan = plan_columns(table, ignored=settings.ignored, kinds=settings.kinds)
    mixture = mixture_of(table, plan) if settings.rules is None else None
    if mixture is not None:
        overrides = overrides_of(table, settings, plan, types)
        return find_in_parts(table, settings, (mixture, overrides), _find_planned, progress)
    return _of_one_kind(table, plan, settings, clock)


def _find_planned(table: MatchTable, settings: MatchSettings, progress: Progress | None) -> MatchResult:
    """Plan a part of a table and match it, whatever it holds."""
    clock = _Clock(progress)
    clock.begin("plan", 0.0)
    plan = plan_columns(table, ignored=settings.ignored, kinds=settings.kinds)
    return _of_one_kind(table, plan, settings, clock)


def _of_one_kind(table: MatchTable, plan: list[PlannedColumn], settings: MatchSettings, clock: _Clock) -> MatchResult:
    types = field_types(settings.field_types)
    overrides = overrides_of(table, settings, plan, types)
    clock.begin("encode", 0.05)
    features = build_features(table, plan, types)
    clock.begin("search", 0.2)
    settings, remarks = _with_usable_rules(settings, plan, features, types)
    found = search(features, settings)
    if found is None:
        result = _nothing_to_compare(table, plan, features, overrides)
    else:
        result = _Run(found, overrides, settings, clock).result(plan)
    warnings = (*result.summary.warnings, *overrides.warnings, *remarks)
    return replace(result, summary=replace(result.summary, warnings=warnings))


def _with_roles(table: MatchTable, settings: MatchSettings) -> MatchTable:
    if not settings.roles:
        return table
    columns = [MatchColumn(c.name, c.values, settings.roles.get(c.name, c.role)) for c in table.columns]
    return MatchTable.checked(table.rows, columns)


def _check_kinds(table: MatchTable, settings: MatchSettings, types: FieldTypes) -> None:
    for name in (*settings.ignored, *settings.kinds, *settings.roles):
        if name not in table.names:
            hint = did_you_mean(name, table.names) or f"columns: {', '.join(table.names)}"
            raise UsageError(f"there is no column {name!r}", hint=hint, column=name)
    for name, kind in settings.kinds.items():
        if kind not in types:
            hint = did_you_mean(kind, types) or f"field types: {', '.join(types)}"
            raise UsageError(f"column {name!r}: there is no field type {kind!r}", hint=hint, column=name)


def _with_usable_rules(
    settings: MatchSettings, plan: Sequence[PlannedColumn], features: Features, types: FieldTypes
) -> tuple[MatchSettings, list[str]]:
    """The settings without blocking rules that the values, and no mistake, leave nothing of; and what to say."""
    if not settings.rules:
        return settings, []
    idle = _idle_parts(settings, plan, features, types)
    kept, remarks = [], []
    for rule in settings.rules:
        empty = next((word for word in (part.strip() for part in rule.split("+")) if word in idle), None)
        if empty is None:
            kept.append(rule)
        else:
            remarks.append(f"blocking rule {rule!r} was not used: nothing to block on in {empty!r} ({idle[empty]})")
    if not kept:
        remarks.append("no blocking rule that was given can be used: they were chosen from the data")
    return replace(settings, rules=kept or None), remarks


def _idle_parts(
    settings: MatchSettings, plan: Sequence[PlannedColumn], features: Features, types: FieldTypes
) -> dict[str, str]:
    """The key parts that columns would have by what they are, but for their values; and why they have not."""
    known = {part.name for part in features.parts}
    any_kind = dict.fromkeys(name for each in types.values() for name in each.keys)
    idle = {}
    for each in plan:
        kind = settings.kinds.get(each.name) or kind_of_role(each.role) or each.kind
        names = types[kind].keys if kind else any_kind
        parts = [f"{each.name}:{name}" if name else each.name for name in names]
        why = features.left_out.get(each.name) or (each.why if each.kind is None else f"it is compared as {each.kind}")
        idle.update({part: why for part in parts if part not in known})
    return idle


class _Run:
    """Scores, calibrates and clusters what the search found."""

    def __init__(self, found: Search, overrides: Overrides, settings: MatchSettings, clock: _Clock) -> None:
        self.found, self.overrides, self.settings, self.clock = found, overrides, settings, clock
        self.features = found.features
        self.scorer = Scorer(found.features, found.model)

    def result(self, plan: list[PlannedColumn]) -> MatchResult:
        """Score the candidates, and everything after."""
        self.clock.begin("score", 0.6)
        pairs = self._compared()
        self.clock.begin("calibrate", 0.7)
        raw = log_odds(self.found.model, pairs.evidence)
        curve, _ = calibrate(pairs.i, pairs.j, raw, self.features.rows, self.scorer.raw_log_odds)
        pairs = self._with_ruled(pairs)
        raw = log_odds(self.found.model, pairs.evidence)
        odds, lessons, learning, more = self._learned(replace(self.found.model, calibration=curve), pairs, raw)
        expected_matches = self.found.expected_matches + more
        odds = self.overrides.apply(pairs.i, pairs.j, odds)
        self.clock.begin("cluster", 0.8)
        known = KnownOdds(self._log_odds, pair_keys(pairs.i, pairs.j, self.features.rows), odds, self.features.rows)
        edges = self._with_forced(pairs, odds)
        clustering = cluster(*edges, self.features.rows, known, expected_matches=expected_matches)
        clustering = replace(clustering, label=self.overrides.parted(clustering.label, LARGEST))
        self.clock.begin("report", 0.95)
        reported, kept = self._reported(pairs, odds)
        questions = self._questions(pairs, odds, kept, clustering.label, lessons)
        summary = summarize(self.found, plan, clustering, reported, expected_matches)
        self.clock.begin("done", 1.0)
        summary = replace(summary, seconds=self.clock.seconds, learning=learning)
        return MatchResult(
            clustering.label, clustering.membership, reported, summary, self.scorer, self.overrides, questions
        )

    def _learned(self, model: Model, pairs: Survivors, raw: Floats) -> tuple[Floats, Lessons, Learning | None, float]:
        """Take over what answers teach: log-odds of the pairs, the lessons, what they changed, and more matches by it.

        The scorer takes the learned model over. Without answers nothing changes.
        """
        self.scorer = Scorer(self.features, model)
        before = model.calibrated(raw, pairs.levels)
        lessons = self._lessons()
        if not len(lessons):
            return before, lessons, None, 0.0
        correction, learning = learn(lessons, self.features.comparisons)
        if correction is None:
            return before, lessons, learning, 0.0
        self.scorer = Scorer(self.features, replace(model, correction=correction))
        after = self.scorer.model.calibrated(raw, pairs.levels)
        return after, lessons, learning, float((sigmoid2(after) - sigmoid2(before)).sum())

    def _lessons(self) -> Lessons:
        i, j = pairs_of_records([(i, j) for i, j, _ in self.settings.labelled], self.features.rows)
        i, j = np.minimum(i, j), np.maximum(i, j)
        same = np.array([same for _, _, same in self.settings.labelled], np.bool_)
        own = Lessons(self.features.levels(i, j), self.scorer.log_odds(i, j), same)
        return own.joined(lessons_of(self.settings.lessons, self.features.comparisons)).telling()

    def _questions(self, pairs: Survivors, odds: Floats, kept: Ints, label: Ints, lessons: Lessons) -> tuple[int, ...]:
        """The places among the `kept` pairs whose answers would teach most."""
        if not self.settings.questions:
            return ()
        clusters = label[pairs.i[kept]], label[pairs.j[kept]]
        comparisons, most = self.features.comparisons, self.settings.questions
        return tuple(instructive(pairs.levels[kept], odds[kept], clusters, comparisons, most, lessons).tolist())

    def _compared(self) -> Survivors:
        """The candidates with their evidence; where they are very many, only those that may match."""
        found, rows = self.found, self.features.rows
        known = Survivors(found.compared // rows, found.compared % rows, found.levels, found.evidence)
        if found.all_compared:
            return known
        floor = None if self.settings.related else LOWEST_LOG_ODDS
        keys = found.candidates.keys
        rest = keys[_absent(keys, found.compared)]
        more = score_survivors(self.features, found.model, rest // rows, rest % rows, floor=floor)
        return merged(hopeful(known, found.model, floor), more, rows)

    def _with_ruled(self, pairs: Survivors) -> Survivors:
        """The pairs, in their order, and those that a trusted key makes the same though nothing proposed them."""
        wanted = sorted_distinct(pair_keys(*self.overrides.ruled, self.features.rows))
        keys = pair_keys(pairs.i, pairs.j, self.features.rows)
        fresh = wanted[~np.isin(wanted, keys)]
        if not len(fresh):
            return pairs
        i, j = fresh // self.features.rows, fresh % self.features.rows
        levels = self.features.levels(i, j)
        further = Survivors(i, j, levels, self.scorer.evidence(i, j, levels))
        return merged(pairs, further, self.features.rows)

    def _log_odds(self, i: Ints, j: Ints) -> Floats:
        return self.overrides.apply(i, j, self.scorer.log_odds(i, j))

    def _with_forced(self, pairs: Survivors, odds: Floats) -> tuple[Ints, Ints, Floats]:
        """The pairs and those that are decided to be the same."""
        i, j = self.overrides.edges
        if not len(i):
            return pairs.i, pairs.j, odds
        forced = self.overrides.apply(i, j, np.zeros(len(i)))
        return np.concatenate((pairs.i, i)), np.concatenate((pairs.j, j)), np.concatenate((odds, forced))

    def _reported(self, pairs: Survivors, odds: Floats) -> tuple[PairTable, Ints]:
        """Pairs that may be the same, or are related, by falling probability, and their places among all."""
        probability = sigmoid2(odds)
        classes = calibrated_posteriors(self.found.model, pairs.evidence, probability)
        related = classes[:, 2] + classes[:, 3] >= _RELATED_REPORTED
        kept = np.flatnonzero((probability >= self.settings.floor) | related)
        kept = kept[np.argsort(-probability[kept], kind="stable")]
        verdicts = verdict_codes(classes[kept], of_persons=self.features.of_persons)
        table = PairTable(
            pairs.i[kept].astype(np.int32),
            pairs.j[kept].astype(np.int32),
            probability[kept].astype(np.float32),
            classes[kept].astype(np.float32),
            verdicts,
        )
        return table, kept


def _absent(keys: Ints, known: Ints) -> Bools:
    """Which of `keys` are not among the `known` ones, both ascending."""
    absent = np.ones(len(keys), np.bool_)
    absent[np.searchsorted(keys, known)] = False
    return absent


def _nothing_to_compare(
    table: MatchTable, plan: list[PlannedColumn], features: Features, overrides: Overrides
) -> MatchResult:
    """Every record alone, but for those that are decided to be the same."""

    def known(i: Ints, j: Ints) -> Floats:
        return overrides.apply(i, j, np.full(len(i), _UNKNOWN_PAIR))

    clustering = cluster(*overrides.edges, known(*overrides.edges), table.rows, known, expected_matches=0.0)
    clustering = replace(clustering, label=overrides.parted(clustering.label, LARGEST))
    pairs = _ruled_pairs(overrides, of_persons=features.of_persons)
    why = "no column says who a record is" if not features.comparisons else "no two records share a blocking key"
    warnings = (f"nothing was compared: {why}",) if table.rows > 1 else ()
    sizes = np.bincount(clustering.label, minlength=table.rows)
    summary = MatchSummary(
        table.rows, tuple(plan), warnings=warnings, supports_automatic_merge=False,
        clusters=int((sizes > 1).sum()), duplicates=int((sizes[sizes > 1] - 1).sum()),
    )  # fmt: skip
    return MatchResult(clustering.label, np.ones(table.rows), pairs, summary, overrides=overrides)


def _ruled_pairs(overrides: Overrides, *, of_persons: bool) -> PairTable:
    """The pairs that trusted keys make the same."""
    keys = sorted_distinct(pair_keys(*overrides.ruled, overrides.rows))
    classes = np.zeros((len(keys), 4), np.float32)
    classes[:, 0] = 1.0
    left, right = keys // max(overrides.rows, 1), keys % max(overrides.rows, 1)
    return PairTable(
        left.astype(np.int32), right.astype(np.int32), classes[:, 0], classes,
        verdict_codes(classes, of_persons=of_persons),
    )  # fmt: skip
