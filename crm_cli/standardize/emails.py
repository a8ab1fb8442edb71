"""E-mail addresses: syntax by the library email-validator (never the network), behind an expression for plain ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.drafts import Draft
from crm_cli.standardize.mail_words import DISPOSABLE, FREE, ROLES, TYPOS
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Issue, Standard

__all__ = ["RULES", "normalized", "standardize_email"]

_KINDS = (SemanticType.EMAIL,)
RULES = (
    Rule("E101", "Domain in lower case and IDNA; the part before @ as the library email-validator writes it", _KINDS,
         (Example("Ann.Lee@ACME.Com", "Ann.Lee@acme.com"), Example("ann@müller.de", "ann@xn--mller-kva.de"))),
    Rule("E102", "A name, brackets or mailto: around the address are dropped", _KINDS,
         (Example("Ann Lee <ann@acme.com>", "ann@acme.com"), Example("mailto:ann@acme.com", "ann@acme.com"))),
    Rule("E103", "The first of several addresses; the others are named as part `more`", _KINDS,
         (Example("ann@acme.com; bob@acme.com", "ann@acme.com"),)),
    Rule("E201", "The part before @ in lower case", _KINDS,
         (Example("Ann@acme.com", "ann@acme.com", Context(unsafe=True)),)),
    Rule("E202", "Mistyped domains of well-known mail services are mended", _KINDS,
         (Example("ann@gmial.com", "ann@gmail.com", Context(unsafe=True)),)),
    Rule("E203", "Spelled-out and blanked signs are mended", _KINDS,
         (Example("ann (at) acme (dot) com", "ann@acme.com", Context(unsafe=True)),
          Example("ann@ acme,com", "ann@acme.com", Context(unsafe=True)))),
    Rule("E300", "Not an e-mail address", _KINDS,
         (Example("ann@acme", "ann@acme"), Example("a..b@acme.com", "a..b@acme.com"))),
    Rule("E301", "Address of a role, not of a person", _KINDS, (Example("info@acme.com", "info@acme.com"),)),
    Rule("E302", "Throw-away address", _KINDS, (Example("a@mailinator.com", "a@mailinator.com"),)),
    Rule("E303", "Domain looks mistyped", _KINDS, (Example("ann@gmial.com", "ann@gmial.com"),)),
)  # fmt: skip

_plain_local = re.compile(r"[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*", re.ASCII).fullmatch
_plain_domain = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-))*(?<!-)\.)+[A-Za-z]{2,}", re.ASCII).fullmatch
_LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1
_WRITTEN = ("E101",)
_SPECIAL = ("arpa", "invalid", "local", "localhost", "onion", "test")
_WRAPPED = re.compile(r'(?:"?([^"<>]*?)"?\s*)?<\s*(?:mailto:)?([^<>]+?)\s*>[;,]?').fullmatch
_MAILTO = re.compile(r"(?i)^(?:mailto|e-?mail|smtp)\s*:\s*")
_SEVERAL = re.compile(r"\s*(?:[;,|\n]|\s/\s|\s(?:or|and|oder|und|ou|y)\s|\s+(?=\S+@))\s*")


def standardize_email(value: str, context: Context) -> Standard:
    """Return the address; parts `local`, `domain`, `name` (display name), `more` (further addresses, one a line).

    The case of the part before @ is kept: only the receiving host knows whether it matters (RFC 5321, 2.4).
    """
    if context.plain and (plain := _read_plain(value)):
        return _plain_outcome(value, *plain)
    draft = tidy(value, context)
    if not draft.value:
        return draft.done()
    address = _plainly(draft.value)
    if address is None:
        _unwrap(draft)
        _mend(draft)
        address = normalized(draft.value)
    if address is None:
        return draft.unknown("E300", _reason(draft.value))
    draft.change("E101", address)
    _inspect(draft, address)
    return draft.done()


def normalized(address: str) -> str | None:
    """Return the address as email-validator normalizes it, with the domain in ASCII; None when it is not valid."""
    return _plainly(address) or _by_library(address)


def _plainly(address: str) -> str | None:
    """Return a plain address with its domain in lower case, None for one that needs the library's judgement."""
    plain = _read_plain(address)
    return f"{plain[0]}@{plain[1].name}" if plain else None


def _read_plain(address: str) -> tuple[str, _Domain] | None:
    """Return the part before @ and the domain of a plain address, None for one that needs the library's judgement."""
    local, _, given = address.partition("@")
    if len(local) > _LONGEST_LOCAL or not _plain_local(local):
        return None
    domain = _domain(given)
    return (local, domain) if domain else None


