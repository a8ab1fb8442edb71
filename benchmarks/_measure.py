"""Time a piece of work in a process of its own, and print the figures as a table.

A process of its own, because peak memory can only be read for a whole process, and because what one piece of work
left in caches must not flatter the next.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

__all__ = ["Figure", "machine", "measure", "show"]


@dataclass(frozen=True, slots=True)
class Figure:
    """What one piece of work cost: seconds (median and best of the repeats), rows handled, peak memory in MB."""

    name: str
    seconds: float
    best: float
    rows: int
    peak_mb: float | None

    @property
    def rows_per_second(self) -> float:
        """Rows a second, by the median."""
        return self.rows / self.seconds if self.seconds else 0.0


def measure(
    name: str,
    work: Callable[..., Any],
    *arguments: Any,
    rows: int = 0,
    repeat: int = 3,
    prepare: Callable[[], Any] | None = None,
) -> Figure:
    """Run `work(*arguments)` `repeat` times, each in a fresh process (spawned, so all of it must be picklable).

    Neither the start of the interpreter is counted, nor the import of the module that defines `work`, nor `prepare`,
    which is called before it.
    """
    context = multiprocessing.get_context("spawn")
    runs = []
    for _ in range(repeat):
        # Not multiprocessing.Pool, which starts a worker that dies at birth again and again for ever.
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            runs.append(pool.submit(_run, work.__module__, work, arguments, prepare).result())
    seconds = [each[0] for each in runs]
    peaks = [each[1] for each in runs if each[1] is not None]
    return Figure(name, statistics.median(seconds), min(seconds), rows, max(peaks, default=None))


def _run(
    module: str, work: Callable[..., Any], arguments: tuple[Any, ...], prepare: Callable[[], Any] | None
) -> tuple[float, float | None]:
    if module != "__main__":
        importlib.import_module(module)
    if prepare:
        prepare()
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started, _peak_mb()


def _peak_mb() -> float | None:
    try:
        import resource  # not on every system
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak) / (1024 * 1024 if sys.platform == "darwin" else 1024)  # macOS counts bytes, others KiB


def machine() -> str:
    """One line that says what the figures were taken on."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def show(figures: Iterable[Figure]) -> None:
    """Print a table that can be pasted into a page."""
    print(f"{machine()}\n")
    print("| | median s | best s | rows/s | peak MB |")
    print("|---|---|---|---|---|")
    for each in figures:
        speed = f"{each.rows_per_second:,.0f}" if each.rows else "–"
        peak = f"{each.peak_mb:,.0f}" if each.peak_mb is not None else "–"
        print(f"| {each.name} | {each.seconds:.3f} | {each.best:.3f} | {speed} | {peak} |")
