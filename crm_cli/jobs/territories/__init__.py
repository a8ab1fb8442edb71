"""What territories need of other rooms: simulations as a page, proposals as a file.

To add a figure that simulations show: a field of `territories.Workload`, a column in `rows.py`, which both the screen
and the page show.
"""

from crm_cli.jobs.territories.files import write_page, write_plan
from crm_cli.jobs.territories.page import page_lines
from crm_cli.jobs.territories.rows import fairness_rows, money, simulation_document, tree_rows, work_rows

__all__ = [
    "fairness_rows",
    "money",
    "page_lines",
    "simulation_document",
    "tree_rows",
    "work_rows",
    "write_page",
    "write_plan",
]
