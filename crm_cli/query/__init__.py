"""The question room: the `--where` language, paths such as `account.owner.email`, selections, and search.

`compile_where` checks a condition against the dictionary, `select_records` and `record_ids` read what it selects,
`paths` lists what may be written. `search` finds records by words; `reindex` and `catch_up` keep its index.

To add a function to the language: name it in `condition.py` (`operand`), build it in `operands.py`, and where the
databases word it differently, in `constructs.py`. Whatever is not named there is refused.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from crm_cli.query.faults import ConditionError
from crm_cli.query.index import catch_up, changed_records, reindex
from crm_cli.query.money import major_units, minor_digits
from crm_cli.query.paths import Path, PathInfo, paths, resolve
from crm_cli.query.scope import Scope
from crm_cli.query.search import Hit, search
from crm_cli.query.selection import (
    Selection,
    all_columns,
    count_records,
    ids_of,
    record_ids,
    select_columns,
    select_records,
    summary_columns,
)
from crm_cli.query.tokens import tokens_of

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo

    from crm_cli.dictionary import Dictionary, Entity
    from crm_cli.query.condition import Condition

__all__ = [
    "ConditionError",
    "Hit",
    "Path",
    "PathInfo",
    "Scope",
    "Selection",
    "all_columns",
    "catch_up",
    "changed_records",
    "compile_where",
    "count_records",
    "ids_of",
    "major_units",
    "minor_digits",
    "paths",
    "record_ids",
    "reindex",
    "resolve",
    "search",
    "select_columns",
    "select_records",
    "summary_columns",
    "tokens_of",
]


def compile_where(
    dictionary: Dictionary,
    entity: str | Entity,
    text: str,
    *,
    now: datetime | None = None,
    today: date | None = None,
    zone: tzinfo = UTC,
) -> Condition:
    """Return the condition that `text` means for records of `entity`; see `condition.compile_where`.

    The parser is imported here, when there is something to parse: it takes a fifth of a second, which every command
    that only selects would pay.
    """
    from crm_cli.query import condition

    return condition.compile_where(dictionary, entity, text, now=now, today=today, zone=zone)
