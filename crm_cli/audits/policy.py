"""Policies: what is audited, as data. One table of a TOML file a policy; this file says what may stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from crm_cli.dictionary import Freshness
from crm_cli.errors import UsageError, did_you_mean

__all__ = ["HALF_LIFE", "Kind", "Level", "Policy", "PolicyError", "Related", "parse_policy"]

HALF_LIFE = 880.0
"""Days after which half of the values are dead: 25 % a year, 365.25 · ln ½ / ln ¾ (the decay rate is the one that the
customer-data literature quotes: about 2 % a month, 25 % a year)."""


class PolicyError(UsageError):
    """A policy file says something that is no policy; the facts name the file, the policy and the key."""

    code = "policy"


class Kind(StrEnum):
    """The dimension of quality that a policy watches."""

    FRESHNESS = "freshness"
    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    UNIQUENESS = "uniqueness"
    RULE = "rule"


class Level(StrEnum):
    """How a policy stands, and how bad a finding is; `OK` is for policies alone."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for ok, 1 for warn, 2 for error."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of another entity that refer to the audited record by their field `via`, if `where` holds for them."""

    entity: str
    via: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One thing that is audited.

    `where` (the `--where` language) says which records are looked at. Exactly one test says which of them fail:
    `fails_if` a condition holds, one of `needs` is missing, all of `needs_any` are missing, there is a row as in `has`,
    there is none as in `lacks`, another record has the same values of `same` (of the rows of `among`, if given), the
    group of fields `stale` was not confirmed for `warn_after` or `error_after` days.

    The policy warns when more than the share `warn_over` of its records fails, and is an error when more than
    `error_over` does; findings of a policy that is not about freshness have its `severity`.
    """

    name: str
    entity: str
    kind: Kind
    message: str
    where: str = ""
    fails_if: str = ""
    needs: tuple[str, ...] = ()
    needs_any: tuple[str, ...] = ()
    has: Related | None = None
    lacks: Related | None = None
    same: tuple[str, ...] = ()
    among: Related | None = None
    stale: Freshness | None = None
    warn_after: int | None = None
    error_after: int | None = None
    half_life: float | None = None
    severity: Level = Level.WARN
    warn_over: float | None = None
    error_over: float | None = None
    owner: str = ""
    fix: str = ""
    disabled: bool = False

    @property
    def half_life_days(self) -> float:
        """The half-life that the policy sets, else the default."""
        return HALF_LIFE if self.half_life is None else self.half_life

    @property
    def warn_share(self) -> float | None:
        """The share of failing records above which the policy warns; None is never."""
        return 0.0 if self.warn_over is None else self.warn_over

    @property
    def error_share(self) -> float | None:
        """The share of records failing as errors above which the policy is an error; None is never."""
        if self.error_over is None and (self.severity is Level.ERROR or self.error_after is not None):
            return 0.0
        return self.error_over


_TESTS = ("fails_if", "needs", "needs_any", "has", "lacks", "same", "stale")
_KEYS = tuple(one.name for one in fields(Policy) if one.name != "name")
_TEXTS = ("entity", "message", "where", "fails_if", "owner", "fix")
_LISTS = ("needs", "needs_any", "same")
_RELATED = ("has", "lacks", "among")
_NUMBERS = ("warn_after", "error_after", "half_life", "warn_over", "error_over")


def parse_policy(name: str, given: Mapping[str, Any], file: str) -> Policy:
    """Return the policy that a table of a TOML file describes; `PolicyError` says which key of which file is wrong."""
    unknown = [key for key in given if key not in _KEYS]
    if unknown:
        hint = did_you_mean(unknown[0], _KEYS) or f"known keys: {', '.join(_KEYS)}"
        raise _fault(file, name, f"unknown key {unknown[0]!r}", hint)
    missing = [key for key in ("entity", "kind", "message") if not given.get(key)]
    if missing:
        raise _fault(file, name, f"{missing[0]} is missing", "every policy has an entity, a kind and a message")
    values = {key: _value(file, name, key, value) for key, value in given.items()}
    policy = Policy(name=name, **values)
    _check_test(file, policy)
    return policy


def _check_test(file: str, policy: Policy) -> None:
    tests = [key for key in _TESTS if getattr(policy, key)]
    if len(tests) != 1:
        found = " and ".join(tests) or "none"
        raise _fault(file, policy.name, f"needs exactly one test, has {found}", f"one of: {', '.join(_TESTS)}")
    if policy.stale and policy.warn_after is None and policy.error_after is None:
        raise _fault(file, policy.name, "stale needs warn_after or error_after", "give the days, such as 365")
    if policy.among and not policy.same:
        raise _fault(file, policy.name, "among goes with same", "name the fields that are compared in same")


def _value(file: str, name: str, key: str, value: Any) -> Any:
    try:
        return _checked(key, value)
    except (ValueError, TypeError) as error:
        raise _fault(file, name, f"{key} = {value!r} {error}", "crm audit list --json shows well-formed ones") from None


def _checked(key: str, value: Any) -> Any:
    if key in _TEXTS:
        return _typed(value, str, "must be a text in quotes")
    if key in _LISTS:
        return tuple(_typed(one, str, "must be a list of texts") for one in _typed(value, list, "must be a list"))
    if key in _RELATED:
        return _related(_typed(value, dict, 'must be a table such as { entity = "activity", via = "owner_id" }'))
    if key in _NUMBERS:
        return _number(key, value)
    if key == "disabled":
        return _typed(value, bool, "must be true or false")
    choices: type[StrEnum] = {"kind": Kind, "severity": Level, "stale": Freshness}[key]
    return choices(value)


def _typed(value: Any, kind: type, complaint: str) -> Any:
    if not isinstance(value, kind):
        raise TypeError(complaint)
    return value


def _related(value: Mapping[str, Any]) -> Related:
    known = {one.name for one in fields(Related)}
    if not set(value) <= known or "entity" not in value or "via" not in value:
        raise ValueError("needs entity and via, and may have where")
    return Related(**{key: _typed(one, str, f"{key} must be a text") for key, one in value.items()})


def _number(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ValueError("must be a number, not below 0")
    if key == "half_life" and not value:
        raise ValueError("must be more than 0 days")
    if key.endswith("_over") and value > 1:
        raise ValueError("is a share: 0.25 is a quarter")
    return value


def _fault(file: str, name: str, what: str, hint: str) -> PolicyError:
    return PolicyError(f"{file}: policy {name}: {what}", hint=hint, file=file, policy=name)
