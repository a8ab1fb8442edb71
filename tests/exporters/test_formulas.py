"""No exported text is run as a formula, and numbers stay numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.exporters import ExportColumn, ExportOptions, export_rows
from crm_cli.exporters.formulas import guarded, unguarded

near_formulas = st.one_of(st.text(), st.text("'=+-@\t\r\n1;ext=.,a", max_size=8))


@pytest.mark.parametrize(
    "text", ["=1+1", "=HYPERLINK(1)", "+1-1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-", "+49 30 1"]
)
def test_what_a_spreadsheet_might_run_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["+4930123456", "+14155550123;ext=22", "-12.50", "+1", "-1,234.5", "a=b", "", "1+1", "'tis"]
)
def test_numbers_and_ordinary_text_are_left_alone(text: str) -> None:
    assert guarded(text) == text


@given(near_formulas)
def test_the_guard_comes_off_again_and_gives_exactly_the_text(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(near_formulas)
def test_a_guarded_text_starts_with_nothing_dangerous(text: str) -> None:
    safe = guarded(text)
    assert safe[:1] not in {"=", "@", "\t", "\r", "\n"}
    if safe[:1] in {"+", "-"}:
        assert set(safe[1:]) <= set("0123456789.,;ext=")
        assert safe[1].isdigit()


def test_a_header_is_guarded_too_and_the_guard_can_be_left_out(tmp_path: Path) -> None:
    export_rows([["=1"]], [ExportColumn("=name")], tmp_path / "a.csv")
    export_rows([["=1"]], [ExportColumn("=name")], tmp_path / "b.csv", ExportOptions(guard_formulas=False))
    assert (tmp_path / "a.csv").read_bytes() == b"'=name\r\n'=1\r\n"
    assert (tmp_path / "b.csv").read_bytes() == b"=name\r\n=1\r\n"


def test_a_negative_number_stays_a_number(tmp_path: Path) -> None:
    export_rows([[-5]], [ExportColumn("balance")], tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"balance\r\n-5\r\n"
