"""After any history – edits, merges, undos, conversions – an erasure leaves nothing, and no undo brings it back."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest

from crm_cli.errors import CrmError, NotFoundError
from crm_cli.history import operation, undo
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.jobs.privacy import ErasureOptions, erase
from crm_cli.query import catch_up
from crm_cli.store import Store
from crm_cli.store.backup import check
from tests.dumps import business_content
from tests.jobs.privacy_person import KEY, MARIA, places

_SEEDS = [pytest.param(seed, marks=() if seed < 2 else pytest.mark.slow) for seed in (*range(12), 20)]


class World:
    """The records of one person, full of marks, and of others without; what is done to them is drawn by lot."""

    def __init__(self, store: Store, dice: random.Random) -> None:
        self.store, self.dice = store, dice
        self.number = 0
        self.operations: list[int] = []
        with operation(store, "add", MARIA) as op:
            self.mine = op.insert("contact", [self.person() for _ in range(3)])
            self.leads = op.insert("lead", [{"family_name": self.mark()} for _ in range(2)])
            self.others = op.insert("contact", [{"family_name": f"Other{each}"} for each in range(2)])
            (self.account,) = op.insert("account", [{"name": "Acme"}])
        self.operations.append(op.id)

    def mark(self) -> str:
        self.number += 1
        return f"Quaxx{self.number}x"

    def person(self) -> dict[str, Any]:
        return {"family_name": self.mark(), "given_name": self.mark(), "company": self.mark()}

    def step(self) -> None:
        kinds = (self.edit, self.give_point, self.change_point, self.note, self.deal, self.merge, self.take_back)
        more = (self.delete, self.convert, self.refer, self.search, self.remove)
        with suppress(CrmError):  # a merged record cannot be merged again, an operation not be undone twice
            self.dice.choice((*kinds, *more))()

    def write(self, entity: str, rows: list[dict[str, Any]]) -> None:
        with operation(self.store, "add", MARIA) as op:
            op.insert(entity, rows)
        self.operations.append(op.id)

    def set(self, entity: str, number: int, **values: Any) -> None:
        with operation(self.store, "set", MARIA) as op:
            op.update(entity, {number: values})
        self.operations.append(op.id)

    def edit(self) -> None:
        self.set("contact", self.dice.choice(self.mine), **self.person())

    def give_point(self) -> None:
        address = f"{self.mark()}@x.example"
        point = {"party_id": self.dice.choice(self.mine), "value": address, "standard": address}
        self.write("email_address", [point])

    def change_point(self) -> None:
        rows = [row for row in business_content(self.store)["email_address"] if row["party_id"] in self.mine]
        if rows:
            address = f"{self.mark()}@x.example"
            self.set("email_address", self.dice.choice(rows)["id"], value=address, standard=address)

    def note(self) -> None:
        about = self.dice.choice(({"party_id": self.dice.choice(self.mine)}, {"lead_id": self.dice.choice(self.leads)}))
        self.write("activity", [{"subject": self.mark(), **about}])

    def deal(self) -> None:
        named = {"account_id": self.account} if self.dice.random() < 0.5 else {}
        self.write(
            "opportunity", [{"name": "Roof", "stage": "lost", "contact_id": self.dice.choice(self.mine), **named}]
        )

    def merge(self) -> None:
        survivor, gone = self.dice.sample(self.mine, 2)
        done = merge(self.store, "contact", [MergeGroup((survivor, gone), survivor=survivor)], MARIA)
        self.operations.append(done.operation_id)

    def take_back(self) -> None:
        done = undo(self.store, self.dice.choice(self.operations[1:] or [0]), MARIA)
        self.operations.append(done.operation_id)

    def delete(self) -> None:
        with operation(self.store, "delete", MARIA) as op:
            op.delete("contact", [self.dice.choice(self.mine)])
        self.operations.append(op.id)

    def convert(self) -> None:
        self.set("lead", self.dice.choice(self.leads), converted_contact_id=self.dice.choice([*self.mine, None]))

    def refer(self) -> None:
        self.set("contact", self.dice.choice(self.others), reports_to_id=self.dice.choice([*self.mine, None]))

    def search(self) -> None:
        catch_up(self.store)

    def remove(self) -> None:
        if len(self.operations) > 1:  # the records themselves stay, so that something can be said of them
            undo(self.store, self.operations[-1], MARIA)

    def erase_all(self) -> None:
        """Erase the person, whatever of it is there and whatever only the log still knows."""
        for entity, ids in (("lead", self.leads), ("contact", self.mine)):
            for number in ids:
                options = ErasureOptions(keep_business_records=self.dice.random() < 0.3)
                try:
                    erase(self.store, entity, str(number), MARIA, KEY, options)
                except NotFoundError:
                    continue


@pytest.mark.slow
@pytest.mark.parametrize("seed", _SEEDS)
def test_whatever_happened_before_nothing_is_left_and_nothing_comes_back(store: Store, seed: int) -> None:
    world = World(store, random.Random(seed))
    for _ in range(25):
        world.step()
    assert places(store) != []
    world.erase_all()
    assert places(store) == []
    assert check(store) == []
    for number in sorted(world.operations, reverse=True):
        try:
            undo(store, number, MARIA)
        except CrmError:
            continue
        assert places(store) == []
    assert check(store) == []
    catch_up(store)
    assert places(store) == []
