"""`crm dedupe` as its users meet it: what is shown, what is asked, how it ends."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from sqlalchemy.engine import make_url

from crm_cli.history import operation
from crm_cli.jobs import matching
from crm_cli.store import Store
from crm_cli.store.migrate import create
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content
from tests.jobs.people import MARIA, Leads, World, add_leads, add_people


@pytest.fixture
def store(crm: CrmRunner) -> Iterator[Store]:
    """The database of the runner's folder, empty."""
    url = make_url(f"sqlite:///{(crm.folder / 'crm.db').as_posix()}")
    create(url)
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def world(store: Store) -> World:
    return add_people(store)


def two(store: Store, **other: str) -> tuple[int, int]:
    with operation(store, "add", MARIA) as op:
        rows = [
            {"given_name": "Ann", "family_name": "ACME [/b] Ltd"},
            {"given_name": "Ann", "family_name": "Doe", **other},
        ]
        one, another = op.insert("contact", rows)
    return one, another


def test_find_says_what_it_found_and_what_comes_next(crm: CrmRunner, world: World) -> None:
    shown = crm("dedupe", "find", "contact").ok()
    assert "records              280" in shown.stdout
    assert "pairs by certainty" in shown.stdout
    assert "compared by given_name, family_name, birth_date" in shown.stderr
    assert "next: crm dedupe merge contact --auto --dry-run" in shown.stderr
    document = crm("dedupe", "find", "contact", "--json").ok().json
    assert document["found"]["duplicates"] > 30
    assert document["run"] == 2
    assert crm("dedupe", "find", "contact", "--fail-on-candidates").exit_code == 3
    assert crm("dedupe", "find", "contact", "--dry-run", "--json").ok().json["run"] is None


def test_find_of_nothing_ends_well(crm: CrmRunner, store: Store) -> None:
    outcome = crm("dedupe", "find", "contact", "--fail-on-candidates").ok()
    assert "nothing to review" in outcome.stderr


def test_a_condition_that_is_wrong_is_explained(crm: CrmRunner, store: Store) -> None:
    outcome = crm("dedupe", "find", "contact", "--where", "given_nam = 'x'")
    assert outcome.exit_code == 2
    assert "given_name" in outcome.stderr


def test_status_names_the_next_step(crm: CrmRunner, world: World) -> None:
    assert "next: crm dedupe find contact" in crm("dedupe", "status").ok().stderr
    crm("dedupe", "find", "contact").ok()
    status = crm("dedupe", "status", "contact", "--json").ok().json
    assert (status["records_searched"], status["merged_ever"], status["ready_to_merge"]) == (280, 0, 0)
    left, right = world.twins[0]
    crm("dedupe", "decide", "contact", left, right, "duplicate").ok()
    assert "next: crm dedupe merge contact" in crm("dedupe", "status", "contact").ok().stderr


def test_explain_shows_the_waterfall(crm: CrmRunner, world: World) -> None:
    left, right = world.twins[0]
    shown = crm("dedupe", "explain", "contact", left, right).ok()
    assert "prior" in shown.stdout
    assert "birth_date" in shown.stdout
    assert "probability 1.0000: duplicate" in shown.stderr
    steps = crm("dedupe", "explain", "contact", left, right, "--json").ok().json["steps"]
    assert {"given_name", "family_name", "phone"} <= {step["comparison"] for step in steps}
    missing = crm("dedupe", "explain", "contact", left, 9999)
    assert (missing.exit_code, missing.stderr.splitlines()[0]) == (1, "error: there is no contact 9999 to compare")


def test_decide_is_an_operation_that_undo_takes_back(crm: CrmRunner, store: Store) -> None:
    left, right = two(store)
    done = crm("dedupe", "decide", "contact", left, right, "same-household", "--link", "--json").ok().json
    assert done["verdict"] == "same_household"
    assert len(business_content(store)["relationship"]) == 1
    assert crm("undo", done["operation"], "--yes").ok()
    assert business_content(store)["relationship"] == []
    wrong = crm("dedupe", "decide", "contact", left, right, "perhaps")
    assert (wrong.exit_code, wrong.stderr.splitlines()[1][:13]) == (2, "hint: one of:")


