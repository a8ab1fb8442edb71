"""Excerpts of DuckDB's SQL tests: `path:line: query II | FROM read_csv('…', delim=';') | ---- | 1<TAB>2 | …`.

What DuckDB is told in the statement (delimiter, quote, header, encoding) is told to our reader too. What depends on
types that the statement imposes, or on options that only DuckDB has, states nothing of reading.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_cli.importers import ReadOptions
from tests.importers.stated.model import Case, Check, Seen
from tests.importers.stated.values import as_number, same

__all__ = ["sql_tests"]

# The manifest cuts an excerpt (without its place) at 330 characters: its last row may be a piece of a row.
_CUT_AT = 327
_BREAK = re.compile(r" ;; (?=test/)")
# Functions and clauses that make other rows than those of the file.
_OTHER_ROWS = re.compile(
    r"'(?:JSON|STRUCT\(.*?\))'|group by|where|typeof|union|join|->>|replace\(|like|reject_|\[\'", re.I
)
_TYPED = re.compile(r"columns\s*=|types\s*=|column_types|auto_type_candidates|STRUCT_PACK", re.I)
_LENIENT = re.compile(r"ignore_errors|store_rejects|null_padding|strict_mode|max_line_size|all_varchar", re.I)


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """One statement: its kind, the SQL, and the result's lines."""

    kind: str
    sql: str
    result: list[str]
    complete: bool


def sql_tests(case: Case, seen: Seen) -> Iterator[Check]:
    """Yield a check for every excerpt that says something of the rows, the header or the dialect."""
    if not case.path.startswith("csv/duckdb/"):
        return
    for text in _BREAK.split(case.expected):
        if excerpt := _excerpt(text):
            yield from _checks(excerpt, seen.with_options(_options(excerpt.sql)))


def _excerpt(text: str) -> _Excerpt | None:
    found = re.match(r"test/\S+?:\d+: ((?:query|statement) \w+(?: rowsort)?) \| (.*)", text, re.DOTALL)
    if not found:
        return None
    sql, mark, result = found[2].partition(" | ----")
    lines = [line for line in result.split(" | ") if line] if mark else []
    complete = len(found[0]) - found.start(1) < _CUT_AT
    return _Excerpt(found[1], sql, [line.strip(" ") for line in (lines if complete else lines[:-1])], complete)


def _options(sql: str) -> ReadOptions:
    """Turn what the statement tells DuckDB into what a user would tell us."""
    delimiter = _given(sql, r"(?:delim|sep|delimiter|separator)")
    quote = _given(sql, r"quote")
    header: int | str | None = None
    if re.search(r"\bskip\s*=?\s*[1-9]", sql, re.I):
        pass  # we are told nothing of rows to skip: where the table begins is to be found out
    elif re.search(r"header\s*(?:=|:=)?\s*(?:0|false)\b", sql, re.I) or (
        re.search(r"auto_detect\s*=\s*false|auto_detect false", sql, re.I) and not re.search(r"header", sql, re.I)
    ):
        header = "none"
    return ReadOptions(
        delimiter=(delimiter or "").replace("<TAB>", "\t").replace("\\t", "\t") or None,
        quote=quote or None,
        header=header,  # type: ignore[arg-type]
        encoding=_given(sql, r"encoding") or None,
    )


def _given(sql: str, name: str) -> str | None:
    found = re.search(rf"\b{name}\s*(?:=|:=)?\s*'([^']*)'", sql, re.I)
    return found[1] if found else None


def _checks(excerpt: _Excerpt, seen: Seen) -> Iterator[Check]:
    if excerpt.kind == "statement error":
        if "unicode" in " ".join(excerpt.result).lower() and not _given(excerpt.sql, "encoding"):
            yield Check("bytes that are no UTF-8 are noticed", _notices_bytes(seen))
        return
    if excerpt.kind == "statement maybe":
        yield Check("is read or refused, without a crash", seen.refused is None or bool(seen.refused.message))
    if excerpt.kind == "statement ok":
        yield Check("is read", seen.refused is None)
        return
    if excerpt.kind.startswith("query"):
        yield from _query(excerpt, seen)


def _notices_bytes(seen: Seen) -> bool:
    """Whether the reader says it, row by row, or takes the file for another encoding."""
    read_as = {table.table.understood.encoding for table in seen.tables}
    return seen.refused is not None or any(row.fault for row in seen.rows) or not read_as & {"utf-8", "utf-8-sig"}


def _query(excerpt: _Excerpt, seen: Seen) -> Iterator[Check]:
    sql = excerpt.sql
    if "sniff_csv" in sql or sql.lower().startswith("describe"):
        yield from _sniffed(excerpt, seen)
    elif re.search(r"count\(\s*(?:\*|1)\s*\)\s*from|^(?:copy|insert)\b", sql, re.I) and not re.search(
        "where|group", sql
    ):
        (stated,) = excerpt.result[:1] or [""]
        if stated.isdigit():
            yield Check(f"has {stated} rows", _has_rows(int(stated), excerpt, seen))
    elif (
        (summed := re.search(r"select sum\((\w+)\)", sql, re.I))
        and excerpt.result
        and not _OTHER_ROWS.search(sql + _dropped(sql))
    ):
        yield Check(
            f"{summed[1]} adds up to {excerpt.result[0]}", _sum(seen, summed[1]) == as_number(excerpt.result[0])
        )
    elif grouped := re.match(r"select (\w+), count\(1\) cnt from .* group by \1", sql, re.I):
        yield Check(
            f"so many of each {grouped[1]}",
            _groups(seen, grouped[1]) == {tuple(x.split("<TAB>")) for x in excerpt.result},
        )
    elif not _OTHER_ROWS.search(excerpt.kind + sql) and re.match(r"(?:select \* )?from ", sql, re.I):
        yield from _rows(excerpt, seen)


