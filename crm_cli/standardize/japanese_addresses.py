"""Addresses in Japanese characters, taken apart lightly: prefecture, city, ward, town, block numbers, floor, room.

Prefectures are those of ISO 3166-2; of the cities only those are known by name that say in which prefecture they are
(the cities designated by ordinance, the special wards of Tokyo) or whose names hold a 市, 町 or 村 before the end.
"""

from __future__ import annotations

import re

from crm_cli.standardize.han_numerals import han_number
from crm_cli.standardize.regions import region_of
from crm_cli.standardize.wordlists import words

__all__ = ["is_japanese", "read_japanese"]

_DASH = "[-‐−–ー―－]"
_HAN = "一二三四五六七八九十"
_POSTAL = re.compile(rf"〒? ?(\d{{3}}){_DASH}?(\d{{4}})(?=\D|$)[\s,、]*").match
_PREFECTURE = re.compile(r"(?:日本国?[\s,、]*)?(東京都|北海道|(?:京都|大阪)府|[^\d\s,、]{2,3}県)[\s,、]*").match
_SIGNS = re.compile(r"[ぁ-ゖァ-ヺ]|丁目|番地|^〒").search
# names with 市, 町 or 村 before the end, which would end there
_ODD = """
    四日市市 廿日市市 野々市市 市川市 市原市 町田市 十日町市 大町市 東村山市 武蔵村山市 羽村市 村上市 村山市 田村市
    大村市 東大和市
"""
_COUNTY = r"[^\d\s]{1,4}?郡(?![山市])(?:玉村町|大町町|[^\d\s]{1,6}?[町村])"
_CITY = re.compile(rf"({'|'.join(_ODD.split())}|{_COUNTY}|[^\d\s]{{1,6}}?市)").match
_TOKYO = re.compile(rf"({_COUNTY}|[^\d\s市区町村]{{1,4}}区|[^\d\s]{{1,5}}?市|[^\d\s]{{1,4}}?[町村])").match
_WARD = re.compile(r"\s*([^\d\s市区町村]{1,5}区)").match
# prefectures of the cities designated by ordinance (Local Autonomy Act of Japan, 252-19)
_DESIGNATED = {
    "札幌市": "01", "仙台市": "04", "さいたま市": "11", "千葉市": "12", "横浜市": "14", "川崎市": "14",
    "相模原市": "14", "新潟市": "15", "静岡市": "22", "浜松市": "22", "名古屋市": "23", "京都市": "26",
    "大阪市": "27", "堺市": "27", "神戸市": "28", "岡山市": "33", "広島市": "34", "北九州市": "40",
    "福岡市": "40", "熊本市": "43",
}  # fmt: skip
# the special wards of Tokyo whose names no other city of Japan has for a ward
_WARDS_OF_TOKYO = words(
    """
    千代田区 新宿区 文京区 台東区 墨田区 江東区 品川区 目黒区 大田区 世田谷区 渋谷区 中野区 杉並区 豊島区 荒川区
    板橋区 練馬区 足立区 葛飾区 江戸川区
    """
)
_NUMBER = rf"(?:\d{{1,5}}|[{_HAN}]{{1,3}})"
_WITH_DISTRICT_NUMBER = re.compile(rf"([^\s,、]{{1,20}}?)\s*({_NUMBER})丁目").match
_TOWN = re.compile(r"([^\d\s,、]{1,20}?)\s*(?=\d)").match
_BLOCKS = re.compile(rf"\s*(\d{{1,5}}(?:(?:番地|番|号|の|ノ|{_DASH})+\d{{1,5}})*)(?:番地|番|号)?").match
_FLOOR = re.compile(r"(B?\d{1,3})(?:階|[Ff](?![A-Za-z]))").search
_ROOM = re.compile(r"(?<![\d-])(\d{1,5}[A-Za-z]?)(?:号室|号)").search


def is_japanese(text: str) -> bool:
    """Whether an address shows by its signs that it is Japanese: kana, 丁目, 〒, or a prefecture at its beginning."""
    postal = _POSTAL(text)
    return bool(_SIGNS(text) or _prefecture(text, postal.end() if postal else 0))


def _prefecture(text: str, at: int) -> re.Match[str] | None:
    found = _PREFECTURE(text, at)
    return found if found and region_of(found[1], "JP") else None


def read_japanese(text: str) -> dict[str, str]:
    """Return the parts of a Japanese address; {} where no division is known.

    Parts: `country`, `region` (as the region field writes it), `city`, `district` (a ward), `town`, `number`
    (丁目-番-号, joined by hyphens), `place` (the name of a house), `floor`, `room`, `postal_code`.
    """
    text = text.replace("\n", " ")
    parts: dict[str, str] = {}
    at = 0
    if found := _POSTAL(text):
        parts["postal_code"] = f"{found[1]}-{found[2]}"
        at = found.end()
    begin = at
    at = _divisions(text, at, parts)
    if at == begin:
        return parts
    parts["country"] = "JP"
    rest = text[_numbers(text, at, parts) :]
    _inside(rest, parts)
    return parts


def _divisions(text: str, at: int, parts: dict[str, str]) -> int:
    prefecture = _prefecture(text, at)
    code = region_of(prefecture[1], "JP") if prefecture else None
    if prefecture:
        at = prefecture.end()
    city = (_TOKYO if code and code.code == "13" else _CITY)(text, at)
    ward = next((name for name in _WARDS_OF_TOKYO if text.startswith(name, at)), None)
    if code is None:
        code = region_of("13" if ward else _DESIGNATED.get(city[1], "") if city else "", "JP")
    if code is None:
        return at
    parts["region"] = code.standard
    if ward and code.code == "13":
        parts["city"] = ward
        return at + len(ward)
    if city is None:
        return at
    parts["city"] = city[1]
    if city[1] in _DESIGNATED and (inner := _WARD(text, city.end())):
        parts["district"] = inner[1]
        return inner.end()
    return city.end()


def _numbers(text: str, at: int, parts: dict[str, str]) -> int:
    """Note the town and its numbers; return where the rest begins."""
    numbers: list[str] = []
    at += len(text[at:]) - len(text[at:].lstrip())
    if found := _WITH_DISTRICT_NUMBER(text, at):
        numbers.append(str(han_number(found[2])))
    else:
        found = _TOWN(text, at)
    if found:
        parts["town"] = found[1]
        at = found.end()
    dash = re.compile(_DASH).match(text, at) if numbers else None
    if blocks := _BLOCKS(text, dash.end() if dash else at):
        numbers += re.findall(r"\d+", blocks[1])
        at = blocks.end()
    if numbers:
        parts["number"] = "-".join(numbers)
    return at


def _inside(rest: str, parts: dict[str, str]) -> None:
    found = [(name, match) for name, search in (("floor", _FLOOR), ("room", _ROOM)) if (match := search(rest))]
    for name, match in found:
        parts[name] = match[1].upper()
    end = min((match.start() for _, match in found), default=len(rest))
    if name := rest[:end].strip(" ,、-()（）"):
        parts["place"] = name
