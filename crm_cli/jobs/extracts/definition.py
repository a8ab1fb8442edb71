"""What an extract is: the file that says which records, which columns, masked how, and where they go."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crm_cli.automation import Schedule, ScheduleError, read_schedule
from crm_cli.errors import NotFoundError, UsageError, did_you_mean
from crm_cli.jobs.exporting import Points, Request, purpose_of

__all__ = ["Extract", "ExtractError", "find_extract", "list_extracts", "read_extract", "save_extract"]

_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,79}")
_PLACE = re.compile(r"\{([^{}]*)\}")
_LISTS = {"columns", "order", "mask", "purpose"}
_KEYS = {"purpose": "for"}  # as the file calls it
_HEAD = "# An extract of crm: run it with `crm extract run {name}`. docs/export.md says what each key means.\n\n"


class ExtractError(UsageError):
    """A file that says no extract."""

    code = "extract"


@dataclass(frozen=True, kw_only=True)
class Extract:
    """An extract as it is kept. `output` is seen from the folder of the project; `{date}` and the like stand in it.

    `every` or `due` says when it should run, as a script does: `crm due` tells when it did not.
    """

    name: str
    entity: str
    output: str
    columns: Sequence[str] = ()
    where: str = ""
    order: Sequence[str] = ()
    purpose: Sequence[str] = ()
    mask: Sequence[str] = ()
    points: str = Points.FIRST.value
    split: str = ""
    format: str = ""
    every: str = ""
    due: str = ""

    @property
    def schedule(self) -> Schedule | None:
        """When it should run; `ExtractError` for what is no time."""
        try:
            return read_schedule(self.every, self.due)
        except ScheduleError as fault:
            what, _, hint = str(fault).partition("; ")
            raise ExtractError(f"extract {self.name}: {what}", hint=hint) from None

    def request(self, key: str = "") -> Request:
        """Return what is to be read; `key` is the secret of the masking. Raises `UsageError` for words nobody knows."""
        try:
            points = Points(self.points)
        except ValueError:
            hint = f"points takes {', '.join(Points)}"
            raise ExtractError(f"extract {self.name}: points: {self.points!r}", hint=hint) from None
        return Request(
            entity=self.entity, columns=self.columns, where=self.where or None, order=self.order, points=points,
            purpose=purpose_of(self.purpose), mask=self.mask, key=key,
        )  # fmt: skip

    def destination(self, today: date, now: datetime | None = None) -> str:
        """Return where a run of this day writes: a file, or the URL of a database; `now` is the time of the clock."""
        year, week, _ = today.isocalendar()
        values = {
            "date": today.isoformat(), "year": f"{today:%Y}", "month": f"{today:%m}", "day": f"{today:%d}",
            "week": f"{year}-W{week:02d}", "name": self.name, "value": "{value}",
            "time": f"{now or datetime.now(UTC):%H%M%S}",
        }  # fmt: skip
        for place in _PLACE.findall(self.output):
            if place not in values:
                hint = did_you_mean(place, values) or f"places: {', '.join(f'{{{one}}}' for one in values)}"
                raise ExtractError(f"extract {self.name}: output: unknown place {{{place}}}", hint=hint)
        return _PLACE.sub(lambda match: values[match[1]], self.output)

    @property
    def fingerprint(self) -> str:
        """A hash of what decides on rows and columns: where it changed, what went out before is no base to go on."""
        says = [self.entity, list(self.columns), self.where, list(self.mask), list(self.purpose), self.points]
        return hashlib.sha256(json.dumps(says, ensure_ascii=False).encode()).hexdigest()[:16]


def save_extract(folder: Path, extract: Extract, *, overwrite: bool = False) -> Path:
    """Write the extract's file; `UsageError` for a name that is none, or one that is taken."""
    import tomlkit

    if not _NAME.fullmatch(extract.name):
        hint = "letters, digits, - and _"
        raise ExtractError(f"{extract.name!r} is no name for an extract", hint=hint, name=extract.name)
    path = folder / f"{extract.name}.toml"
    if path.exists() and not overwrite:
        raise ExtractError(
            f"there is an extract {extract.name} already", hint="choose another name, or add --overwrite"
        )
    said = {one.name: getattr(extract, one.name) for one in fields(extract) if one.name != "name"}
    content = {_KEYS.get(name, name): _plain(value) for name, value in said.items() if value not in ("", (), [])}
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(_HEAD.format(name=extract.name) + tomlkit.dumps(content), encoding="utf-8")
    return path


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else list(value)


def read_extract(path: Path) -> Extract:
    """Return the extract of a file; `ExtractError` says what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExtractError(f"{path}: {error}", hint="correct the file; its format is TOML") from None
    known = {_KEYS.get(one.name, one.name): one.name for one in fields(Extract) if one.name != "name"}
    for key in content:
        if key not in known:
            hint = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
            raise ExtractError(f"{path}: unknown key {key!r}", hint=hint, key=key)
    for key in ("entity", "output"):
        if key not in content:
            raise ExtractError(f"{path}: {key} is missing", hint=f'add {key} = "…"', key=key)
    values = {known[key]: _checked(path, key, known[key], value) for key, value in content.items()}
    return Extract(name=path.stem, **values)


def _checked(path: Path, key: str, name: str, value: Any) -> Any:
    if name in _LISTS:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise ExtractError(f"{path}: {key} must be a list of texts", hint=f'{key} = ["…", "…"]', key=key)
    if not isinstance(value, str):
        raise ExtractError(f"{path}: {key} must be a text", hint=f'{key} = "…"', key=key)
    return value


def list_extracts(folder: Path) -> list[Extract]:
    """Return the extracts of a folder by name; raises what `read_extract` raises."""
    return [read_extract(path) for path in sorted(folder.glob("*.toml"))] if folder.is_dir() else []


def find_extract(folder: Path, name: str) -> Extract:
    """Return the extract called `name`; `NotFoundError` suggests the nearest."""
    path = folder / f"{name}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        known = [one.stem for one in sorted(folder.glob("*.toml"))] if folder.is_dir() else []
        hint = did_you_mean(name, known) or (
            f"there are: {', '.join(known)}" if known else "crm extract save makes one"
        )
        raise NotFoundError(f"there is no extract {name}", hint=hint, extract=name)
    return read_extract(path)
