"""What becomes of a record by what its mails met: standings of its addresses, and confirmations of the e-mail group.

The latest word wins. A bounce is answered by a later call, visit, edit or mail that arrived, not by an import, which
only repeats what a list holds; a mail counts as arrived only if it does not bounce on the same day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from crm_cli.importers.mail_reports import Outcome
from crm_cli.jobs.bounces.holders import DETAIL, Holder, Word, key_of
from crm_cli.records.verifying import DEAD_STANDINGS, OPTED_OUT, State, choose_primary, group_result

__all__ = ["SOFT_DAYS", "Event", "Fate", "Verdict", "judge"]

SOFT_DAYS = 3
"""On how many different days an address must be refused for now until it is taken for dead. Mailing services stop after
three to five soft bounces in a row; days are counted since one mailing is tried many times."""
_ANSWERS = frozenset(["edit", "call", "mail", "visit", "verify"])
_BOUNCES = frozenset(["hard", "soft"])
_UNCHANGED = dict.fromkeys(("marked", "confirmed", "counted"), "known")


class Event(NamedTuple):
    """What became of a mail to an address, and when."""

    outcome: Outcome
    when: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an address: `marked`, `confirmed`, `counted` (soft), `known`, `answered`, `opted_out`."""

    key: str
    word: str


@dataclass
class Verdict:
    """What is to be written of a record: new standings and primaries, and confirmations (result, moment, point)."""

    holder: Holder
    updates: dict[int, dict[str, object]] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)


def judge(holder: Holder, events: dict[str, list[Event]]) -> Verdict:
    """Return what becomes of a record whose addresses met these events, by the addresses' keys."""
    verdict = Verdict(holder)
    after = [{**point, "detail": DETAIL} for point in holder.points]
    states: list[tuple[State, datetime]] = []
    for key in sorted(holder.keys):
        mine = [point for point in after if key_of(str(point["standard"])) == key]
        name = f"{DETAIL} {mine[0]['id']}" if mine else holder.entity
        found = _Address(holder.words, name, events[key])
        verdict.words += found.new_words()
        state = found.state()
        standings = {point["standing"] for point in mine}
        verdict.fates.append(Fate(key, _fate(state, standings, found)))
        if state is not None:
            states.append((state, found.moment(state)))
            _mark(mine, state)
    choose_primary(after)
    verdict.updates = _changed(holder.points, after)
    _confirm(verdict, states, after)
    if not verdict.updates and not verdict.words:
        verdict.fates = [Fate(one.key, _UNCHANGED.get(one.word, one.word)) for one in verdict.fates]
    return verdict


