"""The match index: what is new meets all others, and the index knows of every write, merge and undo."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from crm_cli.dedupe.indexing import Comparer
from crm_cli.dictionary import Entity
from crm_cli.errors import StalePlanError, UsageError
from crm_cli.history import operation, undo
from crm_cli.jobs import matching
from crm_cli.jobs.existing import existing
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.jobs.matching import FindOptions, NoIndexError, Verdict
from crm_cli.jobs.matching.index import catch_up, read_index
from crm_cli.jobs.matching.index.upkeep import forget_waiting, waiting_records
from crm_cli.jobs.matching.loading import load_records
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.records import Reader
from crm_cli.standardize import Context
from crm_cli.store import Store
from tests.dedupe.organizations import side_by_side
from tests.jobs.people import MARIA, World, add_people


@pytest.fixture
def world(store: Store) -> World:
    world = add_people(store)
    matching.find(store, "contact", MARIA)
    return world


def contact(store: Store) -> Entity:
    return store.dictionary.entity("contact")


def keys_kept(store: Store, entity: str = "contact") -> Counter[tuple[int, int]]:
    table = store.table("match_key")
    with store.read() as connection:
        query = sa.select(table.c.record_id, table.c.block).where(table.c.entity == entity)
        return Counter((row[0], row[1]) for row in connection.execute(query))


def keys_of_all(store: Store, entity: str = "contact") -> Counter[tuple[int, int]]:
    """The plain way: read every living record and key it."""
    declared = store.dictionary.entity(entity)
    with store.read() as connection:
        index = read_index(store, connection, declared)
        rules = MatchRules(must_match=index.blueprint.trusted)
        loaded = load_records(store, connection, declared, rules=rules)
    records, keys = Comparer(loaded.table, index.blueprint).keys()
    return Counter(zip((loaded.ids[one] for one in records.tolist()), keys.tolist(), strict=True))


def pairs_of(store: Store, number: int) -> dict[int, tuple[float, int | None]]:
    table = store.table("match_pair")
    with store.read() as connection:
        rows = connection.execute(sa.select(table).where(sa.or_(table.c.left_id == number, table.c.right_id == number)))
        return {row.left_id + row.right_id - number: (row.probability, row.cluster) for row in rows}


def copy_of(store: Store, number: int) -> int:
    """Enter a contact once more, with its e-mail address and telephone."""
    contact, mail, phone = (store.table(name) for name in ("contact", "email_address", "phone_number"))
    with operation(store, "add", MARIA) as op:
        row = op.connection.execute(sa.select(contact).where(contact.c.id == number)).one()
        (made,) = op.insert(
            "contact",
            [{"given_name": row.given_name, "family_name": row.family_name, "birth_date": row.birth_date}],
        )
        for table in (mail, phone):
            for point in op.connection.execute(sa.select(table).where(table.c.party_id == number)):
                values = {"party_id": made, "value": point.value, "standard": point.standard, "is_primary": True}
                op.insert(table.name, [values], covered=True)
    return made


def test_a_whole_search_keeps_the_keys_of_all_records(store: Store, world: World) -> None:
    assert keys_kept(store) == keys_of_all(store)
    assert len({record for record, _ in keys_kept(store)}) > 0.9 * len(world.ids)


def test_the_index_knows_of_every_write_merge_and_undo(store: Store, world: World) -> None:
    left, right = world.twins[0]
    numbers: list[int] = []

    def written() -> None:
        catch_up(store)
        assert keys_kept(store) == keys_of_all(store)
        with store.read() as connection:
            table = store.table("operation")
            numbers.append(connection.scalar(sa.select(sa.func.max(table.c.id))) or 0)

    with operation(store, "set", MARIA) as op:
        op.update("contact", {left: {"family_name": "Quite-Another"}})
    before = keys_kept(store)
    written()
    assert keys_kept(store) != before, "the test would see a difference"
    with operation(store, "set", MARIA) as op:
        (account,) = op.insert("account", [{"name": "Northwind Traders"}])
        op.update("contact", {right: {"account_id": account}})
        op.insert("email_address", [{"party_id": right, "value": "q@north.example", "standard": "q@north.example"}])
    written()
    with operation(store, "set", MARIA) as op:
        op.update("account", {account: {"name": "Fabrikam Industries"}})
    written()
    result = merge(store, "contact", [MergeGroup(world.twins[1])], MARIA)
    written()
    assert not [record for record, _ in keys_kept(store) if record == world.twins[1][1]]
    undo(store, result.operation_id, MARIA)
    written()
    assert [record for record, _ in keys_kept(store) if record == world.twins[1][1]]
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [left])
    written()
    undo(store, numbers[-1], MARIA)
    written()
    made = copy_of(store, right)
    written()
    undo(store, numbers[-1], MARIA)
    written()
    assert made not in {record for record, _ in keys_kept(store)}


def test_only_what_is_new_is_compared_and_joins_what_was_found(store: Store, world: World) -> None:
    kept = {pair: pairs_of(store, pair[0])[pair[1]] for pair in world.twins[5:] if pair[1] in pairs_of(store, pair[0])}
    single, twin = world.ids[len(world.households)], world.twins[3][0]
    made = [copy_of(store, single), copy_of(store, twin)]
    update = matching.find_new(store, "contact", MARIA)
    assert update.records == 2
    assert update.pairs >= 2
    probability, cluster = pairs_of(store, made[1])[twin]
    assert probability > 0.5
    assert cluster == twin, "the cluster keeps the number of its oldest record"
    assert {other: found[1] for other, found in pairs_of(store, twin).items() if found[1]} == {
        made[1]: twin, world.twins[3][1]: twin
    }  # fmt: skip
    assert {pair: pairs_of(store, pair[0])[pair[1]] for pair in kept} == kept, "other pairs are as they were"
    again = matching.find_new(store, "contact", MARIA)
    assert (again.records, again.pairs) == (0, 0)
    assert pairs_of(store, made[1])[twin] == (probability, cluster)


def test_what_was_edited_is_compared_anew_and_what_is_gone_has_no_pairs(store: Store, world: World) -> None:
    left, right = next(pair for pair in world.twins if pairs_of(store, pair[0]).get(pair[1], (0.0, None))[0] > 0.9)
    mail, phone, address = (store.table(name) for name in ("email_address", "phone_number", "postal_address"))
    with operation(store, "set", MARIA) as op:
        op.update("contact", {right: {"given_name": "Zebulon", "family_name": "Quux", "birth_date": None}})
        for table in (mail, phone, address):
            op.delete(table.name, list(op.connection.scalars(sa.select(table.c.id).where(table.c.party_id == right))))
    matching.find_new(store, "contact", MARIA)
    assert pairs_of(store, left).get(right, (0.0, None))[0] < 0.5
    other = world.twins[9]
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [other[1]])
    matching.find_new(store, "contact", MARIA)
    assert not pairs_of(store, other[1])


def test_what_was_decided_to_be_different_is_not_found_again(store: Store, world: World) -> None:
    single = world.ids[len(world.households) + len(world.twins)]
    made = copy_of(store, single)
    matching.decide(store, "contact", [Verdict(single, made, "different")], MARIA)
    matching.find_new(store, "contact", MARIA)
    assert pairs_of(store, made).get(single, (0.0, None))[0] < 0.01


def test_what_changes_while_it_is_compared_is_compared_again(store: Store, world: World) -> None:
    made = copy_of(store, world.twins[0][0])
    catch_up(store)
    with store.read() as connection:
        seen = waiting_records(store, connection, "contact")
    with operation(store, "set", MARIA) as op:
        op.update("contact", {made: {"family_name": "Meanwhile"}})
    catch_up(store)
    with store.write() as connection:
        forget_waiting(store, connection, list(seen.values()))  # the first has done its work
        assert list(waiting_records(store, connection, "contact")) == [made]


def test_a_dry_run_keeps_nothing(store: Store, world: World) -> None:
    made = copy_of(store, world.twins[0][0])
    update = matching.find_new(store, "contact", MARIA, FindOptions(dry_run=True))
    assert update.pairs
    assert not pairs_of(store, made)
    with store.read() as connection:
        assert list(waiting_records(store, connection, "contact")) == [made]


def lookup(store: Store, rules: MatchRules | None = None, **values: str) -> list[matching.Resembling]:
    context = Context(country="US", currency="USD", timezone="UTC")
    with store.read() as connection:
        given = Reader(store, connection, store.dictionary.entity("contact"), context).read(values)
    return matching.look_up(store, given, rules=rules)


def test_a_record_that_exists_is_found_with_the_reason(store: Store, world: World) -> None:
    number = world.ids[150]
    table, mail = store.table("contact"), store.table("email_address")
    with store.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == number)).one()
        address = connection.scalar(sa.select(mail.c.standard).where(mail.c.party_id == number))
    asked = {"given_name": row.given_name[:-1], "family_name": row.family_name, "email": address}
    (first, *_) = lookup(store, **asked)
    assert first.id == number
    assert first.probability > 0.5
    assert lookup(store, **asked | {"given_name": row.given_name})[0].probability > 0.9
    assert "email equal" in first.why
    assert row.family_name in first.title
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [number])
    assert number not in {one.id for one in lookup(store, **asked)}


def test_who_is_there_already_is_not_added_again(store: Store, world: World) -> None:
    table, mail = store.table("contact"), store.table("email_address")
    with store.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == world.ids[150])).one()
        address = connection.scalar(sa.select(mail.c.standard).where(mail.c.party_id == row.id)) or ""
        reader = Reader(store, connection, contact(store), Context(country="US", currency="USD", timezone="UTC"))
        again = reader.read({"given_name": row.given_name, "family_name": row.family_name, "email": f"x{address}"})
        other = reader.read({"given_name": "Xanthippe", "family_name": "Oyelaran", "email": "x.o@nowhere.example"})
    assert row.id in {one.id for one in existing(store, again)}, "no key is the same, but it is alike"
    assert not existing(store, other)


def test_somebody_unknown_is_not_found(store: Store, world: World) -> None:
    assert not lookup(store, given_name="Xanthippe", family_name="Oyelaran-Smythe", email="x.o@nowhere.example")


def test_without_a_search_of_all_records_there_is_no_index(store: Store) -> None:
    add_people(store)
    matching.find(store, "contact", MARIA, FindOptions(where="family_name is not null"))
    with pytest.raises(NoIndexError, match="no match index yet"):
        lookup(store, family_name="Doe")
    with pytest.raises(UsageError, match="no condition"):
        matching.find_new(store, "contact", MARIA, FindOptions(where="id > 3"))


def test_a_key_of_too_many_records_is_passed_over(store: Store, world: World) -> None:
    index_of = store.dictionary.entity("contact")
    with store.read() as connection:
        index = read_index(store, connection, index_of)
        limit = index.blueprint.block_limit
    with store.write() as connection:
        table = store.table("match_key")
        numbers = store.allocate(connection, "match_key", limit + 3)
        rows = [{"id": number, "entity": "contact", "block": 5, "record_id": 1} for number in numbers[: limit + 1]]
        rows += [{"id": number, "entity": "contact", "block": 6, "record_id": 2} for number in numbers[limit + 1 :]]
        connection.execute(table.insert(), rows)
        assert index.blocks(store, connection, {5, 6, 7}) == {6: [2, 2]}


def test_two_entities_have_indexes_of_their_own(store: Store, world: World) -> None:
    names = ["Northwind Traders", "Fabrikam Industries", "Contoso Metal Works", "Adventure Cycles", "Tailspin Toys"]
    with operation(store, "add", MARIA) as op:
        op.insert("account", [{"name": f"{name} {place}"} for name in names for place in ("Leeds", "York", "Hull")])
    contacts = keys_kept(store)
    matching.find(store, "account", MARIA)
    assert keys_kept(store) == contacts
    assert keys_kept(store, "account") == keys_of_all(store, "account") != Counter()
    matching.find(store, "contact", MARIA)
    assert keys_kept(store, "account") == keys_of_all(store, "account")


def test_the_rules_of_the_project_hold_for_what_is_new(store: Store, world: World) -> None:
    rules = MatchRules(must_match=(("customer_number",),), must_differ=("language",))
    with pytest.raises(StalePlanError, match="rules for contacts have changed"):
        matching.find_new(store, "contact", MARIA, FindOptions(rules=rules))
    single, other = world.ids[150], world.ids[151]
    with operation(store, "set", MARIA) as op:
        op.update("contact", {single: {"customer_number": "K-17"}, other: {"language": "de"}})
    matching.find(store, "contact", MARIA, FindOptions(rules=rules))
    assert keys_kept(store) == keys_of_all(store)
    with operation(store, "add", MARIA) as op:
        (stranger,) = op.insert("contact", [{"family_name": "Oyelaran", "customer_number": "k 17"}])
    made = copy_of(store, other)
    with operation(store, "set", MARIA) as op:
        op.update("contact", {made: {"language": "fr"}})
    matching.find_new(store, "contact", MARIA, FindOptions(rules=rules))
    assert keys_kept(store) == keys_of_all(store)
    assert pairs_of(store, stranger)[single] == (1.0, single)
    assert pairs_of(store, made).get(other, (0.0, None))[0] < 0.01
    (found, *_) = lookup(store, family_name="Smythe", customer_number="K17", rules=rules)
    assert (found.id, found.probability, found.why) == (single, 1.0, "rule: same customer_number")


def test_leads_of_two_kinds_are_searched_and_say_why_they_have_no_index(store: Store) -> None:
    frame, *_ = side_by_side(700, seed=5)
    names = {"first name": "given_name", "last name": "family_name"}
    wanted = ["given_name", "family_name", "company", "phone", "street", "city"]
    rows = frame.rename(names).select(wanted).to_dicts()
    with operation(store, "add", MARIA) as op:
        op.insert("lead", [{name: value or None for name, value in row.items()} for row in rows])
    _, _, result = matching.find(store, "lead", MARIA)
    assert {part.kind for part in result.parts} == {"persons", "organizations"}
    with store.read() as connection, pytest.raises(NoIndexError, match="persons and organizations among the leads"):
        read_index(store, connection, store.dictionary.entity("lead"))
    matching.find(store, "lead", MARIA)  # once more, with what the first left
