"""`crm user offboard`: as its users run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from crm_cli.dictionary import MASK
from tests.commands.conftest import CrmRunner
from tests.commands.made_once import copied, made


def fill(crm: CrmRunner) -> None:
    """Maria has two accounts and a deal that is won; a policy names her."""
    for name in ("maria", "tom"):
        crm("user", "add", f"username={name}", "--set", "database_login=db_" + name).ok()
    for name in ("Acme", "Zeta"):
        crm("account", "add", f"name={name}", "owner=maria").ok()
    crm("opportunity", "add", "name=Won", "stage=won", "owner=maria").ok()
    crm.write("policies/phones.toml", 'owner = "maria"\n')


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, made_once: Path) -> Path:
    return made(tmp_path_factory.mktemp("team"), made_once, fill)


@pytest.fixture
def team(crm: CrmRunner, once: Path) -> CrmRunner:
    return copied(once, crm)


def owners(crm: CrmRunner, entity: str) -> list[str]:
    return [row["owner"] for row in crm(entity, "list", "--columns", "id,owner", "--json").ok().json]


def test_a_user_leaves_and_undo_brings_all_back(team: CrmRunner) -> None:
    words = ("user", "offboard", "maria", "--to", "tom", "-o", "handover.xlsx")
    preview = team(*words, "--dry-run", "--json").ok().json
    assert (preview["moved"], preview["left"], preview["operation"]) == ({"account": 2}, {}, None)
    assert not (team.folder / "handover.xlsx").exists()
    assert owners(team, "account") == ["maria", "maria"]

    done = team(*words, "--yes").ok()
    assert (team.folder / "handover.xlsx").exists()
    assert "policies/phones.toml, line 1 names the user" in done.stderr
    assert "the login db_maria still works" in done.stderr
    assert (owners(team, "account"), owners(team, "opportunity")) == (["tom", "tom"], ["maria"])
    assert team("user", "list", "--where", "active", "--columns", "username", "--format", "csv").lines[1:] == ["tom"]
    team("undo", "--yes").ok()
    assert owners(team, "account") == ["maria", "maria"]
    assert len(team("user", "list", "--where", "active", "--json").json) == 2


def test_it_asks_and_mistakes_are_named(team: CrmRunner) -> None:
    asked = team("user", "offboard", "maria", "--to", "tom")
    assert asked.exit_code == 2
    assert "maria leaves; 2 account go to tom. Do it?" in asked.stderr
    assert team("user", "offboard", "maria", "--to", "tom", "--max-changes", "1", "--yes").exit_code == 3
    assert team("user", "offboard", "maria", "--to", "maria", "--yes").exit_code == 2
    assert "did you mean maria?" in team("user", "offboard", "mario", "--to", "tom", "--yes").stderr
    assert team("user", "offboard", "maria", "--to", "tom", "-o", "x.csv", "--yes").exit_code == 2
    assert team("user", "offboard", "maria", "--to", "tom", "--split", "odd", "--yes").exit_code == 2
    assert owners(team, "account") == ["maria", "maria"]


def test_the_sheet_hides_what_views_hide(team: CrmRunner) -> None:
    team("user", "offboard", "maria", "--to", "tom", "-o", "handover.xlsx", "--yes", CRM_MASKED="account.name").ok()
    _, *rows = load_workbook(team.folder / "handover.xlsx")["Accounts"].iter_rows(values_only=True)
    assert [row[1] for row in rows] == [MASK, MASK]
