"""Search: records by words, with typing errors forgiven, the same on every database."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.query.tokens import query_tokens
from crm_cli.store import Store, in_chunks

__all__ = ["Hit", "search"]

# how much a token counts that is not the word itself
EXACT, PREFIX, ONE_ERROR, TWO_ERRORS = 1.0, 0.8, 0.6, 0.4
_SHORTEST_PREFIX = 2  # letters; a shorter word must match whole
_ONE_ERROR_FROM, _TWO_ERRORS_FROM = 4, 8  # letters a word must have for so many errors to be forgiven
_MOST_TOKENS = 200  # tokens that one word may stand for
_LAST = "\U0010ffff"  # sorts after every letter
Key = tuple[str, int]


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

    A word matches a token that equals it, begins with it, or – when there is no such token – differs by one letter
    (two in words of eight and more). Records with all the words come before those with some; rare words count more
    than frequent ones. `entities` are names of the dictionary. Call `catch_up` before, lest something new be missed.
    """
    names = [store.dictionary.entity(name).name for name in entities or ()]
    found: dict[Key, dict[str, tuple[float, str]]] = defaultdict(dict)
    for word in query_tokens(words):
        for key, fit in _records_of(store, connection, word, names).items():
            found[key][word] = fit
    places = {entity.name: place for place, entity in enumerate(store.dictionary)}
    ranked = sorted(found, key=lambda key: (-len(found[key]), -_total(found[key]), places[key[0]], key[1]))
    return list(_hits(store, connection, ranked, found, limit))


def _total(parts: dict[str, tuple[float, str]]) -> float:
    return sum(score for score, _ in parts.values())


def _records_of(
    store: Store, connection: sa.Connection, word: str, names: Sequence[str]
) -> dict[Key, tuple[float, str]]:
    """Return the records that have a token which `word` stands for, with how well it fits and that token."""
    table = store.table("search_token")
    fitting = _fitting(connection, table, word)
    best: dict[Key, tuple[float, str]] = {}
    for chunk in in_chunks(sorted(fitting)):
        query = sa.select(table.c.entity, table.c.record_id, table.c.token).where(table.c.token.in_(chunk))
        if names:
            query = query.where(table.c.entity.in_(names))
        for entity, number, token in connection.execute(query):
            best[entity, number] = max(best.get((entity, number), (0.0, "")), (fitting[token], token))
    rarity = math.log2(2 + len(best))
    return {key: (quality / rarity, token) for key, (quality, token) in best.items()}


def _fitting(connection: sa.Connection, table: sa.Table, word: str) -> dict[str, float]:
    """Return the tokens that a word may stand for, each with how much it counts."""
    found = {token: EXACT if token == word else PREFIX for token in _beginning_with(connection, table, word)}
    return found or _similar(connection, table, word)


def _beginning_with(connection: sa.Connection, table: sa.Table, word: str) -> list[str]:
    query = sa.select(table.c.token).distinct().order_by(table.c.token).limit(_MOST_TOKENS)
    if len(word) < _SHORTEST_PREFIX and word.isascii():
        return list(connection.scalars(query.where(table.c.token == word)))
    return list(connection.scalars(query.where(table.c.token >= word, table.c.token < word + _LAST)))


def _similar(connection: sa.Connection, table: sa.Table, word: str) -> dict[str, float]:
    """Look first among tokens of the same first letter, then, for an error in that one, among all."""
    errors = 2 if len(word) >= _TWO_ERRORS_FROM else 1 if len(word) >= _ONE_ERROR_FROM else 0
    if not errors:
        return {}
    query = sa.select(table.c.token).distinct()
    same_start = query.where(table.c.token >= word[0], table.c.token < word[0] + _LAST)
    return _within(connection, same_start, word, errors) or _within(connection, query, word, errors)


def _within(connection: sa.Connection, query: sa.Select[str], word: str, errors: int) -> dict[str, float]:
    from rapidfuzz.distance import OSA

    found: dict[str, int] = {}
    for token in connection.scalars(query):
        distance = OSA.distance(word, token, score_cutoff=errors)
        if distance <= errors:
            found[token] = distance
    nearest = sorted(found, key=lambda token: (found[token], token))[:_MOST_TOKENS]
    return {token: ONE_ERROR if found[token] <= 1 else TWO_ERRORS for token in nearest}


def _hits(
    store: Store,
    connection: sa.Connection,
    ranked: Sequence[Key],
    found: dict[Key, dict[str, tuple[float, str]]],
    limit: int,
) -> Iterator[Hit]:
    titles = _titles(store, connection, ranked[:limit])
    for key in ranked[:limit]:
        matched = tuple(sorted(token for _, token in found[key].values()))
        yield Hit(*key, titles.get(key, ""), round(_total(found[key]), 4), matched)


def _titles(store: Store, connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, str]:
    """Return what the records are called: their title fields in one line."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for name, number in keys:
        wanted[name].append(number)
    titles: dict[Key, str] = {}
    for name, numbers in wanted.items():
        table, fields = store.table(name), store.dictionary.entity(name).title
        for chunk in in_chunks(numbers):
            query = sa.select(table.c.id, *(table.c[one] for one in fields)).where(table.c.id.in_(chunk))
            for row in connection.execute(query):
                titles[name, row.id] = " ".join(str(part) for part in row[1:] if part is not None)
    return titles
