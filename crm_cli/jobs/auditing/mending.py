"""What a policy's `fix` does to the records that fail it: run as it stands where nobody has to decide anything.

Run are `standardize ENTITY`, `territory assign ENTITY`, `NOUN set FIELD=VALUE {id}`, `values apply RECIPE` and
`dedupe merge ENTITY` (what was decided). All are logged and undone. What has a placeholder (`…`, `USER`), opens an
editor, only shows something or asks somebody is left to a person.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.audits import Policy
from crm_cli.dictionary import Entity
from crm_cli.errors import CrmError
from crm_cli.query import Selection
from crm_cli.query.selection import ids_of
from crm_cli.store import Store

__all__ = ["AT_ONCE", "Fix", "NeedsPersonError", "fix_words", "plan_fix"]

AT_ONCE = 1_000  # a condition has at most 20 000 characters; 1 000 ids of any size fit
_ID = "{id}"
_PLACEHOLDER = re.compile(r"…|\{|\}|^[A-Z]{2,}$")
_NARROWED = (("standardize",), ("territory", "assign"))  # take ENTITY and --where
_WHOLE = (("values", "apply"), ("dedupe", "merge"))
_ANSWERS = ("--dry-run", "--yes", "-y")  # the caller says these


class NeedsPersonError(CrmError):
    """The policy's `fix` is nothing that could be run without a person."""

    code = "needs-person"


@dataclass(frozen=True)
class Fix:
    """The words of the command that mends the findings, which records it is for, and how many are left for later.

    `shown` is the command without their numbers. `whole` is one that looks at more than these records.
    """

    words: tuple[str, ...]
    shown: str
    records: tuple[int, ...]
    left: int
    whole: bool


def plan_fix(store: Store, policy: Policy, *, where: str | None = None, at_once: int = AT_ONCE) -> Fix:
    """Return what mends the open findings of a policy on records that are there and fit `where`.

    At most `at_once` records at a time. Raises `NeedsPersonError`, and what a wrong `where` raises.
    """
    entity = store.dictionary.entity(policy.entity)
    fix_words(policy, entity, ())
    records = _failing(store, policy, where)
    taken = tuple(records[:at_once])
    words, whole = fix_words(policy, entity, taken)
    shown = shlex.join(("crm", *(word for word in fix_words(policy, entity, ())[0] if word)))
    return Fix(words, shown, tuple(records) if whole else taken, 0 if whole else len(records) - len(taken), whole)


def fix_words(policy: Policy, entity: Entity, records: Sequence[int]) -> tuple[tuple[str, ...], bool]:
    """Return the policy's `fix` as words behind `crm`, for these records, and whether it looks at more than them.

    Raises `NeedsPersonError` for what is none that can be run.
    """
    crm, *words = _parsed(policy) or [""]
    words = [word for word in words if word not in _ANSWERS]
    if crm != "crm" or any(_PLACEHOLDER.search(word) for word in words if word != _ID):
        raise _refused(policy)
    nouns = (entity.name, entity.noun)
    if len(words) > 2 and words[0] in nouns and words[1] == "set" and words.count(_ID) == 1:
        place = words.index(_ID)
        return (*words[:place], *map(str, records), *words[place + 1 :]), False
    if _ID in words:
        raise _refused(policy)
    for verb in _NARROWED:
        if tuple(words[: len(verb)]) == verb and words[len(verb) :] and words[len(verb)] in nouns:
            return _narrowed(policy, words, records), False
    if any(tuple(words[:2]) == verb and len(words) > 2 for verb in _WHOLE):
        return tuple(words), True
    raise _refused(policy)


def _parsed(policy: Policy) -> list[str]:
    try:
        return shlex.split(policy.fix)
    except ValueError:  # an open quotation
        raise _refused(policy) from None


def _narrowed(policy: Policy, words: list[str], records: Sequence[int]) -> tuple[str, ...]:
    if any(word.startswith("--where=") for word in words) or words.count("--where") > 1 or words[-1] == "--where":
        raise _refused(policy)
    chosen = f"id in ({', '.join(map(str, records))})" if records else ""
    if "--where" not in words:
        return (*words, "--where", chosen) if chosen else tuple(words)
    place = words.index("--where") + 1
    condition = f"({words[place]}) and {chosen}" if chosen else words[place]
    return (*words[:place], condition, *words[place + 1 :])


def _refused(policy: Policy) -> NeedsPersonError:
    what = policy.fix.replace(_ID, "ID") or "it names no command"
    hint = "correct the records one by one, as `crm audit findings` says"
    return NeedsPersonError(f"{policy.name} is mended by a person: {what}", hint=hint, policy=policy.name)


def _failing(store: Store, policy: Policy, where: str | None) -> list[int]:
    table = store.table("finding")
    there = ids_of(store, Selection(entity=policy.entity, where=where))
    query = sa.select(table.c.record_id).where(
        table.c.policy == policy.name, table.c.entity == policy.entity, table.c.status == "open",
        table.c.record_id.in_(there),
    )  # fmt: skip
    with store.read() as connection:
        return list(connection.scalars(query.order_by(table.c.record_id)))
