"""What should have run by now and did not: the schedules of scripts compared with the journal of their runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_cli.automation import Script, ScriptError, read_script
from crm_cli.errors import NotFoundError
from crm_cli.jobs.scripting.executing import lease_name
from crm_cli.jobs.scripting.journal import PastRun, past_runs
from crm_cli.store import Store
from crm_cli.store.lease import lease_holder

__all__ = ["Lateness", "Scripts", "find_scripts", "lateness"]


@dataclass(frozen=True)
class Lateness:
    """A script with a schedule: whether it is late, since when, and what became of its last run.

    `ended` is never, running, interrupted, failed or done, with the exit code of the run where it has one.
    """

    name: str
    schedule: str
    late: bool
    due_at: datetime | None
    last_run: datetime | None
    ended: str
    exit_code: int | None
    path: Path


@dataclass(frozen=True)
class Scripts:
    """Scripts that were found, and what could not be read among them, with the error."""

    scripts: list[Script]
    broken: list[ScriptError]


def find_scripts(store: Store, places: Sequence[Path], folder: Path | None = None) -> Scripts:
    """Return the scripts of the files and folders `places`; without any, those of `folder`, and those that ever ran.

    Raises `NotFoundError` for a place that does not exist; a script that cannot be read is told, not skipped.
    """
    for one in places:
        if not one.exists():
            raise NotFoundError(f"there is no script {one}", hint="name a file, or a folder of scripts", path=str(one))
    chosen = _files(places) if places else [*_files([folder] if folder else []), *_ran(store)]
    found, broken = [], []
    for path in dict.fromkeys(one.resolve() for one in chosen):
        try:
            found.append(read_script(path))
        except ScriptError as error:
            broken.append(error)
    return Scripts(found, broken)


def _files(places: Iterable[Path]) -> list[Path]:
    return [
        file
        for place in places
        for file in (sorted(place.glob("*.toml")) if place.is_dir() else [place] if place.is_file() else [])
    ]


def _ran(store: Store) -> list[Path]:
    """The files of scripts that ever ran, where they are still there."""
    paths = dict.fromkeys(one.path for one in past_runs(store) if one.path)
    return [Path(one) for one in paths if Path(one).is_file()]


def lateness(store: Store, scripts: Iterable[Script], now: datetime) -> list[Lateness]:
    """Return how each script that has a schedule stands at `now`, the late ones first, then by name.

    A run counts when it came to its end (also with findings, 3, or in part, 4), or goes on now.
    """
    runs: dict[str, list[PastRun]] = {}
    for one in past_runs(store):
        if one.started_at <= now:
            runs.setdefault(one.name, []).append(one)
    found = [_standing(store, script, runs.get(script.name, []), now) for script in scripts if script.schedule]
    return sorted(found, key=lambda one: (not one.late, one.name))


def _standing(store: Store, script: Script, runs: Sequence[PastRun], now: datetime) -> Lateness:
    if script.schedule is None:
        raise ValueError(script.name)
    here = now.astimezone(store.zone)
    running = lease_holder(store.engine, store.table("lease"), lease_name(script.name)) is not None
    good = next((one for one in runs if one.status == "done" or (running and one.status == "running")), None)
    due = script.schedule.due(good.started_at.astimezone(store.zone) if good else None, here)
    last = runs[0] if runs else None
    return Lateness(
        script.name, script.schedule.text, due is not None, due, last.started_at if last else None,
        _ended(last, running=running), last.exit_code if last else None, script.path,
    )  # fmt: skip


def _ended(last: PastRun | None, *, running: bool) -> str:
    if last is None:
        return "never"
    return "interrupted" if last.status == "running" and not running else last.status
