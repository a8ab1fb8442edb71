"""Python's search for cycles, put off while a job makes millions of objects that hold none.

Every row becomes a few hundred short-lived objects; the search looks through them again and again and finds nothing.
That took a quarter of the time of an import.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collect_young", "seldom_collecting"]


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for cycles only when `collect_young` asks, inside the block."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_young() -> None:
    """Look for cycles among what was made since the last time, so that those that do arise cannot pile up."""
    gc.collect(0)
