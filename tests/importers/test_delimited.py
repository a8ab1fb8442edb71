"""Delimited text: dialects, headers, ragged rows, quotes that don't close."""

from __future__ import annotations

import csv
import io
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.importers import AmbiguousSourceError, ReadError, Source, read_tables
from tests.importers.conftest import table, values

PEOPLE = [
    ["Name", "Email", "Town", "Since"],
    ["Ann Smith", "ann@example.com", "Berlin", "2019-01-31"],
    ["Li Wei", "li@example.org", "Graz", "2020-12-01"],
    ["O'Brien, Pat", "pat@example.net", 'The "Hub"', "2021-07-15"],
]


def written(delimiter: str = ",", quote: str = '"', line_end: str = "\r\n") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quotechar=quote, lineterminator=line_end).writerows(PEOPLE)
    return stream.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_every_delimiter_and_line_end_gives_the_same_rows(delimiter: str, line_end: str) -> None:
    found = table(written(delimiter, line_end=line_end))
    assert found.header == PEOPLE[0]
    assert values(found) == PEOPLE[1:]
    assert found.understood.delimiter == delimiter


def test_a_delimiter_of_two_characters_is_understood() -> None:
    text = "Name||Town||Since\nAnn||Berlin||2019\nLi||Graz||2020\n"
    assert values(table(text)) == [["Ann", "Berlin", "2019"], ["Li", "Graz", "2020"]]


def test_backslash_escapes_are_read_as_quotes() -> None:
    text = 'Item,Note\n"Table 48\\" wide","made of \\"oak\\" here"\nChair,plain\n'
    assert values(table(text)) == [['Table 48" wide', 'made of "oak" here'], ["Chair", "plain"]]


def test_titles_above_the_header_are_skipped_and_rows_keep_their_line_numbers() -> None:
    text = "Customer list\nas of today\n\nName,Email,Town\nAnn,a@example.com,Berlin\nLi,l@example.com,Graz\n"
    found = table(text)
    assert found.header == ["Name", "Email", "Town"]
    assert found.understood.preamble_rows == 2
    assert [(row.number, row.place) for row in found.rows()] == [(5, "line 5"), (6, "line 6")]


def test_two_header_rows_are_joined() -> None:
    text = "Name,Address,,Since\n,Street,Town,\nAnn,Main 1,Berlin,2019-01-02\nLi,Ring 2,Graz,2020-03-04\n"
    assert table(text).header == ["Name", "Address Street", "Address Town", "Since"]


def test_without_a_header_names_are_invented_and_no_row_is_lost() -> None:
    found = table("1,ann@example.com,2019-01-31\n2,li@example.org,2020-02-01\n3,pat@example.net,2021-07-15\n")
    assert found.header == ["column_1", "column_2", "column_3"]
    assert found.found_header is None
    assert len(values(found)) == 3


def test_blank_and_repeated_headers_become_unique() -> None:
    found = table("Name,,Phone,phone\nAnn,x,1,2\nLi,y,3,4\n", header=1)
    assert found.header == ["Name", "column_2", "Phone", "phone_2"]


def test_a_row_with_too_many_cells_is_reported_not_shifted() -> None:
    rows = list(table("Name,Town\nAnn,Berlin\nLi,Graz,left over\nPat,Rome\n").rows())
    assert [row.fault is None for row in rows] == [True, False, True]
    assert rows[1].values == ["Li", "Graz", "left over"]


def test_a_row_with_too_few_cells_is_filled_with_blanks() -> None:
    rows = list(table("Name,Town,Note\nAnn,Berlin,x\nLi\nPat,Rome,y\n").rows())
    assert rows[1].values == ["Li", None, None]
    assert rows[1].repaired


def test_a_quote_that_does_not_close_swallows_nothing() -> None:
    lines = [f"{number},name {number},town {number}" for number in range(1, 9001)]
    text = 'id,name,town\n1,"Ann,Berlin\n' + "\n".join(lines) + "\n"
    found = table(text)
    assert len(values(found)) == 9001
    assert any("line 2" in warning for warning in found.understood.warnings)


def test_a_long_cell_is_kept_whole() -> None:
    long = "x" * 1_000_000
    assert values(table(f'id,note,town\n1,"{long}",Rome\n2,short,Graz\n')) == [
        ["1", long, "Rome"],
        ["2", "short", "Graz"],
    ]


def test_a_missing_and_a_surplus_delimiter_are_mended() -> None:
    good = "".join(f"{day:02}/03/2020,1{day % 10}:00,MG-{day:04},$2{day % 10}.50,note {day}\n" for day in range(1, 20))
    text = (
        f"Date,Time,Code,Price,Note\n{good}20/03/202009:00,MG-0099,$1.00,glued\n21/03/2020,,09:30,MG-0098,$2.00,gap\n"
    )
    rows = list(table(text).rows())
    assert rows[-2].values == ["20/03/2020", "09:00", "MG-0099", "$1.00", "glued"]
    assert rows[-1].values == ["21/03/2020", "09:30", "MG-0098", "$2.00", "gap"]
    assert rows[-1].repaired
    assert rows[-2].repaired


