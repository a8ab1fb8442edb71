"""Matching rules of a file: read strictly, said plainly, and obeyed by everything that tells duplicates."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from crm_cli.automation import read_script
from crm_cli.dedupe import FieldType
from crm_cli.dedupe.comparisons import Comparison
from crm_cli.dedupe.comparisons.base import Grader
from crm_cli.dictionary import shipped
from crm_cli.errors import StalePlanError
from crm_cli.history import operation
from crm_cli.jobs import matching
from crm_cli.jobs.cleaning import CleanOptions, CleanOutputs, clean_source
from crm_cli.jobs.match_rules import MatchRules, MergeRules, NeverRule, RulesError, parse_rules, read_rules
from crm_cli.jobs.match_rules import settings as rule_settings
from crm_cli.jobs.matching import AutomaticOptions, FileOptions, FindOptions, Review, UnsupportedMergeError, Verdict
from crm_cli.jobs.scripting import ScriptContext, execute_script
from crm_cli.store import Store
from tests.jobs.people import MARIA

ALL_KEYS = """
[match]
must_match = ["email", ["family_name", "birth_date"]]
must_differ = ["birth_date"]
ignore = ["gender"]
compare_as = { department = "category" }
block_on = ["email", "family_name:sound + birth_date:year"]
max_block = 250
auto_merge_from = 0.995
auto_merge_precision = 0.99

[[match.never]]
same = ["phone"]
differ = ["given_name", "middle_name"]
because = "one line, two people"

