"""Mappings: from the columns of a source to the fields of the dictionary; suggested, saved, checked.

To teach a header: add the word to the field's synonyms in the dictionary, or to the recognition's header words.
"""

from crm_cli.importers.mapping.model import (
    EXTRA,
    FULL_NAME,
    IGNORE,
    PUBLIC_ID,
    ColumnMap,
    Mapping,
    MappingError,
    Target,
    find_target,
    read_mapping,
)
from crm_cli.importers.mapping.suggest import suggest_mapping

__all__ = [
    "EXTRA",
    "FULL_NAME",
    "IGNORE",
    "PUBLIC_ID",
    "ColumnMap",
    "Mapping",
    "MappingError",
    "Target",
    "find_target",
    "read_mapping",
    "suggest_mapping",
]
