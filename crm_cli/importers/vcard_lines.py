"""The lines of vCard files, versions 2.1 to 4: unfolding, parameters, escapes, quoted-printable and character sets.

Works on bytes, because a 2.1 card may change its character set from one line to the next.
"""

from __future__ import annotations

import codecs
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["Property", "components", "properties", "unescaped"]

_MOST_VALUE = 16 << 20
_BARE_ENCODINGS = {"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"}
_NAME = re.compile(r"(?:(?P<group>[\w-]+)\.)?(?P<name>[A-Za-z][\w-]*)")


@dataclass(slots=True)
class Property:
    """One property: `TEL;TYPE=work:+49…` has the name TEL and the types {work}. `line` is where it begins."""

    line: int
    name: str
    value: str
    group: str = ""
    types: set[str] = field(default_factory=set)
    binary: bool = False


def properties(lines: Iterable[bytes], encoding: str) -> Iterator[Property]:
    """Yield the properties of all cards, BEGIN and END among them; lines without a colon are left out."""
    for number, raw in _unfolded(lines):
        head, colon, value = _split(raw)
        if colon:
            found = _property(number, head, value, encoding)
            if found is not None:
                yield found


def _unfolded(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Join folded lines: continuation by a leading space, or by `=` at the end where quoted-printable says so."""
    start, whole, soft = 0, bytearray(), False
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip(b"\r\n")
        if soft:
            whole[-1:] = line.lstrip(b" \t") if line[:1] in b" \t" else line
        elif start and line[:1] in (b" ", b"\t") and line.strip() and len(whole) < _MOST_VALUE:
            whole += line[1:]
        else:
            if start:
                yield start, bytes(whole)
            start, whole = number, bytearray(line)
        soft = whole.endswith(b"=") and b"QUOTED-PRINTABLE" in whole[:200].upper()
    if start:
        yield start, bytes(whole)


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Split at the first colon that is not inside a quoted parameter."""
    quoted = False
    for at, char in enumerate(raw[:4000]):
        if char == 34:
            quoted = not quoted
        elif char == 58 and not quoted:
            return raw[:at], b":", raw[at + 1 :]
    return raw.partition(b":")


def _property(number: int, head: bytes, value: bytes, encoding: str) -> Property | None:
    parts = [part.strip() for part in head.decode("utf-8", "replace").removeprefix("\ufeff").split(";")]
    name = _NAME.fullmatch(parts[0])
    if name is None:
        return None
    found = Property(number, name["name"].upper(), "", name["group"] or "")
    transfer, charset = "", ""
    for part in parts[1:]:
        key, equals, text = part.partition("=")
        key, text = (key.upper(), text.strip('"')) if equals else ("", key)
        if key == "ENCODING" or (not equals and text.upper() in _BARE_ENCODINGS):
            transfer = text.upper()
        elif key == "CHARSET":
            charset = text
        elif key in {"TYPE", ""}:
            found.types.update(item.strip().lower() for item in text.split(",") if item.strip())
        elif key == "PREF":
            found.types.add("pref")
    found.binary = transfer in {"BASE64", "B"} or value.startswith(b"data:")
    raw = quopri.decodestring(value) if transfer == "QUOTED-PRINTABLE" else value
    found.value = _decoded(raw, charset or encoding, encoding)
    return found


def _decoded(raw: bytes, charset: str, fallback: str) -> str:
    try:
        codec = codecs.lookup(charset).name
    except LookupError:
        codec = fallback
    try:
        return raw.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return raw.decode(fallback, errors="replace")


def components(value: str, separator: str = ";") -> list[str]:
    """Split a structured value (N, ADR, ORG) at separators that no backslash escapes, and unescape the parts."""
    parts = re.split(rf"(?<!\\)((?:\\\\)*){re.escape(separator)}", value)
    texts = [parts[at] + (parts[at + 1] if at + 1 < len(parts) else "") for at in range(0, len(parts), 2)]
    return [unescaped(text) for text in texts]


def unescaped(text: str) -> str:
    r"""Resolve `\n`, `\,`, `\;` and `\\`; any other backslash stays."""
    if "\\" not in text:
        return text.strip()
    return re.sub(r"\\([nN,;:\\])", lambda found: "\n" if found[1] in "nN" else found[1], text).strip()
