"""The rules that hold for the records of an entity: those of the project's file, and what is shipped."""

from __future__ import annotations

from pathlib import Path

from crm_cli.dedupe import kind_of_role
from crm_cli.dictionary import Dictionary, Entity
from crm_cli.jobs.match_rules import (
    MatchRules,
    Sentence,
    Subject,
    bind_to_fields,
    find_file,
    kind_of_word,
    read_rules,
    sentences,
)
from crm_cli.jobs.matching.loading import SEVERAL, matched_columns
from crm_cli.jobs.matching.merging import PRECISION
from crm_cli.jobs.matching.model import SURE

__all__ = ["described", "rules_of", "subject_of"]


def rules_of(folder: Path, entity: str, dictionary: Dictionary) -> MatchRules:
    """Return the rules for `entity` in the project's folder of rules, as checked; empty ones where there is no file.

    Raises `RulesError` naming file and key.
    """
    declared = dictionary.entity(entity)
    file = find_file(folder, declared, dictionary)
    return MatchRules() if file is None else bind_to_fields(read_rules(file), declared, matched_columns(declared))


def described(rules: MatchRules, entity: Entity) -> list[Sentence]:
    """Return in plain sentences how duplicates of `entity` are told under `rules`."""
    return sentences(rules, subject_of(rules, entity))


def subject_of(rules: MatchRules, entity: Entity) -> Subject:
    """Return what the sentences about `entity` speak of: its fields and as what each is compared."""
    compared = {name: str(kind_of_role(role) or "") for name, role in matched_columns(entity).items()}
    compared |= {name: kind_of_word(word) or "" for name, word in rules.compare_as.items()}
    for name in rules.ignore:
        compared.pop(name, None)
    return Subject(
        noun=entity.noun, plural=entity.plural, compared=compared, auto_merge_from=SURE, auto_merge_precision=PRECISION,
        several=SEVERAL if entity.subtype_of == "party" else frozenset(),
    )  # fmt: skip
