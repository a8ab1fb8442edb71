"""Every writing command, undone: the same business content before and after (all databases in the slow set).

One body: the base is made, the command runs (its dry run first, which may change nothing), then `crm undo` takes it
back, `crm undo` of the undo does it again, and the undo of that takes it back once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.history import Author, operation
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content

PEOPLE = """Id,First Name,Last Name,Company,E-Mail,Phone,City,Country
1,ANN,SMITH,Acme Inc,ann@x.example,(512) 555-0143,austin,usa
2,Ann,Smyth,Acme Inc,ann@x.example,512 555 0144,Austin,US
3,Tom,Baker,Beta Ltd,tom@x.example,,Boston,US
"""
MORE = PEOPLE.replace("Baker", "Becker").replace("Boston", "Salem") + "4,Li,Wei,Gamma Ltd,li@x.example,,,\n"
CITIES = 'entity = "contact"\nfield = "city"\n[[change]]\nfrom = ["Austin"]\nto = "Round Rock"\n'
WRITERS: dict[str, tuple[str, ...]] = {
    "import": ("import", "more.csv", "--into", "account+contact", "--source", "crm", "--key", "Id"),
    "standardize": ("standardize", "contact"),
    "values": ("values", "apply", "cities.toml"),
    "merge with children": ("dedupe", "merge", "contact", "{ann}", "{smyth}", "--max-merge-share", "1"),
    "merge companies": ("dedupe", "merge", "account", "{acme}", "{beta}", "--max-merge-share", "1"),
    "reassign": ("reassign", "--from", "maria", "--to", "li"),
    "set": ("contact", "set", "given_name=Thomas", "email=new@x.example", "{tom}"),
    "set again": ("contact", "set", "given_name=Theodor", "email=third@x.example", "{tom}"),
    "set many": ("contact", "set", "status=customer", "{ann}", "{smyth}", "{tom}"),
    "delete": ("contact", "delete", "{tom}"),
    "add": ("contact", "add", "family_name=New", "email=n@x.example", "account={acme}"),
    "add a field": ("schema", "add-field", "contact", "shoe_size", "--type", "integer", "--meaning", "Size of shoes"),
}


@dataclass
class Base:
    """A small database behind the program, and how to look at all of it."""

    crm: CrmRunner
    store: Store
    ids: dict[str, int]

    def content(self) -> Any:
        """All business content, and the fields that were added at run time."""
        with self.store.read() as connection:
            added = connection.execute(sa.select(self.store.table("custom_field"))).all()
        return business_content(self.store), added

    def run(self, name: str, *more: str) -> int:
        """Run a writer (or its dry run) as a user would; return the number of its operation."""
        self.crm(*(word.format(**self.ids) for word in WRITERS[name]), "--yes", *more).ok()
        return self.last()

    def last(self) -> int:
        """The number of the newest operation."""
        with self.store.read() as connection:
            return int(connection.scalar(sa.select(sa.func.max(self.store.table("operation").c.id))) or 0)

    def undo(self, number: int) -> int:
        """Undo an operation wholly; return the number of the undo."""
        self.crm("undo", number, "--yes").ok()
        return self.last()


@pytest.fixture
def base(store: Store, tmp_path: Path) -> Base:
    """Two people who are one, and another: owned by maria, with companies, a deal and an activity."""
    (tmp_path / "project").mkdir()
    url = store.url.render_as_string(hide_password=False)
    crm = CrmRunner(tmp_path / "project", {"CRM_CONFIG_DIR": str(tmp_path), "CRM_USER": "tester", "CRM_DB": url})
    crm.write("people.csv", PEOPLE)
    crm.write("more.csv", MORE)
    crm.write("cities.toml", CITIES)
    crm(
        "import", "people.csv", "--into", "account+contact", "--source", "crm", "--key", "Id", "--collision", "source"
    ).ok()
    with operation(store, "set", Author("maria", "test")) as op:
        maria, _ = op.insert("app_user", [{"username": "maria"}, {"username": "li"}])
        people = {row["external_id"]: row["record_id"] for row in _refs(op.store, op.connection)}
        acme, beta = sorted(op.connection.scalars(sa.select(store.table("account").c.id)))
        ann, smyth, tom = (people[number] for number in "123")
        op.update("contact", {ann: {"given_name": "ANN"}, **{n: {"owner_id": maria} for n in (smyth, tom)}})
        op.update("account", {acme: {"owner_id": maria}})
        op.insert("opportunity", [{"name": "Deal", "account_id": beta, "contact_id": smyth, "owner_id": maria}])
        (kind,) = op.insert("relationship_type", [{"name": "friend of"}])
        friends = [{"type_id": kind, "party_id": one, "other_party_id": tom} for one in (ann, smyth)]
        friends[1]["note"] = "from school"
        op.insert("relationship", [*friends, {"type_id": kind, "party_id": smyth, "other_party_id": ann}])
        op.insert(
            "consent", [{"party_id": smyth, "channel": "email", "status": "withdrawn", "recorded_at": op.started_at}]
        )
    return Base(crm, store, {"ann": ann, "smyth": smyth, "tom": tom, "acme": acme, "beta": beta})


def _refs(store: Store, connection: sa.Connection) -> list[Any]:
    table = store.table("external_ref")
    return list(connection.execute(sa.select(table).where(table.c.entity == "contact")).mappings())


@pytest.mark.parametrize("name", WRITERS)
def test_undo_leaves_what_was_there_before(base: Base, name: str) -> None:
    before, last = base.content(), base.last()
    assert base.run(name, "--dry-run") == last
    assert base.content() == before
    number = base.run(name)
    after = base.content()
    assert after != before
    undone = base.undo(number)
    assert base.content() == before
    redone = base.undo(undone)
    assert base.content() == after
    base.undo(redone)
    assert base.content() == before


@pytest.mark.all_databases
def test_operations_that_do_not_touch_each_other_are_undone_in_any_order(base: Base) -> None:
    before = base.content()
    numbers = [base.run(name) for name in ("set", "merge with children", "add a field")]
    for number in numbers:
        base.undo(number)
    assert base.content() == before


def test_what_a_later_operation_changed_is_refused_until_that_is_undone(base: Base) -> None:
    before = base.content()
    first, second = base.run("set"), base.run("set again")
    refused = base.crm("undo", first, "--yes")
    assert refused.exit_code == 4
    base.undo(second)
    base.crm("undo", first, "--yes").ok()
    assert base.content() == before
