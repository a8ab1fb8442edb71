"""Reconcile: compare records with another system's list, row by row and field by field, and fill what is blank here.

    with reconcile(store, "contact", "erp.csv", ReconcileOptions(key=("email",))) as found:
        for row in found.summary: …
        write_result(found, Path("differences.xlsx"))

Both sides are read by the functions of an import (`said`), kept in a temporary database (`ledger`), matched by a key
(`keys`) and compared (`comparing`). `filling` takes over what is blank here, by an import's rule of the same name.
"""

from crm_cli.jobs.reconciling.comparing import FieldCount, FieldSum
from crm_cli.jobs.reconciling.filling import fill_blanks
from crm_cli.jobs.reconciling.options import ReconcileOptions
from crm_cli.jobs.reconciling.result import Difference, Filled, Part, Reconciliation, Whole
from crm_cli.jobs.reconciling.run import reconcile
from crm_cli.jobs.reconciling.writing import check_result_target, document, samples, sum_rows, write_result

__all__ = [
    "Difference",
    "FieldCount",
    "FieldSum",
    "Filled",
    "Part",
    "ReconcileOptions",
    "Reconciliation",
    "Whole",
    "check_result_target",
    "document",
    "fill_blanks",
    "reconcile",
    "samples",
    "sum_rows",
    "write_result",
]
