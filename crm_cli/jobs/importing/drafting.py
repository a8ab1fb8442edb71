"""From rows to drafts: the columns' standard forms put together per row, checked by the dictionary's rules."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from crm_cli.dictionary import Dictionary, Entity, Field, SemanticType
from crm_cli.history import WrongValueError, check_value
from crm_cli.importers import Row, Table
from crm_cli.importers.mapping import EXTRA, FULL_NAME, PUBLIC_ID, Mapping, MappingError, Target
from crm_cli.jobs.importing.checking import Checker
from crm_cli.jobs.importing.columns import ColumnStandardizer, target_kind
from crm_cli.jobs.importing.constants import constant_columns, give_way
from crm_cli.jobs.importing.drafts import MEND_ROW, ORIGINAL, Draft, Fault, known_as
from crm_cli.jobs.importing.filling import fill_sound, said
from crm_cli.jobs.importing.joining import join_columns
from crm_cli.jobs.importing.points import SlotColumn, points_of
from crm_cli.jobs.importing.row_identity import RowIdentity, key_of
from crm_cli.jobs.importing.wording import OurWords, References
from crm_cli.standardize import EMPTY, Context, Standard, stored_value

__all__ = ["Drafter"]

Cells = Map[str, Sequence[str | None]]
Standards = Map[str, Sequence[Standard | None]]
Given = Callable[[], Iterable[tuple[str, str, Standard]]]
_MUST_BE_UNDERSTOOD = {
    SemanticType.DATE, SemanticType.TIMESTAMP, SemanticType.MONEY, SemanticType.INTEGER, SemanticType.NUMBER,
    SemanticType.BOOLEAN,
}  # fmt: skip


@dataclass
class Drafter:
    """Makes drafts of the rows of one table by one mapping. Keeps counts of what was not understood."""

    dictionary: Dictionary
    table: Table
    mapping: Mapping
    context: Context
    date_orders: Map[str, str | None]
    rule: str = ""  # who wins a disagreement: rows are looked at again when it changes
    counts_filled: bool = False  # whether to count the rows that have a value, by field
    whole: bool = True  # whether a row is to make a record; else it only speaks of one, and is not remembered
    not_understood: Counter[tuple[str, str]] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.places = {name: place for place, name in enumerate(self.table.header)}
        self.targets, self._joined = join_columns(self.mapping.targets(self.dictionary), self.mapping.layout)
        self.entities = _parents_first([self.dictionary.entity(name) for name in self.mapping.into])
        constants = constant_columns(self.dictionary, self.mapping)
        self.targets |= {column: target for column, (target, _) in constants.items()}
        self._fixed = {column: value for column, (_, value) in constants.items()}
        self._rows = RowIdentity(self.table.header)
        self.extra = [
            one.column for one in self.mapping.columns if one.target == EXTRA and one.column != self.mapping.key
        ]
        self._columns = {column: self._standardizer(column, target) for column, target in self.targets.items()}
        named = sorted((column, str(target)) for column, target in self.targets.items())
        orders = sorted(self.date_orders.items())
        place = (self.context.country, self.context.currency, self.context.timezone)
        self._words = OurWords(self.mapping)
        self._references = References(self.dictionary, self.mapping)
        self._seed = repr((named, orders, place, self.rule, *self._words.meaning()))
        self._seeded = hashlib.sha256(self._seed.encode())
        self._checker = Checker(self.dictionary)
        self._check_constants()

    def _standardizer(self, column: str, target: Target) -> ColumnStandardizer:
        choices = target.field.values if target.field else ()
        order = self.date_orders.get(column)
        context = Context(
            country=self.context.country, date_order=order, currency=self.context.currency,
            timezone=self.context.timezone, choices=choices,
        )  # fmt: skip
        return ColumnStandardizer(target_kind(target), context)

    def drafts(self, rows: Sequence[Row]) -> list[Draft]:
        """Return one draft a row, in their order; a draft with faults is to be rejected."""
        return self._drafts(rows, *self._read(rows))

    def read(self, rows: Sequence[Row]) -> list[dict[str, tuple[str, Standard]]]:
        """Return, a row, column → its cell and the standard form of it; blank cells are left out."""
        cells, standards = self._read(rows)
        return [
            {column: (cell, standard) for column, cell, standard in _given(place, cells, standards)}
            for place in range(len(rows))
        ]

    def drafts_of(self, rows: Sequence[Row], givens: Sequence[Map[str, tuple[str, Standard]]]) -> list[Draft]:
        """Return the drafts of rows that say nothing but what is given, which `read` gave of them."""
        nothing = (None, None)
        cells = {column: [given.get(column, nothing)[0] for given in givens] for column in self.targets}
        standards = {column: [given.get(column, nothing)[1] for given in givens] for column in self.targets}
        return self._drafts(rows, cells, standards)

    def _read(self, rows: Sequence[Row]) -> tuple[dict[str, Sequence[str | None]], Standards]:
        """The cells of each column and their standard forms; a cell that says nothing is None."""
        hints = {"country": self._countries(rows), "currency": self._currencies(rows)}
        cells = self._cells(rows)
        if self.counts_filled:
            self._count_filled(cells)
        said_in_ours = {column: self._words.of(column, cells[column]) for column in self.targets}
        standards = {
            column: self._columns[column].standardize(
                said_in_ours[column], hints[self._columns[column].hint or "country"][target.entity.name]
            )
            for column, target in self.targets.items()
        }
        for column in self.mapping.values:  # a word of the source that says nothing is as good as blank
            if column in cells:
                pairs = zip(cells[column], said_in_ours[column], strict=True)
                cells[column] = [cell if word is not None else None for cell, word in pairs]
        give_way(cells, self.targets, self._fixed)
        return cells, standards

    def _count_filled(self, cells: Cells) -> None:
        for column, target in self.targets.items():
            count = sum(cell is not None for cell in cells[column])
            self.filled[column] += count
            if column != target.name:
                self.filled[target.name] += count

    def _drafts(self, rows: Sequence[Row], cells: Cells, standards: Standards) -> list[Draft]:
        made = [self._begun(row) for row in rows]
        self._fill_columns(made, cells, standards)
        self._fill_extra(made)
        alone = self.entities[0] if len(self.entities) == 1 else None
        for place, draft in enumerate(made if self.whole else ()):
            if alone is None or not self._checker.is_filled(alone, draft):
                self._check(draft, partial(_given, place, cells, standards))
        self._checker.check_points(self.entities, made)
        return made

    def _cells(self, rows: Sequence[Row]) -> dict[str, Sequence[str | None]]:
        """The cells of each column that is mapped; transposed at once where no row is shorter than the header."""
        width = len(self.places)
        if any(len(row.values) < width for row in rows) or not rows:
            return {column: [self._cell(row, column) for row in rows] for column in self.targets}
        columns = list(zip(*(row.values[:width] for row in rows), strict=True))
        return {
            column: columns[self.places[column]]
            if column not in self._fixed and column not in self._joined.columns
            else [self._cell(row, column) for row in rows]
            for column in self.targets
        }

    def _cell(self, row: Row, column: str) -> str | None:
        if column in self._fixed:
            return self._fixed[column]
        if column in self._joined.columns:
            return self._joined.text(column, [self._plain_cell(row, one) for one in self._joined.columns[column]])
        return self._plain_cell(row, column)

    def _plain_cell(self, row: Row, column: str) -> str | None:
        place = self.places[column]
        return row.values[place] if place < len(row.values) else None

    def _countries(self, rows: Sequence[Row]) -> dict[str, list[str | None]]:
        """The country that each row's values are read by, per entity: its own column, else the default."""
        found: dict[str, list[str | None]] = {one.name: [self.context.country] * len(rows) for one in self.entities}
        for column, target in self.targets.items():
            if target_kind(target) is SemanticType.COUNTRY and target.name == "country":
                cells = [self._cell(row, column) for row in rows]
                standards = self._columns[column].standardize(cells, [None] * len(rows))
                countries = [one.value if one and one.understood else self.context.country for one in standards]
                for entity in self.entities:  # one row, one country: the account's and the contact's alike
                    found[entity.name] = countries
        return found

    def _currencies(self, rows: Sequence[Row]) -> dict[str, list[str | None]]:
        """The currency that each row's amounts are counted in, per entity: its own column, else the default."""
        found: dict[str, list[str | None]] = {one.name: [self.context.currency] * len(rows) for one in self.entities}
        for column, target in self.targets.items():
            if target.field is not None and target.name == "currency":
                cells = [self._cell(row, column) for row in rows]
                standards = self._columns[column].standardize(cells, [None] * len(rows))
                found[target.entity.name] = [
                    one.value if one and one.understood else self.context.currency for one in standards
                ]
        return found

    def _begun(self, row: Row) -> Draft:
        key = key_of(self._cell(row, self.mapping.key), self.context) if self.mapping.key else None
        if self.whole:
            identity = self._rows.of(row)
            hashed = self._seeded.copy()
            hashed.update(identity.encode())
            draft = Draft(row, hashed.hexdigest(), key or self._rows.numbered(identity), keyed=key is not None)
        else:
            draft = Draft(row, "", key or "", keyed=key is not None)
        if row.fault:
            draft.faults.append(Fault("", None, row.fault, MEND_ROW))
        return draft

    def _fill_columns(self, drafts: Sequence[Draft], cells: Cells, standards: Standards) -> None:
        """Give the drafts what the columns say, column by column."""
        slots: dict[str, list[SlotColumn]] = defaultdict(list)
        for column, target in self.targets.items():
            given, standard = cells[column], standards[column]
            if target.slot is not None:
                slots[target.entity.name].append((target.slot, given, standard))
                self._note(target, given, standard)
            elif target.field is not None:
                for place in fill_sound(drafts, target.entity, target.field, given, standard):
                    cell, one = given[place] or "", standard[place] or EMPTY
                    self._fill(drafts[place], column, target.entity, target.field, cell, one)
            else:
                for place, cell, one in said(given, standard):
                    self._fill_made_up(drafts[place], target, cell, one)
        for entity, columns in slots.items():
            for draft, points in zip(drafts, points_of(columns, self.context, len(drafts)), strict=True):
                if points:
                    draft.points[entity] = points

    def _fill_extra(self, drafts: Sequence[Draft]) -> None:
        for name in self.extra:
            kept = name if name != ORIGINAL else f"column {ORIGINAL}"
            for draft in drafts:
                if (text := self._cell(draft.row, name)) is not None:
                    draft.extra[kept] = text

    def _note(self, target: Target, cells: Sequence[str | None], standards: Sequence[Standard | None]) -> None:
        pairs = zip(cells, standards, strict=True)
        for one in [one for cell, one in pairs if one is not None and one.issues and cell is not None]:
            for issue in () if one.stands_for_nothing else one.issues:
                if issue.unknown:
                    self.not_understood[str(target), issue.code] += 1

    def _fill(self, draft: Draft, column: str, entity: Entity, one: Field, cell: str, standard: Standard) -> None:
        if one.type is SemanticType.REFERENCE:
            self._references.fill(draft, column, entity, one, cell.strip())
            return
        if not standard.understood:
            self.not_understood[f"{entity.noun}.{one.name}", standard.issues[0].code] += 1
            if one.type is SemanticType.ENUM:
                draft.extra[column] = cell
                return
            if one.type in _MUST_BE_UNDERSTOOD:
                reason = standard.issues[0].message
                draft.faults.append(Fault(column, cell, reason, f"mend it, or map {column!r} to extra"))
                return
        value = stored_value(one.type, standard)
        if value is None:  # nothing that can be seen, such as a zero-width space: as good as blank
            return
        self._put(draft, entity, one, column, cell, value)
        if isinstance(value, str) and value != cell:
            draft.originals.setdefault(entity.name, {})[one.name] = cell
        if one.type is SemanticType.MONEY and "currency" in standard.parts and "currency" in entity.by_name:
            draft.values[entity.name].setdefault("currency", standard.parts["currency"])

    def _put(self, draft: Draft, entity: Entity, one: Field, column: str, cell: str | None, value: Any) -> None:
        try:
            check_value(entity, one, value)
        except WrongValueError as fault:
            draft.faults.append(Fault(column, cell, fault.message, fault.hint))
            return
        draft.values.setdefault(entity.name, {})[one.name] = value

    def _fill_made_up(self, draft: Draft, target: Target, cell: str, standard: Standard) -> None:
        values = draft.values.setdefault(target.entity.name, {})
        if target.name == "full_name":
            parts = _name_parts(standard, cell)
            for name, text in parts.items():
                if name in target.entity.by_name:
                    values.setdefault(name, text)
            draft.originals.setdefault(target.entity.name, {})["full_name"] = cell
        elif target.name == "external_id":
            draft.external_id, draft.keyed = known_as(cell.strip()), True
        elif target.name == PUBLIC_ID:
            draft.public_id = cell.strip()
        elif target.name == "last_modified":
            self._note(target, [cell], [standard])
            draft.modified = datetime.fromisoformat(standard.value) if standard.value else None

    def _check_constants(self) -> None:
        for column, value in self._fixed.items():
            target = self.targets[column]
            (standard,) = self._columns[column].standardize([value], [None])
            one = target.field or target.slot
            strict = one is not None and (one.type in _MUST_BE_UNDERSTOOD or one.type is SemanticType.ENUM)
            if standard is not None and strict and not standard.understood:
                raise MappingError(f"constant {column}: {standard.issues[0].message}", hint="mend it in the mapping")

    def _check(self, draft: Draft, given: Given) -> None:
        """Say what a record needs and this row has not; of account and contact one is enough."""
        present = [entity for entity in self.entities if self._checker.is_filled(entity, draft)]
        main = present[-1] if present else None
        if main is None and not draft.faults:
            draft.faults.append(self._checker.nothing_to_name(self.entities[-1]))
        for entity in self.entities:
            if not (entity is main or (main and entity in present and self._comes_with(entity, main))):
                self._put_aside(draft, entity, main, given)

    def _comes_with(self, entity: Entity, main: Entity) -> bool:
        """Whether the records of `main` name theirs: a person the company, an opportunity its account."""
        return entity.name == "account" and "account_id" in main.by_name

    def _put_aside(self, draft: Draft, entity: Entity, main: Entity | None, given: Given) -> None:
        """Keep what a row says of a record that it does not name beside the one that it names.

        An address or number of a row that is a company alone is the company's.
        """
        draft.values.pop(entity.name, None)
        draft.originals.pop(entity.name, None)
        points = draft.points.pop(entity.name, [])
        moved = main is not None and bool(main.slots) and main.name not in draft.points
        if moved and main is not None and points:
            draft.points[main.name] = points
        for column, cell, standard in given():
            target = self.targets[column]
            spoken = target.field or target.name == FULL_NAME or (target.slot and not moved)
            if target.entity is entity and spoken and column not in self._fixed and not standard.stands_for_nothing:
                draft.extra.setdefault(column, cell)


def _given(place: int, cells: Cells, standards: Standards) -> Iterator[tuple[str, str, Standard]]:
    """What one row says: column, cell, standard form."""
    for column, values in cells.items():
        cell, standard = values[place], standards[column][place]
        if cell is not None and standard is not None:
            yield column, cell, standard


def _parents_first(entities: list[Entity]) -> list[Entity]:
    """Order entities so that what others refer to comes first, in whatever order they were named."""
    names = {one.name for one in entities}
    return sorted(
        entities,
        key=lambda entity: sum(
            one.reference is not None and one.reference.entity in names - {entity.name} for one in entity.references
        ),
    )


def _name_parts(standard: Standard, cell: str) -> dict[str, str]:
    names = {
        "given": "given_name", "middle": "middle_name", "family": "family_name", "suffix": "suffix",
        "title": "salutation",
    }  # fmt: skip
    found = {field: standard.parts[part] for part, field in names.items() if standard.parts.get(part)}
    return found if "family_name" in found or "given_name" in found else {"family_name": standard.value or cell.strip()}
