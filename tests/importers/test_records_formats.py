"""Formats whose records name their values: JSON, JSON Lines, vCard, LDIF."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.importers import ReadError, Source, read_tables
from crm_cli.importers.vcard_lines import components
from tests.importers.conftest import table, values


def records(content: str | bytes, name: str) -> list[dict[str, str | None]]:
    found = table(content, name)
    return [{key: value for key, value in zip(found.header, row, strict=True) if value} for row in values(found)]


def test_json_records_are_flattened_and_numbers_keep_their_digits() -> None:
    content = (
        '[{"id": 12345678901234567890, "price": 1.10, "address": {"city": "Graz"}, "tags": ["a", "b"], "ok": true}]'
    )
    assert records(content, "x.json") == [
        {
            "id": "12345678901234567890",
            "price": "1.10",
            "address.city": "Graz",
            "tags": "a",
            "tags 2": "b",
            "ok": "TRUE",
        }
    ]


def test_every_list_in_a_json_object_is_a_table() -> None:
    content = json.dumps({"accounts": [{"Name": "Acme"}], "contacts": [{"Name": "Ann"}, {"Name": "Li"}], "total": 3})
    tables = read_tables(Source.from_bytes("export.json", content.encode()))
    assert [(found.name, len(values(found))) for found in tables] == [("accounts", 1), ("contacts", 2)]


def test_a_large_json_array_is_streamed_over_chunks() -> None:
    content = json.dumps([{"id": number, "text": "x" * 500} for number in range(5000)])
    found = table(content, "many.json")
    assert [row[0] for row in values(found)] == [str(number) for number in range(5000)]


@pytest.mark.parametrize("content", ['[{"a": 1}, {"a"', '{"a": [1, 2', "[" * 100_000, '{"a":' * 5000])
def test_broken_json_is_an_error_not_a_crash(content: str) -> None:
    with pytest.raises(ReadError, match="no valid JSON"):
        read_tables(Source.from_bytes("broken.json", content.encode()))


def test_a_broken_line_of_jsonl_is_one_faulty_row() -> None:
    rows = list(table('{"a": 1}\n{"a": \n{"a": 3}\n', "x.jsonl").rows())
    assert [row.fault is None for row in rows] == [True, False, True]
    assert rows[2].place == "line 3"


JSON_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=10)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), JSON_TEXT, min_size=1), min_size=1, max_size=6))
def test_json_values_come_back(items: list[dict[str, str]]) -> None:
    found = read_tables(Source.from_bytes("x.json", json.dumps(items).encode()))[0]
    back = [{key: value for key, value in zip(found.header, row, strict=True) if value} for row in values(found)]
    assert back == [{key: value for key, value in item.items() if value.strip()} for item in items]


CARD_21 = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;Dr.
TEL;WORK;VOICE:+49 30 1234
TEL;CELL:0171 555
ADR;WORK;ENCODING=QUOTED-PRINTABLE:;;Hauptstr. 1=
2;Berlin;;10115;Germany
PHOTO;ENCODING=BASE64:AAAA

END:VCARD
"""
CARD_40 = """BEGIN:VCARD
VERSION:4.0
FN:Ann Smith
N:Smith;Ann;;;
ORG:Acme\\, Inc.;Sales;West
EMAIL;TYPE=work:ann@
 acme.example
EMAIL;TYPE=home:ann@home.example
item1.TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-0100
NOTE:two\\nlines
END:VCARD
"""


def test_vcards_of_all_versions_have_the_same_columns() -> None:
    first, second = records(CARD_21 + CARD_40, "cards.vcf")
    assert first == {
        "Last Name": "Müller",
        "First Name": "Jörg",
        "Prefix": "Dr.",
        "Phone Work": "+49 30 1234",
        "Phone Mobile": "0171 555",
        "Work Street": "Hauptstr. 12",
        "Work City": "Berlin",
        "Work Postal Code": "10115",
        "Work Country": "Germany",
    }
    assert second["Company"] == "Acme, Inc."
    assert second["Department"] == "Sales, West"
    assert second["Email Work"] == "ann@acme.example"
    assert second["Email Home"] == "ann@home.example"
    assert second["Phone Home"] == "+1-555-0100"
    assert second["Note"] == "two\nlines"


def test_a_card_that_does_not_end_is_a_faulty_row_and_hides_no_other() -> None:
    rows = list(table("BEGIN:VCARD\nFN:Ann\nBEGIN:VCARD\nFN:Li\nEND:VCARD\n", "x.vcf").rows())
    assert [(row.values, row.fault is None) for row in rows] == [(["Ann"], False), (["Li"], True)]


def test_structured_values_split_at_bare_separators_only() -> None:
    assert components(r"a\;b;c\\;d") == ["a;b", "c\\", "d"]


def test_ldif_entries_with_folding_base64_and_comments() -> None:
    name = base64.b64encode("Jörg Müller".encode()).decode()
    content = f"""version: 1

# a comment
 that goes on
dn: uid=joerg,dc=example
cn:: {name}
mail: joerg@exam
 ple.com
mail: second@example.com
jpegPhoto:: /9j/4AAQ

dn: uid=gone,dc=example
changetype: delete
"""
    found = table(content, "people.ldif")
    first, second = found.rows()
    row = dict(zip(found.header, first.values, strict=True))
    assert (row["cn"], row["mail"], row["mail 2"], row["jpegPhoto"]) == (
        "Jörg Müller",
        "joerg@example.com",
        "second@example.com",
        None,
    )
    assert second.fault is not None
    assert any("jpegPhoto" in warning for warning in found.understood.warnings)
