"""Reading a file of matching rules, strictly: what is mistyped is named, and never passed over."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from crm_cli.dictionary import Dictionary, Entity, Survivorship
from crm_cli.errors import did_you_mean
from crm_cli.jobs.match_rules.model import MatchRules, MergeRules, NeverRule, RulesError

__all__ = ["SURVIVOR_RULES", "find_file", "parse_rules", "read_rules"]

_MATCH, _MERGE = "match", "merge"
SURVIVOR_RULES = ("most_complete", "oldest", "newest", "trusted")


def find_file(folder: Path, entity: Entity, dictionary: Dictionary) -> Path | None:
    """Return the file of `folder` with the rules of `entity` (`contact.toml`), None where there is none.

    Raises `RulesError` for a file whose name is no entity, so that a mistyped one does not go unnoticed, and where two
    files speak for the entity.
    """
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    nouns = [one.noun for one in dictionary.records]
    for file in files:
        if file.stem not in dictionary:
            hint = did_you_mean(file.stem, nouns) or f"its name is that of an entity: {', '.join(nouns)}"
            raise RulesError(f"{file}: there is no entity {file.stem!r}", hint=hint, file=str(file))
    own = [file for file in files if file.stem in (entity.name, entity.noun)]
    if len(own) > 1:
        message = f"{own[0]} and {own[1].name} both hold rules for {entity.plural}"
        raise RulesError(message, hint="keep one of them", file=str(own[0]))
    return own[0] if own else None


def read_rules(path: Path) -> MatchRules:
    """Read a file of rules; raises `RulesError` naming file, key and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise RulesError(f"{path} cannot be read: {reason}", hint="name a TOML file of rules", file=str(path)) from None
    return parse_rules(text, str(path))


def parse_rules(text: str, source: str) -> MatchRules:
    """Return the rules that a TOML text says; `source` names it in errors. Raises `RulesError`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{source}: {error}", hint="correct the file; its format is TOML", file=source) from None
    _refuse_unknown(content, [_MATCH, _MERGE], source, "")
    merge = MergeRules(**_table(content, _MERGE, _MERGE_KEYS, source))
    return _consistent(MatchRules(source=source, merge=merge, **_table(content, _MATCH, _MATCH_KEYS, source)))


def _table(content: Mapping[str, Any], name: str, keys: _Keys, source: str) -> dict[str, Any]:
    """The values of a table of the file, by key."""
    given = content.get(name, {})
    if not isinstance(given, dict):
        raise _fault(source, name, "must be a table", f"begin with a line [{name}], keys below it")
    _refuse_unknown(given, keys, source, f"{name}.")
    return {key: _value(source, f"{name}.{key}", keys[key], value) for key, value in given.items()}


def _refuse_unknown(given: Mapping[str, Any], known: Sequence[str] | Mapping[str, Any], source: str, at: str) -> None:
    for key in given:
        if key not in known:
            hint = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
            raise RulesError(f"{source}: unknown key {at + key!r}", hint=hint, file=source, key=at + key)


def _value(source: str, key: str, written: tuple[Callable[[Any], Any], str], value: Any) -> Any:
    check, form = written
    try:
        return check(value)
    except ValueError as error:
        hint = f"it is written {key.rpartition('.')[2]} = {form}"
        raise _fault(source, key, f"= {value!r} {error}", hint) from None


def _fault(source: str, key: str, what: str, hint: str) -> RulesError:
    return RulesError(f"{source}: {key} {what}", hint=hint, file=source, key=key)


def _consistent(rules: MatchRules) -> MatchRules:
    if both := [name for name in rules.compare_as if name in rules.ignore]:
        what = f"names {both[0]!r}, which match.ignore leaves out"
        raise _fault(rules.source or "", "match.compare_as", what, "take it out of one of them")
    return rules


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must name fields, as texts in quotes")
    return value


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list")
    names = tuple(_name(one) for one in value)
    if len(set(names)) < len(names):
        raise ValueError("names a field twice")
    return names


def _some_names(value: Any) -> tuple[str, ...]:
    names = _names(value)
    if not names:
        raise ValueError("must not be empty")
    return names


def _keys_to_match(value: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list")
    return tuple(_some_names(one) if isinstance(one, list) else (_name(one),) for one in value)


def _conditions(value: Any) -> tuple[NeverRule, ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("must be tables")
    return tuple(_condition(one) for one in value)


def _condition(value: Mapping[str, Any]) -> NeverRule:
    for key in value:
        if key not in ("differ", "same", "because"):
            raise ValueError(f"has an unknown key {key!r}, beside differ, same and because")
    if "differ" not in value:
        raise ValueError("needs differ, the fields that must all differ")
    because = value.get("because", "")
    if not isinstance(because, str):
        raise ValueError("has a because that is no text")
    differ, same = _some_names(value["differ"]), _names(value.get("same", []))
    if both := [name for name in differ if name in same]:
        raise ValueError(f"wants {both[0]!r} to differ and to be the same")
    return NeverRule(differ, same, because)


def _fields_as(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of fields and what each is compared as")
    return {_name(name): _name(word) for name, word in value.items()}


def _survivors(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of fields and the rule of each")
    for name, rule in value.items():
        if rule not in set(Survivorship):
            raise ValueError(f"has no such rule for {name!r} as {rule!r}; there are {', '.join(Survivorship)}")
    return {_name(name): str(rule) for name, rule in value.items()}


def _survivor(value: Any) -> str:
    if value not in SURVIVOR_RULES:
        raise ValueError(f"is no such rule; there are {', '.join(SURVIVOR_RULES)}")
    return str(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 2:
        raise ValueError("must be a whole number, 2 or more")
    return value


def _share_from(least: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= 1:
            raise ValueError(f"must be a number from {least} to 1")
        return float(value)

    return check


_Keys: TypeAlias = Mapping[str, tuple[Callable[[Any], Any], str]]
# What each key takes, and how it is written.
_MATCH_KEYS: _Keys = {
    "must_match": (_keys_to_match, '["tax_id", ["family_name", "birth_date"]]'),
    "must_differ": (_names, '["birth_date"]'),
    "never": (_conditions, '[{ same = ["phone"], differ = ["given_name"] }], or as tables [[match.never]]'),
    "ignore": (_names, '["gender"]'),
    "compare_as": (_fields_as, '{ badge = "identifier" }'),
    "block_on": (_some_names, '["email", "family_name:sound + birth_date:year"]'),
    "max_block": (_whole, "300"),
    "auto_merge_from": (_share_from(0.5), "0.99"),
    "auto_merge_precision": (_share_from(0.5), "0.995"),
}
_MERGE_KEYS: _Keys = {
    "survivor": (_survivor, '"most_complete"'),
    "survive": (_survivors, '{ job_title = "newest", credit_limit = "minimum" }'),
    "trusted_sources": (_some_names, '["erp", "webshop"]'),
    "max_cluster": (_whole, "20"),
    "max_merge_share": (_share_from(0.0), "0.3"),
}
