"""Statements that are a file: the converted table, records, a dump of rows, the summary of a dBase file."""

from __future__ import annotations

import csv
import json
import re
import struct
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from crm_cli.importers import parse_only
from tests.importers.pollock import rows_of
from tests.importers.stated.model import Case, Check, Seen
from tests.importers.stated.values import displays

__all__ = ["clean_rows", "displayed_csv", "dump_of_rows", "records_as_json", "summary_of_dbase", "true_ids"]


def records_as_json(case: Case, seen: Seen) -> Iterator[Check]:
    """Records, or a matrix with its header, as JSON; a blank row in it stands for a blank line."""
    if not case.expected_file.endswith(".json"):
        return
    stated = [row for row in json.loads(case.stated.read_text(encoding="utf-8")) if row != [""]]
    found: list[object] = []
    for table in seen.tables[:1]:
        found = list(table.matrix)
        if not stated:
            found = list(table.rows)
        elif isinstance(stated[0], dict):
            found = [dict(zip(table.table.found_header or (), row, strict=False)) for row in table.matrix[1:]]
    yield Check("equals the JSON", found == stated)


def clean_rows(case: Case, seen: Seen) -> Iterator[Check]:
    """The annotated clean version of the Pollock benchmark: the same header and rows, in whatever order."""
    if not re.match(r"clean rows|annotated clean version", case.expected):
        return
    with tempfile.TemporaryDirectory() as folder:
        (done,) = parse_only([case.file], folder)
        loaded = rows_of(done.target)
    clean = rows_of(case.stated)
    yield Check("has the header of the clean version", clean[:1] == loaded[:1])
    yield Check("has the rows of the clean version", Counter(map(tuple, clean)) == Counter(map(tuple, loaded)))


def displayed_csv(case: Case, seen: Seen) -> Iterator[Check]:
    """The first sheet as a spreadsheet program saved it: every cell as displayed stands in its row."""
    if "saved to CSV" not in case.expected and "converted CSV" not in case.expected:
        return
    if not case.expected_file:
        return
    if re.search(r"password for", case.expected) and seen.refused:
        yield Check("refusal names the password", "password" in seen.refused.message)
        return
    stated = [row for row in _csv_rows(case.stated) if any(cell.strip() for cell in row)]
    found = [row for table in seen.tables[:1] for row in table.matrix if any(cell.strip() for cell in row)]
    found += [[title] for title in seen.titles]
    missing = [row for row in stated if not any(_row_displays(row, other) for other in found)]
    yield Check(f"{len(missing)} of {len(stated)} rows are not as displayed: {missing[:1]}"[:160], not missing)


_ERROR = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)")


def _csv_rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:  # as Excel saves it in the West
        text = content.decode("cp1252", errors="replace")
    csv.field_size_limit(1 << 30)
    first = text.split("\n", 1)[0]
    return list(csv.reader(text.splitlines(keepends=True), delimiter=max("\t;,", key=first.count)))


def _row_displays(stated: Sequence[str], found: Sequence[str]) -> bool:
    """Whether the filled cells of a row are the displayed ones, in their order; errors are blank by design."""
    wanted = [cell for cell in stated if cell.strip() and not _ERROR.fullmatch(cell)]
    there = [cell for cell in found if cell.strip()]
    return len(wanted) == len(there) and all(map(displays, wanted, there))


def dump_of_rows(case: Case, seen: Seen) -> Iterator[Check]:
    """The printed rows of a parser's own test: `Row 2 (length 5): [1997, Ford, …]`, for the file by its name."""
    if "toString dump" not in case.expected:
        return
    text = case.stated.read_text(encoding="utf-8")
    name = re.escape("/" + case.file.name.replace("__", "/"))
    part = re.search(rf"Data in {name}:\n(.*?)(?=\n(?:Data in|Format detected)|\Z)", text, re.DOTALL)
    if part is None:
        return
    rows = re.findall(r"Row \d+ \(length \d+\): \[(.*?)\]\s*(?=\nRow |\Z)", part[1], re.DOTALL)
    found = [", ".join(cell or "null" for cell in row) for table in seen.tables for row in table.matrix]
    yield Check("has the rows of the dump", [_plain(row) for row in rows] == [_plain(row) for row in found])


def _plain(row: str) -> str:
    return " ".join(row.split())


def summary_of_dbase(case: Case, seen: Seen) -> Iterator[Check]:
    """`Records: 67`, then a table of the fields with their types."""
    if not (stated := re.search(r"\bRecords: (\d+)|records=(\d+)|(\d+) live records (.*?);", case.expected)):
        return
    count = int(stated[1] or stated[2] or stated[3])
    if not stated[3]:
        count -= _deleted(case.file, count)
    yield Check(f"has {count} records that are not deleted", len(seen.rows) == count)
    for fact in re.findall(r"(\w+) (\d{4}-\d\d-\d\d)", stated[4] or ""):
        yield Check(f"holds {fact}", any(set(fact) <= set(row.values) for row in seen.rows))
    if case.expected_file:
        lines = case.stated.read_text(encoding="utf-8").partition("-----")[2].splitlines()[1:]
        names = [line.split()[0] for line in lines if line.split() and line.split()[0] != "_NullFlags"]
        header = seen.tables[0].table.header if seen.tables else []
        yield Check("has the fields of the summary", header == names)


def _deleted(path: Path, count: int) -> int:
    """Count the records whose first byte says that they are deleted: the naive reference."""
    content = path.read_bytes()
    start, length = struct.unpack_from("<HH", content, 8)
    return sum(content[start + at * length : start + at * length + 1] == b"*" for at in range(count))


def true_ids(case: Case, seen: Seen) -> Iterator[Check]:
    """The number of rows of a list whose true identities are known."""
    if stated := re.match(r"(\d+) rows; true_ids", case.expected):
        yield Check(f"has {stated[1]} rows", len(seen.rows) == int(stated[1]))
        header = [label.casefold() for table in seen.tables for label in table.labels]
        with case.stated.open(encoding="utf-8", newline="") as stream:
            ids = {row["Id"] for row in csv.DictReader(stream) if "Id" in row}
        place = header.index("id") if "id" in header else None
        if ids and place is not None:
            yield Check("has every known Id", ids == {row.values[place] for row in seen.rows})
