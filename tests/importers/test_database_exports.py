"""Text as databases and their shells export it, and what else stands between the records of a list."""

from __future__ import annotations

import pytest

from crm_cli.importers import ReadError
from tests.importers.conftest import table, values


def test_backslashes_of_a_database_make_delimiters_literal_and_nothing_of_n() -> None:
    found = table("1\tAnn\\\tMarie\t\\N\n2\tLi\tC:\\\\temp\n3\tPat\tfirst\\nsecond\n", "people.tsv", header="none")
    assert values(found) == [["1", "Ann\tMarie", None], ["2", "Li", "C:\\temp"], ["3", "Pat", "first\nsecond"]]


def test_backslashes_that_escape_nothing_stay() -> None:
    found = table("Name,Folder\nAnn,C:\\temp\nLi,D:\\new\n")
    assert values(found) == [["Ann", "C:\\temp"], ["Li", "D:\\new"]]


def test_dashes_below_a_header_are_no_record() -> None:
    found = table(
        "name | town  | since\n-----|-------|------\nAnn|Graz|2020\nLi|Rome|2021\n".replace(" ", ""), "people.txt"
    )
    assert found.header == ["name", "town", "since"]
    assert values(found) == [["Ann", "Graz", "2020"], ["Li", "Rome", "2021"]]


def test_comments_of_a_file_that_begins_with_one_are_left_out_and_named() -> None:
    found = table("# exported by night\nName,Town\nAnn,Graz\n# half way\nLi,Rome\n#7 Flat,Bonn\n")
    assert values(found) == [["Ann", "Graz"], ["Li", "Rome"], ["#7 Flat", "Bonn"]]
    assert any("line 4 begins with #" in warning for warning in found.understood.warnings)
    assert found.understood.titles == ["# exported by night"]


def test_a_number_sign_is_no_comment_where_the_file_begins_with_none() -> None:
    found = table("Name,Town,Since\nAnn,Graz,2020\n#7,Rome\nLi,Bonn,2021\n")
    assert [row.values[0] for row in found.rows()] == ["Ann", "#7", "Li"]


def test_colons_of_times_are_no_delimiter() -> None:
    assert values(table("08:30\n09:15\n10:45\n", header="none")) == [["08:30"], ["09:15"], ["10:45"]]


def test_prose_is_one_column() -> None:
    lines = ["Ann called about the late order", "Li", "we promised to write to him again", "nothing to do"]
    assert values(table("\n".join(lines) + "\n", header="none")) == [[line] for line in lines]


def test_a_row_cut_at_blanks_must_fit_its_columns() -> None:
    found = table('a,b,c\n1,27,,"I am too long!"\n,"I am too short!"\n0,mixed types,17\n')
    long, short, plain = found.rows()
    assert long.fault == "4 cells where the table has 3"
    assert short.values == [None, "I am too short!", None]
    assert plain.values == ["0", "mixed types", "17"]


def test_a_quote_that_is_kept_within_a_cell_is_told() -> None:
    (row,) = table('a,b,c\n1,"Hey, I missed " it",3\n').rows()
    assert row.values == ["1", 'Hey, I missed " it', "3"]
    assert row.repaired


def test_a_line_of_text_under_the_name_of_a_workbook_is_said_to_be_one() -> None:
    with pytest.raises(ReadError, match="no workbook, but a line of text: Attachment not found!"):
        table("Attachment not found!\n", "people.xls")
