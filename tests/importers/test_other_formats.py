"""dBase, fixed width, Parquet, archives, databases, dumps, HTML, plug-ins."""

from __future__ import annotations

import datetime
import gzip
import io
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from crm_cli.importers import (
    HostileSourceError,
    Importer,
    ReadError,
    ReadOptions,
    Row,
    Source,
    Table,
    Understood,
    UnknownFormatError,
    read_tables,
    registry,
)
from tests.databases import connect
from tests.importers.conftest import table, values


def dbf(language: int, rows: list[bytes]) -> bytes:
    fields = [(b"NAME", b"C", 10), (b"BORN", b"D", 8), (b"OK", b"L", 1), (b"SUM", b"N", 6)]
    size = 32 + 32 * len(fields) + 1
    head = struct.pack("<BBBBIHH17xB2x", 3, 120, 1, 31, len(rows), size, 26, language)
    for name, kind, length in fields:
        head += struct.pack("<11sc4xBB14x", name, kind, length, 0)
    return head + b"\r" + b"".join(rows) + b"\x1a"


def test_dbase_uses_the_code_page_of_its_language_byte() -> None:
    rows = [
        b" " + "Žižka".encode("cp852").ljust(10) + b"19870301" + b"T" + b" 12.50",
        b"*" + b"deleted".ljust(10) + b"19870301" + b"T" + b"     1",
        b" " + b"blank".ljust(10) + b" " * 8 + b"?" + b"******",
    ]
    found = table(dbf(0x64, rows), "people.dbf")
    assert values(found) == [["Žižka", "1987-03-01", "TRUE", "12.50"], ["blank", None, None, None]]
    assert found.header == ["NAME", "BORN", "OK", "SUM"]


def test_fixed_width_counts_bytes() -> None:
    layout = "name 1 10\nborn 11-18  # a date\ntown 19 6\n"
    content = "Müller".encode("cp1252").ljust(10) + b"19870301Berlin\r\n" + b"Li".ljust(10) + b"19900102Graz\r\n"
    found = table(content, "people.dat", layout=layout, encoding="cp1252")
    assert values(found) == [["Müller", "19870301", "Berlin"], ["Li", "19900102", "Graz"]]


def test_a_wrong_layout_names_its_line() -> None:
    with pytest.raises(ReadError, match="line 2 of the layout"):
        table("x", "people.dat", layout="name 1 10\nnonsense\n")


