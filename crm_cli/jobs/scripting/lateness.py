"""What should have run by now and did not: the schedules of scripts and extracts compared with their runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crm_cli.automation import Schedule, Script, ScriptError, read_script
from crm_cli.errors import CrmError, NotFoundError
from crm_cli.jobs.exporting import runs_of
from crm_cli.jobs.extracts import Extract, ExtractError, read_extract
from crm_cli.jobs.scripting.executing import lease_name
from crm_cli.jobs.scripting.journal import PastRun, past_runs
from crm_cli.store import Store
from crm_cli.store.lease import lease_holder

__all__ = ["Lateness", "Scheduled", "find_scheduled", "lateness"]


@dataclass(frozen=True)
class Lateness:
    """A script or an extract with a schedule: whether it is late, since when, and what became of its last run.

    `ended` is never, running, interrupted, failed or done, with the exit code of the run where it has one. `path` is
    the file of a script, None for an extract.
    """

    name: str
    schedule: str
    late: bool
    due_at: datetime | None
    last_run: datetime | None
    ended: str
    exit_code: int | None
    path: Path | None = None


@dataclass(frozen=True)
class Scheduled:
    """Scripts and extracts that were found, and what could not be read among them, with the error."""

    scripts: list[Script] = field(default_factory=list)
    extracts: list[Extract] = field(default_factory=list)
    broken: list[CrmError] = field(default_factory=list)


def find_scheduled(store: Store, places: Sequence[Path], project: Path) -> Scheduled:
    """Return the scripts of the files and folders `places`; without any, those of the project's folder `scripts`, those
    that ever ran, and the extracts of its folder `extracts`.

    Raises `NotFoundError` for a place that does not exist; what cannot be read is told, not skipped.
    """
    for one in places:
        if not one.exists():
            raise NotFoundError(f"there is no script {one}", hint="name a file, or a folder of scripts", path=str(one))
    found = Scheduled()
    for path in dict.fromkeys(one.resolve() for one in _files(places or [project / "scripts"])):
        _add_script(found, path)
    for path in () if places else _ran(store):
        if path.resolve() not in [one.path for one in found.scripts]:
            _add_script(found, path.resolve())
    for path in () if places else _files([project / "extracts"]):
        try:
            extract = read_extract(path)
            found.extracts.extend([extract] if extract.schedule else [])
        except ExtractError as error:
            found.broken.append(error)
    return found


def _add_script(found: Scheduled, path: Path) -> None:
    try:
        found.scripts.append(read_script(path))
    except ScriptError as error:
        found.broken.append(error)


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


def lateness(store: Store, scheduled: Scheduled, now: datetime) -> list[Lateness]:
    """Return how each script and extract that has a schedule stands at `now`, the late ones first, then by name.

    A run counts when it came to its end (also with findings, 3, or in part, 4), or goes on now.
    """
    runs: dict[str, list[PastRun]] = {}
    for one in past_runs(store):
        if one.started_at <= now:
            runs.setdefault(one.name, []).append(one)
    found = [
        _of_script(store, one, one.schedule, runs.get(one.name, []), now) for one in scheduled.scripts if one.schedule
    ]
    found += [_of_extract(store, one, one.schedule, now) for one in scheduled.extracts if one.schedule]
    return sorted(found, key=lambda one: (not one.late, one.name))


def _of_script(store: Store, script: Script, schedule: Schedule, runs: Sequence[PastRun], now: datetime) -> Lateness:
    running = lease_holder(store.engine, store.table("lease"), lease_name(script.name)) is not None
    good = next((one for one in runs if one.status == "done" or (running and one.status == "running")), None)
    due = _due(store, schedule, good.started_at if good else None, now)
    last = runs[0] if runs else None
    return Lateness(
        script.name, schedule.text, due is not None, due, last.started_at if last else None,
        _ended(last, running=running), last.exit_code if last else None, script.path,
    )  # fmt: skip


def _of_extract(store: Store, extract: Extract, schedule: Schedule, now: datetime) -> Lateness:
    last = next((one for one in runs_of(store, extract.name) if one.started_at <= now), None)
    began = last.started_at if last else None
    due = _due(store, schedule, began, now)
    return Lateness(extract.name, schedule.text, due is not None, due, began, "done" if last else "never", None)


def _due(store: Store, schedule: Schedule, last: datetime | None, now: datetime) -> datetime | None:
    return schedule.due(last.astimezone(store.zone) if last else None, now.astimezone(store.zone))


def _ended(last: PastRun | None, *, running: bool) -> str:
    if last is None:
        return "never"
    return "interrupted" if last.status == "running" and not running else last.status
