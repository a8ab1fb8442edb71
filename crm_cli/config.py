"""The configuration: what holds, and where it comes from.

From strongest to weakest: command-line flag, environment (`CRM_…`), project file (`crm.toml` in this folder or one
above), the user's own file, default. An unknown key is an error, so that a mistyped one never goes unnoticed.
To add a key: one line in `KEYS`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_cli.errors import UsageError, did_you_mean

__all__ = [
    "KEYS",
    "PROJECT_FILE",
    "Config",
    "ConfigError",
    "Key",
    "MissingDatabaseError",
    "Setting",
    "database_location",
    "load",
    "project_file",
    "require_existing",
    "user_folder",
]

PROJECT_FILE = "crm.toml"
_LOOPBACK = r"(?:localhost|127\.0\.0\.1)"
_SMTP = ("host", "from", "to", "port", "user", "password_variable", "security")
USER_FILE = "config.toml"


class ConfigError(UsageError):
    """A configuration file or variable holds something that cannot be used."""

    code = "configuration"


class MissingDatabaseError(UsageError):
    """There is no database where the configuration says."""

    code = "no-database"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text in quotes")
    return value


def _timezone(value: Any) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError("is not a time zone such as Europe/Berlin or UTC") from None
    return str(value)


def _month(value: Any) -> int:
    if not str(value).isdecimal() or not 1 <= int(value) <= 12:
        raise ValueError("must be a month, 1 to 12")
    return int(value)


def _amount(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ValueError("must be a number, not below 0")
    return float(value)


def _years(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) > 100:
        raise ValueError("must be a number of years, 0 to 100")
    return int(value)


def _named_variable(value: Any) -> str:
    """A variable, as `$NAME`: the secret itself stands in no file."""
    if not re.fullmatch(r"\$[A-Za-z_]\w*", _text(value)):
        raise ValueError("must be $NAME of an environment variable, never the secret itself")
    return str(value)


def _code(length: int, kind: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = _text(value).upper()
        if text and not (len(text) == length and text.isascii() and text.isalpha()):
            raise ValueError(f"must be {kind}")
        return text

    return check


def _arguments(value: Any) -> tuple[str, ...]:
    """A hook is a list of arguments: no shell ever sees it, so no customer's name can become a command."""
    if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
        raise ValueError('must be a list of arguments such as ["notify", "--quiet"]')
    return tuple(value)


