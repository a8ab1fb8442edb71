"""`crm sql`: questions in the database's own words, that can change nothing."""

from __future__ import annotations

import pytest

from crm_cli.history import Author, operation
from crm_cli.reports import QuestionTimeoutError, ReportError, ask_sql
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.dumps import business_content

ENDLESS = "WITH RECURSIVE x (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 2000000000) SELECT COUNT(*) FROM x"
WRITING = (
    "DELETE FROM account", "SELECT 1; DELETE FROM account", "CREATE TABLE x (y INT)", "DROP TABLE account",
    "WITH x AS (DELETE FROM account RETURNING id) SELECT * FROM x", "UPDATE account SET name = 'x'", "VACUUM",
    "SELECT * INTO copied FROM account", "SELECT name FROM account FOR UPDATE", "ATTACH 'x.db' AS y",
    "COPY account TO '/tmp/x'", "SELECT name FROM account INTO OUTFILE '/tmp/x'", "",
)  # fmt: skip


@pytest.mark.all_databases
def test_one_select_is_answered_and_nothing_else_is_run(store: Store) -> None:
    with operation(store, "add", Author("test")) as op:
        op.insert("account", [{"name": f"Account {number}"} for number in range(2_500)])
    before = business_content(store)
    with ask_sql(store, "SELECT id, id, name FROM account ORDER BY id") as answer:
        rows = list(answer.rows)
    assert answer.columns == ["id", "id_2", "name"]
    assert (len(rows), rows[2_499]) == (2_500, (2_500, 2_500, "Account 2499"))
    with ask_sql(store, "SELECT name, ':n' AS x FROM account WHERE name = :n", {"n": "Account 7"}) as answer:
        assert list(answer.rows) == [("Account 7", ":n")]
    for text in WRITING:
        with pytest.raises(ReportError), ask_sql(store, text) as answer:
            list(answer.rows)
    assert business_content(store) == before
    if store.backend == "sqlite":
        endless = ENDLESS
    else:
        endless = "SELECT COUNT(*) FROM account AS a CROSS JOIN account AS b CROSS JOIN account AS c"
    with (
        pytest.raises(QuestionTimeoutError, match=r"after 0.2 seconds"),
        ask_sql(store, endless, seconds=0.2) as answer,
    ):
        list(answer.rows)
    with operation(store, "add", Author("test")) as op:  # the connection can write again, and take its time
        op.insert("team", [{"name": "East"}])


def test_what_is_shown_and_what_is_written(crm: CrmRunner) -> None:
    crm("init").ok()
    for name in ("Acme", "Beta"):
        crm("account", "add", f"name={name}").ok()
    question = "SELECT id, name FROM account ORDER BY id"
    assert crm("sql", question).ok().lines == ["id  name", " 1  Acme", " 2  Beta"]
    assert crm("sql", question, "--json").ok().json == [{"id": 1, "name": "Acme"}, {"id": 2, "name": "Beta"}]
    assert crm("sql", question, "--limit", "1").ok().lines == ["id  name", " 1  Acme"]
    (crm.folder / "q.sql").write_text("SELECT name FROM account WHERE name_key LIKE :begin", encoding="utf-8")
    crm("sql", "--file", "q.sql", "--set", "begin=a%", "-o", "found.csv").ok()
    assert (crm.folder / "found.csv").read_text(encoding="utf-8").splitlines() == ["name", "Acme"]
    assert crm("sql", question, "-o", "found.csv").exit_code == 2
    assert "<td" in _file(crm, "found.html", "sql", question)


def test_wrong_calls_end_with_2_and_say_why(crm: CrmRunner) -> None:
    crm("init").ok()
    for arguments, said in (
        (("SELECT :x AS x",), "--set x=VALUE"),
        (("SELECT 1 AS x", "--set", "y=1"), "has no :y"),
        (("SELECT nothing FROM account",), "refuses the statement"),
        ((), "one statement is asked for"),
        (("--file", "none.sql"), "cannot be read"),
        (("DELETE FROM account",), "only one SELECT"),
    ):
        ended = crm("sql", *arguments)
        assert (ended.exit_code, said in ended.stderr) == (2, True), ended.stderr


def test_a_cross_table_and_a_report_as_files(crm: CrmRunner) -> None:
    crm("init").ok()
    for stage in ("proposal", "prospecting", "proposal"):
        crm("opportunity", "add", "name=<b>deal</b>", f"stage={stage}", "amount=100", "currency=EUR", "--force").ok()
    table = crm(
        "report", "pivot", "opportunity", "--rows", "currency", "--across", "stage", "--figure", "sum:amount"
    ).ok()
    assert table.lines[0].split() == ["currency", "prospecting", "proposal", "total"]
    assert table.lines[1].split() == ["EUR", "100.00", "200.00", "300.00"]
    page = _file(crm, "pipeline.html", "report", "run", "pipeline", "--where", "stage = 'proposal'")
    assert "<svg" in page
    assert "prospecting" not in page
    names = _file(crm, "names.html", "report", "pivot", "opportunity", "--rows", "name")
    assert "&lt;b&gt;deal" in names
    assert "<b>" not in names
    crm("report", "run", "pipeline", "-o", "pipeline.xlsx").ok()
    assert (crm.folder / "pipeline.xlsx").stat().st_mode & 0o777 == 0o600
    assert crm("report", "pivot", "opportunity", "--rows", "stagee").exit_code == 2
    assert crm("report", "run", "duplicates", "--where", "id = 1").exit_code == 2


def _file(crm: CrmRunner, name: str, *words: str) -> str:
    crm(*words, "-o", name).ok()
    return (crm.folder / name).read_text(encoding="utf-8")
