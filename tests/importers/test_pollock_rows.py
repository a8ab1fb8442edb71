"""The row-level pollutions of the Pollock benchmark, made anew from its clean file.

For every row and column a delimiter too many, one too few, a quote too many; for every row another delimiter.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_cli.importers import parse_only
from tests.importers.pollock import rows_of, score

pytestmark = [pytest.mark.shared]


def cut(line: str) -> list[str]:
    """Cut at the commas outside quotes, quotes kept: a naive reference."""
    cells, quoted = [""], False
    for char in line:
        quoted ^= char == '"'
        if char == "," and not quoted:
            cells.append("")
        else:
            cells[-1] += char
    return cells


def polluted(row: list[str], clean: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield (polluted line, what its clean cells are)."""
    yield " ".join(row), clean
    for at, cell in enumerate(row):
        yield ",".join([*row[:at], "", *row[at:]]), clean
        if at:
            yield ",".join([*row[: at - 1], row[at - 1] + cell, *row[at + 1 :]]), clean
        quote = f'""{cell[1:]}' if cell.startswith('"') else f'"{cell}'
        yield ",".join([*row[:at], quote, *row[at + 1 :]]), [*clean[:at], f'"{clean[at]}', *clean[at + 1 :]]


@pytest.mark.parametrize(("every", "least"), [(41, 9.99), pytest.param(4, 9.99, marks=pytest.mark.slow)])
def test_polluted_rows_are_mended(cases: Path, tmp_path: Path, every: int, least: float) -> None:
    folder = cases / "csv" / "pollock_polluted"
    lines = (folder / "file_no_trailing_newline.csv").read_text(encoding="utf-8").splitlines()
    clean = rows_of(folder / "file_no_trailing_newline.csv.expected.csv")
    rows = [cut(line) for line in lines]
    variants = [(at, *made) for at in range(len(rows)) for made in polluted(rows[at], clean[at])][::every]
    scores = []
    for at, line, cells in variants:
        source = tmp_path / "polluted.csv"
        source.write_text("\r\n".join([*lines[:at], line, *lines[at + 1 :]]) + "\r\n", encoding="utf-8", newline="")
        (done,) = parse_only([source], tmp_path / "out")
        scores.append(score([*clean[:at], cells, *clean[at + 1 :]], rows_of(done.target)))
    mean = sum(scores) / len(scores)
    print(f"Pollock, polluted rows: {mean:.3f} over {len(scores)} files")
    assert mean >= least
