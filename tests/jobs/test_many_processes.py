"""Many people at once: every accepted change is kept and logged, every refused one is told who was in the way.

Real processes run real commands on one database: two stewards who edit the same records and merge, two imports, a
reassignment, somebody who takes back their own work, an audit and an export.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.app import run
from crm_cli.console import Console, Streams
from crm_cli.history import Author, ChangedMeanwhileError, operation
from crm_cli.history.values import plain_row
from crm_cli.store import Store
from crm_cli.store.backup import check

SECONDS = 18.0
EDITED = 40  # contacts that all of them edit
PAIRS = 20  # pairs that are merged, one after the other
ALLOWED = {0, 3, 4, 5}
NAMES_THE_WRITER = re.compile(r"@.+ \(process \d+\)")

Command = tuple[str, ...]


@dataclass(frozen=True)
class Ran:
    """A command that a worker ran."""

    worker: str
    args: Command
    exit_code: int
    stderr: str


def crm(url: str, folder: Path, user: str, *args: str) -> tuple[int, str, str]:
    """Run one command in this process, as the program does."""
    environ = {"CRM_CONFIG_DIR": str(folder / "user"), "CRM_USER": user, "CRM_DB": url, "CRM_DEFAULT_COUNTRY": "DE"}
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO(), environ)
    code = run(args, Console(streams), folder)
    return int(code), streams.stdout.getvalue(), streams.stderr.getvalue()  # type: ignore[attr-defined]


def work(worker: str, url: str, folder: str, seconds: float, start: Barrier) -> None:
    """Run the worker's commands for so long, and write down how each ended; this is a process of its own."""
    home = Path(folder)
    crm(url, home, worker, "contact", "list", "--limit", "1")  # what a command imports is there before it counts
    start.wait(timeout=60)
    until = time.time() + seconds
    ran = []
    said = [""]
    for args in COMMANDS[worker](home, lambda: said[-1]):
        if time.time() >= until:
            break
        code, stdout, stderr = crm(url, home, worker, *args)
        ran.append((args, code, stderr))
        said.append(stdout)
    (home / f"{worker}.json").write_text(json.dumps(ran), encoding="utf-8")