def _plain_outcome(value: str, local: str, domain: _Domain) -> Standard:
    address = f"{local}@{domain.name}"
    parts = {"local": local, "domain": domain.name}
    if domain.free:
        parts["free"] = "yes"
    issues = (_role(local), *domain.issues) if local.lower() in ROLES else domain.issues
    return Standard(address, parts, issues, _WRITTEN if address != value else ())


class _Domain(NamedTuple):
    """What is known of a domain: its name in lower case, what is to be said of it, and whether anybody gets one."""

    name: str
    issues: tuple[Issue, ...]
    free: bool


@lru_cache(maxsize=65536)  # most people share a domain with somebody
def _domain(given: str) -> _Domain | None:
    """Return what is known of a domain that has the plain form; None for one that the library must judge."""
    name = given.lower()
    if not _plain_domain(given) or len(name) > 253 or name.rpartition(".")[2] in _SPECIAL:
        return None
    if len(name) > 63 and max(map(len, name.split("."))) > 63:
        return None
    return _Domain(name, tuple(_domain_issues(name)), name in FREE)


def _domain_issues(name: str) -> Iterator[Issue]:
    if better := TYPOS.get(name):
        yield Issue("E303", f"{name} looks mistyped; did you mean {better}?")
    if name in DISPOSABLE:
        yield Issue("E302", f"{name} gives out throw-away addresses")


def _role(local: str) -> Issue:
    return Issue("E301", f'"{local}" is the address of a role, not of a person')


def _by_library(address: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}"


def _reason(address: str) -> str:
    """Say in plain words why an address is not valid."""
    if "@" not in address:
        return f'"{address}" is no e-mail address: the @ is missing'
    if "." not in address.rpartition("@")[2]:
        return f'"{address}": the domain after the @ is not complete'
    if " " in address:
        return f'"{address}" is no e-mail address: it has a blank in it'
    return f'"{address}" is not a valid e-mail address'


def _unwrap(draft: Draft) -> None:
    """Reduce the value to its first address and note the others."""
    pieces = [piece for piece in _SEVERAL.split(draft.value) if "@" in piece]
    if draft.value.count("@") > 1 and len(pieces) > 1:
        addresses = list(dict.fromkeys(_bare(piece)[0] for piece in pieces))
        first = next((address for address in addresses if normalized(address)), None)
        if first is not None and draft.change("E103", first):
            draft.part("more", "\n".join(address for address in addresses if address != first))
            return
    address, name = _bare(draft.value)
    draft.change("E102", address)
    draft.part("name", name)


def _bare(text: str) -> tuple[str, str]:
    """Return the address in `Name <address>` or `mailto:address`, and the name."""
    while True:  # every round leaves a shorter text
        before = text
        if found := _WRAPPED(text.strip()):
            return _bare(found[2])[0], (found[1] or "").strip()
        text = re.sub(r"(?<=\w)\s+\([^()@]*\)$|(?<=\w)\?subject=.*$", "", text.strip())
        text = _MAILTO.sub("", text.strip().strip("'\"<>()[]").rstrip(".,;:")).strip()
        if text == before:
            break
    return text, ""


def _mend(draft: Draft) -> None:
    if normalized(draft.value) is not None:
        return
    text = (
        re.sub(r"\s*[(\[{]?\s*\b(?:at|AT)\b\s*[)\]}]?\s*", "@", draft.value) if "@" not in draft.value else draft.value
    )
    text = re.sub(r"\s*[(\[{]\s*(?:dot|DOT|punkt)\s*[)\]}]\s*", ".", text)
    text = re.sub(r"\s+", "", text).replace(",", ".").replace("@.", "@").replace("..", ".").rstrip(".")
    if normalized(text) is not None:
        draft.change("E203", text)


def _inspect(draft: Draft, address: str) -> None:
    local, _, domain = address.rpartition("@")
    better = TYPOS.get(domain)
    if better and draft.change("E202", f"{local}@{better}"):
        domain = better
    folded = local.lower()
    if draft.change("E201", f"{folded}@{domain}"):
        local = folded
    for issue in (*((_role(local),) if folded in ROLES else ()), *_domain_issues(domain)):
        draft.flag(issue.code, issue.message)
    draft.parts["local"] = local
    draft.parts["domain"] = domain
    if domain in FREE:
        draft.parts["free"] = "yes"
