"""Addresses in Chinese characters are taken apart; the line stays, and no city is read into the name of a road."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, standardize
from crm_cli.standardize.places import table
from crm_cli.standardize.regions import region_of

CHINA = Context("CN")


def parts(line: str, context: Context = CHINA) -> dict[str, str]:
    outcome = standardize(SemanticType.STREET, line, context)
    assert outcome.value == line
    return dict(outcome.parts)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "广东省深圳市南山区科技园南路12号3栋405室",
            "CN GD 深圳市 南山区 street_name=科技园南路 number=12 building=3 room=405",
        ),
        ("北京市海淀区中关村大街1号", "CN BJ 北京市 海淀区 street_name=中关村大街 number=1"),
        (
            "上海市长宁区延安西路1023弄5号楼302室",
            "CN SH 上海市 长宁区 street_name=延安西路 lane=1023弄 building=5 room=302",
        ),
        (
            "江苏省昆山市花桥镇绿地大道231弄6号楼3单元1201室",
            "CN JS 苏州市 昆山市 town=花桥镇 street_name=绿地大道 lane=231弄 building=6 unit=3 room=1201",
        ),
        ("深圳市南山区粤海街道科技园南路12号", "CN GD 深圳市 南山区 town=粤海街道 street_name=科技园南路 number=12"),
        (
            "广东深圳南山区深南大道10000号腾讯大厦35层",
            "CN GD 深圳市 南山区 street_name=深南大道 number=10000 place=腾讯大厦 floor=35",
        ),
        ("重庆渝中区民权路28号", "CN CQ 重庆市 渝中区 street_name=民权路 number=28"),
        ("内蒙古自治区呼和浩特市新城区中山东路8号", "CN NM 呼和浩特市 新城区 street_name=中山东路 number=8"),
        ("吉林省吉林市船营区解放大路1号", "CN JL 吉林市 船营区 street_name=解放大路 number=1"),
        ("湖北省仙桃市仙桃大道1号", "CN HB 仙桃市 - street_name=仙桃大道 number=1"),
        ("东莞市长安镇振安东路123号", "CN GD 东莞市 - town=长安镇 street_name=振安东路 number=123"),
        (
            "河北省保定市清苑区孙村乡李家村12号",
            "CN HE 保定市 清苑区 town=孙村乡 village=李家村 number=12",
        ),
        ("苏州市工业园区星湖街328号", "CN JS 苏州市 工业园区 street_name=星湖街 number=328"),
        ("518000 广东省深圳市福田区华强北路1002号", "CN GD 深圳市 福田区 street_name=华强北路 number=1002 zip=518000"),
        ("广东省深圳市福田区华强北路1002号 518000", "CN GD 深圳市 福田区 street_name=华强北路 number=1002 zip=518000"),
        ("南京市鼓楼区中山北路二百号三楼", "CN JS 南京市 鼓楼区 street_name=中山北路 number=200 floor=3"),
        ("廣東省廣州市天河區體育西路1號", "CN GD 廣州市 天河區 street_name=體育西路 number=1"),
        (
            "台北市大安區忠孝東路四段216巷32弄8號5樓之3",
            "TW TPE 台北市 大安區 street_name=忠孝東路四段 lane=216巷32弄 number=8 floor=5 room=3",
        ),
        ("嘉義縣民雄鄉大學路一段168號", "TW CYI 嘉義縣 民雄鄉 street_name=大學路一段 number=168"),
        ("台南市永康區中正北路118巷22號", "TW TNN 台南市 永康區 street_name=中正北路 lane=118巷 number=22"),
        ("桃園市中壢區中央西路2段30號", "TW TAO 桃園市 中壢區 street_name=中央西路2段 number=30"),
        ("臺中市西屯區臺灣大道三段99號", "TW TXG 臺中市 西屯區 street_name=臺灣大道三段 number=99"),
        ("106 臺北市大安區信義路三段3號", "TW TPE 臺北市 大安區 street_name=信義路三段 number=3 zip=106"),
        ("浦东新区世纪大道100号", "CN SH 上海市 浦东新区 street_name=世纪大道 number=100"),
    ],
)
def test_parts(line: str, expected: str) -> None:
    country, region, city, district, *more = expected.split()
    wanted = {"country": country, "region": region, "city": city, "district": district}
    wanted |= dict(word.replace("zip=", "postal_code=").split("=") for word in more)
    assert parts(line) == {name: part for name, part in wanted.items() if part != "-"}


def test_hong_kong_has_areas_and_districts() -> None:
    assert parts("香港九龍觀塘成業街7號寧晉中心15樓A室", Context("HK")) == {
        "country": "HK", "area": "九龍", "district": "觀塘", "street_name": "成業街", "number": "7",
        "place": "寧晉中心", "floor": "15", "room": "A",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "北京东路100号",
        "南京西路1266号",
        "广州大道中20号",
        "中山大道西1号",
        "香港中路10号",
        "长沙湾道680号",
        "朝阳区建国路1号",
    ],
)
def test_a_road_named_after_a_place_or_a_district_of_many_cities_says_no_city(line: str) -> None:
    assert not {"country", "region", "city"} & set(parts(line))


@pytest.mark.parametrize("country", [None, "CN", "US", "DE", "GB"])
def test_the_country_of_the_record_does_not_change_the_parts(country: str | None) -> None:
    line = "北京市海淀区中关村大街1号3单元501室"
    outcome = standardize(SemanticType.STREET, line, Context(country))
    assert outcome.parts["region"] == "BJ"
    assert outcome.parts["room"] == "501"
    assert [issue.code for issue in outcome.issues] == ([] if country in {None, "CN"} else ["A303"])
    assert outcome.understood


def test_an_address_of_taiwan_or_hong_kong_in_a_record_of_china_is_no_fault() -> None:
    assert not standardize(SemanticType.STREET, "台北市大安區忠孝東路四段1號", CHINA).issues


def test_text_that_is_no_address_has_no_parts() -> None:
    assert parts("请联系客户") == {}


def test_a_latin_line_with_a_chinese_name_is_an_american_address() -> None:
    assert standardize(SemanticType.STREET, "123 Main Street (王)", Context("US")).parts["number"] == "123"


def test_letters_of_a_building_keep_their_case() -> None:
    assert standardize(SemanticType.STREET, "建国路88号soho现代城A座", CHINA).value == "建国路88号soho现代城A座"


def test_every_city_of_the_table_is_found_in_its_region() -> None:
    rows = list(table("chinese_divisions.tsv"))
    assert len({row[3] for row in rows if row[0] == "CN"}) > 330
    for country, region, provinces, city, _, _ in rows:
        if country != "CN":
            continue
        found = parts(f"{provinces.split('|')[0]}{city}人民路1号")
        assert (found["region"], found["city"], found["street_name"]) == (region, city, "人民路")
        named = region_of(provinces.split("|")[0], "CN")
        assert named is not None
        assert named.code == region


PIECES = [
    *("中国", "广东省", "广东", "深圳市", "深圳", "北京市", "北京", "台北市", "香港", "九龍", "觀塘", "南山区", "南山"),
    *(
        "昆山市",
        "街道",
        "花桥镇",
        "乡",
        "村",
        "中山",
        "路",
        "大道",
        "街",
        "东",
        "段",
        "四",
        "弄",
        "巷",
        "12",
        "号",
        "號",
    ),
    *("之3", "3栋", "A座", "号楼", "单元", "5樓", "405", "室", "518000", ",", "(", ")", "，", "小区", "县", "区", "市"),
    *("京", "都", "東京都", "丁目", "〒150-0002", "서울", "로", "12길"),
]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=9),
    st.sampled_from(["", " "]),
    st.sampled_from([None, "CN", "TW", "HK", "JP", "KR", "US"]),
)
def test_any_order_of_pieces_keeps_the_line_and_its_parts(pieces: list[str], joint: str, country: str | None) -> None:
    context = Context(country)
    once = standardize(SemanticType.STREET, joint.join(pieces), context)
    assert standardize(SemanticType.STREET, once.value, context) == standardize(
        SemanticType.STREET, once.value, context
    )
    again = standardize(SemanticType.STREET, once.value, context)
    assert (again.value, again.parts) == (once.value, once.parts)
    assert all(part.strip() == part for part in once.parts.values())
