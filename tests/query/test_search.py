from __future__ import annotations

import pytest

from crm_cli.dictionary import shipped
from crm_cli.history import Author, operation, undo
from crm_cli.query import catch_up, reindex, search, tokens_of
from crm_cli.query.tokens import query_tokens
from crm_cli.store import Store
from tests.query.conftest import found
from tests.query.search_index import indexed

CONTACT = shipped().entity("contact")


def hits(store: Store, words: str, **more: object) -> list[tuple[str, int]]:
    with store.read() as connection:
        return [(hit.entity, hit.record_id) for hit in search(store, connection, words, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"given_name": "Anne-Marie"}, {"anne", "marie"}),
        ({"family_name": "STRASSE"}, {"strasse"}),
        ({"family_name": "Straße"}, {"strasse"}),
        ({"family_name": "王小明"}, {"王小", "小明"}),
        ({"family_name": "王"}, {"王"}),
        ({"company": "ACME株式会社"}, {"acme", "株式", "式会", "会社"}),
        ({"given_name": None, "description": "secret"}, set()),
        ({"family_name": ["A [/b]", "B"]}, {"a", "b"}),
    ],
)
def test_tokens_are_folded_words_and_pairs_of_letters(values: dict[str, object], expected: set[str]) -> None:
    assert tokens_of(CONTACT, values) == expected


def test_phones_and_addresses_are_found_as_people_write_them() -> None:
    assert query_tokens("+1 (212) 555-0123") == ["5550123"]
    assert query_tokens("555 0123 ann") == ["5550123", "ann"]
    assert query_tokens("Ann@ACME.example ann") == ["ann@acme.example", "ann"]
    assert query_tokens("  ") == []


def test_search_finds_by_every_way_and_keeps_up_with_writes(store: Store) -> None:
    found(store)
    catch_up(store)
    assert hits(store, "ann") == [("contact", 3), ("contact", 4), ("activity", 1)]
    assert hits(store, "ann müller")[0] == ("contact", 3)
    assert hits(store, "ann@acme.example") == [("contact", 3)]
    assert hits(store, "second@acme.example") == [("contact", 3)], "every address, not only the primary"
    assert hits(store, "(212) 555-0199") == [("contact", 3)]
    assert hits(store, "王") == [("contact", 5)]
    assert hits(store, "muller") == [("contact", 3)], "one letter wrong"
    assert hits(store, "xöln") == [("contact", 3)], "the first letter wrong"
    assert hits(store, "stra") == [("account", 1)], "the beginning is enough"
    assert hits(store, "deleted merged person") == []
    assert hits(store, "acme", entities=["account"]) == [("account", 2)]
    assert len(hits(store, "acme", limit=1)) == 1
    assert hits(store, "") == hits(store, "%") == hits(store, "qqqqqqqqq") == []

    before = indexed(store)
    assert catch_up(store) == 0
    with operation(store, "set", Author("test")) as op:
        op.update("contact", {3: {"family_name": "Zimmermann"}})
        op.update("email_address", {2: {"value": "neu@acme.example", "standard": "neu@acme.example"}})
        op.delete("contact", [5])
    assert catch_up(store) == 2
    assert hits(store, "müller") == []
    assert hits(store, "zimmermann") == hits(store, "neu@acme.example") == [("contact", 3)]
    assert hits(store, "王") == []
    undo(store, op.id, Author("test"))
    catch_up(store)
    assert indexed(store) == before

    with store.write() as connection:  # writing anew what stands there changes nothing
        reindex(connection, store, "contact", [3, 4, 5, 6, 7, 999])
    assert indexed(store) == before


def test_the_title_says_what_was_found(store: Store) -> None:
    found(store)
    catch_up(store)
    with store.read() as connection:
        hit = search(store, connection, "müller")[0]
    assert (hit.title, hit.matched) == ("Ann Müller", ("müller",))
    assert hit.score == pytest.approx(1 / 1.584963, abs=1e-3)  # one record has the word: 1 / log2(2 + 1)


@pytest.mark.all_databases
@pytest.mark.parametrize("typed", ["+44 20 7946 5678", "020 7946 5678", "0044 20 7946 5678", "(020) 79465678"])
def test_of_numbers_that_end_alike_the_one_that_was_typed_in_full_comes_first(store: Store, typed: str) -> None:
    numbers = ["+14159465678", "+493019465678", "+442079465678", "+35319465678"]
    with operation(store, "add", Author("test")) as op:
        ids = op.insert("contact", [{"family_name": f"Person{place}"} for place in range(len(numbers))])
        op.insert(
            "phone_number",
            [{"party_id": one, "value": text, "standard": text} for one, text in zip(ids, numbers, strict=True)],
        )
        (lead,) = op.insert("lead", [{"family_name": "Lead", "phone": "+442079465678"}])
    catch_up(store)
    found_now = hits(store, typed)
    assert set(found_now[:2]) == {("contact", ids[2]), ("lead", lead)}
    assert len(found_now) == 5
    assert hits(store, "946 5678")[0] == ("contact", ids[0])  # of the last digits alone all are alike
