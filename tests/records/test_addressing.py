from __future__ import annotations

import pytest

from crm_cli import records
from crm_cli.errors import NotFoundError
from tests.records.conftest import Desk


def test_a_record_whose_survivor_is_missing_is_told_as_such(desk: Desk) -> None:
    gone, survivor = desk.add("contact", family_name="Lee"), desk.add("contact", family_name="Kern")
    desk.merge("contact", gone, survivor)
    assert records.view(desk.store, "contact", str(gone)).id == survivor
    with desk.store.write() as connection:  # as a program of yore left it
        for name in ("contact", "party"):
            table = desk.store.table(name)
            connection.execute(table.delete().where(table.c.id == survivor))
    with pytest.raises(NotFoundError, match=f"contact {gone} was merged into {survivor}, which is missing") as fault:
        records.view(desk.store, "contact", str(gone))
    assert "crm db check" in fault.value.hint
