"""Which encoding a text is in, from Unicode with and without marks to the code pages of the world."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.importers import AmbiguousSourceError, ReadError, Source, read_tables
from crm_cli.importers.encoding import CONFIDENT, detect_encoding
from tests.importers.conftest import table, values
from tests.importers.languages import LANGUAGES

LISTS = {
    "cp1250": "Jméno,Město\nŽaneta Dvořáková,Plzeň\nŠtěpán Růžička,Děčín\nŘehoř Šťastný,Třebíč\n" * 20,
    "cp1251": "Имя,Город\nАлексей Смирнов,Москва\nЕкатерина Иванова,Санкт-Петербург\n" * 20,
    "cp1253": "Όνομα,Πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΜαρία Οικονόμου,Θεσσαλονίκη\n" * 20,
    "cp932": "名前,都市\n山田太郎,東京都\n鈴木花子,大阪市\n佐藤一郎,名古屋市\n" * 20,
    "gb18030": "姓名,城市\n王小明,北京市\n李丽华,上海市\n张伟,广州市\n" * 20,
    "cp949": "이름,도시\n김철수,서울특별시\n이영희,부산광역시\n박민수,대구광역시\n" * 20,
    "koi8-r": "Имя,Город\nАлексей Смирнов,Москва\nЕкатерина Иванова,Санкт-Петербург\n" * 20,
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_unicode_is_read_with_and_without_a_byte_order_mark(encoding: str) -> None:
    text = "Name,Town\nZoë Müller,Köln\nAnn Smith,Graz\n"
    assert values(table(text.encode(encoding))) == [["Zoë Müller", "Köln"], ["Ann Smith", "Graz"]]


def test_a_mark_that_belies_the_text_is_told() -> None:
    with pytest.raises(ReadError, match="mark of UTF-16, but its text is UTF-32-BE"):
        table(b"\xfe\xff" + ("Name,Town\n" + "Ann Smith,Graz\n" * 20).encode("utf-32-be"))


@pytest.mark.parametrize("encoding", sorted(LISTS))
def test_code_pages_are_recognized_by_their_text(encoding: str) -> None:
    content = LISTS[encoding].encode(encoding)
    found = detect_encoding(Source.from_bytes("list.csv", content))
    assert content.decode(found.name) == LISTS[encoding]


def test_a_few_broken_bytes_do_not_make_utf8_another_encoding() -> None:
    good = "Name,Town\n" + "Zoë Müller,Köln\n" * 30
    found = table(good.encode() + b"Ann \xff Smith,Graz\n")
    rows = list(found.rows())
    assert found.understood.encoding == "utf-8"
    assert rows[0].values == ["Zoë Müller", "Köln"]
    assert rows[-1].fault is not None
    assert rows[0].fault is None


def test_an_uncertain_encoding_is_asked_with_samples_or_refused_naming_the_flag() -> None:
    content = "Name,Town,Since\nKowal,Łódź,2020-01-31\nAnn,Graz,2021-02-28\n".encode("cp1250")
    found = table(content)
    question = next(item for item in found.understood.questions if item.flag == "--encoding")
    assert len(question.choices) > 1
    with pytest.raises(AmbiguousSourceError) as caught:
        table(content, no_input=True)
    assert "--encoding" in caught.value.hint
    assert values(table(content, no_input=True, encoding="cp1250"))[0][1] == "Łódź"


def test_an_encoding_that_alone_gives_plausible_words_is_not_asked_for() -> None:
    found = table("Name,Town,Since\nMüller,Köln,2020-01-31\nGroß,Graz,2021-02-28\n".encode("cp1252"), no_input=True)
    assert values(found)[0][:2] == ["Müller", "Köln"]


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13"])
def test_what_is_no_encoding_is_an_error(name: str) -> None:
    with pytest.raises(ReadError):
        table("a,b\n1,2\n", encoding=name)


def test_windows_signs_taken_for_latin1_are_put_right() -> None:
    found = table("Name,Note\nAnn,5 \x96 6\nLi,\x93yes\x94\n")
    assert values(found) == [["Ann", "5 – 6"], ["Li", "“yes”"]]


UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_of_every_language_are_read_in_every_form_of_unicode(language: str) -> None:
    text = LANGUAGES[language].customers(3)
    forms = [text.encode(encoding) for encoding in UNICODE]
    forms += [f"\ufeff{text}".encode(encoding) for encoding in ("utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le")]
    read = [[cell for row in values(table(form)) for cell in row] for form in forms]
    assert read == [[cell for line in text.splitlines()[1:] for cell in line.split(",")]] * len(forms)


@pytest.mark.parametrize("rows", [3, 30])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_list_is_decoded_right_or_asked_about(language: str, rows: int) -> None:
    """Whatever the code page of a language: a wrong text is never taken for sure."""
    for encoding in LANGUAGES[language].encodings:
        for seed in range(5):
            text = LANGUAGES[language].customers(rows, seed)
            content = text.encode(encoding)
            found = detect_encoding(Source.from_bytes("list.csv", content))
            right = content.decode(found.name, errors="replace") == text
            assert right or found.confidence < CONFIDENT, (encoding, seed, found)


@pytest.mark.parametrize(
    ("language", "encoding"),
    [(name, encoding) for name, language in LANGUAGES.items() for encoding in language.encodings],
)
def test_a_list_of_two_hundred_is_decoded_right(language: str, encoding: str) -> None:
    text = LANGUAGES[language].customers(200)
    found = detect_encoding(Source.from_bytes("list.csv", text.encode(encoding)))
    assert text.encode(encoding).decode(found.name, errors="replace") == text


@pytest.mark.parametrize(
    "language", ["Czech", "Polish", "Hungarian", "German", "French", "Spanish", "Turkish", "Greek"]
)
def test_european_lists_are_not_asked_about(language: str) -> None:
    text = LANGUAGES[language].customers(200)
    for encoding in LANGUAGES[language].encodings:
        assert detect_encoding(Source.from_bytes("list.csv", text.encode(encoding))).confidence >= CONFIDENT, encoding


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_reason(content: bytes) -> None:
    with contextlib.suppress(ReadError):
        for found in read_tables(Source.from_bytes("anything.csv", content)):
            for row in found.rows():
                assert row.place
