"""The review on a plain terminal: a line in, a pair out. It needs no colour and no cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.cells import cell
from crm_cli.commands.kit import Crm
from crm_cli.errors import ExitCode

if TYPE_CHECKING:
    from crm_cli.jobs.matching import Candidate, Review, Waterfall

__all__ = ["LineReview"]

_KEYS = {"y": "duplicate", "n": "different", "h": "same_household", "c": "same_company", "r": "related"}
_QUESTION = "same? [y]es [n]o [h]ousehold [c]ompany [r]elated [s]kip [u]ndo [w]hy [q]uit"
_HELP = (
    "y  they are the same: merge them later\nn  they are different: never propose them again\n"
    "h  different, in one household\nc  different, in one company\nr  different, otherwise related\n"
    "s  skip the pair for now\nu  take the last answer back\nw  show every comparison\nq  stop; go on another day"
)


class LineReview:
    """Shows the pairs of a review and asks, until none is left, `limit` are done, or the person stops."""

    def __init__(self, crm: Crm, session: Review, limit: int | None) -> None:
        self.crm, self.session, self.limit = crm, session, limit

    def run(self) -> ExitCode:
        """Review; return the code to end with."""
        shown = None
        while not self._is_enough() and (pair := self.session.current()) is not None:
            if pair is not shown:
                self._show(pair)
                shown = pair
            answer = self.crm.console.ask(_QUESTION, flag="crm dedupe decide").casefold()[:1]
            if answer == "q":
                break
            if self._act(pair, answer):
                shown = None
        self._sum_up()
        return ExitCode.DONE

    def _is_enough(self) -> bool:
        return self.limit is not None and sum(self.session.counts.values()) >= self.limit

    def _act(self, pair: Candidate, answer: str) -> bool:
        """Do what was answered; return whether the pair is to be shown again, or another one."""
        if answer in _KEYS:
            self.session.decide(pair, _KEYS[answer])
        elif answer == "s":
            self.session.skip()
        elif answer == "u":
            if not self.session.back():
                self.crm.console.note("there is no answer to take back")
                return False
            self.crm.console.note("the last answer was taken back")
        elif answer == "w":
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

    def _sum_up(self) -> None:
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
