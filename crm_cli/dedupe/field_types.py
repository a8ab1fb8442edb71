"""Field types: all that matching does with one kind of column, in one place.

A type says how values are cleaned, how two of them are compared, and which blocking keys are made of them. To add one,
or to give a shipped one further keys, make a `FieldType` and

- in this package: name it in `_OWN` below;
- in another package: name it in the entry point group `crm_cli.field_types`;
- for one search: give it in `MatchSettings.field_types`.

Columns get it by name (`MatchSettings.kinds`, `compare_as` in a rules file). One with the name of a shipped type takes
its place everywhere. The shipped types are put together from the tables of `cleaning`, `comparisons` and `blocking`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crm_cli.dedupe.blocking.keys import WHOLE, Texts, key_makers
from crm_cli.dedupe.cleaning import Cleaner, cleaner_of, words_of
from crm_cli.dedupe.comparisons import COMPARISONS, Comparison
from crm_cli.dedupe.kinds import Kind
from crm_cli.errors import CrmError

__all__ = ["FieldType", "FieldTypeError", "FieldTypes", "field_types"]

FieldTypes = Mapping[str, "FieldType"]


class FieldTypeError(CrmError):
    """A field type contradicts itself."""

    code = "field-type"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """One kind of column.

    `comparison` grades two cleaned values (its `kind` is the type's name); None for the parts of a place, which are
    compared together. `clean` takes and gives a whole column of distinct values. `keys` are blocking keys by name, each
    made of the encoded column, whose `values` are cleaned; `""` is the value itself. Raises `FieldTypeError` where name
    and kind differ.
    """

    name: str
    comparison: type[Comparison] | None
    clean: Cleaner = words_of
    keys: Mapping[str, Texts | None] = field(default_factory=lambda: {WHOLE: None})

    def __post_init__(self) -> None:
        if self.comparison is not None and self.comparison.kind != self.name:
            message = f"field type {self.name!r} has a comparison for {str(self.comparison.kind)!r}"
            raise FieldTypeError(message, hint="give both the same name", name=self.name)


_OWN: tuple[FieldType, ...] = ()


def field_types(further: Iterable[FieldType] = ()) -> FieldTypes:
    """Return all types by name, in the order of comparing: the shipped ones, this package's further ones, and yours."""
    order = [*COMPARISONS, *(kind for kind in Kind if kind not in COMPARISONS and kind is not Kind.PLACE)]
    shipped = {
        str(kind): FieldType(
            name=str(kind), comparison=COMPARISONS.get(kind), clean=cleaner_of(kind), keys=key_makers(kind)
        )
        for kind in order
    }
    return shipped | {each.name: each for each in (*_OWN, *further)}
