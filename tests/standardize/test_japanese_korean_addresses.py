"""Addresses of Japan and Korea give region, city, block numbers and postal code."""

from __future__ import annotations

import pytest

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, standardize


def parts(line: str, country: str | None) -> dict[str, str]:
    outcome = standardize(SemanticType.STREET, line, Context(country))
    assert outcome.value == line
    return dict(outcome.parts)


@pytest.mark.parametrize(
    ("line", "region", "city", "number"),
    [
        ("東京都渋谷区渋谷2-21-1", "Tokyo", "渋谷区", "2-21-1"),
        ("大阪府大阪市北区梅田1丁目1番3号", "Ōsaka", "大阪市", "1-1-3"),
        ("横浜市西区みなとみらい二丁目3番1号", "Kanagawa", "横浜市", "2-3-1"),
        ("三重県四日市市諏訪町1-5", "Mie", "四日市市", "1-5"),
        ("千葉県市川市八幡1-1-1", "Chiba", "市川市", "1-1-1"),
        ("東京都町田市森野2-2-22", "Tokyo", "町田市", "2-2-22"),
        ("群馬県佐波郡玉村町下新田201", "Gunma", "佐波郡玉村町", "201"),
        ("福島県郡山市朝日1-23-7", "Fukushima", "郡山市", "1-23-7"),
        ("東京都西多摩郡檜原村467-1", "Tokyo", "西多摩郡檜原村", "467-1"),
        ("渋谷区神南1-2-3", "Tokyo", "渋谷区", "1-2-3"),
    ],
)
def test_japan(line: str, region: str, city: str, number: str) -> None:
    found = parts(line, "JP")
    assert (found["country"], found["region"], found["city"], found["number"]) == ("JP", region, city, number)


def test_a_japanese_address_down_to_the_room() -> None:
    assert parts("〒220-0012 神奈川県横浜市西区みなとみらい2-2-1 ランドマークタワー 35F 3501号室", None) == {
        "postal_code": "220-0012", "country": "JP", "region": "Kanagawa", "city": "横浜市", "district": "西区",
        "town": "みなとみらい", "number": "2-2-1", "place": "ランドマークタワー", "floor": "35", "room": "3501",
    }  # fmt: skip


def test_a_ward_that_many_cities_have_says_no_prefecture() -> None:
    assert parts("中央区1-2-3", "JP") == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "(06234) 서울특별시 강남구 테헤란로 123, 4층 (역삼동)",
            {"postal_code": "06234", "region": "Seoul", "city": "서울특별시", "district": "강남구",
             "street_name": "테헤란로", "number": "123", "floor": "4"},
        ),
        (
            "부산광역시 해운대구 센텀중앙로 97 102동 1503호",
            {"region": "Busan", "city": "부산광역시", "district": "해운대구", "street_name": "센텀중앙로",
             "number": "97", "building": "102", "room": "1503"},
        ),
        (
            "경기도 성남시 분당구 판교역로 235",
            {"region": "Gyeonggi", "city": "성남시", "district": "분당구", "street_name": "판교역로", "number": "235"},
        ),
    ],
)  # fmt: skip
def test_korea(line: str, expected: dict[str, str]) -> None:
    assert parts(line, "KR") == {"country": "KR", **expected}


def test_a_japanese_address_in_an_american_record_is_told() -> None:
    outcome = standardize(SemanticType.STREET, "東京都渋谷区渋谷2-21-1", Context("US"))
    assert [issue.message for issue in outcome.issues] == ['"東京都渋谷区渋谷2-21-1" is an address in JP, not in US']
