"""Explaining a record and one of another entity: the engine runs on both sides as they are now, once."""

from __future__ import annotations

from crm_cli.dedupe import AcrossResult, explain_pair
from crm_cli.dedupe import find_across as match_across
from crm_cli.dictionary import Entity
from crm_cli.errors import NotFoundError
from crm_cli.history import resolve
from crm_cli.jobs.matching.across.loading import Sides, load_sides
from crm_cli.jobs.matching.across.sides import Across
from crm_cli.jobs.matching.waterfalls import Waterfall, shown_waterfall, waterfall_of
from crm_cli.store import Store

__all__ = ["AcrossReasons"]


class AcrossReasons:
    """Explains pairs across two entities; the engine runs once, when the first explanation is asked for."""

    def __init__(self, store: Store, across: Across) -> None:
        self.store, self.across = store, across
        self._run: tuple[Sides, AcrossResult] | None = None

    def explain(self, left: int, right: int) -> Waterfall | None:
        """Explain two records as they are now; None where there is nothing to compare.

        Ids of merged records stand for their survivors. Raises `NotFoundError` for a record that does not exist.
        """
        left = resolve(self.store, self.across.entity.name, left)
        right = resolve(self.store, self.across.other.name, right)
        if self._run is None or left not in self._run[0].left.number_of:
            with self.store.read() as connection:
                sides = load_sides(self.store, connection, self.across, linked=[left])
            self._run = sides, match_across(sides.left.table, sides.right.table)
        sides, found = self._run
        i = _number(self.across.entity, sides.left.number_of, left)
        j = _number(self.across.other, sides.right.number_of, right)
        why = explain_pair(found.result, i, found.left_rows + j)
        if why is None:
            return None
        made = waterfall_of(why, left, right)
        return shown_waterfall(self.store.dictionary, made, self.across.entity, self.across.other)


def _number(entity: Entity, known: dict[int, int], record: int) -> int:
    if record not in known:
        hint = f"crm {entity.noun} list shows those that exist"
        raise NotFoundError(f"there is no {entity.noun} {record} to compare", hint=hint, record_id=record)
    return known[record]
