"""Conditions of steps: a small expression on the results of earlier steps and on parameters, read and never run.

    import.rejected = 0 and (audit_run.exit_code < 3 or ${force})

Grammar: `or`, `and`, `not`, parentheses; `=  !=  <>  <  <=  >  >=`, `in (…)`; numbers, 'texts', true, false, `${name}`,
and `STEP.RESULT`. A step whose name is no word is written in double quotes, or with `_` for all that is no letter or
digit. A comparison with a result that is not there (the step did not run) does not hold, whatever it compares.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Condition", "ConditionError", "Known", "read_condition", "slug"]

Known = Mapping[str, Mapping[str, Any]]  # step → result → value

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>-?\d+(?:\.\d+)?)(?![\w.]) | '(?P<text>(?:[^']|'')*)' | "(?P<quoted>[^"]+)" | \$\{(?P<parameter>\w+)\}
    | (?P<sign><=|>=|!=|<>|==|[=<>(),.]) | (?P<word>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
_DEEPEST = 50


class ConditionError(ValueError):
    """The text is no condition; says what is wrong, and where."""


@dataclass(frozen=True)
class _Literal:
    value: Any

    def of(self, _results: Known, _values: Mapping[str, Any]) -> Any:
        return self.value


@dataclass(frozen=True)
class _Parameter:
    name: str

    def of(self, _results: Known, values: Mapping[str, Any]) -> Any:
        return values[self.name]


@dataclass(frozen=True)
class _Result:
    step: str
    name: str

    def of(self, results: Known, _values: Mapping[str, Any]) -> Any:
        return results.get(self.step, {}).get(self.name)


@dataclass(frozen=True)
class _Comparison:
    left: _Node
    sign: str
    right: tuple[_Node, ...]  # several for `in`

    def of(self, results: Known, values: Mapping[str, Any]) -> bool:
        left = self.left.of(results, values)
        others = [one.of(results, values) for one in self.right]
        if left is None or None in others:
            return False
        if self.sign == "in":
            return left in others
        right = others[0]
        if isinstance(left, str) != isinstance(right, str):
            raise ConditionError(f"{left!r} and {right!r} cannot be compared: one is a text, the other is none")
        return _COMPARE[self.sign](left, right)


@dataclass(frozen=True)
class _Joined:
    word: str
    parts: tuple[_Node, ...]

    def of(self, results: Known, values: Mapping[str, Any]) -> bool:
        found = (_truth(part, results, values) for part in self.parts)
        return all(found) if self.word == "and" else any(found)


@dataclass(frozen=True)
class _Not:
    part: _Node

    def of(self, results: Known, values: Mapping[str, Any]) -> bool:
        return not _truth(self.part, results, values)


_Node = _Literal | _Parameter | _Result | _Comparison | _Joined | _Not


def _truth(node: _Node, results: Known, values: Mapping[str, Any]) -> bool:
    found = node.of(results, values)
    if found is None:
        return False
    if not isinstance(found, bool):
        raise ConditionError(f"{found!r} is neither true nor false: compare it with something")
    return found


@dataclass(frozen=True)
class Condition:
    """A condition that was read: `text` as written."""

    text: str
    root: _Node

    def holds(self, results: Known, values: Mapping[str, Any]) -> bool:
        """Return whether it holds; `ConditionError` where things are compared that cannot be."""
        return _truth(self.root, results, values)

    @property
    def results(self) -> list[tuple[str, str]]:
        """The results that it looks at, as (step, result)."""
        return [(one.step, one.name) for one in _leaves(self.root) if isinstance(one, _Result)]

    @property
    def parameters(self) -> list[str]:
        """The parameters that it looks at."""
        return [one.name for one in _leaves(self.root) if isinstance(one, _Parameter)]


def slug(name: str) -> str:
    """Return the name of a step as one word: `_` for all that is no letter or digit."""
    return re.sub(r"\W", "_", name)


def _leaves(node: _Node) -> Iterator[_Node]:
    if isinstance(node, _Comparison):
        for part in (node.left, *node.right):
            yield from _leaves(part)
    elif isinstance(node, _Joined):
        for part in node.parts:
            yield from _leaves(part)
    elif isinstance(node, _Not):
        yield from _leaves(node.part)
    else:
        yield node


def read_condition(text: str) -> Condition:
    """Read a condition; `ConditionError` says what is wrong and at which character."""
    reader = _Reader(text)
    root = reader.either(0)
    reader.end()
    return Condition(text, root)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.kind, self.value = "", ""
        self._next()

    def _next(self) -> None:
        rest = self.text[self.place :]
        if not rest.strip():
            self.kind, self.value = "end", ""
            return
        found = _TOKEN.match(self.text, self.place)
        if found is None or found.lastgroup is None:
            raise self._wrong(rest.strip()[:10])
        self.place, self.kind, self.value = found.end(), found.lastgroup, found[found.lastgroup]

    def _wrong(self, what: str = "") -> ConditionError:
        shown = what or self.value or "the end"
        return ConditionError(f"{shown!r} is not expected at character {self.place} of {self.text!r}")

    def _takes(self, *words: str) -> str:
        word = self.value.casefold() if self.kind in ("word", "sign") else ""
        if word not in words:
            return ""
        self._next()
        return word

    def _demand(self, sign: str) -> None:
        if not self._takes(sign):
            raise ConditionError(f"{sign!r} is missing at character {self.place} of {self.text!r}")

    def end(self) -> None:
        if self.kind != "end":
            raise self._wrong()

    def either(self, depth: int) -> _Node:
        return self._joined("or", lambda: self._joined("and", lambda: self._part(depth)))

    def _joined(self, word: str, part: Callable[[], _Node]) -> _Node:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else _Joined(word, tuple(parts))

    def _part(self, depth: int) -> _Node:
        if depth > _DEEPEST:
            raise ConditionError(f"the condition is nested more than {_DEEPEST} deep")
        if self._takes("not"):
            return _Not(self._part(depth + 1))
        if self._takes("("):
            inner = self.either(depth + 1)
            self._demand(")")
            return inner
        return self._comparison()

    def _comparison(self) -> _Node:
        left = self._operand()
        if self._takes("in"):
            self._demand("(")
            choices = [self._operand()]
            while self._takes(","):
                choices.append(self._operand())
            self._demand(")")
            return _Comparison(left, "in", tuple(choices))
        sign = self._takes(*_COMPARE, "==")
        return _Comparison(left, "=" if sign == "==" else sign, (self._operand(),)) if sign else left

    def _operand(self) -> _Node:
        kind, value = self.kind, self.value
        if kind == "word" and value.casefold() in ("true", "false"):
            self._next()
            return _Literal(value.casefold() == "true")
        if kind in ("word", "quoted"):
            self._next()
            self._demand(".")
            if self.kind != "word":
                raise self._wrong()
            name = self.value
            self._next()
            return _Result(value, name)
        made: dict[str, Callable[[], _Node]] = {
            "number": lambda: _Literal(float(value) if "." in value else int(value)),
            "text": lambda: _Literal(value.replace("''", "'")),
            "parameter": lambda: _Parameter(value),
        }
        if kind not in made:
            raise self._wrong()
        self._next()
        return made[kind]()