def _steward(number: int) -> Callable[[Path, Callable[[], str]], Iterator[Command]]:
    def commands(_home: Path, _said: Callable[[], str]) -> Iterator[Command]:
        for step in range(10_000):
            chosen = 1 + (step * 7 + number) % EDITED
            yield ("contact", "set", str(chosen), f"department=d{number}x{step}", "--wait", "1")
            if step % 3 == number:
                first = EDITED + 2 * (step // 3 % (PAIRS // 2)) + PAIRS * number + 1
                yield ("dedupe", "merge", "contact", str(first), str(first + 1), "--yes", "--wait", "10")

    return commands


def _importer(number: int) -> Callable[[Path, Callable[[], str]], Iterator[Command]]:
    def commands(home: Path, _said: Callable[[], str]) -> Iterator[Command]:
        for step in range(1_000):
            rows = [["id", "family_name", "email", "job_title"]]
            for one in range(30):
                name = f"Import{number}x{one}" if one % 2 else f"New{number}x{step}x{one}"
                rows.append([f"{number}-{name}", name, f"{name}@import.example".lower(), f"j{number}x{step}"])
            path = home / f"import-{number}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
            yield ("import", str(path), "--into", "contact", "--source", f"s{number}", "--yes", "--wait", "10")

    return commands


def _auditor(_home: Path, _said: Callable[[], str]) -> Iterator[Command]:
    while True:
        yield ("audit", "run", "contact", "--quiet", "--wait", "10")


def _exporter(_home: Path, _said: Callable[[], str]) -> Iterator[Command]:
    while True:
        yield ("export", "contact", "-o", "all.csv", "--overwrite", "--columns", "id,family_name,department,job_title")


def _reassigner(_home: Path, _said: Callable[[], str]) -> Iterator[Command]:
    while True:
        yield ("reassign", "--from", "anna", "--to", "tom", "--yes", "--wait", "10")
        yield ("reassign", "--from", "tom", "--to", "anna", "--yes", "--wait", "10")


def _undoer(_home: Path, said: Callable[[], str]) -> Iterator[Command]:
    for step in range(10_000):
        chosen = str(1 + step * 3 % EDITED)
        yield ("contact", "set", chosen, f"suffix=u{step}", "--wait", "1")
        yield ("log", "--json", "--limit", "30")
        mine = [one["id"] for one in json.loads(said() or "[]") if one["actor"] == "undoer" and one["kind"] == "set"]
        if mine:
            yield ("undo", str(mine[0]), "--yes", "--wait", "10")


COMMANDS: dict[str, Callable[[Path, Callable[[], str]], Iterator[Command]]] = {
    "steward_0": _steward(0), "steward_1": _steward(1), "import_0": _importer(0), "import_1": _importer(1),
    "auditor": _auditor, "exporter": _exporter, "reassigner": _reassigner, "undoer": _undoer,
}  # fmt: skip


def prepared(store: Store, folder: Path) -> str:
    """Put in who works here and whom they work on; return the URL."""
    url = store.url.render_as_string(hide_password=False)
    rows = [
        ["family_name", "email", "owner"],
        *([f"Edited{number}", f"e{number}@x.example", "anna"] for number in range(EDITED)),
        *([f"Pair{number // 2}", f"p{number}@x.example", "tom"] for number in range(2 * PAIRS)),
    ]
    with (folder / "first.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    first: tuple[Command, ...] = (
        ("user", "add", "username=anna"), ("user", "add", "username=tom"),
        ("import", str(folder / "first.csv"), "--into", "contact", "--yes"),
    )  # fmt: skip
    for args in first:
        code, _, stderr = crm(url, folder, "tester", *args)
        assert code == 0, stderr
    return url


def at_once(url: str, folder: Path, seconds: float) -> list[Ran]:
    """Let all workers work at the same time; return what they ran."""
    spawn = get_context("spawn")
    start = spawn.Barrier(len(COMMANDS))
    processes = [
        spawn.Process(target=work, args=(name, url, str(folder), seconds, start), name=name) for name in COMMANDS
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [one.name for one in processes if one.exitcode != 0] == []
    return [
        Ran(name, tuple(args), code, stderr)
        for name in COMMANDS
        for args, code, stderr in json.loads((folder / f"{name}.json").read_text("utf-8"))
    ]


@pytest.mark.slow
def test_nothing_is_lost_where_eight_processes_work_at_once(store: Store, tmp_path: Path) -> None:
    url = prepared(store, tmp_path)
    before = rows_of(store)
    newest = last_change(store)
    store.engine.dispose()

    ran = at_once(url, tmp_path, SECONDS)

    wrong = [one for one in ran if one.exit_code not in ALLOWED]
    assert wrong == []
    assert {one.worker for one in ran if one.exit_code in (0, 3)} == set(COMMANDS), "everybody got something done"
    nameless = [one for one in ran if one.exit_code == 5 and not NAMES_THE_WRITER.search(one.stderr)]
    assert nameless == []
    accepted = {
        value for one in ran if one.args[1] == "set" and one.exit_code == 0
        for value in [one.args[3].partition("=")[2]]
    }  # fmt: skip
    assert accepted - logged_values(store) == set(), "an accepted change is in the log"
    assert check(store) == []
    assert broken_chains(store, before, newest) == []
    assert orphans(store) == []


RAISES = 40  # how often each process raises a counter, and how often it sets a field unseen
COUNTERS = (1, 2)


def raise_counters(url: str, name: str, start: Barrier) -> None:
    """Raise counters that others raise too, reading each before; set another field between; a process of its own."""
    with Store.open(url) as store:
        contact = store.table("contact")
        start.wait(timeout=60)
        for step in range(RAISES):
            number = COUNTERS[step % len(COUNTERS)]
            while True:
                with store.read() as connection:
                    row = connection.execute(sa.select(contact).where(contact.c.id == number)).one()
                value = {number: {"suffix": str(int(row.suffix or 0) + 1)}}
                try:
                    with operation(store, "set", Author(name)) as op:
                        op.update("contact", value, versions={number: row.row_version})
                    break
                except ChangedMeanwhileError:
                    continue
            with operation(store, "set", Author(name)) as op:
                op.update("contact", {number: {"department": f"{name}-{step}"}})


@pytest.mark.slow
def test_counters_that_eight_processes_raise_reach_their_sum(store: Store) -> None:
    with operation(store, "add", Author("tester")) as op:
        op.insert("contact", [{"id": number, "family_name": f"c{number}", "suffix": "0"} for number in COUNTERS])
    before, newest = rows_of(store), last_change(store)
    url = store.url.render_as_string(hide_password=False)
    store.engine.dispose()
    spawn = get_context("spawn")
    start = spawn.Barrier(8)
    processes = [spawn.Process(target=raise_counters, args=(url, f"p{one}", start)) for one in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [one.exitcode for one in processes] == [0] * 8
    after = rows_of(store)
    assert sum(int(after["contact", number]["suffix"]) for number in COUNTERS) == 8 * RAISES
    assert broken_chains(store, before, newest) == []


def rows_of(store: Store) -> dict[tuple[str, int], dict[str, Any]]:
    """All records and their parts as the log writes values, by entity and id."""
    with store.read() as connection:
        return {
            (name, row["id"]): plain_row(dict(row))
            for name in ("contact", "email_address", "phone_number", "app_user")
            for row in connection.execute(sa.select(store.table(name))).mappings()
        }


def last_change(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.max(store.table("change").c.id))) or 0


def logged_values(store: Store) -> set[str]:
    with store.read() as connection:
        news = connection.scalars(sa.select(store.table("change").c.new))
        return {str(value) for new in news if new for value in new.values()}


def broken_chains(store: Store, before: dict[tuple[str, int], dict[str, Any]], newest: int) -> list[str]:
    """Replay the log from `before` on: each change must begin where the one before it ended, the last where we are.

    A record's changes are numbered while it is locked, so their numbers are the order in which they were committed.
    """
    state: dict[tuple[str, int], dict[str, Any]] = defaultdict(dict, {key: dict(row) for key, row in before.items()})
    faults = []
    table = store.table("change")
    with store.read() as connection:
        log = connection.execute(sa.select(table).where(table.c.id > newest).order_by(table.c.id)).all()
    for change in log:
        key = (change.entity, change.record_id)
        known = state[key]
        for name, old in (change.old or {}).items() if change.action == "update" else ():
            if name in known and known[name] != old:
                faults.append(f"{key} {name}: was {known[name]!r}, but change {change.id} found {old!r}")
        if change.action == "delete":
            state.pop(key)
        else:
            known.update(change.new or {})
    now = rows_of(store)
    kept = {key: row for key, row in now.items() if key in state or key[0] == "contact"}
    for key, row in kept.items():
        found = {name: row[name] for name, value in state.get(key, {}).items() if _is_told(name) and row[name] != value}
        faults += [
            f"{key} {name}: the log ends with {state[key][name]!r}, not {here!r}" for name, here in found.items()
        ]
    return faults + [f"{key} is gone, and the log does not say so" for key in set(before) & set(state) - set(now)]


def _is_told(name: str) -> bool:
    return name not in ("row_version", "updated_at") and not name.endswith("_key")


def orphans(store: Store) -> list[tuple[str, int]]:
    """Contacts without their party or the other way round, and ids that two kinds of party share."""
    party, contact, account = (store.table(name) for name in ("party", "contact", "account"))
    with store.read() as connection:
        parties = {row[0]: row[1] for row in connection.execute(sa.select(party.c.id, party.c.kind))}
        contacts = set(connection.scalars(sa.select(contact.c.id)))
        accounts = set(connection.scalars(sa.select(account.c.id)))
    wanted = {**dict.fromkeys(contacts, "contact"), **dict.fromkeys(accounts, "account")}
    shared = [("shared", number) for number in sorted(contacts & accounts)]
    return shared + sorted((kind, number) for number, kind in set(parties.items()) ^ set(wanted.items()))
