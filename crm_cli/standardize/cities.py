"""Names of cities: spacing, and the case of names that were typed all in capitals or all in small letters."""

from __future__ import annotations

import re
import unicodedata

from crm_cli.dictionary import SemanticType
from crm_cli.standardize.name_case import has_one_case
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.text import tidy
from crm_cli.standardize.values import Context, Standard
from crm_cli.standardize.wordlists import words

__all__ = ["RULES", "standardize_city", "title_case"]

_KINDS = (SemanticType.CITY,)
RULES = (
    Rule("L101", "The case of a name that was typed all in capitals or all in small letters", _KINDS,
         (Example("NEW YORK", "New York"), Example("frankfurt am main", "Frankfurt am Main"),
          Example("ST. JOHN'S", "St. John's"), Example("RIO DE JANEIRO", "Rio de Janeiro"))),
    Rule("L102", "A comma at the end is dropped", _KINDS, (Example("Boston,", "Boston"),)),
    Rule("L301", "Digits in the name of a city", _KINDS,
         (Example("Springfield 62701", "Springfield 62701", Context("US")),)),
)  # fmt: skip
_SMALL = words(
    """
    am an auf bei im in der den dem die das zu zum zur ob unter vor von de del de la las los el du des le les
    lès sur sous en et da do dos das di della delle dei al sul y e of the and upon on by aan op bij ter ten i
    nad pod
    """
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def title_case(text: str) -> str:
    """Return `text` with words capitalized, small words within it left small; apostrophes keep "John's", "L'Aquila"."""
    words = _WORD.finditer(text.lower())
    lowered = list(text.lower())
    if len(lowered) != len(text):  # a letter whose small form is longer; leave it alone
        return text
    for word in words:
        small = word.group() in _SMALL and word.start() > 0 and word.end() < len(text)
        if small:
            continue
        lowered[word.start()] = _capital(lowered[word.start()])
        apostrophe = word.group().find("'") if "'" in word.group() else word.group().find("’")
        if apostrophe == 1 and len(word.group()) > 4:
            lowered[word.start() + 2] = _capital(lowered[word.start() + 2])
    return unicodedata.normalize("NFC", "".join(lowered))


def _capital(letter: str) -> str:
    title = letter.title()
    return title if len(title) == 1 and title.lower() == letter else letter


def standardize_city(value: str, context: Context) -> Standard:
    """Return the name of the city; mixed case is taken as meant."""
    draft = tidy(value, context)
    draft.change("L102", draft.value.rstrip(" ,;"))
    if has_one_case(draft.value):
        draft.change("L101", title_case(draft.value))
    if any(character.isdigit() for character in draft.value) and (draft.context.country in {"US", "CA"}):
        draft.flag("L301", f'"{draft.value}" has digits; is it more than a city?')
    return draft.done()
