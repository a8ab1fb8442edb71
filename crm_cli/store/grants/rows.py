"""Whose rows they are: for each table the condition under which a login that does not see everything sees a row.

A record is its owner's. A part of a record is seen with the record, what joins two records with both. Tables about
which nothing is said here are closed to such logins: the log, the search index and what matching keeps repeat values of
records that the login does not see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm_cli.dictionary import Dictionary, Entity, EntityRole, Field

__all__ = ["OUTLINES", "RowCondition", "owned_entities"]

# What everybody has to know to read records: who works here, how the market is parted, which fields there are.
_OPEN = frozenset({
    *("app_user", "team", "territory", "territory_rule", "territory_member", "source_system"),
    *("relationship_type", "custom_field", "lease"),
})  # fmt: skip
# Of these a login that sees less has these columns of all rows: how far the log went, for exports; which groups of
# fields an import carried, for audits of freshness.
OUTLINES = {"operation": ("id",), "import_batch": ("id", "groups")}
_SEEN_WITH_BOTH = {"relationship": ("party_id", "other_party_id"), "activity_link": ("activity_id", "record_id")}


@dataclass(frozen=True)
class RowCondition:
    """Writes the condition in SQL: `quote` names a column or alias, `table` a table, `owner` tests a column of owners.

    `within` repeats the condition of a record where one of its parts is asked for; it is off where the database sees to
    that itself.
    """

    dictionary: Dictionary
    quote: Callable[[str], str]
    table: Callable[[str], str]
    owner: Callable[[str], str]
    within: bool = True

    def of(self, entity: Entity, alias: str) -> str | None:
        """Return the condition for the rows of `entity` under this alias: "" for all, None where there are none."""
        if entity.name in _OPEN or entity.name in OUTLINES:
            return ""
        if entity.name in owned_entities(self.dictionary):
            return self.owner(self._column(alias, "owner_id"))
        if entity.name == "party":
            return self._refers_to("party", self._column(alias, "id"))
        fields = [one for one in entity.fields if self._holds(entity, one)]
        return " AND ".join(self._through(one, alias) for one in fields) if fields else None

    def _holds(self, entity: Entity, one: Field) -> bool:
        if entity.name in _SEEN_WITH_BOTH:
            return one.name in _SEEN_WITH_BOTH[entity.name]
        return bool(one.reference and one.reference.owned and self._is_seen(one.reference.entity))

    def _is_seen(self, target: str | None) -> bool:
        return target is None or target == "party" or target in owned_entities(self.dictionary)

    def _through(self, one: Field, alias: str) -> str:
        column = self._column(alias, one.name)
        if one.reference is None or one.reference.entity is not None:
            return self._refers_to(one.reference.entity if one.reference and one.reference.entity else "", column)
        kind = self._column(alias, one.reference.entity_field)
        names = owned_entities(self.dictionary)
        return "(" + " OR ".join(f"({kind} = '{name}' AND {self._exists(name, column)})" for name in names) + ")"

    def _refers_to(self, target: str, column: str) -> str:
        subtypes = [entity.name for entity in self.dictionary if entity.subtype_of == target]
        return "(" + " OR ".join(self._exists(name, column) for name in subtypes or [target]) + ")"

    def _exists(self, name: str, column: str) -> str:
        alias = f"seen_{name}"
        owner = f" AND {self.owner(self._column(alias, 'owner_id'))}" if self.within else ""
        source = f"{self.table(name)} AS {self.quote(alias)}"
        return f"EXISTS (SELECT 1 FROM {source} WHERE {self._column(alias, 'id')} = {column}{owner})"  # noqa: S608

    def _column(self, alias: str, name: str) -> str:
        return f"{self.quote(alias)}.{self.quote(name)}"


def owned_entities(dictionary: Dictionary) -> tuple[str, ...]:
    """Return the names of the entities whose records have owners."""
    return tuple(one.name for one in dictionary if one.role is EntityRole.RECORD and "owner_id" in one.by_name)
