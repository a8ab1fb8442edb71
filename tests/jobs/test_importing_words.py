"""Mappings that say what the words of a source are in ours, and which columns hold its ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_cli.history import Author
from crm_cli.importers.mapping import MappingError, read_mapping
from crm_cli.jobs.importing import ImportOptions, import_source
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")
MAPPING = """into = "opportunity"
key = "no"
[columns]
what = "opportunity.name"
phase = "opportunity.stage"
firm = "opportunity.account"
[ids]
firm = "account"
[values.phase]
"Signed" = "won"
"Cold" = ""
"""
DEALS = "no,what,phase,firm\n1,Pumps,SIGNED,a1\n2,Pipes,Cold,a1\n3,Valves,Thinking,a9\n"


def test_words_and_ids_of_a_mapping_file_are_used(store: Store, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("id,account name,city\na1,Acme,Ulm\na2,Zenith,Ulm\n", encoding="utf-8")
    accounts = ImportOptions(into=("account",), source_name="old", key="id")
    import_source(store, tmp_path / "accounts.csv", MARIA, accounts)
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    mapping = read_mapping(tmp_path / "m.toml")
    options = ImportOptions(into=mapping.into, mapping=mapping, source_name="old")
    result = import_source(store, tmp_path / "deals.csv", MARIA, options)
    content = business_content(store)
    acme = content["account"][0]["id"]
    assert [(one["name"], one["stage"], one["account_id"]) for one in content["opportunity"]] == [
        ("Pumps", "won", acme), ("Pipes", "prospecting", acme), ("Valves", "prospecting", None),
    ]  # fmt: skip
    assert [one["extra"] for one in content["opportunity"]] == [
        {"@original": {"stage": "SIGNED"}}, None, {"phase": "Thinking", "account": "a9"},
    ]  # fmt: skip
    assert result.batches[0].warnings == [
        "firm: 1 row names records that did not come (a9); the ids are kept beside them, in extra"
    ]
    assert import_source(store, tmp_path / "deals.csv", MARIA, options).counts["unchanged"] == 3


def test_a_mapping_with_words_and_ids_is_written_as_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    mapping = read_mapping(tmp_path / "m.toml")
    (tmp_path / "again.toml").write_text(mapping.to_toml(), encoding="utf-8")
    again = read_mapping(tmp_path / "again.toml")
    assert (again.values, again.ids, again.key) == (mapping.values, mapping.ids, mapping.key)


def test_words_of_a_column_that_is_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING.replace("values.phase", "values.phrase"), encoding="utf-8")
    with pytest.raises(MappingError, match="the source has no column 'phrase'"):
        read_mapping(tmp_path / "m.toml").checked(["no", "what", "phase", "firm"])
    (tmp_path / "m.toml").write_text('into = "lead"\n[columns]\n[values]\nphase = 3\n', encoding="utf-8")
    with pytest.raises(MappingError, match="phase: it should be a table"):
        read_mapping(tmp_path / "m.toml")


def test_activities_are_imported_like_other_records(store: Store, tmp_path: Path) -> None:
    """A company is named as it is named everywhere, though the activity may concern a person too."""
    (tmp_path / "accounts.csv").write_text("id,account name,city\na1,Acme,Ulm\n", encoding="utf-8")
    import_source(store, tmp_path / "accounts.csv", MARIA, ImportOptions(into=("account",)))
    path = tmp_path / "calls.csv"
    path.write_text("Subject,Type,Status,Due Date,Minutes,Party\nCall,call,done,2025-01-31,15,ACME\n", encoding="utf-8")
    result = import_source(store, path, MARIA, ImportOptions(into=("activity",), timezone="UTC"))
    assert result.counts["created"] == 1
    (call,) = business_content(store)["activity"]
    assert (call["kind"], call["status"], call["minutes"], call["subject"]) == ("call", "done", 15, "Call")
    assert call["party_id"] == business_content(store)["account"][0]["id"]
