"""Make the tables of Chinese divisions and characters in `crm_cli/standardize/data`.

Sources: provinces, prefectures and counties with the codes of GB/T 2260 as the National Bureau of Statistics of China
published them for 2023, in the form of the package `china-division` 2.7.0 (licence WTFPL); its files `pca-code.json`
and `HK-MO-TW.json` are read from the first folder. Which traditional character is which simplified one: the transform
`Simplified-Traditional.xml` of Unicode CLDR (Unicode-3.0) in the second folder. Codes of regions come from
`regions.tsv`, so make that table first:

    python tools/make_chinese_divisions.py FOLDER_OF_DIVISIONS FOLDER_OF_TRANSFORMS
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from crm_cli.standardize.regions import region_of

DATA = Path(__file__).parent.parent / "crm_cli" / "standardize" / "data"
# names of the statistics that are no place: their counties belong to the province itself
NOT_CITIES = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
# a name may be written without what it is, but not without its first two characters
KINDS = re.compile(r"(?<=..)(?:特别行政区|自治区|自治州|自治县|自治旗|地区|新区|省|市|盟|县)$")
PEOPLES = re.compile(
    "(?<=..)(?:(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|"
    "景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|"
    "塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各)族?)+$"
)
# how addresses of Hong Kong name its parts, beside the districts of the government (by hand)
HONG_KONG = {
    "香港岛": """
        中环 上环 西环 西营盘 坚尼地城 金钟 湾仔 铜锣湾 大坑 跑马地 天后 炮台山 北角 鲗鱼涌 太古 太古城 西湾河 筲箕湾
        柴湾 小西湾 香港仔 鸭脷洲 黄竹坑 薄扶林 赤柱 浅水湾 深水湾 山顶 半山 数码港 田湾
    """,
    "九龙": """
        尖沙咀 尖东 佐敦 油麻地 旺角 大角咀 太子 深水埗 长沙湾 荔枝角 美孚 石硖尾 九龙塘 何文田 红磡 土瓜湾 启德
        新蒲岗 黄大仙 钻石山 慈云山 九龙湾 牛头角 观塘 蓝田 油塘 九龙城
    """,
    "新界": """
        葵涌 葵芳 荃湾 青衣 屯门 元朗 天水围 上水 粉岭 大埔 沙田 火炭 马鞍山 大围 西贡 将军澳 东涌 大屿山 马湾
        赤鱲角 坑口 科学园
    """,
}
# of addresses, beside the names of divisions
ADDRESS_CHARACTERS = "號樓層區縣鄉鎮棟巷弄鄰單戶東門廈邊園莊廣場灣國際臺鐵號庫廠院會館"


def main(divisions: Path, transforms: Path) -> None:
    """Write the two tables."""
    rows = sorted({tuple(row) for row in (*mainland(divisions), *other(divisions))})
    head = "# Made by tools/make_chinese_divisions.py (GB/T 2260 as of 2023; Unicode CLDR). Do not edit.\n"
    text = head + "# country, region, its names, city, its names, districts\n"
    (DATA / "chinese_divisions.tsv").write_text(text + "".join("\t".join(row) + "\n" for row in rows), "utf-8")
    used = {character for row in rows for character in "".join(row)}
    pairs = simplified(transforms)
    kept = {old: new for old, new in pairs.items() if new in used or old in ADDRESS_CHARACTERS} | {"臺": "台"}
    line = "".join(sorted(kept)) + "\t" + "".join(kept[old] for old in sorted(kept)) + "\n"
    (DATA / "chinese_characters.tsv").write_text(head + "# traditional, simplified\n" + line, "utf-8")


def names(name: str) -> str:
    """Return the full name and, where there is one, the short one: 延边朝鲜族自治州, 延边."""
    short = KINDS.sub("", name)
    if short != name and name.endswith(("自治州", "自治区", "自治县", "自治旗")):
        short = PEOPLES.sub("", short)
    return "|".join(dict.fromkeys((name, short)))


def mainland(folder: Path) -> Iterable[list[str]]:
    """Yield country, region, its names, city, its names, districts."""
    for province in json.loads((folder / "pca-code.json").read_text("utf-8")):
        region = region_of(province["name"], "CN")
        assert region, province["name"]
        for city in province["children"]:
            below = [
                child["name"]
                for child in city.get("children", ())
                if not child["name"].endswith(("街道", "镇", "管委会", "开发区", "产业园区", "镇域"))
            ]
            if "直辖县级" in city["name"]:  # counties without a prefecture are their own cities
                for name in below:
                    yield ["CN", region.code, names(province["name"]), name, names(name), ""]
                continue
            name = province["name"] if city["name"] in NOT_CITIES else city["name"]
            yield ["CN", region.code, names(province["name"]), name, names(name), "|".join(below)]


def other(folder: Path) -> Iterable[list[str]]:
    """Yield the rows of Hong Kong, Macao and Taiwan."""
    special = json.loads((folder / "HK-MO-TW.json").read_text("utf-8"))
    for area, usual in HONG_KONG.items():
        places = dict.fromkeys((*special["香港特别行政区"][area], *usual.split()))
        yield ["HK", "", "香港特别行政区|香港", area, area, "|".join(places)]
    for area, places in special["澳门特别行政区"].items():
        plain = [re.sub("（.*", "", name) for name in places]
        extra = ["氹仔", "路环", "路氹"] if area == "澳门外岛" else []
        yield ["MO", "", "澳门特别行政区|澳门", area, area, "|".join((*plain, *extra))]
    counties = {"金门县": ["金城镇", "金湖镇", "金沙镇", "金宁乡", "烈屿乡", "乌丘乡"],
                "连江县": ["南竿乡", "北竿乡", "莒光乡", "东引乡"]}  # fmt: skip
    for city, places in (special["台湾省"] | counties).items():
        region = region_of(TAIWAN.get(city, city), "TW")
        assert region, city
        yield ["TW", region.code, names(city), city, names(city), "|".join(places)]


# how `regions.tsv` writes them
TAIWAN = {
    "新竹县": "新竹縣", "苗栗县": "苗栗縣", "彰化县": "彰化縣", "南投县": "南投縣", "云林县": "雲林縣",
    "嘉义县": "嘉義縣", "嘉义市": "嘉義市", "屏东县": "屏東縣", "宜兰县": "宜蘭縣", "花莲县": "花蓮縣",
    "澎湖县": "澎湖縣", "金门县": "金門縣", "连江县": "連江縣", "桃园市": "桃園市", "台北市": "臺北市",
    "台中市": "臺中市", "台南市": "臺南市", "台东县": "臺東縣",
}  # fmt: skip


def simplified(folder: Path) -> dict[str, str]:
    """Return the traditional characters that stand alone in the transform, with their simplified ones."""
    text = (folder / "Simplified-Traditional.xml").read_text("utf-8")
    rules = re.findall(r"^(\S)[↔←](\S);", text, re.MULTILINE)
    return {old: new for new, old in rules if old != new}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
