"""Cutting SQL text into statements and INSERTs into rows, as dumps of MySQL, PostgreSQL and SQLite need it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from crm_cli.importers.faults import ReadError

__all__ = ["column_names", "insert_head", "statements", "table_name", "tuples"]

_CHUNK = 1 << 20
_MOST = 256 << 20
_MARK = re.compile(r"'|\"|`|;|--(?=[\s-])|#|/\*|\$[A-Za-z_]*\$")
_NAME = r"(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|[\w$]+)"
_QUALIFIED = rf"(?P<table>{_NAME}(?:\s*\.\s*{_NAME})*)"
_INSERT = re.compile(
    rf"\s*(?:INSERT|REPLACE)\s+(?:IGNORE\s+|OR\s+\w+\s+)?(?:INTO\s+)?{_QUALIFIED}\s*(?:\((?P<columns>[^()]*)\)\s*)?VALUES?\s*",
    re.IGNORECASE,
)
_CREATE = re.compile(rf"\s*CREATE\s+(?:\w+\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_QUALIFIED}\s*\(", re.IGNORECASE)
_NO_COLUMN = re.compile(
    r"(?:PRIMARY|KEY|UNIQUE|CONSTRAINT|INDEX|FOREIGN|CHECK|FULLTEXT|SPATIAL|EXCLUDE|LIKE|PERIOD)\b", re.IGNORECASE
)
_STRING = {
    True: r"'(?:[^'\\]|\\.|'')*'",
    False: r"'(?:[^']|'')*'",
}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "", "Z": "\x1a", "b": "\b"}


def statements(stream: TextIO, *, backslashes: bool) -> Iterator[tuple[int, str]]:
    """Yield (offset in characters, statement without its end); the data of a COPY belong to its statement."""
    buffer, offset, size, ended = "", 0, _CHUNK, False
    while True:
        end = _end_of_statement(buffer, backslashes=backslashes)
        if end < 0 and not ended:
            if len(buffer) > _MOST:
                raise ReadError("a statement of the dump does not end", hint="is it a text dump of a database?")
            chunk = stream.read(size)
            buffer, size, ended = buffer + chunk, max(size, len(buffer)), not chunk
            continue
        if end < 0:
            if buffer.strip():
                yield offset, buffer
            return
        yield offset, buffer[:end]
        buffer, offset, size = buffer[end + 1 :], offset + end + 1, _CHUNK


def _end_of_statement(text: str, *, backslashes: bool) -> int:
    """Return the place of the semicolon that ends the first statement, or -1."""
    string = re.compile(_STRING[backslashes], re.DOTALL)
    at = 0
    while found := _MARK.search(text, at):
        mark, start = found[0], found.start()
        if mark == ";":
            return _after_copy(text, start)
        end = _after(text, mark, start, string)
        if end < 0:
            return -1
        at = end
    return -1


def _after_copy(text: str, semicolon: int) -> int:
    """Return the end of the data where the statement is a COPY, else the semicolon."""
    if not re.search(r"^\s*COPY\b[^;]*FROM\s+stdin", text[:semicolon], re.IGNORECASE | re.MULTILINE):
        return semicolon
    end = text.find("\n\\.", semicolon)
    return end + 2 if end >= 0 else -1


def _after(text: str, mark: str, start: int, string: re.Pattern[str]) -> int:
    """Return where the string, name or comment that begins at `start` ends, or -1 if it doesn't."""
    if mark == "'":
        found = string.match(text, start)
        return found.end() if found else -1
    if mark in {"--", "#"}:
        end = text.find("\n", start)
        return end + 1 if end >= 0 else -1
    closing = "*/" if mark == "/*" else mark
    end = text.find(closing, start + len(mark))
    return end + len(closing) if end >= 0 else -1


def table_name(qualified: str) -> str:
    """Return the last part of a qualified name without its quotes."""
    return _unquoted(re.findall(_NAME, qualified)[-1])


def _unquoted(name: str) -> str:
    text = name.strip()
    if text[:1] in {"`", '"'}:
        return text[1:-1].replace(text[0] * 2, text[0])
    return text[1:-1] if text.startswith("[") else text


