"""The store: engine, schema, migrations, ids, bulk load, lease, backup. Knows nothing of people or rules.

Open one with `Store.open(url)`. Tables come from the dictionary (`schema.py`); the measured rules of the three
databases are in `engine.py` and `bulk.py`. To change a table: change the declaration in `dictionary/declaration`, run
`python -m crm_cli.store.migrations.generate "what changes"`, read the revision, commit both.
"""

from crm_cli.store.bulk import bulk_insert, bulk_insert_columns, in_chunks, renew_statistics
from crm_cli.store.engine import normal_url, shown_url
from crm_cli.store.faults import NotAllowedError, is_busy, refusal_of
from crm_cli.store.lease import Lease
from crm_cli.store.schema import COMMON_COLUMNS
from crm_cli.store.store import NoDatabaseError, SchemaVersionError, Store

__all__ = [
    "COMMON_COLUMNS",
    "Lease",
    "NoDatabaseError",
    "NotAllowedError",
    "SchemaVersionError",
    "Store",
    "bulk_insert",
    "bulk_insert_columns",
    "in_chunks",
    "is_busy",
    "normal_url",
    "refusal_of",
    "renew_statistics",
    "shown_url",
]
