"""The match index: what the last whole search settled, kept in the database, so that few records meet all others.

`write_index` keeps it after a whole search (`building.py`); `catch_up` brings it up to date from the log of operations,
so that it knows of every write, merge and undo before it answers (`upkeep.py`); `neighbours` asks it (`asking.py`).
"""

from crm_cli.jobs.matching.index.asking import Neighbourhood, neighbourhood
from crm_cli.jobs.matching.index.building import waiting_operations, write_index
from crm_cli.jobs.matching.index.explaining import explain_by_index
from crm_cli.jobs.matching.index.kept import MatchIndex, NoIndexError, read_index
from crm_cli.jobs.matching.index.upkeep import catch_up

__all__ = [
    "MatchIndex",
    "Neighbourhood",
    "NoIndexError",
    "catch_up",
    "explain_by_index",
    "neighbourhood",
    "read_index",
    "waiting_operations",
    "write_index",
]
