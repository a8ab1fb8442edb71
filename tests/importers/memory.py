"""How much memory a process took."""

from __future__ import annotations

import re
import sys
from pathlib import Path

__all__ = ["peak_memory"]

_STATUS = Path("/proc/self/status")


def peak_memory() -> int:
    """Return the most memory, in bytes, that this process or a child of it took; 0 where the system doesn't say."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    children = unit * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # On Linux getrusage counts what the parent had when it started this process; the high-water mark begins anew.
    found = re.search(r"VmHWM:\s*(\d+) kB", _STATUS.read_text(encoding="ascii")) if _STATUS.exists() else None
    own = int(found[1]) * 1024 if found else unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, children)
