"""Tell persons from organizations where one table holds both, so that each kind is matched by a model of its own.

What identifies a person (given name, birth date) an organization lacks, and what colleagues share is what two records
of one organization share. One model for both takes firms for colleagues of nobody, and the owner for the firm.

Where given and family names have columns of their own, the columns tell: a row without them that has a company is an
organization. In a single column of names the words tell: legal forms and words of companies on one side, known given
names on the other. What carries neither is judged by what the others teach – words, number of words, which further
columns are filled – by a naive Bayes classifier. A table is split only where both kinds are many and the evidence is no
chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Floats, Ints
from crm_cli.dedupe.cleaning import words_of
from crm_cli.dedupe.plan import PlannedColumn
from crm_cli.dedupe.table import MatchTable
from crm_cli.dedupe.words import HONORIFICS, NICKNAMES
from crm_cli.dictionary.recognition import GIVEN_NAMES, Role, names_company
from crm_cli.standardize.name_words import SPANISH_GIVEN

__all__ = ["Mixture", "mixture_of"]

_FEWEST, _LEAST_SHARE = 100, 0.02  # of either kind; of fewer records little can be learned
_NO_CHANCE = 4.0  # so many times the rows that would lack all of a person's fields by chance
_SAMPLE = 4_000
_KNOWN = 0.15  # share of known given names in names of persons; a list of some hundred names knows as many anywhere
_LIFT = 3.0  # how much more of them names without a company's words hold than those with
_LONGEST_NAME = 4
_EVIDENCE = 2.0  # natural log odds, about 7 to 1
_SEEN = 2  # a word must occur so often to teach anything
_GIVEN = frozenset(GIVEN_NAMES) | SPANISH_GIVEN | frozenset(name for line in NICKNAMES for name in line)
_PERSON_NAMES = (Role.GIVEN_NAME, Role.FAMILY_NAME)
_PERSONAL = frozenset({Role.BIRTH_DATE, Role.BIRTH_YEAR, Role.GENDER, Role.MIDDLE_NAME})
_PERSON, _ORGANIZATION, _UNCLEAR = 0, 1, 2
_FIRST, _LAST, _BETWEEN, _ALONE = 1, 2, 3, 4


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Which records are organizations, the others being persons; `name`: the column, if one names both kinds."""

    organizations: Bools
    name: str | None = None


def mixture_of(table: MatchTable, plan: Sequence[PlannedColumn]) -> Mixture | None:
    """Tell persons from organizations; None where the table holds one kind only, or it cannot be said."""
    if table.rows < 2 * _FEWEST:
        return None
    names = _Names(table, plan)
    found = names.by_columns() if names.are_divided else names.by_words()
    if found is None:
        return None
    fewest = max(_FEWEST, _LEAST_SHARE * table.rows)
    return Mixture(found, names.name) if fewest <= int(found.sum()) <= table.rows - fewest else None


