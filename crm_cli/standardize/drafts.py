"""A draft: one value on its way to its standard form, with the rules that changed it and the issues found."""

from __future__ import annotations

from crm_cli.standardize.values import EMPTY, NO_PARTS, Context, Issue, Standard

__all__ = ["Draft"]


class Draft:
    """Collects what the rules of one standardizer do to one value."""

    __slots__ = ("context", "issues", "parts", "rules", "value")

    def __init__(self, value: str, context: Context) -> None:
        self.value = value
        self.context = context
        self.parts: dict[str, str] = {}
        self.issues: list[Issue] = []
        self.rules: list[str] = []

    def change(self, code: str, value: str) -> bool:
        """Take `value` as the new form if that is a change and the rule may run; return whether it was taken."""
        if value == self.value or not self.context.allows(code):
            return False
        self.value = value
        if code not in self.rules:
            self.rules.append(code)
        return True

    def flag(self, code: str, message: str, *, unknown: bool = False) -> None:
        """Note an issue, unless the check is switched off; that a value is not understood is always noted."""
        if unknown or self.context.allows(code):
            self.issues.append(Issue(code, message, unknown))

    def part(self, name: str, value: str | None) -> None:
        """Note a named piece of the value, unless it is blank."""
        if value:
            self.parts[name] = value

    def done(self) -> Standard:
        """Return the outcome."""
        if not self.value and not self.issues and not self.rules:
            return EMPTY
        return Standard(self.value or None, self.parts or NO_PARTS, tuple(self.issues), tuple(self.rules))

    def unknown(self, code: str, message: str, *, keep: bool = True) -> Standard:
        """Return the outcome of a value that was not understood: as tidied so far, or None when not `keep`."""
        self.flag(code, message, unknown=True)
        if not keep:
            self.value = ""
        return self.done()