def test_merge_of_named_records(crm: CrmRunner, store: Store) -> None:
    left, right = two(store, job_title="Buyer")
    before = business_content(store)
    dry = crm("dedupe", "merge", "contact", left, right, "--survivor", left, "--dry-run").ok()
    assert f"job_title=Buyer (of {right})" in dry.stdout
    assert "1 contacts would be merged away, into 1" in dry.stderr
    assert business_content(store) == before
    unasked = crm("dedupe", "merge", "contact", left, right)
    assert unasked.exit_code == 2
    assert "--yes" in unasked.stderr
    done = crm("dedupe", "merge", "contact", left, right, "--survivor", left, "--yes", "--json").ok().json
    assert [(one["survivor"], one["merged"]) for one in done["clusters"]] == [(left, [right])]
    again = crm("dedupe", "merge", "contact", left, right, "--yes")
    assert again.exit_code == 4
    assert f"contact {right} was merged into {left}" in again.stderr
    crm("undo", done["operation"], "--unit", left, "--yes").ok()
    assert business_content(store) == before


def test_merge_asks_on_a_terminal_after_showing_what_it_would_do(crm: CrmRunner, store: Store) -> None:
    left, right = two(store)
    refused = crm("dedupe", "merge", "contact", left, right, typed="n\n", terminal=True).ok()
    assert "merge 1 contacts into 1? [y/N]" in refused.stderr
    assert "nothing was merged" in refused.stderr
    assert crm("dedupe", "merge", "contact", left, right, typed="y\n", terminal=True).ok()
    assert business_content(store)["contact"][1]["merged_into_id"] == left


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["1", "2", "--auto"], "--auto takes no ids"),
        (["--survivor", "1"], "--survivor needs the records"),
        (["--above", "0.9"], "--above says how sure"),
        (["1", "2", "--rule", "name=best"], "--rule name=best: there is no such rule"),
        (["1", "2", "--rule", "nme=newest"], "has no field 'nme'"),
    ],
)
def test_wrong_options_of_merge_are_usage_errors(crm: CrmRunner, store: Store, args: list[str], message: str) -> None:
    two(store)
    outcome = crm("dedupe", "merge", "contact", *args, "--yes")
    assert outcome.exit_code == 2
    assert message in outcome.stderr


def test_an_automatic_merge_is_undone_by_cluster(crm: CrmRunner, store: Store, world: World) -> None:
    without = crm("dedupe", "merge", "contact", "--auto", "--yes")
    assert (without.exit_code, without.stderr.splitlines()[1]) == (1, "hint: crm dedupe find contact")
    crm("dedupe", "find", "contact").ok()
    done = crm("dedupe", "merge", "contact", "--auto", "--yes", "--json").ok().json
    assert done["merged"] > 15
    survivor = done["clusters"][0]["survivor"]
    crm("undo", done["operation"], "--unit", survivor, "--yes").ok()
    merged = [row for row in business_content(store)["contact"] if row["merged_into_id"]]
    assert len(merged) == done["merged"] - len(done["clusters"][0]["merged"])


def test_a_cap_is_named_with_its_cure(crm: CrmRunner, world: World) -> None:
    crm("dedupe", "find", "contact").ok()
    outcome = crm("dedupe", "merge", "contact", "--auto", "--max-merge-share", "0.01", "--yes")
    assert outcome.exit_code == 1
    assert "--max-merge-share" in outcome.stderr


def test_few_records_are_not_merged_automatically(crm: CrmRunner, store: Store) -> None:
    two(store)
    crm("dedupe", "find", "contact").ok()
    outcome = crm("dedupe", "merge", "contact", "--auto", "--yes")
    assert outcome.exit_code == 1
    assert "hint: crm dedupe review contact" in outcome.stderr


# --- review -----------------------------------------------------------------------------------------------------------


def decisions(store: Store) -> list[str]:
    with store.read() as connection:
        table = store.table("match_decision")
        return [row.verdict for row in connection.execute(table.select().order_by(table.c.id))]


def test_review_stores_each_answer_at_once(crm: CrmRunner, store: Store, world: World) -> None:
    crm("dedupe", "find", "contact").ok()
    shown = crm("dedupe", "review", "contact", typed="y\nn\nh\ns\nw\n?\nq\n", terminal=True, NO_COLOR="1").ok()
    assert decisions(store) == ["duplicate", "different", "same_household"]
    assert "\x1b" not in shown.stdout
    assert "why (bits):" in shown.stdout
    assert "prior" in shown.stdout
    assert "y  they are the same" in shown.stderr
    assert "next: crm dedupe merge contact" in shown.stderr


def test_review_goes_back_and_goes_on(crm: CrmRunner, store: Store, world: World) -> None:
    crm("dedupe", "find", "contact").ok()
    first = crm("dedupe", "review", "contact", typed="u\ny\nu\nn\nq\n", terminal=True).ok()
    assert "there is no answer to take back" in first.stderr
    assert decisions(store) == ["different"]
    total = len(matching.review_queue(store, store.dictionary.entity("contact")))
    second = crm("dedupe", "review", "contact", "--limit", "1", typed="s\n", terminal=True).ok()
    assert f"pair 1 of {total}" in second.stdout