class _Names:
    """The columns of a table that name the records, and those that only persons have."""

    def __init__(self, table: MatchTable, plan: Sequence[PlannedColumn]) -> None:
        self.rows = table.rows
        self.columns = {each.name: each.values for each in table.columns if not each.several}
        self.plan = [each for each in plan if each.name in self.columns]
        self.divided = [self._best(role) for role in _PERSON_NAMES]
        self.company = self._best(Role.COMPANY)
        self.are_divided = any(self.divided)
        self.name = None if self.are_divided else self._best(Role.FULL_NAME) or self.company

    def _best(self, role: Role) -> str | None:
        """The best filled column of a role that takes part."""
        known = [each for each in self.plan if each.role is role and each.kind is not None]
        return max(known, key=lambda each: each.filled).name if known else None

    def filled(self, name: str) -> Bools:
        """Which records have a value in a column."""
        values = self.columns[name]
        return (values.str.strip_chars() != "").fill_null(value=False).to_numpy()

    def personal(self) -> list[Bools]:
        """Which records have a value in each of the columns that only persons have."""
        return [self.filled(each.name) for each in self.plan if each.role in _PERSONAL and each.kind is not None]

    def by_columns(self) -> Bools | None:
        """Organizations have a company and nothing of a person, or a company's name in place of a person's."""
        parts = [self.filled(name) for name in self.divided if name]
        personal = self.personal()
        of_person = np.logical_or.reduce([*parts, *personal])
        alone = np.zeros(self.rows, np.bool_)
        if self.company is not None:
            alone = self.filled(self.company) & ~of_person
            if int(alone.sum()) < _NO_CHANCE * _by_chance([*parts, *personal], of_person):
                alone[:] = False
        found = alone | (self._misplaced(parts) & ~np.logical_or.reduce([*personal, np.zeros(self.rows, np.bool_)]))
        return found if found.any() else None

    def _misplaced(self, parts: Sequence[Bools]) -> Bools:
        """Records with only one part of a person's name, which carries a company's words: `Schmidt GmbH`."""
        one = np.sum(parts, axis=0) == 1
        found = np.zeros(self.rows, np.bool_)
        for name, part in zip([name for name in self.divided if name], parts, strict=True):
            at = np.flatnonzero(one & part)
            found[at] = _marked(self.columns[name].gather(at))
        return found

    def by_words(self) -> Bools | None:
        """By the words of the one column that names the records."""
        if self.name is None:
            return None
        values = self.columns[self.name]
        personal = np.logical_or.reduce([*self.personal(), np.zeros(self.rows, np.bool_)])
        step = max(1, self.rows // _SAMPLE)
        if not _has_both(values.gather_every(step), personal[::step]):
            return None
        kinds = _seeds(values)
        kinds[personal] = _PERSON
        if self.company not in (None, self.name):
            kinds[~self.filled(self.name) & self.filled(str(self.company)) & (kinds != _PERSON)] = _ORGANIZATION
        # what persons were recognized by says nothing about those that were not: name and birth date are no evidence
        others = [
            self.filled(each.name)
            for each in self.plan
            if each.kind is not None and each.name != self.name and each.role not in _PERSONAL
        ]
        return _learned(values, others, kinds)


def _by_chance(parts: Sequence[Bools], of_person: Bools) -> float:
    """How many persons would have none of the fields, were they left blank independently of each other."""
    persons = max(int(of_person.sum()), 1)
    blank = float(np.prod([1 - part[of_person].mean() if len(part[of_person]) else 0.0 for part in parts]))
    return persons * blank / max(1 - blank, 1e-9)


def _marked(values: pl.Series) -> Bools:
    """Which names carry a legal form or a company's word."""
    return np.array([value is not None and names_company(value) for value in values.to_list()], np.bool_)


def _has_both(sample: pl.Series, personal: Bools) -> bool:
    """Whether names of organizations and of persons are among the values, and differ as these do.

    Firms that are called after their founders hold given names with and without a company's words alike.
    """
    filled = (sample.str.strip_chars() != "").fill_null(value=False).to_numpy()
    marked, person = _marked(sample)[filled], (_given(sample) | personal)[filled]
    least = _LEAST_SHARE * max(len(marked), 1)
    if marked.sum() < least or (person & ~marked).sum() < least:
        return False
    known, known_of_marked = float(person[~marked].mean()), float(person[marked].mean())
    return known >= max(_KNOWN, _LIFT * known_of_marked)


def _given(values: pl.Series) -> Bools:
    """Which texts are two to four words without figures of which a person's first is a known given name."""
    return np.array(
        [value is not None and _is_person(value) for value in words_of(_turned(values)).to_list()], np.bool_
    )


def _turned(values: pl.Series) -> pl.Series:
    """`Schmidt, Anna` to `Anna Schmidt`."""
    return values.str.replace(r"^\s*([^,]+),\s*([^,]+?)\s*$", "$2 $1")


def _is_person(text: str) -> bool:
    words = text.split(" ")
    titled = words[0] in HONORIFICS
    words = words[titled:]
    plain = 2 - titled <= len(words) <= _LONGEST_NAME and not any(c.isdigit() for c in text)
    return plain and (titled or words[0] in _GIVEN)


def _seeds(values: pl.Series) -> Ints:
    """The kind of each record by its name alone."""
    kinds = np.full(len(values), _UNCLEAR, np.int64)
    kinds[_given(values)] = _PERSON
    kinds[_marked(values)] = _ORGANIZATION
    return kinds


@dataclass(frozen=True, eq=False)
class _Tokens:
    """What is seen of each record, as (record, token) entries; `count` different tokens."""

    records: Ints
    tokens: Ints
    count: int


def _learned(values: pl.Series, others: Sequence[Bools], kinds: Ints) -> Bools:
    """Label the unclear records by what the clear ones teach; without evidence a name is taken for a person's."""
    seen = _tokens(values, others)
    log_odds = np.bincount(seen.records, _weights(seen, kinds)[seen.tokens], minlength=len(values))
    return np.asarray(np.where(kinds == _UNCLEAR, log_odds > _EVIDENCE, kinds == _ORGANIZATION))


def _weights(seen: _Tokens, kinds: Ints) -> Floats:
    """For each token the log odds of an organization among the clear records; 0 for a token that was hardly seen."""
    counts = [
        np.bincount(seen.tokens[kinds[seen.records] == kind], minlength=seen.count) for kind in (_ORGANIZATION, _PERSON)
    ]
    shares = [
        (count + 0.5) / ((kinds == kind).sum() + 1)
        for count, kind in zip(counts, (_ORGANIZATION, _PERSON), strict=True)
    ]
    return np.where(counts[0] + counts[1] >= _SEEN, np.log(shares[0] / shares[1]), 0.0)


def _tokens(values: pl.Series, others: Sequence[Bools]) -> _Tokens:
    """Words, words by their place, the number of words, and which further columns are filled.

    The words that marked a name are left out: names that are still unclear have none, and would seem short.
    """
    rows = len(values)
    words = pl.DataFrame({"record": np.arange(rows), "word": words_of(values).fill_null("").str.split(" ")})
    words = words.explode("word").filter(pl.col("word") != "")
    named = words["word"].unique()
    marks = named.filter(pl.Series(_marked(named)))
    words = words.filter(~pl.col("word").is_in(marks.implode()))
    record = words["record"].to_numpy()
    length = np.bincount(record, minlength=rows)
    place = _places(record, length)
    code = words["word"].rank("dense").to_numpy().astype(np.int64) - 1
    many = int(code.max(initial=-1)) + 1
    placed = place != _ALONE
    records, tokens, count = [record, record[placed]], [code, (code + many * place)[placed]], many * _ALONE
    several = length > 1  # no person is recognized by one word, so its being alone teaches nothing
    records.append(np.flatnonzero(several))
    tokens.append(np.minimum(length, _LONGEST_NAME + 1)[several] + count)
    count += _LONGEST_NAME + 2
    for filled in others:
        records.append(np.arange(rows))
        tokens.append(filled + count)
        count += 2
    return _Tokens(np.concatenate(records), np.concatenate(tokens), count)


def _places(record: Ints, length: Ints) -> Ints:
    """Whether each word is the first, the last, between these, or the only one of its record."""
    start = np.r_[True, record[1:] != record[:-1]] if len(record) else np.zeros(0, np.bool_)
    end = np.r_[start[1:], True] if len(record) else start
    place = np.where(start, _FIRST, np.where(end, _LAST, _BETWEEN))
    return np.where(length[record] == 1, _ALONE, place)
