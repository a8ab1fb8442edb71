"""New records meet those that are there: kept for review, merged when sure, rehearsed, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.history import undo
from crm_cli.jobs import matching
from crm_cli.jobs.importing import ImportOptions, ImportResult, ImportRun, import_source
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching.cards import card_values
from crm_cli.jobs.matching_at_the_door import AtTheDoor, Matched, import_and_match
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.people import MARIA, add_people
from tests.jobs.test_importing import write

HEADER = "given name,family name,e-mail,phone,date of birth,street,city,postal code,country\n"


def rules_of(_entity: str) -> MatchRules:
    return MatchRules()


def take(
    store: Store, path: Path, how: AtTheDoor, into: tuple[str, ...] = ("contact",), **run: Any
) -> tuple[ImportResult, list[Matched]]:
    options = ImportOptions(into=into, source_name=path.stem)

    def work(inner: Store, how_it_goes: ImportRun) -> ImportResult:
        return import_source(inner, path, MARIA, options, how_it_goes)

    return import_and_match(store, work, MARIA, ImportRun(**run), how, rules_of)


def fair(folder: Path, store: Store) -> tuple[Path, int]:
    """Write a file of ten people of the store and five that nobody knows; return it and how many are known."""
    contact, table = store.dictionary.entity("contact"), store.table("contact")
    with store.read() as connection:
        ids = list(connection.scalars(sa.select(table.c.id).order_by(table.c.id).limit(10)))
        values = [_cells(store, connection, contact, number) for number in ids]
    lines = [",".join(one) for one in values]
    lines += [f"Zelda{n},Quisling{n},zelda{n}@quisling.example,,19{60 + n}-03-04,,Ulm,," for n in range(5)]
    return write(folder, HEADER + "\n".join(lines) + "\n", "fair.csv"), len(values)


def _cells(store: Store, connection: Any, entity: Any, number: int) -> list[str]:
    card = card_values(store, connection, entity, number)
    first = {
        name: (card.get(name) or [""])[0] for name in ("given_name", "family_name", "email", "phone", "birth_date")
    }
    return [*first.values(), "", "", "", ""]


@pytest.mark.all_databases
def test_what_is_sure_is_merged_and_taken_back_step_by_step(store: Store, tmp_path: Path) -> None:
    add_people(store)
    matching.find(store, "contact", MARIA)
    path, known = fair(tmp_path, store)
    before = business_content(store)["contact"]
    rehearsed, would = take(store, path, AtTheDoor.AUTO, dry_run=True)
    assert business_content(store)["contact"] == before
    assert rehearsed.samples
    result, (matched,) = take(store, path, AtTheDoor.AUTO)
    assert (matched.entity, matched.new) == ("contact", known + 5)
    assert 1 <= matched.merged <= known
    assert (would[0].merged, would[0].pairs) == (matched.merged, matched.pairs)
    assert matched.operation_id is not None
    undo(store, matched.operation_id, MARIA)
    undo(store, result.operation_id, MARIA)
    assert business_content(store)["contact"] == before


def test_review_merges_nothing_and_keeps_the_pairs(store: Store, tmp_path: Path) -> None:
    add_people(store, singles=120, twins=0, households=4)
    path, _ = fair(tmp_path, store)
    _, (matched,) = take(store, path, AtTheDoor.REVIEW)  # nothing was searched before: all records are
    assert matched.merged == 0
    assert matched.pairs >= 1
    contact = store.dictionary.entity("contact")
    assert len(matching.open_candidates(store, contact)) >= matched.pairs


def test_only_groups_with_a_new_record_are_merged(store: Store, tmp_path: Path) -> None:
    add_people(store, singles=120, twins=10, households=0)
    matching.find(store, "contact", MARIA)
    contact = store.dictionary.entity("contact")
    open_before = len(matching.automatic_groups(store, contact))
    assert open_before > 0
    path = write(tmp_path, HEADER + "Zelda,Quisling,zelda@quisling.example,,1960-03-04,,,,\n", "one.csv")
    _, (matched,) = take(store, path, AtTheDoor.AUTO)
    assert (matched.new, matched.merged) == (1, 0)
    assert len(matching.automatic_groups(store, contact)) == open_before


def test_where_nothing_is_new_nothing_is_searched(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "username,e-mail\nmaria,maria@x.example\n", "users.csv")
    assert take(store, path, AtTheDoor.AUTO, ("user",))[1] == []
    people = write(tmp_path, HEADER + "Zelda,Quisling,zelda@quisling.example,,,,,,\n", "one.csv")
    take(store, people, AtTheDoor.OFF)
    assert take(store, people, AtTheDoor.AUTO)[1] == []
