"""Files that are made to do harm, written when a test asks for them."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["MAKERS"]

_MEGABYTE = 1 << 20
_LIST = "Name,Town\nAnn,Graz\nLi,Rome\n"
_SHEET = "xl/worksheets/sheet1.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _zipped(path: Path, **entries: str | bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def zip_bomb(path: Path) -> None:
    _zipped(path, **{"people.csv": b"\0" * (64 * _MEGABYTE)})


def zip_of_many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_001):
            archive.writestr(str(number), b"")


def zip_that_lies(path: Path) -> None:
    """Declares ten bytes where a megabyte is."""
    _zipped(path, **{"people.csv": b"1" * _MEGABYTE})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", _MEGABYTE), struct.pack("<I", 10)))


def zip_in_zip(path: Path) -> None:
    inner = path.with_suffix(".inner")
    _zipped(inner, **{"people.csv": _LIST})
    _zipped(path, **{"inner.zip": inner.read_bytes()})


def gz_in_zip(path: Path) -> None:
    _zipped(path, **{"people.csv.gz": gzip.compress(_LIST.encode())})


def gz_in_gz(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.compress(_LIST.encode())))


def zip_with_parent(path: Path) -> None:
    _zipped(path, **{"people.csv": _LIST, "../../people.csv": _LIST})


def zip_with_root(path: Path) -> None:
    _zipped(path, **{"/etc/people.csv": _LIST})


def zip_with_drive(path: Path) -> None:
    _zipped(path, **{"C:/people.csv": _LIST})


def zip_with_link(path: Path) -> None:
    link = zipfile.ZipInfo("people.csv")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")


def encrypted_zip(path: Path) -> None:
    """Sets the flag of encryption in both heads of the entry: what a reader meets before it needs the password."""
    _zipped(path, **{"people.csv": _LIST})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


def _workbook(path: Path, sheet: str) -> None:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    _zipped(
        path,
        **{
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/{_SHEET}" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="a" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{relation}">'
            '<sheets><sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'relationships"><Relationship Id="b" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
            _SHEET: sheet,
        },
    )


def _cells(*cells: tuple[str, int, str]) -> str:
    rows = "".join(
        f'<row r="{row}"><c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for column, row, text in cells
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def sparse_sheet(path: Path) -> None:
    """17 billion places, four of them filled."""
    _workbook(path, _cells(("A", 1, "Name"), ("A", 2, "Ann"), ("XFC", 500_000, "x"), ("XFD", 1_048_576, "y")))


_ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def entities_in_workbook(path: Path) -> None:
    _workbook(path, _ENTITIES + _cells(("A", 1, "&b;")))


def entities_behind_comment(path: Path) -> None:
    _workbook(path, f"<?xml version='1.0'?><!--{'x' * 100_000}-->{_ENTITIES}" + _cells(("A", 1, "&b;")))


def entities_in_xml(path: Path) -> None:
    path.write_text(f"<?xml version='1.0'?>{_ENTITIES}<Workbook>&b;</Workbook>", encoding="utf-8")


def encrypted_workbook(path: Path) -> None:
    """An OLE container of two streams, as office programs write a workbook with a password."""
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    head = struct.pack("<8s16xHHHHH6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    chains = [table, end, *range(3, 10), end, *range(11, 18), end]
    sectors = struct.pack("<128I", *chains, *[free] * (128 - len(chains)))
    for name, kind, start, size, left, child in (
        ("Root Entry", 5, end, 0, free, 1),
        ("EncryptionInfo", 2, 2, 4096, 2, free),
        ("EncryptedPackage", 2, 10, 4096, free, free),
        ("", 0, 0, 0, free, free),
    ):
        text = name.encode("utf-16-le")
        length = len(text) + 2 if name else 0
        sectors += struct.pack("<64sHBBIII16xI16xIII", text, length, kind, 1, left, free, child, 0, start, size, 0)
    path.write_bytes(head + sectors + b"\x07" * 8192)


def truncated_gz(path: Path) -> None:
    path.write_bytes(gzip.compress((_LIST * 1000).encode())[:-20])


def _bomb(path: Path, opener: Callable[[Path, str], object]) -> None:
    with opener(path, "wb") as stream:  # type: ignore[attr-defined]
        for _ in range(64):
            stream.write(b"\0" * _MEGABYTE)  # repeated text takes bzip2 seconds to pack


def gz_bomb(path: Path) -> None:
    _bomb(path, gzip.open)


def bz2_bomb(path: Path) -> None:
    _bomb(path, bz2.open)


def xz_bomb(path: Path) -> None:
    _bomb(path, lzma.open)


def deep_array(path: Path) -> None:
    path.write_text("[" * 500_000, encoding="utf-8")


def deep_object(path: Path) -> None:
    path.write_text('{"a":' * 200_000 + "1" + "}" * 200_000, encoding="utf-8")


def endless_line(path: Path) -> None:
    path.write_bytes(b"a" * (40 * _MEGABYTE))


def endless_delimiters(path: Path) -> None:
    path.write_bytes(b"," * (4 * _MEGABYTE))


def endless_card(path: Path) -> None:
    path.write_bytes(b"BEGIN:VCARD\nNOTE:" + b"a" * (40 * _MEGABYTE))


def endless_entry(path: Path) -> None:
    path.write_bytes(b"dn: cn=a\ncn: " + b"a" * (40 * _MEGABYTE))


def only_nuls(path: Path) -> None:
    path.write_bytes(b"\0" * (8 * _MEGABYTE))


# What is made: its maker, the file's suffix, and a word of the message that refuses it.
MAKERS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a ZIP bomb": (zip_bomb, ".zip", "would unpack to"),
    "a ZIP of very many files": (zip_of_many, ".zip", "20,001 entries"),
    "a ZIP that lies about sizes": (zip_that_lies, ".zip", "damaged"),
    "a ZIP in a ZIP": (zip_in_zip, ".zip", "archive inside an archive"),
    "a gzip in a ZIP": (gz_in_zip, ".zip", "archive inside an archive"),
    "a gzip in a gzip": (gz_in_gz, ".csv.gz", "archive inside an archive"),
    "a ZIP with ..": (zip_with_parent, ".zip", "leads out of the archive"),
    "a ZIP with an absolute name": (zip_with_root, ".zip", "leads out of the archive"),
    "a ZIP with a drive": (zip_with_drive, ".zip", "leads out of the archive"),
    "a ZIP with a link": (zip_with_link, ".zip", "leads out of the archive"),
    "an encrypted ZIP": (encrypted_zip, ".zip", "encrypted"),
    "a sparse sheet": (sparse_sheet, ".xlsx", "for 4 filled cells"),
    "a workbook with entities": (entities_in_workbook, ".xlsx", "document type"),
    "a workbook with entities behind a comment": (entities_behind_comment, ".xlsx", "document type"),
    "XML with entities": (entities_in_xml, ".xml", "document type"),
    "an encrypted workbook": (encrypted_workbook, ".xlsx", "password"),
    "a truncated gzip": (truncated_gz, ".csv.gz", "damaged"),
    "a gzip bomb": (gz_bomb, ".csv.gz", "unpack to over"),
    "a bzip2 bomb": (bz2_bomb, ".csv.bz2", "unpack to over"),
    "an xz bomb": (xz_bomb, ".csv.xz", "unpack to over"),
    "arrays in arrays": (deep_array, ".json", "JSON"),
    "objects in objects": (deep_object, ".json", "JSON"),
    "a line without end": (endless_line, ".csv", "a line of over"),
    "delimiters without end": (endless_delimiters, ".csv", "a line of over"),
    "a card without end": (endless_card, ".vcf", "a line of over"),
    "an entry without end": (endless_entry, ".ldif", "a line of over"),
    "nothing but NUL bytes": (only_nuls, ".csv", "no format"),
}
