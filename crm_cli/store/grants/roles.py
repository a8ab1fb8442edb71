"""What each role may do with each table; a table that nobody decided about is closed to writers other than admins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm_cli.dictionary import Dictionary, Entity
from crm_cli.store.grants.rows import OUTLINES

__all__ = ["Rights", "Role", "Sees", "readable_columns", "rights_of"]


class Role(StrEnum):
    """What a login may do."""

    ADMIN = "admin"  # everything
    STEWARD = "steward"  # reads and writes records, merges, imports, audits, undoes
    ANALYST = "analyst"  # reads what is not masked, of the rows that it sees
    SERVICE = "service"  # reads; adds leads and activities; audits


class Sees(StrEnum):
    """Whose records a login sees."""

    OWN = "own"
    TEAM = "team"
    DIVISION = "division"
    ALL = "all"

    @property
    def is_narrow(self) -> bool:
        """Whether there are records that it does not see."""
        return self is not Sees.ALL


@dataclass(frozen=True)
class Rights:
    """What may be done with the rows of one table; `only` are the columns that an update may set, empty for all."""

    select: bool = True
    insert: bool = False
    update: bool = False
    delete: bool = False
    only: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether anything may be written."""
        return self.insert or self.update or self.delete


_READ = Rights()
_ADD = Rights(insert=True)
_CHANGE = Rights(insert=True, update=True)
_ALL = Rights(insert=True, update=True, delete=True)
_COUNTER = Rights(update=True, only=("next_id",))

# Who sees what is decided by users and teams, so whoever may write those sees everything.
_ADMINS_ALONE = frozenset({"app_user", "team", "custom_field", "erasure", "erasure_key"})
_STEWARD: dict[str, Rights] = {"change": _ADD, "operation": _CHANGE, "id_allocation": _COUNTER}
_SERVICE: dict[str, Rights] = {
    **dict.fromkeys(("lead", "activity", "activity_link", "confirmation", "change"), _ADD),
    **dict.fromkeys(("audit_run", "finding", "quality_snapshot"), _CHANGE),
    **dict.fromkeys(("lease", "search_record", "search_posting", "search_words"), _ALL),
    "operation": Rights(insert=True, update=True, only=("finished_at", "summary", "indexed", "matched")),
    "id_allocation": _COUNTER,
}
# To refer to a record means to lock it, for which PostgreSQL asks for the right to update some column of it.
_LOCKED_BY_SERVICE = frozenset({"account", "contact", "opportunity"})
# What a hash is of can be found by trying values.
_HASHES = frozenset({"erasure_key", "match_key", "value_frequency"})


def rights_of(role: Role, entity: Entity) -> Rights:
    """Return what `role` may do with the table of `entity`."""
    if role is Role.ADMIN:
        return _ALL
    if role is Role.STEWARD:
        return _READ if entity.name in _ADMINS_ALONE else _STEWARD.get(entity.name, _ALL)
    if role is Role.ANALYST and entity.name in _HASHES:
        return Rights(select=False)
    if role is Role.SERVICE:
        locked = Rights(update=True, only=("row_version",)) if entity.name in _LOCKED_BY_SERVICE else _READ
        return _SERVICE.get(entity.name, locked)
    return _READ


def readable_columns(
    dictionary: Dictionary, entity: Entity, columns: list[str], sees: Sees = Sees.ALL
) -> list[str]:  # fmt: skip
    """Return those of a table's columns that an analyst reads, in their order: all that hold nothing of a masked field.

    What a source says that has no field stands in `extra`, fields that were added at run time in `custom`: the one is
    closed where any field is masked, the other where one of those is.
    """
    if sees.is_narrow and entity.name in OUTLINES:
        return list(OUTLINES[entity.name])
    if not dictionary.is_masked:
        return columns
    if entity.name == "confirmation":
        return [name for name in columns if name != "source"]  # of a bounce it is the address
    if not entity.masked:
        return columns
    closed = {*entity.masked, "extra"}
    if any(one.masked and one.custom for one in entity.fields):
        closed.add("custom")
    return [name for name in columns if name not in closed]
