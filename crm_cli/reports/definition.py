"""A report's definition: a SELECT with a header of comment lines that say what it is and takes.

-- title: Pipeline by stage
-- description: What it says.
-- dialect: sqlite                         (a user's own file; shipped ones are PostgreSQL's)
-- parameter: since date = today - 30 | First day that counts
-- money: amount, weighted by currency     (minor units, shown in major ones)
-- chart: bar stage amount
-- subject: opportunity                    (what --where may narrow: the records of this entity that are read)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from crm_cli.dictionary import fold
from crm_cli.errors import NotFoundError, UsageError, did_you_mean

__all__ = ["Chart", "Definition", "Parameter", "ReportError", "find_report", "load_reports"]

_LINE = re.compile(r"--\s*(title|description|dialect|parameter|money|chart|subject)\s*:\s*(.*)", re.IGNORECASE)
_PARAMETER = re.compile(r"(\w+)\s+(key|text|integer|date)\s*=\s*([^|]*?)\s*(?:\|\s*(.*))?$")
_MONEY = re.compile(r"([\w,\s]+?)\s+by\s+(\w+)$")
_DAYS = re.compile(r"today\s*-\s*(\d+)$")
SHIPPED_DIALECT = "postgres"


class ReportError(UsageError):
    """The report's file, or a value for one of its parameters, is wrong."""

    code = "report"


@dataclass(frozen=True)
class Parameter:
    """A value that the report takes: `key` texts are compared folded."""

    name: str
    type: str
    default: str
    meaning: str = ""

    def value(self, given: str | None, today: date) -> Any:
        """Return what the statement is bound to; `ReportError` for a text that is no such value."""
        text = self.default if given is None else given
        if text == "null":
            return None
        try:
            if self.type == "date":
                days = _DAYS.match(text)
                return (
                    today - timedelta(days=int(days[1]))
                    if days
                    else today
                    if text == "today"
                    else date.fromisoformat(text)
                )
            return int(text) if self.type == "integer" else fold(text) if self.type == "key" else text
        except ValueError:
            hint = {"date": "a day as YYYY-MM-DD", "integer": "a whole number"}[self.type]
            raise ReportError(f"parameter {self.name}: {text!r} is not a {self.type}", hint=hint) from None


@dataclass(frozen=True)
class Chart:
    """How the report is drawn: the kind, the column of labels, the column of lengths."""

    kind: str
    label: str
    value: str


@dataclass(frozen=True)
class Definition:
    """A report as it is written down."""

    name: str
    sql: str
    title: str
    description: str = ""
    dialect: str | None = None  # None: the database's own
    parameters: tuple[Parameter, ...] = ()
    money: tuple[str, ...] = ()
    currency: str | None = None
    chart: Chart | None = None
    subject: str | None = None
    path: str = ""
    shipped: bool = field(default=False, compare=False)


def load_reports(folder: Path | None = None) -> dict[str, Definition]:
    """Return all reports by name: the shipped ones, and those of `folder`, which win."""
    found = {one.name: one for one in _shipped()}
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob("*.sql")):
            found[path.stem] = parse_report(path.stem, path.read_text(encoding="utf-8"), str(path))
    return found


def find_report(name: str, folder: Path | None = None) -> Definition:
    """Return one report; `NotFoundError` suggests the nearest."""
    known = load_reports(folder)
    if name not in known:
        hint = did_you_mean(name, list(known)) or f"known: {', '.join(known)}"
        raise NotFoundError(f"there is no report {name!r}", hint=hint, report=name)
    return known[name]


def _shipped() -> Iterator[Definition]:
    folder = resources.files("crm_cli.reports").joinpath("definitions")
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".sql"):
            yield parse_report(
                entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8"), entry.name, shipped=True
            )


def parse_report(name: str, text: str, path: str, *, shipped: bool = False) -> Definition:
    """Read a definition; `ReportError` says which line of the header is wrong."""
    values: dict[str, Any] = {"title": name, "dialect": SHIPPED_DIALECT if shipped else None}
    parameters: list[Parameter] = []
    for number, line in enumerate(text.splitlines(), start=1):
        found = _LINE.match(line.strip())
        if not found:
            continue
        key, rest = found[1].lower(), found[2].strip()
        place = f"{path}, line {number}"
        if key == "parameter":
            parameters.append(_parameter(rest, place))
        elif key == "money":
            values["money"], values["currency"] = _money(rest, place)
        elif key == "chart":
            values["chart"] = _chart(rest, place)
        else:
            values[key] = rest
    return Definition(name=name, sql=text, parameters=tuple(parameters), path=path, shipped=shipped, **values)


def _parameter(text: str, place: str) -> Parameter:
    found = _PARAMETER.match(text)
    if not found:
        raise ReportError(f"{place}: not a parameter: {text}", hint="-- parameter: since date = today - 30 | Meaning")
    return Parameter(found[1], found[2], found[3], found[4] or "")


def _money(text: str, place: str) -> tuple[tuple[str, ...], str]:
    found = _MONEY.match(text)
    if not found:
        raise ReportError(f"{place}: not a list of amounts: {text}", hint="-- money: amount, weighted by currency")
    return tuple(name.strip() for name in found[1].split(",")), found[2]


def _chart(text: str, place: str) -> Chart:
    words = text.split()
    if len(words) != 3 or words[0] != "bar":
        raise ReportError(f"{place}: not a chart: {text}", hint="-- chart: bar LABEL VALUE")
    return Chart(*words)
