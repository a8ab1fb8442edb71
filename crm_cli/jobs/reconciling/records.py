"""Our side: records as rows of text, as an export writes them, to be read by the functions that read the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, SemanticType
from crm_cli.errors import UsageError
from crm_cli.exporters.values import as_text
from crm_cli.importers import Row, Table, Understood
from crm_cli.importers.mapping import ColumnMap, Mapping
from crm_cli.jobs.importing.drafting import Drafter
from crm_cli.jobs.reconciling.addresses import kept_parts
from crm_cli.jobs.reconciling.fields import ComparedField
from crm_cli.jobs.reconciling.said import NOTHING, Said, SideReader
from crm_cli.query import Selection, resolve, select_records
from crm_cli.standardize import Context
from crm_cli.store import Store

__all__ = ["OurRecord", "OurSide"]

_AT_ONCE = 5_000
_HINTS = {"country": SemanticType.COUNTRY, "currency": SemanticType.CURRENCY}  # what other values are read by
_ACCOUNT = "account.name"
_ADDRESS = ("street", "city", "region", "postal_code", "country")
Rows = Iterator[list[str | None]]


@dataclass(frozen=True, slots=True)
class OurRecord:
    """A record: what it says of each field, and its ids that the key asks for.

    The note of a blank says what it belongs to: the currency of a sum, the address of a part of one, the account whose
    name is the company.
    """

    id: int
    said: list[Said]
    ids: list[str | None]


@dataclass(frozen=True)
class OurSide:
    """Reads the records of an entity in blocks; `numbers` are the ids that the key asks for."""

    store: Store
    entity: Entity
    fields: Sequence[ComparedField]
    context: Context
    numbers: Sequence[str] = ()

    def records(self, connection: sa.Connection, where: str | None) -> Iterator[list[OurRecord]]:
        """Yield the living records that fit `where`, in the order of their ids."""
        columns = self._columns()
        reader = self._reader()
        selection = Selection(entity=self.entity.name, columns=list(columns), where=where)
        rows = select_records(self.store, connection, selection)
        while block := list(islice(rows, _AT_ONCE)):
            named = [dict(zip(columns, row, strict=True)) for row in block]
            texts = [[as_text(row[name]) or None for name in reader.drafter.table.header] for row in named]
            lines = [Row(number, "", values) for number, values in enumerate(texts, start=1)]
            read = reader.read(lines)
            yield [self._record(row, iter(said)) for row, (said, _) in zip(named, read, strict=True)]

    def _record(self, row: dict[str, Any], said: Iterator[Said]) -> OurRecord:
        values = [self._reference(row, one) if one.is_reference else next(said) for one in self.fields]
        noted = [
            value._replace(note=_beside(row, one)) if value.form is None else value
            for one, value in zip(self.fields, values, strict=True)
        ]
        return OurRecord(row["id"], noted, [as_text(row[name]) for name in self.numbers])

    def _reference(self, row: dict[str, Any], one: ComparedField) -> Said:
        number = row[one.name]
        if number is None or one.field is None:
            return NOTHING
        title = row.get(one.field.path_name)
        return Said(str(title or number), str(number))

    def _columns(self) -> dict[str, None]:
        names = dict.fromkeys(["id", *self.numbers])
        for one in self.fields:
            names |= dict.fromkeys([one.name, *_parts(one)])
            if one.field is not None and one.is_reference and self._has_title(one.field.path_name):
                names[one.field.path_name] = None
        if any(one.is_company for one in self.fields) and "account_id" in self.entity.by_name:
            names[_ACCOUNT] = None
        return names | dict.fromkeys(self._hints())

    def _has_title(self, name: str) -> bool:
        try:
            return name not in self.entity.by_name and bool(resolve(self.store.dictionary, self.entity, name))
        except UsageError:  # a person has two names, a record of any kind none
            return False

    def _hints(self) -> list[str]:
        return [name for name in _HINTS if name in self.entity.by_name or name in self.entity.slot_by_name]

    def _reader(self) -> SideReader:
        own = [one for one in self.fields if not one.is_reference]
        read = [ComparedField(one.name, (one.name,), one.field, one.slot) for one in own]
        header = list(dict.fromkeys([*(one.name for one in read), *self._hints()]))
        mapping = Mapping((self.entity.noun,), tuple(ColumnMap(name, f"{self.entity.noun}.{name}") for name in header))
        table = Table(self.entity.plural, header, Understood("records"), list)
        drafter = Drafter(self.store.dictionary, table, mapping, self.context, {}, whole=False)
        return SideReader(drafter, self.entity, read)


def _beside(row: dict[str, Any], one: ComparedField) -> str:
    """What a blank belongs to, where it belongs to something."""
    if one.is_company:
        return row.get(_ACCOUNT) or ""
    if one.kind is SemanticType.MONEY:
        return row.get("currency") or ""
    return kept_parts({name: row[slot] for name, slot in zip(_ADDRESS, _parts(one), strict=False)})


def _parts(one: ComparedField) -> list[str]:
    """The slots of the address that this one is a part of."""
    if one.slot is None or not one.is_address:
        return []
    prefix = one.name.removesuffix(one.slot.column)
    return [f"{prefix}{name}" for name in _ADDRESS]
