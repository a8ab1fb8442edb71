from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import ContactSlot, SemanticType, shipped
from crm_cli.jobs.importing.columns import ColumnStandardizer
from crm_cli.jobs.importing.points import Filled, address_point, points_of, value_points
from crm_cli.standardize import Context, Standard, standardizer

_CONTEXT = Context(country="US")
_SLOTS = [*shipped().entity("contact").slots, *shipped().entity("account").slots]
_CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "ann@acme.example", " ANN@Acme.example ", "ann@acme.example; bob@acme.example", "n/a", "nonsense", "\u200b",
            "(212) 736-5000", "212-736-5000 or 212-736-5001", "736-5000", "unknown", "1 Main Street Apt. 4", "Boston",
            "MA", "Massachusetts", "02101", "2101", "US", "Deutschland", "ß" * 9,
        ]
    ),
    st.text(max_size=6),
)  # fmt: skip


def naive_points(row: list[Filled]) -> list[tuple[str, dict[str, Any]]]:
    """The contact points of one row: each made alone, repeats left out, one of each detail the primary one."""
    points: list[Any] = []
    addresses: dict[str | None, list[Filled]] = defaultdict(list)
    for one in row:
        if one[0].detail == "postal_address":
            addresses[one[0].kind].append(one)
        else:
            points += value_points(one, _CONTEXT)
    points += [point for kind, parts in addresses.items() if (point := address_point(kind, parts)) is not None]
    kept: dict[Any, Any] = {}
    for point in points:
        kept.setdefault(point.identity, point)
    ordered = sorted(kept.values(), key=lambda point: not point.values["is_primary"])
    for place, point in enumerate(ordered):
        point.values["is_primary"] = all(other.detail != point.detail for other in ordered[:place])
    return [(point.detail, point.values) for point in ordered]


@settings(deadline=None)
@given(st.data())
def test_points_of_columns_are_those_of_each_row_alone(data: st.DataObject) -> None:
    slots: list[ContactSlot] = data.draw(st.lists(st.sampled_from(_SLOTS), min_size=1, max_size=7, unique_by=id))
    count = data.draw(st.integers(1, 4))
    cells = [data.draw(st.lists(_CELLS, min_size=count, max_size=count)) for _ in slots]
    standards = [
        ColumnStandardizer(slot.type, _CONTEXT).standardize(column, ["US"] * count)
        for slot, column in zip(slots, cells, strict=True)
    ]
    expected = [
        naive_points(
            [
                (slot, cell, standard)
                for slot, column, forms in zip(slots, cells, standards, strict=True)
                if (cell := column[place]) is not None
                and (standard := forms[place]) is not None
                and not standard.stands_for_nothing
            ]
        )
        for place in range(count)
    ]
    found = points_of(list(zip(slots, cells, standards, strict=True)), _CONTEXT, count)
    assert [[(point.detail, point.values) for point in points] for points in found] == expected


@given(st.lists(st.tuples(_CELLS, st.sampled_from([None, "US", "DE"])), max_size=6))
def test_a_column_is_standardized_as_each_value_alone(given_cells: list[tuple[str | None, str | None]]) -> None:
    cells, hints = [cell for cell, _ in given_cells], [hint for _, hint in given_cells]
    for kind in (SemanticType.PHONE, SemanticType.CITY, SemanticType.REFERENCE):
        function = standardizer(kind)
        hinted = kind is SemanticType.PHONE
        expected = [
            None if cell is None
            else Standard(cell) if function is None
            else function(cell, Context(country=hint or "US") if hinted else _CONTEXT)
            for cell, hint in given_cells
        ]  # fmt: skip
        column = ColumnStandardizer(kind, _CONTEXT)
        assert column.standardize(cells, hints) == expected
        assert column.standardize(cells, hints) == expected  # now that all are remembered
