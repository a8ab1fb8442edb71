"""Deciding about spellings on a plain terminal: a line in, a group out. It needs no colour and no cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.cells import cell
from crm_cli.commands.kit import Crm

if TYPE_CHECKING:
    from crm_cli.jobs.values import Change, Session
    from crm_cli.spellings import SpellingGroup

__all__ = ["LineDecisions"]

_QUESTION = "[t]ake 1, a number, [w]rite another, [b]lank, [s]kip, [x] split out, [u]ndo, [q]uit"
_HELP = (
    "t, or Enter   the first spelling is right\n2             the second is right\nw Köln        this is right: Köln\n"
    "b             none is right: clear the field\ns             leave the group as it is\n"
    "x 2 3         the second and third are something else: take them out of the group\n"
    "u             take the last answer back\nq             stop; what was decided is kept"
)


class LineDecisions:
    """Shows the groups of a session and asks, until none is left or the person stops."""

    def __init__(self, crm: Crm, session: Session) -> None:
        self.crm, self.session = crm, session

    def run(self) -> tuple[Change, ...]:
        """Ask; return what was decided. Raises `RecipeError` where decisions lead in a circle."""
        shown = None
        while (group := self.session.current) is not None:
            if group is not shown:
                self._show(group)
                shown = group
            answer = self.crm.console.ask(_QUESTION, flag="--take-all")
            if answer.casefold() in ("q", "quit"):
                break
            if self._act(group, answer):
                shown = None
        return self.session.changes()

    def _show(self, group: SpellingGroup) -> None:
        number = self.session.total - self.session.left + 1
        lines = [f"group {number} of {self.session.total}, by {', '.join(group.methods)}"]
        lines += [f"{place}  {cell(one.value)}  ({one.count})" for place, one in enumerate(group.spellings, start=1)]
        self.crm.console.note("\n".join(lines))

    def _act(self, group: SpellingGroup, answer: str) -> bool:
        """Do what was answered; return whether the group is done with, or changed."""
        key, _, rest = answer.partition(" ")
        key, rest = key.casefold(), rest.strip()
        if key in ("", "t"):
            self.session.take()
        elif key.isdecimal() and 0 < int(key) <= len(group.spellings):
            self.session.take(group.spellings[int(key) - 1].value)
        elif key == "w" and rest:
            self.session.take(rest)
        elif key == "b":
            self.session.take("")
        elif key == "s":
            self.session.skip()
        else:
            return self._act_otherwise(key, rest)
        return True

    def _act_otherwise(self, key: str, rest: str) -> bool:
        if key == "u":
            if self.session.back():
                return True
            self.crm.console.note("there is no answer to take back")
        elif key == "x" and rest:
            places = {int(word) - 1 for word in rest.replace(",", " ").split() if word.isdecimal()}
            if self.session.split_out(places):
                return True
            self.crm.console.note("at least one spelling goes and two stay; s leaves the group as it is")
        else:
            self.crm.console.note(_HELP)
        return False
