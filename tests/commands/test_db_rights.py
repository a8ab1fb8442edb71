"""`crm db grant`, `revoke`, `rights`, and the program as it works for the logins that were given a role."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner, Outcome
from tests.store.restricted import TestLogin, a_login


@dataclass
class Shared:
    """A database with anna's and tom's records: the owner's program, and a login that can be given roles."""

    owner: CrmRunner
    store: Store
    login: TestLogin

    def granted(self, role: str, *more: str) -> CrmRunner:
        """Give the login a role; return the program as the login runs it."""
        self.owner("db", "grant", role, self.login.login.name, *more, "--yes").ok()
        views = "_seen" if "--sees" in more and self.store.backend != "postgresql" else ""
        url = self.login.url(self.store, f"{self.store.url.database}{views}")
        environ = {**self.owner.environ, "CRM_DB": url.render_as_string(hide_password=False), "CRM_USER": "login"}
        return replace(self.owner, environ=environ)


@pytest.fixture
def shared(store: Store, tmp_path: Path) -> Iterator[Shared]:
    if store.backend == "sqlite":
        pytest.skip("a file has no logins")
    folder = tmp_path / "project"
    folder.mkdir()
    environ = {
        "CRM_CONFIG_DIR": str(tmp_path / "user"), "CRM_USER": "owner", "CRM_DEFAULT_COUNTRY": "DE",
        "CRM_DB": store.url.render_as_string(hide_password=False),
    }  # fmt: skip
    crm = CrmRunner(folder, environ)
    for args in (
        ("user", "add", "username=anna"), ("user", "add", "username=tom"),
        ("account", "add", "name=Acme GmbH", "owner=anna"), ("account", "add", "name=Other AG", "owner=tom"),
        ("contact", "add", "family_name=Smith", "email=s@acme.example", "owner=anna", "account=1"),
        ("contact", "add", "family_name=Jones", "owner=tom", "account=2"),
    ):  # fmt: skip
        crm(*args).ok()
    crm("search", "smith").ok()
    with a_login(store) as login:
        yield Shared(crm, store, login)


def refused(outcome: Outcome) -> bool:
    """Whether the database refused it, in words that say so."""
    told = "the database does not let this login do that" in outcome.stderr and "crm db rights" in outcome.stderr
    return outcome.exit_code == 1 and told


def test_a_file_has_no_logins_and_says_what_its_boundary_is(project: CrmRunner) -> None:
    for args in (("grant", "steward", "anna"), ("revoke", "anna"), ("rights",)):
        outcome = project("db", *args, "--yes") if args[0] != "rights" else project("db", *args)
        assert outcome.exit_code == 2
        assert "the file's permission alone" in outcome.stderr
        assert "docs/sharing.md" in outcome.stderr


def test_a_mistyped_role_or_scope_is_a_usage_error(project: CrmRunner) -> None:
    for args, hint in (
        (("stewrad", "anna"), "did you mean steward?"), (("analyst", "anna", "--sees", "mine"), "own, team"),
        (("steward", "anna", "--sees", "own"), "crm db grant analyst anna --sees own"),
        (("steward", "anna; drop"), "letters, digits"),
    ):  # fmt: skip
        outcome = project("db", "grant", *args, "--yes")
        assert outcome.exit_code == 2
        assert hint in outcome.stderr


@pytest.mark.slow
def test_statements_are_shown_before_anything_is_granted(shared: Shared) -> None:
    name = shared.login.login.name
    dry = shared.owner("db", "grant", "steward", name, "--dry-run").ok()
    assert "GRANT" in dry.stdout
    assert "nothing was granted" in dry.stderr
    sql = shared.owner("db", "grant", "steward", name, "--user", "anna", "--sql").ok()
    assert all(line.endswith(";") for line in sql.lines)
    assert f"crm user set anna database_login={name} sees=all" in sql.stderr
    assert shared.owner("db", "rights", "--json").ok().json == []
    shared.granted("steward", "--user", "anna")
    [row] = shared.owner("db", "rights", "--json").ok().json
    assert (row["login"], row["role"], row["sees"], row["user"]) == (name, "steward", "all", "anna")
    shared.owner("db", "revoke", name, "--yes").ok()
    assert shared.owner("db", "rights", "--json").ok().json == []
    assert shared.owner("user", "list", "--columns", "username,database_login", "--json").ok().json[0] == {
        "username": "anna",
        "database_login": None,
    }


@pytest.mark.slow
def test_a_login_that_is_not_there_is_told_with_how_it_is_made(shared: Shared) -> None:
    outcome = shared.owner("db", "grant", "steward", "crm_nobody", "--yes")
    assert outcome.exit_code == 1
    assert "no login crm_nobody" in outcome.stderr
    assert "CREATE" in outcome.stderr


@pytest.mark.slow
def test_a_steward_works_with_everything_but_users_schema_and_erasing(shared: Shared) -> None:
    crm = shared.granted("steward", "--user", "anna")
    _steward_works(crm)
    assert refused(crm("user", "set", "tom", "sees=own"))
    assert refused(crm("schema", "add-field", "contact", "shoe", "--type", "text", "--meaning", "Shoe size"))
    assert refused(crm("privacy", "erase", "contact", "4", "--reason", "asked", "--yes"))


@pytest.mark.slow
def test_a_steward_works_where_rows_of_others_are_secured(shared: Shared) -> None:
    shared.granted("steward")
    with a_login(shared.store) as other:
        replace(shared, login=other).granted("analyst", "--sees", "own", "--user", "anna")
        url = shared.login.url(shared.store).render_as_string(hide_password=False)
        _steward_works(replace(shared.owner, environ={**shared.owner.environ, "CRM_DB": url}))


