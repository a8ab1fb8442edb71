"""How a hand-over is dealt out among those who take it."""

from __future__ import annotations

from crm_cli.errors import UsageError, did_you_mean

__all__ = ["split_way"]

_WAYS = ("even", "round_robin")


def split_way(text: str) -> str:
    """Return the way that `--split` names, `round-robin` too; `UsageError` for an unknown one."""
    word = text.replace("-", "_")
    if word not in _WAYS:
        hint = did_you_mean(word, list(_WAYS)) or " or ".join(_WAYS)
        raise UsageError(f"--split {text} is unknown", hint=hint)
    return word
