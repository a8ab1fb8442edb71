"""Addresses in Chinese, Japanese and Korean letters: which of them a line is, and its parts."""

from __future__ import annotations

import re

__all__ = ["east_asian_parts", "is_east_asian"]

_LETTERS = re.compile("[\u1100-\u11ff\u3005-\u3007\u3040-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_WESTERN = re.compile(r"[A-Za-z]{3,}")


def is_east_asian(line: str) -> bool:
    """Whether the line is an address in these letters, be there a Latin name in it: no line of Latin words with one."""
    return not line.isascii() and len(_LETTERS.findall(line)) > 2 * len(_WESTERN.findall(line))


def east_asian_parts(line: str, country: str | None) -> dict[str, str]:
    """Return the parts of the line; `country` is that of the record and decides where the letters do not."""
    if country == "KR" or _HANGUL.search(line):
        from crm_cli.standardize.korean_addresses import read_korean

        return read_korean(line)
    from crm_cli.standardize.japanese_addresses import is_japanese, read_japanese

    if country == "JP" or (country not in {"CN", "HK", "MO", "TW"} and is_japanese(line)):
        return read_japanese(line)
    from crm_cli.standardize.chinese_addresses import read_chinese

    return read_chinese(line, country)
