"""Compare both sides in the ledger: which rows and records belong together, and in which fields they differ."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_cli.dictionary import SemanticType
from crm_cli.jobs.reconciling.fields import ComparedField
from crm_cli.jobs.reconciling.fill_rule import FillRule
from crm_cli.jobs.reconciling.ledger import Ledger
from crm_cli.jobs.reconciling.said import Said, agree, decoded, money_parts

__all__ = ["FieldCount", "FieldSum", "compare", "sums"]

_AT_ONCE = 2_000
Progress = Callable[[int], None]


@dataclass
class FieldCount:
    """What the matched pairs say of one field; pairs of which neither says anything are not compared."""

    field: str
    column: str  # of the source
    compared: int = 0
    same: int = 0
    differing: int = 0
    blank_here: int = 0
    blank_there: int = 0
    not_understood: int = 0  # of those that differ or are blank here: the source's value is none that we take


@dataclass
class FieldSum:
    """The sums of a field over all records here and all rows there, exact; amounts by their currency."""

    field: str
    currency: str
    here: Decimal
    there: Decimal

    @property
    def difference(self) -> Decimal:
        """What is more there than here."""
        return self.there - self.here


def compare(
    ledger: Ledger, fields: Sequence[ComparedField], currency: str | None, progress: Progress | None = None
) -> list[FieldCount]:
    """Compare all pairs of the ledger, field by field; differences are kept in it. Return the counts of each field.

    `fields` are the first that both sides say; `currency` is that of sums in the source that name none.
    """
    counts = [FieldCount(one.name, ", ".join(one.columns)) for one in fields]
    rule = FillRule(fields, currency)
    statuses: list[tuple[str, int]] = []
    found: list[tuple[int, int, int, str, str, bool]] = []
    for pair in ledger.pairs():
        here, there = decoded(pair.here), decoded(pair.there)
        before = len(found)
        for place, one in enumerate(fields):
            mine = here[place] if here[place].form else _elsewhere(fields, place, here, there[place])
            other = there[place] if there[place].form else _elsewhere(fields, place, there, here[place])
            kind = _judged(one, counts[place], mine, other)
            if kind:
                fill = kind == "blank-here" and rule.allows(one, here[place], there[place], there)
                found.append((pair.n, pair.id, place, kind, _kept(one, here[place], there[place]), fill))
        statuses.append(("same" if len(found) == before else "differing", pair.n))
        if len(statuses) >= _AT_ONCE:
            _write(ledger, statuses, found, progress)
            statuses, found = [], []
    _write(ledger, statuses, found, progress)
    ledger.finish_comparing()
    return counts


def _write(
    ledger: Ledger,
    statuses: Sequence[tuple[str, int]],
    found: Sequence[tuple[int, int, int, str, str, bool]],
    progress: Progress | None,
) -> None:
    ledger.add_statuses(statuses)
    ledger.add_differences(found)
    if progress:
        progress(len(statuses))


def _elsewhere(fields: Sequence[ComparedField], place: int, said: Sequence[Said], wanted: Said) -> Said:
    """What a side says in a blank place: an address or number that it has in another one is stored once, not twice."""
    slot = fields[place].slot
    if slot is None or fields[place].is_address or wanted.form is None:
        return said[place]
    alike = (one for other, one in zip(fields, said, strict=False) if other.slot and other.slot.detail == slot.detail)
    return next((one for one in alike if one.form == wanted.form), said[place])


def _judged(one: ComparedField, count: FieldCount, here: Said, there: Said) -> str:
    """Count what a pair says of a field; return in which way it differs, "" where it does not."""
    if (here.form is None and there.form is None) or (one.only_given and there.form is None):
        return ""
    count.compared += 1
    if agree(one, here, there):
        count.same += 1
        return ""
    count.not_understood += bool(there.note)
    if here.form is None and not (one.is_company and here.note):
        count.blank_here += 1
        return "blank-here"
    if there.form is None:
        count.blank_there += 1
        return "blank-there"
    count.differing += 1
    return "differing"


def _kept(one: ComparedField, here: Said, there: Said) -> str:
    stands = here.note if one.is_company and here.form is None else None  # in the person's account
    return json.dumps([here.shown or stands or None, there.shown, there.note])


def sums(ledger: Ledger, fields: Sequence[ComparedField], currency: str | None) -> list[FieldSum]:
    """Return the sums of the fields that are numbers or sums of money, over everything that was asked for."""
    places = [(place, one) for place, one in enumerate(fields) if one.is_summed]
    if not places:
        return []
    totals: dict[tuple[int, str], list[Decimal]] = defaultdict(lambda: [Decimal(), Decimal()])
    for side, rows in enumerate((ledger.said_here(), ledger.said_there())):
        for text, other in rows:
            values, record = decoded(text), decoded(other) if other else None
            for place, one in places:
                known = _currency_of(record[place], currency) if record else currency if side else None
                number, unit = _number(one, values[place], known)
                if number is not None:
                    totals[place, unit][side] += number
    return [FieldSum(fields[place].name, unit, *both) for (place, unit), both in sorted(totals.items())]


def _currency_of(record: Said, currency: str | None) -> str | None:
    """The currency of a sum that names none: its record's, else the default, as where the two are compared."""
    if record.form is None:
        return record.note or currency
    return money_parts(record.form)[1] or None


def _number(one: ComparedField, value: Said, currency: str | None) -> tuple[Decimal | None, str]:
    """The number and its currency; none where it is not understood."""
    if value.form is None or value.note:
        return None, ""
    if one.kind is not SemanticType.MONEY:
        return Decimal(value.form), ""
    amount, unit = money_parts(value.form)
    return Decimal(amount), unit or currency or ""
