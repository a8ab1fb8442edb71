"""The values of a field: counted and grouped where they stand, and mended by recipes that can be applied again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.errors import CrmError, UsageError
from crm_cli.history import Author, operation, undo
from crm_cli.jobs.caps import TooManyChangesError
from crm_cli.jobs.standardizing import standardize_records
from crm_cli.jobs.values import (
    Change,
    Recipe,
    RecipeError,
    RecipeResult,
    Session,
    Wanted,
    affected,
    all_proposals,
    apply_recipe,
    counted,
    read_recipe,
    spelling_groups,
    value_field,
)
from crm_cli.records import NewField, add_field
from crm_cli.spellings import Method, Spelling, SpellingGroup
from crm_cli.standardize import Context, standardize
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")


def people(store: Store, *cities: str | None, where: str = "postal_address") -> list[int]:
    """Contacts with an address in each of these cities, as they were before anything was standardized."""
    with operation(store, "add", MARIA) as op:
        ids = op.insert("contact", [{"family_name": f"N{number}"} for number, _ in enumerate(cities)])
        points = [
            {"party_id": number, "city": city, "country": "DE", "value": f"as given: {city}", "standard": f"{city}, DE",
             "is_primary": True, "kind": "main", "standing": "valid"}
            for number, city in zip(ids, cities, strict=True) if city is not None
        ]  # fmt: skip
        op.insert(where, points)
    return ids


def rows(store: Store, table: str, *columns: str) -> list[tuple[Any, ...]]:
    found = store.table(table)
    with store.read() as connection:
        query = sa.select(*(found.c[name] for name in columns)).where(found.c.deleted_at.is_(None)).order_by(found.c.id)
        return [tuple(row) for row in connection.execute(query)]


def counts(store: Store, field: str, where: str | None = None, min_count: int = 1) -> list[tuple[str, int]]:
    wanted = Wanted(field=value_field(store.dictionary, field), where=where, min_count=min_count)
    with store.read() as connection:
        return [(one.value, one.count) for one in counted(store, connection, wanted)]


def groups(store: Store, field: str, *methods: Method, **more: Any) -> list[SpellingGroup]:
    with store.read() as connection:
        wanted = Wanted(field=value_field(store.dictionary, field), methods=methods, **more)
        return spelling_groups(store, connection, wanted)


def mend(store: Store, field: str, *changes: tuple[list[str], str], dry_run: bool = False, **more: Any) -> RecipeResult:
    entity, _, name = field.partition(".")
    most = more.pop("max_changes", None)
    made = tuple(Change(tuple(given), to) for given, to in changes)
    recipe = Recipe(entity=entity, field=name, changes=made, **more)
    with operation(store, "values", MARIA, dry_run=dry_run) as op:
        return apply_recipe(op, recipe, Context(country="DE"), max_changes=most)


@pytest.mark.all_databases
def test_values_are_counted_grouped_and_mended_and_undone(store: Store) -> None:
    people(store, "Berlin", "Berlin", "BERLIN", "berlin ", "Berlim", "Bonn", "Ulm", "Elm", None, "")
    assert counts(store, "contact.city")[0] == ("Berlin", 2)
    assert dict(counts(store, "contact.city")) == {
        "Berlin": 2, "BERLIN": 1, "berlin ": 1, "Berlim": 1, "Bonn": 1, "Ulm": 1, "Elm": 1,
    }  # fmt: skip
    assert counts(store, "contact.city", min_count=2) == [("Berlin", 2)]
    (group,) = groups(store, "contact.city")
    assert [one.value for one in group.spellings] == ["Berlin", "Berlim", "BERLIN", "berlin "]
    before = business_content(store)
    changes = all_proposals([group])
    rehearsed = mend(store, "contact.city", *((list(one.from_), one.to) for one in changes), dry_run=True)
    assert (rehearsed.changed, business_content(store)) == (3, before)
    done = mend(store, "contact.city", *((list(one.from_), one.to) for one in changes), (["Nowhere"], "Bonn"))
    assert [(one.before, one.after, one.records) for one in done.mended] == [
        ("Berlim", "Berlin", 1), ("BERLIN", "Berlin", 1), ("berlin ", "Berlin", 1),
    ]  # fmt: skip
    assert done.unmatched == ["Nowhere"]
    assert dict(counts(store, "contact.city"))["Berlin"] == 5
    addresses = rows(store, "postal_address", "city", "city_key", "value", "standard", "standing")
    assert addresses[2] == ("Berlin", "berlin", "as given: BERLIN", "Berlin, DE", "valid")
    assert mend(store, "contact.city", *((list(one.from_), one.to) for one in changes)).changed == 0
    assert undo(store, done.operation_id, MARIA).refused == []
    assert business_content(store) == before


def test_a_mended_spelling_survives_standardizing(store: Store) -> None:
    people(store, "Muenchen")
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("contact", [{"family_name": "X"}])
        mail = {
            "party_id": number,
            "value": "a@gmial.com",
            "standard": "a@gmial.com",
            "is_primary": True,
            "kind": "work",
        }
        op.insert("email_address", [{"party_id": number, **mail}])
    assert mend(store, "contact.city", (["Muenchen"], "München")).changed == 1
    assert mend(store, "contact.email", (["a@gmial.com"], "a@gmail.com")).changed == 1
    standardize_records(store, "contact", MARIA)
    assert counts(store, "contact.city") == [("München", 1)]
    assert counts(store, "contact.email") == [("a@gmail.com", 1)]
    assert rows(store, "email_address", "value", "standard") == [("a@gmail.com", "a@gmail.com")]


def test_plain_fields_notes_and_run_time_fields_keep_their_originals(store: Store) -> None:
    with operation(store, "schema", MARIA) as op:
        add_field(op, NewField("account", "segment", "text", "Segment"))
    store.reload()
    kept = {"@original": {"industry": "as given"}, "Column": "x"}
    with operation(store, "add", MARIA) as op:
        op.insert("account", [
            {"name": "A", "industry": "Retail", "extra": kept, "segment": "Gold", "description": "see  file"},
            {"name": "B", "industry": "retail", "segment": "GOLD", "description": "See file"},
        ])  # fmt: skip
    for field in ("account.industry", "account.custom.segment", "account.segment", "account.description"):
        assert [len(one.spellings) for one in groups(store, field)] == [2], field
    assert mend(store, "account.industry", (["Retail"], "retail trade")).changed == 1
    assert mend(store, "account.segment", (["GOLD"], "Gold")).changed == 1
    assert rows(store, "account", "industry", "custom") == [
        ("retail trade", {"segment": "Gold"}), ("retail", {"segment": "Gold"}),
    ]  # fmt: skip
    assert rows(store, "account", "extra")[0] == (kept,)


def test_blank_clears_and_a_mend_confirms_nothing(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        op.insert("contact", [{"family_name": "A", "job_title": "n/a"}, {"family_name": "B", "job_title": "Buyer"}])
    assert mend(store, "contact.job_title", (["n/a"], "")).changed == 1
    assert counts(store, "contact.job_title") == [("Buyer", 1)]
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(store.table("confirmation"))) == 0


@pytest.mark.all_databases
def test_all_addresses_of_the_living_are_reached_by_their_own_name(store: Store) -> None:
    first, second, third = people(store, "Köln", "Koln", "koeln")
    with operation(store, "add", MARIA) as op:
        address = {
            "party_id": first,
            "city": "KÖLN",
            "kind": "billing",
            "value": "?",
            "standard": "KÖLN",
            "is_primary": False,
        }
        op.insert(
            "postal_address",
            [address, {**address, "kind": "home", "city": "Koln", "standard": "Koln, DE", "country": "DE"}],
        )
        op.delete("contact", [third])
    assert dict(counts(store, "address.city")) == {"Köln": 1, "Koln": 2, "KÖLN": 1}
    before = business_content(store)
    done = mend(store, "address.city", (["Koln", "KÖLN"], "Köln"))
    assert done.changed == 2
    assert [why for _, why in done.left] == ["its party has it in this spelling already"]
    assert dict(counts(store, "address.city")) == {"Köln": 3, "Koln": 1}
    assert counts(store, "contact.city", where="id > 0") == [("Köln", 2)]
    undo(store, done.operation_id, MARIA)
    assert business_content(store) == before
    assert second


def test_telephone_numbers_and_e_mail_addresses_group_by_keys_alone_unless_distance_is_named(store: Store) -> None:
    with operation(store, "add", MARIA) as op:
        (number,) = op.insert("contact", [{"family_name": "A"}])
        op.insert("email_address", [
            {"party_id": number, "value": mail, "standard": mail, "kind": "work", "is_primary": place == 0}
            for place, mail in enumerate(["ann@x.example", "anna@x.example", "a.nn@x.example"])
        ])  # fmt: skip
    assert groups(store, "email.value") == []
    assert len(groups(store, "email.value", Method.DISTANCE)) == 1
    done = mend(store, "email.value", (["anna@x.example"], "ANN@x.example"))
    assert (done.changed, len(done.left)) == (0, 1)
    assert mend(store, "email.value", (["anna@x.example"], "Hanna@X.example")).changed == 1
    assert rows(store, "email_address", "standard")[1] == ("Hanna@x.example",)


def test_where_limits_what_is_counted_and_what_is_mended(store: Store) -> None:
    people(store, "Berlin", "BERLIN", "BERLIN")
    assert counts(store, "contact.city", where="family_name = 'N1'") == [("BERLIN", 1)]
    assert mend(store, "contact.city", (["BERLIN"], "Berlin"), where="family_name = 'N1'").changed == 1
    assert dict(counts(store, "contact.city")) == {"Berlin": 2, "BERLIN": 1}


def test_more_changes_than_allowed_leave_everything_as_it_was(store: Store) -> None:
    people(store, *["BERLIN"] * 3)
    before = business_content(store)
    with pytest.raises(TooManyChangesError, match=r"3 records .contact. would change, 2 are allowed"):
        mend(store, "contact.city", (["BERLIN"], "Berlin"), max_changes=2)
    assert business_content(store) == before


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("contact", "which field"),
        ("contact.birth_date", "a date, no text"),
        ("contact.account.name", "a value of another record"),
        ("contact.public_id", "kept by the system"),
        ("contact.ctiy", "no field"),
        ("operation.kind", "kept by the system"),
    ],
)
def test_what_has_no_texts_of_its_own_is_refused(store: Store, field: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        value_field(store.dictionary, field)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("contact.customer_number", "unique"),
        ("email.standard", "made by the system"),
        ("consent.purpose", "part of a record"),
    ],
)
def test_what_must_not_be_mended_is_refused(store: Store, field: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        mend(store, field, (["a"], "b"))


def test_every_text_field_of_every_entity_can_be_asked_for(store: Store) -> None:
    asked = 0
    for entity in store.dictionary.records:
        for one in (*entity.fields, *entity.slots):
            if getattr(one, "is_text", True):
                assert counts(store, f"{entity.noun}.{one.name}") == []
                asked += 1
    assert asked > 60


def test_a_standard_form_that_is_itself_given_up_is_refused_as_it_would_never_end(store: Store) -> None:
    people(store, "X")
    with pytest.raises(RecipeError, match="'Bonn' in standard form, which is itself to become"):
        mend(store, "contact.city", (["X"], "BONN"), (["Bonn"], "Berlin"))


CITIES = st.lists(
    st.sampled_from(["Bonn", "BONN", "bonn", "Bohn", "Ulm", " ulm", "ULM", "Köln"]), min_size=1, max_size=8
)
CHANGES = st.dictionaries(
    st.sampled_from(["BONN", "bonn", "Bohn", " ulm", "ULM", "Ulm", "Köln"]),
    st.sampled_from(["Bonn", "BONN", "Ulm", "köln", ""]),
    max_size=5,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cities=CITIES, changes=CHANGES)
def test_a_recipe_applied_twice_changes_nothing_the_second_time(
    store: Store, cities: list[str], changes: dict[str, str]
) -> None:
    with operation(store, "clear", MARIA) as op:
        op.delete("contact", [number for (number,) in rows(store, "contact", "id")])
    people(store, *cities)
    pairs = [([given], to) for given, to in changes.items()]
    before = business_content(store)
    try:
        first = mend(store, "contact.city", *pairs)
    except CrmError:
        assert business_content(store) == before
        return
    held = counts(store, "contact.city")
    # what is given comes in its standard form: a recipe that turns Köln into köln leaves Köln
    wanted = {standardize(SemanticType.CITY, to, Context()).value for to in changes.values()}
    assert not {value for value, _ in held} & (set(changes) - wanted)
    second = mend(store, "contact.city", *pairs)
    assert (second.changed, counts(store, "contact.city")) == (0, held)
    undo(store, first.operation_id, MARIA)
    assert business_content(store) == before


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(changes=st.dictionaries(TEXTS, TEXTS | st.just(""), min_size=1, max_size=6), where=st.none() | TEXTS)
def test_a_recipe_reads_back_as_it_was_written(
    tmp_path_factory: Any, changes: dict[str, str], where: str | None
) -> None:
    given = tuple(Change((one,), to) for one, to in changes.items() if to not in changes)
    if not given:
        return
    by_end: dict[str, list[str]] = {}
    for one in given:
        by_end.setdefault(one.to, []).append(one.from_[0])
    made = Recipe(
        entity="contact", field="city", changes=tuple(Change(tuple(spellings), to) for to, spellings in by_end.items()),
        where=where, decided_by="ann", decided_at=datetime(2026, 11, 27, 10, tzinfo=UTC), method="all", distance=1,
    )  # fmt: skip
    path: Path = tmp_path_factory.mktemp("recipe") / "r.toml"
    path.write_text(made.to_toml(), encoding="utf-8", newline="")
    assert read_recipe(path) == made


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("field = 'city'", "which entity"),
        ("entity = 'contact'\nfield = 'city'", "no changes"),
        ("entity = 'contact'\nfield = 'city'\n[[change]]\nfrom = []\nto = 'x'", "change 1 does not say which"),
        ("entity = 'contact'\nfield = 'city'\n[[change]]\nfrom = 'a'", "change 1 does not say what"),
        ("entity = 'contact'\nfield = 'city'\n[[change]]\nform = 'a'\nto = 'b'", "unknown key 'form'"),
        ("entity = 'contact'\nfield = 'city'\ncolor = 1", "unknown key 'color'"),
        (
            "entity = 'c'\nfield = 'city'\n[[change]]\nfrom = 'a'\nto = 'b'\n[[change]]\nfrom = 'a'\nto = 'c'",
            "'a' is to become 'b' and 'c'",
        ),
        (
            "entity = 'c'\nfield = 'city'\n[[change]]\nfrom = 'a'\nto = 'b'\n[[change]]\nfrom = 'b'\nto = 'a'",
            "leads back to itself",
        ),
        ("not toml", "is not TOML"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong_with_it(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=message) as fault:
        read_recipe(path)
    assert str(path) in fault.value.message


def test_chains_are_followed_to_their_end(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    changes = "[[change]]\nfrom = ['a', 'c']\nto = 'b'\n[[change]]\nfrom = 'b'\nto = 'd'\n"
    path.write_text(f"entity = 'contact'\nfield = 'city'\n{changes}", encoding="utf-8")
    assert read_recipe(path).changes == (Change(("a", "c", "b"), "d"),)


def group(*texts: str) -> SpellingGroup:
    return SpellingGroup(tuple(Spelling(text, 9 - place) for place, text in enumerate(texts)), (Method.FINGERPRINT,))


def test_a_session_takes_splits_skips_and_goes_back() -> None:
    session = Session([group("A", "a", "á"), group("B", "b"), group("C", "c")])
    assert not session.back()
    assert not session.split_out({0, 1})
    assert session.split_out({2})
    assert session.current == group("A", "a")
    session.take()
    session.take("Beta")
    session.skip()
    assert (session.current, session.left) == (None, 0)
    assert session.changes() == (Change(("a",), "A"), Change(("B", "b"), "Beta"))
    assert session.back()
    assert session.back()
    assert session.current == group("B", "b")
    session.take("b")
    assert session.changes() == (Change(("a",), "A"), Change(("B",), "b"))


def test_what_a_recipe_would_touch_is_counted_beforehand(store: Store) -> None:
    people(store, "a", "a", "b", "c")
    recipe = Recipe(entity="contact", field="city", changes=(Change(("a", "b"), "c"),))
    with store.read() as connection:
        assert affected(store, connection, recipe) == 3
