"""Records edited in a spreadsheet: a workbook out, and only what a person changed in it back in.

`export_for_edit` writes the workbook, `import_edits` takes it back as one operation, `is_edit_workbook` recognizes it.
`columns.py` says which fields stand in it and what they take, `layout.py` how values are shown and compared.
"""

from crm_cli.jobs.sheet_editing.applying import EditOptions, EditResult, import_edits
from crm_cli.jobs.sheet_editing.columns import masked_of
from crm_cli.jobs.sheet_editing.exporting import export_for_edit
from crm_cli.jobs.sheet_editing.reading import EditWorkbookError, is_edit_workbook

__all__ = [
    "EditOptions",
    "EditResult",
    "EditWorkbookError",
    "export_for_edit",
    "import_edits",
    "is_edit_workbook",
    "masked_of",
]
