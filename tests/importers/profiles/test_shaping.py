from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from crm_cli.importers import Row, Table, Understood
from crm_cli.importers.profiles import (
    Profile,
    TableLayout,
    layouts_for,
    mapping_of,
    parse_profile,
    recognize,
    shape,
    shipped_profiles,
)
from crm_cli.importers.profiles.ids import one_spelling

Cells = Sequence[str | None]


def table(name: str, header: str, *rows: Cells) -> Table:
    names = header.split(",")
    read = [Row(number, f"line {number}", list(cells)) for number, cells in enumerate(rows, start=2)]
    return Table(name, names, Understood("csv"), lambda: read, names)


def profile(text: str) -> tuple[Profile, TableLayout]:
    made = parse_profile(f'[[table]]\ninto = "contact"\nnames = ["people"]\nkey = "id"\n{text}', "old", "old.toml")
    return made, made.tables[0]


JOIN = """
[[table.join]]
table = "mails_of"
on = ["id", "person"]
where = { gone = ["0", ""] }
first = { main = "1" }
take = {}
through = { table = "mails", on = ["mail", "id"], take = { address = "email" } }
"""


def shaped(text: str, base: Table, *others: Table) -> tuple[list[str], list[list[str | None]]]:
    result = shape(*profile(text), base, [base, *others])
    return result.header, [row.values for row in result.rows()]


def test_a_join_takes_the_preferred_row_first_and_keeps_the_others_beside_it() -> None:
    header, rows = shaped(
        JOIN,
        table("people", "id,name", ["1", "Ann"], ["2", "Tom"]),
        table("mails_of", "person,mail,main,gone", ["1", "a", "0", "0"], ["1", "b", "1", "0"], ["2", "c", "1", "1"]),
        table("mails", "id,address", ["a", "a@x"], ["b", "b@x"], ["c", "c@x"]),
    )
    assert header == ["id", "name", "email", "email (further)"]
    assert rows == [["1", "Ann", "b@x", "a@x"], ["2", "Tom", None, None]]


def test_a_join_on_a_condition_that_its_table_cannot_meet_takes_nothing() -> None:
    base, mails_of = table("people", "id", ["1"]), table("mails_of", "person,mail", ["1", "a"])
    _, rows = shaped(JOIN, base, mails_of, table("mails", "id,address", ["a", "a@x"]))
    assert rows == [["1", "a@x", None]]  # without a column `gone` nothing is gone
    strict = JOIN.replace('gone = ["0", ""]', 'valid = "1"')
    assert shaped(strict, base, mails_of, table("mails", "id,address", ["a", "a@x"]))[1] == [["1", None, None]]


@given(
    st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("abcd"), st.sampled_from("01")), max_size=12),
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["x@x", "y@y", "z@z", None])), max_size=8),
)
def test_a_join_says_what_a_plain_search_finds(
    of: list[tuple[str, str, str]], mails: list[tuple[str, str | None]]
) -> None:
    _, rows = shaped(
        JOIN.replace("take = {}", "take = {}\ntogether = true"),
        table("people", "id", *[[one] for one in "123"]),
        table("mails_of", "person,mail,main,gone", *[[*one, "0"] for one in of]),
        table("mails", "id,address", *mails),
    )
    for person, found in rows:
        links = sorted((one for one in of if one[0] == person), key=lambda one: one[2] != "1")
        wanted = [address for link in links for mail, address in mails if mail == link[1] and address]
        assert found == ("; ".join(dict.fromkeys(wanted)) or None)


def test_rows_are_left_out_and_counted_each_reading_anew() -> None:
    base = table("people", "id,gone", ["1", "0"], ["2", "1"], ["3", "TRUE"])
    result = shape(*profile('skip = { gone = ["1", "true"] }'), base, [base])
    for _ in range(2):
        assert [row.values[0] for row in result.rows()] == ["1"]
        assert result.skipped == {"gone": 2}


