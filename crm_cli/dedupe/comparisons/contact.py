"""E-mail addresses, numbers, web addresses."""

from __future__ import annotations

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Ints, Levels
from crm_cli.dedupe.comparisons.base import Comparison, Grader
from crm_cli.dedupe.comparisons.spelling import Spelling
from crm_cli.dedupe.encoding import codes_of
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.words import FREE_MAIL

__all__ = ["EmailAddress", "Identifier", "PhoneNumber", "WebAddress"]


class EmailAddress(Comparison):
    """E-mail addresses: the part before the @, else the same company's domain."""

    kind = Kind.EMAIL
    usual_chance = 0.00001
    labels = ("different", "same company domain", "similar name part", "nearly the same name part", "equal")

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        parts = values.str.split_exact("@", 1)
        domain = parts.struct.field("field_1")
        _, domains = codes_of(domain.set(domain.is_in(list(FREE_MAIL)).fill_null(value=True), None))
        users = Spelling(parts.struct.field("field_0"))

        def grade(a: Ints, b: Ints) -> Levels:
            level = np.where((domains[a] == domains[b]) & (domains[a] >= 0), 2, 1).astype(np.uint8)
            similarity = users.jaro_winkler(a, b, 0.88)
            level[similarity >= 0.88] = 3
            level[similarity >= 0.95] = 4
            return level

        return grade


class PhoneNumber(Comparison):
    """Telephone numbers: the last digits, with one or two slips."""

    kind = Kind.PHONE
    usual_chance = 0.00001
    labels = ("different", "two digits differ", "one digit differs", "equal")

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        spelling = Spelling(values)

        def grade(a: Ints, b: Ints) -> Levels:
            distance = spelling.edits(a, b, 2)
            return (1 + (distance <= 2) + (distance <= 1)).astype(np.uint8)

        return grade


class Identifier(PhoneNumber):
    """Numbers that one person or organization has, in every source the same."""

    kind = Kind.IDENTIFIER
    usual_chance = 0.00001
    labels = ("different", "two characters differ", "one character differs", "equal")


class WebAddress(Comparison):
    """Web addresses: the host, then the whole."""

    kind = Kind.WEB
    usual_chance = 0.0001
    labels = ("different", "similar host", "same host", "equal")

    def grader(self, values: pl.Series) -> Grader:
        """See the levels in `labels`."""
        host = values.str.replace(r"/.*$", "")
        spelling, (_, hosts) = Spelling(host), codes_of(host)

        def grade(a: Ints, b: Ints) -> Levels:
            level = (1 + (spelling.jaro_winkler(a, b, 0.85) >= 0.85)).astype(np.uint8)
            level[hosts[a] == hosts[b]] = 3
            return level

        return grade
