"""Where the shared cases are, and small helpers to make sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_cli.importers import ReadOptions, Source, Table, read_tables


@pytest.fixture(scope="session")
def cases(shared: Path) -> Path:
    """The folder of files that others made, with its manifest."""
    return shared / "data" / "import-cases"


def table(content: str | bytes, name: str = "people.csv", **options: object) -> Table:
    """Read the one table of a text."""
    data = content.encode() if isinstance(content, str) else content
    tables = read_tables(Source.from_bytes(name, data), ReadOptions(**options))  # type: ignore[arg-type]
    assert len(tables) == 1
    return tables[0]


def values(found: Table) -> list[list[str | None]]:
    return [row.values for row in found.rows()]
