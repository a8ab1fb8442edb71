"""Match persons and organizations of one table apart, and put the two results together as one.

No cluster holds both kinds; labels, pairs and decisions are numbered as the rows of the whole table are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TypeAlias

import numpy as np

from crm_cli.dedupe.arrays import Bools, Ints
from crm_cli.dedupe.mixed import Mixture
from crm_cli.dedupe.name_parts import divide_names
from crm_cli.dedupe.overrides import Overrides
from crm_cli.dedupe.plan import PlannedColumn
from crm_cli.dedupe.result import MatchPart, MatchResult, MatchSummary, PairTable
from crm_cli.dedupe.settings import MatchSettings
from crm_cli.dedupe.table import MatchColumn, MatchTable
from crm_cli.dictionary.recognition import Role

__all__ = ["find_in_parts"]

Report: TypeAlias = Callable[[str, float], None]
Find: TypeAlias = Callable[[MatchTable, MatchSettings, Report], MatchResult]
_PERSONS, _ORGANIZATIONS = "persons", "organizations"
_LARGEST_SHOWN = 10


def find_in_parts(
    table: MatchTable,
    settings: MatchSettings,
    known: tuple[Mixture, Overrides],
    find: Find,
    report: Report | None,
) -> MatchResult:
    """Run `find` on the persons and on the organizations of `table`, and join what it finds.

    `known`: what tells them apart, and what the settings demand of the whole table. Records that are certainly the same
    are matched as one kind. Raises what `find` raises.
    """
    mixture, overrides = known
    organizations = _of_one_kind(mixture.organizations, overrides.together)
    parts: list[MatchPart] = []
    done = 0.0
    for kind, records in ((_PERSONS, np.flatnonzero(~organizations)), (_ORGANIZATIONS, np.flatnonzero(organizations))):
        share = len(records) / table.rows
        part = _rows(table, records)
        if kind == _PERSONS and mixture.name is not None:
            part = _with_divided_names(part, mixture.name)
        result = find(part, _settings(settings, records, table.rows), _scaled(report, kind, done, share))
        parts.append(MatchPart(kind, records, result))
        done += share
    return _joined(table.rows, parts, overrides)


def _of_one_kind(organizations: Bools, together: Ints) -> Bools:
    """Let records that are certainly the same be what most of them are: a decision beats the look of a name."""
    votes = np.bincount(together, np.where(organizations, 1, -1), minlength=len(together))[together]
    return np.asarray(np.where(votes == 0, organizations[together], votes > 0))


def _scaled(report: Report | None, kind: str, done: float, share: float) -> Report:
    def scaled(stage: str, part: float) -> None:
        if report is not None:
            report(f"{stage} {kind}", done + share * part)

    return scaled


def _rows(table: MatchTable, records: Ints) -> MatchTable:
    return MatchTable.checked(
        len(records), [replace(column, values=column.values.gather(records)) for column in table.columns]
    )


def _settings(settings: MatchSettings, records: Ints, rows: int) -> MatchSettings:
    """The settings with pairs numbered as in the part; pairs of both kinds, which are never the same, are left out."""
    number = np.full(rows, -1, np.int64)
    number[records] = np.arange(len(records))

    def within(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        own = [(int(number[i]), int(number[j])) for i, j in pairs]
        return [pair for pair in own if min(pair) >= 0]

    judged = [(int(number[i]), int(number[j]), same) for i, j, same in settings.labelled]
    return replace(
        settings,
        forbidden=within(settings.forbidden),
        forced=within(settings.forced),
        labelled=[one for one in judged if min(one[:2]) >= 0],
    )


def _with_divided_names(table: MatchTable, name: str) -> MatchTable:
    """Add given, middle and family name beside the column that holds the whole."""
    columns = [replace(each, role=Role.FULL_NAME) if each.name == name else each for each in table.columns]
    whole = next(each for each in columns if each.name == name)
    roles = (Role.GIVEN_NAME, Role.MIDDLE_NAME, Role.FAMILY_NAME)
    for role, values in zip(roles, divide_names(whole.values), strict=True):
        made = f"{name}: {role.value.replace('_', ' ')}"
        if made not in table.names:
            columns.append(MatchColumn(made, values, role))
    return MatchTable.checked(table.rows, columns)


def _joined(rows: int, parts: Sequence[MatchPart], overrides: Overrides) -> MatchResult:
    clusters, membership = np.arange(rows), np.ones(rows)
    for part in parts:
        clusters[part.records] = part.records[part.result.clusters]
        membership[part.records] = part.result.membership
    pairs, order = _pairs(parts)
    return MatchResult(
        clusters, membership, pairs, _summary(rows, parts), overrides=overrides, questions=_questions(parts, order),
        parts=tuple(parts),
    )  # fmt: skip


def _questions(parts: Sequence[MatchPart], order: Ints) -> tuple[int, ...]:
    """The places of the pairs whose answers teach most, in turn from each part."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    starts = np.cumsum([0, *(len(part.result.pairs) for part in parts)])
    asked = [
        [int(place[start + one]) for one in part.result.questions] for part, start in zip(parts, starts, strict=False)
    ]
    return tuple(one for turn in zip_longest(*asked) for one in turn if one is not None)


