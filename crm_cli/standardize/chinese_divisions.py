"""Provinces, cities and districts at the beginning of a Chinese address (GB/T 2260; Hong Kong, Macao, Taiwan by name).

Names are compared in simplified characters, one for one, so that a place in the compared text is the same place in
the text as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from crm_cli.standardize.places import table

__all__ = ["Found", "Place", "find_divisions", "simplified"]

_LONGEST = 15  # 积石山保安族东乡族撒拉族自治县 has fifteen characters
# what makes a name without its kind ("南京") the beginning of a street or estate ("南京东路") and no city
_STREET_FOLLOWS = re.compile(
    r"[^\d,，\s]{0,3}?(?:路|街|道|巷|弄|里|村|镇|乡|区|县|大厦|广场|花园|公寓|酒店|银行)"
).match
_ROAD_FOLLOWS = re.compile(r"[东西南北中]?(?:大?道|[公马]?路|大?街)").match
_ZONE = re.compile(  # districts that are in no table: zones of development, and what was renamed since
    r"(?:[^\d\s,，路街道号]{0,6}?(?:工业园区|开发区|高新区|新区)|[^\d\s,，路街道号]{2,4}?(?:(?<![小社园校厂景库片城])区|县))"
    r"(?![东西南北中府政前]?(?:大?道|路|大?街))"
).match
_BEFORE_DIGITS = re.compile(r"(\D+)").match
_COUNTRIES = ("中华人民共和国", "中国", "中华民国")


@dataclass(frozen=True, slots=True)
class Place:
    """A district, or a city where `district` is empty, or a province where `city` is too; names in simplified form."""

    country: str
    region: str
    province: str
    city: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the beginning of an address says: the place, and for each part where it stands (begin, end)."""

    place: Place
    spans: Mapping[str, tuple[int, int]]
    end: int


@dataclass(frozen=True, slots=True)
class _Names:
    provinces: Mapping[str, Place]
    cities: Mapping[str, tuple[Place, ...]]  # by every spelling
    districts: Mapping[tuple[str, str, str], Mapping[str, Place]]  # by country, province, city
    counties: Mapping[str, tuple[Place, ...]]  # districts by their full names


@cache
def _traditional() -> dict[int, int]:
    [(old, new)] = table("chinese_characters.tsv")
    return str.maketrans(old, new)


def simplified(text: str) -> str:
    """Return `text` with the traditional characters of addresses simplified, each by one character."""
    return text.translate(_traditional())


@cache
def _names() -> _Names:
    provinces: dict[str, Place] = {}
    cities: dict[str, dict[Place, None]] = {}
    districts: dict[tuple[str, str, str], dict[str, Place]] = {}
    counties: dict[str, dict[Place, None]] = {}
    for country, region, province_names, city, city_names, below in table("chinese_divisions.tsv"):
        province = Place(country, region, province_names.split("|")[0])
        place = Place(country, region, province.province, city)
        for name in province_names.split("|"):
            provinces.setdefault(name, province)
        for name in city_names.split("|"):
            cities.setdefault(name, {})[place] = None
        inner = districts.setdefault((country, province.province, city), {})
        for name in filter(None, below.split("|")):
            inner[name] = Place(country, region, province.province, city, name)
            counties.setdefault(name, {})[inner[name]] = None
    return _Names(
        provinces,
        {name: tuple(places) for name, places in cities.items()},
        districts,
        {name: tuple(places) for name, places in counties.items()},
    )


