"""Fixtures and marks that every room's tests may use.

- `database_url`: the URL of a fresh, empty database. A test that takes it runs on SQLite in the fast set and on
  PostgreSQL and MariaDB in the slow one; marked `all_databases` it runs on all three in the fast set too.
- `new_database()`: makes further databases of the same kind, for tests that need two.
- `shared`: the folder of test data beside the checkout.
- `CRM_REQUIRE=dbs,shared` turns the skips for missing servers and data into failures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import databases

if TYPE_CHECKING:
    from crm_cli.store import Store

_KINDS = ("sqlite", "postgresql", "mariadb")
_ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_server" not in metafunc.fixturenames:
        return
    everywhere = metafunc.definition.get_closest_marker("all_databases") is not None
    kinds = [
        pytest.param(kind, id=kind, marks=() if everywhere or kind == "sqlite" else pytest.mark.slow) for kind in _KINDS
    ]
    metafunc.parametrize("database_server", kinds, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    shared_missing = None if shared_folder() else "the shared data folder is absent (CRM_SHARED names another place)"
    if not config.getoption("--slow"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
    for item in items:
        if item.get_closest_marker("shared") and shared_missing and not required("shared"):
            item.add_marker(pytest.mark.skip(reason=shared_missing))


def required(what: str) -> bool:
    """Whether `CRM_REQUIRE` forbids skipping for want of `what`."""
    return what in os.environ.get("CRM_REQUIRE", "").replace(" ", "").split(",")


def shared_folder() -> Path | None:
    """The folder of shared test data: `CRM_SHARED`, else `../shared`; None where it is absent."""
    folder = Path(os.environ.get("CRM_SHARED") or _ROOT.parent / "shared")
    return folder if (folder / "data").is_dir() else None


def _missing(what: str, reason: str) -> None:
    if required(what):
        pytest.fail(f"{reason}, and CRM_REQUIRE names {what}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data, or a skip."""
    folder = shared_folder()
    if folder is None:
        _missing("shared", "the shared data folder is absent")
        raise AssertionError
    return folder


@pytest.fixture(scope="session")
def database_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Server]:
    """The server of the database kind that this test runs on."""
    try:
        server = _server(request.param, tmp_path_factory)
    except databases.ServerMissingError as error:
        _missing("dbs", str(error))
        raise
    yield server
    server.close()


def _server(kind: str, folders: pytest.TempPathFactory) -> databases.Server:
    if kind == "postgresql":
        return databases.postgresql()
    if kind == "mariadb":
        return databases.mariadb()
    return databases.Sqlite(folders.mktemp("sqlite"))


@pytest.fixture
def new_database(database_server: databases.Server) -> Callable[[], str]:
    """A function that returns the URL of one more empty database."""
    slots = count()
    return lambda: database_server.empty_database(next(slots))


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The URL of a fresh, empty database."""
    return new_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a fresh SQLite file, for tests of what is the same on every database."""
    return f"sqlite:///{(tmp_path / 'crm.db').as_posix()}"


@pytest.fixture
def store(database_server: databases.Server) -> Iterator[Store]:
    """A store with all tables, empty, on the database of the test's turn."""
    from crm_cli.store import Store
    from tests.stores import empty_store_url

    with Store.open(empty_store_url(database_server)) as opened:
        yield opened
