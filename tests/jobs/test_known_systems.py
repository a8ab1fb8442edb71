"""A small delivery of each system, in its layout, with records that are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_cli.history import Author
from crm_cli.importers.profiles import find_profile, shipped_profiles
from crm_cli.jobs.importing import ImportOptions, import_delivery, import_source
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
MORE_TESTS = {"salesforce", "suitecrm"}  # in files of their own
DELIVERIES = Path(__file__).parent / "deliveries"
SYSTEMS = sorted(folder.name for folder in DELIVERIES.iterdir() if folder.is_dir())


def rows(store: Store, entity: str) -> list[dict[str, Any]]:
    return business_content(store)[entity]


def test_every_profile_has_a_delivery_here() -> None:
    assert {one.name for one in shipped_profiles()} - MORE_TESTS == set(SYSTEMS)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_delivery_brings_ann_of_acme(store: Store, system: str) -> None:
    profile = find_profile(system, None)
    result = import_delivery(store, [DELIVERIES / system], profile, MARIA, ImportOptions())
    assert (result.counts["rejected"], result.skipped) == (0, [])
    ann = next(one for one in rows(store, "contact") if one["family_name"] == "Poe")
    assert ann["given_name"] == "Ann"
    emails = [one["standard"] for one in rows(store, "email_address") if one["party_id"] == ann["id"]]
    assert emails[0] == "ann@acme.example"
    assert "old@acme.example" not in emails
    accounts = {one["name"]: one for one in rows(store, "account")}
    assert "Gone" not in accounts
    if accounts:
        acme = accounts["Acme GmbH"]
        assert ann["account_id"] == acme["id"]
        assert (acme["parent_id"] is not None) == ("Acme Holding AG" in accounts)
    else:
        assert ann["company"] == "Acme GmbH"
    for deal in rows(store, "opportunity"):
        assert (deal["stage"], deal["amount"]) == ("won", 4_850_050)
        assert deal["account_id"] == ann["account_id"]
    again = import_delivery(store, [DELIVERIES / system], profile, MARIA, ImportOptions())
    assert (again.counts["created"], again.counts["updated"]) == (0, 0)


def test_owners_are_found_by_the_names_that_the_system_writes(store: Store) -> None:
    for system in ("zoho", "vtiger"):
        import_delivery(store, [DELIVERIES / system], find_profile(system, None), MARIA, ImportOptions())
    owners = {one["owner_id"] for one in rows(store, "account")}
    assert owners == {one["id"] for one in rows(store, "app_user")}


def test_companies_of_a_list_fill_one_reference_and_the_rest_is_kept(store: Store) -> None:
    import_delivery(store, [DELIVERIES / "hubspot"], find_profile("hubspot", None), MARIA, ImportOptions())
    (ann,) = rows(store, "contact")
    assert ann["extra"]["Associated Company IDs (further)"] == "702"
    assert ann["extra"]["Associated Company"] == "Acme GmbH"


@pytest.mark.parametrize("system", ["google", "hubspot", "linkedin", "thunderbird"])
def test_its_header_is_recognized_where_nobody_named_it(store: Store, system: str) -> None:
    files = sorted((DELIVERIES / system).iterdir())
    path = next(one for one in files if "contact" in one.name or len(files) == 1)
    (batch,) = import_source(store, path, MARIA, ImportOptions()).batches
    assert batch.mapping.layout == find_profile(system, None).title


def test_both_layouts_of_google_are_known_and_its_labels_tell_the_kinds(store: Store) -> None:
    (batch,) = import_source(store, DELIVERIES / "google-before.csv", MARIA, ImportOptions()).batches
    assert batch.mapping.layout == "Google Contacts"
    (email,), (phone,) = rows(store, "email_address"), rows(store, "phone_number")
    assert (email["kind"], phone["kind"], str(rows(store, "contact")[0]["birth_date"])) == ("home", "fax", "1980-02-29")


def test_a_household_is_an_account_of_its_kind(store: Store) -> None:
    import_delivery(store, [DELIVERIES / "civicrm"], find_profile("civicrm", None), MARIA, ImportOptions())
    assert {one["name"]: one["kind"] for one in rows(store, "account")} == {
        "Acme GmbH": "company",
        "The Poes": "household",
    }
    assert rows(store, "postal_address")[0]["country"] == "DE"


@pytest.mark.shared
def test_the_files_of_real_systems_are_read(store: Store, shared: Path) -> None:
    folder = shared / "data" / "import-cases" / "crm"
    partners = import_delivery(store, [folder / "odoo"], find_profile("odoo", None), MARIA, ImportOptions())
    assert [(batch.mapping.into, batch.counts["created"]) for batch in partners.batches] == [
        (("account",), 2), (("contact",), 4),
    ]  # fmt: skip
    related = {one["family_name"]: one["account_id"] for one in rows(store, "contact")}
    assert None not in related.values()
    book = folder / "thunderbird" / "basic_csv_addressbook.csv"
    (batch,) = import_source(store, book, MARIA, ImportOptions()).batches
    assert (batch.mapping.layout, batch.counts["created"]) == ("Thunderbird", 2)
    civicrm = folder / "civicrm-core" / "individual_unicode.csv"
    read = import_delivery(store, [civicrm], find_profile("civicrm", None), MARIA, ImportOptions())
    assert read.counts["created"] == 1
