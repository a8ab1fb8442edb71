"""Reports mask the columns that show a masked field, under whatever name, and give the figures made of it."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from crm_cli.dictionary import MASK, shipped
from crm_cli.history import Author, operation
from crm_cli.reports import run_report
from crm_cli.reports.definition import parse_report
from crm_cli.reports.masking import masked_places
from crm_cli.store import Store

MASKED = ["contact.family_name", "contact.email", "account.tax_id"]
PEOPLE = "FROM contact AS c LEFT JOIN email_address AS e ON e.party_id = c.id"
SHOWN = (  # statement, and which of its columns are masked
    (f"SELECT c.id, c.family_name, e.value {PEOPLE}", "_xx"),
    (f"SELECT c.id, c.family_name AS id2, UPPER(e.standard) || '!' AS mail {PEOPLE}", "_xx"),
    ("SELECT * FROM contact", None),
    ("SELECT who, n FROM (SELECT family_name AS who, COUNT(*) AS n FROM contact GROUP BY family_name) AS x", "x_"),
    ("WITH a(w, t) AS (SELECT email, id FROM lead), b AS (SELECT w AS x, t FROM a) SELECT x, t FROM b", "__"),
    ("WITH a(w) AS (SELECT family_name FROM contact), b AS (SELECT w AS x FROM a) SELECT x, 1 FROM b", "x_"),
    ("WITH a(w, t) AS (SELECT family_name, job_title FROM contact) SELECT UPPER(w) AS x, t FROM a", "x_"),
    ("SELECT job_title AS t FROM contact UNION ALL SELECT family_name FROM contact", "x"),
    ("SELECT MAX(family_name) AS last, COUNT(DISTINCT family_name) AS names FROM contact", "x_"),
    ("SELECT CASE WHEN family_name LIKE 'A%' THEN 'A' ELSE 'other' END AS part FROM contact", "_"),
    ("SELECT CASE WHEN id > 1 THEN family_name END AS a, COALESCE(job_title, family_name) AS b FROM contact", "xx"),
    ("SELECT ROW_NUMBER() OVER (ORDER BY family_name) AS n FROM contact", "_"),
    ("SELECT LAG(family_name) OVER (ORDER BY id) AS before FROM contact", "x"),
    ("SELECT id, (SELECT COUNT(*) FROM email_address AS e WHERE e.value = c.family_name) AS n FROM contact AS c", "__"),
    ("SELECT id, (SELECT MIN(value) FROM email_address) AS first FROM contact", "_x"),
    ("SELECT a.tax_id AS t, a.name FROM account AS a", "x_"),
    ("SELECT o.name FROM opportunity AS o", "_"),
    ("SELECT old, new, entity FROM change", "xx_"),
    ("SELECT external_id, extra FROM external_ref, contact", "xx"),
    ("SELECT TO_JSON(c) AS whole FROM contact AS c", "x"),
)  # fmt: skip


@pytest.mark.parametrize(("sql", "places"), SHOWN, ids=[sql for sql, _ in SHOWN])
def test_a_masked_field_is_followed_to_the_columns_that_show_it(sql: str, places: str | None) -> None:
    statement = parse_one(sql, read="postgres")
    if places is None:
        assert masked_places(shipped().with_masked(MASKED), statement, ["id", "family_name", "city"]) == {1}
        return
    names = [f"c{place}" for place, _ in enumerate(places)]
    expected = {place for place, mark in enumerate(places) if mark == "x"}
    assert masked_places(shipped().with_masked(MASKED), statement, names) == expected
    assert masked_places(shipped(), statement, names) == set()


@pytest.mark.all_databases
def test_a_report_runs_with_its_masked_columns_hidden(store: Store) -> None:
    with operation(store, "add", Author("maria")) as op:
        op.insert("contact", [{"family_name": "Doe", "job_title": "Buyer"}, {"given_name": "Ann"}])
    sql = "-- title: P\n-- chart: bar who id\nSELECT family_name AS who, job_title, id FROM contact ORDER BY id"
    with Store.open(store.url, masked=MASKED) as masked:
        report = run_report(masked, parse_report("p", sql, "p.sql"), {}, masked.today())
    assert [(row["who"], row["job_title"]) for row in report.rows] == [(MASK, "Buyer"), (None, None)]
