"""What columns are taken for, by header words of several languages and by values."""

from __future__ import annotations

import pytest

from crm_cli.dictionary.recognition import Role, header_words, recognize, recognize_columns


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("First Name", Role.GIVEN_NAME),
        ("fname_c1", Role.GIVEN_NAME),
        ("Vorname", Role.GIVEN_NAME),
        ("Prénom", Role.GIVEN_NAME),
        ("Nombre", Role.GIVEN_NAME),
        ("Voornaam", Role.GIVEN_NAME),
        ("surname", Role.FAMILY_NAME),
        ("Cognome", Role.FAMILY_NAME),
        ("Apellidos", Role.FAMILY_NAME),
        ("Sobrenome", Role.FAMILY_NAME),
        ("first_and_surname", Role.FULL_NAME),
        ("Razón social", Role.COMPANY),
        ("Billing Street", Role.STREET),
        ("Mailing City", Role.CITY),
        ("address_2", Role.STREET2),
        ("Straße", Role.STREET),
        ("Hausnummer", Role.HOUSE_NUMBER),
        ("PLZ", Role.POSTAL_CODE),
        ("Code postal", Role.POSTAL_CODE),
        ("date_of_birth", Role.BIRTH_DATE),
        ("Fecha de nacimiento", Role.BIRTH_DATE),
        ("by", Role.BIRTH_YEAR),
        ("E-Mail Adresse", Role.EMAIL),
        ("Company E-Mail", Role.EMAIL),
        ("BusinessPhone", Role.PHONE),
        ("Fax number", Role.FAX),
        ("account_type", Role.CATEGORY),
        ("soc_sec_id", Role.IDENTIFIER),
        ("Partita IVA", Role.IDENTIFIER),
        ("created_at", Role.TIMESTAMP),
        ("Bemerkungen", Role.FREE_TEXT),
    ],
)
def test_headers_of_seven_languages(header: str, role: Role) -> None:
    assert recognize(header).role is role


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("field7", ["ann@acme.example", "bob@corp.example", "eve@x.example"], Role.EMAIL),
        ("field7", ["https://acme.example", "www.corp.example/x", "http://x.example"], Role.URL),
        ("field7", ["(415) 730-5266", "+49 89 123456", "212-555-0199"], Role.PHONE),
        ("field7", ["2024-05-01 10:11:12", "2023-01-02 08:00:00"], Role.TIMESTAMP),
        ("e-mail", ["yes", "no", "yes"], Role.BOOLEAN),
        ("title", ["Mr", "Mrs", "Dr.", "Ms"], Role.SALUTATION),
        ("title", ["Chief engineer", "Buyer", "Sales manager"], Role.JOB_TITLE),
        ("name", ["Acme Ltd", "Foo GmbH", "Baker & Sons"], Role.COMPANY),
        ("name", ["Anna Berger", "Thomas Klein", "Maria Rossi"], Role.FULL_NAME),
        ("number per site", ["12", "13", "15"], Role.NUMBER),
    ],
)
def test_values_decide_where_the_header_does_not(header: str, values: list[str], role: Role) -> None:
    assert recognize(header, values).role is role


def test_every_answer_says_why() -> None:
    found = recognize("Kundennummer", ["K-1", "K-2"])

    assert found.role is Role.RECORD_KEY
    assert "kundennummer" in found.why
    assert 0 < found.confidence <= 1


def test_nothing_known_is_unknown_with_no_confidence() -> None:
    assert recognize("", []).role is Role.UNKNOWN
    assert recognize("xq", [None, ""]).role is Role.UNKNOWN
    assert recognize("xq", [None, ""]).confidence == 0


def test_a_full_name_beside_its_parts_is_doubted() -> None:
    found = recognize_columns({"full name": ["Ann Lee"], "first name": ["Ann"], "last name": ["Lee"]})

    assert [each.role for each in found] == [Role.FULL_NAME, Role.GIVEN_NAME, Role.FAMILY_NAME]
    assert found[0].confidence < 0.5


@pytest.mark.parametrize("header", ["EmailAddress", "email_address", "E-Mail-Address", "EMAIL  ADDRESS"])
def test_spellings_of_a_header_are_one(header: str) -> None:
    assert "".join(header_words(header)) == "emailaddress"
