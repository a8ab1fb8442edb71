"""The `--where` language: an SQL condition on the dictionary's fields, checked node by node.

Only what is listed here passes: fields and paths, literals, comparisons, and/or/not, in, between, like, is null, and a
few functions. Nothing of the text reaches the database: the tree is rendered anew, values as parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

import sqlalchemy as sa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from crm_cli.dictionary import Dictionary, Entity, UnknownFieldError
from crm_cli.query.comparisons import Rendered, compare, compare_operands, contains, is_between, like, swapped
from crm_cli.query.constants import Clock, Constant, evaluate, is_constant
from crm_cli.query.faults import ConditionError
from crm_cli.query.operands import Kind, Operand, ascii_case, check_same_kind, coalesce, field_operand, length
from crm_cli.query.paths import Path, resolve
from crm_cli.query.scope import Scope

__all__ = ["Condition", "compile_where"]

_LONGEST = 20_000  # characters; deeper trees than such a text can hold are not for people
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_ALLOWED = "allowed are fields, literals, = <> < <= > >=, and/or/not, in, between, like, is null, lower, upper, length, coalesce, today(), now()"  # noqa: E501
_KNOWN_ARGS = {"this", "expression", "expressions", "low", "high", "negate", "is_string", "escape"}


@dataclass(frozen=True)
class Condition:
    """A checked condition on records of `entity`; `paths` are the fields that it reads.

    Rooms that select by themselves call `render(scope)`; most want `select_records` or `record_ids`.
    """

    text: str
    entity: Entity
    paths: tuple[Path, ...]
    render: Callable[[Scope], sa.ColumnElement[bool]]


def compile_where(
    dictionary: Dictionary,
    entity: str | Entity,
    text: str,
    *,
    now: datetime | None = None,
    today: date | None = None,
    zone: tzinfo = UTC,
) -> Condition:
    """Return the condition that `text` says about records of `entity`.

    Days begin in `zone`, and times that name no zone are meant in it. `now` (aware) and `today` are what now() and
    today() mean; they default to the clock. Raises `ConditionError` or `UnknownFieldError`, which say what, where and
    what was likely meant.
    """
    moment = (now or datetime.now(UTC)).astimezone(zone)
    declared = dictionary.entity(entity) if isinstance(entity, str) else entity
    compiler = _Compiler(dictionary, declared, text, Clock(today or moment.date(), moment, zone))
    try:
        render = compiler.condition(_parse(text))
    except RecursionError:
        raise ConditionError("the condition is nested too deeply", hint="use in (…) for long lists") from None
    return Condition(text, declared, tuple(compiler.paths), render)


def _parse(text: str) -> exp.Expr:
    if not text.strip():
        raise ConditionError("the condition is empty", hint="write for example --where \"city = 'Berlin'\"")
    if len(text) > _LONGEST:
        raise ConditionError(f"the condition is longer than {_LONGEST} characters")
    try:
        trees = sqlglot.parse(text, read="postgres")
    except SqlglotError as fault:
        raise _unparsed(text, fault) from None
    if len(trees) != 1 or trees[0] is None:
        raise ConditionError("one condition is allowed, without semicolons").at(text, None)
    return trees[0]


def _unparsed(text: str, fault: SqlglotError) -> ConditionError:
    details = getattr(fault, "errors", None) or [{}]
    near = str(details[0].get("highlight") or "").strip()
    column = details[0].get("col")
    message = f"cannot understand the condition{f' near {near!r}' if near else ''}"
    hint = "texts stand in single quotes, conditions are joined by and/or: city = 'Berlin' and owner.username = 'li'"
    return ConditionError(message, hint=hint).at(text, column if isinstance(column, int) else None)


def _position(node: exp.Expr) -> int | None:
    starts = [one.meta["start"] for one in node.find_all(exp.Identifier, exp.Literal) if "start" in one.meta]
    return min(starts) + 1 if starts else None


class _Compiler:
    """Turns one parsed text into something that renders; every node type that is not named here is refused."""

    def __init__(self, dictionary: Dictionary, entity: Entity, text: str, clock: Clock) -> None:
        self.dictionary = dictionary
        self.entity = entity
        self.text = text
        self.clock = clock
        self.paths: list[Path] = []

    def condition(self, node: exp.Expr) -> Rendered:
        """Return the renderer of a node that is true or false."""
        try:
            rendered = self._condition(node)
        except ConditionError as fault:
            raise fault if "position" in fault.facts else fault.at(self.text, _position(node)) from None
        if node.args.get("negate"):
            return lambda scope: sa.not_(rendered(scope))
        return rendered

    def _condition(self, node: exp.Expr) -> Rendered:
        self._check_args(node)
        if isinstance(node, exp.Paren):
            return self.condition(node.this)
        if isinstance(node, exp.Not):
            inner = self.condition(node.this)
            return lambda scope: sa.not_(inner(scope))
        if isinstance(node, exp.And | exp.Or):
            return self._joined(node)
        if type(node) in _COMPARISONS:
            return self._comparison(node, _COMPARISONS[type(node)])
        return self._predicate(node)

    def _joined(self, node: exp.Connector) -> Rendered:
        # a long chain is nested to the left: walk it instead of recursing
        parts = [self.condition(part) for part in node.flatten()]
        joined = sa.and_ if isinstance(node, exp.And) else sa.or_
        return lambda scope: joined(*(part(scope) for part in parts))

    def _predicate(self, node: exp.Expr) -> Rendered:
        if isinstance(node, exp.In):
            return self._in(node)
        if isinstance(node, exp.Between):
            operand = self.operand(node.this)
            low, high = (operand.fit(self._constant(node.args[end])) for end in ("low", "high"))
            return is_between(operand, low, high)
        if isinstance(node, exp.Like | exp.ILike | exp.Escape):
            return self._like(node)
        if isinstance(node, exp.Is):
            return self._is(node)
        if isinstance(node, exp.Boolean):
            value = bool(node.this)
            return lambda _scope: sa.true() if value else sa.false()
        return self._flag(node)

    def _flag(self, node: exp.Expr) -> Rendered:
        operand = self.operand(node)
        if operand.kind is not Kind.BOOLEAN:
            raise ConditionError(f"{operand.name} alone is no condition", hint=f"compare it: {operand.name} = …")
        return compare(operand, "=", operand.fit(value=True))

    def _comparison(self, node: exp.Expr, sign: str) -> Rendered:
        left, right = node.this, node.expression
        if is_constant(left) and is_constant(right):
            raise ConditionError("a comparison needs a field", hint="write for example city = 'Berlin'")
        if is_constant(left):
            left, right, sign = right, left, swapped(sign)
        operand = self.operand(left)
        if is_constant(right):
            return compare(operand, sign, operand.fit(self._constant(right)))
        other = self.operand(right)
        check_same_kind(operand, other)
        return compare_operands(operand, sign, other)

    def _in(self, node: exp.In) -> Rendered:
        if not node.expressions:
            raise ConditionError("in takes a list of values", hint="write country in ('DE', 'AT')")
        operand = self.operand(node.this)
        return contains(operand, [operand.fit(self._constant(one)) for one in node.expressions])

    def _like(self, node: exp.Expr) -> Rendered:
        if isinstance(node, exp.Escape):
            inner, escape = node.this, str(self._constant(node.expression))
            self._check_args(inner)
            rendered = self._pattern(inner, escape)
            return (lambda scope: sa.not_(rendered(scope))) if inner.args.get("negate") else rendered
        return self._pattern(node, "\\")

    def _pattern(self, node: exp.Expr, escape: str) -> Rendered:
        operand = self.operand(node.this)
        pattern = self._constant(node.expression)
        if operand.kind is not Kind.TEXT or not isinstance(pattern, str):
            raise ConditionError(f"like compares a text with a pattern; {operand.name} is a {operand.kind}")
        return like(operand, pattern, escape)

    def _is(self, node: exp.Is) -> Rendered:
        operand = self.operand(node.this)
        if isinstance(node.expression, exp.Null):
            return lambda scope: operand.raw(scope).is_(None)
        if isinstance(node.expression, exp.Boolean) and operand.kind is Kind.BOOLEAN:
            wanted = bool(node.expression.this)
            return compare(coalesce([operand], not wanted), "=", operand.fit(wanted))
        raise ConditionError(f"{operand.name} is … takes null, true or false")

    def operand(self, node: exp.Expr) -> Operand:
        """Return the field, or function of fields, that a node names."""
        self._check_args(node)
        if isinstance(node, exp.Paren):
            return self.operand(node.this)
        if isinstance(node, exp.Column | exp.Dot):
            return self._field(node)
        if isinstance(node, exp.Lower | exp.Upper):
            return ascii_case(self.operand(node.this), node.key)
        if isinstance(node, exp.Length):
            return length(self.operand(node.this))
        if isinstance(node, exp.Coalesce):
            return self._coalesce(node)
        raise self._refused(node)

    def _field(self, node: exp.Column | exp.Dot) -> Operand:
        parts = node.parts
        names = [part.name for part in parts]
        try:
            path = self._resolved(names)
        except UnknownFieldError as fault:
            raise self._located(fault, node, quoted=any(part.args.get("quoted") for part in parts)) from None
        self.paths.append(path)
        return field_operand(path, self.clock.zone)

    def _resolved(self, names: list[str]) -> Path:
        try:
            return resolve(self.dictionary, self.entity, names)
        except UnknownFieldError as fault:
            try:
                return resolve(self.dictionary, self.entity, [name.lower() for name in names])
            except UnknownFieldError:
                raise fault from None

    def _located(self, fault: UnknownFieldError, node: exp.Expr, *, quoted: bool) -> UnknownFieldError:
        place = _position(node)
        where = f" (character {place} of the condition)" if place else ""
        hint = "texts stand in single quotes: 'abc'; double quotes name a field" if quoted else fault.hint
        return UnknownFieldError(fault.message + where, hint=hint, **fault.facts, text=self.text, position=place)

    def _coalesce(self, node: exp.Coalesce) -> Operand:
        parts = [node.this, *node.expressions]
        last: Constant = self._constant(parts.pop()) if is_constant(parts[-1]) else None
        if not parts or any(is_constant(part) for part in parts):
            raise ConditionError("coalesce takes fields and, last, one constant", hint="write coalesce(amount, 0)")
        return coalesce([self.operand(part) for part in parts], last)

    def _constant(self, node: exp.Expr) -> Constant:
        if not is_constant(node):
            raise ConditionError("only constants may stand here", hint="compare two fields with = or <")
        try:
            return evaluate(node, self.clock)
        except ConditionError as fault:
            raise fault.at(self.text, _position(node)) from None

    def _check_args(self, node: exp.Expr) -> None:
        """Refuse extras that a known node may carry, such as `between symmetric`."""
        extra = [name for name, value in node.args.items() if value and name not in _KNOWN_ARGS]
        if extra and not isinstance(node, exp.Column | exp.In):
            raise self._refused(node)

    def _refused(self, node: exp.Expr) -> ConditionError:
        if isinstance(node, exp.Anonymous):
            what = f"the function {node.this}()"
        elif isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
            hint = "work it out on the other side: due_at < today() + 7"
            return ConditionError("fields can't be calculated with", hint=hint)
        else:
            what = f"{node.key.upper()} "
        return ConditionError(f"{what.strip()} is not allowed in a condition", hint=_ALLOWED)
