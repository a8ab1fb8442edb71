"""Writing data out: one file a target format behind one interface, and masking.

`export_rows` streams rows into a file that appears whole or not at all, `export_tables` several tables into a workbook
or a database; `exporter_for` finds the format by the name of
the file. What is exported (columns, filter, order) is decided by the caller; this room knows only rows of values.

To add a format: a file here with a subclass of `Exporter`, and one line for it in `registry.py`; another distribution
does the same by an entry point in the group `crm_cli.exporters` whose name is the format's suffix. Say in the class's
docstring what the format cannot carry, refuse that with `UnfitValueError`, and add the format to the round-trip tests.
"""

from __future__ import annotations

from crm_cli.exporters.base import Exporter
from crm_cli.exporters.charts import bar, histogram, trend_line
from crm_cli.exporters.masking import Masking, MaskingMethod, SmallestGroup
from crm_cli.exporters.model import (
    ColumnBatches,
    ExportColumn,
    Exported,
    ExportError,
    ExportOptions,
    Row,
    Table,
    UnfitValueError,
    Value,
)
from crm_cli.exporters.page import REPORT_STYLE, code_cell, number_cell, page_head, table_head
from crm_cli.exporters.registry import exporter_for, format_names
from crm_cli.exporters.writing import (
    check_place,
    check_target,
    export_rows,
    export_tables,
    holds_tables,
    put_together,
    write_whole,
)

__all__ = [
    "REPORT_STYLE",
    "ColumnBatches",
    "ExportColumn",
    "ExportError",
    "ExportOptions",
    "Exported",
    "Exporter",
    "Masking",
    "MaskingMethod",
    "Row",
    "SmallestGroup",
    "Table",
    "UnfitValueError",
    "Value",
    "bar",
    "check_place",
    "check_target",
    "code_cell",
    "export_rows",
    "export_tables",
    "exporter_for",
    "format_names",
    "histogram",
    "holds_tables",
    "number_cell",
    "page_head",
    "put_together",
    "table_head",
    "trend_line",
    "write_whole",
]
