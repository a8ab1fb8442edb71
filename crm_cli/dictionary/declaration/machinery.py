"""The system's own book-keeping: operations, changes, imports, external references, leases, custom fields."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import enum, polymorphic, refers, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import OnMerge, SemanticType

__all__ = ["ENTITIES"]

T = SemanticType
MACHINERY = EntityRole.MACHINERY


def _when(name: str, meaning: str, *, required: bool = False, indexed: bool = False) -> Field:
    return Field(name=name, type=T.TIMESTAMP, meaning=meaning, required=required, indexed=indexed)


def _json(name: str, meaning: str) -> Field:
    return Field(name=name, type=T.JSON, meaning=meaning)


def _count(name: str, meaning: str) -> Field:
    return Field(name=name, type=T.INTEGER, meaning=meaning, default=0)


def _plain(name: str, meaning: str, length: int = 255, *, required: bool = False, indexed: bool = False) -> Field:
    return text(name, meaning, keyed=False, length=length, required=required, indexed=indexed)


OPERATION = Entity(
    "operation",
    "One write: everything that one command changed, undone as one",
    (
        _plain("kind", "What was done: import, merge, set, …", 40, required=True, indexed=True),
        _plain("actor", "Who did it", required=True),
        _plain("reason", "Why", 500),
        Field(name="command", type=T.NOTE, meaning="Command line, literals masked"),
        _when("started_at", "When it began", required=True),
        _when("finished_at", "When it was committed"),
        refers("undone_by_id", "operation", "Operation that undid it", OnMerge.KEEP),
        refers("undoes_id", "operation", "Operation that it undoes", OnMerge.KEEP),
        refers("script_run_id", "script_run", "Run of a script that it is a step of", OnMerge.KEEP),
        _json("summary", "Counts, by entity and action"),
        Field(name="indexed", type=T.BOOLEAN, meaning="Whether the search index knows its changes", default=False),
        Field(name="matched", type=T.BOOLEAN, meaning="Whether the match index knows its changes", default=False),
    ),
    role=MACHINERY,
    title=("kind",),
)

CHANGE = Entity(
    "change",
    "One record changed by an operation; of an insert only the fact, of an update the changed fields",
    (
        refers("operation_id", "operation", "The operation", OnMerge.KEEP, required=True),
        enum("action", "What happened to the record", "insert", "update", "delete", required=True),
        *polymorphic(OnMerge.KEEP),
        Field(name="unit", type=T.INTEGER, meaning="Changes of one unit are undone together or not at all"),
        Field(name="source_row", type=T.INTEGER, meaning="Row of the source that it came from"),
        _json("old", "Old values of the changed fields; of a delete the whole row"),
        _json("new", "New values of the changed fields"),
    ),
    role=MACHINERY,
    title=("action",),
    indexes=(("entity", "record_id"),),
)

IMPORT_BATCH = Entity(
    "import_batch",
    "One run of an import",
    (
        refers("operation_id", "operation", "The operation that applied it", OnMerge.KEEP),
        refers("source_system_id", "source_system", "Where the data come from", OnMerge.REATTACH),
        _plain("source_name", "File, sheet or table that was read", 500, required=True),
        _plain("fingerprint", "SHA-256 of the source", 64),
        _plain("into", "Entities that it filled", 80, required=True),
        enum("status", "How far it came", "staged", "applied", "undone", "failed", required=True, default="staged"),
        _when("as_of", "How old the data are"),
        _when("started_at", "When it began", required=True),
        _when("finished_at", "When it ended"),
        *(
            _count(name, f"Rows {name}")
            for name in ("rows", "created", "updated", "unchanged", "rejected", "conflicts", "suspected")
        ),
        _json("mapping", "The mapping that was used"),
        _json("groups", "Freshness groups that its columns carry, and so confirm"),
        _json("understood", "What was understood of the source"),
    ),
    role=MACHINERY,
    noun="batch",
    plural="batches",
    title=("source_name",),
)

IMPORT_ROW = Entity(
    "import_row",
    "A row that was not applied: rejected, ambiguous or staged",
    (
        refers("batch_id", "import_batch", "The batch", OnMerge.KEEP, required=True),
        Field(name="row_number", type=T.INTEGER, meaning="Row of the source", required=True),
        enum("status", "Why it stands here", "rejected", "ambiguous", "staged", "retried", required=True),
        _json("cells", "The cells as read; dropped when applied"),
        _json("faults", "Field, value and reason of each fault"),
    ),
    role=MACHINERY,
    title=("row_number",),
)

EXTERNAL_REF = Entity(
    "external_ref",
    "The id by which a source knows a record",
    (
        refers("source_system_id", "source_system", "The source", OnMerge.REATTACH, required=True),
        _plain("external_id", "Id in the source", 160, required=True),
        *polymorphic(OnMerge.REATTACH, owned=True),
        _plain("content_hash", "Hash of what the source last said", 64),
        _when("last_seen_at", "When the source last had it"),
        refers("batch_id", "import_batch", "Batch that last brought it", OnMerge.KEEP),
    ),
    role=MACHINERY,
    title=("external_id",),
    unique_together=(("source_system_id", "entity", "external_id"),),
    indexes=(("entity", "record_id"),),
)

LEASE = Entity(
    "lease",
    "Who is writing at length right now",
    (
        _plain("name", "What is held", 80, required=True),
        _plain("holder", "Host, process and user", 255, required=True),
        _when("acquired_at", "Since when", required=True),
        _when("expires_at", "Until when, unless renewed", required=True),
        Field(name="fencing_token", type=T.INTEGER, meaning="Grows with every holder", required=True),
    ),
    role=MACHINERY,
    unique_together=(("name",),),
)

CUSTOM_FIELD = Entity(
    "custom_field",
    "A field added at run time; values stand in the record's `custom` column",
    (
        _plain("entity", "Entity that it belongs to", 40, required=True),
        _plain("name", "Name of the field", 60, required=True),
        _plain("type", "Semantic type", 40, required=True),
        _plain("meaning", "What it says", 500),
        _json("options", "Synonyms, allowed values and the like"),
    ),
    role=MACHINERY,
    unique_together=(("entity", "name"),),
)

ID_ALLOCATION = Entity(
    "id_allocation",
    "The next free id of each family of records",
    (
        _plain("name", "Family: party, or the entity", 60, required=True),
        Field(name="next_id", type=T.INTEGER, meaning="Next free id", required=True),
    ),
    role=MACHINERY,
    unique_together=(("name",),),
)

SEARCH_RECORD = Entity(
    "search_record",
    "What search knows of a record: its words, so that they can be taken out again when the record changes",
    (
        _plain("entity", "Entity of the record", 40, required=True),
        # a plain number: the words of a record that is gone must stay until the index has caught up
        Field(name="record_number", type=T.INTEGER, meaning="The record", required=True),
        Field(name="tokens", type=T.NOTE, meaning="Its tokens, one a line", required=True),
    ),
    role=MACHINERY,
    unique_together=(("entity", "record_number"),),
)

SEARCH_POSTING = Entity(
    "search_posting",
    "Which of 4 096 records with neighbouring numbers have a word",
    (
        _plain("token", "Folded word, or bigram of a script without blanks", 80, required=True),
        _plain("entity", "Entity of the records", 40, required=True),
        Field(name="block", type=T.INTEGER, meaning="Number of the records, divided by 4 096", required=True),
        Field(name="records", type=T.NOTE, meaning="The rests, two letters each, in order", required=True),
    ),
    role=MACHINERY,
    title=("token",),
    unique_together=(("token", "entity", "block"),),
)

SEARCH_WORDS = Entity(
    "search_words",
    "The distinct words of the index, of one kind and length: where typing errors are looked up",
    (
        enum("kind", "What they are", "word", "address", required=True),
        Field(name="length", type=T.INTEGER, meaning="Letters of each", required=True),
        Field(name="part", type=T.INTEGER, meaning="Which part of them, by a hash", required=True),
        Field(name="words", type=T.NOTE, meaning="The words, one a line, in order", required=True),
    ),
    role=MACHINERY,
    unique_together=(("kind", "length", "part"),),
)

ENTITIES = (
    OPERATION, CHANGE, IMPORT_BATCH, IMPORT_ROW, EXTERNAL_REF, LEASE, CUSTOM_FIELD, ID_ALLOCATION, SEARCH_RECORD,
    SEARCH_POSTING, SEARCH_WORDS,
)  # fmt: skip
