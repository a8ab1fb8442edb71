"""One cell that fills several fields, and several cells that fill one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_cli.dictionary import shipped
from crm_cli.importers.mapping import ColumnMap, Mapping, MappingError, suggest_mapping
from crm_cli.store import Store
from tests.jobs.test_importing import load, rows, write


def address(store: Store) -> dict[str, Any]:
    (one,) = rows(store, "postal_address")
    return {name: one[name] for name in ("street", "postal_code", "city", "region")}


@pytest.mark.parametrize(
    ("cell", "country", "parts"),
    [
        ("278 Franklin Pkwy Apt 8, Sausalito, CA 94952", "US", ("278 Franklin Pkwy Apt 8", "94952", "Sausalito", "CA")),
        ('"12 MAIN STREET\nSPRINGFIELD, IL 62701"', "US", ("12 Main St", "62701", "Springfield", "IL")),
        ("Hauptstr. 5, 10115 Berlin", "DE", ("Hauptstraße 5", "10115", "Berlin", None)),
        ('"Lange Gasse 7\nD-80331 München"', "DE", ("Lange Gasse 7", "80331", "München", None)),
        ("Herengracht 12, 1015 BN Amsterdam", "NL", ("Herengracht 12", "1015 BN", "Amsterdam", None)),
        ("ul. Długa 4, 00-238 Warszawa", "PL", ("ul. Długa 4", "00-238", "Warszawa", None)),
        ("12 Main St", "US", ("12 Main St", None, None, None)),
        ("Hauptstr. 5", "DE", ("Hauptstraße 5", None, None, None)),
        ("Haus 7, 3 Treppen", "DE", ("Haus 7, 3 Treppen", None, None, None)),
    ],
)
def test_a_whole_address_in_one_cell_is_taken_apart(
    store: Store, tmp_path: Path, cell: str, country: str, parts: tuple[str | None, ...]
) -> None:
    given = cell if cell.startswith('"') else f'"{cell}"'
    path = write(tmp_path, f"First Name,Last Name,Address\nAnn,Lee,{given}\n")
    load(store, path, country=country)
    assert tuple(address(store).values()) == parts
    (one,) = rows(store, "postal_address")
    assert one["value"] == given.strip('"')  # as given, whole


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ("Springfield,IL,62701", ("12 Main St", "62701", "Springfield", "IL")),
        ("Shelbyville,IL,62701", ("12 Main St, Springfield, IL 62701", "62701", "Shelbyville", "IL")),
    ],
    ids=["the columns say the same", "the columns say otherwise"],
)
def test_what_columns_say_of_the_address_goes_before(
    store: Store, tmp_path: Path, columns: str, parts: tuple[str, ...]
) -> None:
    path = write(
        tmp_path,
        f'First Name,Last Name,Address,City,State,Zip\nAnn,Lee,"12 Main St, Springfield, IL 62701",{columns}\n',
    )
    load(store, path, country="US")
    assert tuple(address(store).values()) == parts


def test_several_address_lines_are_one_street(store: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path, "First Name,Last Name,Street 1,Street 2,City\nAnn,Lee,12 Main St,Apt 8,Reno\nBo,Ray,1 A St,,X\n"
    )
    load(store, path, country="US")
    assert [one["street"] for one in rows(store, "postal_address")] == ["12 Main St Apt 8", "1 A St"]


def test_several_cells_fill_one_field(store: Store, tmp_path: Path) -> None:
    columns = {
        "a": "contact.full_name",
        "b": "contact.full_name",
        "n": "contact.description",
        "m": "contact.description",
    }
    mapping = Mapping(("contact",), tuple(ColumnMap(*one) for one in columns.items()))
    load(store, write(tmp_path, "a,b,n,m\nAnn,Lee,first,second\nBo,Ray,,only\n"), mapping=mapping)
    found = [(one["given_name"], one["family_name"], one["description"]) for one in rows(store, "contact")]
    assert found == [("Ann", "Lee", "first\nsecond"), ("Bo", "Ray", "only")]


def test_two_columns_for_one_date_are_refused(store: Store, tmp_path: Path) -> None:
    columns = {"n": "contact.family_name", "a": "contact.birth_date", "b": "contact.birth_date"}
    mapping = Mapping(("contact",), tuple(ColumnMap(*one) for one in columns.items()))
    with pytest.raises(MappingError, match=r"a and b both fill contact\.birth_date, which holds one value"):
        load(store, write(tmp_path, "n,a,b\nLee,2001-01-02,2001-01-03\n"), mapping=mapping)


@pytest.mark.parametrize(
    ("header", "cell", "target", "found"),
    [
        ("Mail", "Ann Lee <ann@x.example>", "email_address", ["ann@x.example"]),
        ("Contact at", "ann@x.example; lee@y.example", "email_address", ["ann@x.example", "lee@y.example"]),
        ("Contact at", "Ann Lee <ann@x.example>", "email_address", ["ann@x.example"]),
        ("Phones", "(415) 555-2671; 212-555-0198", "phone_number", ["+14155552671", "+12125550198"]),
        ("Office phone", "(415) 555-2671 / (212) 555-0198", "phone_number", ["+14155552671", "+12125550198"]),
    ],
)
def test_a_cell_lists_several_contact_points(
    store: Store, tmp_path: Path, header: str, cell: str, target: str, found: list[str]
) -> None:
    text = f'First Name,Last Name,{header}\nAnn,Lee,"{cell}"\n'
    load(store, write(tmp_path, text), country="US")
    assert [one["standard"] for one in rows(store, target)] == found


def test_a_name_that_could_be_either_is_a_person_where_only_people_are_wanted() -> None:
    columns = {"Name": ["Ann Lee", "Bo Ray", "Cy Fox"], "E-Mail": ["a@x.example", "b@x.example", "c@x.example"]}
    (name, _) = suggest_mapping(shipped(), ("contact",), columns).columns
    assert name.target == "contact.full_name"
    (name, _) = suggest_mapping(shipped(), ("account",), columns).columns
    assert name.target == "account.name"
    firms = {**columns, "Name": ["Acme Ltd", "Bo GmbH", "Cy Inc"]}
    (name, _) = suggest_mapping(shipped(), ("contact",), firms).columns
    assert name.target == "contact.company"


@pytest.mark.parametrize("header", ["Name", "Nom", "Apellido", "name"])
def test_a_name_beside_a_given_name_is_the_family_name(header: str) -> None:
    columns = {header: ["Weiß", "Bär", "von Ahn"], "Vorname": ["Anna", "Jan", "Ute"], "Ort": ["Bonn", "Ulm", "Kiel"]}
    found = {one.column: one.target for one in suggest_mapping(shipped(), ("contact",), columns).columns}
    assert (found[header], found["Vorname"]) == ("contact.family_name", "contact.given_name")


def test_a_name_of_companies_beside_a_given_name_stays_one() -> None:
    columns = {
        "Name": ["Weiß GmbH", "Bär AG", "Ahn Ltd"],
        "Vorname": ["Anna", "Jan", "Ute"],
        "Nachname": ["A", "B", "C"],
    }
    found = {one.column: one.target for one in suggest_mapping(shipped(), ("contact",), columns).columns}
    assert (found["Name"], found["Nachname"]) == ("contact.company", "contact.family_name")
