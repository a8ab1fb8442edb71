"""Find duplicates in the database: load, run the engine under the decisions that were made, keep what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from crm_cli.dedupe import MatchResult, find_duplicates
from crm_cli.dictionary import Entity, EntityRole
from crm_cli.errors import UsageError
from crm_cli.history import Author
from crm_cli.jobs.decisions import read_decisions
from crm_cli.jobs.match_rules import MatchRules, naming_file, with_rules
from crm_cli.jobs.matching.index import waiting_operations, write_index
from crm_cli.jobs.matching.loading import LoadedRecords, load_records
from crm_cli.jobs.matching.model import QUESTIONS, FindOptions
from crm_cli.jobs.matching.runs import store_run
from crm_cli.jobs.matching.teaching import Answers, lessons_to_keep, read_answers
from crm_cli.jobs.matching.updating import decision_settings
from crm_cli.store import Store

__all__ = ["Progress", "find", "run_engine"]

Progress: TypeAlias = Callable[[str, float], None]


def find(
    store: Store, entity: str, author: Author, options: FindOptions | None = None, progress: Progress | None = None
) -> tuple[int, LoadedRecords, MatchResult]:
    """Search the records of `entity` for duplicates; return (number of the run, records, the engine's result).

    What was decided to be different is never found again, what was decided to be the same is in one cluster. The pairs
    are kept for review and merge, in place of those of earlier searches; in a dry run nothing is kept and the number
    is 0. All decisions, also those about records that were merged since, teach the engine what weighs how much.
    `progress(stage, share done)` is called as stages begin.
    """
    options = options or FindOptions()
    started = store.now()
    with store.read() as connection:
        known = waiting_operations(store, connection)  # before the records are read, so that none is missed
    loaded, result, answers = _run(store, entity, options.where, progress, options.rules, questions=QUESTIONS)
    if options.dry_run:
        return 0, loaded, result
    if progress:
        progress("keep", 1.0)
    declared = store.dictionary.entity(entity)
    lessons = lessons_to_keep(answers, loaded.number_of, result)
    with store.write() as connection:
        about = (author.actor, started)
        number = store_run(store, connection, declared, (loaded, result), options, about, lessons)
        if options.where is None:
            write_index(store, connection, declared, (loaded, result), known)
    return number, loaded, result


def run_engine(
    store: Store,
    entity: str,
    where: str | None = None,
    progress: Progress | None = None,
    rules: MatchRules | None = None,
) -> tuple[LoadedRecords, MatchResult]:
    """Run the engine on the records as they are now, under `rules`, without keeping anything."""
    return _run(store, entity, where, progress, rules)[:2]


def _run(
    store: Store,
    entity: str,
    where: str | None,
    progress: Progress | None,
    rules: MatchRules | None,
    questions: int = 0,
) -> tuple[LoadedRecords, MatchResult, Answers]:
    declared = store.dictionary.entity(entity)
    _check_matchable(declared)
    if progress:
        progress("load", 0.0)
    with store.read() as connection:
        loaded = load_records(store, connection, declared, where, rules=rules)
        decided = read_decisions(store, connection, declared.name)
        answers = read_answers(store, connection, declared, loaded.number_of.keys())
    numbers = loaded.number_of
    taught = replace(
        decision_settings(numbers, decided),
        labelled=[(numbers[left], numbers[right], same) for (left, right), same in answers.labelled.items()],
        lessons=tuple(answers.lessons.values()),
        questions=questions,
    )
    settings = with_rules(taught, rules, only_keys=loaded.only_keys)
    with naming_file(rules):
        return loaded, find_duplicates(loaded.table, settings, progress), answers


def _check_matchable(entity: Entity) -> None:
    if entity.role is not EntityRole.RECORD:
        hint = "search the records they belong to: crm dedupe find contact"
        raise UsageError(f"{entity.plural} are not searched for duplicates by themselves", hint=hint)
