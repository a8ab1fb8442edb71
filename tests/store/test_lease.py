"""The lease of long writers: who keeps it, who succeeds whom, and what becomes of a writer that lost it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.errors import LockedError
from crm_cli.history import Author, operation
from crm_cli.store import Store
from crm_cli.store.lease import lease_holder
from tests.dumps import business_content

_KILLED = """
import os, sys
from crm_cli.store import Store
with Store.open(sys.argv[1]).lease():
    os._exit(9)
"""


def row(store: Store) -> Any:
    with store.read() as connection:
        return connection.execute(sa.select(store.table("lease"))).one()


def rewrite(store: Store, **values: Any) -> None:
    with store.write() as connection:
        connection.execute(store.table("lease").update().values(**values))


def is_free(store: Store) -> bool:
    try:
        with store.lease():
            return True
    except LockedError:
        return False


@pytest.mark.all_databases
def test_a_living_process_keeps_its_lease_beyond_its_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_cli.store.lease._LENGTH", timedelta(0))
    with store.lease():
        assert not is_free(store)
    assert is_free(store)
    assert lease_holder(store.engine, store.table("lease")) is None


@pytest.mark.all_databases
def test_a_killed_process_is_succeeded_at_once(store: Store) -> None:
    url = store.url.render_as_string(hide_password=False)
    assert subprocess.run([sys.executable, "-c", _KILLED, url], check=False).returncode == 9
    assert row(store).expires_at > datetime.now(UTC)
    assert is_free(store)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell when a process started")
def test_a_later_process_of_the_same_number_holds_nothing(store: Store) -> None:
    with store.lease():
        holder = row(store).holder
    words = holder.split(" ")
    assert f"(process {os.getpid()})" in holder
    future = datetime.now(UTC) + timedelta(hours=1)
    rewrite(store, holder=" ".join([*words[:-1], str(int(words[-1]) - 1)]), expires_at=future)
    assert is_free(store)


def test_a_zombie_holds_nothing(store: Store) -> None:
    url = store.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", _KILLED, url]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, but nobody asked how
        assert is_free(store)


@pytest.mark.parametrize(("minutes", "free"), [(1, False), (-1, True)])
def test_a_process_elsewhere_holds_until_its_time_is_out(store: Store, minutes: int, *, free: bool) -> None:
    with store.lease():
        pass
    rewrite(
        store,
        holder=f"tom@elsewhere.example (process {os.getpid()}) 1",
        expires_at=datetime.now(UTC) + timedelta(minutes=minutes),
    )
    assert is_free(store) is free


def test_the_error_names_the_holder_as_a_person_would(store: Store) -> None:
    with store.lease(), pytest.raises(LockedError, match=rf"@\S+ \(process {os.getpid()}\) is writing"), store.lease():
        pass


@pytest.mark.all_databases
def test_a_holder_renews_its_lease_for_other_hosts_while_it_writes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.backend == "sqlite":
        pytest.skip("a file is opened by one host")
    monkeypatch.setattr("crm_cli.store.lease._LENGTH", timedelta(seconds=1.2))
    with operation(store, "import", Author("maria"), exclusive=True) as op:
        op.insert("contact", [{"family_name": "Doe"}])
        first = row(store).expires_at
        deadline = time.monotonic() + 10
        while row(store).expires_at == first:
            assert time.monotonic() < deadline, "the lease was not renewed"
            time.sleep(0.05)
    assert len(business_content(store)["contact"]) == 1


@pytest.mark.all_databases
def test_a_writer_that_lost_its_lease_writes_nothing_and_says_so(store: Store) -> None:
    def write() -> None:
        with operation(store, "import", Author("maria"), exclusive=True) as op:
            op.insert("contact", [{"family_name": "Doe"}])
            table = store.table("lease")
            op.connection.execute(table.update().values(fencing_token=table.c.fencing_token + 1))

    with pytest.raises(LockedError, match="another process took over the lease"):
        write()
    assert business_content(store)["contact"] == []
