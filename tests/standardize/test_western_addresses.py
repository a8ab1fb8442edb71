"""Street and house number where the country's order is certain; abbreviations spelled out where they mean one thing."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, standardize
from crm_cli.standardize.wordlists import words


@pytest.mark.parametrize(
    ("country", "line", "street", "number", "unit"),
    [
        ("DE", "Hauptstraße 5a", "Hauptstraße", "5a", None),
        ("DE", "Hauptstr. 5 a", "Hauptstraße", "5a", None),
        ("DE", "Straße des 17. Juni 135", "Straße des 17. Juni", "135", None),
        ("DE", "Acme GmbH\nHauptstr. 5\n10115 Berlin", "Hauptstraße", "5", None),
        ("DE", "Lange Str. 12, 2. Etage", "Lange Straße", "12", "2. Etage"),
        ("AT", "Mariahilfer Straße 12/3/4", "Mariahilfer Straße", "12", "3/4"),
        ("CH", "rue du Rhône 12", "rue du Rhône", "12", None),
        ("NL", "Keizersgracht 12-2", "Keizersgracht", "12", "2"),
        ("NL", "1e Helmersstraat 5", "1e Helmersstraat", "5", None),
        ("FR", "12 bis, rue de la Paix", "rue de la Paix", "12 bis", None),
        ("FR", "12 rue du 8 Mai 1945", "rue du 8 Mai 1945", "12", None),
        ("BE", "Rue de la Loi 16", "Rue de la Loi", "16", None),
        ("BE", "12, rue Neuve", "rue Neuve", "12", None),
        ("GB", "Flat 2, 10 High Street", "High Street", "10", "Flat 2"),
        ("GB", "10 Downing Street, London, SW1A 2AA", "Downing Street", "10", None),
        ("ES", "Calle Mayor 5, 3º B", "Calle Mayor", "5", "3º B"),
        ("IT", "Via Roma, 1/A", "Via Roma", "1/A", None),
        ("PL", "ul. Długa 5/7", "ul. Długa", "5", "7"),
        ("CZ", "Na Příkopě 1047/17", "Na Příkopě", "1047/17", None),
        ("BR", "Av. Paulista, 1000 - apto 12", "Avenida Paulista", "1000", "apto 12"),
        ("DK", "Nørrebrogade 5, 2. th", "Nørrebrogade", "5", "2. th"),
        ("AU", "4/12 Smith Street", "Smith Street", "12", "4"),
    ],
)
def test_street_number_and_unit(country: str, line: str, street: str, number: str, unit: str | None) -> None:
    found = standardize(SemanticType.STREET, line, Context(country)).parts
    assert (found.get("street_name"), found.get("number"), found.get("unit")) == (street, number, unit)


@pytest.mark.parametrize(
    ("country", "line"),
    [
        ("DE", "Am Markt"),
        ("DE", "Q7 23"),
        ("GB", "The Old Rectory"),
        ("ES", "Calle Mayor s/n"),
        (None, "Hauptstraße 5"),
    ],
)
def test_what_has_not_the_shape_has_no_parts(country: str | None, line: str) -> None:
    assert not standardize(SemanticType.STREET, line, Context(country)).parts


@pytest.mark.parametrize(("country", "line"), [("DE", "Postfach 12 34"), ("FR", "BP 12 34"), ("GB", "PO Box 12 34")])
def test_a_box_is_no_street(country: str, line: str) -> None:
    assert dict(standardize(SemanticType.STREET, line, Context(country)).parts) == {"box": "12 34"}


@pytest.mark.parametrize(
    ("country", "line", "written"),
    [
        ("FR", "3 Av Foch, 75016 Paris", "3 Avenue Foch, 75016 Paris"),
        ("FR", "12 rue du Bd", "12 rue du Bd"),
        ("GB", "10 St John St", "10 St John Street"),
        ("GB", "10 High St, London", "10 High Street, London"),
        ("ES", "Av. Diagonal 5", "Av. Diagonal 5"),
        ("PT", "R. Augusta 5", "Rua Augusta 5"),
        ("IT", "P.zza Duomo 1", "Piazza Duomo 1"),
        ("CH", "Langstr. 5", "Langstrasse 5"),
        ("US", "12 Boul Ave", "12 Boul Ave"),
    ],
)
def test_abbreviations(country: str, line: str, written: str) -> None:
    assert standardize(SemanticType.STREET, line, Context(country)).value == written


@pytest.mark.parametrize(
    ("country", "line", "expected"),
    [
        ("GB", "10 High Street, London SW1A 1AA", {"city": "London", "postal_code": "SW1A 1AA"}),
        ("AU", "12 Smith Street, Sydney NSW 2000", {"city": "Sydney", "region": "NSW", "postal_code": "2000"}),
        ("CA", "100 Queen Street, Toronto, ON M5V 2T6", {"city": "Toronto", "region": "ON", "postal_code": "M5V 2T6"}),
        ("FR", "3 rue Foch\nF-75016 Paris", {"city": "Paris", "postal_code": "75016"}),
    ],
)
def test_the_town_in_the_street_is_told(country: str, line: str, expected: dict[str, str]) -> None:
    outcome = standardize(SemanticType.STREET, line, Context(country))
    assert {name: outcome.parts.get(name) for name in expected} == expected
    assert [issue.code for issue in outcome.issues] == ["A301"]


PIECES = sorted(
    words(
        """
        12 5a bis ter , . / - rue Rue av. Av bd Bd. avenue de la Paix St St. Rd Rd. Mill High Flat 2 Str. str. straat
        Hauptstr. V.le P.zza C.so Via Roma R. Av. Rua Avda. Ctra. 3º B 10115 Berlin SW1A 1AA London NSW 2000 BP Postfach
        """
    )
)
COUNTRIES = ["DE", "AT", "CH", "FR", "BE", "GB", "IE", "ES", "IT", "PT", "BR", "MX", "NL", "PL", "CA", "AU", "DK"]


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8),
    st.sampled_from([" ", ", ", "\n", ""]),
    st.sampled_from([str, str.upper, str.lower]),
    st.sampled_from(COUNTRIES),
)
@example([",", "str."], " ", str, "DE")
def test_twice_is_once(pieces: list[str], joint: str, case: object, country: str) -> None:
    assert callable(case)
    once = standardize(SemanticType.STREET, case(joint.join(pieces)), Context(country))
    assert standardize(SemanticType.STREET, once.value, Context(country)).value == once.value
