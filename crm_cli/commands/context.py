"""`Crm`: what a command works through – console, configuration, store, and the answers to the common options."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from crm_cli.commands.masking import masked
from crm_cli.config import Config, ConfigError, database_location, load, require_existing
from crm_cli.console import Console
from crm_cli.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from crm_cli.dictionary import Dictionary, Entity
    from crm_cli.history import Author, Operation
    from crm_cli.store import Store

__all__ = ["Common", "Crm", "NoSuchSourceError", "Surroundings", "source_or_entity"]


@dataclass(frozen=True)
class Surroundings:
    """The process as a command sees it: its console, working directory and arguments; tests make their own."""

    console: Console
    cwd: Path
    argv: tuple[str, ...] = ()

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables."""
        return self.console.streams.environ


@dataclass(frozen=True)
class Common:
    """The common options, as given (`crm_cli.options` says what each means)."""

    db: str | None = None
    json: bool = False
    quiet: bool = False
    no_input: bool = False
    debug: bool = False
    dry_run: bool = False
    yes: bool = False
    reason: str | None = None
    actor: str | None = None
    wait: float | None = None


@dataclass
class Crm:
    """Handed to every command. The store is opened when first asked for and closed when the command ends."""

    surroundings: Surroundings
    common: Common = field(default_factory=Common)

    def __enter__(self) -> Crm:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if "store" in self.__dict__:
            self.store.close()

    def __post_init__(self) -> None:
        console, common = self.surroundings.console, self.common
        console.json, console.quiet, console.no_input = common.json, common.quiet, common.no_input

    @property
    def console(self) -> Console:
        """Where results, notes and questions go."""
        return self.surroundings.console

    @cached_property
    def config(self) -> Config:
        """The configuration that holds here; --db is above all files."""
        return load(self.surroundings.environ, self.surroundings.cwd, flags={"database": self.common.db})

    @property
    def database(self) -> str:
        """The database's URL or file, whether it exists or not."""
        return database_location(self.config)

    @cached_property
    def store(self) -> Store:
        """The open database; `MissingDatabaseError` (exit 2) when its file does not exist."""
        from crm_cli.dictionary import UnknownEntityError, UnknownFieldError
        from crm_cli.store import Store  # NOTE: SQLAlchemy costs 0.2 s, and not every command needs it

        location = require_existing(self.database, self.config)
        masked, origin = self.config.names("masked"), self.config.settings["masked"].origin
        try:
            opened = Store.open(location, zone=self.zone, masked=masked, masked_by=origin)
        except (UnknownEntityError, UnknownFieldError) as error:
            raise ConfigError(f"{origin}: masked: {error.message}", hint=error.hint, key="masked") from None
        opened.privacy_key = self._privacy_key
        return opened

    def _privacy_key(self) -> bytes:
        from crm_cli.commands.privacy_key import key_source  # NOTE: asked for only where persons were erased

        return key_source(self.config, self.surroundings.environ).read()

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone in which days begin and times are shown."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.config.text("timezone"))

    @cached_property
    def actor(self) -> str:
        """Who acts: --as, else CRM_USER or the configuration's `user`, else the operating system's user."""
        named = self.common.actor or self.config.text("user")
        if named:
            return named
        try:
            return getpass.getuser()
        except (OSError, KeyError):  # a container without a passwd entry
            return "unknown"

    @property
    def dry_run(self) -> bool:
        """Whether everything is to be rolled back in the end."""
        return self.common.dry_run

    @property
    def reason(self) -> str | None:
        """Why, for the log."""
        return self.common.reason

    @property
    def wait(self) -> float:
        """How many seconds to wait for another writer; 0 is not at all."""
        return self.common.wait or 0.0

    @property
    def author(self) -> Author:
        """Who writes, why, and with which command; for the log."""
        from crm_cli.history import Author

        return Author(self.actor, self.reason or "", masked(self.surroundings.argv))

    def operation(self, kind: str, *, exclusive: bool = False) -> AbstractContextManager[Operation]:
        """Open an operation on the store, as --dry-run, --as, --reason and --wait say.

        `exclusive` is for long writers: they hold the lease, and others wait or end with 5.
        """
        from crm_cli.history import operation

        return operation(self.store, kind, self.author, dry_run=self.dry_run, exclusive=exclusive, wait=self.wait)

    def confirm(self, question: str) -> bool:
        """Ask before a dangerous change: yes with --yes and in a dry run, else the person at the terminal says."""
        return self.common.yes or self.common.dry_run or self.console.confirm(question, flag="--yes")

    @cached_property
    def dictionary(self) -> Dictionary:
        """The database's dictionary with its run-time fields; where there is no database, the shipped one."""
        from crm_cli.dictionary import shipped
        from crm_cli.store import NoDatabaseError

        try:
            return self.store.dictionary
        except NoDatabaseError:
            return shipped()

    def source_or_entity(self, word: str) -> Entity | Path | str:
        """Tell whether `word` is an entity, a file, `-` or a URL; see the function of this name."""
        from crm_cli.dictionary import shipped

        return source_or_entity(word, shipped(), self.surroundings.cwd)

    def path(self, given: str | Path) -> Path:
        """Return a path that the user gave, seen from the working directory."""
        return self.surroundings.cwd / Path(given).expanduser()


class NoSuchSourceError(UsageError):
    """A word names neither an entity nor a file."""

    code = "no-such-source"


def source_or_entity(word: str, dictionary: Dictionary, cwd: Path) -> Entity | Path | str:
    """Tell what a bare word means: an entity's name is the entity, everything else a file (`./contact` always is).

    `-` (standard input) and URLs come back as they are. Raises `NoSuchSourceError` when it is none of these.
    """
    if word in dictionary:
        return dictionary.entity(word)
    if word == "-" or "://" in word:
        return word
    path = cwd / Path(word).expanduser()
    if path.exists():
        return path
    neighbours = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    nouns = [entity.noun for entity in dictionary.records]
    hint = did_you_mean(path.name, [*neighbours, *nouns]) or "crm schema list shows the entities"
    raise NoSuchSourceError(f"{word} is neither an entity nor a file", hint=hint, word=word)
