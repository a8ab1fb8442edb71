"""The search index read back: its three tables must say the same."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_cli.query.postings import BLOCK, unpack
from crm_cli.store import Store


def indexed(store: Store) -> set[tuple[str, str, int]]:
    """Every token with entity and number of a record, as the postings have it; fails when the tables disagree."""
    with store.read() as connection:
        postings, records, words = (
            connection.execute(sa.select(store.table(name))).all()
            for name in ("search_posting", "search_record", "search_words")
        )
    found = [(row.token, row.entity, row.block * BLOCK + rest) for row in postings for rest in unpack(row.records)]
    assert len(found) == len(set(found)), "a record twice"
    assert all(unpack(row.records) == sorted(unpack(row.records)) != [] for row in postings)
    assert set(found) == {(token, row.entity, row.record_number) for row in records for token in row.tokens.split("\n")}
    assert _kept(words) == sorted({token for token, _, _ in found if _is_kept(token)})
    return set(found)


def _kept(rows: Any) -> list[str]:
    for row in rows:
        assert {len(word) for word in row.words.split("\n")} == {row.length}
        assert {"@" in word for word in row.words.split("\n")} == {row.kind == "address"}
    return sorted(word for row in rows for word in row.words.split("\n"))


def _is_kept(token: str) -> bool:
    return len(token) >= 3 and not (token.isascii() and token.isdecimal())
