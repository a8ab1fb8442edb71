"""Book-keeping of the matching engine: runs, pairs, decisions, merges."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, refers, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field, Reference
from crm_cli.dictionary.types import OnMerge, SemanticType

__all__ = ["ENTITIES", "VERDICTS"]

T = SemanticType
VERDICTS = ("duplicate", "same_household", "same_company", "related", "different", "unsure")


def _record(name: str, meaning: str, on_merge: OnMerge) -> Field:
    return Field(
        name=name, type=T.REFERENCE, meaning=meaning, required=True, reference=Reference(None, on_merge), indexed=True
    )


def _entity() -> Field:
    return text("entity", "Entity of the two records", required=True, keyed=False, length=40)


MATCH_RUN = Entity(
    "match_run",
    "One search for duplicates",
    (
        text("entity", "Entity that was searched", required=True, keyed=False, length=40),
        Field(name="started_at", type=T.TIMESTAMP, meaning="When it began", required=True),
        Field(name="finished_at", type=T.TIMESTAMP, meaning="When it ended"),
        text("actor", "Who ran it", keyed=False),
        Field(name="records", type=T.INTEGER, meaning="Records compared", default=0),
        Field(name="pairs", type=T.INTEGER, meaning="Pairs stored", default=0),
        Field(name="clusters", type=T.INTEGER, meaning="Clusters of two or more", default=0),
        Field(name="condition", type=T.NOTE, meaning="The --where that narrowed it"),
        Field(name="model", type=T.JSON, meaning="The trained model, versioned"),
        Field(name="summary", type=T.JSON, meaning="Rules, estimates, warnings"),
    ),
    role=EntityRole.MACHINERY,
    title=("entity",),
)

MATCH_PAIR = Entity(
    "match_pair",
    "Two records that may be the same, as a run scored them",
    (
        refers("run_id", "match_run", "The run", OnMerge.KEEP, required=True),
        _entity(),
        _record("left_id", "The record with the smaller id", OnMerge.KEEP),
        _record("right_id", "The record with the larger id", OnMerge.KEEP),
        Field(name="probability", type=T.NUMBER, meaning="Probability that they are the same, 0 to 1", required=True),
        enum("verdict", "What the engine takes them for", *VERDICTS, required=True),
        Field(name="cluster", type=T.INTEGER, meaning="Cluster of the run, if both are in one: its smallest record id"),
        Field(name="scores", type=T.JSON, meaning="Posterior per class"),
    ),
    role=EntityRole.MACHINERY,
    title=("verdict",),
    indexes=(("run_id", "probability"),),
)

MATCH_DECISION = Entity(
    "match_decision",
    "What a person, or an automatic merge, decided about two records; remembered for ever",
    (
        _entity(),
        # kept as they were decided: readers ask which records stand for them today, and undo has nothing to take back
        _record("left_id", "The record with the smaller id", OnMerge.KEEP),
        _record("right_id", "The record with the larger id", OnMerge.KEEP),
        enum("verdict", "Decision", *VERDICTS, required=True),
        text("actor", "Who decided", required=True, keyed=False),
        Field(name="decided_at", type=T.TIMESTAMP, meaning="When", required=True),
        text("reason", "Why", keyed=False, length=500),
        Field(name="choices", type=T.JSON, meaning="What a person chose for the merge: survivor, and field → record"),
    ),
    role=EntityRole.MACHINERY,
    title=("verdict",),
    unique_together=(("entity", "left_id", "right_id"),),
)

MERGE = Entity(
    "merge",
    "A record that was merged into another",
    (
        refers("operation_id", "operation", "The operation that merged", OnMerge.KEEP, required=True),
        text("entity", "Entity of both", required=True, keyed=False, length=40),
        Field(
            name="record_id", type=T.REFERENCE, meaning="The record that was merged away", required=True, indexed=True,
            reference=Reference(None, OnMerge.KEEP),
        ),
        Field(
            name="survivor_id", type=T.REFERENCE, meaning="The record that it was merged into", required=True, indexed=True,
            reference=Reference(None, OnMerge.KEEP),
        ),
        Field(name="probability", type=T.NUMBER, meaning="Probability that they are the same, if the engine said so"),
        Field(name="moved", type=T.JSON, meaning="Children that moved, by entity"),
    ),
    role=EntityRole.MACHINERY,
    title=("entity",),
)  # fmt: skip

MATCH_MODEL = Entity(
    "match_model",
    "What the last whole search of an entity settled, so that single records can be compared with all",
    (
        _entity(),
        Field(name="made_at", type=T.TIMESTAMP, meaning="When", required=True),
        Field(name="records", type=T.INTEGER, meaning="Records that were searched", default=0),
        Field(name="document", type=T.JSON, meaning="Columns, rules, model and totals, versioned"),
    ),
    role=EntityRole.MACHINERY,
    title=("entity",),
    unique_together=(("entity",),),
)

MATCH_KEY = Entity(
    "match_key",
    "A blocking key of a record, as a number: records that share one are compared",
    (
        _entity(),
        Field(name="block", type=T.INTEGER, meaning="Hash of rule and key, 64 bits", required=True, indexed=True),
        _record("record_id", "The record", OnMerge.KEEP),
    ),
    role=EntityRole.MACHINERY,
    title=("block",),
)

VALUE_FREQUENCY = Entity(
    "value_frequency",
    "How many records have a value, or a word of it, as of the last whole search; frequent ones only",
    (
        _entity(),
        Field(name="term", type=T.INTEGER, meaning="Hash of field and value, 64 bits", required=True, indexed=True),
        Field(name="records", type=T.INTEGER, meaning="Records that have it", required=True),
    ),
    role=EntityRole.MACHINERY,
    title=("term",),
)

MATCH_WAITING = Entity(
    "match_waiting",
    "A record that was added or changed since the last search for duplicates",
    (
        _entity(),
        _record("record_id", "The record", OnMerge.KEEP),
    ),
    role=EntityRole.MACHINERY,
    title=("record_id",),
    unique_together=(("entity", "record_id"),),
)

ENTITIES = (MATCH_RUN, MATCH_PAIR, MATCH_DECISION, MERGE, MATCH_MODEL, MATCH_KEY, VALUE_FREQUENCY, MATCH_WAITING)
