"""`crm values show|decide|apply`: what people see, answer and get, and that undo takes it back."""

from __future__ import annotations

import tomllib

import pytest

from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content

CITIES = ["Berlin", "Berlin", "Berlim", "Berlin", "Hamburg", "Hambrug", "Hamburg", "Bonn"]


@pytest.fixture
def people(project: CrmRunner) -> CrmRunner:
    """People whose cities are spelled in several ways."""
    rows = "".join(f"P{number},Doe{number},p{number}@x.example,{city}\n" for number, city in enumerate(CITIES))
    project.write("p.csv", f"First Name,Last Name,E-Mail,City\n{rows}")
    project("import", "p.csv", "--into", "contact").ok()
    return project


def cities(crm: CrmRunner) -> list[str]:
    return [row["city"] for row in crm("contact", "list", "--columns", "city", "--json").ok().json]


def content(crm: CrmRunner) -> object:
    with Store.open(crm.folder / "crm.db") as store:
        return business_content(store)


def test_show_tells_groups_their_spellings_and_why(people: CrmRunner) -> None:
    shown = people("values", "show", "contact.city").ok()
    assert shown.lines[0].split() == ["to", "records", "by", "spellings"]
    assert [line.split() for line in shown.lines[1:]] == [
        ["Berlin", "4", "distance", "Berlin", "(3)", "|", "Berlim", "(1)"],
        ["Hamburg", "3", "distance", "Hamburg", "(2)", "|", "Hambrug", "(1)"],
    ]
    assert "next: crm values decide contact.city" in shown.stderr
    as_json = people("values", "show", "contact.city", "--min-count", "4", "--json").ok().json
    assert as_json == [
        {"to": "Berlin", "count": 4, "by": ["distance"],
         "spellings": [{"value": "Berlin", "count": 3}, {"value": "Berlim", "count": 1}]}
    ]  # fmt: skip
    assert people("values", "show", "contact.city", "--format", "csv").ok().lines[:3] == [
        "group,to,value,count,by", "1,Berlin,Berlin,3,distance", "1,Berlin,Berlim,1,distance",
    ]  # fmt: skip


def test_show_all_is_a_plain_facet(people: CrmRunner) -> None:
    shown = people("values", "show", "contact.city", "--all", "--format", "csv").ok()
    assert shown.lines == ["value,count", "Berlin,3", "Hamburg,2", "Berlim,1", "Bonn,1", "Hambrug,1"]
    short = people("values", "show", "contact.city", "--all", "--min-count", "2", "--json").ok()
    assert short.json == [{"value": "Berlin", "count": 3}, {"value": "Hamburg", "count": 2}]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "contact.city", "--method", "magic"), "--method magic: there is none"),
        (("show", "contact.birth_date"), "a date, no text"),
        (("decide", "contact.city"), "there is no terminal to ask on"),
        (("decide", "contact.city", "--take-all", "--method", "distance"), "there is no terminal to ask on"),
        (("decide", "contact.city", "--take-all", "--recipe", "p.csv"), "is there already"),
        (("decide", "contact.city", "--take-all", "--recipe", "no/r.toml"), "folder not found"),
        (("apply", "no.toml"), "cannot read"),
    ],
)
def test_a_wrong_call_changes_nothing_and_ends_with_2(people: CrmRunner, words: tuple[str, ...], message: str) -> None:
    before = content(people)
    ended = people("values", *words)
    assert ended.exit_code == 2
    assert message in ended.stderr
    assert content(people) == before


def test_taking_all_writes_a_recipe_that_does_it_again(people: CrmRunner) -> None:
    before = content(people)
    words = ("values", "decide", "contact.city", "--take-all", "--method", "distance", "--recipe", "r.toml")
    rehearsed = people(*words, "--dry-run").ok()
    assert "would change contact.city of 2 records" in rehearsed.stderr
    assert content(people) == before
    recipe = tomllib.loads((people.folder / "r.toml").read_text("utf-8"))
    assert (recipe["entity"], recipe["field"], recipe["decided_by"]) == ("contact", "city", "tester")
    assert recipe["change"] == [{"from": ["Berlim"], "to": "Berlin"}, {"from": ["Hambrug"], "to": "Hamburg"}]
    done = people("values", "apply", "r.toml", "--yes", "--json").ok().json
    assert (done["changed"], done["unmatched"], done["left"]) == (2, [], [])
    assert done["mended"][0] == {"before": "Berlim", "after": "Berlin", "records": 1}
    assert sorted(set(cities(people))) == ["Berlin", "Bonn", "Hamburg"]
    again = people("values", "apply", "r.toml", "--yes").ok()
    assert "in no record: 'Berlim', 'Hambrug'" in again.stderr
    assert "changed contact.city of 0 records" in again.stderr
    people("undo", done["operation"], "--yes").ok()
    assert content(people) == before
    assert "values" in people("log").ok().stdout


