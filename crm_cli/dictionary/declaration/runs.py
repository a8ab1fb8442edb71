"""What ran by itself or left the house: files that were written, scripts and their steps."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, refers, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import OnMerge, SemanticType

__all__ = ["ENTITIES"]

T = SemanticType
MACHINERY = EntityRole.MACHINERY

EXPORT_RUN = Entity(
    "export_run",
    "A file of records that was written: who took what out, and how far the next one has to look back",
    (
        text("extract", "Saved extract that it is of", keyed=False, length=80, indexed=True),
        text("record_entity", "Entity whose records it holds", keyed=False, length=40, required=True),
        text("actor", "Who wrote it", keyed=False, required=True),
        text("destination", "Where it went, without secrets", keyed=False, length=500, required=True),
        enum("kind", "All records, or those that changed since the run before", "full", "changes", default="full"),
        refers("watermark_id", "operation", "Newest operation that it holds", OnMerge.KEEP),
        Field(name="rows", type=T.INTEGER, meaning="Rows written", default=0),
        Field(name="gone", type=T.INTEGER, meaning="Of them records that were deleted or merged", default=0),
        text("sha256", "SHA-256 of the file", keyed=False, length=64),
        Field(name="manifest", type=T.JSON, meaning="Columns, filter, masking, who was left out and why"),
        Field(name="started_at", type=T.TIMESTAMP, meaning="When it began", required=True),
        Field(name="finished_at", type=T.TIMESTAMP, meaning="When the file was in its place"),
    ),
    role=MACHINERY,
    noun="export-run",
    title=("destination",),
)

SCRIPT_RUN = Entity(
    "script_run",
    "One run of a script, from its first step to its last, over interruptions",
    (
        text("name", "Name of the script", keyed=False, required=True, indexed=True),
        text("path", "File that was run", keyed=False, length=500),
        text("fingerprint", "SHA-256 of the script and its parameters", keyed=False, length=64, required=True),
        text("actor", "Who ran it", keyed=False),
        enum("status", "How far it came", "running", "done", "failed", "interrupted", required=True),
        Field(name="exit_code", type=T.INTEGER, meaning="Exit code of the whole"),
        Field(name="parameters", type=T.JSON, meaning="Parameters, as given"),
        Field(name="started_at", type=T.TIMESTAMP, meaning="When it began", required=True),
        Field(name="finished_at", type=T.TIMESTAMP, meaning="When it ended"),
    ),
    role=MACHINERY,
    noun="script-run",
    title=("name",),
)

SCRIPT_STEP = Entity(
    "script_step",
    "One step of a run of a script: how it ended, so that the run can go on behind it",
    (
        refers("script_run_id", "script_run", "The run", OnMerge.KEEP, required=True),
        Field(name="number", type=T.INTEGER, meaning="Place among the steps, from 1", required=True),
        text("name", "Name of the step", keyed=False, required=True),
        enum("status", "How it ended", "running", "done", "failed", "skipped", required=True),
        Field(name="attempts", type=T.INTEGER, meaning="How often it was tried", default=1),
        Field(name="exit_code", type=T.INTEGER, meaning="Exit code of the step"),
        Field(name="result", type=T.JSON, meaning="What it told, for conditions of later steps"),
        Field(name="started_at", type=T.TIMESTAMP, meaning="When it began", required=True),
        Field(name="finished_at", type=T.TIMESTAMP, meaning="When it ended"),
    ),
    role=MACHINERY,
    noun="script-step",
    title=("name",),
    unique_together=(("script_run_id", "number"),),
)

ENTITIES = (EXPORT_RUN, SCRIPT_RUN, SCRIPT_STEP)