def _steward_works(crm: CrmRunner) -> None:
    """Add, set, import, search, find, merge, standardize, reassign, audit and undo, as nobody but the login."""
    crm("contact", "add", "family_name=Meyer", "email=m@x.example").ok()
    crm("contact", "set", "3", "given_name=Ann", "phone=030 1234567").ok()
    crm.write(
        "in.csv", "given_name,family_name,email\nAda,Byron,ada@x.example\nAda,Byron,ada@x.example\nBo,Li,bo@x.example\n"
    )
    assert crm("import", "in.csv", "--into", "contact", "--yes").exit_code in (0, 4)
    imported = crm("log", "--json", "--limit", "1").ok().json[0]["id"]
    crm("search", "byron").ok()
    assert crm("dedupe", "find", "contact").exit_code in (0, 3)
    first, second = [row["id"] for row in crm("contact", "list", "--json").ok().json][-2:]
    crm("dedupe", "merge", "contact", str(first), str(second), "--yes").ok()
    merged = crm("log", "--json", "--limit", "1").ok().json[0]
    assert merged["kind"] == "merge"
    crm("undo", str(merged["id"]), "--yes").ok()
    crm("standardize", "contact", "--yes").ok()
    crm("reassign", "--from", "tom", "--to", "anna", "--yes").ok()
    assert crm("audit", "run", "contact").exit_code in (0, 3)
    crm("undo", str(imported), "--yes").ok()
    assert "Byron" not in crm("contact", "list").ok().stdout


@pytest.mark.slow
def test_an_analyst_reads_all_and_exports_with_a_note_that_nobody_knows_of_it(shared: Shared) -> None:
    crm = shared.granted("analyst")
    for args in (
        ("contact", "list"), ("contact", "show", "3"), ("search", "smith"), ("log",), ("blame", "contact", "3"),
        ("report", "run", "composition"), ("db", "check"), ("db", "status"), ("profile", "contact"),
    ):  # fmt: skip
        crm(*args).ok()
    exported = crm("export", "contact", "-o", "all.csv").ok()
    assert "the database does not know of this export" in exported.stderr
    assert len(_rows(crm, "all.csv")) == 2
    for args in (
        ("contact", "set", "3", "job_title=Boss"), ("contact", "add", "family_name=Neu"),
        ("contact", "delete", "3", "--yes"), ("undo", "--yes"),
        ("reassign", "--from", "tom", "--to", "anna", "--yes"),
    ):  # fmt: skip
        assert refused(crm(*args)), args
    assert crm("db", "backup", "all.gz").exit_code == 1
    assert not (crm.folder / "all.gz").exists()
    audited = crm("audit", "run", "contact")
    assert (audited.exit_code, "audits without storing findings" in audited.stderr) == (1, True)
    assert crm("audit", "run", "contact", "--dry-run").exit_code in (0, 3)


@pytest.mark.slow
def test_an_analyst_who_sees_own_records_lists_exports_and_asks_of_those_alone(shared: Shared) -> None:
    crm = shared.granted("analyst", "--sees", "own", "--user", "anna")
    assert [row["family_name"] for row in crm("contact", "list", "--json").ok().json] == ["Smith"]
    assert [row["name"] for row in crm("account", "list", "--json").ok().json] == ["Acme GmbH"]
    assert crm("sql", "SELECT COUNT(*) AS n FROM contact", "--json").ok().json == [{"n": 1}]
    assert crm("contact", "list", "--where", "account.name = 'Other AG'", "--json").ok().json == []
    crm("export", "contact,account", "-o", "mine.xlsx").ok()
    crm("export", "contact", "-o", "mine.csv").ok()
    assert [row["family_name"] for row in _rows(crm, "mine.csv")] == ["Smith"]
    for args in (("report", "run", "composition"), ("report", "pivot", "contact", "--rows", "status"), ("db", "check")):
        assert "Jones" not in crm(*args).ok().stdout
    for args in (
        ("contact", "show", "3"), ("search", "smith"), ("blame", "contact", "3"), ("dedupe", "find", "contact"),
        ("dedupe", "lookup", "contact", "family_name=Jones"), ("contact", "set", "3", "job_title=Boss"),
    ):  # fmt: skip
        outcome = crm(*args)
        assert outcome.exit_code == 1, args
        assert "Jones" not in outcome.stdout + outcome.stderr
    log = "change" if shared.store.backend == "postgresql" else "`change`"
    asked = crm("sql", f"SELECT * FROM {log}")
    assert (asked.exit_code, asked.stdout, "denied" in asked.stderr) == (2, "", True)
    assert crm("db", "backup", "mine.gz").exit_code == 1


@pytest.mark.slow
def test_a_service_adds_leads_and_activities_and_audits_and_nothing_else(shared: Shared) -> None:
    crm = shared.granted("service")
    crm("lead", "add", "family_name=Neu", "email=n@x.example").ok()
    crm("activity", "add", "subject=Call", "kind=call", "party=3").ok()
    assert crm("audit", "run", "contact").exit_code in (0, 3)
    crm("search", "neu").ok()
    crm.write("in.csv", "family_name\nByron\n")
    for args in (
        ("contact", "add", "family_name=Nie"), ("contact", "set", "3", "given_name=Y"),
        ("lead", "set", "1", "status=contacted"),
        ("import", "in.csv", "--into", "contact", "--yes"), ("import", "in.csv", "--into", "lead", "--yes"),
        ("reassign", "--from", "tom", "--to", "anna", "--yes"), ("user", "set", "tom", "sees=own"),
    ):  # fmt: skip
        assert refused(crm(*args)), args


def _rows(crm: CrmRunner, name: str) -> list[dict[str, str]]:
    with (crm.folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
