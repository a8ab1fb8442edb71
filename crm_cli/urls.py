"""URLs of databases: read, and shown without what is secret in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from crm_cli.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["database_url", "hide_passwords"]

_MASK = "***"
_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_ELSE = "postgresql://USER@HOST:5432/NAME is the form; a file is named without ://"
# The password ends at the last @ of the authority. Where the authority has none, it has a / or ? in it that should have
# been escaped, and ends at the last @ of all.
_USER_INFO = r"(://[^:/?#@{blank}]*:)(?:[^/?#{blank}]*@|[^{blank}]*@)"
_OPTION = r"([?&;][^=&;#{blank}]*=)([^&;{blank}]*)"
_IN_TEXT, _WHOLE = r"\s", r"\n"  # what ends a URL
_SECRET = re.compile(r"pass(?:word|wd|phrase)|pwd|secret|token|api_?key|access_?key|credential", re.IGNORECASE)


def hide_passwords(text: str, *, whole: bool = False) -> str:
    """Return `text` with the secrets of every URL in it replaced by `***`: passwords, and options such as `?password=`.

    A URL ends at a blank; with `whole` the text is nothing but one, and a blank is a part of it.
    """
    if "://" not in text:
        return text
    blank = _WHOLE if whole else _IN_TEXT
    hidden = re.sub(_USER_INFO.format(blank=blank), rf"\1{_MASK}@", text)
    return re.sub(_OPTION.format(blank=blank), _hidden_option, hidden)


def _hidden_option(match: re.Match[str]) -> str:
    hidden = match[2].rstrip(".,:'\")") in ("", _MASK)  # what was hidden before stands in a sentence now
    return match[0] if hidden or not _SECRET.search(unquote(match[1])) else f"{match[1]}{_MASK}"


def database_url(text: str) -> URL:
    """Return the URL that `text` is, with our driver where it names none.

    Raises `UsageError`, which shows nothing secret, for what is no URL or can be read in two ways.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    shown = hide_passwords(text, whole=True)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # from None: what they say may hold the password
        raise UsageError(f"{shown} is no database URL", hint=_ELSE, url=shown) from None
    if "@" in (url.host or ""):
        hint = "in a user or password write %40 for @, %2F for /, %3F for ?"
        raise UsageError(f"{shown} has more than one @", hint=hint, url=shown)
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
