"""What a report may and may not do to the database that it reads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.history import Author, operation
from crm_cli.reports import ReportError, find_report, load_reports, report_sql, run_report
from crm_cli.store import Store

TODAY = date(2026, 6, 30)


def own_report(folder: Path, text: str) -> str:
    (folder / "own.sql").write_text(text, encoding="utf-8")
    return "own"


def test_texts_with_colons_and_percent_signs_come_out_as_written(store: Store, tmp_path: Path) -> None:
    name = own_report(tmp_path, "-- parameter: x text = 'y'\nSELECT 'a :b 12:30 100% %s' AS said, :x AS x")
    report = run_report(store, find_report(name, tmp_path), {"x": ":z %"}, TODAY)
    assert report.rows == [{"said": "a :b 12:30 100% %s", "x": ":z %"}]
    assert "'a :b 12:30 100% %s'" in report_sql(find_report(name, tmp_path), store.backend)


def test_the_database_itself_refuses_what_a_select_might_write(store: Store, tmp_path: Path) -> None:
    backend = store.backend
    if backend == "sqlite":
        pytest.skip("a SELECT of SQLite can write nothing")
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (id INTEGER)")
        if backend == "postgresql":
            body = (
                "CREATE FUNCTION writes() RETURNS INTEGER LANGUAGE sql AS 'INSERT INTO notes VALUES (1) RETURNING id'"
            )
        else:
            body = "CREATE FUNCTION writes() RETURNS INTEGER BEGIN INSERT INTO notes VALUES (1); RETURN 1; END"
        connection.exec_driver_sql(body)
    name = own_report(tmp_path, "SELECT writes() AS one")
    with pytest.raises(ReportError, match=r"(?i)read.only"):
        run_report(store, find_report(name, tmp_path), {}, TODAY)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM notes").scalar() == 0
        connection.exec_driver_sql("DROP FUNCTION writes")


def test_within_a_script_a_report_sees_its_steps_and_lets_them_go_on(store: Store) -> None:
    with store.write() as outer:
        inner = store.bound_to(outer)
        with operation(inner, "add", Author("test")) as op:
            op.insert("opportunity", [{"name": "a", "stage": "proposal", "amount": 100, "currency": "EUR"}])
        assert len(run_report(inner, find_report("pipeline"), {}, TODAY).rows) == 1
        with operation(inner, "add", Author("test")) as op:
            op.insert("team", [{"name": "later"}])
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(store.table("team"))) == 1


def test_a_wrong_column_is_a_fault_of_the_report_not_a_traceback(store: Store, tmp_path: Path) -> None:
    name = own_report(tmp_path, "SELECT nmae FROM account")
    with pytest.raises(ReportError, match="nmae"):
        run_report(store, find_report(name, tmp_path), {}, TODAY)


def test_the_example_of_the_guide_runs(store: Store, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    name = own_report(tmp_path, guide.split("```sql\n")[1].split("```")[0])
    with operation(store, "add", Author("test")) as op:
        op.insert("opportunity", [{"name": "a", "amount": 100_000, "currency": "EUR"}, {"name": "b", "amount": 99_999}])
    report = run_report(store, find_report(name, tmp_path), {}, TODAY)
    assert report.rows == [{"name": "a", "amount": Decimal("1000.00"), "currency": "EUR"}]
    assert report.title == "Big deals"


def test_the_guide_names_every_shipped_report() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    assert [name for name in load_reports() if f"`{name}`" not in guide] == []
