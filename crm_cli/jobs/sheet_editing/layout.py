"""How a record stands in the workbook: names, what the hidden sheet keeps, and when a cell says what was exported."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from crm_cli.dictionary import SemanticType
from crm_cli.importers.form import FormCell

__all__ = ["ID", "KEPT", "MARK", "VERSION", "Exported", "Head", "cell_value", "given_text", "is_same", "shown", "token"]

ID, VERSION = "id", "row_version"
MARK, KEPT = "crm-edit-workbook", "_crm_edit"
FORMAT = 1

_LONGEST = 30_000  # UTF-16 units of an open cell: a spreadsheet holds 32 767, and people add some
_NOT_HELD, _NONE = ("Cc", "Cs"), "\ufffe\uffff"  # control characters, half characters, and what is none
_BEGINNING = 200
_ESCAPE_LIKE = re.compile(r"_x[0-9A-Fa-f]{4}_")
_NUMBERS = {SemanticType.INTEGER, SemanticType.NUMBER, SemanticType.MONEY, SemanticType.REFERENCE}
_DIGITS = 15
_FIRST_DAY, _EPOCH = date(1900, 3, 1), date(1899, 12, 30)
_LAST_SERIAL = 2_958_465  # 9999-12-31
_YES, _NO = {"yes", "true", "1"}, {"no", "false", "0"}


@dataclass(frozen=True)
class Head:
    """What the workbook says of itself: of which entity, from which database, with which columns, written when."""

    entity: str
    columns: tuple[str, ...]
    database: str
    exported_at: str
    nonce: str
    sheet: str
    format: int = FORMAT

    def to_json(self) -> str:
        """Return it as the hidden sheet's first line."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Head:
        """Read it back; raises `ValueError` for anything else."""
        try:
            head = cls(**json.loads(text))
        except TypeError as fault:
            raise ValueError(str(fault)) from fault
        return cls(**{**asdict(head), "columns": tuple(head.columns)})


@dataclass(frozen=True, slots=True)
class Exported:
    """A record as it was written: its texts by column, and the columns whose cell cannot hold theirs exactly."""

    id: int
    version: int
    public_id: str
    texts: tuple[str, ...]
    unfit: frozenset[int]

    def to_json(self) -> str:
        """Return it as a line of the hidden sheet, in ASCII, which every program keeps as it is."""
        return json.dumps([self.id, self.version, self.public_id, self.texts, sorted(self.unfit)])

    @classmethod
    def from_json(cls, text: str) -> Exported:
        """Read it back; raises `ValueError` for anything else."""
        number, version, public_id, texts, unfit = json.loads(text)
        return cls(number, version, public_id, tuple(texts), frozenset(unfit))


def token(nonce: str, entity: str, number: int, version: int) -> str:
    """Return what stands in the version's cell: the version, and a mark that fits no other record or workbook."""
    digest = hashlib.sha256(f"{nonce}|{entity}|{number}|{version}".encode()).hexdigest()
    return f"v{version}-{digest[:8]}"


def shown(text: str) -> tuple[str, bool]:
    """Return `text` as a cell shows it, and whether the cell must be locked because it cannot hold it."""
    clean = _clean(text)
    if len(clean.encode("utf-16-le")) > 2 * _LONGEST:
        return f"{_escaped_apart(clean[:_BEGINNING])} … ({len(text)} characters, too long for a cell)", True
    if _ESCAPE_LIKE.search(clean):
        return _escaped_apart(clean), True
    return clean, False


def _escaped_apart(text: str) -> str:
    """Excel takes _x0041_ for an A."""
    return text.replace("_x", "_ x")


def _clean(text: str) -> str:
    """Return `text` with line breaks of one kind, and without what a cell cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(one for one in text if one in "\n\t" or not (one in _NONE or unicodedata.category(one) in _NOT_HELD))


def cell_value(kind: SemanticType, text: str) -> str | Decimal | date:
    """Return what is written into a cell: days and numbers as such where the spreadsheet keeps them exactly."""
    if kind is SemanticType.DATE and text:
        day = _day(text)
        return day if day and day >= _FIRST_DAY else text
    if kind in _NUMBERS and (number := _number(text)) is not None:
        digits = "".join(one for one in format(number, "f") if one.isdigit()).strip("0")
        if len(digits) <= _DIGITS and Decimal(repr(float(number))) == number:
            return number
    return text


def is_same(kind: SemanticType, exported: str, cell: FormCell) -> bool:
    """Return whether a cell still says what was exported, in the form that a spreadsheet may have given it."""
    if cell.fault:
        return False
    if _clean(cell.text) == exported or _clean(cell.text) == _clean(exported):
        return True
    if kind is SemanticType.BOOLEAN:
        given, was = _truth(cell.text), _truth(exported)
        return given is not None and given == was
    if kind is SemanticType.DATE:
        return bool(exported) and given_text(kind, cell) == exported
    if cell.number is not None or kind in _NUMBERS:  # 00123 that became 123, or 1500.00 that became 1500
        number = cell.number if cell.number is not None else _number(cell.text)
        return number is not None and number == _number(exported)
    return cell.text in ("true", "false") and exported.casefold() == cell.text


def given_text(kind: SemanticType, cell: FormCell) -> str:
    """Return what a person wrote into a cell, as `set` takes it. Raises `ValueError` for what has two meanings."""
    number = cell.number
    if number is None:
        return _clean(cell.text)
    if kind is SemanticType.DATE and 0 < number <= _LAST_SERIAL:
        return (_EPOCH + timedelta(days=int(number))).isoformat()
    if kind is SemanticType.MONEY and number != number.to_integral_value():
        if number != round(number, 2):
            raise ValueError("an amount has two decimals at most; write others as text, with their currency")
        return format(number, ".2f")
    return format(number, "f") if kind in _NUMBERS and number != number.to_integral_value() else cell.text


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text) if len(text) < 400 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and abs(number.adjusted()) < 400 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _truth(text: str) -> bool | None:
    folded = text.casefold()
    return True if folded in _YES else False if folded in _NO else None
