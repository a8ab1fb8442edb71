"""Hand-overs and territories in bulk: seconds and peak memory of one operation over all accounts, and of its undo.

    CRM_BENCH_ROWS=1000000 python3 dev.py bench reassigning

A new SQLite file with so many accounts of one owner in ten industries, each with an address; `crm reassign` to one and
to two people, `crm territory assign` by eleven rules over three territories. Each is run on a copy of the file, in a
process of its own: what opens the database is in the figures.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import date
from pathlib import Path

from benchmarks._measure import Figure, measure, show
from crm_cli.history import Author, last_operation, operation, undo
from crm_cli.store import Store
from crm_cli.store.migrate import create
from crm_cli.territories import Handover, NewRule, add_member, add_rule, assign_territories, reassign

ROWS = int(os.environ.get("CRM_BENCH_ROWS", "100000"))
AUTHOR = Author("benchmark")
_CHUNK = 50_000
_REGIONS = ("TX", "OK", "CA", "NY", "FL", "IL", "WA", "MA")


def fill(path: str, count: int) -> None:
    """Make the database: users, territories with rules and members, and the accounts."""
    create(Path(path))
    with Store.open(path) as store:
        with operation(store, "add", AUTHOR) as op:
            users = op.insert("app_user", [{"username": name} for name in ("maria", "li", "tom", "ann")])
            op.insert("territory", [{"name": name} for name in ("South", "West", "Rest")])
            for place in range(9):
                name = ("South", "West", "Rest")[place % 3]
                condition = f"industry = 'Industry {place}'"
                add_rule(op, NewRule(territory=name, entity="account", condition=condition, assign="round_robin"))
            south = "region in ('TX', 'OK') and employees > 400"
            add_rule(op, NewRule(territory="South", entity="account", condition=south, position=1, assign="weighted"))
            add_rule(op, NewRule(territory="Rest", entity="account", condition="true", assign="least_loaded"))
            for name, user in zip(("South", "South", "West", "Rest"), users, strict=True):
                add_member(op, name, user)
        for start in range(0, count, _CHUNK):
            _add_accounts(store, range(start, min(start + _CHUNK, count)), users[0])


def _add_accounts(store: Store, numbers: range, owner: int) -> None:
    with operation(store, "add", AUTHOR) as op:
        rows = [
            {"name": f"Company {n}", "industry": f"Industry {n % 10}", "employees": n % 500, "owner_id": owner}
            for n in numbers
        ]
        ids = op.insert("account", rows)
        addresses = [
            {"party_id": number, "region": _REGIONS[n % 8], "city": "Springfield", "country": "US", "is_primary": True}
            for number, n in zip(ids, numbers, strict=True)
        ]
        op.insert("postal_address", addresses, covered=True)


def hand_over(path: str, takers: tuple[str, ...]) -> None:
    """`crm reassign --from maria --to …`."""
    with Store.open(path) as store, operation(store, "reassign", AUTHOR, exclusive=True) as op:
        reassign(op, Handover(giver="maria", takers=takers))


def sort(path: str) -> None:
    """`crm territory assign account`."""
    with Store.open(path) as store, operation(store, "assign", AUTHOR, exclusive=True) as op:
        assign_territories(op, "account", today=date(2026, 6, 15))


def take_back(path: str) -> None:
    """`crm undo`."""
    with Store.open(path) as store:
        undo(store, last_operation(store), AUTHOR)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("CRM_BENCH_FOLDER")) as name:
        base = Path(name, "base.db")
        fill(str(base), ROWS)
        figures = [measure("(start: open the database)", opened, str(base), rows=0, repeat=1)]
        for title, work, arguments in (
            ("reassign to one", hand_over, (("li",),)),
            ("reassign to two", hand_over, (("li", "tom"),)),
            ("territory assign", sort, ()),
        ):
            copy = Path(name, "copy.db")
            shutil.copy(base, copy)
            figures.append(measure(title, work, str(copy), *arguments, rows=ROWS, repeat=1))
            if work is sort:
                figures.append(measure("undo of that", take_back, str(copy), rows=ROWS, repeat=1))
            copy.unlink()
        show_all(figures)


def opened(path: str) -> None:
    """Nothing but opening."""
    with Store.open(path) as store, store.read() as connection:
        connection.exec_driver_sql("SELECT 1")


def show_all(figures: list[Figure]) -> None:
    """Print the figures with what they were taken on."""
    print(f"{ROWS:,} accounts\n")
    show(figures)


if __name__ == "__main__":
    main()
