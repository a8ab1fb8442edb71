"""`crm reassign`: asks, moves, says what was left, and is undone."""

from __future__ import annotations

import pytest

from tests.commands.conftest import CrmRunner


@pytest.fixture
def team(crm: CrmRunner) -> CrmRunner:
    """Maria owns two accounts and a won deal; Li and Tom nothing."""
    crm("init").ok()
    for name in ("maria", "li", "tom"):
        crm("user", "add", f"username={name}").ok()
    for name in ("Acme", "Zeta"):
        crm("account", "add", f"name={name}", "owner=maria").ok()
    crm("opportunity", "add", "name=Deal", "account=Acme", "stage=won", "owner=maria").ok()
    return crm


def owners(crm: CrmRunner) -> list[str]:
    shown = crm("account", "list", "--columns", "id,owner", "--json").ok().json
    return [row["owner"] for row in shown]


def test_it_asks_first_and_moves_what_is_open(team: CrmRunner) -> None:
    refused = team("reassign", "--from", "maria", "--to", "li,tom")
    assert refused.exit_code == 2
    assert "2 records of maria (2 account) go to li, tom. Move them?" in refused.stderr
    assert team("reassign", "--from", "maria", "--to", "li,tom", typed="n\n", terminal=True).exit_code == 0
    assert owners(team) == ["maria", "maria"]
    team("reassign", "--from", "maria", "--to", "li,tom", typed="y\n", terminal=True).ok()
    assert owners(team) == ["li", "tom"]
    team("undo", "--yes").ok()
    assert owners(team) == ["maria", "maria"]


def test_a_dry_run_shows_before_and_after(team: CrmRunner) -> None:
    shown = team("reassign", "--from", "maria", "--to", "li", "--dry-run", "--all", "--json").ok().json
    assert shown["moved"] == {"account": 2, "opportunity": 1}
    assert {"entity": "account", "user": "li", "before": 0, "after": 2, "change": 2} in shown["holdings"]
    assert owners(team) == ["maria", "maria"]


def test_a_cap_refuses_before_anything_moves(team: CrmRunner) -> None:
    ended = team("reassign", "--from", "maria", "--to", "li", "--yes", "--max-changes", "1")
    assert ended.exit_code == 3
    assert "--max-changes 2" in ended.stderr
    assert owners(team) == ["maria", "maria"]


def test_mistakes_are_named(team: CrmRunner) -> None:
    assert team("reassign", "--from", "mario", "--to", "li").exit_code == 1
    assert "did you mean maria?" in team("reassign", "--from", "mario", "--to", "li").stderr
    assert team("reassign", "--from", "maria", "--to", "li", "--split", "evn").exit_code == 2
    assert team("reassign", "--from", "maria", "--to", "li", "--entities", "user").exit_code == 2
