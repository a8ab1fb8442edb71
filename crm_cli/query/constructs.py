"""SQL constructs that mean the same on every database, each written in that database's own words."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from crm_cli.store.columns import COLLATION

__all__ = ["AsciiCase", "ByCodePoint", "Length", "Matches"]


class ByCodePoint(FunctionElement[str]):
    """A text that compares by code points, whatever it was made of (JSON values have the server's collation)."""

    name = "by_code_point"
    type = sa.String()
    inherit_cache = True


class AsciiCase(FunctionElement[str]):
    """A text whose ASCII letters are lower case; all others stay, as no two servers agree about them."""

    name = "ascii_case"
    type = sa.String()
    inherit_cache = True


class Length(FunctionElement[int]):
    """How many characters a text has."""

    name = "length_in_characters"
    type = sa.Integer()
    inherit_cache = True


class Matches(FunctionElement[bool]):
    """Whether a text matches a pattern, case counting: (text, pattern for LIKE escaped by /, pattern for GLOB)."""

    name = "matches_pattern"
    type = sa.Boolean()
    inherit_cache = True


def _inside(element: FunctionElement[Any], compiler: SQLCompiler, place: int = 0, **more: Any) -> str:
    return str(compiler.process(list(element.clauses)[place], **more))


@compiles(ByCodePoint)
def _collated(element: ByCodePoint, compiler: SQLCompiler, **more: Any) -> str:
    inner = _inside(element, compiler, **more)
    if compiler.dialect.name == "sqlite":
        return inner
    return f'({inner} COLLATE "C")' if compiler.dialect.name == "postgresql" else f"({inner} COLLATE {COLLATION})"


@compiles(AsciiCase)
def _lower(element: AsciiCase, compiler: SQLCompiler, **more: Any) -> str:
    inner = _inside(element, compiler, **more)
    if compiler.dialect.name == "sqlite":
        return f"lower({inner})"
    if compiler.dialect.name == "postgresql":
        return f"translate({inner}, '{ascii_uppercase}', '{ascii_lowercase}')"
    for upper, lower in zip(ascii_uppercase, ascii_lowercase, strict=True):
        inner = f"replace({inner}, '{upper}', '{lower}')"
    return inner


@compiles(Length)
def _length(element: Length, compiler: SQLCompiler, **more: Any) -> str:
    name = "length" if compiler.dialect.name == "sqlite" else "char_length"
    return f"{name}({_inside(element, compiler, **more)})"


@compiles(Matches)
def _matches(element: Matches, compiler: SQLCompiler, **more: Any) -> str:
    text = _inside(element, compiler, **more)
    if compiler.dialect.name == "sqlite":  # its LIKE takes ASCII letters of either case for the same
        return f"({text} GLOB {_inside(element, compiler, 2, **more)})"
    return f"({text} LIKE {_inside(element, compiler, 1, **more)} ESCAPE '/')"
