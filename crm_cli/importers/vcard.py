"""vCard files, versions 2.1, 3.0 and 4.0: one card a row, with columns that people would call the fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from crm_cli.importers.encoding import Encoding, detect_encoding
from crm_cli.importers.interface import Importer
from crm_cli.importers.keyed import KeyedRecord, add_value, keyed_table
from crm_cli.importers.model import ReadOptions, Table, Understood
from crm_cli.importers.source import Source
from crm_cli.importers.textlines import bounded_lines
from crm_cli.importers.vcard_lines import Property, components, properties, unescaped

__all__ = ["VCard"]

_NAME_PARTS = ("Last Name", "First Name", "Middle Name", "Prefix", "Suffix")
_ADDRESS_PARTS = ("PO Box", "Extended Address", "Street", "City", "Region", "Postal Code", "Country")
_SIMPLE = {
    "FN": "Full Name",
    "NICKNAME": "Nickname",
    "TITLE": "Title",
    "ROLE": "Role",
    "EMAIL": "Email",
    "TEL": "Phone",
    "URL": "Website",
    "BDAY": "Birthday",
    "ANNIVERSARY": "Anniversary",
    "NOTE": "Note",
    "CATEGORIES": "Categories",
    "UID": "UID",
    "REV": "Modified",
    "GENDER": "Gender",
    "LANG": "Language",
    "TZ": "Time Zone",
    "GEO": "Location",
    "MAILER": "Mailer",
    "IMPP": "Instant Message",
    "RELATED": "Related",
    "KIND": "Kind",
    "MEMBER": "Member",
}
_TYPED = {"EMAIL", "TEL", "URL", "ADR", "IMPP"}
_KINDS = {"work": "Work", "home": "Home", "cell": "Mobile", "mobile": "Mobile", "fax": "Fax", "pager": "Pager"}
_DROPPED = {"X-ABLABEL", "VERSION", "PRODID", "PROFILE", "SOURCE", "NAME", "CLASS", "SORT-STRING", "LABEL", "AGENT"}


class VCard(Importer):
    """Cards of address books and telephones."""

    name = "vcard"
    suffixes = (".vcf", ".vcard")

    def recognizes(self, head: bytes, name: str) -> bool:  # noqa: ARG002
        """Recognize BEGIN:VCARD at the start of a line near the top."""
        return re.match(rb"\s*(?:[^\n]{0,80}\n){0,3}\s*BEGIN:VCARD", _plain(head), re.IGNORECASE) is not None

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        """Return one table; several values of a kind are numbered: `Phone Work`, `Phone Work 2`."""
        encoding = Encoding(options.encoding) if options.encoding else detect_encoding(source)
        understood = Understood("vcard", encoding.name, encoding.confidence)
        table = keyed_table(source.name, partial(_cards, source, encoding, understood), understood)
        return [table] if table else []


def _plain(head: bytes) -> bytes:
    return head[:2000].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe")


def _lines(source: Source, encoding: Encoding) -> Iterator[bytes]:
    """Yield the lines as bytes of an ASCII-compatible encoding, whatever their line ends."""
    with source.open() as stream:
        if encoding.name.startswith(("utf-16", "utf-32")):
            yield from stream.read().decode(encoding.name, "replace").encode().splitlines(keepends=True)
            return
        for line in bounded_lines(stream, source.name):
            yield from line.splitlines(keepends=True) if b"\r" in line[:-2] else [line]


def _cards(source: Source, encoding: Encoding, understood: Understood) -> Iterator[KeyedRecord]:
    wide = encoding.name.startswith(("utf-16", "utf-32"))
    codec = "utf-8" if wide or encoding.name == "utf-8-sig" else encoding.name
    start, values, nested, last = 0, dict[str, str](), 0, ""
    for item in properties(_lines(source, encoding), codec):
        if item.name == "BEGIN" and item.value.strip().upper().startswith("VCARD"):
            if start and last == "AGENT":  # version 2.1 puts the card of an agent inside
                nested += 1
                continue
            if start:
                yield KeyedRecord(start, f"line {start}", values, "the card does not end")
            start, values = item.line, {}
        elif item.name == "END" and item.value.strip().upper().startswith("VCARD"):
            if start and not nested:
                yield KeyedRecord(start, f"line {start}", values, None if values else "is a card without content")
                start = 0
            nested = max(0, nested - 1)
        elif start and not nested:
            _add(values, item, understood)
        last = item.name
    if start:
        yield KeyedRecord(start, f"line {start}", values, "the card does not end")


def _add(values: dict[str, str], item: Property, understood: Understood) -> None:
    if item.name in _DROPPED:
        return
    if item.binary:
        understood.warn(f"{item.name.lower()}: pictures, sounds and keys were left out")
    elif item.name == "N":
        _add_parts(values, _NAME_PARTS, components(item.value), "")
    elif item.name == "ADR":
        _add_parts(values, _ADDRESS_PARTS, components(item.value), _kind(item))
    elif item.name == "ORG":
        company, *units = components(item.value)
        _add_if(values, "Company", company)
        _add_if(values, "Department", ", ".join(unit for unit in units if unit))
    else:
        name = _SIMPLE.get(item.name, item.name)
        kind = _kind(item) if item.name in _TYPED else ""
        _add_if(values, f"{name} {kind}".strip(), _text(item))


def _text(item: Property) -> str:
    text = unescaped(item.value)
    if item.name in {"TEL", "EMAIL", "IMPP"}:
        return re.sub(r"^(?:tel|mailto):", "", text, flags=re.IGNORECASE)
    return text


def _kind(item: Property) -> str:
    """Return what a number or address is for: `Work`, `Home`, `Mobile`, `Work Fax`, or nothing."""
    words = [word for key, word in _KINDS.items() if key in item.types]
    return " ".join(dict.fromkeys(words))


def _add_parts(values: dict[str, str], names: Sequence[str], parts: Sequence[str], kind: str) -> None:
    for name, part in zip(names, parts, strict=False):
        _add_if(values, f"{kind} {name}".strip(), part)


def _add_if(values: dict[str, str], name: str, value: str) -> None:
    if value:
        add_value(values, name, value)
