"""What each side says of a field: as it stands, and in the form in which it is compared."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from crm_cli.dictionary import Entity, SemanticType, fold
from crm_cli.importers import Row
from crm_cli.jobs.importing.drafting import Drafter
from crm_cli.jobs.importing.drafts import Draft
from crm_cli.jobs.importing.points import value_points
from crm_cli.jobs.importing.resolving import Resolver
from crm_cli.jobs.reconciling.fields import ComparedField
from crm_cli.standardize import Context, Standard, standardize

__all__ = ["NOTHING", "Said", "SideReader", "agree", "decoded", "encoded", "money_parts"]

Given = Mapping[str, tuple[str, Standard]]
_MONEY = "|"  # between the amount and the currency of a sum's form
_NEXT = "\n"  # between the forms of several addresses or numbers in one cell


class Said(NamedTuple):
    """One value: as it stands, its compared form (None: blank), and why our standards do not take it."""

    shown: str | None
    form: str | None
    note: str = ""


NOTHING = Said(None, None)


def encoded(values: Sequence[Said]) -> str:
    """Return the values as text that any file can hold."""
    return json.dumps([one.shown if one.shown == one.form and not one.note else list(one) for one in values])


def decoded(text: str) -> list[Said]:
    """Return what `encoded` made a text of."""
    return [Said(*one) if isinstance(one, list) else Said(one, one) for one in json.loads(text)]


def agree(one: ComparedField, here: Said, there: Said) -> bool:
    """Return whether both sides say the same."""
    if here.form == there.form:
        return True
    if here.form is None or there.form is None:
        return one.is_company and here.form is None and bool(here.note) and _company(here) == _company(there)
    if one.kind is SemanticType.MONEY and not here.note and not there.note:
        amount, currency = money_parts(here.form)
        other, other_currency = money_parts(there.form)
        return amount == other and (not currency or not other_currency or currency == other_currency)
    # of several in one cell, one that stands here is enough
    return one.slot is not None and not set(here.form.split(_NEXT)).isdisjoint(there.form.split(_NEXT))


def _company(said: Said) -> str | None:
    """A company's name as the name of an account is kept: of a blank here, the account's own."""
    name = said.shown or said.note
    standard = standardize(SemanticType.COMPANY_NAME, name, Context())
    return fold(standard.value or name)


def money_parts(form: str) -> tuple[str, str]:
    """Return the amount and the currency of a sum's form; the currency is "" where nobody says it."""
    amount, _, currency = form.partition(_MONEY)
    return amount, currency


@dataclass
class SideReader:
    """Reads what rows say of fields, with the functions of an import, so that both sides are in the same form.

    With `resolver` references are looked up as an import looks them up; without, they are numbers of ours.
    """

    drafter: Drafter
    entity: Entity
    fields: Sequence[ComparedField]
    resolver: Resolver | None = None

    def read(self, rows: Sequence[Row]) -> list[tuple[list[Said], str]]:
        """Return, a row, what it says of each field, and why it cannot be compared at all ("" where it can)."""
        givens = self.drafter.read(rows)
        # contact points are compared one by one, not as the rows that an import makes of them
        slots = {column for column, target in self.drafter.targets.items() if target.slot is not None}
        plain = [{column: given[column] for column in given if column not in slots} for given in givens]
        drafts = self.drafter.drafts_of(rows, plain)
        if self.resolver is not None:
            self.resolver.look_up_references(self.entity, drafts)
        return [self._row(draft, given) for draft, given in zip(drafts, givens, strict=True)]

    def _row(self, draft: Draft, given: Given) -> tuple[list[Said], str]:
        faults = {one.column: one.reason for one in draft.faults}
        whole = "; ".join(reason for column, reason in faults.items() if column not in given)
        return [self._said(one, draft, given, faults) for one in self.fields], whole

    def _said(self, one: ComparedField, draft: Draft, given: Given, faults: Mapping[str, str]) -> Said:
        column = next((name for name in one.columns if name in given), None)
        if column is None:
            return NOTHING
        cell, standard = given[column]
        if standard.stands_for_nothing:
            return NOTHING
        if column in faults:
            return Said(cell, fold(cell), faults[column])
        if one.slot is not None:
            return self._point(one, cell, standard)
        value = draft.values.get(self.entity.name, {}).get(one.name)
        if one.is_reference:
            return self._reference(one, cell, value)
        note = _refusal(standard)
        if value is None:
            return Said(cell, fold(cell), note) if note else NOTHING
        if one.kind is SemanticType.MONEY:
            return Said(cell, self._money(cell, standard, given), note)
        form = form_of(value)
        return Said(form if one.only_given else cell, fold(form) if one.is_folded else form, note)

    def _point(self, one: ComparedField, cell: str, standard: Standard) -> Said:
        if one.slot is None or one.is_address:
            form = fold(standard.value or cell)
            return Said(cell, form) if form else NOTHING
        if standard.understood and standard.value and "more" not in standard.parts:
            return Said(cell, standard.value.casefold())
        points = value_points((one.slot, cell, standard), self.drafter.context)
        forms = [form for point in points if (form := point.identity[1])]
        wrong = [point.values["value"] for point in points if point.values["standing"] == "wrong"]
        note = (_refusal(standard) or "not understood") if len(wrong) == len(points) else ""
        return Said(cell, _NEXT.join(forms), note) if forms else NOTHING

    def _reference(self, one: ComparedField, cell: str, value: Any) -> Said:
        if isinstance(value, int):
            return Said(cell, str(value))
        if self.resolver is None or value is not None:  # a number of ours, or of a record of any kind
            return Said(cell, cell.strip())
        target = one.field.reference.entity if one.field and one.field.reference else None
        return Said(cell, cell.strip(), f"there is no {target or 'record'} of this name here")

    def _money(self, cell: str, standard: Standard, given: Given) -> str:
        amount = number_form(Decimal(standard.parts["amount"]))
        return f"{amount}{_MONEY}{standard.parts.get('currency', '') if self._is_stated(cell, given) else ''}"

    def _is_stated(self, cell: str, given: Given) -> bool:
        """Whether the row itself says in what currency it counts: a sum under the default can be in any."""
        targets = self.drafter.targets
        if any(targets[name].name == "currency" and targets[name].field is not None for name in given):
            return True
        return any(letter.isalpha() or unicodedata.category(letter) == "Sc" for letter in cell)


def _refusal(standard: Standard) -> str:
    return next((issue.message for issue in standard.issues if issue.unknown), "")


def form_of(value: Any) -> str:
    """Return a stored value as the text by which it is compared."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_form(Decimal(repr(value)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def number_form(number: Decimal) -> str:
    """Return a number in one form for all that are equal."""
    return format(number.normalize() + 0, "f") if number else "0"
