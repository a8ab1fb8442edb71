"""What is wrong with the characters of values, counted over all cells as they pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from crm_cli.audits.profiling.kinds import NUMBER
from crm_cli.audits.profiling.model import Counted, Finding, Problem

__all__ = ["CharacterChecks"]

_EXAMPLES, _SHOWN = 100, 5
_BLANKS = r"^\s|\s$|  |\t"
_CONTROL = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u00ad\u180e\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff]"
)
# UTF-8 that was read as Windows-1252 or Latin-1: its first bytes become these letters, what follows a sign.
_MOJIBAKE = (
    "[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|â€|ï»¿|ðŸ"
)
_LOST = "\ufffd"
_HTML = r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
_FLOATED = r"^-?\d+\.0+$"
_TESTS = {
    Problem.BLANKS: _BLANKS,
    Problem.CONTROL: _CONTROL,
    Problem.MOJIBAKE: _MOJIBAKE,
    Problem.LOST_CHARACTER: _LOST,
    Problem.HTML: _HTML,
}
_ANY = "|".join(_TESTS.values())
_SOUND_ACCENTS = "[\u00c4-\u00d6\u00d8-\u00f6\u00f8-\u017f]"
_SAID = {
    Problem.BLANKS: "blanks around the value, or several between its words",
    Problem.CONTROL: "characters that nobody sees: control characters, zero width, direction marks",
    Problem.MOJIBAKE: "text that was read in the wrong encoding (such as Ã¼ for ü)",
    Problem.LOST_CHARACTER: "characters that were lost: a replacement sign stands for them",
    Problem.HTML: "HTML codes instead of the characters they stand for",
}


class CharacterChecks:
    """Takes the different values of one batch after the other, gives findings."""

    def __init__(self) -> None:
        self._counts: dict[Problem, int] = defaultdict(int)
        self._examples: dict[Problem, dict[str, int]] = defaultdict(dict)
        self.fractions = 0  # numbers that are not written as whole ones
        self._accents = 0

    def add(self, counts: pl.DataFrame) -> None:
        """Take a frame of `value`, `count` and `kind`, each value once."""
        value = pl.col("value")
        suspects = counts.filter(value.str.contains(_ANY))
        if len(suspects):
            for problem, test in _TESTS.items():
                self._keep(problem, suspects.filter(value.str.contains(test)))
        numbers = counts.filter(pl.col("kind") == NUMBER)
        if len(numbers):
            self.fractions += int(numbers["count"].sum())
            self._keep(Problem.FLOATED, numbers.filter(value.str.contains(_FLOATED)))
        if Problem.MOJIBAKE in self._counts and not self._accents:
            sound = counts.filter(value.str.contains(_SOUND_ACCENTS) & ~value.str.contains(_MOJIBAKE))
            self._accents = int(sound["count"].sum())

    def _keep(self, problem: Problem, hits: pl.DataFrame) -> None:
        if not len(hits):
            return
        self._counts[problem] += int(hits["count"].sum())
        examples = self._examples[problem]
        for value, count in (
            hits.select("value", "count").sort(["count", "value"], descending=[True, False]).iter_rows()
        ):
            if value in examples or len(examples) < _EXAMPLES:
                examples[value] = examples.get(value, 0) + count

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        for problem, message in _SAID.items():
            if count := self._counts.get(problem):
                if problem is Problem.MOJIBAKE and self._accents:
                    message = f"{message}, beside values that were read rightly: two encodings in one column"  # noqa: PLW2901
                yield Finding(problem, message, count, self._shown(problem))
        floated = self._counts.get(Problem.FLOATED, 0)
        if floated and floated == self.fractions:
            message = "whole numbers written with a fraction of nothing, as a program leaves them: 12345.0"
            yield Finding(Problem.FLOATED, message, floated, self._shown(Problem.FLOATED))

    def _shown(self, problem: Problem) -> list[Counted]:
        ordered = sorted(self._examples[problem].items(), key=lambda item: (-item[1], item[0]))
        return [Counted(value, count) for value, count in ordered[:_SHOWN]]
