"""Profiling: what is in the columns of a table, before anybody trusts them. One pass, bounded memory, no database.

`Profiler` takes rows by column (`columns_of`), `profile` gives a `TableProfile`. What a cell goes through on its way:
`column.py` counts, `kinds.py` says what it is written as, `checks.py` what is wrong with its characters; `judging.py`
says at the end what that means. To add something worth a look: a `Problem` in `model.py`, and its test there.
"""

from crm_cli.audits.profiling.model import (
    Bin,
    ColumnProfile,
    Counted,
    DataType,
    DuplicateHint,
    Finding,
    PatternCount,
    Problem,
    TableProfile,
)
from crm_cli.audits.profiling.placeholders import is_filler
from crm_cli.audits.profiling.profiler import Cells, Profiler, batch_size, columns_of
from crm_cli.audits.profiling.repeats import Repeats, counted_values

__all__ = [
    "Bin",
    "Cells",
    "ColumnProfile",
    "Counted",
    "DataType",
    "DuplicateHint",
    "Finding",
    "PatternCount",
    "Problem",
    "Profiler",
    "Repeats",
    "TableProfile",
    "batch_size",
    "columns_of",
    "counted_values",
    "is_filler",
]
