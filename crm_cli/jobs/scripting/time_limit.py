"""A limit to how long a step may take: an alarm that ends it as SIGTERM would, and is told as an error of the step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from crm_cli.errors import CrmError

__all__ = ["StepTimeoutError", "interruption_behind", "time_limit"]


class StepTimeoutError(CrmError):
    """A step took longer than it may."""

    code = "step-timeout"


class _TimedOut(BaseException):
    """The alarm: like SIGTERM no `Exception`, so that a connection which it finds half sent is given up."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[Callable[[], None]]:
    """End the block after so many seconds with `StepTimeoutError`; yields what calls the alarm off.

    Raises `CrmError` where the system has no such alarm, or the block is not run by the main thread.
    """
    if seconds is None:
        yield lambda: None
        return
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        raise CrmError("a timeout needs the alarm of a POSIX system", hint="leave timeout out")
    armed = [True]

    def ring(_signal: int, _frame: Any) -> None:
        if armed:
            raise _TimedOut
        return

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield armed.clear
    except BaseException as fault:
        armed.clear()
        if isinstance(interruption_behind(fault), _TimedOut):
            hint = "give it more time, or fewer records"
            raise StepTimeoutError(f"it took longer than {seconds:g} seconds", hint=hint) from None
        raise
    finally:
        armed.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def interruption_behind(error: BaseException) -> BaseException | None:
    """Return the Ctrl-C, SIGTERM or alarm on whose way out another error arose, as where a rollback failed."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        if not isinstance(found, Exception):
            return found
        seen.add(id(found))
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return None
