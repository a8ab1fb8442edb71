"""Statements in words on the shape and the faults of a file: what must be told, refused, kept. A rule a source."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator

from crm_cli.importers import ReadOptions, Source
from crm_cli.importers.encoding import detect_encoding
from tests.importers.stated.model import Case, Check, Seen

__all__ = ["described", "faults", "hostile", "rows_accounted_for"]


def faults(case: Case, seen: Seen) -> Iterator[Check]:
    """What must be reported, and what must not shift: malformed rows, bytes, quotes, titles, duplicates."""
    text = f"{case.tests} {case.expected}"
    noted = [row for row in seen.rows if row.fault or row.repaired]
    if "malformed on purpose" in text:
        yield Check("the malformed row is reported", bool(noted or seen.refused or seen.warnings))
    if wrong := re.search(r"rows ([\d,]+) have wrong length \((\d+) good row", text):
        yield Check("rows of the wrong length are reported", len(noted) == len(wrong[1].split(",")))
        yield Check("the good rows are plain", len(seen.rows) - len(noted) == int(wrong[2]))
    if "unterminated quote" in text:
        yield Check("the open quote is noticed", bool(noted or seen.warnings or seen.refused))
    if re.search(r"invalid_encoding|non-UTF8|latin-1 bytes|invalid UTF-8", text):
        yield Check("all bytes are letters, or their rows faulty", _letters_or_faulty(seen))
    if "iso-8859-7" in text and case.group == "csv":
        content = case.file.read_bytes()
        name = detect_encoding(Source.of(case.file)).name
        yield Check("decodes as iso-8859-7", content.decode(name, "replace") == content.decode("iso8859-7", "replace"))
    if "NUL byte" in text:
        yield Check(
            "no NUL is left", not any("\0" in cell for cell in seen.cells()) and bool(seen.warnings or seen.refused)
        )
    if "title_row" in text or "header must be found" in text:
        lines = [int(line) for line in re.findall(r"row (\d+) \(or (\d+)\)", text)[0]] if "header must" in text else []
        header = seen.tables[0].table.understood.header_rows if seen.tables else []
        yield Check(
            "the header is found below the title", bool(header) and header[0] > 1 and (not lines or header[0] in lines)
        )
    if "duplicate header" in text or "duplicate-label" in text or "dup_headers" in case.path:
        header = seen.tables[0].table.header if seen.tables else []
        yield Check("repeated labels are told apart", len({name.casefold() for name in header}) == len(header) > 0)
    if re.search(r"missing-cell|extra-cell|structure errors", text):
        yield Check("rows of another width are reported", bool(noted))
    if "occurs twice" in text:
        yield Check("repeated labels are told apart", any(name.endswith("_2") for name in seen.tables[0].table.header))
    if "csvq: no header" in text:
        yield Check("no header is taken from the data", bool(seen.tables) and seen.tables[0].table.found_header is None)


def described(case: Case, seen: Seen) -> Iterator[Check]:
    """What the description of a file in csvkit, frictionless, messytables or CiviCRM says of its shape."""
    yield from _csvkit(case, seen)
    text, rows = case.tests, seen.rows
    if "doubled quotes" in case.expected:
        cells = set(seen.cells())
        yield Check("quotes are single", any('"' in cell for cell in cells) and not any('""' in cell for cell in cells))
    if "very wide table" in case.expected:
        with case.file.open(encoding="utf-8") as stream:
            width = stream.readline().count(",") + 1
        yield Check(f"{width} columns", bool(seen.tables) and len(seen.tables[0].table.header) == width)
    if text.startswith("messytables:"):
        protected = "read-protected" in text
        yield Check("is read", protected or seen.refused is None)
    if "unicode sheet name" in text:
        yield Check("the sheet's name", any(not table.table.name.isascii() for table in seen.tables))
    if valid := re.search(r"VALID (\d+)(?:, ERROR (\d+))?", case.expected):
        count = int(valid[1]) + int(valid[2] or 0)
        yield Check(f"{count} rows", len(rows) == count)
    labels = {label.casefold() for table in seen.tables for label in table.labels}
    for label in re.findall(r"per-row `(\w+)` column|original columns \+ (ERROR) / (ID)", case.expected):
        yield Check(f"labels {label}", any(part.casefold() in labels for part in label if part))
    if case.expected.startswith("records/attributes/referenceId"):
        yield Check("labels attributes", any("referenceid" in label for label in labels))


def _csvkit(case: Case, seen: Seen) -> Iterator[Check]:
    text, rows = case.tests, seen.rows
    understood = seen.tables[0].table.understood if seen.tables else None
    if text.startswith("csvkit:") and case.group == "csv":
        yield from _every_word(case, seen)
    if "CR newlines" in text:
        naive = list(csv.reader(case.file.read_bytes().decode().replace("\r", "\n").splitlines(keepends=True)))
        yield Check("a row a carriage return", len(rows) + 1 == len(naive))
    if text.startswith("csvkit:") and "preamble" in text:
        yield Check("rows above the table are told apart", understood is not None and understood.header_rows[0] > 1)
    if "short row" in text:
        yield Check("the short row is told", any(row.repaired or row.fault for row in rows))
    if "more header cells" in text:
        yield Check("every label is kept", bool(seen.tables) and len(seen.tables[0].labels) >= len(rows[0].values))


def _letters_or_faulty(seen: Seen) -> bool:
    return seen.refused is None and all(
        "\ufffd" not in (value or "") or row.fault for row in seen.rows for value in row.values
    )


def rows_accounted_for(case: Case, seen: Seen) -> Iterator[Check]:
    """`must not crash/hang, rows accounted for`: every word of the file is in a cell, or what was left out is named."""
    if "rows accounted for" not in case.expected:
        return
    if seen.refused:
        yield Check("refusal has a reason", bool(seen.refused.message))
        return
    yield from _every_word(case, seen)


def _every_word(case: Case, seen: Seen) -> Iterator[Check]:
    text = case.file.read_bytes().decode(_read_as(seen), errors="replace").replace("\0", "")
    words = Counter(re.findall(r"\w+", text))
    shown = Counter(re.findall(r"\w+", " ".join([*seen.cells(), *seen.warnings])))
    preamble = any(table.table.understood.preamble_rows for table in seen.tables)
    lost = words - shown
    yield Check(f"lost {list(lost)[:5]}", not lost or preamble or not _has_values(case))


def _read_as(seen: Seen) -> str:
    return next((table.table.understood.encoding or "utf-8" for table in seen.tables), "utf-8")


def _has_values(case: Case) -> bool:
    return bool(case.file.read_bytes().strip())


def hostile(case: Case, seen: Seen) -> Iterator[Check]:
    """`must be refused`, `clean error or partial read`, `exactly 1 data row`, `3 rows decoded`, `naming line 2`."""
    text = case.expected
    if text.startswith("must be refused"):
        yield Check("is refused", seen.refused is not None)
    if text.startswith("clean error or partial read") or "refuse" in text or "refused by" in text:
        yield Check("is read, or refused with a reason", seen.refused is None or bool(seen.refused.message))
    if stated := re.match(r"exactly (\d+) data row", text):
        yield Check(f"{stated[1]} rows", len(seen.rows) == int(stated[1]))
    if stated := re.match(r"(\d+) rows? decoded", text):
        yield Check(f"{stated[1]} rows", len(seen.rows) == int(stated[1]))
        yield Check("every letter is known", not any("\ufffd" in cell for cell in seen.cells()))
    if "error naming line" in text:
        (line,) = re.findall(r"naming line (\d+)", text)
        yield Check(f"line {line} is named", any(f"line {line} " in warning for warning in seen.warnings))
    if "both rows" in text:
        yield Check("both rows", len(seen.rows) == 2)
    if "row Zoë" in text:
        yield Check("Zoë, or an error of encoding", "Zoë" in " ".join(seen.cells()) or seen.refused is not None)
    if text.startswith("0 rows, clear message"):
        yield Check("no row", not seen.rows)
    if "byte-identical" in text:
        yield Check("every line is a cell", _every_line(case, seen))
    if "original kept" in text:
        yield Check(
            "invisible characters are kept",
            any(re.search("[\u200b-\u200f\u202a-\u202e]", cell) for cell in seen.cells()),
        )
    if "ish strings" in text:
        yield Check("is read", seen.refused is None and len(seen.rows) > 500)


def _every_line(case: Case, seen: Seen) -> bool:
    """Read as what it is, a list of one column; the line ends are no part of the strings."""
    one_column = seen.with_options(ReadOptions(delimiter="\ue010", quote="\ue011", header="none"))
    cells = set(one_column.cells())
    lines = [line for line in case.file.read_bytes().decode().split("\n") if line.strip()]
    return all(line in cells for line in lines)
