"""What a database's error means: somebody else writes, two stood in each other's way, or the login may not do this."""

from __future__ import annotations

import sqlalchemy as sa

from crm_cli.errors import CrmError

__all__ = ["NotAllowedError", "is_busy", "is_deadlock", "refusal_of"]

_BUSY = ("database is locked", "database table is locked", "lock wait timeout", "could not obtain lock")
# PostgreSQL: deadlock_detected, serialization_failure; MariaDB: ER_LOCK_DEADLOCK, ER_CHECKREAD
_ENDED_FOR_ANOTHER = {"40P01", "40001", 1213, 1020}
# PostgreSQL: insufficient_privilege; MariaDB: access denied to a database, table, column, routine; for a privilege; and
# a table that is not among the views of a login that sees less
_REFUSED = {"42501", 1044, 1142, 1143, 1370, 1227, 1146}


class NotAllowedError(CrmError):
    """The database does not let this login do that."""

    code = "not-allowed"


def is_busy(fault: sa.exc.DBAPIError) -> bool:
    """Tell whether the fault means "somebody else is writing", worth another try."""
    text = str(fault.orig).lower()
    return is_deadlock(fault) or any(word in text for word in _BUSY)


def is_deadlock(fault: sa.exc.DBAPIError) -> bool:
    """Tell whether the database ended the transaction for another's sake: it is rolled back, and may be done again."""
    return _code(fault) in _ENDED_FOR_ANOTHER or "deadlock" in str(fault.orig).lower()


def refusal_of(fault: sa.exc.DBAPIError) -> NotAllowedError | None:
    """Return the fault as an error that says so, where the login lacks a right; else None."""
    if _code(fault) not in _REFUSED:
        return None
    said = str(fault.orig.args[-1] if fault.orig and fault.orig.args else fault.orig).partition("\n")[0]
    return NotAllowedError(
        f"the database does not let this login do that: {said}", hint="crm db rights shows who may do what"
    )


def _code(fault: sa.exc.DBAPIError) -> str | int | None:
    """The server's own code: the first argument of PyMySQL's errors, `sqlstate` of psycopg."""
    first = fault.orig.args[0] if fault.orig is not None and fault.orig.args else None
    return first if isinstance(first, int) else getattr(fault.orig, "sqlstate", None)
