"""Rules on top of the probabilities: what a person decided, and keys that are trusted more than any similarity.

From strongest to weakest: two records were decided to be different, or the same; they differ where they must not; they
agree where that settles it; and then what the comparisons say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from crm_cli.dedupe.arrays import Bools, Floats, Ints, pair_keys, sorted_distinct
from crm_cli.dedupe.components import components
from crm_cli.dedupe.field_types import FieldTypes
from crm_cli.dedupe.plan import PlannedColumn
from crm_cli.dedupe.settings import MatchSettings, Never
from crm_cli.dedupe.table import MatchColumn, MatchTable
from crm_cli.dedupe.trusted import MOST_SHARING, Sharing, TrustedKey, sharing_records, trusted_keys
from crm_cli.errors import UsageError

__all__ = ["FORBIDDEN", "FORCED", "Overrides", "Ruling", "overrides_of", "pairs_of_records"]

FORCED, FORBIDDEN = 100.0, -np.inf  # log2 odds
_PERSON = "decided by a person"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says about two records, whatever the comparisons say, and which rule: "same tax_id"."""

    same: bool
    why: str


@dataclass(frozen=True, eq=False)
class _Same:
    """Records that agree on all keys are the same."""

    keys: tuple[TrustedKey, ...]

    @property
    def why(self) -> str:
        return f"same {', '.join(key.name for key in self.keys)}"

    def holds(self, i: Ints, j: Ints) -> Bools:
        return np.asarray(np.logical_and.reduce([key.agree(i, j) for key in self.keys]))


@dataclass(frozen=True, eq=False)
class _Apart:
    """Records that agree on all of `same` and differ in all of `differ` are not the same."""

    same: tuple[TrustedKey, ...]
    differ: tuple[TrustedKey, ...]
    why: str

    def holds(self, i: Ints, j: Ints) -> Bools:
        agreed = [key.agree(i, j) for key in self.same]
        return np.asarray(np.logical_and.reduce([*agreed, *(key.differ(i, j) for key in self.differ)]))


@dataclass(frozen=True, eq=False)
class Overrides:
    """`together[r]`: records with equal numbers are the same; `decided[r]`: by decisions of people alone.

    `apart`: sorted keys of pairs that were decided to be different. `edges`: the pairs that make them the same;
    `ruled`: those of them that trusted keys make.
    """

    rows: int
    together: Ints
    decided: Ints
    apart: Ints
    same: tuple[_Same, ...]
    never: tuple[_Apart, ...]
    edges: tuple[Ints, Ints]
    ruled: tuple[Ints, Ints]
    warnings: tuple[str, ...] = ()

    @property
    def trusted(self) -> tuple[tuple[str, ...], ...]:
        """The columns that make two records the same where they agree on all of a group."""
        return tuple(tuple(key.name for key in rule.keys) for rule in self.same)

    @property
    def any(self) -> bool:
        """Whether anything is overridden."""
        return bool(len(self.edges[0]) or len(self.apart) or self.never)

    def apply(self, i: Ints, j: Ints, log_odds: Floats) -> Floats:
        """The log-odds of the pairs with what is certain put in."""
        if not self.any or not len(i):
            return log_odds
        found = np.where(self.together[i] == self.together[j], FORCED, log_odds)
        for rule in self.never:
            found[rule.holds(i, j)] = FORBIDDEN
        found[self.decided[i] == self.decided[j]] = FORCED
        if len(self.apart):
            found[self._is_apart(i, j)] = FORBIDDEN
        return found

    def ruling(self, i: int, j: int) -> Ruling | None:
        """What overrides the comparisons of two records, None where nothing does."""
        return None if i == j else self.rulings(np.array([min(i, j)]), np.array([max(i, j)]))[0]

    def rulings(self, i: Ints, j: Ints) -> list[Ruling | None]:
        """What overrides the comparisons of each pair."""
        found: list[Ruling | None] = [None] * len(i)

        def rule(pairs: Bools, *, same: bool, why: str) -> None:
            for at in np.flatnonzero(pairs).tolist():
                found[at] = Ruling(same, why)

        if not self.any or not len(i):
            return found
        together = self.together[i] == self.together[j]
        rule(together, same=True, why="each is the same as a third record")
        for kept in reversed(self.same):
            rule(together & kept.holds(i, j), same=True, why=kept.why)
        for broken in reversed(self.never):
            rule(broken.holds(i, j), same=False, why=broken.why)
        rule(np.asarray(self.decided[i] == self.decided[j]), same=True, why=_PERSON)
        if len(self.apart):
            rule(self._is_apart(i, j), same=False, why=_PERSON)
        return found

    def forbids(self, i: Ints, j: Ints) -> Bools:
        """Which pairs are kept apart."""
        return np.isneginf(self.apply(i, j, np.zeros(len(i))))

    def parted(self, label: Ints, larger_than: int) -> Ints:
        """The clusters `label`, of which those `larger_than` a size are taken apart where they hold a forbidden pair.

        Clustering looks at every pair of the smaller ones. A record goes to the first part that it fits into.
        """
        if not self.never and not len(self.apart):
            return label
        found = label.copy()
        for first in np.flatnonzero(np.bincount(label, minlength=self.rows) > larger_than).tolist():
            parts: list[list[int]] = []
            for record in np.flatnonzero(label == first).tolist():
                part = next((each for each in parts if not self._forbids_any(record, each)), None)
                if part is None:
                    parts.append([record])
                else:
                    part.append(record)
            for part in parts:
                found[part] = part[0]
        return found

    def _forbids_any(self, record: int, others: Sequence[int]) -> bool:
        return bool(self.forbids(np.array(others), np.full(len(others), record)).any())

    def _is_apart(self, i: Ints, j: Ints) -> Bools:
        keys = pair_keys(i, j, self.rows)
        place = np.searchsorted(self.apart, keys).clip(0, len(self.apart) - 1)
        return np.asarray(self.apart[place] == keys)


