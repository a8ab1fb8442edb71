"""Fast array routines beside the plain ones of numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.dedupe.arrays import distinct, stable_order, unique_rows

NUMBERS = st.lists(st.integers(0, 5) | st.integers(0, 2**62), max_size=40)
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 250), st.integers(0, 2)), min_size=1, max_size=40)


@given(NUMBERS)
def test_order_is_that_of_a_stable_sort(numbers: list[int]) -> None:
    keys = np.array(numbers, np.int64)
    ordered, places = stable_order(keys)
    expected = np.argsort(keys, kind="stable")
    assert places.tolist() == expected.tolist()
    assert ordered.tolist() == keys[expected].tolist()


@given(NUMBERS)
def test_distinct_is_unique_with_inverse(numbers: list[int]) -> None:
    keys = np.array(numbers, np.int64)
    values, inverse = distinct(keys)
    assert values.tolist() == sorted(set(numbers))
    assert values[inverse].tolist() == numbers


@given(ROWS, st.integers(1, 12))
def test_rows_are_told_apart_by_content_and_group(rows: list[tuple[int, int, int]], repeated: int) -> None:
    matrix = np.array([row[:2] for row in rows], np.uint8).repeat(repeated, axis=1)  # wide ones do not fit one number
    group = np.array([row[2] for row in rows])
    first, inverse, counts = unique_rows(matrix, group)
    assert sorted(rows[place] for place in first) == sorted(set(rows))
    assert [rows[first[number]] for number in inverse] == rows
    assert all(rows.index(rows[place]) == place for place in first)
    assert counts.tolist() == [rows.count(rows[place]) for place in first]
