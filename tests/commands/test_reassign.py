"""`crm reassign`: asks, moves, says what was left, and is undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.conftest import CrmRunner
from tests.commands.made_once import copied, made


def fill(crm: CrmRunner) -> None:
    """Maria owns two accounts and a won deal; Li and Tom nothing."""
    for name in ("maria", "li", "tom"):
        crm("user", "add", f"username={name}").ok()
    for name in ("Acme", "Zeta"):
        crm("account", "add", f"name={name}", "owner=maria").ok()
    crm("opportunity", "add", "name=Deal", "account=Acme", "stage=won", "owner=maria").ok()


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, made_once: Path) -> Path:
    return made(tmp_path_factory.mktemp("team"), made_once, fill)


@pytest.fixture
def team(crm: CrmRunner, once: Path) -> CrmRunner:
    return copied(once, crm)


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


def test_a_file_of_pairs_moves_records_and_refuses_what_does_not_fit(team: CrmRunner) -> None:
    ids = [row["id"] for row in team("account", "list", "--columns", "id", "--json").json]
    rows = [f"{ids[0]},li", "99999,li", f"{ids[1]},nobody", f"{ids[0]},tom", "opportunity:x,li"]
    team.write("pairs.csv", "record,owner\n" + "\n".join(rows) + "\n")
    words = ("reassign", "--from-file", "pairs.csv", "--rejects", "refused.csv")
    preview = team(*words, "--dry-run", "--json")
    assert (preview.exit_code, preview.json["moved"]) == (4, {"account": 1})
    assert owners(team) == ["maria", "maria"]
    done = team(*words, "--yes", "--json")
    assert (done.exit_code, done.json["moved"], done.json["unchanged"]) == (4, {"account": 1}, 0)
    assert [(one["row"], one["column"]) for one in done.json["rejected"]] == [
        (4, "owner"), (5, "record"), (6, "record"), (3, "record"),
    ]  # fmt: skip
    assert owners(team) == ["li", "maria"]
    lines = (team.folder / "refused.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "record,owner,_row,_column,_reason,_hint"
    assert lines[1].startswith("99999,li,3,record,there is no account 99999")
    team("undo", "--yes").ok()
    assert owners(team) == ["maria", "maria"]
    mended = (team.folder / "refused.csv").read_text(encoding="utf-8").splitlines()
    team.write("mended.csv", "\n".join([mended[0], f"{ids[1]},tom,,,,"]) + "\n")
    team("reassign", "--from-file", "mended.csv", "--yes").ok()
    assert owners(team) == ["maria", "tom"]


def test_a_file_of_users_hands_each_over(team: CrmRunner) -> None:
    team.write("users.csv", "from,to\nmaria,li\nmario,tom\n")
    done = team("reassign", "--from-file", "users.csv", "--yes", "--json")
    assert (done.exit_code, done.json["moved"]["account"]) == (4, 2)
    assert done.json["rejected"][0]["hint"] == "did you mean maria?"
    assert owners(team) == ["li", "li"]


def test_what_a_file_goes_with(team: CrmRunner) -> None:
    team.write("odd.csv", "who,whom\n1,2\n")
    assert "record,owner" in team("reassign", "--from-file", "odd.csv", "--yes").stderr
    for words in (("--from-file", "odd.csv", "--to", "li"), ("--from", "maria"), ()):
        assert team("reassign", *words, "--yes").exit_code == 2
    assert team("reassign", "--from", "maria", "--to", "li", "--all", "--open-only", "--yes").exit_code == 2
    team("reassign", "--from", "maria", "--to", "li", "--open-only", "--yes").ok()
