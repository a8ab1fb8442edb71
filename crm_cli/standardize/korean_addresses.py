"""Addresses in Korean letters, taken apart lightly: the end of each word says what it is (the road name system)."""

from __future__ import annotations

import re

from crm_cli.standardize.regions import region_of

__all__ = ["read_korean"]

_POSTAL = re.compile(r"^[(\[]?(?:우편번호 ?)?(?:우 ?)?(\d{5})[)\]]?[\s,]+|[\s,]+[(\[]?(?:우 ?)?(\d{5})[)\]]?$").search
_REMARK = re.compile(r"\([^)]*\)")  # the legal quarter or the name of the house, which repeat what is said
_NUMBER = re.compile(r"(?:지하)?(\d{1,5}(?:-\d{1,4})?)(?:번지)?").fullmatch
_COUNTRIES = {"대한민국", "한국"}
# ends of words, in the order in which they are tried; a word is taken once
_KINDS = (
    ("city", re.compile(r"([가-힣]{1,6}[시군])").fullmatch),
    ("district", re.compile(r"([가-힣]{1,5}구)").fullmatch),
    ("street_name", re.compile(r"([가-힣\d·.]{1,15}(?:대로|로|길))").fullmatch),
    ("town", re.compile(r"([가-힣\d]{1,6}(?:읍|면|동|가|리))").fullmatch),
    ("floor", re.compile(r"((?:지하 ?)?B?\d{1,3})층").fullmatch),
    ("room", re.compile(r"(\d{1,5}[A-Za-z]?)호").fullmatch),
)
_BUILDING = re.compile(r"(\d{1,4}|[A-Za-z])동").fullmatch


def read_korean(text: str) -> dict[str, str]:
    """Return the parts of a Korean address; {} where it does not begin with a province, a city or a district.

    Parts: `country`, `region` (as the region field writes it), `city`, `district`, `town`, `street_name`, `number`,
    `building` (동 behind a number), `floor`, `room`, `place` (what is left), `postal_code`. A metropolitan city is
    `region` and `city`.
    """
    parts: dict[str, str] = {}
    text = text.replace("\n", " ")
    if found := _POSTAL(text):
        parts["postal_code"] = found[1] or found[2]
        text = text[: found.start()] + " " + text[found.end() :]
    words = [word for word in _REMARK.sub(" ", text).replace(",", " ").split() if word not in _COUNTRIES]
    if words and (region := region_of(words[0], "KR")):
        parts["region"] = region.standard
        if not words[0].endswith(("도", "남", "북", "경기", "강원", "제주")):
            parts["city"] = words[0]
        words = words[1:]
    left = [word for word in words if not _taken(word, parts)]
    if not {"region", "city", "district"} & set(parts):
        return {}
    parts["country"] = "KR"
    if left:
        parts["place"] = " ".join(left)
    return parts


def _taken(word: str, parts: dict[str, str]) -> bool:
    """Note the word as the part that its end says; whether it is one."""
    if "number" not in parts and ("street_name" in parts or "town" in parts) and (found := _NUMBER(word)):
        parts["number"] = found[1]
        return True
    if "number" in parts and (found := _BUILDING(word)):
        parts.setdefault("building", found[1].upper())
        return True
    for name, match in _KINDS:
        if name not in parts and (found := match(word)):
            parts[name] = found[1].upper()
            return True
    return False
