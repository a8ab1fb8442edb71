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
         (Example("WWW.Acme.com/", "https://www.acme.com"), Example("http://Acme.com:80/Shop", "http://acme.com/Shop"))),
    Rule("U201", "Parameters that only count visitors are dropped", _KINDS,
         (Example("https://acme.com/?utm_source=x", "https://acme.com", Context(unsafe=True)),)),
    Rule("U300", "Not a web address", _KINDS, (Example("no site", "no site"),)),
    Rule("U301", "An e-mail address where a web address belongs", _KINDS, (Example("ann@acme.com", "ann@acme.com"),)),
)  # fmt: skip
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):/*(?=[^\s\d]|\d+\.)")
_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_COUNTERS = re.compile(r"^(utm_\w+|gclid|fbclid|msclkid|mc_[ce]id)=")


def standardize_url(value: str, context: Context) -> Standard:
    """Return the address; parts `scheme`, `host`, `path` and `domain` (host without www)."""
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    text = draft.value
    if not re.match(r"(?i)(https?|ftp)://", text):
        if "@" in text and "/" not in text:
            return draft.unknown("U301", f'"{text}" looks like an e-mail address')
        text = "https://" + re.sub(r"(?i)^(https?)?[:;]?/+", "", text)
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


def _write(draft: Draft, split: SplitResult, host: str, port: str) -> None:
    scheme = split.scheme.lower()
    login = split.netloc.rpartition("@")[0]
    place = (f"{login}@" if login else "") + host + (f":{port}" if port and port != _PORTS.get(scheme) else "")
    path = "" if split.path == "/" else split.path

    def written(query: str) -> str:
        return (
            f"{scheme}://{place}{path or ('/' if query or split.fragment else '')}"
            + (f"?{query}" if query else "")
            + (f"#{split.fragment}" if split.fragment else "")
        )

    draft.change("U101", written(split.query))
    kept = "&".join(item for item in split.query.split("&") if not _COUNTERS.match(item))
    if kept != split.query:
        text = f"{scheme}://{place}{path}" if not (kept or split.fragment) else written(kept)
        draft.change("U201", text)
    draft.part("scheme", scheme)
    draft.part("host", host)
    draft.part("domain", host.removeprefix("www."))
    draft.part("path", path)
