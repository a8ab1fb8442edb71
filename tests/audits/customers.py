"""A database of customers as it stands after some years: seeded, so the same one each time, with every kind of dirt.

Of N contacts there are N / 10 accounts and leads, N / 20 opportunities, N / 5 activities. Rows go straight into the
tables: an import of a million would take longer than what is measured on them. Shares of what is missing, wrong or
stale are round guesses; each shipped policy finds something, few find very much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.store import Store, normal_url
from crm_cli.store.bulk import bulk_insert_columns, renew_statistics
from crm_cli.store.migrate import create
from tests.audits.chance import TODAY, Chance

__all__ = ["TODAY", "fill"]

Columns = dict[str, Sequence[Any]]
_MANY = 50_000  # rows made at a time
_USERS, _TERRITORIES, _BATCHES = 50, 20, 12
_PARTY_IDS = 1  # accounts first, then contacts: both are parties, and share their numbers
_GROUPS = ["identity", "employment", "email", "phone", "address"]
_PLACES = (
    ("Boston", "MA", "02118"), ("New York", "NY", "10011"), ("Chicago", "IL", "60614"), ("Houston", "TX", "77002"),
    ("Phoenix", "AZ", "85004"), ("San Diego", "CA", "92103"), ("Denver", "CO", "80205"), ("Seattle", "WA", "98109"),
)  # fmt: skip


def fill(store: Store, contacts: int) -> None:
    """Fill an empty database."""
    with store.write() as connection:
        made = _Making(store, connection, contacts)
        for part in (
            made.people_who_work_here, made.accounts, made.contacts, made.leads, made.opportunities, made.activities,
            made.confirmations,
        ):  # fmt: skip
            part()
        made.count_ids()
        for name in ("contact", "account", "lead", "opportunity", "activity", "email_address", "phone_number",
                     "postal_address", "confirmation", "app_user"):  # fmt: skip
            renew_statistics(connection, store.table(name))


class _Making(Chance):
    """Makes the rows of one table after the other."""

    def __init__(self, store: Store, connection: sa.Connection, contacts: int) -> None:
        super().__init__(seed=11)
        self.store, self.connection = store, connection
        self.names = sorted({self.word().title() for _ in range(max(200, min(contacts, 20_000)))})
        self.of_contacts, self.of_accounts, self.of_leads = contacts, max(contacts // 10, 1), max(contacts // 10, 1)
        self.of_opportunities, self.of_activities = max(contacts // 20, 1), max(contacts // 5, 1)
        self.first_contact = _PARTY_IDS + self.of_accounts
        self.next_id = {"email_address": 1, "phone_number": 1, "postal_address": 1, "stage_change": 1}

    def owners(self, count: int, share: float = 0.9) -> list[int | None]:
        """Return users by chance, a few of whom have left."""
        return self.some(range(1, _USERS + 1), share, count)

    def parts(self, total: int) -> Iterator[tuple[int, int]]:
        """Yield (first, number) of rows that are made together."""
        for start in range(0, total, _MANY):
            yield start, min(_MANY, total - start)

    def add(self, entity: str, first: int, columns: Columns, oldest: int = 2_000) -> list[int]:
        """Insert rows with what every record has; return their numbers."""
        count = len(next(iter(columns.values())))
        table = self.store.table(entity)
        ids = list(range(first, first + count))
        rows: Columns = {"id": ids, **columns}
        if "created_at" in table.c:
            created = columns.get("created_at") or self.moments(count, oldest=oldest)
            rows |= {"row_version": [1] * count, "created_at": created, "updated_at": created}
            rows.setdefault("deleted_at", self.moments(count, oldest=900, share=0.01))
        if "public_id" in table.c:
            rows["public_id"] = list(self.store.mint(count))
        keys = {name: f"{name}_key" for name in columns if f"{name}_key" in table.c}
        rows |= {key: [fold(value) for value in columns[name]] for name, key in keys.items()}
        bulk_insert_columns(self.connection, table, rows)
        return ids

    def add_points(self, entity: str, parties: Sequence[int | None], columns: Columns) -> None:
        """Insert contact points, for those parties that are not None."""
        rows = [place for place, party in enumerate(parties) if party is not None]
        values: Columns = {name: [column[row] for row in rows] for name, column in columns.items()}
        values = {"party_id": [parties[row] for row in rows], "deleted_at": [None] * len(rows), **values}
        if rows:
            self.add(entity, self.next_id[entity], values)
        self.next_id[entity] += len(rows)

    def people_who_work_here(self) -> None:
        """Users, territories and their members, sources and batches of imports."""
        names = [f"user{number}" for number in range(_USERS)]
        self.add("app_user", 1, {
            "username": names, "email": [f"{name.replace('user7', 'user6')}@here.example" for name in names],
            "role": self.weighted(_USERS, sales=4, service=1), "active": [number % 17 != 3 for number in range(_USERS)],
            "manager_id": [None] * 10 + [number % 10 + 1 for number in range(10, _USERS)],
            "deleted_at": [None] * _USERS,
        })  # fmt: skip
        self.add("territory", 1, {"name": [f"Territory {number}" for number in range(_TERRITORIES)],
                                  "deleted_at": [None] * _TERRITORIES})  # fmt: skip
        members = list(range(1, _TERRITORIES - 1))
        self.add("territory_member", 1, {"territory_id": members, "user_id": members,
                                         "deleted_at": [None] * len(members)})  # fmt: skip
        started = self.moments(_BATCHES, oldest=1_800)
        bulk_insert_columns(self.connection, self.store.table("import_batch"), {
            "id": list(range(1, _BATCHES + 1)), "source_name": [f"list{one}.csv" for one in range(_BATCHES)],
            "into": ["contact"] * _BATCHES, "status": ["applied"] * _BATCHES, "started_at": started,
            "groups": [_GROUPS if one % 3 else _GROUPS[:3] for one in range(_BATCHES)],
        })  # fmt: skip

    def _parties(self, first: int, count: int, kind: str) -> None:
        table = self.store.table("party")
        bulk_insert_columns(self.connection, table, {"id": list(range(first, first + count)), "kind": [kind] * count})

    def accounts(self) -> None:
        """Companies, with telephone, e-mail address and address."""
        for start, count in self.parts(self.of_accounts):
            first = _PARTY_IDS + start
            self._parties(first, count, "account")
            names = [
                f"{one} {self.chance.choice(('Inc', 'LLC', 'Group'))}"
                for one in self.chance.choices(self.names, k=count)
            ]
            names = [name if self.chance.random() < 0.999 else "Test" for name in names]
            sites = [f"https://{name.split()[0].lower()}{self.chance.randrange(30)}.example" for name in names]
            money = [self.chance.randrange(-2, 10**6) * 10_000 if self.chance.random() < 0.4 else None for _ in names]
            ids = self.add("account", first, {
                "name": names, "kind": self.weighted(count, company=9, household=1),
                "status": self.weighted(count, prospect=5, customer=4, former=1),
                "industry": self.some(("Toys", "Steel", "Food", "Health"), 0.6, count),
                "employees": self.some((-1, *range(1, 5_000)), 0.5, count), "annual_revenue": money,
                "currency": [None if one is None else self.chance.choice(("USD", "USD", "EUR", None)) for one in money],
                "founded_on": self.days(count, oldest=30_000, newest=-30, share=0.3),
                "website": [site if self.chance.random() < 0.6 else None for site in sites],
                "tax_id": self.some([f"{self.chance.randrange(count * 50):09d}" for _ in names], 0.3, count),
                "rating": self.some(("A", "B", "C"), 0.5, count), "owner_id": self.owners(count),
                "parent_id": [one if self.chance.random() < 0.0005 else None for one in range(first, first + count)],
            })  # fmt: skip
            self._points(ids, 0.4)

    def contacts(self) -> None:
        """People, with telephones, e-mail addresses and addresses, imported by several sources."""
        for start, count in self.parts(self.of_contacts):
            first = self.first_contact + start
            self._parties(first, count, "contact")
            bosses = [
                self.chance.randrange(max(self.first_contact, one - 1_000), one + 1)
                if self.chance.random() < 0.05
                else None
                for one in range(first, first + count)
            ]
            given = self.some([*self.names[:2_000], "test"], 0.97, count)
            family = self.some([*self.names, "unknown", "n/a"], 0.98, count)
            born = self.days(count, oldest=32_000, newest=-10, share=0.5)
            for place in range(0, count - 1, 100):  # the same person twice
                for column in (given, family, born):
                    column[place + 1] = column[place]  # type: ignore[index]
            ids = self.add("contact", first, {
                "given_name": given, "family_name": family, "birth_date": born,
                "company": self.some(self.names, 0.7, count),
                "job_title": self.some(("Buyer", "Clerk", "CFO"), 0.7, count),
                "department": self.some(("East", "West", "Research"), 0.4, count),
                "account_id": self.some(range(_PARTY_IDS, self.first_contact), 0.3, count), "reports_to_id": bosses,
                "owner_id": self.owners(count, 0.8), "status": ["active"] * count,
                "source": self.some(("fair", "web", "referral"), 0.8, count),
            })  # fmt: skip
            self._points(ids, 0.85)
            self._known_by(ids)

    def _points(self, ids: Sequence[int], share: float) -> None:
        count, chance = len(ids), self.chance
        standing = self.chance.choices((None, "valid", "wrong", "bounced"), (90, 5, 2, 3), k=count)
        mails = [
            f"{self.word()}.{self.word()}{chance.randrange(count * 4)}@{chance.choice(self.names).lower()}.example"
            for _ in ids
        ]
        mails = [
            mail if chance.random() < 0.97 else f"office{chance.randrange(_MANY)}@{self.names[0]}.example"
            for mail in mails
        ]
        mails = [mail if chance.random() < 0.99 else mail.replace("@", " at ") for mail in mails]
        second = [
            mail if chance.random() < 0.1 else f"p{number}@mail.example"
            for number, mail in zip(ids, mails, strict=True)
        ]
        for values, part, primary in ((mails, share, True), (second, share / 10, False)):
            self.add_points("email_address", self.some_of(ids, part), {
                "value": values, "standard": values, "is_primary": [primary] * count, "standing": standing,
            })  # fmt: skip
        for kind, part, primary in (("work", share * 0.7, True), ("mobile", share * 0.6, False)):
            numbers = [
                f"+1{2_120_000_000 + chance.randrange(self.of_contacts * 10)}" if chance.random() < 0.98 else "ask"
                for _ in ids
            ]
            self.add_points("phone_number", self.some_of(ids, part), {
                "value": numbers, "standard": numbers, "is_primary": [primary] * count, "kind": [kind] * count,
                "standing": [None if one == "bounced" else one for one in standing],
            })  # fmt: skip
        places = chance.choices(_PLACES, k=count)
        streets = [f"{number} {name} Street" for number, name in enumerate(self.names[:5_000])]
        self.add_points("postal_address", self.some_of(ids, share), {
            "street": self.some(streets, 0.95, count),
            "city": [one[0] for one in places], "region": [one[1] for one in places],
            "postal_code": [one[2] if chance.random() < 0.97 else one[2][:4] for one in places],
            "country": chance.choices(("US", "DE", "Absurdistan", None), (85, 5, 1, 9), k=count),
            "is_primary": [chance.random() < 0.98 for _ in ids],
        })  # fmt: skip

    def some_of(self, ids: Sequence[int], share: float) -> list[int | None]:
        """Return the numbers, a share of 1 - `share` of them blanked."""
        return [one if self.chance.random() < share else None for one in ids]

    def _known_by(self, ids: Sequence[int]) -> None:
        known: Columns = {
            "id": ids, "source_system_id": [1] * len(ids), "external_id": [f"x{one}" for one in ids],
            "entity": ["contact"] * len(ids), "record_id": ids,
            "batch_id": self.chance.choices(range(1, _BATCHES + 1), k=len(ids)),
        }  # fmt: skip
        if ids[0] == self.first_contact:
            self.add("source_system", 1, {"name": ["list"], "deleted_at": [None]})
        bulk_insert_columns(self.connection, self.store.table("external_ref"), known)

    def leads(self) -> None:
        """Leads of every status."""
        contacts = range(self.first_contact, self.first_contact + self.of_contacts)
        for start, count in self.parts(self.of_leads):
            mails = [f"l{self.chance.randrange(count * 5)}@lead.example" for _ in range(count)]
            mails = [mail if self.chance.random() < 0.99 else "none" for mail in mails]
            self.add("lead", 1 + start, {
                "family_name": self.some(self.names, 0.98, count), "email": self.some(mails, 0.8, count),
                "phone": self.some(("+12125550100", "+12125550101"), 0.4, count),
                "mobile": self.some(("+12125550102",), 0.2, count),
                "status": self.weighted(count, new=4, working=2, qualified=1, disqualified=2, converted=1),
                "source": self.some(("web form", "fair", "referral"), 0.8, count), "owner_id": self.owners(count, 0.95),
                "converted_contact_id": self.some(contacts, 0.5, count),
            }, oldest=400)  # fmt: skip

    def opportunities(self) -> None:
        """Opportunities of every stage, with their changes of stage."""
        for start, count in self.parts(self.of_opportunities):
            stages = self.weighted(count, qualification=3, proposal=2, negotiation=1, won=2, lost=2)
            over = [stage in ("won", "lost") for stage in stages]
            ids = self.add("opportunity", 1 + start, {
                "name": self.chance.choices(self.names, k=count), "stage": stages,
                "account_id": self.some(range(_PARTY_IDS, self.first_contact), 0.9, count),
                "contact_id": self.some(range(self.first_contact, self.first_contact + self.of_contacts), 0.3, count),
                "amount": self.some((-100, *range(1_000, 900_000)), 0.8, count),
                "currency": self.some(("USD", "EUR"), 0.95, count),
                "probability": self.chance.choices((None, 0.0, 50.0, 100.0, 120.0), (10, 20, 50, 19, 1), k=count),
                "expected_close_on": self.days(count, oldest=100, newest=-200, share=0.8),
                "closed_at": [moment if done == (self.chance.random() < 0.95) else None
                              for done, moment in zip(over, self.moments(count, oldest=300), strict=True)],
                "lost_reason": self.some(("price", "time"), 0.6, count), "owner_id": self.owners(count, 0.95),
                "next_step": self.some(("call",), 0.4, count),
            }, oldest=500)  # fmt: skip
            moved = [one for one in ids if self.chance.random() < 0.8]
            if moved:
                self.add("stage_change", self.next_id["stage_change"], {
                    "opportunity_id": moved, "to_stage": ["proposal"] * len(moved), "deleted_at": [None] * len(moved),
                    "changed_at": self.moments(len(moved), oldest=300),
                })  # fmt: skip
            self.next_id["stage_change"] += len(moved)

    def activities(self) -> None:
        """Calls and meetings, done, planned and overdue, with accounts, contacts, leads and opportunities."""
        parties = range(_PARTY_IDS, self.first_contact + self.of_contacts)
        for start, count in self.parts(self.of_activities):
            self.add("activity", 1 + start, {
                "kind": self.weighted(count, call=3, meeting=1, email=2), "subject": ["Call"] * count,
                "status": self.weighted(count, done=7, planned=2, cancelled=1),
                "due_at": self.moments(count, oldest=60, newest=-60, share=0.8),
                "occurred_at": self.moments(count, oldest=400, newest=-2, share=0.95),
                "minutes": self.some((-5, 10, 30, 60, 60, 60, 2_000), 0.5, count),
                "party_id": self.some(parties, 0.8, count), "owner_id": self.owners(count, 0.95),
                "opportunity_id": self.some(range(1, self.of_opportunities + 1), 0.3, count),
                "lead_id": self.some(range(1, self.of_leads + 1), 0.3, count),
            }, oldest=500)  # fmt: skip

    def confirmations(self) -> None:
        """A thin row for each contact that an import brought again, and what calls, visits and mailings found."""
        number = 1
        whom = range(self.first_contact, self.first_contact + self.of_contacts)
        for start, count in self.parts(self.of_contacts):
            ids = list(whom[start : start + count])
            again = self.chance.choices(ids, k=count // 2)
            imported, looked = [*ids, *again], self.chance.choices(ids, k=count // 10)
            batches = self.chance.choices(range(1, _BATCHES + 1), k=len(imported))
            number += self._confirm(number, "contact", imported, {
                "freshness_group": ["*"] * len(imported), "batch_id": batches, "method": ["import"] * len(imported),
                "result": ["valid"] * len(imported),
            })  # fmt: skip
            number += self._confirm(number, "contact", looked, self._looks(len(looked)))
        for entity, first, total in (("account", _PARTY_IDS, self.of_accounts), ("lead", 1, self.of_leads)):
            looked = self.chance.choices(range(first, first + total), k=total // 10)
            number += self._confirm(number, entity, looked, self._looks(len(looked)))

    def _looks(self, count: int) -> Columns:
        groups = (*_GROUPS, "firmographics")
        return {
            "freshness_group": self.chance.choices(groups, k=count),
            "method": self.chance.choices(("call", "visit", "mail"), k=count),
            "result": self.weighted(count, valid=7, dead=2, unknown=1),
        }

    def _confirm(self, first: int, entity: str, ids: Sequence[int], columns: Columns) -> int:
        if ids:
            bulk_insert_columns(self.connection, self.store.table("confirmation"), {
                "id": list(range(first, first + len(ids))), "entity": [entity] * len(ids), "record_id": ids,
                "confirmed_at": self.moments(len(ids), oldest=1_500), **columns,
            })  # fmt: skip
        return len(ids)

    def count_ids(self) -> None:
        """Let whoever adds records to these begin behind them."""
        for name in ("account", "app_user", "confirmation", "email_address", "lead", "opportunity", "activity"):
            highest = self.connection.scalar(sa.select(sa.func.max(self.store.table(name).c.id))) or 0
            self.store.allocate(self.connection, name, highest + self.of_contacts)


def main(path: str, contacts: str) -> None:
    """Make a database at `path`: a process of its own, so that its memory is not counted for what is measured."""
    create(normal_url(path))
    with Store.open(path) as store:
        fill(store, int(contacts))


if __name__ == "__main__":
    main(*sys.argv[1:])
