"""What the tests of single records share: a desk that adds and sets as the commands do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from crm_cli import records
from crm_cli.history import Author, operation
from crm_cli.standardize import Context
from crm_cli.store import Store

TESTER = Author("tester")


@dataclass
class Desk:
    """Writes single records into a store, one operation each; remembers the last operation's number."""

    store: Store
    operation: int = 0

    def read(self, entity: str, **given: str) -> records.Given:
        with self.store.read() as connection:
            return self.reader(connection, entity).read(given)

    def similar(self, entity: str, **given: str) -> list[records.Candidate]:
        with self.store.read() as connection:
            return records.similar(self.store, connection, self.reader(connection, entity).read(given))

    def add(self, entity: str, **given: str) -> int:
        read = self.read(entity, **given)
        with operation(self.store, "add", TESTER) as op:
            self.operation = op.id
            return records.add(op, read).id

    def set(self, entity: str, ids: Sequence[int], dry_run: bool = False, **given: str) -> list[int]:
        with self.store.read() as connection:
            plan = records.plan_changes(self.reader(connection, entity), ids, given)
        with operation(self.store, "set", TESTER, dry_run=dry_run) as op:
            self.operation = op.id
            return records.apply_changes(op, plan)

    def delete(self, entity: str, *ids: int) -> None:
        with operation(self.store, "delete", TESTER) as op:
            self.operation = op.id
            records.delete(op, self.store.dictionary.entity(entity), ids)

    def fields(self, entity: str, number: int) -> dict[str, Any]:
        """The fields and slots that hold something."""
        with self.store.read() as connection:
            row = records.fields_of(self.store, connection, entity, number)
        return {name: value for name, value in row.items() if value is not None}

    def merge(self, entity: str, gone: int, survivor: int) -> None:
        """What a merge leaves of the record that went."""
        with operation(self.store, "merge", TESTER) as op:
            op.update(entity, {gone: {"merged_into_id": survivor}})

    def reader(self, connection: Any, entity: str) -> records.Reader:
        context = Context(country="DE", currency="EUR", timezone="UTC")
        return records.Reader(self.store, connection, self.store.dictionary.entity(entity), context)


@pytest.fixture
def desk(store: Store) -> Desk:
    """A desk on an empty database."""
    return Desk(store)
