"""Search: records by words, with typing errors forgiven, the same on every database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crm_cli.dictionary import MASK, shown_as
from crm_cli.query.numbers import with_numbers
from crm_cli.query.tokens import letters_of_pair, query_tokens, whole_numbers
from crm_cli.query.vocabulary import Vocabulary, distance
from crm_cli.store import Store, in_chunks

if TYPE_CHECKING:
    from crm_cli.query.ranking import Fit, Key, Numbers

__all__ = ["Hit", "search"]

# how much a token counts that is not the word itself
EXACT, PREFIX, ONE_ERROR, TWO_ERRORS = 1.0, 0.8, 0.6, 0.4
_SHORTEST_PREFIX = 2  # letters; a shorter word must match whole
_MOST_SIMILAR = 400  # tokens that a misspelt word may stand for
_LOOKED_THROUGH = 200  # more records whose telephone ends alike, among which the whole number is looked for
_LAST = "\U0010ffff"  # sorts after every letter


@dataclass(frozen=True)
class Hit:
    """A record that was found: which, what it is called, how well it fits (higher is better), and by which tokens."""

    entity: str
    record_id: int
    title: str
    score: float
    matched: tuple[str, ...]


def search(
    store: Store, connection: sa.Connection, words: str, *, entities: Sequence[str] | None = None, limit: int = 20
) -> list[Hit]:
    """Return the records that fit `words` best, best first.

    A word matches a token that equals it or begins with it. When no record has all the words, pairs of letters of a
    script without blanks that nobody has are taken as two words; when still none has them all, tokens match too that
    differ by one letter (two in words of eight and more). Records with all the words come before those with some; what
    equals counts more than what begins alike, and that more than errors; rare words count more than frequent ones; of
    equals, the first entity of the dictionary and the lowest number comes first. Of telephone numbers the index knows
    the last seven digits; records that have all the digits asked for come first. `entities` are names of the
    dictionary. Call `catch_up` before, lest something new be missed.

    Two things are cut: what begins with a word, in the order of the alphabet, after 10 000 rows of the index; what is
    similar to it after the 400 nearest tokens.
    """
    from crm_cli.query.ranking import best  # numpy, for which only a search has to wait

    asked = query_tokens(words)
    question = _Question(store, connection, [store.dictionary.entity(name).name for name in entities or ()])
    places = {entity.name: place for place, entity in enumerate(store.dictionary)}
    numbers = whole_numbers(words)
    ranked = best(question.fits(asked, limit), places, limit if not numbers else limit + _LOOKED_THROUGH)
    if numbers:
        whole = with_numbers(store, connection, [key for key, _ in ranked], numbers)
        ranked = sorted(ranked, key=lambda one: one[0] not in whole)[:limit]
    return list(_hits(store, connection, asked, ranked))


class _Question:
    """What is asked of the index, of certain entities (of all when none is named)."""

    def __init__(self, store: Store, connection: sa.Connection, names: Sequence[str]) -> None:
        self._connection = connection
        self._names = names
        self._table = store.table("search_posting")
        self._vocabulary = Vocabulary(store, connection)

    def fits(self, words: Sequence[str], limit: int) -> list[Fit]:
        """Return what each word stands for, as far as it can matter to the best `limit` records."""
        from crm_cli.query.ranking import Fit, all_words

        fits = [Fit([(EXACT, self._having([word]))]) for word in words]
        if all_words(fits) >= limit:
            return fits  # enough have every word as it stands: what only begins alike comes after them
        for word, fit in zip(words, fits, strict=True):
            fit.tiers.append((PREFIX, self._beginning_with(word)))
        if all_words(fits):
            return fits
        apart = self._letters_apart(words, fits)
        if apart and all_words(apart):
            return apart
        for word, fit in zip(words, fits, strict=True):
            one, two = self._similar(word)
            fit.tiers += [(ONE_ERROR, self._having(one)), (TWO_ERRORS, self._having(two))]
        return fits

    def _letters_apart(self, words: Sequence[str], fits: Sequence[Fit]) -> list[Fit]:
        """What the words stand for when a pair of letters that nobody has is two words: a name without a blank."""
        parts = [
            letters_of_pair(word) or [word] if not any(numbers for _, numbers in fit.tiers) else [word]
            for word, fit in zip(words, fits, strict=True)
        ]
        if all(len(part) == 1 for part in parts):
            return []
        return [self._known(word) for part in parts for word in part]

    def _known(self, word: str) -> Fit:
        from crm_cli.query.ranking import Fit

        return Fit([(EXACT, self._having([word])), (PREFIX, self._beginning_with(word))])

    def _having(self, tokens: Sequence[str]) -> Numbers:
        from crm_cli.query.ranking import read_tokens

        return read_tokens(self._connection, self._table, tokens, self._names)

    def _beginning_with(self, word: str) -> Numbers:
        from crm_cli.query.ranking import read_postings

        if not _is_beginning(word):
            return {}
        token = self._table.c.token
        return read_postings(self._connection, self._table, [token > word, token < word + _LAST], self._names)

    def _similar(self, word: str) -> tuple[list[str], list[str]]:
        """Return the nearest tokens with one error, and with two."""
        near = self._vocabulary.near(word)
        nearest = sorted(near, key=lambda token: (near[token], token))[:_MOST_SIMILAR]
        return [one for one in nearest if near[one] == 1], [one for one in nearest if near[one] > 1]


def _is_beginning(word: str) -> bool:
    return len(word) >= _SHORTEST_PREFIX or not word.isascii()


def _hits(
    store: Store, connection: sa.Connection, words: Sequence[str], ranked: Sequence[tuple[Key, float]]
) -> Iterator[Hit]:
    keys = [key for key, _ in ranked]
    titles, tokens = _titles(store, connection, keys), _tokens(store, connection, keys)
    for key, score in ranked:
        matched = {token for word in words if (token := _nearest(word, tokens.get(key, ())))}
        if store.dictionary.entity(key[0]).masked:  # what was not typed in full may be of a masked field
            matched = {token if token in words else MASK for token in matched}
        yield Hit(*key, titles.get(key, ""), round(score, 4), tuple(sorted(matched)))


def _nearest(word: str, tokens: Sequence[str]) -> str | None:
    """Return the token of a record by which a word found it."""
    fits = [(_rank(word, token), token) for token in tokens]
    return min(((rank, token) for rank, token in fits if rank is not None), default=(0, None))[1]


def _rank(word: str, token: str) -> int | None:
    if token == word:
        return 0
    if token.startswith(word) and _is_beginning(word):
        return 1
    errors = distance(word, token)
    return None if errors is None else 1 + errors


def _tokens(store: Store, connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, list[str]]:
    """Return the tokens of records."""
    table, found = store.table("search_record"), {}
    for name, numbers in _by_entity(keys).items():
        for chunk in in_chunks(numbers):
            mine = (table.c.entity == name, table.c.record_number.in_(chunk))
            for number, tokens in connection.execute(sa.select(table.c.record_number, table.c.tokens).where(*mine)):
                found[name, number] = tokens.split("\n")
    return found


def _titles(store: Store, connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, str]:
    """Return what the records are called: their title fields in one line."""
    titles: dict[Key, str] = {}
    for name, numbers in _by_entity(keys).items():
        table, entity = store.table(name), store.dictionary.entity(name)
        fields = entity.title
        for chunk in in_chunks(numbers):
            query = sa.select(table.c.id, *(table.c[one] for one in fields)).where(table.c.id.in_(chunk))
            for row in connection.execute(query):
                parts = zip(fields, row[1:], strict=True)
                words = (shown_as(entity, one, part) for one, part in parts if part is not None)
                titles[name, row.id] = " ".join(map(str, words))
    return titles


def _by_entity(keys: Sequence[Key]) -> dict[str, list[int]]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for name, number in keys:
        wanted[name].append(number)
    return wanted
