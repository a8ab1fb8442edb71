"""What a user gave – `name=value` texts – in the dictionary's terms and standard forms, by the rules of bulk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import ContactSlot, Entity, Field, Freshness, SemanticType, fold
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.history import WrongValueError, check_value
from crm_cli.records.references import find_reference
from crm_cli.standardize import Context, Standard, standardizer, stored_value
from crm_cli.store import COMMON_COLUMNS, Store

__all__ = ["Given", "NotEditableError", "Reader", "SlotValue", "field_named"]

_MUST_BE_UNDERSTOOD = {
    SemanticType.DATE, SemanticType.TIMESTAMP, SemanticType.MONEY, SemanticType.INTEGER, SemanticType.NUMBER,
    SemanticType.BOOLEAN, SemanticType.ENUM, SemanticType.CURRENCY,
}  # fmt: skip


class NotEditableError(UsageError):
    """The system keeps this field itself."""

    code = "not-editable"


@dataclass(frozen=True, slots=True)
class SlotValue:
    """A contact point as given, and its standard form; both None to clear the slot."""

    slot: ContactSlot
    given: str | None
    standard: str | None
    understood: bool = True

    @property
    def known(self) -> str | None:
        """What is stored as the standard form: of a value that was not understood, its compare key."""
        return self.standard if self.understood and self.standard else fold(self.given)


@dataclass
class Given:
    """Values ready to be stored: fields, contact slots, originals that standardizing changed, and remarks on them."""

    entity: Entity
    values: dict[str, Any] = field(default_factory=dict)
    slots: dict[str, SlotValue] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def groups(self) -> list[Freshness]:
        """The freshness groups that these fields and slots belong to."""
        fields = [self.entity.by_name[name].freshness for name in self.values if name in self.entity.by_name]
        slots = [one.slot.freshness for one in self.slots.values()]
        return sorted({group for group in (*fields, *slots) if group is not None})

    @property
    def table_values(self) -> dict[str, Any]:
        """The values of fields that have a column of their own."""
        return {name: value for name, value in self.values.items() if not self.entity.by_name[name].custom}

    @property
    def custom(self) -> dict[str, Any]:
        """The values of fields added at run time."""
        return {name: value for name, value in self.values.items() if self.entity.by_name[name].custom}


def field_named(entity: Entity, name: str) -> Field | ContactSlot:
    """Return the field or slot that a user calls `name`; a reference also without its `_id` (`owner` for `owner_id`).

    Raises `UnknownFieldError` with the nearest name, `NotEditableError` for what the system keeps itself.
    """
    by_path = {one.path_name: one for one in entity.references}
    found = entity.by_name.get(name) or entity.slot_by_name.get(name) or by_path.get(name)
    if found is None:
        if name == "id" or name in COMMON_COLUMNS[entity.role]:
            raise NotEditableError(f"{name} is kept by the system and cannot be set", field=name)
        fault = entity.unknown(name)
        near = did_you_mean(name, [*entity.public_names, *by_path])
        raise type(fault)(fault.message, hint=near or fault.hint, **fault.facts)
    if isinstance(found, Field) and not found.editable:
        raise NotEditableError(f"{name} is made by the system and cannot be set", field=name)
    return found


@dataclass(frozen=True)
class Reader:
    """Reads what users give. `context` holds the defaults: country, currency, time zone."""

    store: Store
    connection: sa.Connection
    entity: Entity
    context: Context

    def read(self, given: Mapping[str, str], *, record: Mapping[str, Any] | None = None) -> Given:
        """Return `given` (name → text, blank to clear) as it is stored.

        `record` holds the record's own values, whose country and currency decide how numbers are read. Raises
        `UnknownFieldError`, `NotEditableError`, `WrongValueError` for what cannot be understood, and what
        `find_reference` raises.
        """
        result = Given(self.entity)
        known = {**(record or {}), **{name: text for name, text in given.items() if text.strip()}}
        context = replace(self.context, country=self._country(known))
        for name, text in given.items():
            target = field_named(self.entity, name)
            if isinstance(target, ContactSlot):
                result.slots[target.name] = self._slot(result, target, text, context)
            elif target.reference is not None:
                result.values[target.name] = self._reference(target, text)
            else:
                self._field(result, target, text, context, currency=known.get("currency"))
        return result

    def _country(self, known: Mapping[str, Any]) -> str | None:
        """Return the country that values are read by: the record's own, else the default."""
        text = known.get("country")
        function = standardizer(SemanticType.COUNTRY)
        if not text or function is None:
            return self.context.country
        standard = function(str(text), self.context)
        return standard.value if standard.understood else self.context.country

    def _slot(self, result: Given, slot: ContactSlot, text: str, context: Context) -> SlotValue:
        if not text.strip():
            return SlotValue(slot, None, None)
        standard = _standard(slot.type, text, context)
        self._check_understood(slot.name, slot.type, text, standard)
        result.remarks += [f"{slot.name}: {issue.message}" for issue in standard.issues]
        return SlotValue(slot, text.strip(), standard.value, standard.understood)

    def _reference(self, one: Field, text: str) -> int | None:
        if not text.strip():
            self._checked(one, None)
            return None
        return find_reference(self.store, self.connection, one, text)

    def _field(self, result: Given, one: Field, text: str, context: Context, *, currency: str | None) -> None:
        if not text.strip():
            result.values[one.name] = self._checked(one, None)
            return
        standard = self._money(one, text, context, currency) or _standard(one.type, text, _with_choices(context, one))
        self._check_understood(one.name, one.type, text, standard)
        result.remarks += [f"{one.name}: {issue.message}" for issue in standard.issues]
        value = self._checked(one, _storable(one, standard))
        result.values[one.name] = value
        if isinstance(value, str) and not one.custom and value != text:
            result.originals[one.name] = text
        if one.type is SemanticType.MONEY and "currency" in self.entity.by_name and standard.parts.get("currency"):
            result.values.setdefault("currency", standard.parts["currency"])

    def _money(self, one: Field, text: str, context: Context, currency: str | None) -> Standard | None:
        """Read a sum in its own currency, else the record's, else the base currency."""
        if one.type is not SemanticType.MONEY:
            return None
        standard = _standard(one.type, text, replace(context, currency=_currency(currency, context)))
        if standard.parts.get("currency") or not context.currency:
            return standard
        return _standard(one.type, text, context)

    def _checked(self, one: Field, value: Any) -> Any:
        if value is None and one.required:
            raise WrongValueError(f"{self.entity.noun} needs a value for {one.name}", hint=f"give {one.name}=VALUE")
        check_value(self.entity, one, value)
        return value

    def _check_understood(self, name: str, kind: SemanticType, text: str, standard: Standard) -> None:
        if standard.understood or kind not in _MUST_BE_UNDERSTOOD:
            return
        facts = {"entity": self.entity.name, "field": name, "value": text}
        why = standard.issues[0].message
        raise WrongValueError(
            f"{name}={text}: {why}", hint=f"crm schema show {self.entity.noun} says what it takes", **facts
        )


def _standard(kind: SemanticType, text: str, context: Context) -> Standard:
    function = standardizer(kind)
    return Standard(text.strip()) if function is None else function(text, context)


def _with_choices(context: Context, one: Field) -> Context:
    return replace(context, choices=one.values) if one.values else context


def _currency(text: str | None, context: Context) -> str | None:
    if not text:
        return None
    standard = _standard(SemanticType.CURRENCY, text, context)
    return standard.value if standard.understood else None


def _storable(one: Field, standard: Standard) -> Any:
    """Return the value as its column takes it; run-time fields stand in JSON, which has no dates."""
    value = stored_value(one.type, standard)
    return value.isoformat() if one.custom and hasattr(value, "isoformat") else value
