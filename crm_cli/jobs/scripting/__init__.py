"""Scripts of jobs: run, resumed, rehearsed, undone as one, and told about when they did not run.

`planning.py` says what is to be run, `executing.py` runs it, `performing.py` carries a step out, `journal.py` keeps
account in the database, `event_log.py` writes the log for machines, `lateness.py` says what should have run and did
not, `steps/` is what a step can be.
"""

from __future__ import annotations

from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.event_log import JsonLog, ScriptEvent, Watch
from crm_cli.jobs.scripting.executing import execute_script
from crm_cli.jobs.scripting.journal import PastRun, last_run
from crm_cli.jobs.scripting.lateness import Lateness, find_scheduled, lateness
from crm_cli.jobs.scripting.planning import InterruptedRunError, RunRequest, ScriptChangedError
from crm_cli.jobs.scripting.steps import STEPS

__all__ = [
    "STEPS",
    "InterruptedRunError",
    "JsonLog",
    "Lateness",
    "PastRun",
    "RunRequest",
    "ScriptChangedError",
    "ScriptContext",
    "ScriptEvent",
    "Watch",
    "execute_script",
    "find_scheduled",
    "last_run",
    "lateness",
]
