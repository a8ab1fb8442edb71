"""The pollutions that the Pollock benchmark documents, made of a small table of our own: each is read back clean.

One change a file: delimiter, quote, escape, record delimiter, encoding, what stands above and below the table, which
rows there are, and single rows that were typed or written carelessly.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm_cli.importers import parse_only
from tests.importers.pollock import rows_of

HEADER = ["Date", "Time", "Qty", "Product Id", "Price", "Product", "Description", "Address"]
ITEMS = ("Garden Bench", "Tea Pot, Blue", "Oil Lamp", "Rug", "Wall Clock", "Desk", "Mirror, Round", "Door Mat")
CLEAN = [
    [
        f"{at % 28 + 1:02}/03/2021",
        f"{at % 24:02}:15",
        str(at % 9 + 1),
        f"GB-{1000 + 37 * at}",
        f"${at * 3.5 + 10:.2f}",
        ITEMS[at % len(ITEMS)],
        f"A piece for every home, made to last. It is number {at} of the range.",
        f"https://shop.example/item/{at}.html",
    ]
    for at in range(24)
]
TABLE = [HEADER, *CLEAN]
WORDS = ["Date", "Time", "Qty", "Id", "Price", "Product", "Description", "Address"]
TOWNS = [["Town", "Shops"], ["Graz", "3"], ["Rome", "5"], ["Bonn", "1"]]
Cells = list[str]


def quoted(cell: str, delimiter: str, quote: str = '"', escape: str = '"') -> str:
    needs = delimiter in cell or quote in cell or "," in cell or len(cell) > 30
    return quote + cell.replace(quote, escape + quote) + quote if needs else cell


def written(rows: list[Cells], delimiter: str = ",", quote: str = '"', end: str = "\r\n", escape: str = '"') -> str:
    return "".join(delimiter.join(quoted(cell, delimiter, quote, escape) for cell in row) + end for row in rows)


def said(rows: list[Cells], text: str) -> list[Cells]:
    """Put a description with quotes into the fourth row."""
    return [*rows[:4], [*rows[4][:6], text, rows[4][7]], *rows[5:]]


SAYS = 'They call it "the best" in town, and it is.'
FILES: dict[str, tuple[str, list[Cells]]] = {
    "as it should be": (written(TABLE), TABLE),
    **{f"delimiter {mark!r}": (written(TABLE, mark), TABLE) for mark in (";", "\t", "|", "^", "~", ", ", "||", " ")},
    "apostrophes as quotes": (written(TABLE, quote="'"), TABLE),
    "quotes doubled": (written(said(TABLE, SAYS)), said(TABLE, SAYS)),
    "quotes behind backslashes": (written(said(TABLE, SAYS), escape="\\"), said(TABLE, SAYS)),
    "quotes not escaped": (written(said(TABLE, SAYS), escape=""), said(TABLE, SAYS)),
    **{f"record delimiter {end!r}": (written(TABLE, end=end), TABLE) for end in ("\r", "\n")},
    "no end of the last line": (written(TABLE).rstrip(), TABLE),
    "no header": (written(CLEAN), CLEAN),
    "header only": (written([HEADER]), [HEADER]),
    "one row": (written(TABLE[:2]), TABLE[:2]),
    "no content": ("", []),
    "a title above": ("Orders of March 2021,,,,,,,\r\n" + written(TABLE), TABLE),
    "titles and a blank line above": ("Orders\r\nwritten by the shop\r\n\r\n" + written(TABLE), TABLE),
    "a note below": (written(TABLE) + "\r\nSource: the shop of 2021.,,,,,,,\r\n", TABLE),
    "blank lines within": (written(TABLE[:9]) + "\r\n\r\n" + written(TABLE[9:]), TABLE),
    "another table below": (written(TABLE) + "\r\n" + written(TOWNS), TABLE),
    **{
        f"a header with delimiter {mark!r}": (written([HEADER], mark) + written(CLEAN), TABLE)
        for mark in (";", "\t", "|")
    },
    "a header of words": (" ".join(WORDS) + "\r\n" + written(CLEAN), [WORDS, *CLEAN]),
    "the header again in the midst": (written([*TABLE[:12], HEADER, *TABLE[12:]]), TABLE),
    "a header of two rows": (
        written([["Order", "", "", "Item", "", "", "", "Page"], *TABLE]),
        [
            [*(f"Order {name}" for name in HEADER[:3]), *(f"Item {name}" for name in HEADER[3:7]), "Page Address"],
            *CLEAN,
        ],
    ),
}


def converted(tmp_path: Path, content: bytes) -> list[Cells]:
    source = tmp_path / "polluted.csv"
    source.write_bytes(content)
    (done,) = parse_only([source], tmp_path / "out")
    return rows_of(done.target)


def plain(rows: list[Cells]) -> list[Cells]:
    return [[cell.lower() for cell in row] for row in rows]


@pytest.mark.parametrize("kind", FILES)
def test_a_polluted_file_is_read_back_clean(tmp_path: Path, kind: str) -> None:
    text, clean = FILES[kind]
    assert converted(tmp_path, text.encode()) == plain(clean)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_its_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    rows = said(TABLE, "A café table, très élégant, with crème brûlée served à la carte.")
    assert converted(tmp_path, written(rows).encode(encoding)) == plain(rows)


def other_delimiter(row: Cells) -> tuple[str, Cells]:
    return written([row], ";", end=""), row


def one_too_many(row: Cells) -> tuple[str, Cells]:
    return written([[*row[:3], "", *row[3:]]], end=""), row


def one_too_many_at_the_end(row: Cells) -> tuple[str, Cells]:
    return written([[*row, ""]], end=""), row


def one_too_few(row: Cells) -> tuple[str, Cells]:
    return written([[*row[:1], row[1] + row[2], *row[3:]]], end=""), row


def cells_missing_at_the_end(row: Cells) -> tuple[str, Cells]:
    return written([row[:6]], end=""), [*row[:6], "", ""]


def a_quote_too_many(row: Cells) -> tuple[str, Cells]:
    cells = [quoted(cell, ",") for cell in row]
    return ",".join([*cells[:3], '"' + cells[3], *cells[4:]]), [*row[:3], '"' + row[3], *row[4:]]


@pytest.mark.parametrize("place", [1, 7, 24])
@pytest.mark.parametrize(
    "pollute",
    [
        other_delimiter,
        one_too_many,
        one_too_many_at_the_end,
        one_too_few,
        cells_missing_at_the_end,
        a_quote_too_many,
    ],
)
def test_a_careless_row_is_mended(tmp_path: Path, pollute: Callable[[Cells], tuple[str, Cells]], place: int) -> None:
    line, row = pollute(TABLE[place])
    lines = [*written(TABLE[:place]).splitlines(), line, *written(TABLE[place + 1 :]).splitlines()]
    assert converted(tmp_path, ("\r\n".join(lines) + "\r\n").encode()) == plain(
        [*TABLE[:place], row, *TABLE[place + 1 :]]
    )
