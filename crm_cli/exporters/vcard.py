"""vCard 4."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import BinaryIO, ClassVar

from crm_cli.exporters.base import Exporter, RefusalError, converted, refused
from crm_cli.exporters.model import ExportColumn, Row, Value
from crm_cli.exporters.values import as_text, utc

__all__ = ["VCard"]

_LINE = 75  # octets before a line is folded (RFC 6350, section 3.2)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_E164 = re.compile(r"\+\d{4,15}(?:;ext=\d{1,11})?")

_FULL_NAMES = ("full_name", "name")
_NAME = ("family_name", "given_name", "middle_name", "salutation", "suffix")  # the order of N
_ORGANIZATION = ("company", "account.name")
_ADDRESS = ("street", "city", "region", "postal_code", "country")  # the order of ADR after box and extension
_ADDRESS_TYPES = {
    "": ";PREF=1",
    "billing_": ";TYPE=x-billing",
    "shipping_": ";TYPE=x-shipping",
    "other_": ";TYPE=x-other",
}
_EMAILS = {"email": ";PREF=1", "work_email": ";TYPE=work", "home_email": ";TYPE=home", "other_email": ""}
_PHONES = {
    "phone": ";PREF=1",
    "work_phone": ";TYPE=work",
    "mobile": ";TYPE=cell",
    "home_phone": ";TYPE=home",
    "fax": ";TYPE=fax",
    "other_phone": "",
}
_TEXTS = {"job_title": "TITLE", "website": "URL", "description": "NOTE", "language": "LANG", "public_id": "UID"}
_GENDERS = {"female": "F", "male": "M", "other": "O"}
_TAKEN = {
    *_FULL_NAMES, *_NAME, *_ORGANIZATION, *_EMAILS, *_PHONES, *_TEXTS,
    "department", "birth_date", "gender", "updated_at",
    *(prefix + part for prefix in _ADDRESS_TYPES for part in _ADDRESS),
}  # fmt: skip


class VCard(Exporter):
    """vCard 4 (RFC 6350): a card a row, from columns named as the fields of contacts and accounts.

    A column that vCard has no property for becomes `X-CRM-COLUMN`, so nothing is lost. Line breaks are written as the
    one kind that vCard has. Refused: a row without any name, other control characters.
    """

    name: ClassVar[str] = "vcard"
    suffixes: ClassVar[tuple[str, ...]] = (".vcf", ".vcard")

    def write(self, rows: Iterable[Row], columns: Sequence[ExportColumn], stream: BinaryIO) -> None:
        """Write one card a row."""
        names = [column.name for column in columns]
        for number, cells in enumerate(converted(rows, columns, [_checked] * len(columns)), start=1):
            values = {name: cell for name, cell in zip(names, cells, strict=True) if cell not in (None, "")}
            if not (full_name := _full_name(values)):
                fault = RefusalError(
                    "vCard needs a name", "export a name column too, or leave such rows out by --where"
                )
                raise refused(number, columns[0], cells[0], fault)
            stream.write("".join(map(_folded, _card(full_name, values))).encode())


def _checked(value: Value) -> Value:
    """Refuse what no vCard can hold; dates stay dates, because their form here is another than usual."""
    if isinstance(value, datetime):
        return utc(value)
    text = as_text(value)
    if text is not None and _CONTROL.search(text.replace("\r\n", "\n")):
        raise RefusalError("a control character can't be written in vCard")
    return value if isinstance(value, date) else text


def _full_name(values: Mapping[str, Value]) -> str:
    spoken = ("salutation", "given_name", "middle_name", "family_name", "suffix")
    candidates = (
        *(values.get(name) for name in _FULL_NAMES),
        " ".join(str(values[name]) for name in spoken if name in values),
        *(values.get(name) for name in (*_ORGANIZATION, "email")),
    )
    return next((str(each) for each in candidates if each), "")


def _card(full_name: str, values: Mapping[str, Value]) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:4.0"
    if "name" in values and not any(part in values for part in _NAME):
        yield "KIND:org"
    yield f"FN:{_escaped(full_name)}"
    if any(part in values for part in _NAME):
        yield "N:" + _parts(values, _NAME)
    yield from _work(values)
    for name, kind in _EMAILS.items():
        if name in values:
            yield f"EMAIL{kind}:{_escaped(values[name])}"
    for name, kind in _PHONES.items():
        if name in values:
            yield _phone(kind, str(values[name]))
    for prefix, kind in _ADDRESS_TYPES.items():
        if any(prefix + part in values for part in _ADDRESS):
            yield f"ADR{kind}:;;" + _parts(values, [prefix + part for part in _ADDRESS])
    yield from _personal(values)
    for name, value in values.items():
        if name not in _TAKEN:
            yield f"X-CRM-{re.sub('[^A-Z0-9]+', '-', name.upper())}:{_escaped(as_text(value))}"
    yield "END:VCARD"


def _work(values: Mapping[str, Value]) -> Iterator[str]:
    company = next((values[name] for name in _ORGANIZATION if name in values), None)
    if company or "department" in values:
        yield "ORG:" + ";".join(_escaped(part) for part in (company, values.get("department"))).rstrip(";")


def _personal(values: Mapping[str, Value]) -> Iterator[str]:
    if isinstance(born := values.get("birth_date"), date):
        yield f"BDAY:{born:%Y%m%d}"
    if gender := values.get("gender"):
        yield "GENDER:" + (_GENDERS.get(str(gender)) or f";{_escaped(gender)}")
    for name, prop in _TEXTS.items():
        if name in values:
            yield f"{prop}{';VALUE=text' if prop == 'UID' else ''}:{_escaped(values[name])}"
    if isinstance(changed := values.get("updated_at"), datetime):
        yield f"REV:{changed:%Y%m%dT%H%M%SZ}"


def _phone(kind: str, number: str) -> str:
    if _E164.fullmatch(number):
        return f"TEL;VALUE=uri{kind}:tel:{number}"
    return f"TEL;VALUE=text{kind}:{_escaped(number)}"


def _parts(values: Mapping[str, Value], names: Sequence[str]) -> str:
    # A comma inside a part would make a list of it, so that it is escaped like the semicolons between parts.
    return ";".join(_escaped(values.get(name)) for name in names)


def _escaped(value: Value) -> str:
    text = "" if value is None else str(value)
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line into pieces of at most 75 octets, never inside a character."""
    pieces: list[str] = []
    piece, size = "", 0
    for character in line if len(line.encode()) > _LINE else ():
        octets = len(character.encode())
        if size + octets > _LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + octets
    return "\r\n".join([*pieces, piece or line]) + "\r\n"
