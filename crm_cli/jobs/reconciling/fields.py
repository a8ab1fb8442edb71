"""Which fields are compared: what the columns of the source fill, and how each is read on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_cli.dictionary import ContactSlot, Dictionary, Entity, Field, SemanticType, Survivorship
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.importers.mapping import EXTRA, FULL_NAME, ColumnMap, Mapping
from crm_cli.query import resolve
from crm_cli.query.paths import COMMON

__all__ = ["ComparedField", "chosen_fields", "compared_fields", "is_about_consent", "mapping_of_names"]

_NAME_PARTS = ("salutation", "given_name", "middle_name", "family_name", "suffix")
_SUMMED = {SemanticType.MONEY, SemanticType.INTEGER, SemanticType.NUMBER}
_CONSENT_WORDS = ("consent", "opt_in", "opt_out", "optin", "optout", "opted", "newsletter", "unsubscribe", "do_not")


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field or contact slot of the records, and the columns of the source that say it.

    `only_given`: it is a part of a full name, which denies nothing where it says nothing.
    """

    name: str
    columns: tuple[str, ...]
    field: Field | None = None
    slot: ContactSlot | None = None
    only_given: bool = False

    @property
    def kind(self) -> SemanticType:
        """What its values mean."""
        one = self.slot or self.field
        return one.type if one is not None else SemanticType.TEXT

    @property
    def masked(self) -> bool:
        """Whether views mask what records hold in it."""
        one = self.slot or self.field
        return one is not None and one.masked

    @property
    def is_reference(self) -> bool:
        """Whether it names another record."""
        return self.field is not None and self.field.reference is not None

    @property
    def is_summed(self) -> bool:
        """Whether its sums on both sides say something."""
        return self.kind in _SUMMED

    @property
    def is_company(self) -> bool:
        """Whether it is the company of a person as it was given, for which the person's account can stand."""
        return self.name == "company" and self.field is not None

    @property
    def is_folded(self) -> bool:
        """Whether case and blanks say nothing, as in a condition; an identifier is compared exactly."""
        return self.field is not None and self.field.has_key and self.kind is not SemanticType.IDENTIFIER

    @property
    def is_address(self) -> bool:
        """Whether it is a part of a postal address."""
        return self.slot is not None and self.slot.detail == "postal_address"


def is_about_consent(one: ComparedField) -> bool:
    """Whether the field says what a person allowed: another system's word never loosens that."""
    declared = one.field
    if declared is None:
        return False
    words = {declared.name, *declared.synonyms}
    named = any(part in word.replace(" ", "_").casefold() for word in words for part in _CONSENT_WORDS)
    return declared.survivorship is Survivorship.RESTRICTIVE or named


def mapping_of_names(dictionary: Dictionary, entity: Entity, header: Sequence[str]) -> Mapping | None:
    """Return the mapping of a source whose columns are all called as ours, such as an export; None for any other."""
    fields = {name: name for name in entity.public_names}
    fields |= {one.path_name: one.name for one in entity.references if one.path_name not in fields}
    columns = []
    for column in header:
        if column not in fields and column not in COMMON and not _is_path(dictionary, entity, column):
            return None
        target = f"{entity.noun}.{fields[column]}" if column in fields else EXTRA
        columns.append(ColumnMap(column, target, why="it is called so here"))
    return Mapping((entity.noun,), tuple(columns)) if any(one.target != EXTRA for one in columns) else None


def _is_path(dictionary: Dictionary, entity: Entity, column: str) -> bool:
    if "." not in column:
        return False
    try:
        resolve(dictionary, entity, column)
    except UsageError:
        return False
    return True


def compared_fields(dictionary: Dictionary, entity: Entity, mapping: Mapping) -> list[ComparedField]:
    """Return what the columns of a mapping say of records of `entity`, in the order of the columns."""
    found: dict[str, ComparedField] = {}
    for column, target in mapping.targets(dictionary).items():
        if target.entity is not entity:
            continue
        if target.name == FULL_NAME:
            for name in _NAME_PARTS:
                if name in entity.by_name and name not in found:
                    found[name] = ComparedField(name, (column,), field=entity.by_name[name], only_given=True)
        elif target.slot is not None or (target.field is not None and target.field.type is not SemanticType.JSON):
            known = found.get(target.name)
            columns = (*known.columns, column) if known and not known.only_given else (column,)
            found[target.name] = ComparedField(target.name, columns, target.field, target.slot)
    return list(found.values())


def chosen_fields(entity: Entity, known: Sequence[ComparedField], wanted: Sequence[str]) -> list[ComparedField]:
    """Return the fields that are `wanted`, all without any; `UsageError` for one that no column of the source says."""
    by_name = {one.name: one for one in known}
    by_name |= {one.field.path_name: one for one in known if one.field is not None and one.is_reference}
    chosen = []
    for name in wanted:
        if name not in by_name:
            raise _not_said(entity, name, known)
        chosen.append(by_name[name])
    return list(dict.fromkeys(chosen)) or list(known)


def _not_said(entity: Entity, name: str, known: Sequence[ComparedField]) -> UsageError:
    if name in entity.by_name or name in entity.slot_by_name:
        hint = f"its columns say: {', '.join(one.name for one in known)}; --mapping FILE says which column is which"
        return UsageError(f"no column of the source says {name}", hint=hint, field=name)
    fault = entity.unknown(name)
    return UsageError(fault.message, hint=did_you_mean(name, [one.name for one in known]) or fault.hint, field=name)