def test_a_route_sends_each_cell_to_the_column_of_its_kind_and_what_is_of_none_to_other() -> None:
    route = '[table.route."Phone # - Value"]\nby = "Phone # - Label"\nwords = { Mobile = "mobile", Work = "work" }'
    header, rows = shaped(
        route,
        table(
            "people",
            "id,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value",
            ["1", "* Mobile", "1", "X", "2"],
        ),
    )
    cells = dict(zip(header, rows[0], strict=True))
    assert cells["Phone 1 - Value (mobile)"] == "1"
    assert cells["Phone 1 - Value (work)"] is None
    assert cells["Phone 2 - Value (other)"] == "2"


def test_a_rejected_row_that_comes_again_is_shaped_alike() -> None:
    """What the first shaping added is in the file of rejected rows, and is not added a second time."""
    base = table("people", "id,name", ["1", "Ann"])
    mails = (
        table("mails_of", "person,mail,main,gone", ["1", "a", "0", "0"]),
        table("mails", "id,address", ["a", "a@x"]),
    )
    header, rows = shaped(JOIN, base, *mails)
    again = table("people", ",".join(header), *rows)
    assert shaped(JOIN, again) == (header, rows)


def test_cells_beyond_the_header_stay_behind_all_columns() -> None:
    header, rows = shaped(
        JOIN,
        table("people", "id", ["1", "too", "many"]),
        table("mails_of", "person,mail"),
        table("mails", "id,address"),
    )
    assert (len(header), rows) == (3, [["1", None, None, "too", "many"]])


def test_the_two_spellings_of_a_salesforce_id_become_one() -> None:
    assert one_spelling("salesforce", "001D000000IRFma") == "001D000000IRFmaIAH"
    assert one_spelling("salesforce", "001D000000IRFmaIAH") == "001D000000IRFmaIAH"
    assert one_spelling("salesforce", "not an id") == "not an id"
    assert one_spelling("", "001D000000IRFma") == "001D000000IRFma"


@given(st.text("0123456789abcXYZ", min_size=15, max_size=15), st.text("0123456789abcXYZ", min_size=15, max_size=15))
def test_ids_that_differ_in_case_alone_stay_apart_even_folded(one: str, other: str) -> None:
    long, longer = one_spelling("salesforce", one), one_spelling("salesforce", other)
    assert one_spelling("salesforce", long) == long
    assert (long.casefold() == longer.casefold()) == (one == other)


def test_tables_are_told_by_name_then_by_header() -> None:
    salesforce = next(one for one in shipped_profiles() if one.name == "salesforce")
    lead = "ID,LASTNAME,COMPANY,STATUS,LEADSOURCE"
    assert [one.into for one in layouts_for(salesforce, table("export/Lead.csv", lead))] == ["lead"]
    assert [one.into for one in layouts_for(salesforce, table("whatever.csv", lead))] == ["lead"]
    assert layouts_for(salesforce, table("Account.csv", "Id,Subject")) == []
    assert layouts_for(salesforce, table("leads.csv", "Id,Last Name,Email")) == []  # no leads, and no contacts either
    report = "Lead ID,Last Name,Company / Account,Lead Status,Email"
    assert [one.into for one in layouts_for(salesforce, table("report.csv", report))] == ["lead"]
    suite = next(one for one in shipped_profiles() if one.name == "suitecrm")
    assert layouts_for(suite, table("prospects", "id,last_name,first_name")) == []  # of that name alone
    odoo = next(one for one in shipped_profiles() if one.name == "odoo")
    partners = table("res.partner.csv", "ID,Name,Company Type,Related Company")
    assert [one.into for one in layouts_for(odoo, partners)] == ["account", "contact"]


def test_a_header_that_only_one_system_writes_is_recognized() -> None:
    google = ["First Name", "Last Name", "Organization Name", "Labels", "E-mail 1 - Label", "E-mail 1 - Value"]
    found = recognize(google)
    assert found is not None
    assert found[0].title == "Google Contacts"
    assert recognize(["First Name", "Last Name", "E-Mail", "Phone", "Company"]) is None
    made = mapping_of(shape(*found, table("google.csv", ",".join(google))))
    assert {one.column: one.target for one in made.columns}["E-mail 1 - Value (email)"] == "contact.email"
