"""Constants of a mapping: fields that have the same value in every row, unless the row says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_cli.dictionary import Dictionary
from crm_cli.errors import CrmError
from crm_cli.importers.mapping import Mapping as ColumnMapping
from crm_cli.importers.mapping import MappingError, Target, find_target

__all__ = ["constant_columns", "give_way"]


def constant_columns(dictionary: Dictionary, mapping: ColumnMapping) -> dict[str, tuple[Target, str]]:
    """Return a column for each constant, by a name that says it, with what it fills and its cell.

    Raises `MappingError` for one that fills nothing.
    """
    found: dict[str, tuple[Target, str]] = {}
    for text, value in mapping.constants.items():
        try:
            target = find_target(dictionary, text, mapping.into)
        except MappingError:
            raise
        except CrmError as fault:
            raise MappingError(f"constant {text}: {fault.message}", hint=fault.hint) from fault
        found[f"{text} = {value}"] = (target, value)
    return found


def give_way(
    cells: dict[str, Sequence[str | None]], targets: Mapping[str, Target], constants: Mapping[str, str]
) -> None:
    """Take constants out of the rows that say something for the same field themselves."""
    for column in constants:
        target = str(targets[column])
        others = [name for name, one in targets.items() if name not in constants and str(one) == target]
        for name in others:
            pairs = zip(cells[column], cells[name], strict=True)
            cells[column] = [constant if own is None else None for constant, own in pairs]
