"""Run a command, and run it again where the database ended its transaction for another's sake."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from crm_cli.errors import CrmError, ExitCode, LockedError

if TYPE_CHECKING:
    from crm_cli.commands.context import Crm

__all__ = ["carried_out"]

_MOST = 4
_FIRST_WAIT = 0.05  # seconds, doubled each time and spread, so that two do not meet again


def carried_out(crm: Crm, work: Callable[[], ExitCode | None]) -> ExitCode | None:
    """Run `work`, the command's function; up to four times where it met a deadlock and nothing of it can show.

    Nothing can show where no transaction was committed, nothing was written to the standard output, and nothing was
    read from the standard input. Raises what `work` raises, and `NotAllowedError` for what the database does not let
    the login do.
    """
    for attempt in range(1, _MOST):
        try:
            return _refusing(crm, work)
        except LockedError as error:
            if not error.facts.get("deadlock") or not _is_untouched(crm):
                raise
            time.sleep(_FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
    return _refusing(crm, work)


def _refusing(crm: Crm, work: Callable[[], ExitCode | None]) -> ExitCode | None:
    try:
        return work()
    except CrmError:
        raise
    except Exception as error:
        refusal = _refusal(crm, error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(crm: Crm, error: Exception) -> CrmError | None:
    if "store" not in crm.__dict__:
        return None  # no database, so it was none that refused; and SQLAlchemy is not loaded for nothing
    from sqlalchemy.exc import DBAPIError

    from crm_cli.store import refusal_of

    return refusal_of(error) if isinstance(error, DBAPIError) else None


def _is_untouched(crm: Crm) -> bool:
    return not (crm.store.commits or crm.console.showed or "-" in crm.surroundings.argv)
