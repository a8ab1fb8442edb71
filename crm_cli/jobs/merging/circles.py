"""No circles: a company does not come to belong to its own subsidiary, nor a person to report to who reports to them.

Merging a record with its grandparent would leave the one in between above and below the survivor at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from crm_cli.dictionary import Entity, Field, Survivorship
from crm_cli.history import Operation
from crm_cli.jobs.merging.clusters import Cluster
from crm_cli.jobs.merging.model import FieldChoice

__all__ = ["break_circles"]


def break_circles(
    op: Operation, entity: Entity, clusters: Sequence[Cluster], choices: dict[int, list[FieldChoice]]
) -> None:
    """Blank, in `choices`, each reference of a survivor to its own kind that would lead back to the survivor."""
    survivor_of = {loser: cluster.survivor for cluster in clusters for loser in cluster.losers}
    for one in entity.references:
        if one.reference is None or one.reference.entity != entity.name or one.required:
            continue
        above = {cluster.survivor: _above(cluster, one, choices[cluster.survivor]) for cluster in clusters}
        if not any(above.values()):
            continue
        links = {**_links(op, entity, one), **above}
        for survivor, number in above.items():
            if number is not None and _leads_back(survivor, number, links, survivor_of):
                rest = [choice for choice in choices[survivor] if choice.field != one.name]
                choices[survivor] = [*rest, FieldChoice(one.name, None, survivor, Survivorship.SURVIVOR)]
                links[survivor] = None


def _above(cluster: Cluster, one: Field, choices: Sequence[FieldChoice]) -> int | None:
    """The record that the survivor will refer to."""
    chosen = next((choice for choice in choices if choice.field == one.name), None)
    number = cluster.rows[0][one.name] if chosen is None else chosen.value
    return None if number is None else int(number)


def _links(op: Operation, entity: Entity, one: Field) -> dict[int, int | None]:
    table = op.store.table(entity.name)
    query = sa.select(table.c.id, table.c[one.name]).where(
        table.c[one.name].is_not(None), table.c.merged_into_id.is_(None)
    )
    return {row[0]: row[1] for row in op.connection.execute(query)}


def _leads_back(survivor: int, start: int, links: Mapping[int, int | None], survivor_of: Mapping[int, int]) -> bool:
    met: set[int] = set()
    number: int | None = survivor_of.get(start, start)
    while number is not None and number not in met:
        if number == survivor:
            return True
        met.add(number)
        following = links.get(number)
        number = None if following is None else survivor_of.get(following, following)
    return False