class _Reader:
    """Reads the divisions from left to right; each step takes what it recognizes and goes on behind it."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.at = 0
        self.place: Place | None = None
        self.spans: dict[str, tuple[int, int]] = {}

    def read(self) -> Found | None:
        self._skip_country()
        self._province()
        self._city()
        self._district()
        return Found(self.place, self.spans, self.at) if self.place else None

    def _take(self, part: str, place: Place, length: int) -> None:
        self.place = place
        self.spans[part] = (self.at, self.at + length)
        self.at += length
        while self.key[self.at : self.at + 1] in {" ", ",", "，", "·", "-"}:
            self.at += 1

    def _skip_country(self) -> None:
        for name in _COUNTRIES:
            if self.key.startswith(name):
                self.at += len(name)
                break
        if self.key.startswith("台湾", self.at):
            self.at += 3 if self.key.startswith("台湾省", self.at) else 2
        while self.key[self.at : self.at + 1] in {" ", ",", "，"}:
            self.at += 1

    def _candidates(self, at: int) -> list[str]:
        """Return the beginnings of the rest, the longest first."""
        rest = self.key[at : at + _LONGEST]
        return [rest[:length] for length in range(len(rest), 1, -1)]

    def _province(self) -> None:
        names = _names().provinces
        for name in self._candidates(self.at):
            place = names.get(name)
            if place is None or (place.country in {"HK", "MO"} and self._city_of(place, self.at)):
                continue  # 香港岛 is a part of Hong Kong, no island behind its name
            if name == place.province or self._goes_on(place, self.at + len(name)):
                self._take("province", place, len(name))
                return

    def _goes_on(self, province: Place, at: int) -> bool:
        """Whether behind the short name of a province comes one of its places: "广东深圳", but not "广东路"."""
        if province.country in {"HK", "MO"}:
            return _ROAD_FOLLOWS(self.key, at) is None
        at = len(self.key) - len(self.key[at:].lstrip(" ,，"))
        if self._city_of(province, at):
            return True
        counties = _names().counties
        return any(_same_province(place, province) for name in self._candidates(at) for place in counties.get(name, ()))

    def _city(self) -> None:
        if found := self._city_of(self.place, self.at):
            place, length = found
            self._take("area" if place.country in {"HK", "MO"} else "city", place, length)
        elif self.place and (self.place.province[-1] == "市" or self.place.country == "TW"):
            # 北京市 and 嘉義縣 are province and city in one
            self.spans["city"] = self.spans["province"]
            self.place = Place(self.place.country, self.place.region, self.place.province, self.place.province)
        if self.key.startswith("市辖区", self.at):
            self.at += 3

    def _city_of(self, province: Place | None, at: int) -> tuple[Place, int] | None:
        """Return the city whose name stands at `at`, and the length of the name; only one of `province` if given."""
        names = _names().cities
        for name in self._candidates(at):
            for place in names.get(name, ()):
                if province and not _same_province(place, province):
                    continue
                if name == place.city or self._short_name_fits(place, at + len(name), province):
                    return place, len(name)
        return None

    def _short_name_fits(self, place: Place, at: int, province: Place | None) -> bool:
        at = len(self.key) - len(self.key[at:].lstrip(" ,，"))
        inner = _names().districts[place.country, place.province, place.city]
        if any(name in inner for name in self._candidates(at)):
            return True
        return province is not None and not _STREET_FOLLOWS(self.key, at)

    def _district(self) -> None:
        for name in self._candidates(self.at):
            for place in self._districts_called(name):
                if name[-1] in "区县市旗乡镇" or not _ROAD_FOLLOWS(self.key, self.at + len(name)):
                    self._take("district", place, len(name))
                    return
        if self.place and self.place.city and "city" in self.spans and (zone := _ZONE(self.key, self.at)):
            place = Place(self.place.country, self.place.region, self.place.province, self.place.city, zone.group())
            self._take("district", place, len(zone.group()))

    def _districts_called(self, name: str) -> tuple[Place, ...]:
        names = _names()
        if self.place and self.place.city:
            inner = names.districts.get((self.place.country, self.place.province, self.place.city), {})
            return (inner[name],) if name in inner else ()
        places = names.counties.get(name, ())
        if self.place:
            places = tuple(place for place in places if _same_province(place, self.place))
        return places if len(places) == 1 and (self.place or len(name) > 2) else ()


def _same_province(place: Place, province: Place) -> bool:
    return (place.country, place.province) == (province.country, province.province)


def find_divisions(key: str) -> Found | None:
    """Return the divisions with which an address in simplified characters begins, or None where it names none."""
    found = _BEFORE_DIGITS(key)
    return _divisions_of(found[1] if found else "")


@lru_cache(maxsize=8192)  # addresses of a street differ behind it
def _divisions_of(key: str) -> Found | None:
    return _Reader(key).read()
