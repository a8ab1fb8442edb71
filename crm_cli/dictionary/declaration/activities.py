"""Activities: what was or will be done with customers."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, owner, polymorphic, refers, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import OnMerge, PersonalData, SemanticType

__all__ = ["ENTITIES"]

T = SemanticType

ACTIVITY = Entity(
    "activity",
    "A call, meeting, message, visit, task or note",
    (
        enum(
            "kind",
            "What it is",
            "call",
            "meeting",
            "email",
            "visit",
            "task",
            "note",
            required=True,
            default="note",
            synonyms=("type",),
        ),
        text("subject", "In a few words", required=True, indexed=True),
        Field(
            name="notes", type=T.NOTE, meaning="What was said", personal=PersonalData.FREE_TEXT, synonyms=("comments",)
        ),
        enum("status", "Planned or done", "planned", "done", "cancelled", default="planned"),
        Field(name="due_at", type=T.TIMESTAMP, meaning="When it is due", synonyms=("due date", "activitydate")),
        Field(name="occurred_at", type=T.TIMESTAMP, meaning="When it took place"),
        Field(name="minutes", type=T.INTEGER, meaning="How long it took, in minutes"),
        refers("party_id", "party", "Whom it concerns"),
        refers("opportunity_id", "opportunity", "Opportunity that it serves"),
        refers("lead_id", "lead", "Lead that it concerns"),
        owner(),
    ),
    plural="activities",
    title=("subject",),
)

ACTIVITY_LINK = Entity(
    "activity_link",
    "Another record that an activity concerns",
    (
        refers("activity_id", "activity", "The activity", OnMerge.UNITE, required=True, owned=True),
        *polymorphic(OnMerge.UNITE),
    ),
    role=EntityRole.DETAIL,
    title=("entity", "record_id"),
    unite_by=("activity_id", "entity", "record_id"),
    indexes=(("entity", "record_id"),),
)

ENTITIES = (ACTIVITY, ACTIVITY_LINK)
