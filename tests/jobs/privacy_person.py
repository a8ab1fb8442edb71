"""A person with a mark in every field and every table, made as users make one; and what of the marks is left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import SemanticType, fold
from crm_cli.history import Author, operation, undo
from crm_cli.jobs.importing import ImportOptions, import_source
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.jobs.privacy import scrub
from crm_cli.query import catch_up
from crm_cli.store import Store
from tests.databases import Server, Sqlite
from tests.stores import empty_store_url

MARIA = Author("maria", "a fair")
KEY = b"a key of the tests, long enough"
# beginnings of what only this person has, in every spelling
MARKS = (
    "quaxx",
    "zebul",
    "qxmail",
    "7771234",
    "1931-03-17",
    "17.03.1931",
    "sentinelg",
    "xyzzy",
    "plugh",
    "qx-91",
    "oddba",
)
_HEADER = "No;First Name;Middle Name;Last Name;Email;Phone;Date of birth;Street;Zip;City;Job Title;Odd 7"
_REST = "Sentinelgasse 7;10115;Berlin;Xyzzy"
_ROWS = (
    f"QX-91;Zebulonqa;Zebulonqb;Quaxxington;Zebulonqa@QxMail.example;030 77712345;17.03.1931;{_REST};Oddball",
    f"QX-92;Zebulonqa;;Quaxxingtonn;z2@qxmail.example;030 77712346;17.03.1931;{_REST};Oddball",
    "QX-93;Zebulonqa;;Quaxxington;;0049 30 7771234-5;99.99.1931;Sentinelgasse 7;10115;Berlin;Xyzzy;",
    "OK-1;Otto;;Ordinary;otto@other.example;030 5556677;01.02.1970;Weg 1;10115;Berlin;Clerk;",
    "OK-2;Otto;;Broken;;;99.99.1970;Weg 1;10115;Berlin;Clerk;",
)


@dataclass
class Marked:
    """The ids of what was made."""

    person: int
    merged: int
    lead: int
    other: int
    account: int
    undone: int = 0


def marked_store(server: Server, folder: Path) -> Iterator[tuple[Store, Marked]]:
    """Yield a store with the marked person; of SQLite a copy of one that is made once."""
    if not isinstance(server, Sqlite):
        with Store.open(empty_store_url(server)) as store:
            yield store, make_marked(store, folder)
        return
    template, note = server.folder / "marked.db", server.folder / "marked.json"
    if not note.exists():
        shutil.copy(Path(str(empty_store_url(server).database)), template)
        with Store.open(template) as store:
            note.write_text(json.dumps(asdict(make_marked(store, folder))), encoding="utf-8")
            scrub(store)
    path = shutil.copy(template, folder / "crm.db")
    with Store.open(path) as store:
        yield store, Marked(**json.loads(note.read_text(encoding="utf-8")))


def make_marked(store: Store, folder: Path) -> Marked:
    """Import, edit, merge, convert, relate, search, undo: the marks come into all tables that can hold them."""
    with operation(store, "schema", MARIA) as op:
        _add_field(op)
    store.reload()
    path = folder / "people.csv"
    path.write_text("\n".join((_HEADER, *_ROWS)) + "\n", encoding="utf-8")
    options = ImportOptions(into=("contact",), key="No", country="DE", source_name="fair", date_order="dmy")
    result = import_source(store, path, MARIA, options)
    assert result.counts["rejected"] == 2, result.counts
    path.unlink()
    person, merged, other = _ids(store)
    made = Marked(person, merged, 0, other, 0)
    _work(store, made)
    _machinery(store, made)
    catch_up(store)
    return made


def _add_field(op: Any) -> None:
    op.insert(
        "custom_field",
        [{"entity": "contact", "name": "shibboleth", "type": "text", "meaning": "A word among friends", "options": {}}],
    )


def _ids(store: Store) -> list[int]:
    table = store.table("contact")
    with store.read() as connection:
        return list(connection.scalars(sa.select(table.c.id).order_by(table.c.id)))


def _points(store: Store, op: Any, detail: str, party: int) -> list[int]:
    table = store.table(detail)
    return list(op.connection.scalars(sa.select(table.c.id).where(table.c.party_id == party)))


def _every_field(store: Store, op: Any, entity: str, number: int, *more: str) -> None:
    """Put a mark into every text field of a record that takes one, whatever it is called."""
    declared = store.dictionary.entity(entity)
    with_a_form = (
        SemanticType.ENUM,
        SemanticType.CURRENCY,
        SemanticType.COUNTRY,
        SemanticType.EMAIL,
        SemanticType.PHONE,
    )
    named = ("given_name", "family_name", *more)
    texts = [one for one in declared.fields if one.is_text or one.type is SemanticType.NOTE]
    free = [one for one in texts if one.type not in with_a_form and one.name not in named]
    assert free
    op.update(entity, {number: {one.name: f"Xyzzy {number} {one.name}"[: one.max_length] for one in free}})


def _work(store: Store, made: Marked) -> None:
    email = store.table("email_address")
    with store.read() as connection:
        mine = connection.scalar(sa.select(email.c.id).where(email.c.party_id == made.person))
    with operation(store, "set", MARIA) as op:  # an address that was given up, and names of before
        op.update("contact", {made.person: {"family_name": "Quaxxby", "shibboleth": "Plugh"}})
        op.update("contact", {made.person: {"family_name": "Quaxxington", "salutation": "Xyzzy Dr."}})
        op.update("email_address", {mine: {"value": "old@qxmail.example", "standard": "old@qxmail.example"}})
        op.update(
            "email_address", {mine: {"value": "zebulonqa@qxmail.example", "standard": "zebulonqa@qxmail.example"}}
        )
    with operation(store, "add", MARIA) as op:
        (made.account,) = op.insert("account", [{"name": "Acme", "description": "Ask Zebulonqa Quaxxington first"}])
        lead = {"family_name": "Quaxxington", "given_name": "Zebulonqa", "email": "zlead@qxmail.example"}
        _every_field(store, op, "contact", made.person)
        _every_field(store, op, "contact", made.merged)
        (made.lead,) = op.insert("lead", [{**lead, "phone": "+493077712349", "converted_contact_id": made.person}])
        _every_field(store, op, "lead", made.lead)
        for address in _points(store, op, "postal_address", made.person):
            _every_field(store, op, "postal_address", address)
        (kind,) = op.insert("relationship_type", [{"name": "knows"}])
        both = {"party_id": made.person, "other_party_id": made.other}
        op.insert("relationship", [{"type_id": kind, "note": "Xyzzy from school", **both}])
        given = {"status": "given", "recorded_at": op.started_at, "evidence": "letter of Quaxxington"}
        op.insert("consent", [{"party_id": made.person, "channel": "email", **given}])
        op.insert("activity", [{"subject": "Called Quaxxington", "notes": "Xyzzy", "party_id": made.person}])
        (visit,) = op.insert(
            "activity", [{"subject": "Visit", "notes": "with zebulonqa@qxmail.example", "party_id": made.account}]
        )
        op.insert("activity_link", [{"activity_id": visit, "entity": "contact", "record_id": made.person}])
        op.update("contact", {made.other: {"reports_to_id": made.person}})
        op.insert(
            "opportunity", [{"name": "Roof", "account_id": made.account, "contact_id": made.person, "stage": "lost"}]
        )
        op.insert("opportunity", [{"name": "Roof of Quaxxington", "contact_id": made.person, "stage": "lost"}])
    with operation(store, "add", MARIA) as op:
        op.insert("phone_number", [{"party_id": made.person, "value": "030 77712347", "standard": "+493077712347"}])
    undo(store, op.id, MARIA)
    merge(store, "contact", [MergeGroup((made.person, made.merged), survivor=made.person)], MARIA)


def _machinery(store: Store, made: Marked) -> None:
    """What searches, audits and others write about the person."""
    now = store.now()
    pair = {"entity": "contact", "left_id": made.person, "right_id": made.other}
    with operation(
        store, "find", Author("maria", "asked by Quaxxington", "crm report run x 'Zebulonqa Quaxxington'")
    ) as op:
        (run,) = op.insert(
            "match_run", [{"entity": "contact", "started_at": now, "condition": "family_name = 'Quaxxington'"}]
        )
        op.insert(
            "match_pair",
            [{**pair, "run_id": run, "probability": 0.5, "verdict": "related", "scores": {"why": "Quaxxington"}}],
        )
        op.insert(
            "match_decision", [{**pair, "verdict": "different", "actor": "maria", "decided_at": now, "reason": "Xyzzy"}]
        )
        op.insert("match_key", [{"entity": "contact", "block": 7, "record_id": made.person}])
        named = {"entity": "contact", "record_id": made.person}
        op.insert("match_waiting", [named])
        op.insert("finding", [{**named, "policy": "p", "severity": "warn", "message": "Quaxxington has no fax"}])
        seen = {"freshness_group": "email", "confirmed_at": now, "method": "call", "source": "zebulonqa@qxmail.example"}
        op.insert("confirmation", [{**named, **seen}])
        manifest = {"filter": "family_name = ?", "columns": ["family_name"]}
        run = {"record_entity": "contact", "actor": "tom", "destination": "people.csv", "started_at": now}
        op.insert("export_run", [{**run, "manifest": manifest}])
        (other_lead,) = op.insert(
            "lead", [{"family_name": "Someone", "description": "friend of Zebulonqa Quaxxington"}]
        )
        cross = {"entity": "lead", "record_id": other_lead, "other_entity": "contact", "other_id": made.person}
        op.insert(
            "cross_decision",
            [{**cross, "verdict": "different", "actor": "maria", "decided_at": now, "reason": "Xyzzy"}],
        )


def places(store: Store, marks: tuple[str, ...] = MARKS) -> list[tuple[str, str]]:
    """Return where a mark stands: (table, column), in every text, document, date and key of every table."""
    return sorted(set(_places(store, marks)))


def _places(store: Store, marks: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    with store.read() as connection:
        for table in store.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)).mappings():
                for name, value in row.items():
                    text = str(value) if not isinstance(value, date) else value.isoformat()
                    if any(mark in form for form in (text.casefold(), fold(text) or "") for mark in marks):
                        yield table.name, name
