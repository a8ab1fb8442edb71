"""Search against a naive reference: every record judged by itself, as the description of `search` says."""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.history import Author, last_operation, operation, undo
from crm_cli.query import catch_up, search
from crm_cli.query.postings import BLOCK, pack, unpack
from crm_cli.query.tokens import letters_of_pair, query_tokens, tokens_of
from crm_cli.store import Store
from tests.query.search_index import indexed

_ME = Author("test")
_NAMES = ("ann", "anna", "anne", "hanna", "annabelle", "annabell", "smith", "smithson", "smiht", "jon", "john", "jonh",
          "johnathan", "jonathan", "王小明", "小明", "李", "王", "müller", "muller", "o'neil", "lee", "li")  # fmt: skip
_PHONES = ("+12125550123", "+12125550132", "+12125559123", "+13105550123", None, None)
_EMAILS = ("ann@acme.example", "anne@acme.example", "jon.smith@acme.example", "ann@acne.example", None)


@cache
def osa(left: str, right: str) -> int:
    """Letters wrong, missing or too many, and neighbours exchanged, by the table of the textbook."""
    rows = [[max(i, j) if 0 in (i, j) else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i, one in enumerate(left, 1):
        for j, other in enumerate(right, 1):
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (one != other))
            if i > 1 and j > 1 and one == right[j - 2] and left[i - 2] == other:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


def kind(token: str) -> str:
    return "number" if token.isascii() and token.isdecimal() else "address" if "@" in token else "word"


def quality(word: str, token: str, *, forgiving: bool) -> float:
    if token == word:
        return 1.0
    if token.startswith(word) and (len(word) > 1 or not word.isascii()):
        return 0.8
    allowed = 0 if len(word) < 4 else 2 if len(word) >= 8 and kind(word) != "number" else 1
    if not forgiving or not allowed or kind(word) != kind(token):
        return 0.0
    errors = osa(word, token)
    return {1: 0.6, 2: 0.4}.get(errors, 0.0) if errors <= allowed else 0.0


def naive(records: dict[int, set[str]], phones: dict[int, set[str]], words: str, limit: int) -> list[int]:
    """The numbers of the records that fit, best first; those before all that have a telephone with all its digits."""
    typed = query_tokens(words)
    known = {
        word
        for word in typed
        if any(quality(word, token, forgiving=False) for one in records.values() for token in one)
    }
    apart = [part for word in typed for part in (letters_of_pair(word) if word not in known else []) or [word]]
    for asked, forgiving in ((typed, False), (apart, False), (typed, True)):
        fits = {
            number: [max((quality(word, token, forgiving=forgiving) for token in tokens), default=0) for word in asked]
            for number, tokens in records.items()
        }
        if asked and any(all(one) for one in fits.values()):
            break
    weights = []
    for place in range(len(asked)):
        qualities = [one[place] for one in fits.values()]
        best = max(qualities, default=0)
        weights.append(1 / math.log2(2 + (qualities.count(best) if best else 0)))
    ranked = []
    for number, one in fits.items():
        score = 0.0
        for value, weight in zip(one, weights, strict=True):
            score += value * weight
        ranked.append((-sum(map(bool, one)), -score, number))
    found = [number for words_, _, number in sorted(ranked) if words_]
    whole = re.findall(r"\d{8,}", words)
    has_whole = {number for number in found if any(one.endswith(asked) for asked in whole for one in phones[number])}
    return sorted(found, key=lambda number: number not in has_whole)[:limit]


def phones_by_contact(store: Store) -> dict[int, set[str]]:
    """The digits of the telephone numbers of contacts."""
    points, found = store.table("phone_number"), defaultdict[int, set[str]](set)
    with store.read() as connection:
        for row in connection.execute(sa.select(points).where(points.c.deleted_at.is_(None))):
            found[row.party_id].add("".join(filter(str.isdecimal, row.standard)))
    return found


def tokens_by_contact(store: Store) -> dict[int, set[str]]:
    """The tokens of the living contacts, from the records themselves."""
    contact, found = store.dictionary.entity("contact"), {}
    with store.read() as connection:
        table = store.table("contact")
        for row in connection.execute(sa.select(table).where(table.c.deleted_at.is_(None))).mappings():
            found[row["id"]] = tokens_of(contact, dict(row))
        for name in ("email_address", "phone_number"):
            points = store.table(name)
            for row in connection.execute(sa.select(points).where(points.c.deleted_at.is_(None))).mappings():
                if row["party_id"] in found:
                    found[row["party_id"]] |= tokens_of(store.dictionary.entity(name), {"standard": row["standard"]})
    return found


def add(store: Store, chance: random.Random, count: int) -> None:
    with operation(store, "add", _ME) as op:
        people = [{"given_name": chance.choice(_NAMES), "family_name": chance.choice(_NAMES)} for _ in range(count)]
        for number in op.insert("contact", people):
            for detail, values in (("email_address", _EMAILS), ("phone_number", _PHONES)):
                if value := chance.choice(values):
                    point = {"party_id": number, "value": value, "standard": value, "is_primary": True}
                    op.insert(detail, [point], covered=True)


def change(store: Store, chance: random.Random) -> None:
    living = sorted(tokens_by_contact(store))
    some = chance.sample(living, len(living) // 4)
    with operation(store, "set", _ME) as op:
        op.update("contact", {number: {"family_name": chance.choice(_NAMES)} for number in some})


def delete(store: Store, chance: random.Random) -> None:
    living = sorted(tokens_by_contact(store))
    with operation(store, "delete", _ME) as op:
        op.delete("contact", chance.sample(living, len(living) // 5))


def answers(store: Store, words: str, limit: int) -> list[int]:
    with store.read() as connection:
        return [hit.record_id for hit in search(store, connection, words, limit=limit)]


@pytest.mark.parametrize("seed", range(3))
def test_search_answers_as_the_naive_reference_does_whatever_was_written_and_undone(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    steps: list[Callable[[], Any]] = [
        lambda: add(store, chance, 60),
        lambda: change(store, chance),
        lambda: delete(store, chance),
        lambda: undo(store, last_operation(store), _ME),
        lambda: add(store, chance, 10),
        lambda: undo(store, last_operation(store), _ME),
    ]
    for step in steps:
        step()
        catch_up(store)
        records = tokens_by_contact(store)
        assert indexed(store) == {(token, "contact", number) for number, all_ in records.items() for token in all_}
        for words in questions(chance):
            for limit in (3, 500):
                assert answers(store, words, limit) == naive(records, phones_by_contact(store), words, limit), words


def questions(chance: random.Random) -> Sequence[str]:
    one, other = chance.choice(_NAMES), chance.choice(_NAMES)
    place = chance.randrange(len(one))
    return (
        one, f"{one} {other}", one[:2], f"{one[:3]} {other[:2]}", one[:place] + "x" + one[place + 1 :],
        f"{other} {one[:place]}{one[place + 1 :]}", "555 0132", "2125550123", "2125550124 ann", "ann@acme.exmaple",
        "jon.smith", "王李", "王小明王", "小明 王", f"jonathon {one} acme", "zzzzzzzz", "johnatan", "",
    )  # fmt: skip


def test_a_record_stands_in_the_row_of_its_block(store: Store) -> None:
    numbers = [1, BLOCK - 1, BLOCK, 3 * BLOCK + 7]
    with operation(store, "add", _ME) as op:
        op.insert("contact", [{"id": number, "family_name": "Smith"} for number in numbers])
    catch_up(store)
    assert answers(store, "smith", 9) == numbers
    assert {number for _, _, number in indexed(store)} == set(numbers)
    with operation(store, "set", _ME) as op:
        op.update("contact", {BLOCK: {"family_name": "Jones"}})
    catch_up(store)
    assert answers(store, "smith", 9) == [1, BLOCK - 1, 3 * BLOCK + 7]
    assert answers(store, "jones", 9) == [BLOCK]


def test_rests_are_packed_in_order_and_read_back() -> None:
    assert unpack(pack([BLOCK - 1, 0, 64, 63, 64])) == [0, 63, 64, BLOCK - 1]
    assert pack([]) == ""
    assert unpack("") == []


def test_in_one_question_a_misspelt_word_is_forgiven_although_somebody_is_called_so(store: Store) -> None:
    with operation(store, "add", _ME) as op:
        op.insert(
            "contact",
            [
                {"id": 1, "given_name": "Jonh", "family_name": "Lee"},
                {"id": 2, "given_name": "John", "family_name": "Smith"},
            ],
        )
    catch_up(store)
    assert answers(store, "jonh", 9) == [1], "somebody is called so"
    assert answers(store, "jonh smith", 9) == [2, 1], "nobody is called so: one error and all words, then some words"


def test_a_chinese_name_is_found_without_a_blank_between_its_parts(store: Store) -> None:
    with operation(store, "add", _ME) as op:
        people = [(1, "伟", "王"), (2, "伟", "李"), (3, "秀英", "王"), (4, "秀英", "李")]
        op.insert("contact", [{"id": one, "given_name": given, "family_name": family} for one, given, family in people])
    catch_up(store)
    assert answers(store, "王伟", 9) == [1, 2, 3], "all of the name before some of it"
    assert answers(store, "王秀英", 9)[0] == 3
    assert answers(store, "秀英", 9) == [3, 4]