def test_review_takes_the_order_that_is_asked_for(crm: CrmRunner, world: World) -> None:
    crm("dedupe", "find", "contact").ok()
    shown = crm("dedupe", "review", "contact", "--order", "probability", typed="q\n", terminal=True).ok()
    assert "pair 1 of" in shown.stdout
    wrong = crm("dedupe", "review", "contact", "--order", "size", typed="q\n", terminal=True)
    assert wrong.exit_code == 2
    assert "hint: one of: teach, probability" in wrong.stderr


def test_find_says_what_the_decisions_taught(crm: CrmRunner, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = world.twins[0]
    crm("dedupe", "find", "contact").ok()
    plain = crm("dedupe", "find", "contact", "--json").ok()
    assert plain.json["learning"] is None
    assert "answers" not in plain.stderr
    monkeypatch.setattr("crm_cli.dedupe.learning.TELLING", (0.0, 1.0))  # these twins leave hardly a doubt
    crm("dedupe", "decide", "contact", str(left), str(right), "duplicate").ok()
    outcome = crm("dedupe", "find", "contact").ok()
    assert "1 answers about uncertain pairs (1 the same) taught nothing beyond themselves" in outcome.stderr
    assert crm("dedupe", "find", "contact", "--json").ok().json["learning"]["answers"] == 1


def test_review_without_a_terminal_names_the_command_that_needs_none(crm: CrmRunner, world: World) -> None:
    crm("dedupe", "find", "contact").ok()
    outcome = crm("dedupe", "review", "contact")
    assert outcome.exit_code == 2
    assert "crm dedupe decide" in outcome.stderr
    assert crm("dedupe", "review", "contact", "--json").exit_code == 2


def test_customers_names_come_out_unharmed(crm: CrmRunner, store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        op.insert("contact", [{"given_name": "O[red]x", "family_name": "\x1b[31m<script>\u202e", "job_title": "a"}] * 2)
    crm("dedupe", "find", "contact").ok()
    shown = crm("dedupe", "review", "contact", "--above", "0", typed="q\n", terminal=True, NO_COLOR="1").ok()
    assert "O[red]x" in shown.stdout
    assert "<script>" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "\u202e" not in shown.stdout


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal needs a POSIX system")
def test_review_by_lines_on_a_real_terminal(crm: CrmRunner, store: Store, world: World) -> None:
    crm("dedupe", "find", "contact").ok()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    environ |= {**crm.environ, "TERM": "xterm", "COLUMNS": "120"}
    child = pexpect.spawn(
        sys.executable, ["-m", "crm_cli", "dedupe", "review", "contact", "--line"], cwd=str(crm.folder), env=environ,
        encoding="utf-8", timeout=60, dimensions=(50, 120),
    )  # fmt: skip
    child.expect("pair 1 of")
    child.expect("same\\? ")
    child.sendline("y")
    child.expect("pair 2 of")
    child.expect("same\\? ")
    child.sendline("q")
    child.expect("1 duplicate;")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert decisions(store) == ["duplicate"]


def test_a_merge_is_taken_apart_by_the_number_of_either_record(crm: CrmRunner, store: Store) -> None:
    keep, gone = two(store)
    for number in (keep, gone):
        crm("dedupe", "merge", "contact", keep, gone, "--survivor", keep, "--yes").ok()
        crm("contact", "set", "department=Sales", keep, "--yes").ok()
        rehearsed = crm("dedupe", "unmerge", "contact", number, "--dry-run", "--yes").ok()
        assert "would be set back" in rehearsed.stderr
        shown = crm("dedupe", "unmerge", "contact", number, "--yes").ok()
        assert "next: crm undo" in shown.stderr
        assert crm("contact", "show", keep, "--json").ok().json["record"]["department"] == "Sales"
        assert "merged" not in crm("contact", "show", gone).ok().stderr
    crm("dedupe", "find", "contact").ok()
    assert crm("dedupe", "status", "contact", "--json").ok().json["to_review"] == 0  # not proposed again
    never = crm("dedupe", "unmerge", "contact", keep, "--yes")
    assert (never.exit_code, f"contact {keep} was in no merge" in never.stderr) == (1, True)


# --- files ------------------------------------------------------------------------------------------------------------

FILE = "id,first name,last name,email\na,Ann,Doe,ann@x.example\nb,Bob,Roe,bob@y.example\nc,Ann,Doe,ann@x.example\n"


def test_a_file_needs_no_database(crm: CrmRunner) -> None:
    crm.write("in.csv", FILE)
    outcome = crm("dedupe", "file", "in.csv", "--id-column", "id", "-o", "out.csv").ok()
    assert outcome.stdout == ""
    assert "3 rows written; 3 records, 1 clusters, 1 duplicates" in outcome.stderr
    with (crm.folder / "out.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[:2] for row in csv.reader(stream)] == [["id", "cluster_id"], ["a", "a"], ["b", "b"], ["c", "a"]]
    again = crm("dedupe", "file", "in.csv", "-o", "out.csv")
    assert (again.exit_code, "--overwrite" in again.stderr) == (2, True)
    assert crm("dedupe", "file", "in.csv", "-o", "out.csv", "--overwrite", "--quiet").ok().stderr.count("\n") <= 1
    assert sorted(path.name for path in crm.folder.iterdir()) == ["in.csv", "out.csv"]


def test_a_missing_file_is_named(crm: CrmRunner) -> None:
    outcome = crm("dedupe", "file", "nowhere.csv", "-o", "out.csv")
    assert outcome.exit_code == 1
    assert "nowhere.csv" in outcome.stderr
    assert not Path(crm.folder / "out.csv").exists()


def test_two_files_are_linked(crm: CrmRunner) -> None:
    crm.write("left.csv", FILE)
    crm.write("right.csv", "id,first name,last name,email\nx,Bob,Roe,bob@y.example\ny,Eve,Poe,eve@z.example\n")
    crm("dedupe", "link", "left.csv", "right.csv", "--id-column", "id", "-o", "links.csv").ok()
    assert (crm.folder / "links.csv").read_text().splitlines()[1].startswith("b,x,")


def test_evaluate_ends_with_3_where_the_duplicates_found_are_not_good_enough(crm: CrmRunner) -> None:
    crm.write("found.csv", "id,cluster_id,probability\n1,1,1\n2,1,1\n3,1,.9\n4,4,1\n")
    crm.write("truth.csv", "id,cluster_id\n1,x\n2,x\n3,y\n4,y\n")
    shown = crm("dedupe", "evaluate", "found.csv", "--truth", "truth.csv", "--json").ok().json
    assert (shown["precision"], shown["recall"], shown["right_pairs"]) == (0.3333, 0.5, 1)
    low = crm("dedupe", "evaluate", "found.csv", "--truth", "truth.csv", "--min-precision", "0.5", "--min-f1", "0.3")
    assert low.exit_code == 3
    assert "precision is 0.3333, less than 0.5" in low.stderr
    assert "F1" not in low.stderr
    wrong = crm("dedupe", "evaluate", "found.csv", "--truth", crm.write("t.csv", "id,person\n1,x\n2,x\n"))
    assert wrong.exit_code == 2
    assert "no column 'cluster_id'" in wrong.stderr


def test_evaluate_an_entity_looks_at_its_last_search(project: CrmRunner) -> None:
    project.write("people.csv", "last name,email\nLee,lee@x.example\nLee,lee@x.example\nKim,kim@y.example\n")
    project("import", "people.csv").ok()
    truth = project.write("truth.csv", "id,cluster_id\n1,a\n2,a\n3,b\n")
    early = project("dedupe", "evaluate", "contact", "--truth", truth)
    assert early.exit_code != 0
    assert "searched" in early.stderr
    project("dedupe", "find", "contact").ok()
    shown = project("dedupe", "evaluate", "contact", "--truth", truth, "--json").ok().json
    assert (shown["f1"], shown["found_pairs"]) == (1.0, 1)


def test_clusters_of_a_file_go_to_standard_output_unless_a_file_is_named(crm: CrmRunner, capfdbinary: Any) -> None:
    crm.write("people.csv", "id,last name,email\n-1,Lee,lee@x.example\n=2,Lee,lee@x.example\n")
    crm("dedupe", "file", "people.csv", "--id-column", "id").ok()
    rows = capfdbinary.readouterr().out.decode().splitlines()
    assert rows[0] == "id,cluster_id,probability"
    assert [row.rsplit(",", 1)[0] for row in rows[1:]] == ["-1,-1", "=2,-1"]


def test_find_new_compares_only_what_came_since(crm: CrmRunner, world: World) -> None:
    assert crm("dedupe", "find", "contact", "--new").exit_code == 1, "there was no search yet"
    crm("dedupe", "find", "contact").ok()
    assert "nothing to review" in crm("dedupe", "find", "contact", "--new").ok().stderr
    crm("contact", "set", f"{world.ids[0]}", "city=Elsewhere").ok()
    document = crm("dedupe", "find", "contact", "--new", "--json").ok().json
    assert document["records"] == 1


def test_lookup_says_who_is_there_already_and_add_does_not_repeat_them(crm: CrmRunner, world: World) -> None:
    words = ("given_name=Ann", "family_name=Doe", "email=ann.doe@acme.example", "phone=+1 212 555 0123")
    missing = crm("dedupe", "lookup", "contact", *words)
    assert missing.exit_code == 1
    assert "hint: crm dedupe find contact" in missing.stderr
    crm("dedupe", "find", "contact").ok()
    nobody = crm("dedupe", "lookup", "contact", *words)
    assert nobody.exit_code == 3
    assert not nobody.stdout
    assert crm("dedupe", "lookup", "contact", *words, "--json").json == []
    crm("contact", "add", *words).ok()
    near = ("given_name=Anne", "family_name=Doe", "email=ann.doe@acme-group.example", "phone=+1 212 555 0123")
    (found,) = crm("dedupe", "lookup", "contact", *near, "--json").ok().json
    assert found["title"] == "Ann Doe"
    assert "phone equal" in found["why"]
    assert f"next: crm contact show {found['id']}" in crm("dedupe", "lookup", "contact", *near).ok().stderr
    typo = ("given_name=Ann", "family_name=Dowe", "email=ann.doe@acme-group.example", "phone=+1 212 555 0124")
    again = crm("contact", "add", *typo)
    assert again.exit_code == 3
    assert "Ann Doe" in again.stdout


@pytest.fixture
def leads(store: Store, world: World) -> Leads:
    return add_leads(store, world)


def test_leads_are_found_reviewed_and_linked_across_entities(crm: CrmRunner, store: Store, leads: Leads) -> None:
    found = crm("dedupe", "find", "lead", "--against", "contact", "--against", "account").ok()
    assert "pairs with contacts by certainty" in found.stdout
    assert "next: crm dedupe review lead --against contact" in found.stderr
    assert "next: crm dedupe review lead --against account" in found.stderr
    shown = crm("dedupe", "review", "lead", "--against", "contact", typed="y\nu\ny\nn\nq\n", terminal=True).ok()
    assert "given_name" in shown.stdout
    assert "next: crm dedupe review lead --against contact" in shown.stderr
    linked = crm("lead", "list", "--where", "converted_contact_id is not null", "--json").ok().json
    assert len(linked) == 1
    assert crm("dedupe", "review", "lead", "--against", "account", typed="q\n", terminal=True).ok()


def test_leads_found_are_told_to_scripts(crm: CrmRunner, store: Store, leads: Leads) -> None:
    dry = crm("dedupe", "find", "lead", "--against", "contact", "--dry-run", "--json").ok().json
    assert [(one["against"], one["records"], one["among"], one["run"]) for one in dry] == [("contact", 170, 280, None)]
    assert dry[0]["found"] >= 75
    assert crm("dedupe", "find", "lead", "--against", "contact", "--fail-on-candidates").exit_code == 3


def test_a_decision_about_a_lead_and_a_contact_is_explained_linked_and_undone(
    crm: CrmRunner, store: Store, leads: Leads
) -> None:
    lead, contact = next(iter(leads.contact_of.items()))
    pair = ("lead", lead, contact, "--against", "contact")
    why = crm("dedupe", "explain", *pair).ok()
    assert "family_name" in why.stdout
    assert f"next: crm dedupe decide lead {lead} {contact} duplicate|different --against contact" in why.stderr
    before = business_content(store)
    assert crm("dedupe", "decide", *pair[:3], "duplicate", *pair[3:], "--dry-run").ok()
    assert business_content(store) == before
    done = crm("dedupe", "decide", *pair[:3], "duplicate", *pair[3:], "--json").ok().json
    shown = crm("lead", "show", lead, "--json").ok().json["record"]
    assert shown["converted_contact_id"].startswith(f"{contact} ")
    assert shown["status"] == "new"
    crm("undo", done["operation"], "--yes").ok()
    assert business_content(store) == before


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("find", "contact", "--against", "account"), "contacts are not matched against accounts"),
        (("find", "lead", "--against", "leed"), "lead"),
        (("review", "lead", "--against", "contact"), "nobody has looked for leads among the contacts yet"),
        (("decide", "lead", 1, 2, "related", "--against", "contact", "--link"), "goes without --against"),
    ],
)
def test_wrong_searches_across_entities_are_explained(
    crm: CrmRunner, store: Store, args: tuple[object, ...], message: str
) -> None:
    outcome = crm("dedupe", *args, terminal=args[0] == "review")
    assert outcome.exit_code in (1, 2)
    assert message in outcome.stderr