@dataclass
class _Address:
    """One address: what was said of it before, and what happened to mails to it."""

    words: Sequence[Word]
    name: str
    events: Sequence[Event]

    def new_words(self) -> list[Word]:
        """Return the bounces that nobody has told yet, one a moment, soft ones one a day."""
        known = {(word.result, word.when) for word in self.words if word.point == self.name}
        days = {(result, when.date()) for result, when in known}
        found: list[Word] = []
        for event in sorted(set(self.events), key=lambda one: (one.when, one.outcome)):
            mark = (event.outcome.value, event.when.date())
            again = mark in days if event.outcome is Outcome.SOFT else (event.outcome.value, event.when) in known
            if event.outcome.value in _BOUNCES and not again:
                found.append(Word(event.outcome.value, "bounce", event.when, self.name))
                days.add(mark)
        return found

    def state(self) -> State | None:
        """Return what the address is by its latest word; None while nothing is settled, or a later word answers."""
        bounced, arrived = self._bounced_at(), self._arrived_at()
        if bounced is not None and not self._answers(arrived, "mail", bounced):
            later = [word for word in self._answered() if self._answers(word.when, word.method, bounced)]
            return None if later else State.DEAD
        if arrived is None:
            return None
        dead = [word.when for word in self.words if word.result == "dead"]
        return State.OK if all(self._answers(arrived, "mail", when) for when in dead) else None

    def moment(self, state: State) -> datetime:
        """Return since when it is so: the latest bounce, just after a mail of that day, or the latest arrival."""
        if state is State.OK:
            return max(event.when for event in self.events if event.outcome is Outcome.DELIVERED)
        bounced = self._bounced_at()
        if bounced is None:
            raise LookupError("no bounce settles it")
        same_day = [word.when for word in self._answered() if word.when.date() == bounced.date()]
        return max([bounced, *(when + timedelta(microseconds=1) for when in same_day)])

    @property
    def softly(self) -> bool:
        """Whether a mail was refused for now."""
        return any(event.outcome is Outcome.SOFT for event in self.events)

    @property
    def bounces(self) -> bool:
        """Whether a mail bounced for good, or too often for now."""
        return self._bounced_at() is not None

    def _answered(self) -> list[Word]:
        return [word for word in self.words if word.result == "valid" and word.method in _ANSWERS]

    def _bounced_at(self) -> datetime | None:
        bounces = [(str(event.outcome), event.when) for event in self.events if event.outcome.value in _BOUNCES]
        bounces += [(word.result, word.when) for word in self.words if word.point == self.name]
        hard = [when for outcome, when in bounces if outcome == "hard"]
        soft = self._settling([when for outcome, when in bounces if outcome == "soft"])
        return max([*hard, *soft], default=None)

    def _settling(self, soft: Sequence[datetime]) -> list[datetime]:
        """Return the first moments of the days from the third on, counted since the last word to the contrary."""
        answers = [word.when for word in self._answered()]
        answers += [event.when for event in self.events if event.outcome is Outcome.DELIVERED]
        last = max(answers, default=None)
        days: dict[date, datetime] = {}
        for when in sorted(soft):
            if last is None or when > last:
                days.setdefault(when.date(), when)
        return list(days.values())[SOFT_DAYS - 1 :]

    def _arrived_at(self) -> datetime | None:
        return max((event.when for event in self.events if event.outcome is Outcome.DELIVERED), default=None)

    @staticmethod
    def _answers(moment: datetime | None, method: str, bounced: datetime) -> bool:
        return moment is not None and moment > bounced and not (method == "mail" and moment.date() == bounced.date())


def _fate(state: State | None, standings: set[object], found: _Address) -> str:
    if state is not None and OPTED_OUT in standings:
        return "opted_out"
    if state is State.DEAD:
        return "known" if standings and standings <= DEAD_STANDINGS else "marked"
    if state is State.OK:
        return "confirmed"
    if found.softly and not found.bounces:
        return "counted"
    return "answered"


def _mark(points: Sequence[dict[str, object]], state: State) -> None:
    for point in points:
        if point["standing"] != OPTED_OUT:
            point["standing"] = "valid" if state is State.OK else "bounced"


def _changed(before: Sequence[dict[str, object]], after: Sequence[dict[str, object]]) -> dict[int, dict[str, object]]:
    changes = {}
    for old, new in zip(before, after, strict=True):
        changed = {name: new[name] for name in ("standing", "is_primary") if new[name] != old[name]}
        if changed:
            changes[int(str(new["id"]))] = changed
    return changes


def _confirm(verdict: Verdict, states: Sequence[tuple[State, datetime]], after: Sequence[dict[str, object]]) -> None:
    """Add what is confirmed of the group, unless it was written before."""
    found = State.DEAD.value if not after and states else group_result([state for state, _ in states], after)
    if not states or found is None:
        return
    if not after:  # a lead has one address
        found = states[-1][0].result
    state = State.OK if found == State.OK.result else State.DEAD
    moment = max(when for one, when in states if one is state)
    method = "mail" if state is State.OK else "bounce"
    if not any((word.result, word.when, word.method) == (found, moment, method) for word in verdict.holder.words):
        verdict.words.append(Word(found, method, moment, None))
