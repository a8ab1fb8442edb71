"""Conditions against a naive reading of them: random trees, evaluated in Python with SQL's three truth values."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import UnknownFieldError, fold, shipped
from crm_cli.query import ConditionError, Selection, compile_where, record_ids, select_records
from crm_cli.store import Store

Truth = bool | None
Row = dict[str, Any]
Tree = tuple[str, Callable[[Row], Truth]]  # as it is written, and what it means

SHIPPED = shipped()
TEXTS = ("given_name", "family_name", "city", "email", "account.name", "owner.username", "account.owner.email")
NUMBERS = ("id", "visits", "score", "account.employees")
FLAGS = ("vip", "owner.active")
SIGNS = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
WORDS = ("Ann", "ANN", "müller", "MÜLLER", "o'neil", "王", "köln", "new york", "New  York", "acme inc.", "li", "maria",
         "ann@acme.example", "strasse & söhne", "", "zz", "ann_100%@acme.example")  # fmt: skip


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def compared(
    name: str, sign: str, value: Any, key: Callable[[Any], Any] = lambda value: value
) -> Callable[[Row], Truth]:
    return lambda row: None if row[name] is None else bool(SIGNS[sign](key(row[name]), key(value)))


def text_atom(name: str, sign: str, word: str) -> Tree:
    return f"{name} {sign} {quoted(word)}", compared(name, sign, word, fold)


def number_atom(name: str, sign: str, number: float) -> Tree:
    return f"{name} {sign} {number}", compared(name, sign, number)


def date_atom(sign: str, day: date) -> Tree:
    return f"birth_date {sign} '{day}'", compared("birth_date", sign, day)


def flag_atom(name: str) -> Tree:
    return name, lambda row: row[name]


def null_atom(name: str) -> Tree:
    return f"{name} is null", lambda row: row[name] is None


def in_atom(name: str, words: list[str]) -> Tree:
    keys = {fold(word) for word in words}
    return (
        f"{name} in ({', '.join(quoted(word) for word in words)})",
        lambda row: None if row[name] is None else fold(row[name]) in keys,
    )


def like_atom(name: str, pieces: list[str]) -> Tree:
    shapes = {"%": ".*", "_": "."}
    shape = "".join(shapes.get(piece) or re.escape(fold(piece) or "") for piece in pieces)
    written = "".join(piece if piece in shapes else re.sub(r"([%_\\])", r"\\\1", piece) for piece in pieces)
    pattern = re.compile(shape, re.DOTALL)
    return (
        f"{name} like {quoted(written)}",
        lambda row: None if row[name] is None else pattern.fullmatch(fold(row[name]) or "") is not None,
    )


def negated(tree: Tree) -> Tree:
    def meaning(row: Row) -> Truth:
        value = tree[1](row)
        return None if value is None else not value

    return f"not ({tree[0]})", meaning


def joined(word: str, left: Tree, right: Tree) -> Tree:
    decisive = word == "or"

    def meaning(row: Row) -> Truth:
        values = (left[1](row), right[1](row))
        if decisive in values:
            return decisive
        return None if None in values else not decisive

    return f"({left[0]}) {word} ({right[0]})", meaning


signs = st.sampled_from(sorted(SIGNS))
texts = st.sampled_from(TEXTS)
atoms = st.one_of(
    st.builds(text_atom, texts, signs, st.sampled_from(WORDS)),
    st.builds(number_atom, st.sampled_from(NUMBERS), signs, st.sampled_from([-2, 0, 1.5, 3, 4, 12, 30.5])),
    st.builds(date_atom, signs, st.sampled_from([date(1980, 2, 29), date(1990, 1, 1), date(1999, 12, 31)])),
    st.builds(flag_atom, st.sampled_from(FLAGS)),
    st.builds(null_atom, st.sampled_from((*TEXTS, *NUMBERS, *FLAGS, "birth_date"))),
    st.builds(in_atom, texts, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)),
    st.builds(
        like_atom,
        texts,
        st.lists(st.sampled_from(["%", "_", "ann", "MÜL", "acme", "@", "%%", "*", "[", "王"]), max_size=4),
    ),
)
trees = st.recursive(
    atoms,
    lambda inner: st.one_of(st.builds(negated, inner), st.builds(joined, st.sampled_from(["and", "or"]), inner, inner)),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(tree=trees)
def test_a_condition_means_what_it_says(company: Store, tree: Tree) -> None:
    text, meaning = tree
    names = ("id", "birth_date", *TEXTS, *NUMBERS[1:], *FLAGS)
    with company.read() as connection:
        found = record_ids(company, connection, Selection(entity="contact", where=text))
        rows = list(select_records(company, connection, Selection(entity="contact", columns=names)))
    expected = [row[0] for row in rows if meaning(dict(zip(names, row, strict=True))) is True]
    assert found == expected, text


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60) | st.text(alphabet="abid =<>()'\"%,.;-*/ andornit1", max_size=60))
def test_any_text_is_a_condition_or_a_usage_error(text: str) -> None:
    with suppress(ConditionError, UnknownFieldError):  # anything else would be a traceback to the user
        compile_where(SHIPPED, "contact", text)
