"""The tour: the whole job on the example files, as commands that anybody can repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_cli.errors import CrmError
from crm_cli.jobs.demo.files import write_examples

__all__ = ["Stop", "TourError", "last_merge", "take_tour", "tour"]

Runner = Callable[[Sequence[str]], int]
Announce = Callable[["Stop"], None]


class TourError(CrmError):
    """A command of the tour ended with a code that it should not end with."""

    code = "demo"


@dataclass(frozen=True)
class Stop:
    """One command of the tour: what it shows, its arguments, and the exit codes that are right for it."""

    why: str
    arguments: tuple[str, ...]
    codes: tuple[int, ...] = (0,)

    @property
    def shown(self) -> str:
        """The command as one would type it."""
        return " ".join(["crm", *(f'"{one}"' if " " in one or one == "" else one for one in self.arguments)])


def tour() -> list[Stop]:
    """Return the stops, in order. Exit code 4 says that rows were rejected, 3 that something was found."""
    return [
        Stop("Make a database", ("init",)),
        Stop(
            "Bring in the people who work with the customers",
            ("import", "examples/users.csv", "--into", "user", "--key", "username"),
        ),
        Stop(
            "Import a messy workbook: title rows, two sheets, six countries; what cannot be taken is kept aside",
            (
                "import",
                "examples/customers.xlsx",
                "--into",
                "account+contact",
                "--rejects",
                "rejects.csv",
                "--date-order",
                "dmy",
            ),
            (0, 4),
        ),
        Stop(
            "Import an old system's CSV: cp1252, semicolons, German headers; its data are of 2023",
            (
                "import",
                "examples/legacy.csv",
                "--into",
                "account+contact",
                "--as-of",
                "2023-06-30",
                "--country",
                "DE",
                "--encoding",
                "cp1252",
            ),
            (0, 4),
        ),
        Stop(
            "Import deals",
            ("import", "examples/opportunities.csv", "--into", "opportunity", "--key", "Opportunity Name"),
        ),
        Stop("Standardize again: a second time changes nothing", ("standardize", "contact")),
        Stop("Find duplicates: husbands and wives, and colleagues, are not", ("dedupe", "find", "contact")),
        Stop("Merge what is certain", ("dedupe", "merge", "contact", "--auto", "--yes")),
        Stop("Audit: what is stale, what is missing", ("audit", "run"), (0, 3)),
        Stop("Hand one colleague's records to another", ("reassign", "--from", "tom", "--to", "maria", "--yes")),
        Stop("Report", ("report", "run", "pipeline")),
        Stop("Export", ("export", "contact", "-o", "contacts.xlsx")),
        Stop("See what was done", ("log", "--limit", "8")),
    ]


def take_tour(folder: Path, run: Runner, announce: Announce, merged: Callable[[], tuple[int, int] | None]) -> int:
    """Run the tour in `folder`; return how many commands ran.

    `merged` tells (operation, one survivor of it) after the merge, so that the tour can undo that one and show it.
    Raises `TourError` when a command ends otherwise than it should.
    """
    write_examples(folder / "examples")
    stops = tour()
    for stop in stops:
        _take(stop, run, announce)
    found = merged()
    if found is None:
        return len(stops)
    operation, survivor = found
    last = [
        Stop("Look at a customer that was merged", ("contact", "show", str(survivor))),
        Stop("Undo that one merge", ("undo", str(operation), "--unit", str(survivor), "--yes")),
        Stop("Look again: the other one is back", ("contact", "show", str(survivor))),
        Stop("Every value has a history", ("blame", "contact", str(survivor))),
    ]
    for stop in last:
        _take(stop, run, announce)
    return len(stops) + len(last)


def _take(stop: Stop, run: Runner, announce: Announce) -> None:
    announce(stop)
    code = run(stop.arguments)
    if code not in stop.codes:
        raise TourError(f"{stop.shown} ended with exit code {code}", hint="run it again with --debug", code=code)


def last_merge(database: Path) -> tuple[int, int] | None:
    """Return (operation, survivor) of the newest merge in the database, or None when nothing was merged."""
    import sqlalchemy as sa

    from crm_cli.store import Store

    with Store.open(database) as store, store.read() as connection:
        table = store.table("merge")
        row = connection.execute(sa.select(table).order_by(table.c.id.desc()).limit(1)).one_or_none()
    return (row.operation_id, row.survivor_id) if row else None
