"""Rejected rows of imports that speak of the person: they are judged whole, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.jobs.privacy.traits import LEAST_DIGITS, Known
from crm_cli.store import Store

__all__ = ["RejectedRow", "rejected_rows"]

_DIGITS = re.compile(r"\D+")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class RejectedRow:
    """A kept row that speaks of the person."""

    id: int
    batch_id: int
    row_number: int
    status: str
    cells: Mapping[str, Any]
    faults: Any


def rejected_rows(store: Store, connection: sa.Connection, known: Known) -> Iterator[RejectedRow]:
    """Yield the kept rows in which the person's address, number or id stands, or its name with its day of birth.

    The name alone is enough where nobody else has it. All kept rows are read: how a cell writes a number, no database
    can be asked.
    """
    row, batch = store.table("import_row"), store.table("import_batch")
    query = (
        sa.select(row, batch.c.source_system_id, batch.c.mapping)
        .join(batch, batch.c.id == row.c.batch_id)
        .order_by(row.c.id)
    )
    judge = _Judge(known)
    for found in connection.execute(query.execution_options(yield_per=1_000)):
        cells = found.cells or {}
        if judge.is_person(cells, found.source_system_id, (found.mapping or {}).get("key")):
            yield RejectedRow(found.id, found.batch_id, found.row_number, found.status, cells, found.faults)


class _Judge:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.emails = {fold(one) or one for one in known.own_emails}
        self.numbers = {_national(one) for one in known.own_phones} - {""}
        self.ids = {(source, text) for source, _, text in known.external}
        self.names = [
            set(_WORDS.findall(fold(f"{given} {family}") or "")) for given, _, family in known.names if given and family
        ]
        self.births = {form for one in known.births for form in _forms_of_day(one)}

    def is_person(self, cells: Mapping[str, Any], source: int | None, key: str | None) -> bool:
        texts = [fold(str(cell)) or "" for cell in cells.values() if cell not in (None, "")]
        if any(one in text for text in texts for one in self.emails):
            return True
        if self.numbers and any(_national(text) in self.numbers for text in texts):
            return True
        if source is not None and key and (source, str(cells.get(key) or "").strip()) in self.ids:
            return True
        return self._is_named(texts)

    def _is_named(self, texts: list[str]) -> bool:
        words = {word for text in texts for word in _WORDS.findall(text)}
        if not any(name <= words for name in self.names):
            return False
        return self.known.own_names or any(day in text for text in texts for day in self.births)


def _national(text: str) -> str:
    """The last digits of what may be a telephone number: alike however country and area are written."""
    digits = _DIGITS.sub("", text.partition(" x")[0].partition(";")[0])
    letters = sum(letter.isalpha() for letter in text)
    return digits[-LEAST_DIGITS:] if len(digits) >= LEAST_DIGITS and letters < 4 else ""


def _forms_of_day(text: str) -> Iterator[str]:
    year, month, day = text.split("-")
    yield text
    for one, other in ((day, month), (month, day)):
        for mark in "./-":
            yield f"{one}{mark}{other}{mark}{year}"
            yield f"{int(one)}{mark}{int(other)}{mark}{year}"
