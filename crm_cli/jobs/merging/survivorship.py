"""Which record survives, and which value of each field: rules as values, a registry by the dictionary's survivorship.

To add a rule: add it to `dictionary.Survivorship`, then its rank to `_RANKS`. The candidate with the highest rank
wins; ties go to the later known value, then to the survivor's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_cli.dictionary import Entity, Field, SemanticType, Survivorship, fold
from crm_cli.jobs.merging.evidence import TRUST_BY_HAND, Evidence
from crm_cli.jobs.merging.model import FieldChoice, SurvivorRule

__all__ = ["Row", "choose_survivor", "choose_values", "is_blank", "value_of"]

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A value that a member of the cluster has in a field."""

    source: int
    value: Any
    moment: datetime
    trust: int
    own: bool
    votes: int
    common: int

    @property
    def tie(self) -> tuple[Any, ...]:
        return (self.moment, self.own, -self.source)


def _full_words(one: _Candidate) -> tuple[int, bool, int, int, int]:
    """More words, initials not counted, then not in capitals; then what more members have, and more records at all.

    So "Anne Marie" goes before "ANNE" and "A.", and "Lopez" before the slip "Loopez", however long.
    """
    text = str(one.value)
    words = text.replace(".", " ").split()
    full = sum(1 for word in words if len(word) > 1)
    return (full, not text.isupper(), one.votes, one.common, sum(map(len, words)))


_RANKS: Mapping[Survivorship, Callable[[_Candidate], Any]] = {
    Survivorship.NEWEST: lambda one: one.moment,
    Survivorship.TRUSTED: lambda one: one.trust,
    Survivorship.MOST_COMPLETE: _full_words,
    Survivorship.LONGEST: lambda one: len(str(one.value)),
    Survivorship.MOST_FREQUENT: lambda one: one.votes,
    Survivorship.SURVIVOR: lambda one: one.own,
    Survivorship.RESTRICTIVE: lambda one: one.own,
    Survivorship.MAXIMUM: lambda one: one.value,
    Survivorship.MINIMUM: lambda one: one.value,  # the lowest wins: see _best
}


def choose_survivor(
    entity: Entity, rows: Sequence[Row], rule: SurvivorRule = SurvivorRule.MOST_COMPLETE,
    trusts: Mapping[int, int] | None = None,
) -> Row:  # fmt: skip
    """Return the record that survives by `rule`; of equals the most complete, then the oldest.

    `trusts` says how far the sources of each record are trusted, for the rule that asks.
    """
    names = [one.name for one in entity.fields if not one.custom]

    def rank(row: Row) -> tuple[Any, ...]:
        filled = sum(1 for name in names if not is_blank(row[name])) + len(row["custom"] or {})
        age = (row["created_at"], row["id"])
        if rule is SurvivorRule.OLDEST:
            return age
        if rule is SurvivorRule.NEWEST:
            return (-row["created_at"].timestamp(), -row["id"])
        trust = (trusts or {}).get(row["id"], TRUST_BY_HAND) if rule is SurvivorRule.TRUSTED else 0
        return (-trust, -filled, *age)

    return min(rows, key=rank)


def choose_values(
    entity: Entity,
    rows: Sequence[Row],
    evidence: Evidence,
    overrides: Mapping[str, Survivorship],
    taken: Mapping[str, int] | None = None,
) -> list[FieldChoice]:
    """Return a choice for every field on which the records (survivor first) disagree or which only others fill.

    `taken` says whose value somebody chose, a blank one too; the rules decide the other fields.
    A reference to a member of the cluster is no candidate: a record does not refer to itself.
    """
    members = {row["id"]: row for row in rows}
    choices = []
    for one in entity.fields:
        if taken and one.name in taken:
            chosen = value_of(members[taken[one.name]], one)
            if chosen != value_of(rows[0], one):
                choices.append(FieldChoice(one.name, chosen, taken[one.name], None))
            continue
        values = {row["id"]: value_of(row, one) for row in rows}
        if one.reference and one.reference.entity == entity.name:
            values = {number: value for number, value in values.items() if value not in members}
        choice = _choose(one, rows, values, evidence, overrides.get(one.name))
        if choice is not None:
            choices.append(choice)
    return _with_one_currency(entity, rows, choices)


