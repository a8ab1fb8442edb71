"""The accounts that come with contacts: known by their names; what all rows say of one is put together."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.history import plain
from crm_cli.importers import Row
from crm_cli.jobs.importing.drafts import Draft, known_as
from crm_cli.jobs.importing.points import with_primaries
from crm_cli.jobs.importing.resolving import KnownRef, Resolver
from crm_cli.store import in_chunks

__all__ = ["ACCOUNT", "Companies", "company_of"]

ACCOUNT = "account"
_NAMED = "name:"  # how the id begins under which a source's account is known that it has only by name


@dataclass
class Companies:
    """The companies of one table: their accounts, and for each a draft that holds what all its rows say.

    The first row that fills a field decides; what a later row says otherwise stays beside its person, in `extra`.
    """

    resolver: Resolver
    rule: str
    ids: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    waiting: Counter[str] = field(default_factory=Counter)  # changed rows of which the person did not change

    def add(self, keys: Sequence[str], rows: Sequence[Draft]) -> list[str]:
        """Put the rows to what is known of their companies; return the companies that were not met before."""
        new: list[str] = []
        for key, row in zip(keys, rows, strict=True):
            known = self.drafts.get(key)
            if known is None:
                new.append(key)
                self.drafts[key] = _begun(key, row)
            else:
                _unite(known, row)
        return new

    def find(self, keys: Sequence[str]) -> tuple[list[str], dict[str, KnownRef]]:
        """Look accounts up by the source's own id, which holds when they were renamed or merged since; then by name.

        Return the companies that have none, and the ids under which deleted ones are known.
        """
        keys = [key for key in keys if key not in self.ids]
        refs = self.resolver.known(ACCOUNT, [_account_id(key) for key in keys])
        deleted = self.resolver.deleted(ACCOUNT, [ref.record_id for ref in refs.values()])
        for key in keys:
            ref = refs.get(_account_id(key))
            if ref is not None and ref.record_id not in deleted:
                self.ids[key] = ref.record_id
        self.ids |= self.resolver.by_name(ACCOUNT, [key for key in keys if key not in self.ids])
        return [key for key in keys if key not in self.ids], refs

    def complete(self, key: str) -> Draft:
        """Return the draft of a company as far as its rows were read, with the hash of what they say."""
        draft = self.drafts[key]
        draft.points[ACCOUNT] = with_primaries(draft.points[ACCOUNT])
        values = {name: plain(value) for name, value in draft.values[ACCOUNT].items()}
        points = sorted(
            [*point.identity, point.values["kind"], point.values["is_primary"]] for point in draft.points[ACCOUNT]
        )
        said = json.dumps([self.rule, values, points], ensure_ascii=False, sort_keys=True)
        draft.content_hash = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        return draft

    def named_before(self, rows: Sequence[Draft]) -> dict[str, int]:
        """Return, for rows that are a company alone, the accounts that rows of people made of them: id → account.

        A row takes over an account that the source has by name only, and no two rows the same.
        """
        wanted = {_account_id(company_of(row)): row.external_id for row in reversed(rows)}
        refs = self.resolver.known(ACCOUNT, wanted)
        deleted = self.resolver.deleted(ACCOUNT, [ref.record_id for ref in refs.values()])
        held = self._held_by_a_row([ref.record_id for ref in refs.values()])
        taken = {ref.record_id: wanted[name] for name, ref in refs.items()}
        return {row: number for number, row in taken.items() if number not in deleted | held}

    def _held_by_a_row(self, ids: Sequence[int]) -> set[int]:
        table = self.resolver.operation.store.table("external_ref")
        found: set[int] = set()
        for chunk in in_chunks(ids):
            query = sa.select(table.c.record_id).where(
                table.c.entity == ACCOUNT, table.c.source_system_id == self.resolver.source_id,
                table.c.record_id.in_(chunk), table.c.external_id.not_like(f"{_NAMED}%"),
            )  # fmt: skip
            found.update(self.resolver.operation.connection.scalars(query))
        return found


def company_of(draft: Draft) -> str:
    """Return the compare key of the company that a row names."""
    return fold(draft.values[ACCOUNT]["name"]) or ""


def _account_id(key: str) -> str:
    return known_as(f"{_NAMED}{key}")


def _begun(key: str, row: Draft) -> Draft:
    return Draft(
        Row(row.row.number, row.row.place, []), "", _account_id(key), row.modified,
        values={ACCOUNT: {name: value for name, value in row.values[ACCOUNT].items() if value is not None}},
        points={ACCOUNT: list(row.points.get(ACCOUNT, ()))},
        originals={ACCOUNT: dict(row.originals.get(ACCOUNT, {}))},
        missed=[one for one in row.missed if one[0] == ACCOUNT],
    )  # fmt: skip


def _unite(company: Draft, row: Draft) -> None:
    """Add what the row says and no row before it; what it says otherwise stays beside its person."""
    values, originals = company.values[ACCOUNT], company.originals[ACCOUNT]
    said = row.values[ACCOUNT]
    for name, value in said.items() if not said.items() <= values.items() else ():
        if value is None:
            continue
        if name not in values:
            values[name] = value
            given = row.originals.get(ACCOUNT, {}).get(name)
            if given is not None:
                originals[name] = given
        elif values[name] != value and name != "name" and _text(values[name]) != _text(value):
            row.extra.setdefault(f"{ACCOUNT}.{name}", str(plain(value)))
    if points := row.points.get(ACCOUNT):
        known = {point.identity for point in company.points[ACCOUNT]}
        company.points[ACCOUNT] += [one for one in points if one.identity not in known]
    if row.missed:
        company.missed += [one for one in row.missed if one[0] == ACCOUNT and one not in company.missed]
    if row.modified is not None:
        company.modified = max(row.modified, company.modified or row.modified)


def _text(value: Any) -> str:
    return fold(str(value)) or ""
