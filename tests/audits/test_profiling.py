"""What a profile says of columns: types, figures, keys, and what is worth a look; and that its memory is bounded."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
import pytest

from crm_cli.audits.profiling import (
    ColumnProfile,
    DataType,
    Finding,
    Problem,
    Profiler,
    TableProfile,
    batch_size,
    columns_of,
)
from crm_cli.audits.profiling.column import Room
from crm_cli.audits.profiling.distinct import FLOOR, DistinctHashes
from crm_cli.audits.profiling.numbers import NumberStream
from crm_cli.audits.profiling.repeats import Repeats, counted_values, within_room
from crm_cli.audits.profiling.values import ValueCounts

TODAY = date(2026, 11, 27)


def profiled(columns: dict[str, Sequence[str | None]], size: int = 100_000) -> TableProfile:
    """Profile columns of equal length, so many rows at once."""
    profiler = Profiler("table", list(columns))
    rows = list(zip(*columns.values(), strict=True))
    for start in range(0, len(rows), size):
        profiler.add(columns_of(rows[start : start + size], len(columns)))
    return profiler.profile(TODAY)


def column(values: Sequence[str | None], name: str = "anything") -> ColumnProfile:
    [one] = profiled({name: values}).columns
    return one


def finding(one: ColumnProfile, problem: Problem) -> Finding | None:
    return next((each for each in one.findings if each.problem is problem), None)


def found(one: ColumnProfile, problem: Problem) -> tuple[int, set[str]]:
    """In how many cells, and which examples; nothing when it was not found."""
    each = finding(one, problem)
    return (each.count, {example.value for example in each.examples}) if each else (0, set())


@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        (["1", "-2", "+30"], "n", DataType.INTEGER),
        (["1", "2.5", "1,234.50", "1e3"], "n", DataType.NUMBER),
        (["10,5", "1.234,50", "3"], "n", DataType.NUMBER),
        (["$ 12.50", "€3", "15 %"], "n", DataType.NUMBER),
        (["2024-01-31", "2024-02-01 10:30"], "n", DataType.DATE),
        (["3 March 2020", "Mar 4, 2021"], "n", DataType.DATE),
        (["yes", "no", None, "Yes"], "n", DataType.BOOLEAN),
        (["0", "1", "1"], "n", DataType.BOOLEAN),
        (["01234", "91234"], "n", DataType.TEXT),
        (["2175551234", "2175551235"], "Phone", DataType.TEXT),
        (["203-582-6449", "203-582-6450"], "n", DataType.TEXT),
        (["a", "1", "2", "b"], "n", DataType.MIXED),
        (["1.2.3.4", "10.0.0.1"], "n", DataType.TEXT),
        ([None, None], "n", DataType.EMPTY),
    ],
)
def test_the_type_is_what_values_are_written_as(values: list[str | None], name: str, kind: DataType) -> None:
    assert column(values, name).type is kind


def test_a_mixed_column_says_the_shares_and_stand_ins_do_not_count() -> None:
    one = column(["12"] * 6 + ["abc"] * 4 + ["n/a"] * 10)
    assert (one.type, one.shares) == (DataType.MIXED, {"integer": 0.6, "text": 0.4})
    assert found(one, Problem.PLACEHOLDER) == (10, {"n/a"})
    assert column(["12"] * 3 + ["n/a"] * 10).type is DataType.INTEGER


def test_numbers_have_quartiles_and_a_histogram_that_holds_them_all() -> None:
    dice = random.Random(1)
    values = [dice.randint(0, 500) for _ in range(999)]
    numbers = column([str(one) for one in values]).numbers
    assert numbers is not None
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    assert [numbers.lower_quartile, numbers.median, numbers.upper_quartile] == quartiles
    assert (numbers.minimum, numbers.maximum, numbers.count) == (min(values), max(values), 999)
    assert numbers.mean == pytest.approx(statistics.mean(values))
    assert sum(one.count for one in numbers.histogram) == 999


def test_outliers_are_outside_tukeys_fences_the_farthest_first() -> None:
    one = column([str(value) for value in range(100, 140)] + ["999999", "-5"], "Amount")
    outlier = finding(one, Problem.OUTLIER)
    assert outlier is not None
    assert (outlier.count, [each.value for each in outlier.examples]) == (2, ["999999", "-5"])
    assert one.numbers is not None
    assert one.numbers.histogram[-1].end == "999999"
    assert max(each.count for each in one.numbers.histogram) < 20, "one far value must not press all into one bar"
    assert finding(column([str(value) for value in range(100, 140)]), Problem.OUTLIER) is None
    assert finding(column(["01067", *["45127"] * 30, *["45130"] * 30], "PLZ"), Problem.OUTLIER) is None


def test_dates_know_their_order_and_what_cannot_be() -> None:
    one = column(["25/12/2019", "03/04/2020", "01/02/2031", "31/12/1899", "31/02/2020", *["02/01/2020"] * 95])
    assert one.dates is not None
    assert (one.dates.order, one.dates.earliest, one.dates.latest) == ("dmy", "1899-12-31", "2031-02-01")
    assert found(one, Problem.FUTURE_DATE) == (1, {"01/02/2031"})
    assert found(one, Problem.EARLY_DATE) == (1, {"31/12/1899"})
    assert found(one, Problem.OTHER_TYPE) == (1, {"31/02/2020"})
    both = column(["25/12/2019", "25/11/2019", "12/26/2019"])
    assert found(both, Problem.MIXED_ORDER)[0] == 1
    unsure = column(["03/04/2020", "05/06/2020"])
    assert (unsure.type, found(unsure, Problem.OPEN_ORDER)[0]) == (DataType.DATE, 2)
    assert unsure.dates is not None
    assert (unsure.dates.order, unsure.dates.open) == (None, 2)


def test_characters_that_went_wrong_are_counted_by_cell() -> None:
    one = column([" Ann", "Bo  b", "MÃ¼ller", "Müller", "A\x00b", "x\u200by", "M\ufffdller", "A &amp; B", " Ann"])
    assert found(one, Problem.BLANKS) == (3, {" Ann", "Bo  b"})
    assert found(one, Problem.CONTROL) == (2, {"A\x00b", "x\u200by"})
    assert found(one, Problem.LOST_CHARACTER) == (1, {"M\ufffdller"})
    assert found(one, Problem.HTML) == (1, {"A &amp; B"})
    mojibake = finding(one, Problem.MOJIBAKE)
    assert mojibake is not None
    assert (mojibake.count, "two encodings" in mojibake.message) == (1, True)
    assert column(["Ann", "Müller", "Łódź", "A & B", "São Paulo", "Ångström"]).findings == []


def test_stand_ins_and_fillers_are_found_but_not_sound_numbers() -> None:
    one = column(["n/a", "xxx", "asdf", "000-000", "Test@test.com", "Smith", "unknown", "-"])
    assert found(one, Problem.PLACEHOLDER)[0] == 7
    assert found(column(["a@acme.org", "na@acme.org", "xaver@acme.org"], "Mail"), Problem.PLACEHOLDER)[0] == 0
    assert found(column(["0", "11111", "0.00", "5"], "Amount"), Problem.PLACEHOLDER)[0] == 0
    assert found(column(["(111) 111-1111", "(217) 555-1234"], "Phone"), Problem.PLACEHOLDER) == (1, {"(111) 111-1111"})


def test_numbers_that_a_program_spoilt() -> None:
    assert found(column(["12345.0", "12346.0", "12347.0"]), Problem.FLOATED)[0] == 3
    assert found(column(["12345.0", "12346.5"]), Problem.FLOATED)[0] == 0
    codes = column(["02127"] * 10 + ["90210"] * 30 + ["2127"] * 3, "ZIP")
    assert found(codes, Problem.LOST_ZEROS) == (3, {"2127"})
    assert found(column([str(number) for number in range(1, 2000)], "Quantity"), Problem.LOST_ZEROS)[0] == 0


def test_rare_patterns_are_few_beside_a_usual_one() -> None:
    one = column(["12-345"] * 400 + ["12345"] * 2 + ["AB-1"])
    assert found(one, Problem.RARE_PATTERN) == (3, {"12345", "AB-1"})
    assert [each.pattern for each in one.patterns] == ["9-9", "9", "a-9"]
    assert found(column(["12-345"] * 12 + ["12345"] * 10), Problem.RARE_PATTERN)[0] == 0


def test_empty_constant_and_copied_columns_are_said() -> None:
    table = profiled(
        {"a": ["1", "2", "3"], "b": ["east"] * 3, "c": ["1", "2", "3"], "d": [None] * 3, "e": ["2", "1", "3"]}
    )
    said = {one.name: [each.problem for each in one.findings] for one in table.columns}
    assert said == {"a": [], "b": [Problem.CONSTANT], "c": [Problem.COPY], "d": [Problem.EMPTY], "e": []}
    assert table.columns[2].findings[0].message == "the same in every row as the column a"


def test_a_near_key_names_what_repeats_wherever_it_stands() -> None:
    values = [f"K{number}" for number in range(5_000)]
    values[10] = values[4_990] = values[2_500] = "K77"
    [one] = profiled({"No": values}, size=100).columns
    assert (one.is_key, [(each.value, each.count) for each in one.repeated]) == (False, [("K77", 4)])
    assert found(one, Problem.NEAR_KEY) == (3, {"K77"})
    assert column([f"K{number}" for number in range(5_000)]).is_key
    assert column([f"K{number % 4_000}" for number in range(5_000)]).repeated == []


def test_two_columns_are_a_key_together_where_none_is_alone() -> None:
    order = [str(number // 3) for number in range(60)]
    line = [str(number % 3) for number in range(60)]
    table = profiled({"order": order, "line": line, "owner": ["maria", "tom"] * 30}, size=7)
    assert (table.keys, table.pair_keys, table.pair_rows) == ([], [("order", "line")], 60)
    assert profiled({"id": [str(number) for number in range(60)], "order": order, "line": line}).pair_keys == []


def test_repeated_rows_are_those_alike_in_every_cell() -> None:
    table = profiled({"a": ["x", "y", "x", None], "b": ["y", "x", "y", "x"]}, size=1)
    assert (table.rows, table.repeated_rows, table.repeated_error) == (4, 1, 0.0)


def test_batches_do_not_change_what_is_said() -> None:
    dice = random.Random(5)
    columns = {
        "name": [dice.choice(["Ann", "Bob", " Ann", "n/a", "Zoë"]) for _ in range(3_000)],
        "amount": [str(dice.randint(1, 90)) for _ in range(3_000)],
        "day": [f"{dice.randint(1, 28):02}.{dice.randint(1, 12):02}.{dice.randint(1950, 2030)}" for _ in range(3_000)],
    }
    assert profiled(columns, size=3_000) == profiled(columns, size=170)


def test_rows_too_short_or_too_long_and_lone_surrogates_do_no_harm() -> None:
    columns = columns_of([["a"], ["b", "c", "d"], ["", "\ud800x"]], 2)
    assert [one.to_list() for one in columns] == [["a", "b", None], [None, "c", "?x"]]
    assert Profiler("t", ["a", "b"]).profile(TODAY).rows == 0


def test_values_of_thousands_of_characters_are_measured_but_kept_short() -> None:
    one = column(["x" * 5_000, "x" * 4_999, "y"])
    assert one.lengths is not None
    assert (one.lengths.longest, one.distinct) == (5_000, 3)
    assert max(len(each.value) for each in one.top) == 201


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_many_values_are_estimated_within_the_stated_error() -> None:
    counted = DistinctHashes()
    truth = 400_000
    for start in range(0, truth, 50_000):
        numbers = pl.Series(range(start, start + 50_000)).cast(pl.String)
        counted.add(numbers.hash(seed=0).to_numpy())
        counted.add(numbers.hash(seed=0).to_numpy()[:100])  # again
    assert counted.count() == (truth, 0.0)
    counted.cut(FLOOR)
    estimate, error = counted.count()
    assert counted.size == FLOOR
    assert error == pytest.approx(1 / 256, rel=0.01)
    assert abs(estimate - truth) < 4 * error * truth
    more = pl.Series(range(truth, 2 * truth)).cast(pl.String)
    counted.add(more.hash(seed=0).to_numpy())
    estimate, error = counted.count()
    assert abs(estimate - 2 * truth) < 4 * error * 2 * truth
    assert counted.size <= 2 * FLOOR


def test_the_room_is_taken_from_what_is_no_key_first() -> None:
    key, other, rows = Repeats(), Repeats(), DistinctHashes()
    key.add(counted_values(pl.Series([f"k{number}" for number in range(200_000)])))
    other.add(counted_values(pl.Series([f"v{number // 2}" for number in range(200_000)])))
    rows.add(pl.Series(range(200_000)).hash().to_numpy())
    within_room([key, other], rows, 480_000)
    assert (key.distinct.exact, other.distinct.exact, rows.exact) == (True, False, True)
    within_room([key, other], rows, 200_000)
    assert key.distinct.size + other.distinct.size + rows.size <= 200_000


def test_frequent_values_keep_their_counts_within_the_stated_error() -> None:
    dice = random.Random(3)
    values = [f"v{min(int(dice.expovariate(0.02)), 50_000)}" for _ in range(60_000)]
    values += [f"once{number}" for number in range(60_000)]
    dice.shuffle(values)
    kept = ValueCounts(room=500)
    for start in range(0, len(values), 1_000):
        kept.add(counted_values(pl.Series(values[start : start + 1_000])))
    truth = Counter(values)
    shown = dict(kept.frame().head(20).iter_rows())
    assert kept.error > 0
    assert {value for value, _ in truth.most_common(10)} <= set(shown)
    assert all(0 <= truth[value] - count <= kept.error for value, count in shown.items())
    assert len(kept.frame()) <= 500


def test_quartiles_of_very_many_numbers_are_those_of_a_sample() -> None:
    stream = NumberStream(room=100_000)
    for start in range(0, 300_000, 20_000):  # in order, so that a sample of the first rows would be far off
        stream.add(np.arange(start, start + 20_000, dtype=np.float64), np.ones(20_000, dtype=np.int64))
    summary = stream.summary(fenced=True)
    assert summary is not None
    assert (summary.exact, summary.count, summary.minimum, summary.maximum) == (False, 300_000, 0.0, 299_999.0)
    assert summary.mean == pytest.approx(149_999.5)
    assert summary.median == pytest.approx(150_000, abs=3_000)
    assert sum(one.count for one in summary.histogram) == pytest.approx(300_000, abs=20)


def test_a_column_of_a_wide_table_has_less_room_and_the_table_no_more() -> None:
    one, ten, wide = (Room.of_one(width) for width in (1, 10, 1_000))
    assert (one.values, ten.values, wide.values) == (50_000, 40_000, 500)
    assert wide.numbers * 1_000 == ten.numbers * 10 == 1_000_000
    columns = [Repeats() for _ in range(200)]
    for place, column in enumerate(columns):
        column.add(counted_values(pl.Series([f"{place} {number}" for number in range(2_000)])))
    within_room(columns, DistinctHashes(), 250_000)
    assert sum(each.distinct.size for each in columns) <= 250_000


def test_wide_tables_are_read_in_small_batches() -> None:
    assert batch_size(10) * 10 == batch_size(1_000) * 1_000
    assert batch_size(0) > 0
