"""Assertions quoted from the tests of other projects: calamine (Rust), POI (Java), messytables (Python)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress

from tests.importers.stated.model import Case, Check, Seen
from tests.importers.stated.values import displays, same

__all__ = ["java_asserts", "python_asserts", "rust_asserts"]

_TEXT = r'"((?:[^"\\]|\\.)*)"'
_RUST_VALUE = rf"(?:String\({_TEXT}|Float\((-?[\d.]+)\))"


def rust_asserts(case: Case, seen: Seen) -> Iterator[Check]:
    """calamine: errors, names of sheets, sizes of ranges, cells by place, texts that must occur."""
    if "calamine tests/" not in case.expected:
        return
    text = case.expected
    if re.search(r"Err\(calamine|is_err\(\)|should fail to parse", text):
        yield from _refusal(text, seen)
        return
    names = _sheet_names(seen)
    for found in re.finditer(r"sheet_names\(\), (?:&|vec!)\[(.*?)\]\)", text):
        stated = re.findall(_TEXT, found[1])
        yield Check(f"sheets {stated}", set(names) <= set(stated))
    for row, _, shown, _ in re.findall(rf"data\.get\(\((\d+), (\d+)\)\), Some\(&{_RUST_VALUE}", text):
        rows = seen.tables[0].rows if seen.tables else []
        yield Check(f"data row {row} holds {shown}", len(rows) > int(row) and shown in rows[int(row)].values)
    for row, _, shown, number in re.findall(
        rf"get_value\(\((\d+), (\d+)\)\)(?:\.unwrap\(\))?, (?:Some\()?&{_RUST_VALUE}", text
    ):
        yield Check(f"row {int(row) + 1} holds {shown or number}", _row_holds(seen, int(row) + 1, shown or number))
    for row, _, shown, number in re.findall(rf"\((\d+), (\d+), (?:Data::)?{_RUST_VALUE}", text):
        yield Check(f"row {int(row) + 1} holds {shown or number}", _row_holds(seen, int(row) + 1, shown or number))
    for shown in re.findall(rf"^.*?Some\(&?(?:Data::)?String\({_TEXT}", text) + re.findall(
        rf"assert_eq!\( Some\(&?(?:Data::)?String\({_TEXT}", text
    ):
        yield Check(f"holds {shown}", _holds(seen, _unescaped(shown)))
    yield from _rust_sheets(text, seen)
    if re.search(r"// should not fail|result\.is_ok\(\)", text):
        yield Check("is read", seen.refused is None)
    if size := re.search(r"get_size\(\), \((\d+), (\d+)\)", text):
        yield Check(f"size {size[1]} × {size[2]}", _size(seen, int(size[1]), int(size[2])))
    if rows := re.search(r"range_a\.rows\(\)\.count\(\), (\d+)", text):
        last = max((row.number for table in seen.tables[:1] for row in table.rows), default=0)
        yield Check(f"{rows[1]} rows", last <= int(rows[1]))


def _rust_sheets(text: str, seen: Seen) -> Iterator[Check]:
    """Check what is said of a workbook as a whole: numbers in it, names and number of sheets, errors."""
    for number in re.findall(r"(?<!Some\(&)Float\((-?[\d.]+)\)", text):
        yield Check(f"holds {number}", _holds(seen, number))
    for name in re.findall(rf"assert_eq!\({_TEXT}, first_sheet_name\)", text):
        yield Check(f"sheet {name}", seen.tables[0].table.name == name)
    for value in re.findall(rf"assert_eq!\({_TEXT}, cell_text\)", text):
        yield Check(f"holds {value}", _holds(seen, value))
    if count := re.search(r"sheet_names\(\)\.len\(\), (\d+)\)", text):
        yield Check(f"at most {count[1]} sheets", len(seen.tables) <= int(count[1]) and not seen.refused)
    for errors in re.findall(r"\[Error\((\w+)\)\]", text):
        yield Check(f"error cell {errors} is told", any("error" in warning for warning in seen.warnings))


def _refusal(text: str, seen: Seen) -> Iterator[Check]:
    if "Password" in text:
        yield Check("refusal names the password", seen.refused is not None and "password" in seen.refused.message)
    elif "ws.len()" in text:  # the sheets that can be read are given, and the error comes for the rest
        yield Check("is refused, or read in part", True)
    else:
        yield Check("is refused", seen.refused is not None)


def _sheet_names(seen: Seen) -> list[str]:
    return [table.table.name for table in seen.tables]


def _row_holds(seen: Seen, row: int, value: str) -> bool:
    value = _unescaped(value)
    if not value:
        return True  # a blank cell: nothing that could be missing
    return any(same(value, cell) for table in seen.tables for cell in table.line(row))


def _holds(seen: Seen, value: str) -> bool:
    return not value.strip() or any(same(value, cell) or value in cell for cell in [*seen.cells(), *seen.titles])


def _size(seen: Seen, rows: int, columns: int) -> bool:
    if not rows:
        return not seen.rows
    return any(len(table.table.header) <= columns and len(table.matrix) <= rows for table in seen.tables)


def _unescaped(text: str) -> str:
    with suppress(ValueError, SyntaxError):
        return str(ast.literal_eval(f'"{text}"'))
    return text


def java_asserts(case: Case, seen: Seen) -> Iterator[Check]:
    """POI: texts that must occur (or must not), cells by place, names and number of sheets, exceptions."""
    if ".java:" not in case.expected or case.group == "hostile":
        return
    for text in case.expected.split(" ;; "):
        yield from _java(case, text, seen)


def _java(case: Case, text: str, seen: Seen) -> Iterator[Check]:
    if re.search(r"encrypt|_protected|protected_", text, re.I) or "assword" in case.path:
        yield Check("refusal names the password", seen.refused is not None and "password" in seen.refused.message)
        return
    if "expect exception here" in text:
        yield Check("is read or refused", True)
        return
    if re.search(r"open\w*\(|getExtractor\(|OldExtractor\(", text) and "assertThrows" not in text:
        yield Check("is read", seen.refused is None)
    shown = " ".join([*seen.cells(), *seen.titles])
    for wanted in re.findall(rf"assertContains\([\w.()]+, {_TEXT}\)", text):
        text_wanted = _unescaped(wanted)
        there = text_wanted in shown or any(displays(text_wanted, cell) for cell in seen.cells())
        yield Check(f"holds {text_wanted}", there)
    for unwanted in re.findall(rf"assertNotContained\(\w+, {_TEXT}\)", text):
        yield Check(f"holds no {unwanted}", unwanted not in shown)
        break  # what follows is of comments that were turned on
    for value, row in re.findall(rf"assertEquals\({_TEXT}, [\w.]+\(0\)\.getRow\((\d+)\)\.getCell\(\d+\)", text):
        yield Check(f"row {int(row) + 1} holds {value}", _row_holds(seen, int(row) + 1, value))
    for value, row in re.findall(rf"assertEquals\({_TEXT}, sheet\.getRow\((\d+)\)\.getCell\(\d+\)\.getString", text):
        yield Check(f"row {int(row) + 1} holds {value}", _row_holds(seen, int(row) + 1, value))
    for name in re.findall(rf"assertEquals\({_TEXT}, wb\.getSheetName\(", text):
        every = {
            *_sheet_names(seen),
            *(name for table in seen.tables for name in table.table.understood.skipped_sheets),
        }
        yield Check(f"sheet {_unescaped(name)}", _unescaped(name) in every or (not seen.rows and not seen.refused))
    if count := re.search(r"assertEquals\((\d+), (?:sheets\.size\(\)|workbook\.getNumberOfSheets\(\))", text):
        yield Check(f"{count[1]} sheets", len(seen.tables) <= int(count[1]) and not seen.refused)


def python_asserts(case: Case, seen: Seen) -> Iterator[Check]:
    """messytables: the number of rows with the header, its width, its first labels, a text that must occur."""
    if not case.expected.startswith("test_read.py:"):
        return
    matrix = seen.tables[0].matrix if seen.tables else [[]]
    if count := re.search(r"assert_equal\((\d+), len\(list\(row_set\)\)\)", case.expected):
        yield Check(f"{count[1]} rows with the header", len(matrix) == int(count[1]))
    if count := re.search(r"assert_equal\((\d+), len\(data\)\)", case.expected):
        yield Check(f"{count[1]} rows", len(matrix) == int(count[1]))
    if width := re.search(r"assert_equal\((\d+), len\(row\)\)", case.expected):
        yield Check(f"{width[1]} columns", {len(row) for row in matrix} == {int(width[1])})
    for place, label in re.findall(r"row\[(\d)\]\.value, '(.*?)'", case.expected):
        yield Check(f"label {label}", matrix[0][int(place) : int(place) + 1] == [label])
    if text := re.search(r'assert "(\w+)" in', case.expected):
        yield Check(f"holds {text[1]}", text[1] in (cell.strip() for cell in seen.cells()))
