"""Files that others made: every one is read, or refused with a reason; what the manifest states of them holds."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from crm_cli.errors import CrmError
from crm_cli.importers import HostileSourceError, ReadError, Source, Table, parse_only, read_tables
from crm_cli.importers.encoding import detect_encoding, known_encoding
from tests.importers.pollock import rows_of, score

pytestmark = pytest.mark.shared

SLOWEST = 20.0


@cache
def manifest(cases: Path) -> list[dict[str, str]]:
    with (cases / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def of_group(cases: Path, *groups: str) -> Iterator[dict[str, str]]:
    return (case for case in manifest(cases) if case["group"] in groups)


def counted(path: Path) -> dict[str, int]:
    return {table.name: sum(1 for _ in table.rows()) for table in read_tables(path)}


@pytest.mark.parametrize(
    "group",
    [
        "access",
        "crm",
        "crm_schema",
        "csv",
        "dbf",
        "encoding",
        "excel",
        "hostile",
        "ldif",
        "legacy_db",
        "messy",
        "vcard",
    ],
)
def test_every_file_is_read_or_refused_with_a_reason(cases: Path, group: str) -> None:
    _read_all(cases, [case for at, case in enumerate(of_group(cases, group)) if group != "excel" or at % 4 == 0])


@pytest.mark.slow
def test_every_workbook_is_read_or_refused_with_a_reason(cases: Path) -> None:
    _read_all(cases, list(of_group(cases, "excel")))


def _read_all(cases: Path, chosen: list[dict[str, str]]) -> None:
    for case in chosen:
        start = time.perf_counter()
        with contextlib.suppress(CrmError):
            counted(cases / case["path"])
        assert time.perf_counter() - start < SLOWEST, case["path"]


def test_ldif_and_vcard_counts(cases: Path) -> None:
    for case in of_group(cases, "ldif", "vcard"):
        if stated := re.match(r"(\d+) (?:dn: records|card\(s\))", case["expected"]):
            assert sum(counted(cases / case["path"]).values()) == int(stated[1]), case["path"]


def test_dbase_counts(cases: Path) -> None:
    live = {"people.dbf": 2, "dbase_83.dbf": 67, "dbase_f5.dbf": 975, "dbase_03_cyrillic.dbf": 2, "calls.dbf": 16}
    for case in of_group(cases, "dbf"):
        if (name := Path(case["path"]).name) in live:
            assert sum(counted(cases / case["path"]).values()) == live[name], name


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("legacy_db/chinook-database/Chinook_MySql.sql", {"Customer": 59, "Employee": 8, "Invoice": 412}),
        ("legacy_db/chinook-database/Chinook_PostgreSql.sql", {"customer": 59, "employee": 8, "invoice": 412}),
        ("legacy_db/northwind-SQLite3/create.sql", {"Customers": 93}),
        ("crm/NPSP/test_data.sql", {"Account": 167, "Contact": 102, "Opportunity": 342}),
        ("crm/NPSP/3_test_data.sql", {"Account": 166, "Contact": 100, "Opportunity": 222}),
        ("crm/dataloader/accountData.csv", {"accountData.csv": 423}),
        ("crm/dataloader/opportunityData.csv", {"opportunityData.csv": 38}),
        ("crm/odoo/res.partner.csv", {"res.partner.csv": 6}),
        ("crm/thunderbird/basic_csv_addressbook.csv", {"basic_csv_addressbook.csv": 2}),
        ("crm/dreamhouse-lwc/contacts-data.json", {"records": 5}),
        ("messy/dedupe-examples/csv_example_messy_input.csv", {"csv_example_messy_input.csv": 3337}),
        ("hostile/generated/huge_dimension_two_cells.xlsx", {"S": 1}),
        ("hostile/generated/field_10MB.csv.gz", {"field_10MB.csv": 2}),
        ("hostile/generated/gb18030.csv", {"gb18030.csv": 3}),
        ("hostile/generated/big5.csv", {"big5.csv": 1}),
        ("hostile/generated/utf16le_as_csv_no_bom.csv", {"utf16le_as_csv_no_bom.csv": 1}),
        ("csv/csvkit/bad_skip_lines.csv", {"bad_skip_lines.csv": 3}),
    ],
)
def test_stated_counts(cases: Path, path: str, expected: dict[str, int]) -> None:
    found = counted(cases / path)
    assert {name: found.get(name) for name in expected} == expected


def test_an_unclosed_quote_is_noticed_and_names_its_line(cases: Path) -> None:
    (table,) = read_tables(cases / "hostile/generated/unclosed_quote_100k_lines.csv.gz")
    assert sum(1 for _ in table.rows()) > 100_000
    assert any("line 2 " in warning for warning in table.understood.warnings)


@pytest.mark.parametrize("name", ["cyclic", "external", "external_file", "quadratic", "xmlbomb"])
def test_xml_attacks_are_refused_quickly(cases: Path, name: str) -> None:
    start = time.perf_counter()
    with pytest.raises(HostileSourceError):
        read_tables(cases / f"hostile/defusedxml/{name}.xml")
    assert time.perf_counter() - start < 2


def test_protected_workbooks_say_so(cases: Path) -> None:
    for name in ("pass_protected.xlsx", "pass_protected.ods"):
        with pytest.raises(ReadError, match="password"):
            read_tables(cases / "excel/calamine" / name)


def test_the_header_below_instructions_is_found(cases: Path) -> None:
    (table,) = read_tables(cases / "crm/NPSP/NPSP_Data_Import_Template_csv.csv")[:1]
    assert table.understood.header_rows[0] in {5, 6}


def test_json_stated_for_plain_csv_files(cases: Path) -> None:
    """Records (or a matrix with its header) as the makers of the files state them."""
    for case in of_group(cases, "csv"):
        stated = cases / case["expected_file"]
        if case["expected_file"].endswith(".json"):
            content = [row for row in json.loads(stated.read_text(encoding="utf-8")) if row != [""]]  # blank rows
            assert _as_stated(read_tables(cases / case["path"]), content) == content, case["path"]


def _as_stated(tables: list[Table], stated: list[object]) -> list[object]:
    (table,) = tables or [None]
    if table is None:
        return []
    rows = [[value or "" for value in row.values] for row in table.rows()]
    if not stated:
        return list(rows)
    if isinstance(stated[0], dict):
        return [dict(zip(table.found_header or [], row, strict=True)) for row in rows]
    return [*([table.found_header] if table.found_header is not None else []), *rows]


def test_encodings_are_recognized(cases: Path) -> None:
    right = [_decodes_alike(cases, case) for case in of_group(cases, "encoding")]
    assert sum(right) >= 42, f"{sum(right)} of {len(right)}"


def _decodes_alike(cases: Path, case: dict[str, str]) -> bool:
    stated = case["expected"].removeprefix("encoding == ").split(" ")[0].lower()
    stated = re.sub(r"^((?:windows|iso-8859)-\d+)-.*", r"\1", stated)
    content = (cases / case["path"]).read_bytes()
    found = detect_encoding(Source.of(cases / case["path"])).name
    readings: set[Callable[[str], str]] = {known_encoding(stated, "ascii"), stated}  # type: ignore[arg-type]
    texts = {_text(content, str(name)) for name in readings}
    return _text(content, found) in texts


def _text(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding, errors="replace").removeprefix("\ufeff")
    except LookupError:
        return f"no codec {encoding}"


@pytest.mark.parametrize(("folder", "least"), [("pollock_polluted", 9.98), ("pollock_survey", 9.4)])
def test_pollock_files_through_parse_only(cases: Path, tmp_path: Path, folder: str, least: float) -> None:
    """The mean score of the files that are here; the whole benchmark has 2,289 and 100."""
    files = [path for path in sorted((cases / "csv" / folder).iterdir()) if ".expected." not in path.name]
    scores = {}
    for done in parse_only(files, tmp_path):
        clean = rows_of(done.source.with_name(f"{done.source.name}.expected.csv"))
        scores[done.source.name] = score(clean, rows_of(done.target), header="no_header" not in done.source.name)
    mean = sum(scores.values()) / len(scores)
    print(f"Pollock, {folder}: {mean:.3f} over {len(scores)} files")
    assert mean >= least, sorted(scores.items(), key=lambda item: item[1])[:5]