def insert_head(statement: str) -> tuple[str, list[str], int] | None:
    """Return (table, columns it names, where its rows begin) of an INSERT, or None for any other statement."""
    found = _INSERT.match(statement, _without_comments(statement))
    if found is None:
        return None
    names = [_unquoted(part) for part in re.findall(_NAME, found["columns"] or "")]
    return table_name(found["table"]), names, found.end()


def _without_comments(statement: str) -> int:
    """Return where the statement begins after leading comments."""
    found = re.match(r"(?:\s+|--[^\n]*\n|#[^\n]*\n|/\*.*?\*/)*", statement, re.DOTALL)
    return found.end() if found else 0


def column_names(statement: str) -> tuple[str, list[str]] | None:
    """Return (table, columns) of a CREATE TABLE, or None for any other statement."""
    found = _CREATE.match(statement, _without_comments(statement))
    if found is None:
        return None
    names = []
    for part in _top_level_parts(statement[found.end() :]):
        plain = part[_without_comments(part) :]
        name = re.match(_NAME, plain)
        if name and not _NO_COLUMN.match(plain):
            names.append(_unquoted(name[0]))
    return table_name(found["table"]), names


def _top_level_parts(body: str) -> Iterator[str]:
    """Split the body of a CREATE TABLE at the commas outside parentheses and quotes, up to its closing parenthesis."""
    depth, start = 0, 0
    for found in re.finditer(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|[(),]", body, re.DOTALL):
        mark = found[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            if depth == 0:
                yield body[start : found.start()]
                return
            depth -= 1
        elif mark == "," and depth == 0:
            yield body[start : found.start()]
            start = found.end()


def tuples(statement: str, start: int, *, backslashes: bool) -> Iterator[list[str | None]]:
    """Yield the rows of `VALUES (…), (…)` from `start` on."""
    value = re.compile(
        rf"\s*(?:(?P<null>NULL\b)|(?P<kind>N|E|_\w+\s*|[xXbB])?(?P<text>{_STRING[backslashes]})"
        r"|0x(?P<hex>[0-9A-Fa-f]+)|(?P<plain>[^,()']*)(?P<call>\()?)",
        re.IGNORECASE | re.DOTALL,
    )
    at, opening = start, re.compile(r"[\s,]*\(")
    while found := opening.match(statement, at):
        row: list[str | None] = []
        at = found.end()
        while item := value.match(statement, at):
            at = item.end()
            if item["call"]:
                at = _closing(statement, at)
                row.append(_argument(statement[item.start() : at]))
            else:
                row.append(_value(item, backslashes=backslashes))
            at = _skip_to_mark(statement, at)
            if statement[at : at + 1] != ",":
                break
            at += 1
        at += 1
        yield row


def _skip_to_mark(text: str, at: int) -> int:
    """Pass casts (`::text`) and blanks after a value."""
    while at < len(text) and text[at] not in ",)":
        at += 1
    return at


def _closing(text: str, at: int) -> int:
    depth = 1
    for found in re.compile(r"'(?:[^']|'')*'|[()]", re.DOTALL).finditer(text, at):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text)


def _argument(call: str) -> str | None:
    """Return the first text inside a call such as CAST('2020-01-01' AS date) or str_to_date('…', '…')."""
    found = re.search(r"'((?:[^']|'')*)'", call)
    return found[1].replace("''", "'") if found else call.strip()


def _value(item: re.Match[str], *, backslashes: bool) -> str | None:
    if item["text"] is not None:
        kind = (item["kind"] or "").strip().lower()
        text = item["text"][1:-1].replace("''", "'")
        if kind == "x":
            return _hex(text)
        if (backslashes or kind == "e") and "\\" in text:
            text = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)
        return text.replace("\0", "") or None
    if item["null"]:
        return None
    if item["hex"]:
        return _hex(item["hex"])
    plain = (item["plain"] or "").strip()
    return {"true": "TRUE", "false": "FALSE", "": None}.get(plain.lower(), plain)


def _hex(digits: str) -> str | None:
    """Return bytes written in hex as text; pictures are no text."""
    try:
        text = bytes.fromhex(digits).decode("utf-8")
    except ValueError:
        return None
    return text if text.isprintable() and text else None
