"""Statements in words: counts, encodings, dialects, refusals, faults. One small rule a form of words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crm_cli.importers import HostileSourceError, Source
from crm_cli.importers.encoding import detect_encoding, known_encoding
from tests.importers.stated.model import Case, Check, Seen
from tests.importers.stated.values import same

__all__ = [
    "cards",
    "counts",
    "dialect",
    "encoding",
    "entries",
    "names_and_values",
    "opens",
    "tables_by_name",
]

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "vslash": "|"}
_QUOTES = {"doublequote": '"', "singlequote": "'"}
_VCARD_LABELS = {
    "FN": ("Full Name", "Formatted Name"),
    "EMAIL": ("Email",),
    "TEL": ("Phone", "Mobile", "Fax", "Pager"),
    "ORG": ("Organization", "Company"),
}


def opens(case: Case, seen: Seen) -> Iterator[Check]:
    """`must open`, `must load without error`, `opens`, `ok`, `validates with no error`."""
    if re.search(
        r"^must (?:open|load)|\(opens\)|^ok$|validates with no error|errors counted, not aborted", case.expected
    ):
        harmless = case.expected == "ok"  # said of an XML file among attacks: no attack, if no table either
        yield Check("is read", seen.refused is None or (harmless and not isinstance(seen.refused, HostileSourceError)))


def encoding(case: Case, seen: Seen) -> Iterator[Check]:
    """`encoding == Big5`: the text as we decode it is the text under that name, or under its superset."""
    if not (stated := re.match(r"encoding == (\S+)", case.expected)):
        return
    name = re.sub(r"^((?:windows|iso-8859)-\d+)-.*", r"\1", stated[1].lower())
    content = case.file.read_bytes()
    found = detect_encoding(Source.of(case.file)).name
    yield Check(f"decodes as {name}", _text(content, found) in {_text(content, name), _text(content, _superset(name))})


def _superset(name: str) -> str:
    return known_encoding(name, "ascii")


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode(name, errors="replace").removeprefix("\ufeff")
    except LookupError:
        return f"no codec {name}"


def dialect(case: Case, seen: Seen) -> Iterator[Check]:
    """`encoding utf8, delimiter vslash, quote doublequote, escape , eol lf`."""
    stated = re.match(r"encoding (\w+), delimiter (\w+), quote (\w+)", case.expected)
    if not stated:
        return
    understood = seen.tables[0].table.understood if seen.tables else None
    yield Check(f"delimiter {stated[2]}", understood is not None and understood.delimiter == _DELIMITERS[stated[2]])
    quote = _QUOTES[stated[3]]
    unquoted = quote not in case.file.read_text(encoding="utf-8", errors="replace")
    yield Check(f"quote {stated[3]}", understood is not None and (understood.quote == quote or unquoted))
    name = understood.encoding if understood else ""
    yield Check(f"encoding {stated[1]}", (name or "").replace("-", "").removesuffix("sig") == stated[1])


def counts(case: Case, seen: Seen) -> Iterator[Check]:
    """`423 accounts x 38 columns`, `3 records`, `2 physical data lines`, `2 contacts: John Doe <…>`."""
    text = case.expected
    if size := re.match(r"(\d+) \w+ x (\d+) columns", text):
        yield Check(f"{size[1]} rows", len(seen.rows) == int(size[1]))
        yield Check(f"{size[2]} columns", bool(seen.tables) and len(seen.tables[0].table.header) == int(size[2]))
    elif count := re.match(r"(\d+) (?:records|contacts|partner rows|row\b|rows\b(?! \w+/))", text):
        if not re.match(r"0 rows|\d+ rows? (?:decoded|Zo)", text):
            yield Check(f"{count[1]} rows", len(seen.rows) == int(count[1]))
    elif count := re.match(r"(\d+) header\+(\d+) row", text):
        yield Check(f"{count[1]} header", bool(seen.tables and seen.tables[0].labels))
        yield Check(f"{count[2]} rows", len(seen.rows) == int(count[2]))
    elif count := re.match(r"(\d+) physical data lines", text):
        yield Check(f"{count[1]} physical lines", _physical_lines(seen) == int(count[1]))
    for given, family, email in re.findall(r"(\w+) (\w+) <(\S+?@\S+?)>", text):
        yield Check(
            f"{given} {family} has {email}", any(_holds_all(row.values, (given, family, email)) for row in seen.rows)
        )


def _holds_all(values: list[str | None], texts: tuple[str, ...]) -> bool:
    shown = " ".join(value or "" for value in values)
    return all(text in shown for text in texts)


def _physical_lines(seen: Seen) -> int:
    """Rows counted by the lines that they take: a line end inside a cell makes a further one."""
    return sum(1 + sum((value or "").replace("\r\n", "\n").count("\n") for value in row.values) for row in seen.rows)


def tables_by_name(case: Case, seen: Seen) -> Iterator[Check]:
    """`rows: Opportunity 222, Account 166`, `Customer 59, Employee 8, Invoice 412 rows`, `mdb-count: DateTest 6`."""
    if case.group not in {"crm", "legacy_db", "access"}:
        return
    body = re.sub(r"\(.*?\)", "", case.expected)
    found = {table.table.name.casefold(): len(table.rows) for table in seen.tables}
    pairs = (
        re.findall(r"(\w+?) (\d+)(?= rows| *,|$)", body) if re.match(r"rows:|mdb-count:|.*\w+ \d+ rows", body) else []
    )
    for name, count in pairs:
        if name.lower() not in {"access", "97"}:
            yield Check(f"{name} {count} rows", found.get(name.casefold()) == int(count))
    if case.group == "access" and not pairs and (total := re.search(r", (\d+) rows?\b", body)):
        yield Check(
            f"a table of {total[1]} rows", int(total[1]) in found.values() or sum(found.values()) == int(total[1])
        )
    for names in re.findall(r"non-ASCII names \((.*?)\)", case.expected):
        for name in names.split(", "):
            yield Check(f"holds {name}", any(_holds_all(row.values, (name,)) for row in seen.rows))


def cards(case: Case, seen: Seen) -> Iterator[Check]:
    """`1 card(s); raw property counts FN 1, N 1, EMAIL 0, TEL 2, …; first FN line(s): ['FN:John Doe']`."""
    stated = re.match(
        r"(\d+) card\(s\); raw property counts (.*?); first FN line\(s\): (\[.*?\])(?:;|$)", case.expected
    )
    if not stated:
        return
    yield Check(f"{stated[1]} cards", len(seen.rows) == int(stated[1]))
    for name, count in re.findall(r"(EMAIL|TEL|ORG) (\d+)", stated[2]):
        if name == "ORG":
            continue
        yield Check(
            f"{count} {name}",
            _property_count(seen, name) >= min(int(count), 1) and _property_count(seen, name) <= int(count),
        )
    for line in re.findall(r"'FN(?:;[^:']*)?:(.*?)'", stated[3]):
        shown = line.replace("\\\\,", ",")
        if "\\x" not in shown:
            yield Check(f"holds {shown}", any(same(shown, cell) for cell in seen.cells()))


def _property_count(seen: Seen, name: str) -> int:
    """The filled cells under the columns of a property."""
    labels = _VCARD_LABELS[name]
    filled = 0
    for table in seen.tables:
        places = [at for at, label in enumerate(table.table.header) if label.startswith(labels)]
        filled += sum(1 for row in table.rows for at in places if row.values[at])
    return filled


def entries(case: Case, seen: Seen) -> Iterator[Check]:
    """`157 dn: records` of LDIF."""
    if stated := re.match(r"(\d+) dn: records", case.expected):
        yield Check(f"{stated[1]} entries", len(seen.rows) == int(stated[1]))


def names_and_values(case: Case, seen: Seen) -> Iterator[Check]:
    """Labels that are named in capitals, and a number of rows in words of a spreadsheet's description."""
    if found := re.match(r"((?:[A-Z]+,)+[A-Z]+) account rows", case.expected):
        labels = [label.upper() for table in seen.tables for label in table.labels]
        yield Check(f"labels {found[1]}", labels == found[1].split(","))
    if found := re.match(r"(\d+) rows ((?:\w+/)+\w+)$", case.expected):
        labels = [label.casefold() for table in seen.tables for label in table.labels]
        yield Check(f"{found[1]} rows with the header", len(seen.tables[0].matrix) == int(found[1]))
        yield Check(
            f"labels {found[2]}",
            [label.rstrip("s") for label in labels] == [word.rstrip("s") for word in found[2].split("/")],
        )
    if "floating 274.65999999999997" in case.tests:
        yield Check("holds 274.66", "274.66" in set(seen.cells()))
