"""Opportunities and how they move through their stages."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import currency, description, enum, owner, refers, territory, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import SemanticType

__all__ = ["ENTITIES", "STAGES"]

T = SemanticType
STAGES = ("prospecting", "qualification", "proposal", "negotiation", "won", "lost")

OPPORTUNITY = Entity(
    "opportunity",
    "A deal that may be won",
    (
        text("name", "What is to be sold", required=True, indexed=True, synonyms=("opportunity name", "deal name")),
        refers("account_id", "account", "Company that would buy", synonyms=("account name", "account")),
        refers("contact_id", "contact", "Person who would buy, or decides", synonyms=("contact",)),
        enum("stage", "How far it has come", *STAGES, default="prospecting", synonyms=("stagename", "sales stage")),
        Field(name="amount", type=T.MONEY, meaning="Value", synonyms=("value", "deal value")),
        currency(),
        Field(name="probability", type=T.NUMBER, meaning="Probability of winning, 0 to 100"),
        Field(name="expected_close_on", type=T.DATE, meaning="Expected close", synonyms=("close date", "closedate")),
        Field(name="closed_at", type=T.TIMESTAMP, meaning="When it was won or lost"),
        text("lost_reason", "Why it was lost"),
        text("source", "How it came about", synonyms=("lead source",)),
        text("next_step", "What is done next", synonyms=("nextstep",)),
        owner(),
        territory(),
        description(),
    ),
    plural="opportunities",
)

STAGE_CHANGE = Entity(
    "stage_change",
    "An opportunity's step from one stage to another",
    (
        refers("opportunity_id", "opportunity", "The opportunity", required=True, owned=True),
        enum("from_stage", "Stage before", *STAGES),
        enum("to_stage", "Stage after", *STAGES, required=True),
        Field(name="changed_at", type=T.TIMESTAMP, meaning="When", required=True),
    ),
    role=EntityRole.DETAIL,
    title=("to_stage",),
)

ENTITIES = (OPPORTUNITY, STAGE_CHANGE)
