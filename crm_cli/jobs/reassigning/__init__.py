"""Hand-overs that a file lists: `record,owner` pairs, or `from,to` pairs of users.

`read_pairs` reads the file, `reassign_pairs` carries it out in one operation; what does not fit is listed with the
reason, `write_rejects` writes it so that it can be mended and given again.
"""

from crm_cli.jobs.reassigning.pairs import HandoverFile, PairRow, read_pairs
from crm_cli.jobs.reassigning.run import PairMoves, Refused, reassign_pairs, write_rejects

__all__ = ["HandoverFile", "PairMoves", "PairRow", "Refused", "read_pairs", "reassign_pairs", "write_rejects"]