def _names(value: Any) -> tuple[str, ...]:
    """A list, or with commas as a variable gives it; whether there are such fields the database says."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise ValueError('must be a list such as ["contact.birth_date", "contact.email"]')
    return tuple(one.strip() for one in names if one.strip())


def _webhook(value: Any) -> str:
    """A URL that a message is posted to; what is secret in it stands in a variable, so that no file has it."""
    text = _text(value)
    is_variable = re.fullmatch(r"\$[A-Za-z_]\w*", text)
    if not is_variable and not re.fullmatch(rf"(https://[^/@\s]+|http://{_LOOPBACK}(:\d+)?)(/\S*)?", text):
        raise ValueError("must be an https:// URL without a password, or $NAME of a variable that holds one")
    return text


def _variable(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*", _text(value)):
        raise ValueError("must be the name of an environment variable, never the secret itself")
    return str(value)


def _smtp(value: Any) -> dict[str, Any]:
    """A table for mail; the password is named by its variable, and goes over no open line."""
    if not isinstance(value, dict) or not {"host", "from", "to"} <= set(value) <= set(_SMTP):
        raise ValueError(f"must be a table with host, from and to; also: {', '.join(_SMTP[3:])}")
    for name, given in value.items():
        if not isinstance(given, int if name == "port" else (str, list) if name == "to" else str):
            raise ValueError(f"has a wrong {name}")
    security = value.get("security", "starttls")
    if security not in ("starttls", "tls", "none"):
        raise ValueError("has a wrong security: starttls, tls or none")
    if "password_variable" in value:
        _variable(value["password_variable"])
        if security == "none" and not re.fullmatch(_LOOPBACK, value["host"]):
            raise ValueError('would send a password in the open: security = "starttls" or "tls"')
    return value


@dataclass(frozen=True)
class Key:
    """One key of the configuration; `name` ends with `.*` when the user chooses the last part."""

    name: str
    meaning: str
    check: Callable[[Any], Any] = _text
    default: Any = ""
    variable: str = ""
    hidden: bool = False  # no message and no view shows its value: somebody may have put a secret there

    @property
    def is_table(self) -> bool:
        """Whether the user chooses the names in it."""
        return self.name.endswith(".*")


KEYS: tuple[Key, ...] = (
    Key("database", "the database: a name from [databases], a file or a URL", default="crm.db", variable="CRM_DB"),
    Key("user", "who acts when --as is not given", variable="CRM_USER"),
    Key("timezone", "the time zone in which days begin and dates are shown", _timezone, "UTC", "CRM_TIMEZONE"),
    Key("fiscal_year_start", "the first month of the fiscal year", _month, 1, "CRM_FISCAL_YEAR_START"),
    Key(
        "default_country",
        "the country of phone numbers and addresses that name none (ISO 3166-1)",
        _code(2, "a country code of two letters such as US"),
        variable="CRM_DEFAULT_COUNTRY",
    ),
    Key(
        "base_currency",
        "the currency of sums (ISO 4217)",
        _code(3, "a currency code of three letters such as USD"),
        "USD",
        "CRM_BASE_CURRENCY",
    ),
    Key("masked", "the fields that no view shows, as ENTITY.FIELD", _names, (), "CRM_MASKED"),
    Key(
        "masking_key",
        "the variable with the key of masked exports, at least 16 characters",
        _variable,
        "CRM_MASKING_KEY",
    ),
    Key(
        "privacy.key",
        "the variable with the key of erasures, as $NAME; without it a key file beside crm.toml",
        _named_variable,
        hidden=True,
    ),
    Key("privacy.retention_years", "for how many years business records are kept", _years, 10),
    Key("costs.per_mailing", "what a mailing to one address costs, in base_currency", _amount, 0.0),
    Key("costs.per_duplicate", "what a duplicate costs in a year, in base_currency", _amount, 0.0),
    Key("costs.mailings", "how many mailings go out in a year", _amount, 1.0),
    Key("databases.*", "databases by name, for --db NAME"),
    Key("hooks.*", "commands to run after an event, as a list of arguments; need `crm trust`", _arguments),
    Key("alerts.command", "what `crm audit run --alert` runs, as a list of arguments; needs `crm trust`", _arguments),
    Key(
        "alerts.webhook",
        "the https:// URL it posts to, or $NAME of a variable with it; needs `crm trust`",
        _webhook,
        hidden=True,
    ),
    Key("alerts.webhook_token", "the variable with the bearer token of the webhook", _variable, hidden=True),
    Key(
        "alerts.smtp", "how it sends mail: host, from, to, port, user, password_variable, security", _smtp, hidden=True
    ),
)


@dataclass(frozen=True)
class Setting:
    """One value that holds: `origin` is a flag, a variable, a file or `default`; paths are relative to `base`."""

    key: str
    value: Any
    origin: str
    base: Path
    file: Path | None = None


@dataclass(frozen=True)
class Config:
    """All settings that hold here, and the project file that applies (if any)."""

    settings: Mapping[str, Setting]
    project: Path | None
    user_folder: Path

    def text(self, key: str) -> str:
        """Return the value of `key` as text; empty when it is not set."""
        return str(self.settings[key].value)

    def number(self, key: str) -> int:
        """Return the value of `key` as a number."""
        return int(self.settings[key].value)

    def amount(self, key: str) -> float:
        """Return the value of `key` as an amount."""
        return float(self.settings[key].value)

    def names(self, key: str) -> tuple[str, ...]:
        """Return the names that `key` lists."""
        return tuple(self.settings[key].value)

    def table(self, name: str) -> dict[str, Setting]:
        """Return the settings of a table such as `databases`, by their names in it."""
        prefix = f"{name}."
        return {key.removeprefix(prefix): one for key, one in self.settings.items() if key.startswith(prefix)}

    def hook(self, event: str) -> tuple[str, ...]:
        """Return the argument list to run after `event`, () when there is none.

        Raises `UntrustedError` when it stands in a project file that `crm trust` has not seen as it is now.
        """
        from crm_cli.trust import require_trusted

        setting = self.table("hooks").get(event)
        if setting is None:
            return ()
        if setting.file is not None and setting.file == self.project:
            require_trusted(setting.file, self.user_folder)
        return tuple(setting.value)

    def alerts(self) -> dict[str, Any]:
        """Return what is set of `alerts`, by the last part of its key.

        Raises `UntrustedError` as `hook` does: a file from elsewhere could send what a variable holds to its own host.
        """
        from crm_cli.trust import require_trusted

        found = {name: one for name, one in self.table("alerts").items() if one.value}
        for one in found.values():
            if one.file is not None and one.file == self.project:
                require_trusted(one.file, self.user_folder)
        return {name: one.value for name, one in found.items()}


def load(environ: Mapping[str, str], cwd: Path, flags: Mapping[str, str | None] | None = None) -> Config:
    """Return the configuration that holds in `cwd`. `flags` maps keys to values given on the command line.

    Raises `ConfigError` naming the file or variable, the key and what is wrong with its value.
    """
    folder = user_folder(environ)
    project = project_file(cwd)
    settings = {key.name: Setting(key.name, key.default, "default", cwd) for key in KEYS if not key.is_table}
    for file in (folder / USER_FILE, project):
        if file is not None and file.is_file():
            settings.update({one.key: one for one in _from_file(file)})
    settings.update({one.key: one for one in _from_environment(environ, cwd)})
    for name, value in (flags or {}).items():
        if value is not None:
            settings[name] = Setting(name, value, "flag", cwd)
    return Config(settings, project, folder)


def user_folder(environ: Mapping[str, str]) -> Path:
    """Return where the user's own file and the list of trusted projects are; CRM_CONFIG_DIR moves it."""
    if named := environ.get("CRM_CONFIG_DIR"):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("crm", appauthor=False)


