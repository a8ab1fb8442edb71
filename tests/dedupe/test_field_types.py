"""A field type that the engine has never seen: cleaned, compared, blocked on and explained like its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from crm_cli.dedupe import (
    FieldType,
    FieldTypeError,
    MatchSettings,
    MatchTable,
    explain,
    field_types,
    find_duplicates,
)
from crm_cli.dedupe.arrays import Ints, Levels
from crm_cli.dedupe.comparisons import Comparison
from crm_cli.dedupe.comparisons.base import Grader
from tests.dedupe.people import people


class NumberPlate(Comparison):
    """Number plates: the same digits in another district are a mistake of one who wrote it down."""

    kind = "number_plate"
    labels = ("different", "same digits", "equal")
    one_record_only = True

    def grader(self, values: pl.Series) -> Grader:
        digits = values.str.replace_all(r"\D", "").to_numpy()

        def grade(a: Ints, b: Ints) -> Levels:
            return (1 + (digits[a] == digits[b])).astype(np.uint8)

        return grade


PLATES = FieldType(
    name="number_plate",
    comparison=NumberPlate,
    clean=lambda values: values.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", ""),
    keys={"": None, "digits": lambda column: column.values.str.replace_all(r"\D", "")},
)


def with_plates() -> tuple[MatchTable, list[str]]:
    frame, truth = people(1500, seed=3)
    districts = ("W", "G", "L")
    plates = [f"{districts[row % 3]}-{1000 + int(who)}" for row, who in enumerate(truth)]
    return MatchTable.of(frame.with_columns(plate=pl.Series(plates))), plates


def test_a_new_type_is_compared_and_explained_in_its_own_words() -> None:
    table, plates = with_plates()
    settings = MatchSettings(kinds={"plate": "number_plate"}, field_types=[PLATES])

    result = find_duplicates(table, settings)

    place = next(
        place
        for place in range(len(result.pairs))
        if plates[result.pairs.left[place]] != plates[result.pairs.right[place]]
        and plates[result.pairs.left[place]][1:] == plates[result.pairs.right[place]][1:]
    )
    assert result.scorer is not None
    steps = explain(result.scorer, int(result.pairs.left[place]), int(result.pairs.right[place])).steps
    step = next(each for each in steps if each.comparison == "plate")
    assert step.level == "same digits"
    assert step.weight > 3
    assert "-" not in step.left, "as the type cleans it"


def test_its_keys_can_be_blocked_on_and_trusted() -> None:
    table, plates = with_plates()
    settings = MatchSettings(kinds={"plate": "number_plate"}, field_types=[PLATES], rules=["plate:digits"])

    result = find_duplicates(table, settings)
    ruled = find_duplicates(table, replace(settings, must_match=["plate"]))

    assert result.summary.rules == ("plate:digits",)
    assert result.summary.candidates > 100
    same = [(i, j) for i, j in ruled.ruled if plates[i] == plates[j]]
    assert len(same) == len(ruled.ruled) > 10


def test_relatives_do_not_learn_what_one_record_alone_has() -> None:
    frame, _ = people(1500, seed=3, households=0.4)
    of_street = {street: f"W-{1000 + number}" for number, street in enumerate(frame["street"].unique().sort())}
    table = MatchTable.of(frame.with_columns(plate=frame["street"].replace_strict(of_street)))
    shared = FieldType(name="number_plate", comparison=type("Shared", (NumberPlate,), {"one_record_only": False}))

    equal = {}
    for name, of_type in (("own", PLATES), ("shared", shared)):
        settings = MatchSettings(kinds={"plate": "number_plate"}, field_types=[of_type])
        model = find_duplicates(table, settings).model
        assert model is not None
        levels = next(each for each in model["comparisons"] if each["kind"] == "number_plate")["related"]
        equal[name] = max(each[-1] for each in levels)

    assert equal["own"] < 0.1 < equal["shared"]


def test_a_shipped_type_can_be_given_further_keys() -> None:
    table, _ = with_plates()
    phone = field_types()["phone"]
    longer = replace(phone, keys={**phone.keys, "exchange": lambda column: column.values.str.slice(3, 3)})

    result = find_duplicates(table, MatchSettings(field_types=[longer], rules=["phone:exchange + last name", "email"]))

    assert result.summary.rules == ("phone:exchange + last name", "email")


def test_a_type_must_have_the_name_of_its_comparison() -> None:
    with pytest.raises(FieldTypeError, match="'plates' has a comparison for 'number_plate'"):
        FieldType(name="plates", comparison=NumberPlate)
