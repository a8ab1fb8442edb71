"""Linking two tables one-to-one."""

from __future__ import annotations

import polars as pl
import pytest

from crm_cli.dedupe import MatchTable, MatchTableError, link
from tests.dedupe.people import people


def test_links_copies_across_tables_each_record_once() -> None:
    frame, truth = people(900, seed=9)
    left, right = frame.head(450), frame.tail(450).rename({"last name": "surname"})

    found = link(MatchTable.of(left), MatchTable.of(right))

    same = truth[found.left] == truth[found.right + 450]
    assert same.mean() > 0.95
    assert len(set(found.left.tolist())) == len(found.left) == len(set(found.right.tolist()))
    possible = set(truth[:450].tolist()) & set(truth[450:].tolist())
    assert same.sum() / len(possible) > 0.85


def test_tables_without_a_common_column_are_refused() -> None:
    left, right = pl.DataFrame({"colour": ["red", "blue"]}), pl.DataFrame({"shape": ["round", "flat"]})

    with pytest.raises(MatchTableError, match="no column in common"):
        link(MatchTable.of(left), MatchTable.of(right))
