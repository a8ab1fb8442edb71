"""Names of hosts and mail domains: lower case and IDNA 2008 with the mapping of Unicode Technical Standard 46."""

from __future__ import annotations

import re

__all__ = ["ascii_host"]

_ASCII_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9\-_]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9\-]{0,61}[a-z0-9]"
).fullmatch
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}").fullmatch


def ascii_host(host: str) -> str | None:
    """Return the host in lower-case ASCII (punycode), or None when it is not one."""
    host = host.lower().rstrip(".")
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    return host if _ASCII_HOST(host) or _ADDRESS(host) else None
