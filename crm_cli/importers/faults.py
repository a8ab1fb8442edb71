"""The errors that reading a source can end in; each names the file, the place and the flag or step that mends it."""

from __future__ import annotations

from crm_cli.errors import CrmError

__all__ = ["AmbiguousSourceError", "HostileSourceError", "ReadError", "UnknownFormatError"]


class ReadError(CrmError):
    """A source can't be read: absent, damaged, encrypted, or not what its name says."""

    code = "unreadable"


class UnknownFormatError(ReadError):
    """No format recognizes the source."""

    code = "unknown-format"


class AmbiguousSourceError(ReadError):
    """The source can be understood in several ways and nobody may be asked; `hint` names the flag that settles it."""

    code = "ambiguous-source"


class HostileSourceError(ReadError):
    """The source would need far more memory or time than its content is worth (bombs, sparse giants), or is a trap."""

    code = "hostile-source"
