"""The Textual application of the review screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Footer, Static

from crm_cli.commands.dedupe.screen import drawing
from crm_cli.errors import CrmError
from crm_cli.jobs.matching import Choices

if TYPE_CHECKING:
    from crm_cli.jobs.matching import Board, Candidate, Review, Waterfall

__all__ = ["ReviewScreen", "run_screen"]

_MARK, _FIELD, _LEAST = 1, 16, 14  # characters of the first columns, and the least of a record's
_HELP = (
    "y same   Y the whole cluster is the same   n different   h one household   c one company   r otherwise related\n"
    "s skip   u take the last answer back   ↑ ↓ a field   1-8 whose value survives   0 as the rules say\n"
    "f which record survives   q stop; what was answered is kept"
)
Localize = Callable[[datetime], datetime]


class ReviewScreen(App[None]):
    """Shows the pairs of a review one after the other, until none is left, `limit` are done, or the person stops."""

    TITLE = "crm dedupe review"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #title { height: 1; padding: 0 1; }
    #board { height: 3fr; }
    #panes { height: 2fr; border-top: solid $primary; }
    #panes VerticalScroll { width: 1fr; padding: 0 1; }
    #why { border-left: solid $primary; }
    #progress { height: 1; padding: 0 1; }
    #help { height: auto; padding: 0 1; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "decide('duplicate')", "same"),
        Binding("n", "decide('different')", "different"),
        Binding("h", "decide('same_household')", "household"),
        Binding("c", "decide('same_company')", "company"),
        Binding("r", "decide('related')", "related", show=False),
        Binding("Y", "decide_all", "all same", show=False),
        Binding("s", "skip", "skip"),
        Binding("u", "take_back", "undo"),
        Binding("f", "survivor", "survivor"),
        *(Binding(str(place), f"take({place})", "take", show=False) for place in range(9)),
        Binding("question_mark", "help", "keys"),
        Binding("q", "quit", "stop"),
    ]

    def __init__(self, review: Review, localize: Localize, limit: int | None = None) -> None:
        super().__init__()
        self.review, self.localize, self.limit = review, localize, limit
        self.failure: CrmError | None = None  # why it ended early
        self.pair: Candidate | None = None
        self.board: Board | None = None
        self.choices = Choices()

    def compose(self) -> ComposeResult:
        """Title, the cluster side by side, where the values come from beside why, progress, keys."""
        yield Static(id="title", markup=False)
        yield DataTable[Text](id="board", cursor_type="row", zebra_stripes=False)
        with Horizontal(id="panes"):
            with VerticalScroll(can_focus=False):
                yield Static(id="origin", markup=False)
            with VerticalScroll(id="why", can_focus=False):
                yield Static(id="bars", markup=False)
        yield Static(_HELP, id="help", markup=False)
        yield Static(id="progress", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Show the first pair."""
        self._next()

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        if self.board is not None:
            self._show_board()

    # --- what the keys do ---------------------------------------------------------------------------------------------

    def action_decide(self, verdict: str) -> None:
        """Store the verdict on the pair, and go on."""
        if self.pair is not None and self._done(lambda pair: self.review.decide(pair, verdict, self.choices)):
            self._next()

    def action_decide_all(self) -> None:
        """Store that all records of the cluster that are shown are the same, and go on."""
        board = self.board
        if board is not None and self._done(lambda _: self.review.decide_all(board.members, self.choices)):
            self._next()

    def action_skip(self) -> None:
        """Leave the pair for another time."""
        if self.pair is not None:
            self.review.skip()
            self._next()

    def action_take_back(self) -> None:
        """Take the last answer back, and return to its pair."""
        try:
            taken_back = self.review.back()
        except CrmError as fault:
            self._warn(fault)
            return
        if taken_back:
            self._next()
        else:
            self.notify("there is no answer to take back")

    def action_take(self, place: int) -> None:
        """Let the value of the record at `place` survive in the field under the cursor; 0 as the rules say."""
        table = self.query_one("#board", DataTable)
        if self.board is None or self.pair is None or place > len(self.board.members):
            return
        line = self.board.lines[table.cursor_row]
        if not line.is_choosable:
            self.notify(f"{line.field.replace('_', ' ')}: all values are kept, or they do not differ", markup=False)
            return
        taken = {name: number for name, number in self.choices.taken.items() if name != line.name}
        if place:
            taken[line.name] = self.board.members[place - 1]
        self._choose(replace(self.choices, taken=taken))

    def action_survivor(self) -> None:
        """Let the next record of the cluster survive."""
        if self.board is not None:
            members = self.board.members
            following = members[(members.index(self.board.survivor) + 1) % len(members)]
            self._choose(replace(self.choices, survivor=following))

    def action_help(self) -> None:
        """Show or hide what all the keys do."""
        pane = self.query_one("#help", Static)
        pane.styles.display = "block" if pane.styles.display == "none" else "none"

    def on_data_table_row_highlighted(self) -> None:
        """Show where the values of the field under the cursor come from."""
        self._show_origins()

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _next(self) -> None:
        self.choices = Choices()
        enough = self.limit is not None and sum(self.review.counts.values()) >= self.limit
        try:
            self.pair = None if enough else self.review.current()
            self.board = None if self.pair is None else self.review.board(self.pair)
        except CrmError as fault:  # somebody writes at length, the database is gone: what was answered is kept
            self.failure, self.pair = fault, None
        if self.pair is None:
            self.exit()
            return
        self._show_board(fresh=True)
        self.query_one("#bars", Static).update(drawing.bars(self._waterfall(self.pair)))
        self.query_one("#progress", Static).update(drawing.progress(self.review))

    def _choose(self, choices: Choices) -> None:
        if self.pair is not None:
            self.choices = choices
            self.board = self.review.board(self.pair, choices)
            self._show_board()

    def _show_board(self, *, fresh: bool = False) -> None:
        board, pair = self.board, self.pair
        if board is None or pair is None:
            return
        table = self.query_one("#board", DataTable)
        at = 0 if fresh else table.cursor_row
        members = len(board.members)
        width = max(_LEAST, (self.size.width - _MARK - _FIELD - 2 * (members + 2) - 2) // members)
        table.clear(columns=True)
        table.add_column("", width=_MARK)
        table.add_column("field", width=_FIELD)
        for heading in drawing.headings(board):
            table.add_column(heading, width=width)
        for line in board.lines:
            table.add_row(*drawing.row(line, members, width))
        table.move_cursor(row=min(at, len(board.lines) - 1))
        self.query_one("#title", Static).update(drawing.title(self.review, pair, board))
        self._show_origins()

    def _show_origins(self) -> None:
        table = self.query_one("#board", DataTable)
        if self.board is not None and 0 <= table.cursor_row < len(self.board.lines):
            shown = drawing.origins(self.board.lines[table.cursor_row], self.board, self.localize)
            self.query_one("#origin", Static).update(shown)

    def _waterfall(self, pair: Candidate) -> Waterfall | None:
        try:
            return self.review.waterfall(pair)
        except CrmError as fault:
            self._warn(fault)
            return None

    def _done(self, work: Callable[[Candidate], object]) -> bool:
        """Do what was asked; when it cannot be done now the pair stays, and the reason is shown."""
        if self.pair is None:
            return False
        try:
            work(self.pair)
        except CrmError as fault:
            self._warn(fault)
            return False
        return True

    def _warn(self, fault: CrmError) -> None:
        self.notify(f"{fault.message} ({fault.hint})", severity="error", markup=False)


def run_screen(review: Review, localize: Localize, limit: int | None = None) -> None:
    """Review on the full screen of this terminal; returns when the person stops or nothing is left.

    Raises what kept it from going on, such as `LockedError` while somebody else writes at length.
    """
    screen = ReviewScreen(review, localize, limit)
    try:
        screen.run()
    finally:
        review.close()
    if screen.failure is not None:
        raise screen.failure
    if screen.return_code:  # Textual has shown the traceback, and raises nothing
        hint = "what was answered is kept; crm dedupe review --line goes on by lines"
        raise CrmError("the review screen broke, as shown above: a defect of this program", hint=hint)
