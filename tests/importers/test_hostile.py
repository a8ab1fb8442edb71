"""Files that are made to do harm are refused quickly, in little memory, with what to do about it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.pool import Pool
from pathlib import Path

import pytest

from crm_cli.errors import CrmError
from crm_cli.importers import read_tables
from tests.importers.hostile import MAKERS
from tests.importers.memory import peak_memory

QUICK = 5.0
LITTLE = 400 << 20


@pytest.fixture(scope="module")
def child() -> Iterator[Pool]:
    """A process apart, so that its memory can be measured."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield pool


def attempt(path: Path) -> tuple[str, str, float, int]:
    """Read a file to its end; return the message and the hint that refuse it, the seconds, and the peak memory."""
    start, message, hint = time.process_time(), "", ""
    try:
        for table in read_tables(path):
            for _ in table.rows():
                pass
    except CrmError as error:
        message, hint = error.message, error.hint
    return message, hint, time.process_time() - start, peak_memory()


@pytest.mark.parametrize("kind", MAKERS)
def test_it_is_refused_quickly_in_little_memory(tmp_path: Path, child: Pool, kind: str) -> None:
    make, suffix, reason = MAKERS[kind]
    path = tmp_path / "a" / "b" / f"people{suffix}"
    path.parent.mkdir(parents=True)
    make(path)
    before = sorted(tmp_path.rglob("*"))
    message, hint, seconds, memory = child.apply_async(attempt, (path,)).get(timeout=60)
    assert reason in message
    assert "people." in message or "inner.zip" in message
    assert hint
    assert seconds < QUICK
    assert memory < LITTLE
    assert sorted(tmp_path.rglob("*")) == before  # nothing was unpacked anywhere
