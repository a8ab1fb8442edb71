"""History: every write is an operation – logged, previewed by a dry run, undone, blamed; and what confirmed a value.

    with operation(store, "set", Author("maria")) as op:
        op.update("contact", {42: {"job_title": "Buyer"}})

Nothing else writes records. Inserts are logged as one thin row, updates with the fields that changed, removals whole.
To add a kind of write: open an operation with a kind of its own; undo, log and blame follow.
"""

from crm_cli.history.assigning import assign
from crm_cli.history.blame import BlameLine, blame
from crm_cli.history.confirmation import ALL_CARRIED, OF_ONE_POINT, confirm, confirm_batch
from crm_cli.history.conflicts import Refusal
from crm_cli.history.erasing import ERASE, blank_changes, note_erased, set_change_values
from crm_cli.history.later_work import Stays
from crm_cli.history.log import LoggedChange, LoggedOperation, read_changes, read_log, read_operation
from crm_cli.history.operation import Author, Operation, operation
from crm_cli.history.resolution import resolve, resolve_all, stood_for_by
from crm_cli.history.rows import ValueTooLongError, WrongValueError, check_value, takes_all
from crm_cli.history.tombstones import (
    KEY_CHECK,
    ErasedPersonError,
    NoTombstoneKeyError,
    Tombstones,
    Trait,
    email_trait,
    erased_message,
    external_trait,
    key_check,
    phone_trait,
    refuse_other_key,
    traits_of,
)
from crm_cli.history.undo import AlreadyUndoneError, ErasureStaysError, UndoResult, last_operation, undo
from crm_cli.history.undo_run import RunUndo, run_operations, undo_run
from crm_cli.history.updates import ChangedMeanwhileError, Update
from crm_cli.history.values import plain

__all__ = [
    "ALL_CARRIED",
    "ERASE",
    "KEY_CHECK",
    "OF_ONE_POINT",
    "AlreadyUndoneError",
    "Author",
    "BlameLine",
    "ChangedMeanwhileError",
    "ErasedPersonError",
    "ErasureStaysError",
    "LoggedChange",
    "LoggedOperation",
    "NoTombstoneKeyError",
    "Operation",
    "Refusal",
    "RunUndo",
    "Stays",
    "Tombstones",
    "Trait",
    "UndoResult",
    "Update",
    "ValueTooLongError",
    "WrongValueError",
    "assign",
    "blame",
    "blank_changes",
    "check_value",
    "confirm",
    "confirm_batch",
    "email_trait",
    "erased_message",
    "external_trait",
    "key_check",
    "last_operation",
    "note_erased",
    "operation",
    "phone_trait",
    "plain",
    "read_changes",
    "read_log",
    "read_operation",
    "refuse_other_key",
    "resolve",
    "resolve_all",
    "run_operations",
    "set_change_values",
    "stood_for_by",
    "takes_all",
    "traits_of",
    "undo",
    "undo_run",
]
