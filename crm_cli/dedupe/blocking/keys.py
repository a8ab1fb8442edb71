"""Blocking keys: what two records must share to become a candidate pair.

A *key part* is a column, or something taken from its values: the first letters, the sound, the year, a word. A blocking
rule is one key part or two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TypeAlias

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Ints, sorted_distinct
from crm_cli.dedupe.comparisons.address import house_numbers, street_names
from crm_cli.dedupe.encoding import Column, codes_of, ranges, shared_terms
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.words import GENERATIONS

__all__ = ["WHOLE", "KeyPart", "Texts", "key_makers", "key_parts"]

Texts: TypeAlias = Callable[[Column], pl.Series]

WHOLE = ""


@dataclass(frozen=True, eq=False)
class _Keys:
    """The keys of all records: `codes[r]`, or where a record may have several, the entries `records` and `keys`."""

    texts: pl.Series
    codes: Ints | None = None
    records: Ints | None = None
    keys: Ints | None = None


@dataclass(eq=False)
class KeyPart:
    """One thing to block on: for each record a key code, or `several`; made when first asked for.

    `codes[r]` is the key of record `r` (-1: none). Where a record may have several keys, `codes` is None and `entries`
    lists them. `texts` holds the key of each code as text, for a hash that outlives a run.
    """

    name: str
    column: str
    uses: frozenset[str]
    kind: str
    several: bool
    make: Callable[[], _Keys] = field(repr=False)
    _made: _Keys | None = field(default=None, init=False, repr=False)
    _making: Lock = field(default_factory=Lock, init=False, repr=False)

    def made(self) -> _Keys:
        """The keys; the first call makes them."""
        with self._making:
            if self._made is None:
                self._made = self.make()
        return self._made

    @property
    def texts(self) -> pl.Series:
        """The text of each key code."""
        return self.made().texts

    @property
    def codes(self) -> Ints | None:
        """The key code of each record, -1 for none; None where a record may have several."""
        return self.made().codes

    @property
    def whole(self) -> bool:
        """Whether the key is the value itself."""
        return self.name == self.column

    @cached_property
    def spread(self) -> float:
        """The effective number of keys: so many even ones would agree by chance as often (inverse Simpson index)."""
        counts = np.bincount(self.entries()[1]).astype(float)
        return float(counts.sum()) ** 2 / max(float((counts**2).sum()), 1.0)

    def shared(self, i: Ints, j: Ints, *, at_most: int | None = None) -> Bools:
        """Whether each pair of records shares a key; with `at_most`, one that no more records than that have."""
        codes = self.codes
        if codes is not None:
            return np.asarray((codes[i] == codes[j]) & (codes[i] >= 0))
        records, keys = self.entries()
        order = np.argsort(records, kind="stable")
        records, keys = records[order], keys[order]
        if at_most is not None:
            rare = np.bincount(keys, minlength=len(self.texts))[keys] <= at_most
            records, keys = records[rare], keys[rare]
        size = max(int(records.max(initial=-1)), int(i.max(initial=-1)), int(j.max(initial=-1))) + 1
        offsets = np.concatenate(([0], np.cumsum(np.bincount(records, minlength=size))))
        both = shared_terms(offsets, keys, len(self.texts), i, j) // max(len(self.texts), 1)
        return np.bincount(both, minlength=len(i)) > 0

    def entries(self) -> tuple[Ints, Ints]:
        """(record, key code) of every key."""
        made = self.made()
        if made.codes is None:
            assert made.records is not None
            assert made.keys is not None
            return made.records, made.keys
        rows = np.flatnonzero(made.codes >= 0)
        return rows, made.codes[rows]


def key_makers(kind: str) -> Mapping[str, Texts | None]:
    """What makes the key parts of a shipped kind, by their names; the value itself needs nothing, and has no name."""
    return _PARTS.get(kind, {WHOLE: None})


def key_parts(
    name: str, kind: str, column: Column, uses: frozenset[str], makers: Mapping[str, Texts | None]
) -> list[KeyPart]:
    """The key parts of a column of `kind`; `name` is the column's, parts of it are called `name:part`."""
    return [_key_part(name, part, kind, column, uses) for part in makers.items()]


def _key_part(name: str, part: tuple[str, Texts | None], kind: str, column: Column, uses: frozenset[str]) -> KeyPart:
    suffix, texts = part
    title = f"{name}:{suffix}" if suffix else name
    if texts is not None and texts not in _SHIPPED:  # somebody else's: only what it makes tells whether of several
        made = _keys(column, texts)
        return KeyPart(title, name, uses, kind, made.codes is None, lambda: made)
    several = column.offsets is not None or texts in _WORD_PARTS.values()
    return KeyPart(title, name, uses, kind, several, lambda: _keys(column, texts))


def _keys(column: Column, make: Texts | None) -> _Keys:
    texts = column.values if make is None else make(column)
    if isinstance(texts.dtype, pl.List):
        return _Keys(*_listed(texts, column))
    if make is None:
        of_value = np.arange(len(texts), dtype=np.int32)
    else:
        texts, of_value = codes_of(texts.set((texts == "").fill_null(value=False), None))
    if column.offsets is None:
        return _Keys(texts, np.append(of_value, np.int32(-1))[column.codes])
    records, keys = _distinct_entries(*column.entries(), of_value)
    return _Keys(texts, None, records, keys)