def test_an_apostrophe_before_formulas_is_undone_only_where_it_is_the_rule() -> None:
    ours = "Name,Note\nAnn,'=1+1\nLi,'@home\nPat,plain\n"
    assert [row[1] for row in values(table(ours))] == ["=1+1", "@home", "plain"]
    theirs = "Name,Note\nAnn,'=1+1\nLi,=2+2\nPat,plain\n"
    assert [row[1] for row in values(table(theirs))] == ["'=1+1", "=2+2", "plain"]


def test_nul_bytes_are_removed_with_a_warning() -> None:
    found = table("Name,Town\nA\0nn,Berlin\nLi,Graz\n")
    assert values(found)[0] == ["Ann", "Berlin"]
    assert "NUL bytes were removed" in found.understood.warnings


def test_an_empty_source_has_no_tables() -> None:
    assert read_tables(Source.from_bytes("empty.csv", b"")) == []


def test_a_missing_file_says_so() -> None:
    with pytest.raises(ReadError, match="there is no file"):
        read_tables("no/such/file.csv")


def test_an_uncertain_header_is_refused_when_nobody_may_be_asked() -> None:
    text = "Ann,Berlin\nLi,Graz\nPat,Rome\n"
    assert table(text).understood.questions
    with pytest.raises(AmbiguousSourceError) as caught:
        table(text, no_input=True)
    assert "--header" in caught.value.hint
    assert len(values(table(text, no_input=True, header="none"))) == 3


def test_rows_are_streamed() -> None:
    def lines() -> bytes:
        return b"id,name\n" + b"".join(b"%d,name %d\n" % (number, number) for number in range(60_000))

    found = table(lines())
    assert [row.values[0] for row in islice(found.rows(), 2)] == ["0", "1"]
    assert sum(len(batch) for batch in found.batches(5000)) == 60_000


# An apostrophe before "=" is what an exporter puts there against formulas, and is taken off: test_formulas.py
PLAIN = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ue000\ufeff\u2028")
CELL = st.text(PLAIN, max_size=12).filter(lambda text: not text.startswith("'"))


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_a_plain_writer_writes_comes_back(rows: list[list[str]]) -> None:
    """The reference is the csv module: same cells, blanks as None, blank rows left out; what is taken for a footer is
    one filled first cell at the very end, and is told."""
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([["Alpha", "Beta", "Gamma"], *rows])
    found = table(stream.getvalue().encode(), header=1, delimiter=",", quote='"', encoding="utf-8")
    expected = [[cell if cell.strip() else None for cell in row] for row in rows if "".join(row).strip()]
    got = values(found)
    footer = expected[len(got) :]
    assert got == expected[: len(got)]
    assert len(footer) == found.understood.footer_rows == len(found.understood.warnings)
    assert all(row[0] and not any(row[1:]) for row in footer)


def test_a_last_row_of_one_mark_is_a_record_and_a_footnote_is_none() -> None:
    head = "Alpha,Beta,Gamma\n1,2,3\n4,5,6\n"
    assert values(table(head + "*,,\n"))[-1] == ["*", None, None]
    assert len(values(table(head + "* estimated,,\n"))) == 2


BODY = "".join(f"{number},Name {number},{number}.50\n" for number in range(1, 8))


def test_totals_and_notes_below_the_table_are_left_out_and_told() -> None:
    found = table(f"id,name,sum\n{BODY}\nTotal,,26.50\nSource: the ledger of 2024\n")
    assert len(values(found)) == 7
    assert found.understood.footer_rows == 2


def test_a_last_customer_whose_name_begins_like_a_total_is_kept() -> None:
    assert values(table(f"id,name,sum\n{BODY}8,,\nTotal Energies,Paris,\n"))[-1] == ["Total Energies", "Paris", None]


def test_a_file_that_was_put_together_from_several_repeats_its_header() -> None:
    found = table(f"id,name,sum\n{BODY}id,name,sum\n{BODY}")
    assert len(values(found)) == 14
    assert any("repeats the header" in warning for warning in found.understood.warnings)


def test_two_tables_in_one_file_are_two_tables() -> None:
    text = f"id,name,sum\n{BODY}\nkey,town,land,since\na,Graz,AT,2020\nb,Rome,IT,2021\nc,Bern,CH,2022\n"
    first, second = read_tables(Source.from_bytes("two.csv", text.encode()))
    assert (first.header, len(values(first))) == (["id", "name", "sum"], 7)
    assert (second.header, len(values(second))) == (["key", "town", "land", "since"], 3)
    assert next(second.rows()).place == "line 11"


RISKY = st.one_of(
    st.sampled_from(["=1+1", "'=x", "@home", "-a", "+b", "''-c", "'plain", "+49 30 12", "-5", "\tx"]), CELL
)


@given(st.lists(st.lists(RISKY, min_size=2, max_size=2), min_size=1, max_size=6))
def test_text_guarded_against_formulas_by_our_exporter_comes_back(rows: list[list[str]]) -> None:
    from crm_cli.exporters.formulas import guarded

    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(
        [["Alpha", "Beta"], ["=sure", "x"], *([guarded(cell) for cell in row] for row in rows)]
    )
    text = stream.getvalue().replace('"=sure"', '"\'=sure"')
    found = table(text.encode(), header=1, delimiter=",", quote='"', encoding="utf-8")
    expected = [[cell if cell.strip() else None for cell in row] for row in rows if "".join(row).strip()]
    assert values(found)[1:] == expected
