"""An export agrees with its own database whatever it holds, and the engine finds what dictionaries find."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import Entity, Field, SemanticType
from crm_cli.exporters import UnfitValueError
from crm_cli.history import operation
from crm_cli.importers.mapping import ColumnMap, Mapping
from crm_cli.jobs.exporting import export_records
from crm_cli.jobs.reconciling import Part
from crm_cli.store import Store
from tests.jobs.reconciling.helpers import MARIA, counts, differences, reconciled

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
_WORDS = st.sampled_from(
    ["n/a", "=1+2", "'=x", "0049 30 1234", "-", "unknown", "ANN", "de la Cruz", "1,234", "[red]x[/]"]
)
_SHORT = st.one_of(_TEXT, _WORDS)
_VALUES: dict[SemanticType, st.SearchStrategy[Any]] = {
    SemanticType.DATE: st.dates(date(1800, 1, 1), date(2100, 1, 1)),
    SemanticType.TIMESTAMP: st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    SemanticType.MONEY: st.integers(-(10**15), 10**15),
    SemanticType.INTEGER: st.integers(-(2**31), 2**31 - 1),
    SemanticType.NUMBER: st.floats(-1e12, 1e12),
    SemanticType.BOOLEAN: st.booleans(),
    SemanticType.CURRENCY: st.sampled_from(["EUR", "USD", "JPY", "KWD"]),
    SemanticType.NOTE: st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
}
_CITY = st.one_of(st.none(), _SHORT)
_POINTS = st.fixed_dictionaries(
    {"email_address": st.lists(_SHORT, max_size=2), "phone_number": st.lists(_SHORT, max_size=2), "city": _CITY,
     "street": _CITY, "country": st.sampled_from([None, "DE", "US", "XX"])}
)  # fmt: skip


def _strategy(one: Field) -> st.SearchStrategy[Any]:
    if one.values:
        return st.sampled_from(one.values)
    return _VALUES.get(one.type, _SHORT)


def _rows(entity: Entity) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields = [one for one in entity.fields if one.reference is None and one.type is not SemanticType.JSON]
    needed = {one.name: _strategy(one) for one in fields if one.required}
    more = {one.name: st.none() | _strategy(one) for one in fields if not one.required and not one.unique}
    record = st.fixed_dictionaries(needed, optional=more)
    return st.lists(st.tuples(record, _POINTS).map(lambda both: {**both[0], "points": both[1]}), max_size=4)


def _insert(store: Store, entity: Entity, rows: list[dict[str, Any]]) -> None:
    with operation(store, "add", MARIA) as op:
        ids = op.insert(entity.name, [{name: value for name, value in row.items() if name != "points"} for row in rows])
        for number, row in zip(ids, rows, strict=True):
            points = row["points"]
            for detail in ("email_address", "phone_number"):
                made = [
                    {"party_id": number, "value": text, "standard": text, "is_primary": place == 0, "kind": kind}
                    for place, (text, kind) in enumerate(zip(points[detail], ("work", "home"), strict=False))
                ]
                op.insert(detail, made)
            address = {name: points[name] for name in ("street", "city", "country")}
            if any(address.values()):
                op.insert("postal_address", [{"party_id": number, **address, "standard": "x", "is_primary": True}])


def _emptied(store: Store) -> None:
    with store.write() as connection:
        for name in ("email_address", "phone_number", "postal_address", "contact", "account", "party"):
            connection.execute(sa.delete(store.table(name)))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), noun=st.sampled_from(["contact", "account"]), form=st.sampled_from(["csv", "jsonl"]))
def test_an_export_agrees_with_its_own_database(store: Store, data: st.DataObject, noun: str, form: str) -> None:
    _emptied(store)
    entity = store.dictionary.entity(noun)
    rows = data.draw(_rows(entity))
    assume(form != "csv" or not re.search(r"\"'+[=+\-@\t\r\n]", json.dumps(rows, default=str)))  # CSV has its own guard
    _insert(store, entity, rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"all.{form}")
        try:
            written = export_records(store, noun, path)
        except UnfitValueError:
            return
        if not written.rows:
            return
        with reconciled(store, path, entity=noun) as found:
            assert differences(found) == []
            assert found.agrees, counts(found)
            assert found.there == {"same": written.rows}
            assert all(one.difference == 0 for one in found.sums)


_EMAILS = st.sampled_from([None, "a@x.example", "A@X.example", "b@x.example", "c@x.example", "d@x.example"])
_SIDE = st.lists(
    st.tuples(_EMAILS, st.sampled_from([None, "Smith", "Jones", "SMITH"]), st.sampled_from([None, "Berlin", "Bonn"])),
    min_size=1, max_size=8,
)  # fmt: skip
MAPPING = Mapping(
    ("contact",),
    (ColumnMap("E-Mail", "email"), ColumnMap("Surname", "family_name"), ColumnMap("City", "city")),
)
Row = tuple[str | None, str | None, str | None]


def _by_dictionaries(ours: list[Row], theirs: list[Row]) -> tuple[dict[str, int], dict[str, int], Counter[str]]:
    """What each row and record is, and the differences by field and kind, found naively."""
    here: dict[str, list[Row]] = defaultdict(list)
    there: dict[str, list[Row]] = defaultdict(list)
    for rows, found in ((ours, here), (theirs, there)):
        for row in rows:
            if row[0]:
                found[row[0].casefold()].append(row)
    rows_are: Counter[str] = Counter()
    records_are: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for key in {*here, *there}:
        mine, others = here[key], there[key]
        if len(mine) > 1 or len(others) > 1:
            rows_are["ambiguous"] += len(others)
            records_are["ambiguous"] += len(mine)
        elif not mine:
            rows_are["missing-here"] += 1
        elif not others:
            records_are["missing-there"] += 1
        else:
            kinds = [_kind(one, other) for one, other in zip(mine[0][1:], others[0][1:], strict=True)]
            fields.update(f"{name} {kind}" for name, kind in zip(("family_name", "city"), kinds, strict=True) if kind)
            rows_are["differing" if any(kinds) else "same"] += 1
            records_are["matched"] += 1
    rows_are["blank-key"] = sum(row[0] is None for row in theirs)
    records_are["blank-key"] = sum(row[0] is None for row in ours)
    return dict(+rows_are), dict(+records_are), fields


def _kind(one: str | None, other: str | None) -> str:
    if (one or "").casefold() == (other or "").casefold():
        return ""
    return "blank-here" if one is None else "blank-there" if other is None else "differing"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ours=_SIDE, theirs=_SIDE)
def test_the_engine_finds_what_dictionaries_find(store: Store, ours: list[Row], theirs: list[Row]) -> None:
    _emptied(store)
    with operation(store, "add", MARIA) as op:
        ids = op.insert("contact", [{"family_name": name, "company": "Acme"} for _, name, _ in ours])
        for number, (email, _, city) in zip(ids, ours, strict=True):
            if email:
                op.insert(
                    "email_address", [{"party_id": number, "value": email, "standard": email, "is_primary": True}]
                )
            if city:
                op.insert("postal_address", [{"party_id": number, "city": city, "standard": city, "is_primary": True}])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "erp.csv")
        with path.open("w", newline="", encoding="utf-8") as stream:
            numbered = [[str(number), *row] for number, row in enumerate(theirs, start=1)]
            csv.writer(stream).writerows([["No", "E-Mail", "Surname", "City"], *numbered])
        with reconciled(store, path, "email", fields=("family_name", "city"), mapping=MAPPING) as found:
            rows_are, records_are, fields = _by_dictionaries(ours, theirs)
            assert found.there == rows_are
            assert found.here == records_are
            assert Counter(f"{one.field} {one.kind}" for one in found.differences()) == fields
            assert found.agrees == (set(rows_are) <= {"same"} and set(records_are) <= {"matched"})
            assert sum(1 for part in Part for _ in found.wholes(part)) >= len(theirs)
