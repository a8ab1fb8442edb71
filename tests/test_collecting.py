from __future__ import annotations

import gc

import pytest

from crm_cli.collecting import seldom_collecting


def test_collecting_goes_on_after_a_job_that_fails() -> None:
    with pytest.raises(RuntimeError):
        _failing_job()
    assert gc.isenabled()


def _failing_job() -> None:
    with seldom_collecting():
        assert not gc.isenabled()
        raise RuntimeError


def test_who_has_switched_it_off_finds_it_so() -> None:
    gc.disable()
    try:
        with seldom_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