def _choose(
    one: Field,
    rows: Sequence[Row],
    values: Mapping[int, Any],
    evidence: Evidence,
    override: Survivorship | None,
) -> FieldChoice | None:
    own = value_of(rows[0], one)
    given = [row for row in rows if not is_blank(values.get(row["id"]))]
    if not given:
        return None if is_blank(own) else FieldChoice(one.name, None, rows[0]["id"], Survivorship.SURVIVOR)
    if all(values[row["id"]] == own for row in given):
        return None
    # a unique value belongs to its record: it moves only into a blank
    rule = override or (Survivorship.SURVIVOR if one.unique else one.survivorship)
    if rule is not Survivorship.SURVIVOR:
        given = [row for row in given if not _is_unspoken(one, row, values, evidence)] or given
    best = _best(rule, _candidates(one, given, values, evidence, rows[0]["id"]))
    return FieldChoice(one.name, best.value, best.source, rule)


def _is_unspoken(one: Field, row: Row, values: Mapping[int, Any], evidence: Evidence) -> bool:
    """Whether the value is the default that a record gets when nothing is said; yes and no always say something."""
    number = row["id"]
    default = one.default is not None and values[number] == one.default and one.type is not SemanticType.BOOLEAN
    return default and not evidence.was_changed(number, one)


def _candidates(
    one: Field, given: Sequence[Row], values: Mapping[int, Any], evidence: Evidence, survivor: int
) -> list[_Candidate]:
    keys = {row["id"]: _key(values[row["id"]]) for row in given}
    votes = list(keys.values())
    return [
        _Candidate(
            row["id"], values[row["id"]], evidence.moment(row, one), evidence.trust(row["id"]),
            row["id"] == survivor, votes.count(keys[row["id"]]), evidence.commonness(row, one),
        )
        for row in given
    ]  # fmt: skip


def _best(rule: Survivorship, candidates: Sequence[_Candidate]) -> _Candidate:
    rank = _RANKS[rule]
    if rule is Survivorship.MINIMUM:
        lowest = min(rank(one) for one in candidates)
        return max((one for one in candidates if rank(one) == lowest), key=lambda one: one.tie)
    return max(candidates, key=lambda one: (rank(one), one.tie))


def _with_one_currency(entity: Entity, rows: Sequence[Row], choices: list[FieldChoice]) -> list[FieldChoice]:
    """Amounts and their currency come from one record: 100 EUR and 90 USD never make 100 USD."""
    currencies = [one for one in entity.fields if one.type is SemanticType.CURRENCY]
    amounts = [one for one in entity.fields if one.type is SemanticType.MONEY]
    decided = next((one for one in choices if one.field in {amount.name for amount in amounts}), None)
    with_amount = [row for row in rows if any(row[one.name] is not None for one in amounts)]
    if not currencies or not with_amount:
        return choices
    source = next(row for row in rows if row["id"] == decided.source) if decided else with_amount[0]
    rule = decided.rule if decided else Survivorship.SURVIVOR
    money = [*amounts, *currencies]
    rest = [one for one in choices if one.field not in {field.name for field in money}]
    different = [one for one in money if source[one.name] != rows[0][one.name]]
    return rest + [FieldChoice(one.name, source[one.name], source["id"], rule) for one in different]


def value_of(row: Row, one: Field) -> Any:
    """Return the value of a field, also of one that was added at run time."""
    return (row["custom"] or {}).get(one.name) if one.custom else row[one.name]


def is_blank(value: Any) -> bool:
    """Whether nothing stands there."""
    return value is None or value == ""


def _key(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else str(value)
