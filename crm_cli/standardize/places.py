"""How names of places are compared, and the small tables of names beside this file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["place_key", "table"]

_ACCENTS = re.compile("[\u0300-\u036f]")
_SEPARATORS = re.compile(r"[\s.,;:'’‘`´\"()\[\]\-‐-―/_·・]+")


def place_key(name: str) -> str:
    """Return what two spellings of one place have in common: folded, without accents and punctuation."""
    folded = name.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)))
    return _SEPARATORS.sub(" ", folded.replace("&", " and ")).strip()


def table(name: str) -> Iterator[list[str]]:
    """Yield the rows of the tab-separated table `name` beside this file; lines that begin with # are remarks."""
    from importlib.resources import files  # here, for the room must load in a few milliseconds

    for line in files("crm_cli.standardize").joinpath("data", name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
