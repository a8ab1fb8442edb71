"""Keep text from being run as a formula when a spreadsheet opens a text file.

Spreadsheets evaluate a cell of a CSV file that starts with one of `= + - @`, also behind a tab or line break (OWASP,
"CSV Injection"). Such text gets an apostrophe in front. Text that already has apostrophes before such a character gets
one more, so that removing one apostrophe always gives back exactly what was stored.
"""

from __future__ import annotations

import re

__all__ = ["STARTERS", "guarded", "unguarded"]

STARTERS = frozenset("=+-@\t\r\n'")  # a quick look; the apostrophe only because of text that looks guarded already
_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n]")
# Numbers only, which no spreadsheet can mistake for a formula: E.164 telephone numbers, also several; amounts.
_E164 = r"\+\d{4,15}(?:;ext=\d{1,11})?"
_HARMLESS = re.compile(rf"{_E164}(?:; {_E164})*|[+-]?\d[\d.,]*")


def guarded(text: str) -> str:
    """Return `text` with an apostrophe in front if a spreadsheet might run it."""
    if not text or text[0] not in STARTERS:
        return text
    if _DANGEROUS.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """Take off the apostrophe that `guarded` put in front; the inverse of it on everything that it returns."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text, 1) else text
