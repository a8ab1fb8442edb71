"""Automation: scripts as data – steps in order, typed parameters, an outcome a step. Later the workflow engine.

This room reads, checks and runs a script; what a step *does* is handed in as a registry of step kinds, because steps
are jobs (`jobs/scripting.py`). To add a step kind: a function there and its line in the registry.
"""

from crm_cli.automation.running import ScriptResult, StepKind, StepOutcome, run_script
from crm_cli.automation.script import Script, ScriptError, Step, read_script

__all__ = ["Script", "ScriptError", "ScriptResult", "Step", "StepKind", "StepOutcome", "read_script", "run_script"]
