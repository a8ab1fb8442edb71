"""A question in SQL, asked as it is written: one SELECT, read-only by the database, within a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import hide
from crm_cli.errors import CrmError
from crm_cli.reports.definition import Definition, ReportError
from crm_cli.reports.guarding import read_only
from crm_cli.reports.masking import masked_places
from crm_cli.reports.running import plain_value
from crm_cli.reports.statement import executable, parsed
from crm_cli.store import Store

__all__ = ["Answer", "QuestionTimeoutError", "ask_sql"]

_AT_ONCE = 1_000
# SQLite, PostgreSQL (query_canceled), MariaDB and MySQL, each in its own words
_TIMED_OUT = ("interrupted", "statement timeout", "max_statement_time", "max_execution_time", "maximum statement exec")


class QuestionTimeoutError(CrmError):
    """The question took longer than it was allowed to."""

    code = "timeout"


@dataclass(frozen=True)
class Answer:
    """What a question was answered by: names of columns, and rows that are read as they are asked for."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def ask_sql(
    store: Store, text: str, given: Mapping[str, str] | None = None, *, seconds: float | None = None
) -> Iterator[Answer]:
    """Ask the database `text`, one SELECT in its own words; `:name` stands for a text of `given`.

    Rows are read while the block lasts; values of masked fields come as `•••`, as far as the statement tells which
    columns they are. Raises `ReportError` for anything but one SELECT, a missing value or what the database refuses,
    `QuestionTimeoutError` after `seconds`.
    """
    question = Definition(name="sql", sql=text, title="", path="the statement")
    tree = parsed(question, store.backend)
    statement = executable(tree, store.backend)
    bound = _bound(statement, given or {})
    try:
        with store.read() as connection, read_only(connection, seconds):
            options = {"stream_results": True, "max_row_buffer": _AT_ONCE}
            result = connection.execute(statement, bound, execution_options=options)
            columns = list(result.keys())
            hidden = masked_places(store.dictionary, tree, columns)
            yield Answer(_distinct(columns), _rows(result, hidden))
    except sa.exc.DBAPIError as fault:
        said = str(fault.orig)
        if any(words in said.lower() for words in _TIMED_OUT):
            hint = "narrow it, or allow more: --timeout SECONDS"
            raise QuestionTimeoutError(f"stopped after {seconds:g} seconds", hint=hint) from fault
        raise ReportError(f"the database refuses the statement: {said}", hint="crm schema show ENTITY") from fault


def _distinct(names: list[str]) -> list[str]:
    """Tell columns of one name apart: `id`, `id_2`."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found


def _bound(statement: sa.TextClause, given: Mapping[str, str]) -> dict[str, str]:
    asked = set(statement._bindparams)
    if missing := sorted(asked - set(given)):
        raise ReportError(f"no value for :{missing[0]}", hint=f"--set {missing[0]}=VALUE", parameter=missing[0])
    if unused := sorted(set(given) - asked):
        raise ReportError(
            f"the statement has no :{unused[0]}", hint="parameters are written :name", parameter=unused[0]
        )
    return dict(given)


def _rows(result: sa.CursorResult[Any], hidden: set[int]) -> Iterator[tuple[Any, ...]]:
    for part in result.partitions(_AT_ONCE):
        for row in part:
            values = [plain_value(value) for value in row]
            for place in hidden:
                values[place] = hide(values[place])
            yield tuple(values)
