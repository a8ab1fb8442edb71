"""The plain CSV that shows what was understood."""

from __future__ import annotations

from pathlib import Path

from crm_cli.importers import parse_only


def test_header_as_found_and_rows_in_plain_comma_csv(tmp_path: Path) -> None:
    source = tmp_path / "kunden.csv"
    source.write_bytes("Name;;Ort\r\nMüller;x;Köln\r\nWeiß;y;Zürich\r\n".encode("cp1252"))
    (done,) = parse_only([source], tmp_path / "out")
    assert done.target.name == "kunden.csv_converted.csv"
    assert done.target.read_text(encoding="utf-8") == "Name,,Ort\nMüller,x,Köln\nWeiß,y,Zürich\n"
    assert done.rows == 2


def test_no_header_is_invented(tmp_path: Path) -> None:
    source = tmp_path / "plain.csv"
    source.write_text("0.1,0\n0.2,0\n0.3,1\n", encoding="utf-8")
    (done,) = parse_only([source], tmp_path / "out")
    assert done.target.read_text(encoding="utf-8") == source.read_text(encoding="utf-8")


def test_an_unreadable_file_says_application_error_and_the_others_go_on(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.xlsx"
    good.write_text("a,b\n1,2\n", encoding="utf-8")
    bad.write_bytes(b"PK\x03\x04 nothing of the kind")
    first, second = parse_only([bad, good], tmp_path / "out")
    assert first.error is not None
    assert first.target.read_text(encoding="utf-8").splitlines()[0] == "Application Error"
    assert second.rows == 1
