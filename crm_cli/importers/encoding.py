"""Finding out the encoding of a text source: BOM, then the NUL pattern of UTF-16/32, then strict UTF-8 over the whole
source, then chardet fed only the non-ASCII stretches (markup and digits only drown the evidence)."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from crm_cli.importers.alphabets import code_page_by_alphabet
from crm_cli.importers.faults import ReadError
from crm_cli.importers.plausible import plausibility
from crm_cli.importers.source import Source

__all__ = [
    "WINDOWS_SIGNS",
    "Encoding",
    "decoded_sample",
    "decoder_name",
    "detect_encoding",
    "known_encoding",
    "wide_encoding",
    "with_byte_order",
]

CONFIDENT = 0.5
_BLOCK = 1 << 20
_SAMPLE = 200_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What detectors name is often a subset of what Windows programs write; the superset decodes both.
_SUPERSET = {
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz-gb-2312": "hz",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "big5": "big5hkscs",
    "x-sjis": "cp932",
}
# Encodings that no customer list is kept in, but that small samples are mistaken for.
_UNLIKELY = ("utf-7", "cp037", "cp273", "cp500", "cp1026", "cp1140", "cp424", "cp875")
# `|` and `=` stay in: the second byte of a Big5 or Shift-JIS character can look like them.
_STRETCH = re.compile(rb'[^,;\t\r\n"<>]+')
# Windows code pages and the ISO ones that detectors mistake them for: the one with fewer signs at letters wins.
_ISO_TWIN = {"cp1250": "iso8859-2", "cp1251": "iso8859-5", "cp1256": "iso8859-6", "cp1253": "iso8859-7"}
_SIGN_AT_WORD = re.compile(r"(?<=[^\W\d_])[¡-¿]|[¡-¿](?=[^\W\d_])|[\x80-\x9f]")
_C1 = re.compile(b"\xc2[\x80-\x9f]")
# What the C1 control characters mean where Windows text was taken for Latin-1.
WINDOWS_SIGNS = {code: sign for code in range(0x80, 0xA0) if (sign := bytes([code]).decode("cp1252", errors="ignore"))}
_WIDE = ("utf-32-be", "utf-32-le", "utf-16-le", "utf-16-be")
# Shares of the characters of a list: plain ones (delimiters, line ends, digits), and controls or unassigned ones.
_LEAST_PLAIN, _MOST_ODD = 0.2, 0.02
_NO_TEXT = frozenset(("Cc", "Cn", "Co", "Cs"))
_STANDS_OUT = 0.9  # confidence in an encoding whose text alone is plausible
_PLAUSIBLE = 0.98
_RIVALS = 8


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec name, how sure we are (0..1), other candidates, and what the scan met on the way.

    `misread`: UTF-8 with C1 control characters, the trace of Windows text that some program once took for Latin-1.
    """

    name: str
    confidence: float = 1.0
    candidates: tuple[str, ...] = ()
    bad_bytes: bool = False
    nul_bytes: bool = False
    misread: bool = False


def decoder_name(name: str) -> str:
    """Return the codec to open a text stream with; raise ReadError for an unknown encoding."""
    try:
        "".encode(name)  # a lookup alone would take codecs that are no encodings of text (base64, rot13)
        return codecs.lookup(name).name
    except (LookupError, UnicodeError) as error:
        raise ReadError(
            f"there is no encoding {name}",
            hint="try --encoding utf-8, cp1252, utf-16, cp932, gb18030, …",
            encoding=name,
        ) from error


def detect_encoding(source: Source) -> Encoding:
    """Return the encoding of a source after one pass over its bytes."""
    head = source.head(8192)
    for mark, name in _BOMS:
        if head.startswith(mark):
            _check_mark(source, name, head[len(mark) :])
            return Encoding(name)
    if wide := wide_encoding(head):
        return Encoding(wide, 0.9)
    if re.search(rb"\x1b\$[)(]?[@BAC]|\x1b\([IJ]", head):
        return _guessed(source.head(_SAMPLE), nul_bytes=False)
    return _scanned(source)


def _check_mark(source: Source, marked: str, rest: bytes) -> None:
    """Refuse a mark of UTF-16 before text of four bytes a character: read as told, every other character is a NUL."""
    found = wide_encoding(rest)
    if marked == "utf-16" and found and found.startswith("utf-32"):
        raise ReadError(
            f"{source.name} begins with the mark of UTF-16, but its text is {found.upper()}",
            hint="take its first two bytes off, or save it as UTF-8 where it came from",
            source=source.name,
        )


