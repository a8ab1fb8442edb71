"""The examples of each command's help are tried: in a project with an empty database none breaks."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from crm_cli.commands.lazy import docstring_parts
from tests.commands.conftest import CrmRunner
from tests.commands.test_grammar import EVERY

_NOT_RUN = {("crm", "demo"), ("crm", "db", "restore")}  # they end elsewhere: in another folder, in another database
_REFUSED = re.compile(r"error: (no such|missing |unexpected|option |invalid value for|.*takes no)", re.IGNORECASE)


@pytest.mark.slow
def test_the_program_takes_every_example(project: CrmRunner) -> None:
    """They find nothing, but none is refused for how it is written, and none ends in a defect of the program."""
    tried = 0
    for words, command in EVERY.items():
        for line in docstring_parts(command.help or "")[1]:
            if words in _NOT_RUN or any(sign in line for sign in ("|", "<", "$", "&&")) or not line.startswith("crm "):
                continue
            outcome: Any = project(*shlex.split(line, comments=True)[1:])
            assert not _REFUSED.search(outcome.stderr), f"{line}\n{outcome.stderr}"
            assert "this is a bug" not in outcome.stderr, f"{line}\n{outcome.stderr}"
            tried += 1
    assert tried > 100