def test_parquet_cells_are_text(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    frame = {"name": ["Ann", None], "born": [datetime.date(1987, 3, 1)] * 2, "sum": [1.5, 2.0], "n": [1, 2]}
    pl.DataFrame(frame).write_parquet(path)
    (found,) = read_tables(path)
    assert values(found) == [["Ann", "1987-03-01", "1.5", "1"], [None, "1987-03-01", "2", "2"]]


def test_gzip_and_zip_are_read_through(tmp_path: Path) -> None:
    packed = tmp_path / "people.csv.gz"
    packed.write_bytes(gzip.compress(b"Name,Town\nAnn,Graz\nLi,Rome\n"))
    (found,) = read_tables(packed)
    assert (found.name, len(values(found))) == ("people.csv", 2)

    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a/contacts.csv", "Name,Town\nAnn,Graz\n")
        out.writestr("cards.vcf", "BEGIN:VCARD\nFN:Pat\nEND:VCARD\n")
    assert [found.name for found in read_tables(archive)] == ["a/contacts.csv", "cards.vcf"]
    assert not (tmp_path.parent / "evil.csv").exists()


def test_an_archive_in_an_archive_and_a_bomb_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as out:
        out.writestr("x.csv", "a,b\n1,2\n")
    nested = tmp_path / "nested.zip"
    with zipfile.ZipFile(nested, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("inner.zip", inner.getvalue())
    with pytest.raises(HostileSourceError, match="archive inside an archive"):
        read_tables(nested)

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("zeros.csv", b"0" * (64 << 20))
    with pytest.raises(HostileSourceError, match="would unpack"):
        read_tables(bomb)


def test_a_sqlite_file_is_read_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.execute('CREATE TABLE "my people" (id INTEGER PRIMARY KEY, name TEXT, photo BLOB)')
        connection.execute("INSERT INTO \"my people\" VALUES (2, 'Li', x'ff00'), (1, 'Ann', NULL)")
    before = path.read_bytes()
    for what in (path, f"sqlite:///{path}"):
        (found,) = read_tables(what)
        assert found.header == ["id", "name", "photo"]
        assert values(found) == [["1", "Ann", None], ["2", "Li", None]]
    assert path.read_bytes() == before


def test_a_database_is_read_by_its_url(new_database: Callable[[], str]) -> None:
    url = new_database()
    with connect(url) as connection:
        connection.exec_driver_sql("CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20), born DATE)")
        connection.exec_driver_sql("INSERT INTO people VALUES (2, 'Žofie', '1990-01-02'), (1, 'Ann', NULL)")
    (found,) = read_tables(url, ReadOptions(sheet="people"))
    assert values(found) == [["1", "Ann", None], ["2", "Žofie", "1990-01-02"]]


def test_a_password_in_a_url_is_never_shown() -> None:
    with pytest.raises(ReadError) as caught:
        read_tables("postgresql://ann:secret@127.0.0.1:1/none")
    assert "secret" not in caught.value.message + str(caught.value.facts)


MYSQL = r"""-- MySQL dump 10.13
/*!40101 SET NAMES utf8 */;
CREATE TABLE `people` (
  `id` int(11) NOT NULL,
  `na;me` varchar(50) DEFAULT 'a, (b', -- with a comment; here
  `price` decimal(10,2),
  PRIMARY KEY (`id`), KEY `k` (`na;me`)
) ENGINE=InnoDB;
INSERT INTO `people` VALUES (1,'O\'Brien; \"Pat\"',1.50),(2,'it''s\na',NULL),(3,_binary 'x)',-4e2);
"""
POSTGRES = """CREATE TABLE public.people (
    id integer NOT NULL,
    name character varying(50)
);
COPY public.people (id, name) FROM stdin;
1\tAnn; Smith
2\t\\N
3\ttwo\\nlines
\\.
ALTER TABLE ONLY public.people ADD CONSTRAINT pk PRIMARY KEY (id);
"""
SQLITE = """BEGIN TRANSACTION;
CREATE TABLE "people" (id INTEGER, name TEXT);
INSERT INTO "people" VALUES(1,'back\\slash; stays');
INSERT INTO "people" VALUES(2,X'416E6E');
COMMIT;
"""


def test_dumps_of_three_databases_are_parsed_not_run() -> None:
    mysql = table(MYSQL, "dump.sql")
    assert mysql.header == ["id", "na;me", "price"]
    assert values(mysql) == [["1", 'O\'Brien; "Pat"', "1.50"], ["2", "it's\na", None], ["3", "x)", "-4e2"]]
    assert values(table(POSTGRES, "dump.sql")) == [["1", "Ann; Smith"], ["2", None], ["3", "two\nlines"]]
    assert values(table(SQLITE, "dump.sql")) == [["1", "back\\slash; stays"], ["2", "Ann"]]


def test_html_tables_named_xls_are_read() -> None:
    content = "<html><body><table><tr><th>Name<th>Town<tr><td>Ann &amp; Co<td>Graz<tr><td>Li</td><td>Rome</td></table>"
    found = table(content, "export.xls")
    assert found.header == ["Name", "Town"]
    assert values(found) == [["Ann & Co", "Graz"], ["Li", "Rome"]]


def test_xml_with_a_document_type_is_refused_and_other_xml_named() -> None:
    with pytest.raises(HostileSourceError, match="document type"):
        table('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "bomb.xml")
    with pytest.raises(UnknownFormatError, match="XML document"):
        table('<?xml version="1.0"?><x/>', "some.xml")


class Fixed(Importer):
    name = "test-plugin"
    suffixes = (".plug",)

    def recognizes(self, head: bytes, name: str) -> bool:
        return head.startswith(b"PLUG")

    def tables(self, source: Source, options: ReadOptions) -> Sequence[Table]:
        rows = [Row(1, "row 1", ["x"])]
        return [Table(source.name, ["a"], Understood("test-plugin"), lambda: rows)]


def test_a_format_of_another_package_comes_through_the_same_door(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    entry = EntryPoint("plug", f"{__name__}:Fixed", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry] if group == registry.GROUP else [])
    registry.formats.cache_clear()
    try:
        assert values(table("PLUG", "x.plug")) == [["x"]]
    finally:
        registry.formats.cache_clear()
