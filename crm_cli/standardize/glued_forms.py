"""Legal forms in scripts that write no blanks: Chinese, Japanese, Korean, Thai."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

__all__ = ["GLUED_COUNTRIES", "GluedForm", "glued_form"]

_CHINESE = (
    "股份有限公司", "有限责任公司", "有限責任公司", "集团有限公司", "集團有限公司", "有限公司", "股份公司", "分公司",
    "合伙企业(有限合伙)", "合伙企业(普通合伙)", "(有限合伙)", "(普通合伙)", "(特殊普通合伙)", "个人独资企业",
    "个体工商户", "農民專業合作社", "农民专业合作社", "兩合公司", "無限公司",
)  # fmt: skip
_JAPANESE = (
    "株式会社", "有限会社", "合同会社", "合名会社", "合資会社", "相互会社", "医療法人社団", "医療法人財団", "医療法人",
    "学校法人", "一般社団法人", "公益社団法人", "一般財団法人", "公益財団法人", "社会福祉法人", "宗教法人",
    "特定非営利活動法人", "NPO法人", "独立行政法人", "国立大学法人", "税理士法人", "弁護士法人", "監査法人",
    "農業協同組合", "協同組合",
)  # fmt: skip
_KOREAN = (
    "주식회사", "유한책임회사", "유한회사", "합자회사", "합명회사", "사단법인", "재단법인", "의료법인", "학교법인",
    "사회적협동조합", "협동조합",
)  # fmt: skip
_SHORT = {
    "(株)": "株式会社", "(有)": "有限会社", "(同)": "合同会社", "(資)": "合資会社", "(名)": "合名会社",
    "(医)": "医療法人", "(学)": "学校法人", "(福)": "社会福祉法人", "(主)": "주식회사", "(주)": "주식회사",
    "(유)": "유한회사", "(사)": "사단법인",
    "(재)": "재단법인", "株式會社": "株式会社", "有限會社": "有限会社",
}  # fmt: skip
_THAI_FRONT = {"บริษัท": "บริษัท", "บจก.": "บริษัท จำกัด", "บมจ.": "บริษัท จำกัด (มหาชน)",
               "ห้างหุ้นส่วนจำกัด": "ห้างหุ้นส่วนจำกัด", "หจก.": "ห้างหุ้นส่วนจำกัด"}  # fmt: skip
_THAI_BEHIND = ("จำกัด (มหาชน)", "จำกัด(มหาชน)", "จำกัด")
GLUED_COUNTRIES = {
    "CN": frozenset(_CHINESE), "TW": frozenset({"股份有限公司", "有限公司", "兩合公司", "無限公司"}),
    "HK": frozenset({"有限公司"}), "JP": frozenset(_JAPANESE), "KR": frozenset(_KOREAN),
    "TH": frozenset(_THAI_FRONT.values()),
}  # fmt: skip
_BEHIND = (*_CHINESE, *_JAPANESE, *_KOREAN, *_SHORT)
_FRONT = (*_JAPANESE, *_KOREAN, *_SHORT)
_THAI = re.compile("[\u0e00-\u0e7f]")
_EAST_ASIAN = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")


class GluedForm(NamedTuple):
    """A name, the form before and behind it, and whether blanks stand between, as in Korean and Thai."""

    name: str
    front: str
    behind: str
    blanks: bool


def glued_form(text: str) -> GluedForm | None:
    """Return the form of a name in Chinese, Japanese, Korean or Thai; None when there is none."""
    if _THAI.search(text):
        return _thai(text)
    if not _EAST_ASIAN.search(text):
        return None
    for form in _BEHIND:
        if text.endswith(form) and (name := text.removesuffix(form).strip(" ,")):
            standard = _SHORT.get(form, form)
            return GluedForm(name, "", standard, blanks=_HANGUL.search(standard) is not None)
    for form in _FRONT:
        if text.startswith(form) and (name := text.removeprefix(form).strip(" ,")):
            standard = _SHORT.get(form, form)
            return GluedForm(name, standard, "", blanks=_HANGUL.search(standard) is not None)
    return None


def _thai(text: str) -> GluedForm | None:
    text = unicodedata.normalize("NFKC", text)
    for written, form in _THAI_FRONT.items():
        start = unicodedata.normalize("NFKC", written)
        if not text.startswith(start):
            continue
        front, _, behind = unicodedata.normalize("NFKC", form).partition(" ")
        rest = text.removeprefix(start).strip()
        for written_end in _THAI_BEHIND:
            end = unicodedata.normalize("NFKC", written_end)
            if front == "บริษัท" and not behind and rest.endswith(end):
                rest, behind = rest.removesuffix(end).strip(), end.replace("(", " (").replace("  ", " ")
        return GluedForm(rest, front, behind, blanks=True) if rest else None
    return None
