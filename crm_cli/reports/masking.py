"""Which columns of a report show a masked field, as far as its statement tells.

A name is followed from the tables that are read, through what is made of it under another name, to the result. What
only counts or sums is not followed. Where a column cannot be told apart from a masked one, it is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from crm_cli.dictionary import Dictionary

__all__ = ["masked_places"]

_FIGURES = (exp.Count, exp.Sum, exp.Avg, exp.Exists)


def masked_places(dictionary: Dictionary, statement: exp.Expr, names: Sequence[str]) -> set[int]:
    """Return the places of the result's columns, called `names`, that show a masked field."""
    if not dictionary.is_masked:
        return set()
    tables = list(statement.find_all(exp.Table))
    masked = set(_masked_columns(dictionary, {table.name.lower() for table in tables}))
    if not masked:
        return set()
    made = {name for name, _ in _made(statement)}  # a table's own name stands for its whole rows, unless it is a column
    masked |= {table.alias_or_name.lower() for table in tables if _is_masked(dictionary, table.name)} - made
    before = -1
    while len(masked) != before:  # a name that is made of a masked one may be used before it, as in a recursive query
        before = len(masked)
        masked |= {name for name, source in _made(statement) if _shows(source, masked)}
    found = {place for place, name in enumerate(names) if name.lower() in masked}
    for select in _results(statement):
        if not any(one.is_star for one in select.expressions):
            found |= {place for place, one in enumerate(select.expressions) if _shows(one, masked)}
    return found


def _masked_columns(dictionary: Dictionary, tables: set[str]) -> Iterator[str]:
    for entity in dictionary:
        if entity.name in tables and entity.masked:
            yield from (name for one in entity.fields if one.masked for name in (one.name, one.key_column))
            yield "extra"
            if any(one.masked and one.custom for one in entity.fields):
                yield "custom"


def _is_masked(dictionary: Dictionary, table: str) -> bool:
    return any(entity.name == table.lower() and entity.masked for entity in dictionary)


def _made(statement: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    """The names that the statement gives, each with what it stands for."""
    for alias in statement.find_all(exp.Alias):
        yield alias.alias.lower(), alias.this
    for table in statement.find_all(exp.TableAlias):
        query = table.parent.this if table.parent is not None else None
        for select in _results(query) if isinstance(query, exp.Query) else ():
            for column, source in zip(table.columns, select.expressions, strict=False):
                yield column.name.lower(), source


def _results(statement: exp.Expr | None) -> Iterator[exp.Select]:
    """The queries whose columns are the result: one, or each side of a union."""
    if isinstance(statement, exp.SetOperation):
        yield from _results(statement.left)
        yield from _results(statement.right)
    elif isinstance(statement, exp.Subquery):
        yield from _results(statement.this)
    elif isinstance(statement, exp.Select):
        yield statement


def _shows(source: exp.Expr, masked: set[str]) -> bool:
    """Whether an expression holds a value of a masked name, not only a figure made of it or a choice by it."""
    if isinstance(source, _FIGURES):
        return False
    if isinstance(source, exp.Column):
        return source.name.lower() in masked
    return any(_shows(one, masked) for one in _parts(source))


def _parts(source: exp.Expr) -> Iterator[exp.Expr]:
    """What the value of an expression is made of: of a query its columns, of a choice what is chosen from."""
    if isinstance(source, exp.Query):
        for select in _results(source):
            yield from select.expressions
    elif isinstance(source, exp.Window):
        yield source.this
    elif isinstance(source, exp.If):
        yield from (one for name in ("true", "false") if isinstance(one := source.args.get(name), exp.Expr))
    elif isinstance(source, exp.Case):
        yield from source.args.get("ifs", ())
        yield from (one for one in [source.args.get("default")] if one is not None)
    else:
        yield from source.iter_expressions()
