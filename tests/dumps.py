"""Dumps of business content, to compare before and after."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import EntityRole
from crm_cli.store import Store

_BOOKKEEPING = {"row_version", "updated_at"}
_REMEMBERED = {"source_system"}  # a batch that is undone stays listed, and so does where it came from


def business_content(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every record and detail, versions apart: what users would call "the data"."""
    with store.read() as connection:
        return {
            entity.name: [
                {name: value for name, value in row.items() if name not in _BOOKKEEPING}
                for row in connection.execute(sa.select(store.table(entity.name)).order_by("id")).mappings()
            ]
            for entity in store.dictionary
            if entity.role is not EntityRole.MACHINERY and entity.name not in _REMEMBERED
        }
