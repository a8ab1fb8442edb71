"""What can be wrong with a script."""

from __future__ import annotations

from crm_cli.errors import UsageError

__all__ = ["ScriptError"]


class ScriptError(UsageError):
    """The script is not what a script can be: unknown step, missing value, wrong type."""

    code = "script"
