"""Which blanks may be filled from the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from crm_cli.dictionary import SemanticType
from crm_cli.jobs.reconciling.addresses import completes, parts_kept
from crm_cli.jobs.reconciling.fields import ComparedField, is_about_consent
from crm_cli.jobs.reconciling.said import Said, money_parts

__all__ = ["FillRule"]


@dataclass(frozen=True)
class FillRule:
    """Whether a value of the source may take the place of a blank here."""

    fields: Sequence[ComparedField]
    currency: str | None  # of sums in the source that name none

    @cached_property
    def _parts(self) -> dict[str | None, list[tuple[int, str]]]:
        """The parts of each kind of address: their places among the fields, and what they are of an address."""
        found: dict[str | None, list[tuple[int, str]]] = {}
        for place, one in enumerate(self.fields):
            if one.slot is not None and one.is_address:
                found.setdefault(one.slot.kind, []).append((place, one.slot.column))
        return found

    def allows(self, one: ComparedField, here: Said, there: Said, row: Sequence[Said]) -> bool:
        """Return whether it is understood, is nobody's consent, and makes no address or sum of parts that do not belong
        together. `row` is all that the source says.
        """
        if there.note or there.form is None or is_about_consent(one):
            return False
        if one.field is not None and not one.field.editable:
            return False
        if one.kind is SemanticType.MONEY:
            return here.note in ("", money_parts(there.form)[1] or self.currency)
        if one.is_company:
            return not here.note  # the account says it
        if one.slot is None or not one.is_address or not here.note:
            return True
        said = {column: form for place, column in self._parts[one.slot.kind] if (form := row[place].form)}
        return completes(parts_kept(here.note), said)
