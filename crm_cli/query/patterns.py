"""Patterns of LIKE: taken apart, folded piece by piece, and written for LIKE and for SQLite's GLOB."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crm_cli.query.faults import ConditionError

__all__ = ["Pattern", "pattern_of"]

_WILD = {"%": "*", "_": "?"}
Pattern = tuple[str, str]  # for LIKE … ESCAPE '/', for GLOB


def pattern_of(text: str, escape: str, prepare: Callable[[str], str]) -> Pattern:
    """Return the patterns for a LIKE text whose literal pieces went through `prepare` (such as folding)."""
    if len(escape) != 1:
        raise ConditionError("ESCAPE takes one character", hint="write like '50!%' escape '!'")
    pieces = list(_pieces(text, escape))
    like = glob = ""
    for place, (piece, wild) in enumerate(pieces):
        if wild:
            like, glob = like + piece, glob + _WILD[piece]
        else:
            prepared = _with_edges(piece, prepare(piece), first=place == 0, last=place == len(pieces) - 1)
            like += "".join(f"/{letter}" if letter in "%_/" else letter for letter in prepared)
            glob += "".join(f"[{letter}]" if letter in "*?[" else letter for letter in prepared)
    return like, glob


def _pieces(text: str, escape: str) -> Iterator[tuple[str, bool]]:
    """Yield (piece, whether it is a wildcard)."""
    piece = ""
    letters = iter(text)
    for letter in letters:
        if letter == escape:
            piece += next(letters, escape)
        elif letter in _WILD:
            if piece:
                yield piece, False
            yield letter, True
            piece = ""
        else:
            piece += letter
    if piece:
        yield piece, False


def _with_edges(piece: str, prepared: str, *, first: bool, last: bool) -> str:
    """Give back the blank beside a wildcard, which folding a piece on its own takes away: `% inc%`."""
    if not prepared:
        return " " if not (first and last) and piece.isspace() else prepared
    before = " " if piece[0].isspace() and not first and not prepared[0].isspace() else ""
    after = " " if piece[-1].isspace() and not last and not prepared[-1].isspace() else ""
    return before + prepared + after
