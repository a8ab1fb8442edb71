"""Deciding about spellings on a full screen: a group at a time, keys to say which is right.

It does what `lines.py` does for a plain terminal; what the answers mean is `jobs.values.Session`. Values are shown as
texts without markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Input, Static

from crm_cli.cells import cell
from crm_cli.errors import CrmError

if TYPE_CHECKING:
    from crm_cli.jobs.values import Change, Session
    from crm_cli.spellings import SpellingGroup

__all__ = ["ValuesScreen", "run_screen"]

_BAR, _LATEST = 20, 4
_HELP = (
    "Enter  the spelling under the cursor is right for all that are marked ✓   1-9 the spelling of this number is\n"
    "space  take the spelling under the cursor out of the group, or in again   w write another that is right\n"
    "b none is right: clear the field   s leave the group as it is   u take the last answer back\n"
    "q stop; what was decided is kept, and shown before it is done"
)


class ValuesScreen(App[None]):
    """Shows the groups of a session one after the other, until none is left or the person stops."""

    TITLE = "crm values decide"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #title { height: 1; padding: 0 1; }
    #group { height: 1fr; }
    #latest { height: 5; border-top: solid $primary; padding: 0 1; }
    #progress { height: 1; padding: 0 1; }
    #help { height: auto; padding: 0 1; display: none; }
    #other { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take_here", "right", show=False),
        *(Binding(str(place), f"take({place - 1})", "right", show=False) for place in range(1, 10)),
        Binding("space", "leave_out", "in/out"),
        Binding("w", "write", "write"),
        Binding("b", "clear", "clear"),
        Binding("s", "skip", "skip"),
        Binding("u", "take_back", "undo"),
        Binding("question_mark", "help", "keys"),
        Binding("q", "quit", "stop"),
        Binding("escape", "forget", "back", show=False),
    ]

    def __init__(self, session: Session, field: str) -> None:
        super().__init__()
        self.session, self.field = session, field
        self.left_out: set[int] = set()

    def compose(self) -> ComposeResult:
        """Title, the spellings of the group, the latest answers, progress, keys."""
        yield Static(id="title", markup=False)
        yield _Spellings(id="group", cursor_type="row")
        yield Input(id="other", placeholder="what is right, then Enter; Escape goes back")
        yield Static(id="latest", markup=False)
        yield Static(_HELP, id="help", markup=False)
        yield Static(id="progress", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Show the first group."""
        self._next()

    # --- what the keys do ---------------------------------------------------------------------------------------------

    def action_take_here(self) -> None:
        """Let the spelling under the cursor be right for all that are marked."""
        self.action_take(self._table.cursor_row)

    def action_take(self, place: int) -> None:
        """Let the spelling at `place` be right for all that are marked."""
        group = self.session.current
        if group is not None and 0 <= place < len(group.spellings):
            self.left_out.discard(place)
            self._answer(group.spellings[place].value)

    def action_leave_out(self) -> None:
        """Take the spelling under the cursor out of the group, or in again; two stay at least."""
        group, place = self.session.current, self._table.cursor_row
        if group is None:
            return
        left_out = self.left_out ^ {place}
        if len(group.spellings) - len(left_out) < 2:
            self.notify("two spellings stay at least; s leaves the group as it is")
            return
        self.left_out = left_out
        self._show(group, at=place)

    def action_write(self) -> None:
        """Ask for another spelling."""
        field = self.query_one("#other", Input)
        field.styles.display = "block"
        field.value = ""
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Let what was written be right for all that are marked."""
        text = event.value.strip()
        self.action_forget()
        if text:
            self._answer(text)

    def action_forget(self) -> None:
        """Close the line for another spelling."""
        self.query_one("#other", Input).styles.display = "none"
        self._table.focus()

    def action_clear(self) -> None:
        """Let the field be cleared where it holds one of the marked spellings."""
        self._answer("")

    def action_skip(self) -> None:
        """Leave the group as it is."""
        self.session.skip()
        self._next()

    def action_take_back(self) -> None:
        """Take the last answer back, and return to its group."""
        if self.session.back():
            self._next()
        else:
            self.notify("there is no answer to take back")

    def action_help(self) -> None:
        """Show or hide what all the keys do."""
        pane = self.query_one("#help", Static)
        pane.styles.display = "block" if pane.styles.display == "none" else "none"

    # --- what is shown ------------------------------------------------------------------------------------------------

    @property
    def _table(self) -> DataTable[Text]:
        return self.query_one("#group", _Spellings)

    def _answer(self, to: str) -> None:
        self.session.take(to, without=self.left_out)
        self._next()

    def _next(self) -> None:
        self.left_out = set()
        group = self.session.current
        if group is None:
            self.exit()
            return
        self._show(group)
        self.query_one("#latest", Static).update(_latest(self.session))
        self.query_one("#progress", Static).update(_progress(self.session))

    def _show(self, group: SpellingGroup, at: int = 0) -> None:
        number = self.session.total - self.session.left + 1
        title = Text(f"group {number} of {self.session.total}", style="bold")
        title.append(f"   {self.field} of {group.count} records   by {', '.join(group.methods)}")
        self.query_one("#title", Static).update(title)
        table = self._table
        table.clear(columns=True)
        for heading, width in (("", 1), ("", 3), ("records", 8), ("spelling", max(20, self.size.width - 24))):
            table.add_column(heading, width=width)
        for place, one in enumerate(group.spellings):
            out = place in self.left_out
            style = "dim strike" if out else ("bold green" if place == 0 else "")
            mark = Text("" if out else "✓", style="green")
            table.add_row(mark, Text(str(place + 1)), Text(f"{one.count:>8}"), Text(cell(one.value), style=style))
        table.move_cursor(row=at)
        table.focus()


class _Spellings(DataTable[Text]):
    """A table that leaves Enter to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "app.take_here", "right")]


def _latest(session: Session) -> Text:
    text = Text("decided", style="bold")
    for change in session.decided[: -_LATEST - 1 : -1]:
        text.append(f"\n{' | '.join(cell(one) for one in change.from_)}", style="dim")
        text.append(f" → {cell(change.to)}" if change.to else " → (cleared)")
    return text


def _progress(session: Session) -> Text:
    filled = round((session.total - session.left) / session.total * _BAR)
    text = Text("█" * filled, style="green")
    text.append("░" * (_BAR - filled), style="dim")
    text.append(f" {session.left} left; {len(session.decided)} decided")
    return text


def run_screen(session: Session, field: str) -> tuple[Change, ...]:
    """Decide on the full screen of this terminal; return what was decided.

    Raises `RecipeError` where decisions lead in a circle, `CrmError` when the screen breaks.
    """
    screen = ValuesScreen(session, field)
    screen.run()
    if screen.return_code:  # Textual has shown the traceback, and raises nothing
        hint = "nothing was changed; crm values decide --line asks line by line"
        raise CrmError("the screen broke, as shown above: a defect of this program", hint=hint)
    return session.changes()
