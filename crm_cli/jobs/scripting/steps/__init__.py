"""The steps that a script may run: each a job, with options as data. The commands of the same names do the same.

To add one: a function that takes the context and the options as read, and its `StepKind`, in the file of its kind here.
A step that writes gets a store inside the transaction of the step, and takes no lock of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_cli.automation import StepKind
from crm_cli.jobs.scripting.context import ScriptContext
from crm_cli.jobs.scripting.steps import intake, mending, output, quality, work

__all__ = ["STEPS"]

STEPS: Mapping[str, StepKind[ScriptContext]] = {
    kind.name: kind for kind in (*intake.KINDS, *quality.KINDS, *mending.KINDS, *work.KINDS, *output.KINDS)
}
