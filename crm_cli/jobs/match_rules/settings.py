"""From rules to settings of the engine, and the field types that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import entry_points

from crm_cli.dedupe import FieldType, FieldTypes, MatchSettings, Never, Role, field_types, kind_of_role
from crm_cli.errors import UsageError
from crm_cli.jobs.match_rules.model import MatchRules, RulesError

__all__ = ["comparable_words", "kind_of_word", "known_types", "naming_file", "with_rules"]

GROUP = "crm_cli.field_types"
_PARTS_OF_OTHERS = (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY, Role.HOUSE_NUMBER)


def known_types() -> FieldTypes:
    """Return the field types by name: the engine's, and those that other packages plug in."""
    return field_types(_plugged())


def _plugged() -> list[FieldType]:
    return [door.load() for door in entry_points(group=GROUP)]


def comparable_words() -> list[str]:
    """Return what a field can be compared as: names of field types, and roles such as `full_name` or `birth_year`."""
    roles = [role for role in Role if kind_of_role(role) is not None or role in _PARTS_OF_OTHERS]
    return sorted({*known_types(), *(str(role) for role in roles)})


def kind_of_word(word: str) -> str | None:
    """Return the field type that a word of `compare_as` stands for; None where the engine decides by the values."""
    return word if word in known_types() else kind_of_role(Role(word))


def with_rules(base: MatchSettings, rules: MatchRules | None, *, only_keys: Collection[str] = ()) -> MatchSettings:
    """Return the settings under these rules; columns that are `only_keys` decide, but are not compared."""
    plugged = _plugged()
    if rules is None:
        return replace(base, field_types=plugged)
    types = field_types(plugged)
    never = [Never(same=one.same, differ=one.differ, why=one.because) for one in rules.never]
    return replace(
        base,
        rules=rules.block_on,
        must_match=rules.must_match,
        must_differ=rules.must_differ,
        never=never,
        ignored={*rules.ignore, *only_keys},
        max_block=rules.max_block,
        kinds={name: word for name, word in rules.compare_as.items() if word in types},
        roles={name: Role(word) for name, word in rules.compare_as.items() if word not in types},
        field_types=plugged,
    )


@contextmanager
def naming_file(rules: MatchRules | None) -> Iterator[None]:
    """Name the file of the rules in what the engine complains about its settings."""
    try:
        yield
    except RulesError:
        raise
    except UsageError as error:
        if rules is None or rules.source is None or not {"rule", "column"} & set(error.facts):
            raise
        raise RulesError(
            f"{rules.source}: {error.message}", hint=error.hint, file=rules.source, **error.facts
        ) from None
