"""Progress bars, drawn by Rich; imported only when a bar is really shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["bar"]


class _Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def advance(self, count: int = 1) -> None:
        self._progress.advance(self._task, count)


@contextmanager
def bar(stream: TextIO, label: str, total: int | None) -> Iterator[_Bar]:
    """Show a bar on `stream` while the block runs; it goes away afterwards. `total` None means unknown."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=RichConsole(file=stream), transient=True) as progress:
        yield _Bar(progress, progress.add_task(label, total=total))