def _dropped(sql: str) -> str:
    """Say `where` for a statement under which DuckDB drops the rows that are not of its types."""
    return "where" if re.search(r"ignore_errors|store_rejects", sql) else ""


def _has_rows(stated: int, excerpt: _Excerpt, seen: Seen) -> bool:
    """The rows of the file; DuckDB's own COPY counts a header unless it is told of one."""
    header = sum(len(table.table.understood.header_rows) for table in seen.tables)
    plain_copy = excerpt.sql.lower().startswith("copy") and "header" not in excerpt.sql.lower()
    return len(seen.rows) == stated or (plain_copy and len(seen.rows) + header == stated)


def _sum(seen: Seen, column: str) -> float:
    """Add up a column by its name, or the first one where the statement names the columns itself."""
    total = 0.0
    for table in seen.tables[:1]:
        labels = [label.casefold() for label in table.labels]
        place = labels.index(column.casefold()) if column.casefold() in labels else ord(column[0].lower()) - ord("a")
        total += sum(as_number(row.values[place] or "") or 0 for row in table.rows if place < len(row.values))
    return total


def _groups(seen: Seen, column: str) -> set[tuple[str, ...]]:
    """Count the rows by the value of a column."""
    table = seen.tables[0]
    place = table.labels.index(column)
    return {(value, str(count)) for value, count in Counter(row.values[place] or "" for row in table.rows).items()}


def _sniffed(excerpt: _Excerpt, seen: Seen) -> Iterator[Check]:
    understood = seen.tables[0].table.understood if seen.tables else None
    if found := re.match(r"select ((?:\w+,? ?)+) from sniff_csv", excerpt.sql, re.I):
        wanted = [name.strip().lower() for name in found[1].split(",")]
        if set(wanted) <= {"quote", "delimiter"} | {"escape"} and excerpt.result and understood:
            facts = dict(zip(wanted, excerpt.result[0].split("<TAB>"), strict=False))
            facts.pop("escape", None)  # "by doubling" has no character of its own here
            yield Check(f"dialect {facts}", all(getattr(understood, name) == value for name, value in facts.items()))
            return
    if "names" in excerpt.sql or _TYPED.search(excerpt.sql):
        return
    text = " | ".join(excerpt.result)
    names = [_unquoted(name) for name in re.findall(r"\{'name': (.+?), 'type'", text)]
    if excerpt.sql.lower().startswith("describe"):
        names = [line.split("<TAB>")[0] for line in excerpt.result]
    if names and not all(re.fullmatch(r"column\d+", name) for name in names):
        found_labels = seen.tables[0].labels if seen.tables else []
        yield Check(
            f"header {names}", [_bare(label) for label in found_labels[: len(names)]] == list(map(_bare, names))
        )
    elif names:
        yield Check(
            f"{len(names)} columns, no header", bool(seen.tables) and len(seen.tables[0].table.header) == len(names)
        )


def _unquoted(name: str) -> str:
    return re.sub(r"\\'", "'", name[1:-1]).replace("''", "'") if name.startswith("'") else name


def _bare(name: str) -> str:
    return re.sub(r"[^\w]", "", name).casefold()


def _rows(excerpt: _Excerpt, seen: Seen) -> Iterator[Check]:
    nulls = _nulls(excerpt.sql)
    stated = [line.split("<TAB>") for line in excerpt.result]
    found = [[None if (cell or "") in nulls else cell for cell in row.values] for row in seen.rows]
    if "thousands" in excerpt.sql:
        found = [
            [cell.replace(",", "") if cell and as_number(cell) is not None else cell for cell in row] for row in found
        ]
    if re.search(r"order by|rowsort", excerpt.kind + excerpt.sql, re.I):
        holds = all(any(_row_same(row, other) for other in found) for row in stated)
    elif _LENIENT.search(excerpt.sql) or _TYPED.search(excerpt.sql):
        holds = _is_within(stated, found)
    else:
        limited = re.search(r"\blimit (\d+)", excerpt.sql, re.I) is not None or not excerpt.complete
        holds = (
            len(stated) <= len(found) and all(map(_row_same, stated, found)) and (limited or len(stated) == len(found))
        )
    yield Check(f"rows {stated[:3]}"[:160], holds)


def _nulls(sql: str) -> set[str]:
    found = re.search(r"nullstr\s*=\s*(\[[^\]]*\]|'[^']*'|\"[^\"]*\")", sql, re.I)
    return set(re.findall(r"['\"]([^'\"]*)['\"]", found[1])) - {r"\N"} if found else set()  # that one is ours too


def _is_within(stated: Sequence[Sequence[str]], found: Sequence[Sequence[str | None]]) -> bool:
    """Whether the stated rows come in this order, others between them (DuckDB drops what isn't of its types)."""
    rest = iter(found)
    return all(any(_row_same(row, other) for other in rest) for row in stated)


def _row_same(stated: Sequence[str], found: Sequence[str | None]) -> bool:
    padded = [*found, *[None] * (len(stated) - len(found))]
    return all(
        (cell in {"NULL", "(empty)"} and not other) or same(_said(cell), other)
        for cell, other in zip(stated, padded, strict=False)
    ) and not any(padded[len(stated) :])


def _said(cell: str) -> str:
    """A cell of a result without the quotes that mark a text of commas or quotes, its escapes resolved."""
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        cell = cell[1:-1].replace('""', '"')
    return cell.replace("\\0", "")  # NULs are taken off on reading
