"""Read a profile file (TOML). What is wrong with it is said with the file and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_cli.dictionary import fold
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.importers.profiles.model import Conditions, Join, Profile, Reference, Route, TableLayout

__all__ = ["ProfileError", "parse_profile", "read_profile"]

ID_FORMS = ("salesforce",)
_ORDERS = ("dmy", "mdy", "ymd")
_PROFILE_KEYS = ("title", "source", "ids", "dates", "timezone", "aliases", "table")
_TABLE_KEYS = (
    "into", "names", "headers", "signature", "by_name_only", "key", "columns", "references", "values", "constants",
    "where", "skip", "ignore", "join", "route", "links", "dates", "timezone",
)  # fmt: skip


class ProfileError(UsageError):
    """A profile file says something that cannot be understood; the facts name `file` and `key`."""

    code = "profile"


def read_profile(path: Path, name: str | None = None) -> Profile:
    """Read the profile in the file `path`, called `name` or like the file; raises `ProfileError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise ProfileError(
            f"cannot read {path}: {fault.strerror}", hint="crm mapping profiles lists those there are", file=str(path)
        ) from fault
    except UnicodeDecodeError as fault:
        raise ProfileError(
            f"{path} is not UTF-8: {fault}", hint="a profile is TOML in UTF-8", file=str(path)
        ) from fault
    return parse_profile(text, name or path.stem, str(path))


def parse_profile(text: str, name: str, origin: str) -> Profile:
    """Return the profile that `text` describes; raises `ProfileError`. `origin` is the file, for messages."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ProfileError(f"{origin} is not TOML: {fault}", hint="mend the line named", file=origin) from fault
    whole = _Part(origin, "", content)
    whole.only(_PROFILE_KEYS)
    ids = whole.text("ids")
    if ids and ids not in ID_FORMS:
        raise whole.wrong("ids", f"there is no form of ids {ids!r}", f"one of: {', '.join(ID_FORMS)}")
    tables = [
        _table(_Part(origin, f"table {number}", one), number, whole)
        for number, one in enumerate(whole.tables("table"), start=1)
    ]
    if not tables:
        raise whole.wrong("table", "it describes no table", "begin one with [[table]]")
    return Profile(
        name, whole.text("title") or name, whole.texts("source"), tuple(tables), origin, ids, whole.texts("aliases")
    )


@dataclass(frozen=True)
class _Part:
    """A table of the file: reads its keys, and says where a fault is."""

    file: str
    place: str
    content: Map[str, Any]

    def wrong(self, key: str, what: str, hint: str = "") -> ProfileError:
        where = f"{self.place}: {key}" if self.place else key
        return ProfileError(f"{self.file}: {where}: {what}", hint=hint, file=self.file, key=where)

    def only(self, known: Iterable[str]) -> None:
        for key in self.content:
            if key not in known:
                hint = did_you_mean(key, known) or f"known: {', '.join(known)}"
                raise self.wrong(key, "there is no such key", hint)

    def _get(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:
        value = self.content.get(key)
        if value is not None and not isinstance(value, kind):
            raise self.wrong(key, f"it is {value!r}, and should be {what}")
        return value

    def text(self, key: str) -> str:
        return self._get(key, str, "a text") or ""

    def truth(self, key: str) -> bool:
        return bool(self._get(key, bool, "true or false"))

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key, (str, list), "a text or a list of texts")
        found = [value] if isinstance(value, str) else value or []
        if not all(isinstance(one, str) for one in found):
            raise self.wrong(key, "every entry should be a text")
        return tuple(found)

    def tables(self, key: str) -> list[dict[str, Any]]:
        found = self._get(key, list, f"written as [[{key}]]") or []
        if not all(isinstance(one, dict) for one in found):
            raise self.wrong(key, f"it should be written as [[{key}]]")
        return list(found)

    def part(self, key: str) -> _Part:
        place = f"{self.place}: {key}" if self.place else key
        return _Part(self.file, place, self._get(key, dict, f"a table, [{key}]") or {})

    def pairs(self, key: str) -> dict[str, str]:
        part = self.part(key)
        return {name: part.word(name) for name in part.content}

    def word(self, key: str) -> str:
        value = self._get(key, (str, int, float), "a text")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def conditions(self, key: str) -> Conditions:
        part = self.part(key)
        return {name: tuple(fold(one) or "" for one in part.texts(name)) for name in part.content}

    def each(self, key: str, make: Callable[[_Part, str], Any]) -> dict[str, Any]:
        part = self.part(key)
        return {name: make(part, name) for name in part.content}


def _table(part: _Part, number: int, whole: _Part) -> TableLayout:
    part.only(_TABLE_KEYS)
    if not part.text("into"):
        raise part.wrong("into", "it is missing", 'say what the rows are: into = "account"')
    if not part.texts("names") and not part.texts("headers"):
        raise part.wrong("names", "neither names nor headers say how the table is recognized")
    dates = part.text("dates") or whole.text("dates") or None
    if dates and dates not in _ORDERS:
        raise part.wrong("dates", f"there is no order {dates!r}", f"one of: {', '.join(_ORDERS)}")
    return TableLayout(
        number=number, into=part.text("into"), names=part.texts("names"), headers=part.texts("headers"),
        signature=part.texts("signature"), by_name_only=part.truth("by_name_only"), key=part.texts("key"),
        columns=part.pairs("columns"), references=part.each("references", _reference),
        values=part.each("values", lambda given, name: given.pairs(name)), constants=part.pairs("constants"),
        where=part.conditions("where"), skip=part.conditions("skip"), ignore=part.texts("ignore"),
        joins=tuple(_join(_Part(part.file, f"{part.place}: join", one)) for one in part.tables("join")),
        routes=tuple(_route(part.part("route").part(name), name) for name in part.part("route").content),
        links=part.each("links", lambda given, name: given.texts(name)), dates=dates,
        timezone=part.text("timezone") or whole.text("timezone") or None,
    )  # fmt: skip


def _reference(part: _Part, name: str) -> Reference:
    if isinstance(part.content[name], str):
        return Reference(part.text(name))
    given = part.part(name)
    given.only(("field", "to", "several"))
    if not given.text("field"):
        raise given.wrong("field", "it is missing", "name the field that the column fills")
    return Reference(given.text("field"), given.texts("to"), given.truth("several"))


def _join(part: _Part) -> Join:
    part.only(("table", "on", "take", "where", "first", "through", "together"))
    on = part.texts("on")
    if not part.text("table") or len(on) != 2:
        raise part.wrong("on", "a join needs table, and on = [column here, column there]")
    through = _join(part.part("through")) if "through" in part.content else None
    take = part.pairs("take")
    if not take and not (through and through.take):
        raise part.wrong("take", "it takes no column", 'take = { account_id = "account_id" }')
    return Join(
        part.text("table"), (on[0], on[1]), take, part.conditions("where"), part.conditions("first"), through,
        part.truth("together"),
    )  # fmt: skip


def _route(part: _Part, column: str) -> Route:
    part.only(("prefix", "by", "words", "otherwise"))
    prefixes, words = part.pairs("prefix"), part.pairs("words")
    if bool(prefixes) == bool(words) or bool(words) != bool(part.text("by")):
        raise part.wrong("by", "a route needs either prefix, or by and words")
    folded = {fold(cell) or "": word for cell, word in words.items()}
    return Route(column, prefixes, part.text("by"), folded, part.text("otherwise") or "other")