def wide_encoding(head: bytes) -> str | None:
    """Recognize UTF-16 and UTF-32 without a mark: the one under which the bytes are text with delimiters in it.

    Every list has them, in every script; and the wrong byte order or width makes signs that no list has.
    """
    sample = head[: len(head) // 4 * 4]
    if len(sample) < 8 or b"\0" not in sample:
        return None
    for name in _WIDE:
        try:
            text = codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        plain = sum(" " <= char < "\x7f" or char in "\t\r\n" for char in text)
        odd = sum(unicodedata.category(char) in _NO_TEXT and char not in "\t\r\n" for char in text)
        if plain >= _LEAST_PLAIN * len(text) and odd <= _MOST_ODD * len(text):
            return name
    return None


def _scanned(source: Source) -> Encoding:
    """Try strict UTF-8 over everything; where that fails, judge by the share of broken sequences and by chardet."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    strict, nul, misread = True, False, False
    with source.open() as stream:
        while block := stream.read(_BLOCK):
            nul = nul or b"\0" in block
            misread = misread or (b"\xc2" in block and _C1.search(block) is not None)
            strict = strict and _accepts(decoder, block)
    if strict:
        return Encoding("utf-8", nul_bytes=nul, misread=misread)
    evidence = _evidence(source)
    if _mostly_utf8(evidence):
        return Encoding("utf-8", 0.8, ("utf-8", "cp1252"), bad_bytes=True, nul_bytes=nul)
    return _guessed(evidence, nul_bytes=nul)


def _accepts(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _evidence(source: Source) -> bytes:
    """Return the stretches between separators that hold other than ASCII."""
    found = bytearray()
    with source.open() as stream:
        while len(found) < _SAMPLE and (block := stream.read(_BLOCK)):
            if not block.isascii():
                found += b"\n".join(part for part in _STRETCH.findall(block) if not part.isascii())
    return bytes(found[:_SAMPLE])


def _mostly_utf8(evidence: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes from another encoding: by chance long sequences hardly ever come out valid."""
    text = evidence.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    good = sum(1 for char in text if ord(char) > 127) - broken
    return good > 4 * broken and good > 3


def _guessed(evidence: bytes, *, nul_bytes: bool) -> Encoding:
    import chardet  # NOTE: heavy, and needed only for sources that are not UTF-8

    found = chardet.detect_all(evidence, ignore_threshold=True, exclude_encodings=_UNLIKELY, prefer_superset=True)
    ranked = [(_superset(item["encoding"]), float(item["confidence"] or 0)) for item in found if item["encoding"]]
    names = list(dict.fromkeys(name for name, _ in ranked if _decodes(evidence, name)))
    if not names:
        return Encoding("cp1252", 0.1, ("cp1252",), bad_bytes=True, nul_bytes=nul_bytes)
    confidence = max(score for name, score in ranked if name == names[0])
    best = _better_twin(evidence, names[0])
    if told := code_page_by_alphabet(evidence, best):
        best, confidence = told, max(confidence, _STANDS_OUT)
    elif _stands_out(evidence, best, names):
        confidence = max(confidence, _STANDS_OUT)
    return Encoding(best, confidence, tuple(dict.fromkeys([best, *names]))[:3], bad_bytes=True, nul_bytes=nul_bytes)


def _stands_out(evidence: bytes, best: str, names: list[str]) -> bool:
    """Whether `best` gives plausible text and no candidate gives another text that is as plausible.

    chardet's own figures lie within a hundredth of each other for short evidence; that several code pages give the
    very same text is no doubt about the text.
    """
    text = evidence.decode(best, errors="replace")
    others = {evidence.decode(name, errors="replace") for name in names[:_RIVALS]} - {text}
    own = plausibility(text)
    return own > _PLAUSIBLE and all(plausibility(other) < own for other in others)


def _better_twin(evidence: bytes, name: str) -> str:
    twin = _ISO_TWIN.get(name)
    if twin is None:
        return name
    signs = {codec: len(_SIGN_AT_WORD.findall(evidence.decode(codec, errors="replace"))) for codec in (name, twin)}
    return twin if signs[twin] < signs[name] else name


def _superset(name: str) -> str:
    wanted = _SUPERSET.get(name.lower().replace("windows-", "cp"), name)
    try:
        return codecs.lookup(wanted).name
    except LookupError:
        return "cp1252"


def _decodes(evidence: bytes, name: str) -> bool:
    text = evidence.decode(name, errors="replace")
    return text.count("\ufffd") * 50 <= len(text)


def decoded_sample(source: Source, name: str) -> str:
    """Return a line with other than ASCII characters as the encoding `name` would read it."""
    lines = source.head(_BLOCK).splitlines()
    raw = next((line for line in lines if not line.isascii()), lines[0] if lines else b"")
    return raw[:400].decode(decoder_name(name), errors="replace")[:120]


def with_byte_order(source: Source, name: str) -> str:
    """Return the codec for a source: UTF-16 and UTF-32 without a BOM need their byte order said."""
    codec = decoder_name(name)
    if codec in {"utf-16", "utf-32"}:
        head = source.head(8192)
        if not any(head.startswith(mark) for mark, marked in _BOMS if marked == codec):
            found = wide_encoding(head)
            return found if found and found.startswith(codec) else f"{codec}-le"
    return codec


def known_encoding(name: str, otherwise: str) -> str:
    """Return the codec of an encoding that a document declares, or another where it declares nonsense."""
    return _SUPERSET.get(name.lower(), name) if _is_known(_SUPERSET.get(name.lower(), name)) else otherwise


def _is_known(name: str) -> bool:
    try:
        decoder_name(name)
    except ReadError:
        return False
    return True
