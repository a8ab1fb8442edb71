"""How many records one command may change."""

from __future__ import annotations

from crm_cli.errors import CrmError, ExitCode

__all__ = ["TooManyChangesError", "refuse_too_many"]


class TooManyChangesError(CrmError):
    """More records would change than --max-changes allows."""

    code = "too-many-changes"
    exit_code = ExitCode.FINDINGS


def refuse_too_many(noun: str, count: int, limit: int | None) -> None:
    """Raise `TooManyChangesError` (exit 3) when more than `limit` records would change."""
    if limit is not None and count > limit:
        hint = f"narrow the condition, or allow it with --max-changes {count}"
        raise TooManyChangesError(f"{count} records ({noun}) would change, {limit} are allowed", hint=hint, count=count)
