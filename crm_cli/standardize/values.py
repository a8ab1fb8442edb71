"""What standardizing takes and gives: the context of a value, its standard form, its parts, and issues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Protocol

__all__ = ["EMPTY", "NO_PARTS", "NO_VALUE", "Context", "Issue", "Standard", "Standardizer"]

NO_VALUE = "T304"
NO_PARTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person should look at, in plain words.

    `unknown` says that the value could not be understood at all; otherwise it is understood, but suspicious.
    """

    code: str
    message: str
    unknown: bool = False


class Standard(NamedTuple):
    """The outcome for one value; a named tuple, since it is made a million times and costs a third of a dataclass.

    `value` is the standard form; what was not understood is returned tidied but otherwise as it was given, or as None
    for the types that are stored as numbers, dates and truth values. `parts` are named pieces of the value,
    `rules` the codes of the rules that changed it, in the order in which they did.
    """

    value: str | None
    parts: Mapping[str, str] = NO_PARTS
    issues: tuple[Issue, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether the value was understood, be it suspicious or not."""
        return not any(issue.unknown for issue in self.issues)

    @property
    def stands_for_nothing(self) -> bool:
        """Whether the value was a word for "no value", such as n/a or unknown."""
        return any(issue.code == NO_VALUE for issue in self.issues)


EMPTY = Standard(None)


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a value from its row, its column or the user.

    `country` is ISO 3166-1 alpha-2, `date_order` is "dmy", "mdy" or "ymd", `decimal` is the decimal sign "." or ",",
    `currency` is ISO 4217, `timezone` an IANA name for times without one, `choices` the allowed values of an enum.
    `select` and `ignore` hold codes of rules or their beginnings ("E" is every e-mail rule); a rule that may change
    the meaning runs only when `unsafe` is set or its own code is selected.
    """

    country: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    currency: str | None = None
    timezone: str | None = None
    choices: tuple[str, ...] = ()
    unsafe: bool = False
    select: frozenset[str] = field(default_factory=frozenset)
    ignore: frozenset[str] = field(default_factory=frozenset)

    @property
    def plain(self) -> bool:
        """Whether all safe rules run and no others: then an outcome depends on the value and what is known of it."""
        return not (self.select or self.ignore or self.unsafe)

    def allows(self, code: str) -> bool:
        """Whether the rule with this code may run."""
        if self.plain:
            return code[1] != "2"
        if code in self.ignore:
            return False
        if code in self.select:
            return True
        if code[1] == "2" and not self.unsafe:
            return False
        selected = _longest(self.select, code) if self.select else 0
        return selected >= 0 and (selected > _longest(self.ignore, code) or not _longest(self.ignore, code) >= 0)


def _longest(prefixes: frozenset[str], code: str) -> int:
    """Return the length of the longest prefix that fits the code, -1 when none does."""
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)


class Standardizer(Protocol):
    """A pure function from a value and its context to its standard form."""

    def __call__(self, value: str, context: Context) -> Standard:
        """Return the standard form of `value`."""
        ...
