"""Checking the names in rules against the fields of an entity, or the columns of a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from crm_cli.dedupe import Role, kind_of_role
from crm_cli.dictionary import Entity, SemanticType
from crm_cli.errors import did_you_mean
from crm_cli.jobs.match_rules.model import MatchRules, NeverRule, RulesError
from crm_cli.jobs.match_rules.settings import comparable_words, kind_of_word, known_types

__all__ = ["bind_to_columns", "bind_to_fields"]

_JOINED = "birth date"  # the engine's name for a date of birth that it put together from its parts


def bind_to_fields(rules: MatchRules, entity: Entity, compared: Mapping[str, Role]) -> MatchRules:
    """Return the rules if all their names are fields of `entity`, or `compared` columns such as its e-mail addresses.

    Raises `RulesError` naming file and key, for a field that there is not, a field that cannot be compared, and a
    blocking key that its field does not have.
    """
    fields = [one.name for one in entity.fields if one.type is not SemanticType.JSON]
    known = list(dict.fromkeys([*fields, *compared]))

    def checked(key: str, name: str) -> str:
        if name not in known:
            raise _unknown(rules, key, f"{entity.noun} has no field {name!r}", name, known)
        return name

    bound = _renamed(rules, checked)
    for name in bound.ignore:
        if name not in compared:
            raise _fault(rules, "ignore", f"{name!r} is not compared anyway", f"compared are {', '.join(compared)}")
    _check_parts(bound, compared)
    for name in bound.merge.survive:
        if name not in fields:
            what = f"{rules.source}: merge.survive: {entity.noun} has no field {name!r}"
            hint = did_you_mean(name, fields) or f"there are: {', '.join(fields)}"
            raise RulesError(what, hint=hint, file=rules.source, key="merge.survive")
    return bound


def bind_to_columns(rules: MatchRules, columns: Sequence[str], of: str) -> MatchRules:
    """Return the rules with the columns of a table as it spells them; `of` names it. Raises `RulesError`."""
    spelled = {name.casefold().strip(): name for name in columns}

    def found(key: str, name: str) -> str:
        column = spelled.get(name.casefold().strip())
        if column is None:
            raise _unknown(rules, key, f"{of} has no column {name!r}", name, columns)
        return column

    return _renamed(rules, found)


def _renamed(rules: MatchRules, name_of: Callable[[str, str], str]) -> MatchRules:
    """The rules with every name as `name_of(key, name)` gives it."""

    def each(key: str, names: Collection[str]) -> tuple[str, ...]:
        return tuple(name_of(key, name) for name in names)

    words = comparable_words()
    for name, word in rules.compare_as.items():
        if word not in words:
            what = f"{name} = {word!r} is nothing that a field can be compared as"
            raise _fault(rules, "compare_as", what, did_you_mean(word, words) or f"one of: {', '.join(words)}")
    block_on = None if rules.block_on is None else tuple(_rule(one, name_of) for one in rules.block_on)
    return replace(
        rules,
        must_match=tuple(each("must_match", key) for key in rules.must_match),
        must_differ=each("must_differ", rules.must_differ),
        never=tuple(NeverRule(each("never", one.differ), each("never", one.same), one.because) for one in rules.never),
        ignore=each("ignore", rules.ignore),
        compare_as={name_of("compare_as", name): word for name, word in rules.compare_as.items()},
        block_on=block_on,
    )


def _rule(rule: str, name_of: Callable[[str, str], str]) -> str:
    """A blocking rule with the names of its columns settled."""
    return " + ".join(_part(word.strip(), name_of) for word in rule.split("+"))


def _part(word: str, name_of: Callable[[str, str], str]) -> str:
    column, colon, part = word.rpartition(":")
    if not colon:
        return word if word == _JOINED else name_of("block_on", word)
    return word if column == _JOINED else f"{name_of('block_on', column)}:{part}"


def _check_parts(rules: MatchRules, compared: Mapping[str, Role]) -> None:
    types = known_types()
    for rule in rules.block_on or ():
        for word in (one.strip() for one in rule.split("+")):
            column, _, part = word.partition(":")
            if column in rules.ignore or (column not in compared and column not in rules.compare_as):
                hint = "say in compare_as what it is compared as"
                raise _fault(rules, "block_on", f"{rule!r}: {column!r} is not compared", hint)
            given = rules.compare_as.get(column)
            kind = kind_of_word(given) if given else kind_of_role(compared[column])
            parts = [name for name in types[kind].keys if name] if kind else []
            if part and kind and part not in parts:
                hint = did_you_mean(part, parts) or f"it has {', '.join(parts) or 'no parts'}"
                raise _fault(rules, "block_on", f"{rule!r}: {column!r} has no key part {part!r}", hint)


def _unknown(rules: MatchRules, key: str, what: str, name: str, known: Sequence[str]) -> RulesError:
    return _fault(rules, key, what, did_you_mean(name, known) or f"there are: {', '.join(known)}")


def _fault(rules: MatchRules, key: str, what: str, hint: str) -> RulesError:
    return RulesError(f"{rules.source}: match.{key}: {what}", hint=hint, file=rules.source, key=f"match.{key}")