[merge]
survivor = "trusted"
survive = { job_title = "newest", department = "most_frequent" }
trusted_sources = ["erp", "webshop"]
max_cluster = 8
max_merge_share = 0.2
"""


def rules(text: str) -> MatchRules:
    return parse_rules(f"[match]\n{text}", "rules/contact.toml")


def folder_with(folder: Path, text: str, name: str = "contact.toml") -> Path:
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / name).write_text(text, encoding="utf-8")
    return folder / "rules"


def rules_in(folder: Path, text: str) -> MatchRules:
    return matching.rules_of(folder_with(folder, f"[match]\n{text}"), "contact", shipped())


# --- reading ----------------------------------------------------------------------------------------------------------


def test_every_key_is_read(tmp_path: Path) -> None:
    found = matching.rules_of(folder_with(tmp_path, ALL_KEYS), "contact", shipped())
    assert replace(found, source=None) == MatchRules(
        must_match=(("email",), ("family_name", "birth_date")),
        must_differ=("birth_date",),
        never=(NeverRule(("given_name", "middle_name"), ("phone",), "one line, two people"),),
        ignore=("gender",),
        compare_as={"department": "category"},
        block_on=("email", "family_name:sound + birth_date:year"),
        max_block=250,
        auto_merge_from=0.995,
        auto_merge_precision=0.99,
        merge=MergeRules(
            survivor="trusted",
            survive={"job_title": "newest", "department": "most_frequent"},
            trusted_sources=("erp", "webshop"),
            max_cluster=8,
            max_merge_share=0.2,
        ),
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("must_mach = []", "unknown key 'match.must_mach'", "did you mean must_match?"),
        ("[mtach]", "unknown key 'mtach'", "did you mean match?"),
        ("[merge]\nsurvivour = 'oldest'", "unknown key 'merge.survivour'", "did you mean survivor"),
        ("[merge]\nsurvivor = 'eldest'", "merge.survivor = 'eldest' is no such rule", "it is written survivor ="),
        ("[merge]\nsurvive = { job_title = 'newst' }", "no such rule for 'job_title' as 'newst'", "it is written"),
        ("[merge]\nmax_merge_share = 30", "must be a number from 0.0 to 1", "max_merge_share = 0.3"),
        ("max_block = ", "Invalid value", "its format is TOML"),
        ("must_match = 'email'", "match.must_match = 'email' must be a list", '["tax_id"'),
        ("must_match = [[]]", "must not be empty", "must_match ="),
        ("must_match = [7]", "must name fields, as texts in quotes", "must_match ="),
        ("must_differ = ['email', 'email']", "names a field twice", "must_differ ="),
        ("block_on = []", "match.block_on = [] must not be empty", "block_on ="),
        ("max_block = true", "must be a whole number, 2 or more", "max_block = 300"),
        ("auto_merge_from = 95", "must be a number from 0.5 to 1", "auto_merge_from = 0.99"),
        ("auto_merge_from = 'sure'", "must be a number from 0.5 to 1", "auto_merge_from = 0.99"),
        ("compare_as = ['email']", "must be a table", "compare_as ="),
        ("never = [{ same = ['email'] }]", "needs differ", "[[match.never]]"),
        ("never = [{ differ = ['email'], becuase = 'x' }]", "unknown key 'becuase'", "[[match.never]]"),
        ("never = [{ differ = ['email'], same = ['email'] }]", "wants 'email' to differ and to be the same", "never"),
        ("ignore = ['email']\ncompare_as = { email = 'text' }", "which match.ignore leaves out", "one of them"),
    ],
)
def test_what_is_written_wrong_is_named_with_file_and_cure(text: str, message: str, hint: str) -> None:
    with pytest.raises(RulesError) as refused:
        parse_rules(text if text.startswith("[") else f"[match]\n{text}", "rules/contact.toml")
    assert refused.value.message.startswith("rules/contact.toml: ")
    assert message in refused.value.message
    assert hint in refused.value.hint
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("must_match = ['emial']", "match.must_match: contact has no field 'emial'", "did you mean email?"),
        ("must_match = ['tax_id']", "contact has no field 'tax_id'", "there are: salutation"),
        ("never = [{ differ = ['nme'] }]", "match.never: contact has no field 'nme'", "name"),
        ("compare_as = { department = 'catgory' }", "department = 'catgory' is nothing that", "did you mean category?"),
        ("ignore = ['department']", "'department' is not compared anyway", "compared are given_name"),
        ("block_on = ['email + citty']", "match.block_on: contact has no field 'citty'", "did you mean city?"),
        ("block_on = ['department']", "'department' is not compared", "compare_as"),
        ("block_on = ['family_name:sund']", "'family_name' has no key part 'sund'", "did you mean sound?"),
    ],
)
def test_a_field_that_there_is_not_is_named(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(RulesError) as refused:
        rules_in(tmp_path, text)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_a_field_that_does_not_survive_because_there_is_none_is_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "[merge]\nsurvive = { job_titel = 'newest' }")
    with pytest.raises(RulesError, match=r"merge\.survive: contact has no field 'job_titel'") as refused:
        matching.rules_of(folder, "contact", shipped())
    assert refused.value.hint == "did you mean job_title?"


def test_a_file_of_no_entity_does_not_go_unnoticed(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "", "contcat.toml")
    with pytest.raises(RulesError, match="there is no entity 'contcat'") as refused:
        matching.rules_of(folder, "account", shipped())
    assert refused.value.hint == "did you mean contact?"


def test_without_a_file_everything_is_as_shipped(tmp_path: Path) -> None:
    assert matching.rules_of(tmp_path / "rules", "contact", shipped()) == MatchRules()
    assert MatchRules().digest == ""


def test_what_changes_no_search_changes_no_digest() -> None:
    assert parse_rules("[merge]\nsurvivor = 'oldest'", "r.toml").digest == ""
    assert rules("auto_merge_from = 0.99").digest == ""
    assert len({rules(f"must_differ = [{name!r}]").digest for name in ("email", "phone", "email")}) == 2


# --- saying -----------------------------------------------------------------------------------------------------------


def test_rules_are_said_in_plain_sentences(tmp_path: Path) -> None:
    found = matching.rules_of(folder_with(tmp_path, ALL_KEYS), "contact", shipped())
    said = matching.described(found, shipped().entity("contact"))
    assert [one.says for one in said if not one.shipped] == [
        "Two contacts whose birth date differs are never the same, whatever else agrees.",
        "Two contacts with the same phone, but another given name and middle name, are never the same: one line, two people.",  # noqa: E501
        "Two contacts with the same email are the same, whatever else differs.",
        "Two contacts with the same family name and birth date are the same, whatever else differs.",
        "Department is compared as a category.",
        "Gender is not compared.",
        "Compared with each other are only contacts that agree on email – or on family name (sound) and birth date (year).",  # noqa: E501
        "What more than 250 contacts share is no reason to compare them.",
        "A merge without a person's look takes pairs from a probability of 0.995 on.",
        "It stops where fewer than 99 % of what it merges are expected to be the same.",
        "Of records that are the same the one of the most trusted source, and of equals the most complete, survives.",
        "Where job title differs, the value that was confirmed last survives.",
        "Where department differs, the most frequent value survives.",
        "Sources are trusted in this order: erp before webshop, before all others.",
        "More than 8 contacts are not merged into one.",
        "Nothing is merged where more than 20 % would be merged away.",
    ]
    assert "Where both apply, they are not the same." in [one.says for one in said if one.shipped]


@pytest.mark.parametrize("noun", [entity.noun for entity in shipped().records])
def test_what_is_shipped_is_said_of_every_entity(noun: str) -> None:
    said = matching.described(MatchRules(), shipped().entity(noun))
    assert all(one.shipped and one.says.endswith(".") for one in said)
    assert "A merge without a person's look takes pairs from a probability of 0.98 on." in [one.says for one in said]


# --- obeying: the database --------------------------------------------------------------------------------------------


def add_contacts(store: Store, *contacts: dict[str, Any]) -> list[int]:
    """Add contacts; `mail` becomes their e-mail addresses."""
    with operation(store, "add", MARIA) as op:
        fields = [{key: value for key, value in one.items() if key != "mail"} for one in contacts]
        ids = op.insert("contact", fields)
        mails = [(number, mail) for number, one in zip(ids, contacts, strict=True) for mail in one.get("mail", ())]
        if mails:
            op.insert("email_address", [{"party_id": n, "value": mail, "standard": mail} for n, mail in mails])
    return ids


STRANGERS: tuple[dict[str, Any], ...] = (
    {"given_name": "Ann", "family_name": "Abel", "department": "A-1", "mail": ["ann@x.example", "sales@x.example"]},
    {"given_name": "Bert", "family_name": "Bauer", "department": "a 1", "mail": ["bert@y.example", "ANN@x.example"]},
    {"given_name": "Carla", "family_name": "Conti", "department": "B-7", "mail": ["carla@z.example"]},
    {"given_name": "Dora", "family_name": "Dietz", "mail": ["sales@x.example"]},
)


@pytest.mark.all_databases
def test_a_key_that_must_match_is_found_explained_and_merged(store: Store) -> None:
    ids = add_contacts(store, *STRANGERS)
    must = rules("must_match = ['email']")
    matching.find(store, "contact", MARIA, FindOptions(rules=must))
    pairs = matching.open_candidates(store, store.dictionary.entity("contact"))
    assert [(one.pair, one.rule) for one in pairs if one.rule] == [((ids[0], ids[1]), "same email")]
    why = matching.Reasons(store, "contact", rules=must).explain(ids[1], ids[0])
    assert why is not None
    assert (why.rule, why.ruled_same) == ("same email", True)
    assert why.probability < 0.5, "what the comparisons say by themselves"
    done = matching.merge_automatically(store, "contact", MARIA, AutomaticOptions.under(must))
    assert [(one.survivor, one.merged) for one in done.clusters] == [(ids[0], (ids[1],))]


@pytest.mark.all_databases
def test_a_field_that_is_not_compared_can_be_a_key(store: Store) -> None:
    ids = add_contacts(store, *STRANGERS)
    loaded_before = matching.find(store, "contact", MARIA)[1]
    assert "department" not in loaded_before.table.names
    _, _, result = matching.find(store, "contact", MARIA, FindOptions(rules=rules("must_match = ['department']")))
    assert result.clusters[0] == result.clusters[1] == 0, f"{ids[0]} and {ids[1]} are of department A-1"
    assert {one.name: one.kind for one in result.summary.columns}["department"] is None


def test_people_of_different_companies_can_be_kept_apart(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        acme, bolt = op.insert("account", [{"name": "Acme"}, {"name": "Bolt"}])
    twin = {"given_name": "Ann", "family_name": "Abel", "mail": ["ann@x.example"]}
    add_contacts(store, {**twin, "account_id": acme}, {**twin, "account_id": bolt}, {**twin, "account_id": acme})
    must = rules("must_match = ['email']\nmust_differ = ['account_id']")
    _, loaded, result = matching.find(store, "contact", MARIA, FindOptions(rules=must))
    assert result.clusters.tolist() == [0, 1, 0]
    assert [column.values.to_list() for column in loaded.table.columns if column.name == "company"] == [
        ["Acme", "Bolt", "Acme"]
    ]


def test_a_key_that_must_differ_keeps_what_looks_alike_apart(store: Store) -> None:
    twin = {"given_name": "Ann", "family_name": "Abel", "mail": ["ann@x.example"]}
    ids = add_contacts(
        store, {**twin, "birth_date": date(1980, 1, 2)}, {**twin, "birth_date": date(1980, 1, 3)}, *STRANGERS[2:]
    )
    _, _, found = matching.find(store, "contact", MARIA)
    must = rules("must_differ = ['birth_date']")
    _, _, ruled = matching.find(store, "contact", MARIA, FindOptions(rules=must))
    assert found.clusters[0] == found.clusters[1]
    assert ruled.clusters[0] != ruled.clusters[1]
    assert matching.open_candidates(store, store.dictionary.entity("contact")) == []
    why = matching.Reasons(store, "contact", rules=must).explain(*ids[:2])
    assert why is not None
    assert (why.rule, why.ruled_same) == ("different birth_date", False)


def test_a_persons_decision_stands_above_a_rule(store: Store) -> None:
    ids = add_contacts(store, *STRANGERS)
    matching.decide(store, "contact", [Verdict(ids[0], ids[1], "different")], MARIA)
    must = rules("must_match = ['email']")
    _, _, result = matching.find(store, "contact", MARIA, FindOptions(rules=must))
    assert result.clusters[0] != result.clusters[1]
    why = matching.Reasons(store, "contact", rules=must).explain(*ids[:2])
    assert why is not None
    assert why.rule == "decided by a person"


def test_few_data_are_merged_by_rules_alone(store: Store) -> None:
    twin = {"given_name": "Zoe", "family_name": "Zorn", "mail": ["zoe@q.example"]}
    ids = add_contacts(store, *STRANGERS, twin, {**twin, "mail": ["zorn@r.example"]})
    matching.find(store, "contact", MARIA)
    with pytest.raises(UnsupportedMergeError):
        matching.merge_automatically(store, "contact", MARIA)
    must = rules("must_match = ['email']")
    matching.find(store, "contact", MARIA, FindOptions(rules=must))
    done = matching.merge_automatically(store, "contact", MARIA, AutomaticOptions.under(must))
    assert [one.merged for one in done.clusters] == [(ids[1],)], "the twins are for a person to look at"


def test_a_search_under_other_rules_is_stale(store: Store) -> None:
    add_contacts(store, *STRANGERS)
    matching.find(store, "contact", MARIA, FindOptions(rules=rules("must_match = ['email']")))
    newer = rules("must_match = ['email']\nmust_differ = ['given_name']")
    with pytest.raises(StalePlanError, match="the rules for contacts have changed since the search"):
        matching.merge_automatically(store, "contact", MARIA, AutomaticOptions.under(newer))
    contact = store.dictionary.entity("contact")
    assert Review(store, contact, MARIA, rules=newer).is_outdated
    assert not Review(store, contact, MARIA, rules=rules("must_match = ['email']\nauto_merge_from = 0.6")).is_outdated


def test_how_sure_an_automatic_merge_must_be_is_the_files_unless_it_is_given() -> None:
    told = rules("auto_merge_from = 0.995\nauto_merge_precision = 0.9")
    assert (AutomaticOptions.under(told).above, AutomaticOptions.under(told).precision) == (0.995, 0.9)
    assert AutomaticOptions.under(told, 0.8).above == 0.8
    assert AutomaticOptions.under(MatchRules()) == AutomaticOptions()


def test_blocking_rules_hold_also_where_nobody_has_a_value_yet(store: Store) -> None:
    add_contacts(store, *STRANGERS[:1])
    blocked = rules("block_on = ['birth_date:year', 'email']\nmax_block = 50")
    _, _, result = matching.find(store, "contact", MARIA, FindOptions(rules=blocked))
    assert result.summary.records == 1


def test_scripts_obey_the_rules_beside_them(store: Store, tmp_path: Path) -> None:
    ids = add_contacts(store, *STRANGERS)
    folder_with(tmp_path, "[match]\nmust_match = ['email']")
    script = tmp_path / "night.toml"
    script.write_text(
        '[[step]]\nrun = "find"\nentity = "contact"\n[[step]]\nrun = "merge"\nentity = "contact"\nauto = true\n'
    )
    result = execute_script(read_script(script), ScriptContext(store, MARIA, tmp_path, date(2026, 11, 1)))
    assert "1 records merged" in [step.summary for step in result.steps][-1], ids


# --- obeying: files ---------------------------------------------------------------------------------------------------

ROWS = """key,First Name,Last Name,Tax ID,City
a,Ann,Abel,DE 811 907,Graz
b,Bert,Bauer,de811907,Linz
c,Carla,Conti,DE 5,Wels
d,Dora,Dietz,,Enns
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def clusters(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as stream:
        return [row[1] for row in csv.reader(stream)][1:]


def test_rules_of_a_file_name_its_columns_as_they_come(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", ROWS)
    told = read_rules(write(tmp_path / "r.toml", "[match]\nmust_match = ['tax id']\nauto_merge_from = 0.9"))
    done = matching.dedupe_file(source, tmp_path / "out.csv", FileOptions("key", rules=told))
    assert clusters(tmp_path / "out.csv") == ["a", "a", "c", "d"]
    assert done.remarks == ("r.toml: auto_merge_from has no effect here, for nothing is merged",)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("must_match = ['tax-id']", "in.csv has no column 'tax-id'", "did you mean Tax ID?"),
        ("must_match = ['key']", "has no column 'key'", "there are: First Name, Last Name, Tax ID, City"),
        ("block_on = ['last name:sund']", "there is no key part 'Last Name:sund'", "did you mean Last Name:sound"),
    ],
)
def test_a_wrong_column_is_named_with_the_file(tmp_path: Path, text: str, message: str, hint: str) -> None:
    source = write(tmp_path / "in.csv", ROWS)
    told = read_rules(write(tmp_path / "r.toml", f"[match]\n{text}"))
    with pytest.raises(RulesError) as refused:
        matching.dedupe_file(source, tmp_path / "out.csv", FileOptions("key", rules=told))
    assert "r.toml: " in refused.value.message
    assert message in refused.value.message
    assert hint in refused.value.hint
    assert not (tmp_path / "out.csv").exists()


