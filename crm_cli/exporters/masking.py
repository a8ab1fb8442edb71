"""Masking: hand out data for analysis without saying whom it is about.

What happens to a column is decided by its class of personal data. Hashes and pseudonyms are keyed (HMAC-SHA-256, RFC
2104): the same value gives the same mask as long as the key is kept, so extracts can still be joined and counted, and
nobody without the key can try out names against them. Values are compared as readers do (folded), so `ANN` and `Ann`
get one mask.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from crm_cli.dictionary.folding import fold
from crm_cli.dictionary.types import PersonalData, SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters.model import ExportColumn, Row, Value
from crm_cli.exporters.values import as_text

__all__ = ["Masked", "Masking", "MaskingMethod", "SmallestGroup"]

_SHORTEST_KEY = 16  # bytes; a shorter key could be tried out
_HASH_DIGITS = 32  # 128 bits: no two of a billion values meet
_POSTAL_PREFIX = 2
_MOST_GROUPS = 200_000  # some 60 MB
_CONSONANTS = "bdfgklmnprstvwxz"
_VOWELS = "aeiu"
_SYLLABLES = {SemanticType.GIVEN_NAME: (4,), SemanticType.FAMILY_NAME: (5,), SemanticType.PERSON_NAME: (4, 5)}
_OTHER_SYLLABLES = (7,)


class MaskingMethod(StrEnum):
    """What is done to a value."""

    KEEP = "keep"
    HASH = "hash"  # 32 hexadecimal digits
    PSEUDONYM = "pseudonym"  # a speakable name; an e-mail address stays one, at a domain that never exists
    YEAR = "year"  # of a date; anything else is left out
    PREFIX = "prefix"  # the first two characters of a postal code
    REDACT = "redact"  # left out


_BY_CLASS = {
    PersonalData.NONE: MaskingMethod.KEEP,
    PersonalData.NAME: MaskingMethod.PSEUDONYM,
    PersonalData.CONTACT: MaskingMethod.HASH,
    PersonalData.BIRTH: MaskingMethod.YEAR,
    PersonalData.IDENTIFIER: MaskingMethod.HASH,
    PersonalData.FREE_TEXT: MaskingMethod.REDACT,
}
# Parts of an address say less than the whole; these are what regional analyses need.
_PARTS_OF_CONTACT = {
    SemanticType.POSTAL_CODE: MaskingMethod.PREFIX,
    SemanticType.REGION: MaskingMethod.KEEP,
    SemanticType.COUNTRY: MaskingMethod.KEEP,
    SemanticType.STREET: MaskingMethod.REDACT,
    SemanticType.CITY: MaskingMethod.REDACT,
    SemanticType.NOTE: MaskingMethod.REDACT,
}


@dataclass
class SmallestGroup:
    """Counts rows that are alike in what was left readable of personal columns (k-anonymity, Sweeney 2002).

    `size` is complete once all rows have passed: 1 means that somebody can be singled out. None without such columns
    or rows.
    """

    columns: tuple[str, ...]
    groups: Counter[tuple[Value, ...]] = field(default_factory=Counter)
    is_uncounted: bool = False  # there were more groups than memory should hold

    @property
    def size(self) -> int | None:
        """The number of rows in the smallest group; None too where there were too many to count."""
        return min(self.groups.values(), default=None) if self.columns else None

    def count(self, group: tuple[Value, ...]) -> None:
        """Count a row."""
        if self.is_uncounted:
            return
        self.groups[group] += 1
        if len(self.groups) > _MOST_GROUPS:
            self.is_uncounted = True
            self.groups.clear()


@dataclass(frozen=True, slots=True)
class Masked:
    """Masked rows (to be read once), what their columns now are, and the smallest group among them."""

    columns: tuple[ExportColumn, ...]
    rows: Iterator[Row]
    smallest: SmallestGroup


class Masking:
    """A key, and what to do to which class of personal data.

    `methods` overrides the defaults by class, `by_column` by a column's name.
    Raises UsageError for a key under 16 bytes.
    """

    def __init__(
        self,
        key: bytes,
        methods: Mapping[PersonalData, MaskingMethod] | None = None,
        by_column: Mapping[str, MaskingMethod] | None = None,
    ) -> None:
        if len(key) < _SHORTEST_KEY:
            raise UsageError(f"the masking key has {len(key)} bytes", hint=f"give at least {_SHORTEST_KEY}")
        self._key = key
        self._methods = dict(methods or {})
        self._by_column = dict(by_column or {})

    def apply(self, rows: Iterable[Row], columns: Sequence[ExportColumn]) -> Masked:
        """Mask rows while they pass."""
        methods = [self.method_of(column) for column in columns]
        maskers = [self._masker(column, method) for column, method in zip(columns, methods, strict=True)]
        telling = [
            position
            for position, (column, method) in enumerate(zip(columns, methods, strict=True))
            if column.personal is not PersonalData.NONE and method in _READABLE
        ]
        smallest = SmallestGroup(tuple(columns[position].name for position in telling))
        masked = tuple(_masked_column(column, method) for column, method in zip(columns, methods, strict=True))
        return Masked(masked, _counted(_mask(rows, maskers), telling, smallest), smallest)

    def method_of(self, column: ExportColumn) -> MaskingMethod:
        """Say what happens to a column: what was named for it, else for its class, else the default."""
        if column.name in self._by_column:
            return self._by_column[column.name]
        if column.personal in self._methods:
            return self._methods[column.personal]
        if column.personal is PersonalData.CONTACT and column.type in _PARTS_OF_CONTACT:
            return _PARTS_OF_CONTACT[column.type]
        return _BY_CLASS[column.personal]

    def _masker(self, column: ExportColumn, method: MaskingMethod) -> Callable[[Value], Value]:
        maskers: dict[MaskingMethod, Callable[[Value], Value]] = {
            MaskingMethod.KEEP: lambda value: value,
            MaskingMethod.HASH: self._hash,
            MaskingMethod.PSEUDONYM: lambda value: self._pseudonym(value, column.type),
            MaskingMethod.YEAR: _year,
            MaskingMethod.PREFIX: _prefix,
            MaskingMethod.REDACT: lambda _: None,
        }
        return maskers[method]

    def _digest(self, purpose: str, value: Value) -> bytes:
        text = fold(as_text(value)) or ""
        return hmac.digest(self._key, f"{purpose}\0{text}".encode(), "sha256")

    def _hash(self, value: Value) -> Value:
        return None if value in (None, "") else self._digest("hash", value).hex()[:_HASH_DIGITS]

    def _pseudonym(self, value: Value, kind: SemanticType) -> Value:
        if value in (None, ""):
            return None
        bits = int.from_bytes(self._digest("pseudonym", value))
        words = []
        for syllables in _SYLLABLES.get(kind, _OTHER_SYLLABLES):
            word, bits = _word(bits, syllables)
            words.append(word)
        if kind is SemanticType.EMAIL:
            return f"{words[0]}@example.invalid"  # RFC 2606: never a real domain
        return " ".join(word.capitalize() for word in words)


_READABLE = {MaskingMethod.KEEP, MaskingMethod.YEAR, MaskingMethod.PREFIX}


def _mask(rows: Iterable[Row], maskers: Sequence[Callable[[Value], Value]]) -> Iterator[Row]:
    for row in rows:
        yield [mask(value) for mask, value in zip(maskers, row, strict=True)]


def _counted(rows: Iterator[Row], telling: Sequence[int], smallest: SmallestGroup) -> Iterator[Row]:
    for row in rows:
        if telling:
            smallest.count(tuple(as_text(row[position]) for position in telling))
        yield row


def _masked_column(column: ExportColumn, method: MaskingMethod) -> ExportColumn:
    if method is MaskingMethod.KEEP:
        return column
    kinds = {MaskingMethod.HASH: SemanticType.IDENTIFIER, MaskingMethod.YEAR: SemanticType.INTEGER}
    return replace(column, type=kinds.get(method, column.type), personal=PersonalData.NONE)


def _year(value: Value) -> int | None:
    return value.year if isinstance(value, date) else None


def _prefix(value: Value) -> str | None:
    text = as_text(value)
    return text[:_POSTAL_PREFIX] if text else None


def _word(bits: int, syllables: int) -> tuple[str, int]:
    letters = []
    for _ in range(syllables):
        bits, consonant = divmod(bits, len(_CONSONANTS))
        bits, vowel = divmod(bits, len(_VOWELS))
        letters += [_CONSONANTS[consonant], _VOWELS[vowel]]
    return "".join(letters), bits
