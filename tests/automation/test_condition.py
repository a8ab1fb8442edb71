"""Conditions: read by a grammar of their own, never run as code."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.automation.condition import ConditionError, read_condition

RESULTS: dict[str, dict[str, Any]] = {"a": {"n": 3, "f": 0.5, "s": "it's", "b": True}, "b": {"n": 0}}
VALUES = {"limit": 3, "who": "li", "yes": True, "none": None}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a.n = 3", True),
        ("a.n == 3 and b.n != 0", False),
        ("a.n <> 3 or b.n < 1", True),
        ("b.n = 1 or a.n = 3 and a.f = 0.5", True),  # and binds closer than or
        ("(b.n = 1 or a.n = 3) and a.f > 0.5", False),
        ("not a.n > 3 and not (b.n >= 1)", True),
        ("a.s = 'it''s'", True),
        ("a.n in (1, 2, 3) AND ${who} IN ('li', 'tom')", True),
        ("a.n >= -1", True),
        ("a.n = ${limit}", True),
        ("${yes}", True),
        ("a.b = true", True),
        ("not false", True),
        ("a.gone = 1", False),
        ("nobody.n != 1", False),
        ("a.n = ${none}", False),
        ("a.gone", False),
        ("${none} or a.b", True),
    ],
)
def test_what_holds(text: str, holds: bool) -> None:
    assert read_condition(text).holds(RESULTS, VALUES) is holds


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.n =", "a.n = 3)", "(a.n = 3", "a.n = 3 b.n", "a.n in ()", "a..n = 1", "a.n ! 3", "3x = 1", "and",
     "__import__('os')", "a.n; b.n", "(" * 60 + "true" + ")" * 60],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        read_condition(text)


@pytest.mark.parametrize("text", ["a.n", "a.n = 'three'", "a.s < 3", "1", "'x'"])
def test_what_cannot_be_compared_is_said(text: str) -> None:
    with pytest.raises(ConditionError, match="compare"):
        read_condition(text).holds(RESULTS, VALUES)


def test_what_it_looks_at_is_known_before_it_is_asked() -> None:
    condition = read_condition('a.n = 1 or not ("dedupe find".clusters in (${limit}, b.n))')
    assert condition.results == [("a", "n"), ("dedupe find", "clusters"), ("b", "n")]
    assert condition.parameters == ["limit"]


TREES = st.recursive(
    st.tuples(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(-3, 3), st.integers(-3, 3)),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=12,
)  # fmt: skip


def written(tree: Any) -> tuple[str, str]:
    """The tree as a condition, and as Python, which is the reference."""
    word, *parts = tree
    if word == "not":
        ours, theirs = written(parts[0])
        return f"not ({ours})", f"(not {theirs})"
    if word in ("and", "or"):
        (left, left_python), (right, right_python) = written(parts[0]), written(parts[1])
        return f"({left}) {word} ({right})", f"({left_python} {word} {right_python})"
    sign = "==" if word == "=" else word
    return f"{parts[0]} {word} {parts[1]}", f"({parts[0]} {sign} {parts[1]})"


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_it_holds_as_the_same_in_python_does(tree: Any) -> None:
    ours, theirs = written(tree)
    assert read_condition(ours).holds({}, {}) is eval(theirs, {"__builtins__": {}})
