"""Automation: scripts as data – steps in order, typed parameters, conditions, an outcome a step; and when they are due.

This room reads, checks and runs a script; what a step *does* is handed in as declared kinds, because steps are jobs
(`jobs/scripting/`). To add a kind of step: a function and its `StepKind` there; help, checks, conditions and the JSON
Schema follow. To add a type of option: a `ValueType` in `values.py`.
"""

from crm_cli.automation.errors import ScriptError
from crm_cli.automation.kinds import ALWAYS_TOLD, Option, StepKind, StepOutcome, check_script, kind_of
from crm_cli.automation.parameters import BUILT_IN
from crm_cli.automation.running import LEFT_OUT, Performer, ScriptResult, StepReport, done_report, left_out, run_steps
from crm_cli.automation.schedule import Due, Every, Schedule, ScheduleError, read_due, read_every, read_schedule
from crm_cli.automation.schema import script_schema
from crm_cli.automation.script import Script, Step, read_script

__all__ = [
    "ALWAYS_TOLD",
    "BUILT_IN",
    "LEFT_OUT",
    "Due",
    "Every",
    "Option",
    "Performer",
    "Schedule",
    "ScheduleError",
    "Script",
    "ScriptError",
    "ScriptResult",
    "Step",
    "StepKind",
    "StepOutcome",
    "StepReport",
    "check_script",
    "done_report",
    "kind_of",
    "left_out",
    "read_due",
    "read_every",
    "read_schedule",
    "read_script",
    "run_steps",
    "script_schema",
]
