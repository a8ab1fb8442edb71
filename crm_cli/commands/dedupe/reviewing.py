"""The review on a plain terminal: a line in, a pair out. It needs no colour and no cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crm_cli.cells import cell
from crm_cli.commands.kit import Crm
from crm_cli.commands.times import local
from crm_cli.errors import ExitCode
from crm_cli.jobs.decisions import Choices, Pair

if TYPE_CHECKING:
    from crm_cli.jobs.matching import Board, Candidate, Review, Waterfall

__all__ = ["LineReview"]

_KEYS = {"y": "duplicate", "n": "different", "h": "same_household", "c": "same_company", "r": "related"}
_QUESTION = "same? [y]es [n]o [h]ousehold [c]ompany [r]elated [s]kip [u]ndo [w]hy [o]rigins [t]ake [q]uit"
_OF_CLUSTERS = frozenset("aot")
_HELP = (
    "y  they are the same: merge them later\nn  they are different: never propose them again\n"
    "h  different, in one household\nc  different, in one company\nr  different, otherwise related\n"
    "a  all records of the cluster are the same\ns  skip the pair for now\nu  take the last answer back\n"
    "w  show every comparison\no  show the whole cluster: who gave each value, and when it was confirmed\n"
    "t  say what survives, such as: t job_title=42, or t survivor=42\nq  stop; go on another day"
)


class LineReview:
    """Shows the pairs of a review and asks, until none is left, `limit` are done, or the person stops."""

    def __init__(self, crm: Crm, session: Review, limit: int | None) -> None:
        self.crm, self.session, self.limit = crm, session, limit
        self.choices = Choices()

    def run(self) -> ExitCode:
        """Review; return the code to end with."""
        try:
            self._ask()
        finally:
            self.session.close()
        self.sum_up()
        return ExitCode.DONE

    def _ask(self) -> None:
        shown: Pair | None = None
        while not self._is_enough() and (pair := self.session.current()) is not None:
            if pair.pair != shown:
                self.choices = Choices()
                self._show(pair)
                shown = pair.pair
            answer = self.crm.console.ask(_QUESTION, flag="crm dedupe decide")
            if answer[:1].casefold() == "q":
                return
            if self._act(pair, answer):
                shown = None

    def _is_enough(self) -> bool:
        return self.limit is not None and sum(self.session.counts.values()) >= self.limit

    def _act(self, pair: Candidate, answer: str) -> bool:
        """Do what was answered; return whether the pair is to be shown again, or another one."""
        key = answer[:1].casefold()
        if key in _KEYS:
            self.session.decide(pair, _KEYS[key], self.choices)
        elif key in _OF_CLUSTERS and not self.session.has_boards:
            self.crm.console.note("records of two entities are linked, not merged: nothing is to be chosen")
            return False
        elif key == "a":
            self.session.decide_all(self.session.board(pair).members, self.choices)
        elif key in ("o", "t"):
            self._choose(pair, answer[1:]) if key == "t" else self._show_board(self.session.board(pair, self.choices))
            return False
        elif key == "s":
            self.session.skip()
        elif key == "u":
            if not self.session.back():
                self.crm.console.note("there is no answer to take back")
                return False
            self.crm.console.note("the last answer was taken back")
        elif key == "w":
            self._show_why(self.session.waterfall(pair))
            return False
        else:
            self.crm.console.note(_HELP)
            return False
        return True

    def _show(self, pair: Candidate) -> None:
        console = self.crm.console
        classes = [f"{name} {value:.2f}" for name, value in pair.classes.items() if name != "match" and value >= 0.05]
        others = f" ({', '.join(classes)})" if classes else ""
        console.line(
            f"\npair {self.session.place + 1} of {self.session.total}: probability {pair.probability:.3f}{others}"
        )
        console.show(
            [
                {"field": one.field, " ": one.mark, "left": one.left, "right": one.right}
                for one in self.session.card(pair)
            ]
        )
        if pair.rule:
            console.line(f"rule: {cell(pair.rule)}")
        if pair.waterfall is not None:
            console.line(_in_short(pair.waterfall))

    def _show_why(self, waterfall: Waterfall | None) -> None:
        from crm_cli.commands.dedupe.finding import show_waterfall

        if waterfall is None:
            self.crm.console.note("they have nothing that could be compared")
        else:
            show_waterfall(self.crm, waterfall)

    def _choose(self, pair: Candidate, said: str) -> None:
        """Take `FIELD=ID`: whose value survives, or with `survivor` which record."""
        name, _, number = (one.strip() for one in said.partition("="))
        board = self.session.board(pair, self.choices)
        line = next((one for one in board.lines if name in (one.field, one.name) and one.name), None)
        if not number.isdecimal() or int(number) not in board.members or not (line or name == "survivor"):
            members = ", ".join(map(str, board.members))
            self.crm.console.note(f"say FIELD=ID: a field that is shown, or survivor, and one of {members}")
            return
        if line is None:
            self.choices = replace(self.choices, survivor=int(number))
        else:
            self.choices = replace(self.choices, taken={**self.choices.taken, line.name: int(number)})
        self.crm.console.note(f"{name} of {number} survives, when they are merged")

    def _show_board(self, board: Board) -> None:
        console = self.crm.console
        console.line(f"\n{board.survivor} survives; of each field the value marked with >")
        rows = []
        for line in board.lines:
            for place, value in enumerate(line.values):
                if value:
                    origin = line.origins[place] if place < len(line.origins) else None
                    rows.append(
                        {
                            "field": line.field, " ": ">" if line.is_choosable and line.chosen == place else line.mark,
                            "record": board.members[place], "value": value,
                            "from": origin.given_by if origin else "",
                            "confirmed": f"{local(self.crm, origin.confirmed_at):%Y-%m-%d}" if origin else "",
                        }
                    )  # fmt: skip
        console.show(rows)
        if board.left_out:
            console.note(f"{board.left_out} more records are in the cluster")

    def sum_up(self) -> None:
        """Say what was decided, what is left, and how to go on."""
        counts = self.session.counts
        done = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items()) if count > 0)
        left = max(self.session.total - self.session.place, 0)
        self.crm.console.note(f"{done or 'nothing decided'}; {left} of {self.session.total} pairs left")
        if (step := self.session.next_step()) is not None:
            self.crm.console.next_step(step)


def _in_short(waterfall: Waterfall) -> str:
    """The reasons in one line, the weightiest first."""
    told = sorted((one for one in waterfall.steps if one.bits), key=lambda one: -abs(one.bits))
    parts = [f"{cell(one.comparison.replace('_', ' '))} {cell(one.level)} {one.bits:+.1f}" for one in told[:6]]
    return f"why (bits): {', '.join(parts)}" if parts else "why: nothing that could be compared"
