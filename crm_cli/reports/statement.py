"""A report's statement: checked to be one SELECT, and written in the words of the database."""

from __future__ import annotations

import sqlalchemy as sa
import sqlglot
from sqlglot import exp

from crm_cli.reports.definition import Definition, ReportError

__all__ = ["executable", "parsed", "report_sql"]

_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_READING = (exp.Select, exp.SetOperation, exp.Subquery)
_WRITING = (
    exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Into, exp.Merge, exp.Lock,
)  # fmt: skip


def report_sql(definition: Definition, backend: str) -> str:
    """Return the statement in the words of the database; `ReportError` for anything but one SELECT."""
    return parsed(definition, backend).transform(_named).sql(dialect=_DIALECTS[backend], pretty=True, comments=False)


def parsed(definition: Definition, backend: str) -> exp.Expr:
    """Return the statement as a tree; `ReportError` for anything but one SELECT."""
    dialect = definition.dialect or _DIALECTS[backend]
    try:
        statements = [one for one in sqlglot.parse(definition.sql, read=dialect) if one is not None]
    except sqlglot.errors.SqlglotError as fault:
        first = str(fault).splitlines()[0]
        hint = "" if definition.dialect else "say its dialect: -- dialect: …"
        raise ReportError(f"{definition.path}: not SQL that is understood: {first}", hint=hint) from fault
    if len(statements) != 1 or not isinstance(statements[0], _READING) or statements[0].find(*_WRITING):
        hint = "nothing is run that writes, locks, or writes files"
        raise ReportError(f"{definition.path}: only one SELECT can be run", hint=hint)
    return statements[0]


def executable(tree: exp.Expr, backend: str) -> sa.TextClause:
    """Return what is executed: in it only parameters are marked by a colon, not words within texts."""
    marked = tree.transform(_named).transform(_without_marks)
    return sa.text(marked.sql(dialect=_DIALECTS[backend], comments=False))


def _without_marks(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal) and node.is_string and ":" in node.this:
        return exp.Literal.string(node.this.replace(":", r"\:"))
    return node


def _named(node: exp.Expr) -> exp.Expr:
    """Write a parameter as `:name` for every database: each dialect would write its driver's own mark."""
    return exp.Var(this=f":{node.name}") if isinstance(node, exp.Placeholder) and node.name else node
