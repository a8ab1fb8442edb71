"""The shipped declaration: one file a family of entities. `shipped()` puts them together.

To add an entity: declare it in the file of its family (or a new one listed here), then generate the migration with
`python -m crm_cli.store.migrations.generate`. Table, commands, import, export, search and audit follow.
"""

from __future__ import annotations

from crm_cli.dictionary.declaration import (
    across,
    activities,
    leads,
    machinery,
    matching,
    organization,
    parties,
    privacy,
    quality,
    runs,
    sales,
)
from crm_cli.dictionary.entities import Dictionary

__all__ = ["shipped"]


def shipped() -> Dictionary:
    """Return the dictionary as shipped, without run-time fields."""
    families = (organization, parties, leads, sales, activities, machinery, matching, across, quality, runs, privacy)
    return Dictionary(entity for family in families for entity in family.ENTITIES)
