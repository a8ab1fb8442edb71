"""Cleaning a file: what is merged, decisions that come back, and files at the edge."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from crm_cli.errors import ExitCode, StalePlanError, UsageError
from crm_cli.exporters import UnfitValueError
from crm_cli.importers import ReadOptions, read_tables
from crm_cli.jobs.cleaning import CleanOptions, CleanOutputs, CleanResult, clean_source
from crm_cli.jobs.cleaning.merged import merge_labels
from crm_cli.standardize import Context

HEADER = "First Name,Last Name,E-Mail\n"
FIRST = ("Ann", "Tom", "Maria", "Li", "John", "Eva", "Max")
LAST = ("Smith", "Baker", "Muller", "Stone", "Berg")


def write(folder: Path, text: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def people(folder: Path) -> Path:
    """Seventy people, every fifth of them twice with a typing error; too few for a merge without asking."""
    lines = []
    for number in range(70):
        first, last = FIRST[number % 7], LAST[number % 5]
        email = f"{first}.{last}{number}@x.example".lower()
        lines.append(f"{first},{last},{email}\n")
        if number % 5 == 0:
            lines.append(f"{first},{last[:-1]}x,{email}\n")
    return write(folder, HEADER + "".join(lines))


def clean(source: Path, name: str = "out.csv", options: CleanOptions | None = None, **outputs: Path) -> CleanResult:
    target = CleanOutputs(source.with_name(name), overwrite=True, **outputs)
    return clean_source(source, target, options or CleanOptions())


def cells(path: Path) -> list[list[str | None]]:
    (table,) = read_tables(path, ReadOptions(header=1))
    return [list(row.values) for row in table.rows()]


def decide(sheet: Path, words: list[str | None]) -> None:
    book = load_workbook(sheet)
    for row, word in enumerate(words, start=2):
        book.active.cell(row, 1).value = word
    book.save(sheet)


def test_a_row_that_is_not_sure_stays_alone_even_as_the_first_of_its_cluster() -> None:
    assert merge_labels([0, 0, 0, 3], [0.5, 0.99, 0.99, 1.0], 0.95, []).labels == [0, 1, 1, 3]


def test_of_a_cluster_only_the_decided_pairs_are_merged() -> None:
    assert merge_labels([0] * 5, [0.9] * 5, 1.01, [(1, 2), (3, 4)]).labels == [0, 1, 1, 3, 3]
    assert merge_labels([0] * 4, [0.9] * 4, 1.01, [(0, 3), (3, 1)]).labels == [0, 0, 2, 0]


def test_what_was_decided_to_be_different_stays_apart_whatever_else_was_decided() -> None:
    assert merge_labels([0] * 3, [1.0] * 3, 0.95, [(0, 1), (1, 2)], [(0, 2)]) == ([0, 0, 2], [(1, 2)])
    assert merge_labels([0] * 2, [1.0] * 2, 0.95, [(0, 1)], [(0, 1)]) == ([0, 1], [(0, 1)])
    assert merge_labels([0] * 4, [1.0] * 4, 0.95, [], [(0, 3)]) == ([0, 0, 0, 3], [])
    united = [(0, 1), (2, 3), (1, 3)]
    assert merge_labels([0, 1, 2, 3], [0.5] * 4, 0.95, united, [(2, 0)]) == ([0, 0, 2, 2], [(1, 3)])


def test_decisions_that_contradict_each_other_are_named_and_end_with_4(tmp_path: Path) -> None:
    source, sheet = people(tmp_path), tmp_path / "review.xlsx"
    clean(source, review=sheet)
    book = load_workbook(sheet)
    mark = book.active.cell(2, book.active.max_column).value
    book.active.delete_rows(2, book.active.max_row)
    for word, left, right in (("y", "2", "3"), ("y", "3", "4"), ("n", "2", "4")):
        book.active.append([word, 0.5, left, right, *[None] * (book.active.max_column - 5), mark])
    book.save(sheet)
    result = clean(source, decisions=sheet)
    assert (result.exit_code, result.contradicted) == (ExitCode.PARTIAL, 1)
    assert any(one.startswith("rows 3 and 4 were decided to be the same, but") for one in result.warnings)
    rows = [str(row[-1]) for row in cells(tmp_path / "out.csv")]
    assert "2 3" in rows
    assert "4" in rows


def test_cleaning_what_was_cleaned_changes_nothing(tmp_path: Path) -> None:
    source, sheet = people(tmp_path), tmp_path / "review.xlsx"
    clean(source, review=sheet)
    decide(sheet, ["y"])
    clean(source, decisions=sheet)
    again = clean(tmp_path / "out.csv", "again.csv")
    assert again.changed_cells == {}
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()


def test_rows_merged_in_a_second_cleaning_name_the_rows_of_the_first_source(tmp_path: Path) -> None:
    text = "First Name,_source_rows,Last Name,E-Mail\n" + "".join(
        f"{FIRST[n % 7]},{n + 7},{LAST[n % 5]},{n}@x.example\n" for n in range(40)
    )
    source, sheet = write(tmp_path, text + "Ann,100 102,Smith,0@x.example\nTom,lost,B,a,b\n"), tmp_path / "review.xlsx"
    clean(source, review=sheet)
    decide(sheet, ["y"])
    clean(source, decisions=sheet, rejects=tmp_path / "rejects.csv")
    header, *rows = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert header == "First Name,Last Name,E-Mail,_source_rows"
    assert "Ann,Smith,0@x.example,7 100 102" in rows
    rejects = (tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines()
    assert rejects[0].startswith("First Name,_source_rows,Last Name,E-Mail,column 5")


def test_decisions_come_back_from_the_sheet(tmp_path: Path) -> None:
    source, sheet = people(tmp_path), tmp_path / "review.xlsx"
    first = clean(source, review=sheet)
    assert (first.merged_away, first.written) == (0, 84)
    assert first.unsure > 2
    asked = [row[2:4] for row in load_workbook(sheet).active.iter_rows(min_row=2, values_only=True)]
    decide(sheet, ["y", "n"])
    second = clean(source, decisions=sheet)
    assert (second.merged_away, second.written) == (1, 83)
    assert second.undecided == first.unsure - 2
    merged = [row[-1] for row in cells(tmp_path / "out.csv") if " " in str(row[-1])]
    assert merged == [" ".join(sorted(map(str, asked[0]), key=int))]


def test_what_was_decided_is_not_asked_again(tmp_path: Path) -> None:
    source, sheet, again = people(tmp_path), tmp_path / "review.xlsx", tmp_path / "again.xlsx"
    first = clean(source, review=sheet)
    decide(sheet, ["y", "n"])
    second = clean(source, decisions=sheet, review=again)
    assert second.unsure == first.unsure - 2


def test_a_merged_row_keeps_the_value_that_could_be_read(tmp_path: Path) -> None:
    lines = [
        f"Ann,Smith{n},ann{n}@x.example,(512) 555-01{n:02},{country}\n" for n in range(60) for country in ("US", "FR")
    ]
    source = write(tmp_path, "First Name,Last Name,E-Mail,Phone,Country\n" + "".join(lines))
    sheet = tmp_path / "review.xlsx"
    first = clean(source, review=sheet)
    assert first.not_understood["Phone"] == 60
    decide(sheet, ["y"] * first.unsure)
    clean(source, decisions=sheet)
    merged = [row for row in cells(tmp_path / "out.csv") if " " in str(row[-1])]
    assert merged
    assert {str(row[3])[:6] for row in merged} == {"+15125"}


def test_a_date_that_can_be_read_both_ways_is_settled_by_an_option(tmp_path: Path) -> None:
    source = write(tmp_path, "Last Name,Birth Date\nLee,03/04/1980\nKim,05/06/1981\n")
    assert "--date-order" in " ".join(clean(source).warnings)
    clean(source, options=CleanOptions(context=Context(date_order="dmy")))
    assert [row[1] for row in cells(tmp_path / "out.csv")] == ["1980-04-03", "1981-06-05"]


def test_decisions_about_another_source_are_refused_with_5(tmp_path: Path) -> None:
    source, sheet = people(tmp_path), tmp_path / "review.xlsx"
    clean(source, review=sheet)
    write(tmp_path, source.read_text(encoding="utf-8") + "New,One,n@x.example\n")
    with pytest.raises(StalePlanError) as fault:
        clean(source, decisions=sheet)
    assert fault.value.exit_code is ExitCode.LOCKED


def test_a_word_that_is_no_decision_is_named_with_its_place(tmp_path: Path) -> None:
    source, sheet = people(tmp_path), tmp_path / "review.xlsx"
    clean(source, review=sheet)
    decide(sheet, ["maybe"])
    with pytest.raises(UsageError, match=r"row 2: .maybe. is not a decision"):
        clean(source, decisions=sheet)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_small_files_come_out_whole(tmp_path: Path, rows: int) -> None:
    source = write(tmp_path, HEADER + "ANN,SMITH,ann@x.example\n" * rows)
    result = clean(source, review=tmp_path / "review.xlsx")
    assert (result.rows, result.written + result.merged_away) == (rows, rows)
    assert all(row[:2] == ["Ann", "Smith"] for row in cells(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("First Name,Last Name,E-Mail,_source_rows")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no table with data"):
        clean(write(tmp_path, ""))


def test_of_two_sheets_one_is_cleaned_and_the_other_named(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["First Name", "Last Name"])
    book.active.append(["ANN", "SMITH"])
    second = book.create_sheet("Companies")
    second.append(["Company", "City"])
    second.append(["acme inc", "Rome"])
    book.save(tmp_path / "two.xlsx")
    assert any("Companies" in one for one in clean(tmp_path / "two.xlsx").warnings)
    assert cells(tmp_path / "out.csv")[0][:2] == ["Ann", "Smith"]
    clean(tmp_path / "two.xlsx", options=CleanOptions(read=ReadOptions(sheet="Companies")))
    assert cells(tmp_path / "out.csv")[0][1] == "Rome"


def test_standardize_only_merges_nothing(tmp_path: Path) -> None:
    source = write(tmp_path, HEADER + "ANN,SMITH,ann@x.example\n" * 60)
    assert clean(source, options=CleanOptions(standardize_only=True)).written == 60


@pytest.mark.slow
def test_a_huge_cell_goes_where_it_fits_and_leaves_no_half_file_where_not(tmp_path: Path) -> None:
    source = write(tmp_path, f"First Name,Last Name,Notes\nAnn,Smith,{'z' * 40_000}\n")
    clean(source)
    assert cells(tmp_path / "out.csv")[0][2] == "z" * 40_000
    with pytest.raises(UnfitValueError):
        clean(source, "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_rows_that_cannot_be_trusted_are_handed_out_whole(tmp_path: Path) -> None:
    text = HEADER + "Ann,Smith,a@x.example\n" * 20 + "Tom,Baker,t@x.example,lost?\n" + "Eva,Berg,e@x.example\n" * 20
    result = clean(write(tmp_path, text), rejects=tmp_path / "rejects.csv")
    assert (result.rejected, result.exit_code) == (1, ExitCode.PARTIAL)
    assert "lost?" in (tmp_path / "rejects.csv").read_text(encoding="utf-8")