def test_proposals_are_taken_unseen_only_where_keys_are_equal(project: CrmRunner) -> None:
    named = ["Fargo", "Fargo", "Largo", "Austin", "Tustin", "St. Paul", "st paul", "St. Paul"]
    rows = "".join(f"P{number},Doe{number},{city}\n" for number, city in enumerate(named))
    project.write("c.csv", f"First Name,Last Name,City\n{rows}")
    project("import", "c.csv", "--into", "contact").ok()
    shown = project("values", "decide", "contact.city", "--take-all", "--yes").ok()
    assert "changed contact.city of 1 record" in shown.stderr
    assert sorted(cities(project)) == sorted([*named[:5], "St. Paul", "St. Paul", "St. Paul"])
    near = project("values", "decide", "contact.city", "--take-all", "--dry-run", "--method", "distance").ok()
    assert "would change contact.city of 2 records" in near.stderr


def test_a_cap_is_held_before_anything_is_asked(people: CrmRunner) -> None:
    before = content(people)
    words = ("values", "decide", "contact.city", "--take-all", "--method", "distance")
    refused = people(*words, "--max-changes", "1", "--recipe", "r.toml")
    assert refused.exit_code == 3
    assert "2 records (contact) would change, 1 are allowed" in refused.stderr
    assert content(people) == before
    assert (people.folder / "r.toml").exists()  # what was decided is not lost


def test_deciding_group_by_group_at_a_terminal(people: CrmRunner) -> None:
    answers = ["?", "u", "x 9", "w Berlin-Mitte", "u", "2", "s", "y", ""]
    done = people("values", "decide", "contact.city", terminal=True, typed="\n".join(answers)).ok()
    assert "group 1 of 2, by distance\n  1  Berlin  (3)\n  2  Berlim  (1)" in done.stderr
    assert "there is no answer to take back" in done.stderr
    assert cities(people).count("Berlim") == 4
    assert cities(people).count("Hambrug") == 1


def test_what_was_decided_before_quitting_is_kept_and_asked_about(people: CrmRunner) -> None:
    before = content(people)
    for typed, message in (("q\n", "nothing was decided"), ("t\nw Bonn\nn\n", "nothing was changed")):
        ended = people("values", "decide", "contact.city", terminal=True, typed=typed).ok()
        assert message in ended.stderr
        assert content(people) == before
    broken = people("values", "decide", "contact.city", terminal=True, typed="t\n")
    assert (broken.exit_code, content(people)) == (130, before)
    people("values", "decide", "contact.city", terminal=True, typed="t\nq\ny\n").ok()
    assert "Berlim" not in cities(people)
    assert "Hambrug" in cities(people)


def test_hostile_values_are_shown_and_not_obeyed(project: CrmRunner) -> None:
    with Store.open(project.folder / "crm.db") as store:
        from crm_cli.history import Author, operation

        with operation(store, "add", Author("x")) as op:
            op.insert(
                "contact", [{"family_name": "A", "job_title": f"\x1b[2J[red]{word}"} for word in ("Boss", "BOSS")]
            )
    for words in (("show", "contact.job_title"), ("show", "contact.job_title", "--all")):
        shown = project("values", *words, terminal=True).ok().stdout
        assert "\x1b[2J" not in shown
        assert "[red]Boss" in shown
    done = project("values", "decide", "contact.job_title", terminal=True, typed="t\nn\n").ok()
    assert "\x1b[2J" not in done.stderr


def test_a_recipe_is_a_step_of_a_script(people: CrmRunner) -> None:
    people(
        "values", "decide", "contact.city", "--take-all", "--method", "distance", "--recipe", "r.toml", "--dry-run"
    ).ok()
    people.write("s.toml", '[[step]]\nrun = "values"\nrecipe = "r.toml"\nmax_changes = 5\n')
    ran = people("run", "s.toml").ok()
    assert "changed contact.city of 2 records, 0 spellings in none" in ran.stdout
    assert "Berlim" not in cities(people)
    people.write("s.toml", '[[step]]\nrun = "values"\nrecipe = "r.toml"\nmax_changes = "five"\n')
    assert people("run", "s.toml").exit_code == 2
