"""What a project demands of a source: `sources/NAME.toml`, read strictly – a mistyped key is named, never passed over.

columns = "same"            # "any", or "mapped": only columns that fill something must be there
[gate]
min_rows = 1000
fewer_rows = "20%"          # at most so many fewer than the last time
rejected = "2%"             # at most; also not_understood, conflicts, suspected, created, updated
filled = { email = "90%" }  # at least
[collision]
default = "newest"
phone = "blank"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crm_cli.dictionary import Entity, fold
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.jobs.importing.collision import Collision

__all__ = ["Gate", "SourceSettings", "SourceSettingsError", "read_source_settings", "refuse_unknown_fields"]

_COLUMNS = ("same", "mapped", "any")
_SHARES = ("fewer_rows", "rejected", "not_understood", "conflicts", "suspected", "created", "updated")


class SourceSettingsError(UsageError):
    """A file of `sources/` says something that cannot be used."""

    code = "source-settings"


@dataclass(frozen=True)
class Gate:
    """What a delivery must pass. Shares go from 0 to 1 and are of its rows; None and blanks demand nothing.

    `most`: by count (`rejected`, …) the largest share allowed; `fewer_rows` is the largest share by which it may be
    smaller than the delivery before. `filled`: by field or contact slot the least share of rows that have a value.
    """

    min_rows: int | None = None
    most: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    filled: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class SourceSettings:
    """The demands on one source; `file` is where they stand, blank where there are none.

    `rules`: who wins a disagreement, by field (`email`, `phone` and `address` for all contact points of the kind).
    """

    file: str = ""
    columns: str = "same"
    gate: Gate = field(default_factory=Gate)
    default: Collision | None = None
    rules: Mapping[str, Collision] = field(default_factory=lambda: MappingProxyType({}))


def read_source_settings(folder: Path, source: str) -> SourceSettings:
    """Return what `folder` says of the source of this name (`shop.toml`, whatever its case); nothing without a file.

    Raises `SourceSettingsError` naming the file, the key and what is wrong with it.
    """
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    stem = Path(source).stem if fold(source) not in {fold(file.stem) for file in files} else source
    file = next((one for one in files if fold(one.stem) == fold(stem)), None)
    if file is None:
        return SourceSettings()
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SourceSettingsError(f"{file}: {fault}", hint="it is TOML in UTF-8", file=str(file)) from None
    return _Reader(str(file)).settings(content)


def refuse_unknown_fields(settings: SourceSettings, entities: Sequence[Entity]) -> None:
    """Raise `SourceSettingsError` where the settings speak of a field that the imported entities have not."""
    names = {name for entity in entities for name in (*entity.by_name, *entity.slot_by_name)}
    names |= {one.path_name for entity in entities for one in entity.references}
    names |= {"full_name", "address"}
    for at, given in (("gate.filled", settings.gate.filled), ("collision", settings.rules)):
        for name in given:
            if name not in names:
                nouns = " or ".join(entity.noun for entity in entities)
                hint = did_you_mean(name, names) or f"crm schema show {entities[-1].noun} lists its fields"
                raise SourceSettingsError(f"{settings.file}: {at}: {nouns} has no field {name!r}", hint=hint)


@dataclass(frozen=True)
class _Reader:
    """Reads one file."""

    file: str

    def settings(self, content: Mapping[str, Any]) -> SourceSettings:
        self._refuse_unknown("", content, ("columns", "gate", "collision"))
        columns = content.get("columns", "same")
        if columns not in _COLUMNS:
            raise self._fault("columns", f"{columns!r} is none of {', '.join(_COLUMNS)}")
        rules = {name: self._rule(name, value) for name, value in self._table(content, "collision").items()}
        default = rules.pop("default", None)
        return SourceSettings(self.file, columns, self._gate(self._table(content, "gate")), default, rules)

    def _gate(self, given: Mapping[str, Any]) -> Gate:
        self._refuse_unknown("gate.", given, ("min_rows", "filled", *_SHARES))
        least = given.get("min_rows")
        if least is not None and (not isinstance(least, int) or isinstance(least, bool) or least < 0):
            raise self._fault("gate.min_rows", f"{least!r} is no number of rows")
        most = {name: self._share(f"gate.{name}", given[name]) for name in _SHARES if name in given}
        filled = self._table(given, "filled", "gate.")
        return Gate(least, most, {name: self._share(f"gate.filled.{name}", value) for name, value in filled.items()})

    def _share(self, key: str, value: Any) -> float:
        """Read `"2%"` or .02."""
        try:
            share = float(value[:-1]) / 100 if isinstance(value, str) and value.endswith("%") else float(value)
        except (TypeError, ValueError):
            share = -1.0
        if isinstance(value, bool) or not 0 <= share <= 1:
            raise self._fault(key, f'{value!r} is no share such as "2%" or 0.02')
        return share

    def _rule(self, name: str, value: Any) -> Collision:
        if value not in set(Collision):
            raise self._fault(f"collision.{name}", f"{value!r} is none of {', '.join(Collision)}")
        return Collision(value)

    def _table(self, content: Mapping[str, Any], name: str, at: str = "") -> Mapping[str, Any]:
        given = content.get(name, {})
        if not isinstance(given, dict):
            raise self._fault(at + name, "it must be a table")
        return given

    def _refuse_unknown(self, at: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in given:
            if key not in known:
                hint = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
                raise SourceSettingsError(f"{self.file}: unknown key {at + key!r}", hint=hint, file=self.file)

    def _fault(self, key: str, why: str) -> SourceSettingsError:
        return SourceSettingsError(f"{self.file}: {key}: {why}", hint="correct the file", file=self.file, key=key)
