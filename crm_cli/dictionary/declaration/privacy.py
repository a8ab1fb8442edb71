"""What is kept of people whose data were erased: that it was done, and keyed hashes that stop a re-import."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, polymorphic, refers, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import OnMerge, SemanticType

__all__ = ["ENTITIES"]

T = SemanticType

ERASURE = Entity(
    "erasure",
    "That the data of a person were erased: when, by whom and why, and nothing of the data",
    (
        *polymorphic(OnMerge.KEEP),
        text("actor", "Who erased them", keyed=False, required=True),
        text("reason", "Why", keyed=False, length=500),
        Field(name="erased_at", type=T.TIMESTAMP, meaning="When", required=True),
        Field(name="counts", type=T.JSON, meaning="How many rows of which tables were erased or emptied"),
    ),
    role=EntityRole.MACHINERY,
    title=("erased_at",),
)

ERASURE_KEY = Entity(
    "erasure_key",
    "A keyed hash of something by which an erased person would be recognized in a later import",
    (
        refers("erasure_id", "erasure", "The erasure", OnMerge.KEEP, required=True),
        enum("kind", "What was hashed", "email", "phone", "external_id", "name_and_birth", required=True),
        text("hash", "HMAC-SHA-256, in hexadecimal digits", keyed=False, length=64, required=True, indexed=True),
    ),
    role=EntityRole.MACHINERY,
    noun="erasure-key",
    title=("kind",),
)

ENTITIES = (ERASURE, ERASURE_KEY)
