"""Trusted keys: columns whose equality or difference decides, in a form in which spellings of one value are one.

Values that identify – numbers, addresses of mail and web, telephone numbers, dates of birth, postal codes, and types of
other makers – are cleaned as for comparing. Everything else is only folded: what a comparison forgives ("Acme Ltd",
"Acme GmbH") is not equal beyond doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Ints
from crm_cli.dedupe.cleaning import Cleaner, clean_by, without_role_addresses, words_of
from crm_cli.dedupe.encoding import Column, encode, encode_several, shared_terms
from crm_cli.dedupe.field_types import FieldTypes
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.plan import PlannedColumn, kind_of_role
from crm_cli.dedupe.table import MatchColumn

__all__ = ["MOST_SHARING", "Sharing", "TrustedKey", "sharing_records", "trusted_keys"]

MOST_SHARING = 100  # a value that more records have is a placeholder, and identifies nobody
_IDENTIFYING = frozenset({Kind.IDENTIFIER, Kind.PHONE, Kind.EMAIL, Kind.WEB, Kind.BIRTH_DATE, Kind.POSTAL_CODE})
_PERSONAL = frozenset({Kind.GIVEN_NAME, Kind.FAMILY_NAME, Kind.BIRTH_DATE})


@dataclass(frozen=True, eq=False)
class TrustedKey:
    """One column, encoded; of several values a record any may agree."""

    name: str
    column: Column

    def agree(self, i: Ints, j: Ints) -> Bools:
        """Which pairs have a value in common."""
        column = self.column
        if column.offsets is None:
            return np.asarray((column.codes[i] == column.codes[j]) & (column.codes[i] >= 0))
        width = max(len(column.values), 1)
        pair = shared_terms(column.offsets, column.codes, width, i, j) // width
        return np.asarray(np.bincount(pair, minlength=len(i)) > 0)

    def differ(self, i: Ints, j: Ints) -> Bools:
        """Which pairs both have a value, and none in common."""
        present = self.column.present
        return np.asarray(present[i] & present[j] & ~self.agree(i, j))


def trusted_keys(
    columns: Sequence[MatchColumn], plan: Sequence[PlannedColumn], types: FieldTypes
) -> Mapping[str, TrustedKey]:
    """Encode `columns`, each by the type that `plan` found for it."""
    of_persons = bool(_PERSONAL & {each.kind for each in plan})
    kinds = {each.name: each.kind or kind_of_role(each.role) for each in plan}
    return {
        column.name: TrustedKey(column.name, _encoded(column, _cleaner(kinds[column.name], types, of_persons)))
        for column in columns
    }


def _cleaner(kind: str | None, types: FieldTypes, of_persons: bool) -> Cleaner:  # noqa: FBT001 - private
    if kind == Kind.EMAIL and of_persons:  # a shared address such as info@ is nobody's
        return lambda values: without_role_addresses(types[Kind.EMAIL].clean(values))
    if kind == Kind.BIRTH_DATE:
        return lambda values: _whole_dates(types[Kind.BIRTH_DATE].clean(values))
    own = kind is not None and kind not in set(Kind)
    return types[kind].clean if kind is not None and (own or kind in _IDENTIFYING) else words_of


def _whole_dates(values: pl.Series) -> pl.Series:
    """Dates of which year, month and day are known."""
    return values.set(values.str.contains("?", literal=True).fill_null(value=False), None)


def _encoded(column: MatchColumn, cleaner: Cleaner) -> Column:
    if not column.several:
        return encode(_cleaned(column.values, cleaner))
    values = column.values
    lengths = np.maximum(values.list.len().fill_null(1).to_numpy(), 1)
    flat = _cleaned(values.explode(empty_as_null=True), cleaner)
    frame = pl.DataFrame({"row": np.repeat(np.arange(len(values)), lengths), "value": flat})
    return encode_several(frame.group_by("row", maintain_order=True).agg("value")["value"])


def _cleaned(values: pl.Series, cleaner: Cleaner) -> pl.Series:
    """Each distinct value is cleaned once."""
    raw = encode(values)
    codes = pl.Series(raw.codes)
    return clean_by(cleaner, raw.values).gather(codes.set(codes < 0, None))


@dataclass(frozen=True, eq=False)
class Sharing:
    """Records that agree on the keys of a rule: `records` group by group, `groups` the number of each one's group.

    `crowded`: how many records have each value that is left out because more than `MOST_SHARING` have it.
    """

    records: Ints
    groups: Ints
    crowded: tuple[int, ...]

    @property
    def chains(self) -> tuple[Ints, Ints, Ints]:
        """Edges that join the records of each group one after the other, and the group of each."""
        at = np.flatnonzero(self.groups[1:] == self.groups[:-1]) + 1
        return self.records[at - 1], self.records[at], self.groups[at]

    def every_pair(self, groups: Ints) -> tuple[Ints, Ints]:
        """All pairs within these groups."""
        found = [np.zeros((0, 2), np.int64)]
        for group in groups.tolist():
            members = self.records[self.groups == group]
            left, right = np.triu_indices(len(members), 1)
            found.append(np.stack((members[left], members[right]), axis=1))
        pairs = np.concatenate(found)
        return pairs[:, 0], pairs[:, 1]


def sharing_records(keys: Sequence[TrustedKey]) -> Sharing:
    """Find the records that agree on all `keys`."""
    joined: pl.DataFrame | None = None
    for number, key in enumerate(keys):
        records, codes = key.column.entries()
        frame = pl.DataFrame({"record": records.astype(np.int64), f"key{number}": codes.astype(np.int64)})
        joined = frame if joined is None else joined.join(frame, on="record")
    assert joined is not None
    names = [f"key{number}" for number in range(len(keys))]
    sized = joined.with_columns(pl.len().over(names).alias("size"))
    crowded = sized.filter(pl.col("size") > MOST_SHARING).unique(names)["size"].to_list()
    grouped = sized.filter(pl.col("size").is_between(2, MOST_SHARING)).sort([*names, "record"])
    groups = grouped.select(pl.struct(names).rle_id()).to_series()
    return Sharing(
        grouped["record"].to_numpy(), groups.to_numpy().astype(np.int64), tuple(sorted(crowded, reverse=True))
    )
