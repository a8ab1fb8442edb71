"""The engine's stages as a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crm_cli.commands.kit import Crm

__all__ = ["engine_progress"]

_PARTS = 100


@contextmanager
def engine_progress(crm: Crm, label: str) -> Iterator[Callable[[str, float], None]]:
    """Yield what the engine tells its stages to: `(stage, share done)` moves the bar."""
    with crm.console.progress(label, _PARTS) as bar:
        shown = 0

        def advance(_stage: str, share: float) -> None:
            nonlocal shown
            done = int(share * _PARTS)
            bar.advance(max(0, done - shown))
            shown = max(shown, done)

        yield advance
