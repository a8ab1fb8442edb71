"""Run a command, and run it again where somebody else was in its way and nothing of it can show.

That is a deadlock, which the database ended by rolling the command's transaction back, and a record that another
changed between the command's reading and its writing: done again, it does what it would have done a moment later.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from crm_cli.errors import CrmError, ExitCode, LockedError

if TYPE_CHECKING:
    from crm_cli.commands.context import Crm

__all__ = ["carried_out"]

_CHANGED = "changed-meanwhile"  # `history.ChangedMeanwhileError`, which is not imported for nothing
_MOST = 8
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0  # seconds, doubled each time and spread, so that two do not meet again


def carried_out(crm: Crm, work: Callable[[], ExitCode | None]) -> ExitCode | None:
    """Run `work`, the command's function; up to eight times where another was in its way.

    Nothing of it can show where no transaction was committed, nothing was written to the standard output, and nothing
    was read from the standard input. At a terminal a record that was changed meanwhile is for the person to look at.
    Raises what `work` raises, and `NotAllowedError` for what the database does not let the login do.
    """
    for attempt in range(1, _MOST):
        try:
            return _refusing(work)
        except CrmError as error:
            if not _was_in_the_way(crm, error) or not _is_untouched(crm):
                raise
            time.sleep(min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
    return _refusing(work)


def _refusing(work: Callable[[], ExitCode | None]) -> ExitCode | None:
    try:
        return work()
    except CrmError:
        raise
    except Exception as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: Exception) -> CrmError | None:
    if "sqlalchemy" not in sys.modules:
        return None  # no database was opened, so it was none that refused
    from sqlalchemy.exc import DBAPIError

    from crm_cli.store import refusal_of

    return refusal_of(error) if isinstance(error, DBAPIError) else None


def _was_in_the_way(crm: Crm, error: CrmError) -> bool:
    if isinstance(error, LockedError):
        return bool(error.facts.get("deadlock"))
    return error.code == _CHANGED and not crm.console.can_ask


def _is_untouched(crm: Crm) -> bool:
    commits = crm.store.commits if "store" in crm.__dict__ else 1
    return not (commits or crm.console.showed or "-" in crm.surroundings.argv)
