"""The data dictionary: semantic types, fields, entities. Values, no I/O; imports nothing of ours but errors.

An *entity* is a list of *fields*; a field has a *semantic type*, a meaning, header synonyms, a survivorship default, a
class of personal data and a freshness group. Tables, commands, import, export, matching and audit follow from it.

To add an entity or a core field: declare it in `declaration/`, then generate the migration. To add a semantic type:
add it to `types.py`; the registries of the rooms above each demand an entry or an explicit none (a test holds it).
"""

from crm_cli.dictionary.declaration import shipped
from crm_cli.dictionary.entities import Dictionary, Entity, EntityRole, UnknownEntityError, UnknownFieldError
from crm_cli.dictionary.fields import ContactSlot, Field, Reference
from crm_cli.dictionary.folding import fold
from crm_cli.dictionary.showing import MASK, hide, is_shown, shown, shown_as, shown_row
from crm_cli.dictionary.types import Freshness, OnMerge, PersonalData, SemanticType, Survivorship

__all__ = [
    "MASK",
    "ContactSlot",
    "Dictionary",
    "Entity",
    "EntityRole",
    "Field",
    "Freshness",
    "OnMerge",
    "PersonalData",
    "Reference",
    "SemanticType",
    "Survivorship",
    "UnknownEntityError",
    "UnknownFieldError",
    "fold",
    "hide",
    "is_shown",
    "shipped",
    "shown",
    "shown_as",
    "shown_row",
]
