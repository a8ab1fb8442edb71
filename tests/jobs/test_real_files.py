"""Real files of others, messy ones and exports of other CRMs: each comes in, or it is said exactly why not."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.errors import CrmError
from crm_cli.history import Author
from crm_cli.jobs.importing import ImportOptions, ImportRun, import_source
from crm_cli.store import Store

pytestmark = pytest.mark.shared

# rows that the manifest (or, where it counts lines, the file's own notes) says are in the file, and what they are
COUNTED = {
    "crm/dataloader/accountData.csv": ("account", 423),
    "crm/dataloader/opportunityData.csv": ("opportunity", 38),
    "crm/dataloader/insertAccountCsv.csv": ("account", 100),
    "crm/dataloader/updateAccountWithExternalIdCsvTemplate.csv": ("account", 5),
    "crm/dreamhouse-lwc/contacts-data.json": ("contact", 5),
    "crm/ebikes-lwc/Accounts.json": ("account", 3),
    "crm/odoo/res.partner.csv": ("account", 6),
    "crm/thunderbird/basic_csv_addressbook.csv": ("contact", 2),
    "crm/civicrm-core/individual_unicode.csv": ("contact", 1),
    "crm/civicrm-core/individual_valid_with_related_email.csv": ("contact", 1),
    "crm/civicrm-core/organization_multiple_duplicates_invalid.csv": ("account", 3),
    "messy/dedupe-examples/csv_example_messy_input.csv": ("account", 3337),
    "messy/Messy-dataset/healthcare_messy_data.csv": ("contact", 1000),
    "messy/Messy-dataset/warehouse_messy_data.csv": ("account", 1000),
}


def cases(shared: Path) -> list[Path]:
    folder = shared / "data" / "import-cases"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [folder / row["path"] for row in csv.DictReader(file) if row["group"] in ("messy", "crm")]


def attempt(store: Store, path: Path, into: str) -> Counter[str] | CrmError:
    try:
        return import_source(store, path, Author("test"), ImportOptions(into=(into,)), ImportRun(dry_run=True)).counts
    except CrmError as error:
        return error


@pytest.mark.parametrize("name", COUNTED)
def test_the_counts_agree_with_what_the_source_says(store: Store, shared: Path, name: str) -> None:
    into, rows = COUNTED[name]
    done = attempt(store, shared / "data" / "import-cases" / name, into)
    assert isinstance(done, Counter), done
    assert done["rows"] == rows
    assert done["created"] + done["updated"] + done["unchanged"] + done["rejected"] == rows
    assert done["rejected"] == 0


@pytest.mark.slow
def test_every_file_comes_in_or_says_why_not(store: Store, shared: Path) -> None:
    came_in = set()
    for path in cases(shared):
        for into in ("contact", "account"):
            done = attempt(store, path, into)
            if isinstance(done, CrmError):
                assert done.message, path
                assert done.hint, path
            else:
                came_in.add(path)
                taken = done["created"] + done["updated"] + done["unchanged"]
                assert taken + done["rejected"] == done["rows"], path
    assert len(came_in) >= 25  # of 40; the others are programs, link tables and lists without a name
    with store.read() as connection:  # they were rehearsals
        assert connection.scalar(sa.select(sa.func.count()).select_from(store.table("party"))) == 0


def test_nothing_of_a_real_export_is_lost(store: Store, shared: Path) -> None:
    path = shared / "data" / "import-cases" / "crm" / "dataloader" / "accountData.csv"
    import_source(store, path, Author("test"), ImportOptions(into=("account",)))
    with path.open(encoding="cp1252", newline="") as file:
        names = [row["NAME"] for row in csv.DictReader(file)]
    table = store.table("account")
    with store.read() as connection:
        rows = connection.execute(sa.select(table.c.name, table.c.extra).order_by(table.c.id)).all()
    assert len(rows) == len(names)
    kept = [(row.extra or {}).get("@original", {}).get("name", row.name) for row in rows]
    assert [" ".join(one.split()) for one in kept] == [" ".join(one.split()) for one in names]
