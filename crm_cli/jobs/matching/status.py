"""Where the duplicates of an entity stand: searched, to review, decided, ready to merge, merged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm_cli.jobs.decisions import read_decisions
from crm_cli.jobs.matching.merging import decided_groups
from crm_cli.jobs.matching.model import SURE, WORTH_A_LOOK, NoRunError
from crm_cli.jobs.matching.queue import open_candidates
from crm_cli.jobs.matching.runs import last_run
from crm_cli.store import Store

__all__ = ["DedupeStatus", "dedupe_status"]


@dataclass(frozen=True, slots=True)
class DedupeStatus:
    """Figures of the last search and of what became of it."""

    entity: str
    searched_at: datetime | None
    records_searched: int
    changed_since: int
    to_review: int
    sure: int
    decided: dict[str, int]
    ready_to_merge: int
    merged_ever: int


def dedupe_status(store: Store, entity: str) -> DedupeStatus:
    """Return where the duplicates of `entity` stand; figures of a search are 0 when there was none."""
    declared = store.dictionary.entity(entity)
    table = store.table(declared.name)
    try:
        run = last_run(store, declared)
        pairs = [one for one in open_candidates(store, declared) if one.probability >= WORTH_A_LOOK]
    except NoRunError:
        run, pairs = None, []
    living = sa.and_(table.c.deleted_at.is_(None), table.c.merged_into_id.is_(None))
    with store.read() as connection:
        decided = Counter(one.verdict for one in read_decisions(store, connection, declared.name).values())
        merged = connection.scalar(sa.select(sa.func.count()).where(table.c.merged_into_id.is_not(None))) or 0
        changed = 0
        if run is not None:
            query = sa.select(sa.func.count()).where(living, table.c.updated_at > run.started_at)
            changed = connection.scalar(query) or 0
    sure = sum(one.probability >= SURE for one in pairs)
    return DedupeStatus(
        declared.noun, run.finished_at if run else None, run.records if run else 0, changed, len(pairs) - sure, sure,
        dict(sorted(decided.items())), len(decided_groups(store, declared)), merged,
    )  # fmt: skip
