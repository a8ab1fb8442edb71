"""Web addresses: scheme and host in lower case, IDNA, no default port, no empty path."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.hosts import ascii_host
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard

__all__ = ["RULES", "standardize_url"]

_KINDS = (SemanticType.URL,)
RULES = (
    Rule("U101", "Scheme in front, scheme and host in lower case, host in IDNA, no default port, no lone slash", _KINDS,
         (Example("WWW.Acme.com/", "https://www.acme.com"), Example("http://Acme.com:80/Shop", "http://acme.com/Shop"),
          Example("<http:/acme.com>", "http://acme.com"))),
    Rule("U201", "Parameters that only count visitors are dropped", _KINDS,
         (Example("https://acme.com/?utm_source=x", "https://acme.com", Context(unsafe=True)),)),
    Rule("U202", "A user name and password in the address are dropped", _KINDS,
         (Example("https://ann:pw@acme.com", "https://acme.com", Context(unsafe=True)),)),
    Rule("U300", "Not a web address", _KINDS, (Example("no site", "no site"),)),
    Rule("U301", "An e-mail address where a web address belongs", _KINDS, (Example("ann@acme.com", "ann@acme.com"),)),
    Rule("U302", "A user name or password in the address, which everyone can read (RFC 3986, 3.2.1)", _KINDS,
         (Example("https://ann:pw@acme.com", "https://ann:pw@acme.com"),)),
)  # fmt: skip
_COMPLETE = re.compile(r"(?i)(?:https?|ftp)://").match
_REPEATED = re.compile(r"(?i)^(?:https?://)+(?=https?://)")
# a scheme that was mistyped: http:/, https//, http:acme.com, htp://
_MISTYPED = re.compile(r"(?i)^(?:(?:h{0,2}t{1,3}p(s?))(?:[:;]/*|//+)|/+)")
_ENCLOSED = re.compile(r"<(.+)>|\((.+)\)|\"(.+)\"|'(.+)'").fullmatch
_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_COUNTERS = re.compile(r"^(utm_\w+|gclid|fbclid|msclkid|mc_[ce]id)=")


def standardize_url(value: str, context: Context) -> Standard:
    """Return the address; parts `scheme`, `host`, `path` and `domain` (host without www)."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    text = draft.value
    if not _COMPLETE(text):
        if "@" in text and "/" not in text:
            return draft.unknown("U301", f'"{text}" looks like an e-mail address')
        text = _with_scheme(text)
    elif text.count("://") > 1:
        text = _REPEATED.sub("", text)
    try:
        split = urlsplit(text)
        host = ascii_host(split.hostname or "")
        port = split.port
    except ValueError:
        host, port = None, None
    if not host or " " in text:
        return draft.unknown("U300", f'"{draft.value}" is not a web address')
    _write(draft, split, host, str(port or ""))
    return draft.done()


def _with_scheme(text: str) -> str:
    """Return the address with a scheme in front, without quotation marks around it; https where it says none."""
    if enclosed := _ENCLOSED(text):
        text = next(filter(None, enclosed.groups())).strip()
        if _COMPLETE(text):
            return text
    mistyped = _MISTYPED.match(text)
    plain = mistyped is not None and mistyped[1] == ""
    return ("http://" if plain else "https://") + text[mistyped.end() if mistyped else 0 :]


def _write(draft: Draft, split: SplitResult, host: str, port: str) -> None:
    scheme = split.scheme.lower()
    login = split.netloc.rpartition("@")[0]
    place = host + (f":{port}" if port and port != _PORTS.get(scheme) else "")
    path = "" if split.path == "/" else split.path

    def written(place: str, query: str) -> str:
        return (
            f"{scheme}://{place}{path or ('/' if query or split.fragment else '')}"
            + (f"?{query}" if query else "")
            + (f"#{split.fragment}" if split.fragment else "")
        )

    with_login = f"{login}@{place}" if login else place
    draft.change("U101", written(with_login, split.query))
    if login and draft.change("U202", written(place, split.query)):
        with_login = place
    elif login:
        draft.flag("U302", f"The address of {host} has a user name or a password in it")
    kept = "&".join(item for item in split.query.split("&") if not _COUNTERS.match(item))
    if kept != split.query:
        draft.change("U201", written(with_login, kept))
    draft.part("scheme", scheme)
    draft.part("host", host)
    draft.part("domain", host.removeprefix("www."))
    draft.part("path", path)
