"""Databases of earlier versions come up to date with everything that is in them, on every database."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from crm_cli.history import Author, undo
from crm_cli.store import Store
from crm_cli.store.engine import create_engine
from crm_cli.store.migrate import differences, upgrade

_FIRST = "0001"


def test_a_database_of_the_first_version_keeps_what_is_in_it(database_url: str) -> None:
    url = make_url(database_url)
    upgrade(url, _FIRST)
    engine = create_engine(url)
    old = sa.MetaData()
    with engine.begin() as connection:
        old.reflect(connection, only=["operation", "change", "account", "party", "id_allocation"])
        now = sa.func.current_timestamp()
        account = {"id": 1, "public_id": "x1", "row_version": 1, "name": "ACME", "name_key": "acme"}
        rows = {
            "party": {"id": 1, "kind": "account"},
            "account": account | {"created_at": now, "updated_at": now},
            "operation": {"id": 1, "kind": "add", "actor": "ann", "started_at": now, "finished_at": now},
            "change": {"id": 1, "operation_id": 1, "action": "insert", "entity": "account", "record_id": 1},
        }
        for name, values in rows.items():
            connection.execute(old.tables[name].insert().values(**values))
        counted = old.tables["id_allocation"]
        connection.execute(counted.update().values(next_id=2))
    engine.dispose()
    pending = upgrade(url)
    assert pending
    assert _FIRST not in {one.split()[0] for one in pending}
    with Store.open(url) as store:
        with store.read() as connection:
            assert not differences(connection), "an upgraded database is like a new one"
            assert connection.scalar(sa.select(store.table("account").c.name)) == "ACME"
        undo(store, 1, Author("ann"))
        with store.read() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(store.table("account"))) == 0
