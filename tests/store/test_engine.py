from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_cli.store import Store


@pytest.mark.all_databases
def test_an_error_of_the_database_shows_no_customers_data(store: Store) -> None:
    row = {"id": 1, "kind": "Ann Smith"}
    with pytest.raises(sa.exc.IntegrityError) as fault, store.write() as connection:
        connection.execute(store.table("party").insert(), [row, row])
    assert "INSERT INTO party" in str(fault.value)
    assert "Ann Smith" not in str(fault.value)
