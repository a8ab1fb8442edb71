"""Book-keeping of data quality: confirmations, audits, findings, snapshots."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, polymorphic, refers, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field, Reference
from crm_cli.dictionary.types import OnMerge, SemanticType

__all__ = ["ENTITIES"]

T = SemanticType

CONFIRMATION = Entity(
    "confirmation",
    "A group of a record's fields was looked at and found valid, or dead",
    (
        *polymorphic(OnMerge.REATTACH, owned=True),
        text(
            "freshness_group",
            "Group of fields; * for all that the batch carries",
            required=True,
            keyed=False,
            length=40,
        ),
        Field(name="confirmed_at", type=T.TIMESTAMP, meaning="When it was known to hold", required=True, indexed=True),
        enum(
            "method",
            "How it is known",
            "import",
            "edit",
            "call",
            "mail",
            "visit",
            "verify",
            "merge",
            "bounce",
            required=True,
        ),
        enum(
            "result",
            "What was found; hard and soft are bounces of one address, which `source` names",
            "valid",
            "dead",
            "unknown",
            "hard",
            "soft",
            required=True,
            default="valid",
        ),
        text("source", "Where it is known from", keyed=False),
        refers("operation_id", "operation", "The operation that wrote it", OnMerge.KEEP),
        Field(
            name="batch_id",
            type=T.REFERENCE,
            meaning="The batch that carried it",
            reference=Reference("import_batch", OnMerge.KEEP),
        ),
    ),
    role=EntityRole.MACHINERY,
    title=("freshness_group",),
    indexes=(("entity", "record_id", "freshness_group"),),
)

AUDIT_RUN = Entity(
    "audit_run",
    "One run of the audit",
    (
        Field(name="started_at", type=T.TIMESTAMP, meaning="When it began", required=True),
        Field(name="today", type=T.DATE, meaning="The day it judged by", required=True),
        text("actor", "Who ran it", keyed=False),
        Field(name="records", type=T.INTEGER, meaning="Records looked at", default=0),
        Field(name="warnings", type=T.INTEGER, meaning="Findings that warn", default=0),
        Field(name="errors", type=T.INTEGER, meaning="Findings that are errors", default=0),
        Field(name="summary", type=T.JSON, meaning="Counts and scores per policy"),
    ),
    role=EntityRole.MACHINERY,
    noun="audit-run",
    title=("today",),
)

FINDING = Entity(
    "finding",
    "Something that a policy found wrong with a record; open until fixed or accepted",
    (
        text("policy", "Policy that found it", required=True, keyed=False, length=80),
        *polymorphic(OnMerge.KEEP, owned=True),
        enum("severity", "How bad it is", "warn", "error", required=True),
        text("message", "What is wrong", required=True, keyed=False, length=500),
        refers("first_run_id", "audit_run", "Run that first found it", OnMerge.KEEP),
        refers("last_run_id", "audit_run", "Run that last found it", OnMerge.KEEP),
        enum("status", "Open, accepted or fixed", "open", "accepted", "fixed", required=True, default="open"),
        Field(name="accepted_until", type=T.DATE, meaning="Last day on which it is accepted"),
        text("accepted_by", "Who accepted it", keyed=False),
        text("reason", "Why it is accepted", keyed=False, length=500),
    ),
    role=EntityRole.MACHINERY,
    title=("policy",),
    unique_together=(("policy", "entity", "record_id"),),
)

QUALITY_SNAPSHOT = Entity(
    "quality_snapshot",
    "A quality figure on a day, for trends",
    (
        refers("run_id", "audit_run", "The audit run", OnMerge.KEEP, required=True),
        text("policy", "Policy or dimension", required=True, keyed=False, length=80),
        Field(name="records", type=T.INTEGER, meaning="Records looked at", default=0),
        Field(name="failing", type=T.INTEGER, meaning="Records that fail", default=0),
        Field(name="score", type=T.NUMBER, meaning="0 to 100"),
    ),
    role=EntityRole.MACHINERY,
    title=("policy",),
)

ENTITIES = (CONFIRMATION, AUDIT_RUN, FINDING, QUALITY_SNAPSHOT)
