"""What an export costs in each format: 100 000 rows of 15 columns, generated from a seed."""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks._measure import measure, show
from crm_cli.dictionary.types import SemanticType
from crm_cli.exporters import ExportColumn, Row, export_rows

ROWS = 100_000
COLUMNS = [
    *(ExportColumn(name) for name in ("given_name", "family_name", "company", "job_title", "street", "city", "region")),
    *(ExportColumn(name, SemanticType.IDENTIFIER) for name in ("public_id", "postal_code", "phone")),
    ExportColumn("email", SemanticType.EMAIL),
    ExportColumn("amount", SemanticType.MONEY),
    ExportColumn("birth_date", SemanticType.DATE),
    ExportColumn("updated_at", SemanticType.TIMESTAMP),
    ExportColumn("active", SemanticType.BOOLEAN),
]


def rows(number: int = ROWS) -> Iterator[Row]:
    """Generate rows; the same ones each time."""
    chance = random.Random(7)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    words = [
        f"{chance.choice('ABDEKLMSTW')}{chance.choice(['eller', 'ünster', 'ong, Inc', 'aria'])}" for _ in range(500)
    ]
    for position in range(number):
        texts = [chance.choice(words) for _ in range(7)]
        yield [
            *texts,
            f"01J{position:023d}",
            f"{chance.randrange(100_000):05d}",
            f"+49{chance.randrange(10**9, 10**10)}",
            f"{texts[0]}{position}@acme.example".lower(),
            None if position % 3 else chance.randrange(10**7),
            date(1950, 1, 1) + timedelta(days=position % 20_000),
            start + timedelta(microseconds=position),
            position % 2 == 0,
        ]


def generate_only() -> None:
    """Make the rows and drop them: what has to be taken off the other figures."""
    for _ in rows():
        pass


def plain_csv_writer() -> None:
    """The floor: `csv.writer` on the same rows, without guard, check, hash or rename."""
    with tempfile.TemporaryFile("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows())


def export(suffix: str) -> None:
    """Export the rows to a temporary file."""
    with tempfile.TemporaryDirectory() as folder:
        export_rows(rows(), COLUMNS, Path(folder) / f"a.{suffix}")


def main() -> None:
    """Measure and print."""
    figures = [
        measure("rows generated only", generate_only, rows=ROWS),
        measure("csv.writer", plain_csv_writer, rows=ROWS),
    ]
    figures += [
        measure(suffix, export, suffix, rows=ROWS) for suffix in ("csv", "csv.gz", "jsonl", "vcf", "parquet", "xlsx")
    ]
    show(figures)


if __name__ == "__main__":
    main()
