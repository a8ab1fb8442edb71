"""Profiles of files: rows that repeat others, spellings, what no rule understands, and what goes further."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from crm_cli.audits.profiling import Problem, TableProfile
from crm_cli.errors import UsageError
from crm_cli.importers import ReadOptions
from crm_cli.jobs.profiling import Profile, column_rows, document, profile_source, write_profile
from crm_cli.standardize import Context

TODAY = date(2026, 11, 27)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "my list.csv"


def profiled(source: Path, header: str, rows: Sequence[str], country: str | None = None) -> TableProfile:
    source.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    [table] = profile_source(source, ReadOptions(), Context(country=country), today=TODAY, named=source.name)
    return table


def repeated(table: TableProfile) -> dict[tuple[str, ...], tuple[int, set[tuple[str, int]]]]:
    return {one.by: (one.rows, {(each.value, each.count) for each in one.examples}) for one in table.duplicates}


def test_rows_with_the_same_address_are_counted_however_it_is_written(source: Path) -> None:
    mails = [
        "ann@acme.org",
        " Ann@ACME.org ",
        "bob@acme.org",
        "mailto:ann@acme.org",
        "test@test.com",
        "test@test.com",
        "",
    ]
    table = profiled(source, "E-Mail,Last name", [f"{mail},N{place}" for place, mail in enumerate(mails)])
    assert repeated(table) == {("E-Mail",): (2, {("ann@acme.org", 3)})}
    assert table.duplicates[0].next == "crm dedupe file 'my list.csv' -o clusters.csv"


@pytest.mark.parametrize(
    ("country", "numbers", "same"),
    [
        (
            "DE",
            ["0221 123456", "+49 221 123456", "0049221123456", "(0221) 12 34 56", "0221 999999"],
            ("+49221123456", 4),
        ),
        ("US", ["(217) 555-1234", "1-217-555-1234", "+1 217 555 1234 ext. 12", "217 555 9999"], ("+12175551234", 3)),
        ("IT", ["06 1234567", "+39 06 1234567", "06 7654321"], ("+39061234567", 2)),
        (None, ["0221 123456", "0221/123456", "+49 221 123456", "000 000"], ("221123456", 2)),
    ],
)
def test_rows_with_the_same_number_are_counted(
    source: Path, country: str | None, numbers: list[str], same: tuple[str, int]
) -> None:
    table = profiled(source, "No;Phone", [f"{at};{number}" for at, number in enumerate(numbers)], country)
    assert repeated(table) == {("Phone",): (same[1] - 1, {same})}


def test_rows_with_the_same_name_and_address_are_counted(source: Path) -> None:
    rows = [
        "Ann,Müller,12 Main St,12345",
        "ANN,Muller,12 Main St.,12345",
        "Ann,Müller,14 Main St,12345",
        "Ann,Müller,,",
    ]
    table = profiled(source, "First name,Last name,Street,ZIP", rows)
    by = ("Last name", "First name", "Street", "ZIP")
    assert repeated(table) == {by: (1, {("muller, ann, 12 main st, 12345", 2)})}


def test_values_that_differ_in_case_blanks_and_accents_are_one(source: Path) -> None:
    cities = ["Zürich"] * 5 + ["ZÜRICH", "Zurich", "Zürich ", "Bern", "St. Gallen", "St Gallen"]
    table = profiled(source, "No,City", [f"{at},{city}" for at, city in enumerate(cities)])
    [spelling] = [one for one in table.columns[1].findings if one.problem is Problem.SPELLING]
    assert (spelling.count, [one.value for one in spelling.examples]) == (3, ["Zürich", "Zurich", "ZÜRICH", "Zürich "])


def test_what_no_rule_understands_is_said_once(source: Path) -> None:
    rows = [
        "ann@acme.org,DE,1990-01-31",
        "ann at acme,XQ,31.02.1990",
        "bob@acme.org,US,n/a",
        *["tom@acme.org,FR,1990-02-01"] * 30,
    ]
    table = profiled(source, "E-Mail,Country,Birthday", rows)
    said = {one.name: {each.problem: each.count for each in one.findings} for one in table.columns}
    assert said["E-Mail"][Problem.NOT_UNDERSTOOD] == 1
    assert said["Country"][Problem.NOT_UNDERSTOOD] == 1
    assert Problem.NOT_UNDERSTOOD not in said["Birthday"], "it is no date: said as another type"
    assert said["Birthday"][Problem.PLACEHOLDER] == 1


def test_the_document_is_plain_data_of_a_stable_shape(source: Path, tmp_path: Path) -> None:
    table = profiled(source, "No,City,Amount,Day", [f"{at},Bern,{at}.5,2024-01-{at + 1:02}" for at in range(20)])
    profile = Profile("my list.csv", TODAY, [table])
    made = document(profile)
    assert json.loads(json.dumps(made)) == json.loads(json.dumps(made, default=str)), "nothing needs a default"
    assert list(made) == ["version", "of", "day", "tables"]
    [shown] = made["tables"]
    assert set(shown) == {
        "name", "rows", "repeated_rows", "repeated_error", "keys", "pair_keys", "pair_rows", "duplicates", "columns"
    }  # fmt: skip
    number, city, amount, day = shown["columns"]
    assert set(number) == {
        "name", "role", "why", "type", "shares", "filled", "distinct", "distinct_error", "is_key", "repeated",
        "lengths", "numbers", "dates", "top", "top_error", "patterns", "findings", "masked",
    }  # fmt: skip
    assert set(amount["numbers"]) == {
        "count", "minimum", "maximum", "mean", "lower_quartile", "median", "upper_quartile", "fences", "exact",
        "histogram",
    }  # fmt: skip
    assert set(day["dates"]) == {"count", "earliest", "latest", "median", "order", "open", "histogram"}
    assert city["findings"][0]["problem"] == "constant"
    write_profile(profile, tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == json.loads(json.dumps(made))


def test_the_page_of_the_documentation_names_every_problem_and_key(source: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "profile.md").read_text(encoding="utf-8")
    table = profiled(source, "No,Amount,Day", [f"{at},{at}.5,2024-01-{at + 1:02}" for at in range(20)])
    keys = {*document(Profile("x", TODAY, [table]))}
    for one in document(Profile("x", TODAY, [table]))["tables"]:
        keys |= {*one}.union(*one["columns"], *(column["numbers"] or column["dates"] for column in one["columns"]))
    keys = {key for key in keys if f"`{key}`" not in page and f"`{key}[]`" not in page}
    assert (keys, [str(one) for one in Problem if f"`{one}`" not in page]) == (set(), [])


def test_a_share_is_all_or_nothing_only_where_it_is(source: Path) -> None:
    rows = [f"{at},{'x' if at == 7 else ''},{'' if at == 7 else 'x'},x," for at in range(1_000)]
    table = profiled(source, "No,One,Most,All,None", rows)
    assert [row["filled"] for row in column_rows(table)] == ["100%", "<1%", ">99%", "100%", "0%"]


def test_a_profile_is_written_whole_or_not_at_all(source: Path, tmp_path: Path) -> None:
    profile = Profile("x", TODAY, [profiled(source, "A,B", ["1,2", "3,4"])])
    target = tmp_path / "p.html"
    write_profile(profile, target)
    assert target.stat().st_mode & 0o777 == 0o600
    before = target.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        write_profile(profile, target)
    assert target.read_text(encoding="utf-8") == before
    write_profile(profile, target, overwrite=True)
    with pytest.raises(UsageError, match=r"no \.pdf"):
        write_profile(profile, tmp_path / "p.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my list.csv", "p.html"]
