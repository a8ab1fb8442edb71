"""Measure a command as a whole: clock, processor seconds and memory, of its process and all that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cost", "run_measured"]

_EVERY = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the clock and of the processor, peak memory in MB, and what the command said, if it failed."""

    seconds: float
    processor: float
    peak_mb: float
    fault: str = ""


def run_measured(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command in `folder` to its end."""
    with (folder / "output.txt").open("w+b") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in command], cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        watch = _Watch(child.pid)
        watch.start()
        _, status, usage = os.wait4(child.pid, 0)  # with those of its own children for which it waited
        seconds = time.perf_counter() - started
        watch.ended.set()
        watch.join()
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    own = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    fault = "" if child.returncode == 0 else f"exit {child.returncode}: {said[-300:].strip()}"
    return Cost(seconds, usage.ru_utime + usage.ru_stime, max(own, watch.peak_mb), fault)


class _Watch(threading.Thread):
    """Adds up the memory of a process and its descendants again and again (Linux; elsewhere that of one process)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak_mb = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(_EVERY):
            self.peak_mb = max(self.peak_mb, sum(_resident_mb(pid) for pid in _family(self.pid)))


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            children = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii")
        except OSError:
            continue
        found += [int(word) for word in children.split()]
    return found


def _resident_mb(pid: int) -> float:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6