def test_files_are_linked_by_a_key(tmp_path: Path) -> None:
    head, *rows = ROWS.splitlines(keepends=True)
    left, right = (
        write(tmp_path / "l.csv", head + rows[0] + rows[2]),
        write(tmp_path / "r.csv", head + "".join(rows[1::2])),
    )
    told = rules("must_match = ['Tax ID']")
    matching.link_files((left, right), tmp_path / "out.csv", FileOptions("key", rules=told))
    assert (tmp_path / "out.csv").read_text().splitlines() == ["left_id,right_id,probability", "a,b,1.0"]


def test_cleaning_merges_by_a_key_and_asks_nothing_about_it(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", ROWS)
    told = rules("must_match = ['Tax ID']")
    result = clean_source(source, CleanOutputs(tmp_path / "out.csv"), CleanOptions(id_column="key", rules=told))
    assert (result.rows, result.written, result.unsure) == (4, 3, 0)
    assert any("only what was decided, or a rule says, is merged" in one for one in result.warnings)
    assert CleanOptions(rules=told).fingerprint("x") != CleanOptions().fingerprint("x")


# --- types of other packages ------------------------------------------------------------------------------------------


class Plate(Comparison):
    """Number plates."""

    kind = "number_plate"
    labels = ("different", "equal")

    def grader(self, values: pl.Series) -> Grader:
        return lambda a, _: np.ones(len(a), np.uint8)


PLATES = FieldType(
    name="number_plate", comparison=Plate, keys={"": None, "district": lambda column: column.values.str.head(1)}
)


def test_a_field_type_of_another_package_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = EntryPoint("number_plate", f"{__name__}:PLATES", rule_settings.GROUP)
    monkeypatch.setattr(rule_settings, "entry_points", lambda *, group: [door] if group == rule_settings.GROUP else [])
    told = rules_in(tmp_path, "compare_as = { department = 'number_plate' }\nblock_on = ['department:district']")
    said = [one.says for one in matching.described(told, shipped().entity("contact"))]
    assert "Department is compared as a number plate." in said
    head, *rows = ROWS.splitlines()
    source = write(
        tmp_path / "in.csv", "\n".join([f"{head},Plate", *(f"{row},W-{n % 2}" for n, row in enumerate(rows))])
    )
    file_rules = rules("compare_as = { plate = 'number_plate' }")
    done = matching.dedupe_file(source, tmp_path / "out.csv", FileOptions("key", rules=file_rules))
    assert {one.name: one.kind for one in done.summary.columns}["Plate"] == "number_plate"