def overrides_of(
    table: MatchTable, settings: MatchSettings, plan: Sequence[PlannedColumn], types: FieldTypes
) -> Overrides:
    """Collect the overrides of the settings; raises UsageError for an unknown column or record number."""
    matched = [(each,) if isinstance(each, str) else tuple(each) for each in settings.must_match]
    parted = [*(Never(differ=(each,)) for each in settings.must_differ), *settings.never]
    names = [name for each in (*matched, *(one.same + one.differ for one in parted)) for name in each]
    keys = trusted_keys([_column(table, name) for name in dict.fromkeys(names)], plan, types)
    same = tuple(_Same(tuple(keys[name] for name in each)) for each in matched)
    never = tuple(_apart(one, {name: keys[name] for name in one.same + one.differ}) for one in parted)
    forced = pairs_of_records(settings.forced, table.rows)
    shared = [sharing_records(rule.keys) for rule in same]
    apart = sorted_distinct(pair_keys(*pairs_of_records(settings.forbidden, table.rows), table.rows))
    alone = np.arange(table.rows)
    none = np.zeros(0, np.int64)
    people = components(*forced, table.rows)
    barred = Overrides(table.rows, alone, people, apart, (), never, (none, none), (none, none))
    ruled = _joined([_edges(each, barred) for each in shared])
    edges = _joined([forced, ruled])
    return Overrides(
        rows=table.rows,
        together=components(*edges, table.rows),
        decided=people,
        apart=apart,
        same=same,
        never=never,
        edges=edges,
        ruled=ruled,
        warnings=tuple(_crowded(rule, each.crowded) for rule, each in zip(same, shared, strict=True) if each.crowded),
    )


def _edges(shared: Sharing, barred: Overrides) -> tuple[Ints, Ints]:
    """Edges that hold each group together, without pairs that something keeps apart."""
    i, j, groups = shared.chains
    free = ~barred.forbids(i, j)
    if free.all():
        return i, j
    left, right = shared.every_pair(sorted_distinct(groups[~free]))  # the others of a group are the same all the same
    allowed = ~barred.forbids(left, right)
    return np.concatenate((i[free], left[allowed])), np.concatenate((j[free], right[allowed]))


def _apart(rule: Never, keys: dict[str, TrustedKey]) -> _Apart:
    words = [*(f"same {name}" for name in rule.same), *(f"different {name}" for name in rule.differ)]
    why = rule.why or ", ".join(words)
    return _Apart(tuple(keys[name] for name in rule.same), tuple(keys[name] for name in rule.differ), why)


def _crowded(rule: _Same, sizes: Sequence[int]) -> str:
    values = f"{len(sizes)} values are" if len(sizes) > 1 else "a value is"
    return (
        f"{rule.why}: {values} shared by more than {MOST_SHARING} records (up to {sizes[0]}), "
        "taken for a placeholder, and makes none the same"
    )


def _joined(edges: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    none = np.zeros(0, np.int64)
    i, j = (np.concatenate([none, *(edge[side] for edge in edges)]) for side in (0, 1))
    return np.minimum(i, j), np.maximum(i, j)


def pairs_of_records(given: Sequence[tuple[int, int]], rows: int) -> tuple[Ints, Ints]:
    """Both sides of pairs of record numbers; raises UsageError for a number that is not one of `rows`."""
    pairs = np.array(given, np.int64).reshape(-1, 2)
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= rows):
        raise UsageError(f"a decided pair names a record that is not among the {rows} given", rows=rows)
    return pairs[:, 0], pairs[:, 1]


def _column(table: MatchTable, name: str) -> MatchColumn:
    column = next((each for each in table.columns if each.name == name), None)
    if column is None:
        raise UsageError(
            f"column {name!r} cannot be a trusted key: there is none", hint=_known(table.names), column=name
        )
    return column


def _known(names: Iterable[str]) -> str:
    return f"columns: {', '.join(names)}"
