"""The review as a full screen: a cluster side by side, why, where each value comes from, and keys to decide.

`run_screen` shows it; `app.py` is the Textual application, `drawing.py` says what stands in its panes, as plain text
with styles that no customer value can reach. What the keys do is `jobs.matching.Review`; a dumb terminal has the same
by lines (`reviewing.py`).
"""

from crm_cli.commands.dedupe.screen.app import ReviewScreen, run_screen

__all__ = ["ReviewScreen", "run_screen"]
