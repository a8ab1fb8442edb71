"""Addresses that differ in their numbers alone are read once.

usaddress looks at a number by its length and by the zeros at its end, never at its other digits
(`usaddress.tokenFeatures`); so "120 Main St Apt 4" and "350 Main St Apt 7" get the same labels, and their standard
forms differ only in the numbers. What was read once is kept as a template with places for numbers. A test compares
templates with readings one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from crm_cli.standardize.values import NO_PARTS, Standard

__all__ = ["AddressTemplates"]

# A number that is a word of its own, as usaddress cuts words: other digits ("4B", "12-A", "1/2") stand as they are.
_split_numbers = re.compile(r"(?<![^ #,;])([0-9]+)(?![^ ,;#])").split
_digits = re.compile(r"[0-9]+").findall
_REMEMBERED = 50_000
_LONGEST_TEXT = 80
_NINES = "9" * _LONGEST_TEXT


class _Template(NamedTuple):
    """A standard form with `%s` for each number; parts, and which of them are numbers or hold some."""

    value: str
    parts: Mapping[str, str]
    numbers: tuple[tuple[str, int], ...]
    texts: tuple[tuple[str, str, tuple[int, ...]], ...]
    rules: tuple[str, ...]

    def fill(self, numbers: list[str]) -> Standard:
        parts: Mapping[str, str] = self.parts
        if self.numbers or self.texts:
            parts = filled = dict(parts)
            for name, place in self.numbers:
                filled[name] = numbers[place]
            for name, text, places in self.texts:
                filled[name] = text % tuple([numbers[place] for place in places])
        return Standard(self.value % tuple(numbers), parts, (), self.rules)


class AddressTemplates:
    """Reads addresses by `read`, and those that differ from one read before in numbers alone by its template."""

    def __init__(self, read: Callable[[str], Standard]) -> None:
        self._read = read
        self._known: dict[str, _Template] = {}

    def known(self, text: str) -> Standard | None:
        """Return what `read` returns for `text`, if one like it was read before; None if it must be read."""
        shape, numbers = _shaped(text)
        template = self._known.get(shape)
        return None if template is None else template.fill(numbers)

    def read(self, text: str) -> Standard:
        """Return what `read` returns for `text`, which is one tidy line of ASCII."""
        shape, numbers = _shaped(text)
        known = self._known.get(shape)
        if known is not None:
            return known.fill(numbers)
        standard = self._read(text)
        template = _template(standard, numbers) if len(text) <= _LONGEST_TEXT else None
        if template is not None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[shape] = template
        return standard


def _shaped(text: str) -> tuple[str, list[str]]:
    """Return the text with nines for the digits that usaddress does not look at, and its numbers."""
    pieces = _split_numbers(text)
    numbers = pieces[1::2]
    for place, number in enumerate(numbers):
        counted = number.rstrip("0")
        pieces[2 * place + 1] = _NINES[: len(counted)] + number[len(counted) :]
    return "".join(pieces), numbers


def _template(standard: Standard, numbers: list[str]) -> _Template | None:
    """Return the template of what was read; None where it is not certain which number stands where."""
    if standard.issues or standard.value is None or len(set(numbers)) < len(numbers):
        return None
    pieces = _split_numbers(standard.value)
    if pieces[1::2] != numbers or any(one in numbers for text in pieces[::2] for one in _digits(text)):
        return None
    alone: list[tuple[str, int]] = []
    within: list[tuple[str, str, tuple[int, ...]]] = []
    for name, text in standard.parts.items():
        around = _split_numbers(text)
        found = around[1::2]
        if any(one not in numbers for one in found):
            return None
        if text in numbers:
            alone.append((name, numbers.index(text)))
        elif found:
            within.append((name, _with_places(around), tuple(numbers.index(one) for one in found)))
    return _Template(
        _with_places(pieces), standard.parts or NO_PARTS, tuple(alone), tuple(within), standard.rules
    )  # fmt: skip


def _with_places(pieces: list[str]) -> str:
    return "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