def project_file(cwd: Path) -> Path | None:
    """Return the nearest `crm.toml`, in `cwd` or above."""
    folders = (folder / PROJECT_FILE for folder in (cwd, *cwd.parents))
    return next((file for file in folders if file.is_file()), None)


def _from_environment(environ: Mapping[str, str], cwd: Path) -> Iterator[Setting]:
    for key in KEYS:
        if key.variable and (given := environ.get(key.variable)):
            yield Setting(key.name, _checked(key, given, key.variable), key.variable, cwd)


def _from_file(file: Path) -> Iterator[Setting]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}", hint="correct the file; its format is TOML", file=str(file)) from None
    for name, value in _flat(content):
        key = _known(name, file)
        yield Setting(name, _checked(key, value, f"{file}: {name}"), str(file), file.parent, file)


def _flat(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict):
            for inner, held in value.items():
                yield f"{name}.{inner}", held
        else:
            yield name, value


def _known(name: str, file: Path) -> Key:
    for key in KEYS:
        if key.name == name or (key.is_table and name.startswith(key.name[:-1])):
            return key
    names = [key.name.removesuffix(".*") for key in KEYS]
    hint = did_you_mean(name.partition(".")[0], names) or f"known keys: {', '.join(names)}"
    raise ConfigError(f"{file}: unknown key {name!r}", hint=hint, file=str(file), key=name)


def _checked(key: Key, value: Any, where: str) -> Any:
    try:
        return key.check(value)
    except ValueError as error:
        shown = "" if key.hidden else f"= {value!r} "
        raise ConfigError(f"{where} {shown}{error}", hint=f"it is {key.meaning}", key=key.name) from None


def database_location(config: Config) -> str:
    """Return the URL or the absolute file of the database that holds; a name from [databases] is looked up."""
    setting = config.settings["database"]
    named = config.table("databases").get(str(setting.value))
    chosen = named or setting
    value = str(chosen.value)
    return value if "://" in value else str(chosen.base / Path(value).expanduser())


def require_existing(location: str, config: Config) -> str:
    """Return `location` if it is a server or a file that exists; else raise `UsageError` (exit 2) naming it."""
    if "://" in location or Path(location).is_file():
        return location
    given = str(config.settings["database"].value)
    hint = did_you_mean(given, config.table("databases")) or "`crm init` makes one; --db names another"
    raise MissingDatabaseError(f"there is no database {location}", hint=hint, database=location)
