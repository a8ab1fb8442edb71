"""What we export, we import: the same texts come back through our own readers, the guard against formulas undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_cli.exporters import ExportColumn, export_rows
from crm_cli.importers import read_tables

# The importer trims nothing inside a cell, but takes a cell of blanks alone for an empty one.
NAMES = [
    "ACME [/b] Ltd", "O[red]x", "<script>alert(1)</script>", "a\u202eb\u200f", "=1+1", "+49 30 123",
    "-x", "@a", "'=1", "''@", "'tis", "a\r\nb", "<r>x</r>", "_x0041_", 'say "hi", he', "00123", "TRUE",
    "2026-01-01", "李 小龙", "🧾", "+4930123456",
]  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "jsonl"])
def test_our_importer_reads_back_what_we_export(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"names.{suffix}"
    columns = [ExportColumn("name"), ExportColumn("city"), ExportColumn("street")]
    export_rows([[name, "Bonn", None] for name in NAMES], columns, path)

    [table] = read_tables(path)

    assert table.header == ["name", "city", "street"]
    assert [row.values for row in table.rows()] == [[name, "Bonn", None] for name in NAMES]
