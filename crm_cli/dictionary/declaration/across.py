"""Book-keeping of searches across entities: leads that are contacts already, or whose company is an account."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, polymorphic, refers, text
from crm_cli.dictionary.declaration.matching import VERDICTS
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field, Reference
from crm_cli.dictionary.types import OnMerge, SemanticType

__all__ = ["ENTITIES"]

T = SemanticType


def _other() -> tuple[Field, Field]:
    # as with pairs of one entity, readers ask which record stands for it today
    return (
        text("other_entity", "Entity of the other record", required=True, keyed=False, length=40),
        Field(
            name="other_id", type=T.REFERENCE, meaning="The other record", required=True, indexed=True,
            reference=Reference(None, OnMerge.KEEP, entity_field="other_entity"),
        ),
    )  # fmt: skip


CROSS_RUN = Entity(
    "cross_run",
    "One search for records of one entity among those of another",
    (
        text("entity", "Entity whose records were looked for", required=True, keyed=False, length=40),
        text("other_entity", "Entity among whose records", required=True, keyed=False, length=40),
        Field(name="started_at", type=T.TIMESTAMP, meaning="When it began", required=True),
        Field(name="finished_at", type=T.TIMESTAMP, meaning="When it ended", required=True),
        text("actor", "Who ran it", keyed=False),
        Field(name="records", type=T.INTEGER, meaning="Records looked for", default=0),
        Field(name="other_records", type=T.INTEGER, meaning="Records among which", default=0),
        Field(name="pairs", type=T.INTEGER, meaning="Pairs stored", default=0),
        Field(name="condition", type=T.NOTE, meaning="The --where that narrowed it"),
        Field(name="summary", type=T.JSON, meaning="Rules, estimates, warnings"),
    ),
    role=EntityRole.MACHINERY,
    title=("entity",),
)

CROSS_PAIR = Entity(
    "cross_pair",
    "A record and one of another entity that may be the same, as a run scored them",
    (
        refers("run_id", "cross_run", "The run", OnMerge.KEEP, required=True),
        *polymorphic(OnMerge.KEEP),
        *_other(),
        Field(name="probability", type=T.NUMBER, meaning="Probability that they are the same, 0 to 1", required=True),
        enum("verdict", "What the engine takes them for", *VERDICTS, required=True),
        Field(name="scores", type=T.JSON, meaning="Posterior per class"),
    ),
    role=EntityRole.MACHINERY,
    title=("verdict",),
)

CROSS_DECISION = Entity(
    "cross_decision",
    "What a person decided about a record and one of another entity; remembered for ever",
    (
        *polymorphic(OnMerge.KEEP),
        *_other(),
        enum("verdict", "Decision", *VERDICTS, required=True),
        text("actor", "Who decided", required=True, keyed=False),
        Field(name="decided_at", type=T.TIMESTAMP, meaning="When", required=True),
        text("reason", "Why", keyed=False, length=500),
    ),
    role=EntityRole.MACHINERY,
    title=("verdict",),
    unique_together=(("entity", "record_id", "other_entity", "other_id"),),
)

ENTITIES = (CROSS_RUN, CROSS_PAIR, CROSS_DECISION)
