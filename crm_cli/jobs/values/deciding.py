"""What a person decides about groups of spellings: one group after the other, with a way back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from crm_cli.jobs.values.recipes import Change, without_chains
from crm_cli.spellings import SpellingGroup

__all__ = ["Session", "all_proposals"]


def all_proposals(groups: Iterable[SpellingGroup]) -> tuple[Change, ...]:
    """Return the changes that take the proposal of every group."""
    return without_chains(_change(one, one.proposal) for one in groups)


def _change(group: SpellingGroup, to: str) -> Change:
    return Change(tuple(one.value for one in group.spellings if one.value != to), to)


@dataclass(frozen=True, slots=True)
class _State:
    """Where a session stands: the groups still to come, the first being asked about, and what was decided."""

    ahead: tuple[SpellingGroup, ...]
    decided: tuple[Change, ...] = ()


class Session:
    """A walk through groups; every answer can be taken back, the last first. Nothing is written here."""

    def __init__(self, groups: Sequence[SpellingGroup]) -> None:
        self.total = len(groups)
        self._states = [_State(tuple(groups))]

    @property
    def _state(self) -> _State:
        return self._states[-1]

    @property
    def current(self) -> SpellingGroup | None:
        """The group to be decided now; None at the end."""
        return self._state.ahead[0] if self._state.ahead else None

    @property
    def left(self) -> int:
        """How many groups are still to be decided."""
        return len(self._state.ahead)

    @property
    def decided(self) -> tuple[Change, ...]:
        """What was decided so far, in the order of the answers."""
        return self._state.decided

    def take(self, to: str | None = None, *, without: Collection[int] = ()) -> None:
        """Let every spelling of the group become `to`, a spelling of it or another text; else the proposal.

        Those at the places `without` (from 0) stay as they are.
        """
        whole = self._group()
        group = replace(whole, spellings=tuple(o for place, o in enumerate(whole.spellings) if place not in without))
        change = _change(group, group.proposal if to is None else to)
        self._states.append(_State(self._state.ahead[1:], (*self._state.decided, change)))

    def skip(self) -> None:
        """Leave the group as it is."""
        self._group()
        self._states.append(replace(self._state, ahead=self._state.ahead[1:]))

    def split_out(self, places: Collection[int]) -> bool:
        """Take the spellings at these places (from 0) out of the group, which is asked about again.

        What is left must be two spellings at least, else nothing is done; return whether it was.
        """
        group = self._group()
        kept = tuple(one for place, one in enumerate(group.spellings) if place not in places)
        if len(kept) < 2 or len(kept) == len(group.spellings):
            return False
        self._states.append(replace(self._state, ahead=(replace(group, spellings=kept), *self._state.ahead[1:])))
        return True

    def back(self) -> bool:
        """Take the last answer back; return whether there was one."""
        if len(self._states) > 1:
            self._states.pop()
            return True
        return False

    def changes(self) -> tuple[Change, ...]:
        """Return what was decided; raises `RecipeError` where decisions lead in a circle."""
        return without_chains(self._state.decided)

    def _group(self) -> SpellingGroup:
        if self.current is None:
            raise IndexError("every group is decided")
        return self.current
