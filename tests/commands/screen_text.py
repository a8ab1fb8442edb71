"""A Textual screen as plain text, for tests: Textual itself offers only pictures of one."""

from __future__ import annotations

from typing import Any

from textual.app import App


def text_of(screen: App[Any]) -> str:
    """The screen line by line, and below it what it notifies of."""
    strips = screen.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
    return "\n".join([*lines, *(one.message for one in screen._notifications)])
