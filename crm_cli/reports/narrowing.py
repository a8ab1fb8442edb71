"""A report on some records only: the condition of `--where` becomes a part of its statement."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlglot import exp

from crm_cli.query import Selection, ids_of
from crm_cli.reports.definition import Definition, ReportError
from crm_cli.store import Store

__all__ = ["Narrowed", "narrowed"]

_MARK = "where_ids"


@dataclass(frozen=True)
class Narrowed:
    """A statement whose tables are narrowed to the records that fit; `into` puts the question for these into it."""

    tree: exp.Expr
    ids: sa.Select[Any]
    store: Store

    def into(self, statement: sa.TextClause) -> sa.TextClause:
        """Return the statement with the question in the place of its marks, its values bound."""
        dialect = copy.copy(self.store.engine.dialect)
        dialect.paramstyle, dialect.positional = "named", False
        dialect.identifier_preparer = dialect.preparer(dialect)
        compiled = self.ids.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        types = {name: bind.type for name, bind in compiled.binds.items()}
        values = compiled.params
        question = compiled.string
        for name in sorted(values, key=len, reverse=True):
            # the blank parts it from a cast behind it, `::INTEGER`, which a text() would not take for a mark
            question = question.replace(f":{name}", f":where_{name} ")
        text = statement.text.replace(f":{_MARK}", question)
        binds = [sa.bindparam(f"where_{name}", value, type_=types.get(name)) for name, value in values.items()]
        return sa.text(text).bindparams(*binds)


def narrowed(store: Store, definition: Definition, tree: exp.Expr, where: str) -> Narrowed:
    """Return the statement with its tables of `definition.subject` narrowed to what fits `where`.

    Raises `ReportError` for a report that names no subject, and what a wrong condition raises.
    """
    if definition.subject is None:
        hint = "its header says none: -- subject: opportunity"
        raise ReportError(f"report {definition.name} cannot be narrowed by --where", hint=hint, report=definition.name)
    entity = store.dictionary.entity(definition.subject)
    ids = ids_of(store, Selection(entity=entity.name, where=where))
    tree = tree.copy()
    found = 0
    for select in list(tree.find_all(exp.Select)):
        for table in _tables(select):
            if table.name.lower() == entity.name:
                found += 1
                select.where(f"{table.alias_or_name}.id IN (:{_MARK})", copy=False)
    if not found:
        raise ReportError(f"{definition.path}: the statement reads no table {entity.name}", hint="mend its -- subject:")
    return Narrowed(tree, ids, store)


def _tables(select: exp.Select) -> Iterator[exp.Table]:
    """The tables that this SELECT itself reads, not its inner ones."""
    source = select.args.get("from_") or select.args.get("from")
    if source is not None and isinstance(source.this, exp.Table):
        yield source.this
    for join in select.args.get("joins") or ():
        if isinstance(join.this, exp.Table) and not join.side:
            yield join.this
