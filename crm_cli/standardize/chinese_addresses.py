"""Addresses in Chinese characters, taken apart: from the province down to the room; the line itself is not rewritten.

The order of the parts is that of GB/T 23705 (names of places and addresses) and of the postal services of Taiwan and
Hong Kong: large to small. Divisions come from a table, the rest from the words that follow its names (路, 号, 栋, 室).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from crm_cli.standardize.chinese_divisions import Found, find_divisions, simplified
from crm_cli.standardize.han_numerals import han_number

__all__ = ["read_chinese"]

_HAN = "一二三四五六七八九十百"
_NUMBER = rf"(?:\d{{1,5}}|[{_HAN}]{{1,5}})"
_POSTAL_BEFORE = re.compile(r"(?:邮编[:： ]*)?(\d{6}|\d{3}(?:-?\d{2,3})?)(?=[\s,，]*[^\W\d_a-zA-Z])[\s,，]*").match
_POSTAL_AFTER = re.compile(r"[\s,，(（]*(?:邮政编码|邮编)?[:： ]*(?<!\d)(\d{6})[)）]?$").search
_NO_ROAD = r"(?![东西南北中]?(?:大?道|路|大?街))"
_TOWN = re.compile(rf"([^\d\s,，路号]{{1,6}}?街道(?:办事处)?|[^\d\s,，路街道号]{{1,6}}?(?:镇|乡|苏木)){_NO_ROAD}").match
_VILLAGE = re.compile(
    rf"([^\d\s,，路街道巷号]{{1,6}}?(?:村委会|居委会|社区|村)|[^\d\s,，路街道巷号]{{1,4}}?里(?=\d+邻)){_NO_ROAD}"
    rf"(?:{_NUMBER}[邻组])?"
).match
_ROAD = re.compile(
    r"([^\d\s,，()（）号]{1,16}?(?:大道|大街|胡同|路|街|道|巷|弄|里|径|坊|条|线|环|广场(?=\d{1,5}号))"
    rf"(?:[{_HAN}]{{1,3}}(?:段|路|街|巷|条|期)|\d段|[东西南北中]{{0,2}}(?:路|街|段)?))"
    rf"(?=\d|[甲乙丙丁]\d|[{_HAN}]{{1,4}}[号弄巷]|[\s,，]|$)"
).match
_ROAD_ALONE = re.compile(r"([^\d\s,，()（）号]{2,10}?(?:大道|大街|路|街)(?:[东西南北中]段)?)(?![道口区])").match
_HOUSE = re.compile(
    rf"[\s,，]*(?:(?P<lane>{_NUMBER}巷(?:{_NUMBER}弄)?|{_NUMBER}弄))?[\s,，]*"
    rf"(?:(?P<number>{_NUMBER}(?:[-—~至之、]\d{{1,5}})*[A-Za-z]?|[甲乙丙丁]\d{{1,5}})"
    rf"号(?![楼线库门房])(?:院|之(?P<behind>{_NUMBER}))?)?"
).match
_BUILDING = re.compile(
    rf"([A-Za-z]?\d{{0,4}}(?:-?[A-Za-z\d]{{1,2}})?|[{_HAN}]{{1,3}}|[甲乙丙丁东西南北])(?:号楼|栋|幢|座)"
)
_UNIT = re.compile(rf"(\d{{1,2}}|[{_HAN}]{{1,2}}|[A-Za-z甲乙丙])单元")
_FLOOR = re.compile(rf"(?<![号\d])([Bb]?\d{{1,3}}|地下[{_HAN}\d]?|[{_HAN}]{{1,3}})(?:楼|层|/?F(?![A-Za-z]))")
_ROOM = re.compile(rf"([A-Za-z]?-?\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})*|[{_HAN}]{{1,5}}|[A-Za-z])(?:号房|室|房)")
_ROOM_LAST = re.compile(
    r"(?:(?<=栋)|(?<=座)|(?<=幢)|(?<=单元)|(?<=楼)|(?<=层))[\s,，-]*之?([A-Za-z]?\d{1,4}(?:-\d{1,4}|[A-Za-z])?)$"
)
_HOUSE_WORDS = re.compile(r"[路街道巷弄]\D{0,3}\d+号|\d(?:栋|单元|室|号楼)").search
_INSIDE = (("building", _BUILDING), ("unit", _UNIT), ("floor", _FLOOR), ("room", _ROOM), ("room", _ROOM_LAST))


def read_chinese(text: str, country: str | None) -> dict[str, str]:
    """Return the parts of an address in Chinese characters as they stand in it, numbers in digits; {} for none.

    Parts: `country`, `region` (ISO 3166-2), `city`, `area` (of Hong Kong and Macao), `district`, `town`, `village`,
    `street_name`, `lane` (巷, 弄), `number` (号), `place` (a named estate or house), `building`, `unit` (单元),
    `floor`, `room`, `postal_code`. A province or city that the text leaves out is there where the district says which;
    "深圳" is the city 深圳市.
    """
    line = text.replace("\n", " ")
    key = simplified(line)
    parts: dict[str, str] = {}
    begin, end = _postal_code(key, parts)
    found = find_divisions(key[begin:end])
    if found:
        _divisions(found, line[begin:end], parts)
        begin += found.end
    elif country not in {None, "CN", "HK", "MO", "TW"} and not _HOUSE_WORDS(key):
        return {}
    _behind_divisions(line[begin:end], key[begin:end], parts)
    return parts


def _postal_code(key: str, parts: dict[str, str]) -> tuple[int, int]:
    """Note the postal code before or after the address; return where the rest begins and ends."""
    if found := _POSTAL_BEFORE(key):
        parts["postal_code"] = found[1].replace("-", "")
        return found.end(), len(key)
    if (found := _POSTAL_AFTER(key)) and found.start():
        parts["postal_code"] = found[1]
        return 0, found.start()
    return 0, len(key)


def _divisions(found: Found, line: str, parts: dict[str, str]) -> None:
    place = found.place
    parts["country"] = place.country
    if place.region:
        parts["region"] = place.region
    for part, stands in (("city", place.city), ("district", place.district)):
        span = found.spans.get(part)
        if span and (span[1] - span[0] == len(stands) or place.country in {"HK", "MO"}):
            parts[part] = line[slice(*span)]
        elif stands and place.country not in {"HK", "MO"}:
            parts[part] = stands
    if "area" in found.spans:
        parts["area"] = line[slice(*found.spans["area"])]


def _behind_divisions(line: str, key: str, parts: dict[str, str]) -> None:
    at = 0
    for part, match in (("town", _TOWN), ("village", _VILLAGE)):
        if found := match(key, at):
            parts[part] = line[found.start(1) : found.end(1)]
            at = found.end()
    road = _ROAD(key, at) or _ROAD_ALONE(key, at)
    if road:
        parts["street_name"] = line[road.start(1) : road.end(1)]
        at = road.end()
    if road or "village" in parts or "town" in parts:
        at = _house(key, at, parts)
    _inside(line[at:], key[at:], parts)


def _house(key: str, at: int, parts: dict[str, str]) -> int:
    """Note lane and house number; return where the rest begins."""
    found = _HOUSE(key, at)
    if found is None:
        return at
    if found["lane"]:
        parts["lane"] = "".join(_digits(piece) for piece in re.split("([巷弄])", found["lane"]))
    if found["number"]:
        parts["number"] = _digits(found["number"]) + (f"之{_digits(found['behind'])}" if found["behind"] else "")
    return found.end() if found["lane"] or found["number"] else at


def _inside(line: str, key: str, parts: dict[str, str]) -> None:
    """Note what leads from the street into the house: its name, building, entrance, floor and room."""
    first, taken = len(key), list[tuple[int, int]]()
    for part, pattern in _INSIDE:
        for found in pattern.finditer(key):
            if part in parts or not found[1] or _overlaps(found.span(), taken):
                continue
            parts[part] = _digits(found[1].lstrip("-"))
            taken.append(found.span())
            first = min(first, found.start())
    name = line[:first].strip(" ,，-—()（）·")
    if name and parts:
        parts["place"] = name


def _overlaps(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> bool:
    return any(span[0] < end and begin < span[1] for begin, end in taken)


def _digits(text: str) -> str:
    """Return a number of an address in digits and capitals; what is none stays: 甲, A."""
    number = han_number(text) if not text.isascii() else None
    return text.upper() if number is None else str(number)
