"""A command's way to the database: one store, one operation, as the common options say."""

from __future__ import annotations

import pytest

from crm_cli.commands.kit import App, Crm
from crm_cli.history import read_log
from crm_cli.store import Store
from crm_cli.store.migrate import create
from tests.commands.conftest import CrmRunner


@pytest.fixture
def writer(crm: CrmRunner) -> CrmRunner:
    """A program with one command `add NAME`, which adds an account, in a folder with a database."""
    create(crm.folder / "crm.db")
    app = App("Writes.")

    @app.command(writes=True)
    def add(crm: Crm, name: str, fail: bool = False) -> None:
        with crm.operation("add", exclusive=True) as operation:
            (number,) = operation.insert("account", [{"name": name}])
            if fail:
                raise ZeroDivisionError
        crm.console.show({"id": number})

    @app.command()
    def other(crm: Crm) -> None:
        crm.console.note(crm.store.shown)

    crm.app = app
    return crm


def logged(crm: CrmRunner) -> list[tuple[str, str, str | None, str | None]]:
    with Store.open(crm.folder / "crm.db") as store:
        return [(one.kind, one.actor, one.reason, one.command) for one in read_log(store)]


def test_a_write_is_logged_with_who_why_and_how_but_without_customer_data(writer: CrmRunner) -> None:
    writer("add", "ann@acme.example", "--as", "maria", "--reason", "called", "--json").ok()
    assert logged(writer) == [("add", "maria", "called", "crm add ? --as maria --reason ? --json")]


def test_a_dry_run_shows_the_same_and_leaves_nothing(writer: CrmRunner) -> None:
    assert writer("add", "ACME [/b] Ltd", "--dry-run", "--json").ok().json == {"id": 1}
    assert logged(writer) == []
    assert writer("add", "ACME [/b] Ltd", "--json").ok().json == {"id": 1}


def test_what_fails_halfway_is_rolled_back(writer: CrmRunner) -> None:
    assert writer("add", "ACME", "--fail").exit_code == 1
    assert logged(writer) == []


def test_who_holds_the_lease_is_named_with_exit_5(writer: CrmRunner) -> None:
    with Store.open(writer.folder / "crm.db") as other, other.lease():
        outcome = writer("add", "ACME")
        waited = writer("add", "ACME", "--wait", "0.3")
    assert (outcome.exit_code, waited.exit_code) == (5, 5)
    assert "--wait" in outcome.stderr
    assert logged(writer) == []
    writer("add", "ACME").ok()


def test_the_database_may_be_named_in_every_way(writer: CrmRunner) -> None:
    writer.write("crm.toml", '[databases]\nhere = "crm.db"\n')
    shown = f"{writer.folder / 'crm.db'}\n"
    for given in ("here", "crm.db", str(writer.folder / "crm.db"), f"sqlite:///{writer.folder / 'crm.db'}"):
        assert writer("other", "--db", given).ok().stderr == shown
    assert writer("other", CRM_DB="here").ok().stderr == shown


def test_a_file_that_is_no_database_is_said_so(writer: CrmRunner) -> None:
    writer.write("notes.db", "this is not a database, however long one looks at it" * 20)
    outcome = writer("other", "--db", "notes.db")
    assert outcome.exit_code in (1, 2)
    assert "bug" not in outcome.stderr
    assert "notes.db" in outcome.stderr
