"""What `crm doctor` looks at: one function a check, each telling what it found and how to mend it."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from crm_cli.commands.kit import Crm
from crm_cli.errors import CrmError

__all__ = ["Check", "checkup"]

_EXTRAS = {
    "postgres": ("psycopg", "PostgreSQL"),
    "mysql": ("pymysql", "MariaDB"),
    "parquet": ("pyarrow", "Parquet files"),
    "fast": ("fastaddress", "US addresses ten times faster"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, `ok`, `note` or `problem`, what was found, and how a problem is mended."""

    check: str
    status: str
    found: str
    cure: str = ""

    @property
    def problem(self) -> bool:
        """Whether something is to be mended."""
        return self.status == "problem"


def checkup(crm: Crm) -> list[Check]:
    """Return all findings; what cannot be looked at is a finding, never an error."""
    found = [_program(), _python(), *_extras()]
    try:
        found.append(_configuration(crm))
    except CrmError as fault:
        return [*found, Check("configuration", "problem", fault.message, fault.hint)]
    return [*found, *_database(crm)]


def _program() -> Check:
    try:
        return Check("program", "ok", f"crm {version('crm-cli-toolkit')}")
    except PackageNotFoundError:
        return Check("program", "note", "runs from a folder, without being installed")


def _python() -> Check:
    return Check("python", "ok", f"Python {platform.python_version()} on {platform.system()}")


def _extras() -> Iterator[Check]:
    for extra, (module, what) in _EXTRAS.items():
        if find_spec(module) is None:
            cure = f"pip install 'crm-cli-toolkit[{extra}]' brings it"
            yield Check(f"extra {extra}", "note", f"{module} is absent: no {what}", cure)
        else:
            yield Check(f"extra {extra}", "ok", what)


def _configuration(crm: Crm) -> Check:
    project = crm.config.project
    if project is None:
        return Check("configuration", "note", "no project file here or above", "crm init writes one")
    return Check("configuration", "ok", str(project))


def _database(crm: Crm) -> Iterator[Check]:
    try:
        store = crm.store
    except CrmError as fault:
        yield Check("database", "problem", fault.message, fault.hint)
        return
    yield Check("database", "ok", store.shown)
    yield _lease(crm)
    from crm_cli.store.backup import check

    faults = check(store)
    for one in faults:
        yield Check(
            "content",
            "problem",
            f"{one.table}: {one.what} ({one.rows} rows)",
            "crm db restore FILE brings a backup back",
        )
    if not faults:
        yield Check("content", "ok", "whole: every reference leads to a record")


def _lease(crm: Crm) -> Check:
    from crm_cli.store.lease import lease_holder

    holder = lease_holder(crm.store.engine, crm.store.table("lease"))
    return Check("writer", "note" if holder else "ok", f"{holder} is writing" if holder else "nobody is writing")