def _pairs(parts: Sequence[MatchPart]) -> tuple[PairTable, Ints]:
    """The pairs of all parts, numbered as the whole table, the most probable first, and where each stood before."""
    tables = [part.result.pairs for part in parts]
    probability = np.concatenate([each.probability for each in tables])
    order = np.argsort(-probability, kind="stable")
    left, right = (
        np.concatenate([part.records[getattr(part.result.pairs, side)] for part in parts]).astype(np.int32)
        for side in ("left", "right")
    )
    classes = np.concatenate([each.classes for each in tables])
    verdicts = np.concatenate([each.verdicts for each in tables])
    return PairTable(left[order], right[order], probability[order], classes[order], verdicts[order]), order


def _summary(rows: int, parts: Sequence[MatchPart]) -> MatchSummary:
    summaries = [part.result.summary for part in parts]
    largest = [
        (int(part.records[first]), size) for part in parts for first, size in part.result.summary.largest_clusters
    ]
    counts = " and ".join(f"{len(part.records)} {part.kind}" for part in parts)
    warnings = [f"{part.kind}: {warning}" for part in parts for warning in part.result.summary.warnings]
    return MatchSummary(
        records=rows,
        columns=_columns(parts),
        rules=tuple(dict.fromkeys(rule for each in summaries for rule in each.rules)),
        candidates=sum(each.candidates for each in summaries),
        oversize=tuple(block for each in summaries for block in each.oversize),
        clusters=sum(each.clusters for each in summaries),
        duplicates=sum(each.duplicates for each in summaries),
        largest_clusters=tuple(sorted(largest, key=lambda one: -one[1])[:_LARGEST_SHOWN]),
        estimated_precision=_mean([each.estimated_precision for each in summaries], summaries),
        estimated_recall=_mean([each.estimated_recall for each in summaries], summaries),
        verdicts=dict(sum((Counter(each.verdicts) for each in summaries), Counter())),
        warnings=(f"{counts} are in one table: they were told apart and matched each by a model of its own", *warnings),
        learning=next((each.learning for each in summaries if each.learning is not None), None),
        supports_automatic_merge=all(each.supports_automatic_merge for each in summaries if each.clusters),
        seconds=dict(sum((Counter(each.seconds) for each in summaries), Counter())),
    )  # fmt: skip


def _columns(parts: Sequence[MatchPart]) -> tuple[PlannedColumn, ...]:
    """What became of each column; where the parts differ, that of the part which compares it, and a word about it."""
    found: dict[str, PlannedColumn] = {}
    for part in parts:
        for column in part.result.summary.columns:
            known = found.get(column.name)
            if column.kind is not None:
                column = replace(column, why=f"{column.why} ({part.kind})")  # noqa: PLW2901
            if known is None or known.kind is None:
                found[column.name] = column
            elif column.kind is not None:
                found[column.name] = replace(known, why=f"{known.why}; {column.why}")
    return tuple(found.values())


def _mean(estimates: Sequence[float], summaries: Sequence[MatchSummary]) -> float:
    """The mean estimate, each part weighing as much as it has duplicates."""
    weights = [each.duplicates for each in summaries]
    return round(float(np.average(estimates, weights=weights)), 4) if sum(weights) else min(estimates)
