"""LDAP Data Interchange Format (RFC 2849): one record a block, folded lines, base64 values."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from functools import partial

from crm_cli.importers.encoding import Encoding, detect_encoding
from crm_cli.importers.interface import Importer
from crm_cli.importers.keyed import KeyedRecord, add_value, keyed_table
from crm_cli.importers.model import ReadOptions, Table, Understood
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import bounded_lines, open_text

__all__ = ["Ldif"]

_Line = tuple[int, str]


class Ldif(Importer):
    """Directory entries; change records other than additions are faulty rows."""

    name = "ldif"
    suffixes = (".ldif", ".ldf")

    def recognizes(self, head: bytes, name: str) -> bool:
        """Recognize `dn:` or `version:` as the first line that is no comment."""
        lines = (line.strip().lower() for line in head.removeprefix(b"\xef\xbb\xbf").splitlines())
        first = next((line for line in lines if line and not line.startswith(b"#")), b"")
        if first.startswith(b"version:"):
            first = next((line for line in lines if line and not line.startswith(b"#")), b"dn:")
        return first.startswith(b"dn:") or (name.lower().endswith(self.suffixes) and b"\ndn:" in head.lower())

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return one table: the distinguished name and a column for every attribute (repeats numbered)."""
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        understood = Understood("ldif", encoding.name, encoding.confidence)
        table = keyed_table(source.name, partial(_records, source, encoding, understood), understood)
        return [table] if table else []


def _records(source: Source, encoding: Encoding, understood: Understood) -> Iterator[KeyedRecord]:
    with open_text(source, encoding) as stream:
        block: list[_Line] = []
        for number, text in _unfolded(bounded_lines(stream, source.name)):
            if text:
                block.append((number, text))
            elif block:
                yield from _entry(block, understood)
                block = []
        if block:
            yield from _entry(block, understood)


def _unfolded(lines: Iterator[str]) -> Iterator[_Line]:
    """Join folded lines (they begin with a space), drop comments; a blank line ends a record."""
    start, parts = 0, [""]
    for number, raw in enumerate(lines, start=1):
        text = raw.rstrip("\r\n").removeprefix("\ufeff") if number == 1 else raw.rstrip("\r\n")
        if text.startswith(" ") and start:
            parts.append(text[1:])
            continue
        if start and not parts[0].startswith("#"):
            yield start, "".join(parts)
        start, parts = number, [text]
    if start and not parts[0].startswith("#"):
        yield start, "".join(parts)


def _entry(block: list[_Line], understood: Understood) -> Iterator[KeyedRecord]:
    values: dict[str, str] = {}
    fault = None
    for number, line in block:
        name, colon, rest = line.partition(":")
        if not colon:
            fault = fault or (None if line.strip() == "-" else f"line {number} is no attribute: {line[:60]}")
            continue
        add_value(values, name.strip(), _value(name, rest, understood))
    if "version" in values and len(values) == 1:
        return
    values.pop("version", None)
    change = values.get("changetype", "add").strip().lower()
    if change != "add":
        fault = f"is a change record ({change}), no entry"
    elif not any(name.lower() == "dn" for name in values):
        fault = fault or "has no distinguished name"
    yield KeyedRecord(block[0][0], f"line {block[0][0]}", values, fault)


def _value(name: str, rest: str, understood: Understood) -> str:
    if rest.startswith(":"):
        try:
            raw = base64.b64decode(rest[1:].strip(), validate=False)
        except (binascii.Error, ValueError):
            return rest[1:].strip()
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            understood.warn(f"{name.strip()}: binary values were left out")
            return ""
    if rest.startswith("<"):
        understood.warn(f"{name.strip()}: values in other files ({rest[1:].strip()[:80]}) are not fetched")
    return rest.strip()
