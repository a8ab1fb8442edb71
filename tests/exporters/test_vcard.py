"""vCard 4: what an address book reads from an export."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.dictionary.types import SemanticType
from crm_cli.exporters import ExportColumn, ExportOptions, UnfitValueError, export_rows
from tests.exporters.readers import unfolded

# Printable text and line feeds: what vCard can hold.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n,;:\\"), min_size=1, max_size=120)


def _card(tmp_path: Path, values: dict[str, object]) -> list[str]:
    path = tmp_path / "a.vcf"
    columns = [ExportColumn(name, SemanticType.TEXT) for name in values]
    export_rows([list(values.values())], columns, path, ExportOptions(overwrite=True))  # type: ignore[list-item]
    return unfolded(path.read_bytes())


def _parts(value: str) -> list[str]:
    """Split at the semicolons that no backslash escapes, and undo the escapes; written from the RFC's grammar."""
    return [
        re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], part)
        for part in re.findall(r"(?:^|;)((?:[^;\\]|\\.)*)", value)
    ]


def test_a_person(tmp_path: Path) -> None:
    lines = _card(
        tmp_path,
        {
            "public_id": "01J", "salutation": "Dr.", "given_name": "Zoë", "family_name": "O'Neil; Ltd",
            "company": "Acme, Inc.", "department": "R&D", "email": "zoe@acme.example", "mobile": "+4915112345678",
            "phone": "030 / 12", "street": "1 A St\nHouse", "city": "Bonn", "postal_code": "53111", "country": "DE",
            "birth_date": date(1985, 4, 12), "gender": "female", "status": "customer", "account.name": None,
            "updated_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        },
    )  # fmt: skip
    assert lines == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "FN:Dr. Zoë O'Neil\\; Ltd",
        "N:O'Neil\\; Ltd;Zoë;;Dr.;",
        "ORG:Acme\\, Inc.;R&D",
        "EMAIL;PREF=1:zoe@acme.example",
        "TEL;VALUE=text;PREF=1:030 / 12",
        "TEL;VALUE=uri;TYPE=cell:tel:+4915112345678",
        "ADR;PREF=1:;;1 A St\\nHouse;Bonn;;53111;DE",
        "BDAY:19850412",
        "GENDER:F",
        "UID;VALUE=text:01J",
        "REV:20260102T030405Z",
        "X-CRM-STATUS:customer",
        "END:VCARD",
    ]


def test_a_company_is_an_organization(tmp_path: Path) -> None:
    assert _card(tmp_path, {"name": "株式会社 Acme"})[2:4] == ["KIND:org", "FN:株式会社 Acme"]


@pytest.mark.parametrize(("column", "value"), [("company", "Acme"), ("email", "a@acme.example")])
def test_who_has_no_name_is_called_by_what_is_known(tmp_path: Path, column: str, value: str) -> None:
    assert f"FN:{value}" in _card(tmp_path, {"given_name": None, column: value})


def test_a_row_without_any_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitValueError, match="row 1, column city: vCard needs a name"):
        _card(tmp_path, {"city": None, "phone": "+4930123456"})


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(family=texts, note=texts, city=texts)
def test_every_text_comes_back_and_no_line_is_too_long(tmp_path: Path, family: str, note: str, city: str) -> None:
    lines = _card(tmp_path, {"family_name": family, "description": note, "city": city})
    raw = (tmp_path / "a.vcf").read_bytes()
    values = dict(line.split(":", 1) for line in lines)
    address = next(value for name, value in values.items() if name.startswith("ADR"))

    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert _parts(values["FN"]) == [family]
    assert _parts(values["N"])[0] == family
    assert _parts(values["NOTE"]) == [note]
    assert _parts(address)[3] == city
