"""Single records by the same rules as bulk: search before create, add, set, edit, delete, restore, list, 360° view.

Commands build a `Reader` for the entity, let it turn `name=value` texts into standard forms (`Given`), and hand that to
`add`, or a `ChangePlan` to `apply_changes`, inside an operation. Reading never writes, planning never writes.

To add what hangs on a record to its view: a function in `view.py` or `origins.py` that returns rows, and its heading in
`view`; what other rooms know of it is added by the job `viewing`. References and entities of the dictionary appear by
themselves. `verify` writes down what asking found.
"""

from crm_cli.records.adding import Added, add
from crm_cli.records.addressing import AmbiguousRecordError, Located, locate, locate_all
from crm_cli.records.changing import ChangePlan, apply_changes, plan_changes
from crm_cli.records.choosing import Chosen, choose, choose_deleted
from crm_cli.records.custom import FieldExistsError, NewField, add_field
from crm_cli.records.document import BadDocumentError, Document, document_of
from crm_cli.records.finding import Found, find
from crm_cli.records.given import Given, NotEditableError, Reader, SlotValue
from crm_cli.records.life import life
from crm_cli.records.listing import Listed, Listing, fields_of, list_records, listed
from crm_cli.records.references import find_reference
from crm_cli.records.removing import delete, referring_counts, restore
from crm_cli.records.similar import Candidate, similar
from crm_cli.records.titles import titles_of
from crm_cli.records.uniqueness import AlreadyTakenError
from crm_cli.records.verifying import Said, State, Verified, VerifiedPoint, parse_said, verifiable_groups, verify
from crm_cli.records.view import View, view

__all__ = [
    "Added",
    "AlreadyTakenError",
    "AmbiguousRecordError",
    "BadDocumentError",
    "Candidate",
    "ChangePlan",
    "Chosen",
    "Document",
    "FieldExistsError",
    "Found",
    "Given",
    "Listed",
    "Listing",
    "Located",
    "NewField",
    "NotEditableError",
    "Reader",
    "Said",
    "SlotValue",
    "State",
    "Verified",
    "VerifiedPoint",
    "View",
    "add",
    "add_field",
    "apply_changes",
    "choose",
    "choose_deleted",
    "delete",
    "document_of",
    "fields_of",
    "find",
    "find_reference",
    "life",
    "list_records",
    "listed",
    "locate",
    "locate_all",
    "parse_said",
    "plan_changes",
    "referring_counts",
    "restore",
    "similar",
    "titles_of",
    "verifiable_groups",
    "verify",
    "view",
]
