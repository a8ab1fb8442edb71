"""Bounces: what mail servers and mailing services say of addresses, written down as standings and confirmations.

`services` reads rows of a table, `crm_cli.importers.dsn` mails; `holders` finds whose addresses they are, `judging`
says what becomes of each, `run` writes it, as one operation.
"""

from crm_cli.jobs.bounces.judging import SOFT_DAYS
from crm_cli.jobs.bounces.run import BounceOptions, BounceResult, import_bounces

__all__ = ["SOFT_DAYS", "BounceOptions", "BounceResult", "import_bounces"]
