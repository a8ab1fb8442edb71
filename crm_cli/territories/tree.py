"""Territories as a tree, each with what is in it and in all its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from crm_cli.dictionary import shown
from crm_cli.store import Store
from crm_cli.territories.rules import Member, read_members
from crm_cli.territories.workload import Workload, by_territory, measure_work

__all__ = ["Node", "parents_of", "read_tree", "territory_names"]


@dataclass
class Node:
    """A territory: its depth in the tree, its own work, that of it and all its parts together, its members."""

    id: int
    name: str
    parent: int | None
    depth: int = 0
    own: Workload = field(default_factory=Workload)
    whole: Workload = field(default_factory=Workload)
    members: list[Member] = field(default_factory=list)


def territory_names(store: Store, connection: sa.Connection) -> dict[int, str]:
    """Return the names of the living territories as views show them, by number."""
    table = store.table("territory")
    name = store.dictionary.entity("territory").field("name")
    query = sa.select(table.c.id, table.c.name).where(table.c.deleted_at.is_(None)).order_by(table.c.name_key)
    return {row.id: shown(name, row.name) for row in connection.execute(query)}


def parents_of(store: Store, connection: sa.Connection) -> dict[int, int | None]:
    """Return the parent of each living territory; none where that was deleted."""
    table = store.table("territory")
    query = sa.select(table.c.id, table.c.parent_id).where(table.c.deleted_at.is_(None))
    above = {row.id: row.parent_id for row in connection.execute(query)}
    return {number: parent if parent in above else None for number, parent in above.items()}


def read_tree(store: Store, connection: sa.Connection, today: date) -> list[Node]:
    """Return the territories, each after its parent, brothers by name."""
    names, above = territory_names(store, connection), parents_of(store, connection)
    members = read_members(store, connection)
    work = by_territory(measure_work(store, connection, today))
    nodes = {
        number: Node(number, name, above[number], own=work.get(number, Workload()), members=members.get(number, []))
        for number, name in names.items()
    }
    for node in nodes.values():
        for number in _upwards(node.id, above):
            nodes[number].whole.add(node.own)
    ordered = list(_downwards(nodes, None, 0, set()))
    left = [node for number, node in nodes.items() if number not in {one.id for one in ordered}]
    return ordered + left  # a circle, which only a write past this program can make, is shown flat


def _upwards(number: int, above: Mapping[int, int | None]) -> Iterator[int]:
    seen: set[int] = set()
    here: int | None = number
    while here is not None and here not in seen:
        seen.add(here)
        yield here
        here = above.get(here)


def _downwards(nodes: Mapping[int, Node], parent: int | None, depth: int, seen: set[int]) -> Iterator[Node]:
    for node in nodes.values():
        if node.parent == parent and node.id not in seen:
            seen.add(node.id)
            node.depth = depth
            yield node
            yield from _downwards(nodes, node.id, depth + 1, seen)
