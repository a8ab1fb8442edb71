"""Which command goes further: a profile says what is there, others mend it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_cli.audits.profiling import ColumnProfile, Finding, Problem

__all__ = ["NextSteps"]

_STANDARDIZED = frozenset({Problem.BLANKS, Problem.CONTROL})
_UNSAFE = frozenset({Problem.MOJIBAKE, Problem.HTML, Problem.PLACEHOLDER})
_REPEATED = frozenset({Problem.NEAR_KEY})
_OF_FILES: Mapping[Problem, str] = {Problem.OPEN_ORDER: "crm clean {} --date-order dmy -o clean.csv"}


@dataclass(frozen=True)
class NextSteps:
    """The commands for a `file` (as the user calls it), or for an `entity`."""

    file: str = ""
    entity: str = ""

    @property
    def duplicates(self) -> str:
        """What finds duplicates, also those that are spelled otherwise."""
        return f"crm dedupe find {self.entity}" if self.entity else f"crm dedupe file {self._file} -o clusters.csv"

    def added(self, finding: Finding, column: ColumnProfile) -> Finding:
        """Return the finding with what goes further, if a command does."""
        step = self._of_entity(finding.problem, column.name) if self.entity else self._of_file(finding.problem)
        return replace(finding, next=step) if step else finding

    def _of_entity(self, problem: Problem, field: str) -> str:
        if problem is Problem.SPELLING:
            return f"crm values show {self.entity}.{field}"
        if problem in _STANDARDIZED:
            return f"crm standardize {self.entity} --dry-run"
        if problem in _UNSAFE:
            return f"crm standardize {self.entity} --unsafe --dry-run"
        return self.duplicates if problem in _REPEATED else ""

    def _of_file(self, problem: Problem) -> str:
        if problem in _OF_FILES:
            return _OF_FILES[problem].format(self._file)
        if problem in _STANDARDIZED:
            return f"crm clean {self._file} -o clean.csv"
        return self.duplicates if problem in _REPEATED else ""

    @property
    def _file(self) -> str:
        return shlex.quote(self.file)