def _listed(texts: pl.Series, column: Column) -> tuple[pl.Series, None, Ints, Ints]:
    """Key texts, no codes, records and keys of a part that takes several keys from one value."""
    flat = pl.DataFrame({"value": np.arange(len(texts)), "key": texts}).explode("key", empty_as_null=True)
    flat = flat.drop_nulls().unique(maintain_order=True)
    names, codes = codes_of(flat["key"])
    lengths = np.bincount(flat["value"].to_numpy(), minlength=len(texts))
    starts = np.cumsum(lengths) - lengths
    rows, value = column.entries()
    records = np.repeat(rows, lengths[value])
    keys = codes[ranges(starts[value], lengths[value])]
    if column.offsets is not None:
        records, keys = _distinct(records, keys)
    return names, None, records, keys


def _distinct_entries(rows: Ints, value: Ints, of_value: Ints) -> tuple[Ints, Ints]:
    keys = of_value[value]
    return _distinct(rows[keys >= 0], keys[keys >= 0])


def _distinct(records: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Each key of a record once."""
    width = int(keys.max()) + 1 if len(keys) else 1
    both = sorted_distinct(records.astype(np.int64) * width + keys)
    return both // width, both % width


def _head(length: int) -> Texts:
    return lambda column: column.values.str.head(length)


def _sound(column: Column) -> pl.Series:
    """A rough phonetic key: first letter, then consonants without doubles, at most five letters."""
    spelled = {
        "ph": "f",
        "ck": "k",
        "sch": "s",
        "sh": "s",
        "th": "t",
        "dt": "t",
        "tz": "z",
        "mac": "mc",
        "gh": "g",
        "c": "k",
        "z": "s",
        "q": "k",
    }
    doubles = {letter * 2: letter for letter in "bdfgklmnprstvx"}
    values = column.values.str.replace(rf" ({'|'.join(GENERATIONS)})$", "")
    heard = values.str.replace_many(list(spelled), list(spelled.values()))
    rest = heard.str.slice(1).str.replace_many(list("aeiouyhw "), [""] * 9)
    rest = rest.str.replace_many(list(doubles), list(doubles.values()))
    return pl.select(pl.lit(heard).str.head(1) + pl.lit(rest)).to_series().str.head(5)


def _mail_user(column: Column) -> pl.Series:
    user = column.values.str.split_exact("@", 1).struct[0]
    return user.set((user.str.len_chars() < 5).fill_null(value=False), None)


def _date_part(start: int, length: int) -> Texts:
    def part(column: Column) -> pl.Series:
        found = column.values.str.slice(start, length)
        return found.set(found.str.contains("?", literal=True), None)

    return part


def _two_thirds(column: Column, *, end: bool) -> pl.Series:
    """The first or last two thirds of an identifier of more than five characters."""
    size = pl.col("v").str.len_chars()
    part = pl.col("v").str.tail(size * 2 // 3) if end else pl.col("v").str.head(size * 2 // 3)
    return pl.DataFrame({"v": column.values}).select(pl.when(size > 5).then(part)).to_series()


def _number_and_name(column: Column) -> pl.Series:
    number, name = column.derived(house_numbers), column.derived(street_names)
    return pl.select(pl.lit(number) + " " + pl.lit(name).str.head(4)).to_series()


def _words(shortest: int, cut: Callable[[pl.Expr], pl.Expr]) -> Texts:
    element = pl.element()
    fit = cut(element.filter(element.str.len_chars() >= shortest))
    return lambda column: column.values.str.split(" ").list.eval(fit)


def _initials(column: Column) -> pl.Series:
    """First letters of the words, or the letters of a short single word, sorted: an acronym finds its name."""
    made: list[str | None] = []
    for text in column.values.to_list():
        words = text.split(" ")
        if len(words) > 1:
            made.append("".join(sorted(word[0] for word in words)))
        else:
            made.append("".join(sorted(text)) if len(text) <= 5 else None)
    return pl.Series(made, dtype=pl.String)


_WORD_PARTS: dict[str, Texts] = {
    "word": _words(2, lambda word: word),
    "word start": _words(4, lambda word: word.str.head(4)),
    "word end": _words(6, lambda word: word.str.tail(5)),
}
_NAME_PARTS: dict[str, Texts | None] = {WHOLE: None, **_WORD_PARTS, "initials": _initials}
_PARTS: Mapping[str, Mapping[str, Texts | None]] = {
    Kind.GIVEN_NAME: {WHOLE: None, "initial": _head(1), "start": _head(3)},
    Kind.FAMILY_NAME: {WHOLE: None, "start": _head(4), "sound": _sound},
    Kind.BIRTH_DATE: {
        WHOLE: None,
        "year": _date_part(0, 4),
        "month and day": _date_part(4, 4),
        "year and month": _date_part(0, 6),
    },
    Kind.EMAIL: {WHOLE: None, "user": _mail_user},
    Kind.WEB: {WHOLE: None, "host": lambda column: column.values.str.replace(r"/.*$", "")},
    Kind.PHONE: {WHOLE: None, "end": lambda column: column.values.str.tail(6), "start": _head(6)},
    Kind.IDENTIFIER: {
        WHOLE: None,
        "start": lambda column: _two_thirds(column, end=False),
        "end": lambda column: _two_thirds(column, end=True),
    },
    Kind.STREET: {
        WHOLE: None,
        "number and start": _number_and_name,
        "name": lambda column: column.derived(street_names),
        "number": lambda column: column.derived(house_numbers),
    },
    Kind.ORGANIZATION: _NAME_PARTS,
    Kind.WORDS: _NAME_PARTS,
    Kind.TEXT: {WHOLE: None, "start": _head(4)},
    Kind.POSTAL_CODE: {WHOLE: None, "start": _head(3)},
    Kind.CITY: {WHOLE: None, "start": _head(4)},
}  # fmt: skip
_SHIPPED = frozenset(make for makers in _PARTS.values() for make in makers.values() if make is not None)
