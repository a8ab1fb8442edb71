"""What the law says to keep is kept, with its reason; with the deals left, the person has no name any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_cli.history import operation
from crm_cli.jobs.privacy import ErasureOptions, KeptByLawError, erase
from crm_cli.records import fields_of
from crm_cli.store import Store
from crm_cli.store.backup import check
from tests.databases import Server
from tests.dumps import business_content
from tests.jobs.privacy_person import KEY, MARIA, Marked, marked_store, places

TODAY = date(2026, 11, 27)


@pytest.fixture
def marked(database_server: Server, tmp_path: Path) -> Iterator[tuple[Store, Marked]]:
    """A store with the marked person."""
    yield from marked_store(database_server, tmp_path)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "today", lambda _: TODAY)


def with_deal(store: Store, **deal: Any) -> int:
    with operation(store, "add", MARIA) as op:
        (person,) = op.insert("contact", [{"family_name": "Quaxxington"}])
        op.insert("opportunity", [{"name": "Roof", "contact_id": person, **deal}])
    return person


def closed(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("deal", "years", "why"),
    [
        ({"stage": "proposal"}, 10, "it is open: a contract is being negotiated"),
        ({"stage": "proposal"}, 0, "it is open: a contract is being negotiated"),
        ({"stage": "won", "closed_at": closed(2016)}, 10, "it was won on 2016-01-01"),
        ({"stage": "won", "closed_at": closed(2020, 12, 31)}, 6, "until 2026-12-31"),
        ({"stage": "won", "expected_close_on": date(2025, 5, 1)}, 10, "it was won on 2025-05-01"),
        ({"stage": "won"}, 10, "nobody wrote down when"),
        ({"stage": "won", "closed_at": closed(2015, 12, 31)}, 10, ""),
        ({"stage": "won", "closed_at": closed(2026)}, 0, ""),
        ({"stage": "lost", "closed_at": closed(2026)}, 10, ""),
    ],
)
def test_deals_are_kept_as_long_as_the_law_says(store: Store, deal: dict[str, Any], years: int, why: str) -> None:
    person = with_deal(store, **deal)
    options = ErasureOptions(retention_years=years)
    if why:
        with pytest.raises(KeptByLawError, match=why):
            erase(store, "contact", str(person), MARIA, KEY, options)
        assert places(store) != []
    else:
        erase(store, "contact", str(person), MARIA, KEY, options)
        assert business_content(store)["opportunity"] == []
        assert places(store) == []


def test_every_reason_is_told(store: Store) -> None:
    person = with_deal(store, stage="proposal")
    with operation(store, "add", MARIA) as op:
        op.insert("opportunity", [{"name": "Wall", "contact_id": person, "stage": "won"}])
    with pytest.raises(KeptByLawError) as refused:
        erase(store, "contact", str(person), MARIA, KEY)
    assert len(refused.value.facts["reasons"]) == 2
    assert "--keep-business-records" in refused.value.hint


def test_a_deal_that_was_deleted_keeps_nobody(store: Store) -> None:
    person = with_deal(store, stage="proposal")
    with operation(store, "delete", MARIA) as op:
        op.delete("opportunity", [row["id"] for row in business_content(store)["opportunity"]])
    erase(store, "contact", str(person), MARIA, KEY)
    assert places(store) == []


def test_with_the_deals_kept_the_person_has_no_name(marked: tuple[Store, Marked]) -> None:
    store, made = marked
    with operation(store, "set", MARIA) as op:
        deals = [row["id"] for row in business_content(store)["opportunity"]]
        op.update("opportunity", {number: {"stage": "won"} for number in deals})
    done = erase(store, "contact", str(made.person), MARIA, KEY, ErasureOptions(keep_business_records=True))
    assert places(store) == []
    deals_now = business_content(store)["opportunity"]
    assert [(row["contact_id"], row["stage"]) for row in deals_now] == [(made.person, "won")] * 2
    assert [row["name"] for row in deals_now] == ["Roof", "Roof of [erased]"]
    with store.read() as connection:
        shown = fields_of(store, connection, "contact", made.person)
    held = {name: value for name, value in shown.items() if value is not None}
    assert held == {"id": made.person, "family_name": f"Erased {made.person}", "status": "prospect"}
    assert done.nameless == {"contact": 1}
    assert done.erased["contact"] == 1, "the one that was merged into it"
    assert check(store) == []
