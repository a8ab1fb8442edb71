"""What a rule covers, said shortly: postal ranges, named accounts, exclusions – each becomes a `--where` condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crm_cli.errors import UsageError

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["covering", "postal_condition", "read_numbers"]

_CODE = r"[0-9A-Za-z][0-9A-Za-z ]*"
_RANGE = re.compile(rf"({_CODE})\s*-\s*({_CODE})").fullmatch
_PREFIX = re.compile(rf"({_CODE})\*").fullmatch
_EXACT = re.compile(_CODE).fullmatch
_OF_ACCOUNTS = {"account": "id", "contact": "account.id", "opportunity": "account.id"}
_DIALECT = "postgres"  # that of `--where`
_MOST_NAMED = 500  # ids of one condition, below every database's limit


def covering(
    entity: str, *, where: str | None = None, postal: str | None = None, accounts: Sequence[int] = (),
    exclude: str | None = None,
) -> str:  # fmt: skip
    """Return one condition for all that a rule is given; what is excluded is out, what is unknown of it stays in.

    Raises `UsageError` for no condition at all, a postal range that is none, accounts of an entity that has none, and
    accounts together with another condition.
    """
    if accounts and (where or postal):
        hint = "make two rules; the one with the accounts comes first"
        raise UsageError("named accounts go without another condition", hint=hint)
    parts = [f"({where})"] if where and (postal or exclude) else [where] if where else []
    if postal:
        parts.append(postal_condition(postal))
    if accounts:
        parts.append(_named(entity, accounts))
    if not parts:
        raise UsageError("a rule needs a condition", hint="--where \"region in ('TX', 'OK')\"")
    if exclude:
        parts.append(_not_true(_parsed(exclude)))
    return " and ".join(parts)


def _parsed(text: str) -> exp.Expr:
    import sqlglot  # NOTE: a fifth of a second, which only an exclusion pays
    from sqlglot.errors import SqlglotError

    try:
        return sqlglot.parse_one(text, read=_DIALECT)
    except SqlglotError:
        hint = "crm schema show ENTITY --paths lists what can be named; docs/filters.md has the language"
        raise UsageError(f"the exclusion {text!r} is no condition", hint=hint) from None


def _not_true(node: exp.Expr, *, false: bool = False) -> str:
    """Return that the condition is not true (or, `false`: not false), said without a null left over.

    Negation goes inwards (De Morgan); what is left to be asked of a field is asked of none at all too: of an account
    whose industry is not known it is not true that it makes toys.
    """
    from sqlglot import expressions as exp

    if isinstance(node, exp.Paren):
        return _not_true(node.this, false=false)
    if isinstance(node, exp.Not):
        return _not_true(node.this, false=not false)
    if isinstance(node, exp.And | exp.Or):
        word = "and" if isinstance(node, exp.And) == false else "or"
        return f"({_not_true(node.left, false=false)} {word} {_not_true(node.right, false=false)})"
    said = node.sql(dialect=_DIALECT)
    if isinstance(node, exp.Column):
        return f"{said} is not {'false' if false else 'true'}"
    unknown = [] if isinstance(node, exp.Is) else sorted({one.sql(dialect=_DIALECT) for one in _deciding(node)})
    parts = [said if false else f"not ({said})", *(f"{name} is null" for name in unknown)]
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _deciding(node: exp.Expr) -> Iterator[exp.Column]:
    """Yield the fields that make a comparison unknown when they are: those for which there is no stand-in."""
    from sqlglot import expressions as exp

    for column in node.find_all(exp.Column):
        if column.find_ancestor(exp.Coalesce) is None:
            yield column


def postal_condition(text: str) -> str:
    """Return the condition that `75000-79999,885*,10115` means: ranges, prefixes and single codes.

    A range goes by the characters that are written: `75000-79999` has 75201 and 75201-1234, but no code of four.
    """
    parts = [_postal_part(part.strip()) for part in text.split(",") if part.strip()]
    if not parts:
        raise UsageError("no postal code was given", hint="write 75000-79999, 885* or 10115, with commas between")
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _postal_part(text: str) -> str:
    if found := _PREFIX(text):
        return f"postal_code like '{found[1]}%'"
    if found := _RANGE(text):
        first, last = found[1].strip(), found[2].strip()
        if len(first) != len(last) or first.upper() > last.upper():
            hint = "write the smaller code first, both with as many characters: 01000-09999"
            raise UsageError(f"{text} is no range of postal codes", hint=hint, postal=text)
        within = f"postal_code between '{first}' and '{last}' or postal_code like '{last}%'"
        return f"(length(postal_code) >= {len(first)} and ({within}))"
    if _EXACT(text):
        return f"(postal_code = '{text}' or postal_code like '{text}-%')"
    hint = "write 75000-79999, 885* or 10115, with commas between"
    raise UsageError(f"{text!r} is no postal code, range or prefix", hint=hint, postal=text)


def _named(entity: str, accounts: Sequence[int]) -> str:
    field = _OF_ACCOUNTS.get(entity)
    if field is None:
        hint = f"these have: {', '.join(_OF_ACCOUNTS)}"
        raise UsageError(f"{entity} has no account by which it could be named", hint=hint, entity=entity)
    numbers = sorted(set(accounts))
    lists = [
        f"{field} in ({', '.join(map(str, numbers[start : start + _MOST_NAMED]))})"
        for start in range(0, len(numbers), _MOST_NAMED)
    ]
    return lists[0] if len(lists) == 1 else f"({' or '.join(lists)})"


def read_numbers(text: str, folder: Path) -> list[int]:
    """Return account numbers: given with commas, or the first column of a file in `folder`, a heading passed over.

    Raises `UsageError` for what is no number, naming the place.
    """
    path = folder / Path(text).expanduser()
    if not path.is_file():
        return [_number(word.strip(), "--accounts") for word in text.split(",") if word.strip()]
    with path.open(encoding="utf-8-sig") as lines:
        words = [line.replace(";", ",").partition(",")[0].strip().strip('"') for line in lines]
    if words and not words[0].isdecimal():
        words[0] = ""
    return [_number(word, f"{text}, line {place}") for place, word in enumerate(words, start=1) if word]


def _number(word: str, where: str) -> int:
    if not (word.isascii() and word.isdecimal()):
        hint = "give numbers with commas, such as 12,15, or a file with one in each line"
        raise UsageError(f"{where}: {word!r} is no number of an account", hint=hint, value=word)
    return int(word)
