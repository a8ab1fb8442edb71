"""What an import knows of the deliveries before, and demands of the next: mapping, columns, gate, plan, who wins."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from crm_cli.errors import StalePlanError, UsageError
from crm_cli.history import operation, undo
from crm_cli.importers.mapping import ColumnMap, Mapping
from crm_cli.jobs.importing import (
    Collision,
    GateError,
    ImportOptions,
    ImportResult,
    ImportRun,
    Missing,
    PlanError,
    SourceSettingsError,
    TooManyMissingError,
    UnsettledError,
    batch_rejects,
    import_source,
    read_plan,
    read_source_settings,
    retry_batch,
)
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from tests.dumps import business_content
from tests.jobs.test_importing import MARIA, rows, write

HEADER = "id,first name,last name,mail,city\n"
ANN, BO = "1,Ann,Lee,ann@x.example,Rome\n", "2,Bo,Ray,bo@x.example,Bonn\n"


def take(store: Store, folder: Path, text: str, run: ImportRun | None = None, **more: Any) -> ImportResult:
    """Import a text as the file of the shop, under what `sources/` in the folder demands."""
    path = write(folder, text)
    given = {
        "source_name": "shop",
        "key": "id",
        "settings": lambda name: read_source_settings(folder / "sources", name),
    }
    return import_source(store, path, MARIA, ImportOptions(**{**given, **more}), run)


def demand(folder: Path, text: str) -> None:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "Shop.toml").write_text(text, encoding="utf-8")


# --- what came before -----------------------------------------------------------------------------------------------


def test_a_source_is_mapped_as_the_last_time(store: Store, tmp_path: Path) -> None:
    columns = {"id": "extra", "a": "contact.family_name", "b": "contact.department", "c": "contact.email"}
    mapping = Mapping(("contact",), tuple(ColumnMap(*one) for one in columns.items()), "id", None, {"status": "former"})
    take(store, tmp_path, "id,a,b,c\n1,Lee,Rome,ann@x.example\n", mapping=mapping, key=None)
    take(store, tmp_path, "ID,C,B,A\n1,ann@x.example,Bonn,Lee\n2,bo@x.example,Kiel,Ray\n", key=None)
    found = [(one["family_name"], one["department"], one["status"]) for one in rows(store, "contact")]
    assert found == [("Lee", "Bonn", "former"), ("Ray", "Kiel", "former")]


def test_columns_that_changed_stop_the_source_and_are_shown(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN)
    before = business_content(store)
    with pytest.raises(UnsettledError, match=r"missing: mail \(it filled contact.email\); new: town") as refused:
        take(store, tmp_path, "id,first name,last name,city,town\n1,Ann,Lee,Rome,x\n")
    assert refused.value.facts["flag"] == "--accept-columns"
    assert business_content(store) == before
    taken = take(store, tmp_path, "id,first name,last name,city,town\n1,Ann,Lee,Kiel,x\n", accept_columns=True)
    assert taken.counts["updated"] == 1


@pytest.mark.parametrize(
    ("header", "row"),
    [("CITY,Mail,last name,First Name,id\n", "Rome,ann@x.example,Lee,Ann,1\n"), (HEADER, ANN)],
    ids=["order and case", "the same"],
)
def test_order_and_case_of_columns_are_no_change(store: Store, tmp_path: Path, header: str, row: str) -> None:
    take(store, tmp_path, HEADER + ANN)
    assert take(store, tmp_path, header + row, key=None).counts["unchanged"] == 1


def test_another_kind_of_table_of_the_source_is_no_change(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN)
    other = take(store, tmp_path, "No,Surname,Telephone\n7,Sol,+49 30 1234567\n", key="No")
    assert other.counts["created"] == 1


def test_settings_say_which_columns_may_change(store: Store, tmp_path: Path) -> None:
    demand(tmp_path, 'columns = "mapped"\n')
    take(store, tmp_path, "id,first name,last name,mail,noise\n1,Ann,Lee,ann@x.example,y\n")
    assert take(store, tmp_path, "id,first name,last name,mail,new\n1,Ann,Lee,ann@x.example,y\n").counts["rows"] == 1
    with pytest.raises(UnsettledError, match="missing: mail"):
        take(store, tmp_path, "id,first name,last name,new\n1,Ann,Lee,y\n")
    demand(tmp_path, 'columns = "any"\n')
    assert take(store, tmp_path, "id,first name,last name,new\n1,Ann,Lee,y\n").counts["rows"] == 1


# --- the gate -------------------------------------------------------------------------------------------------------


@pytest.mark.all_databases
def test_a_delivery_that_is_not_good_enough_is_refused_as_a_whole(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN + BO)
    before = business_content(store)
    demand(tmp_path, '[gate]\nmin_rows = 3\nrejected = "10%"\nfewer_rows = 0.2\nfilled = { email = "90%" }\n')
    with pytest.raises(GateError) as refused:
        take(store, tmp_path, HEADER + "3,,,,\n", ImportRun(rejects=tmp_path / "rejects.csv"))
    assert [(one["what"], one["measured"], one["asked"]) for one in refused.value.facts["shortfalls"]] == [
        ("rows", "1", "at least 3"),
        ("rows", "1, 2 the last time", "at most 20% fewer"),
        ("rejected", "1 (100.0%)", "at most 10%"),
        ("email filled", "0 (0.0%)", "at least 90%"),
    ]
    assert refused.value.exit_code == 3
    assert business_content(store) == before
    assert "needs one of" in (tmp_path / "rejects.csv").read_text("utf-8")  # what is to be mended is there all the same
    assert take(store, tmp_path, HEADER + "3,,,,\n", ignore_gate=True).counts["rejected"] == 1


def test_a_delivery_that_is_good_enough_passes(store: Store, tmp_path: Path) -> None:
    demand(tmp_path, '[gate]\nmin_rows = 2\nrejected = "0%"\nconflicts = 0\nfilled = { email = "100%", city = 0.5 }\n')
    assert take(store, tmp_path, HEADER + ANN + BO).counts["created"] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[gate]\nrejcted = 1\n", "unknown key 'gate.rejcted'"),
        ('[gate]\nrejected = "lots"\n', "gate.rejected: 'lots' is no share"),
        ("[gate]\nrejected = 2\n", "gate.rejected: 2 is no share"),
        ("[gate]\nmin_rows = true\n", "gate.min_rows"),
        ("[gate]\nfilled = 3\n", "gate.filled: it must be a table"),
        ('columns = "few"\n', "columns: 'few' is none of same, mapped, any"),
        ('[collision]\nphone = "best"\n', "collision.phone: 'best' is none of newest"),
        ("gate = [\n", "Shop.toml"),
    ],
)
def test_settings_that_are_wrong_are_named(tmp_path: Path, text: str, message: str) -> None:
    demand(tmp_path, text)
    with pytest.raises(SourceSettingsError) as refused:
        read_source_settings(tmp_path / "sources", "shop")
    assert message in refused.value.message


@pytest.mark.parametrize("text", ["[gate]\nfilled = { emial = 1 }\n", '[collision]\nemial = "never"\n'])
def test_settings_that_speak_of_an_unknown_field_are_refused(store: Store, tmp_path: Path, text: str) -> None:
    demand(tmp_path, text)
    with pytest.raises(SourceSettingsError, match="contact has no field 'emial'") as refused:
        take(store, tmp_path, HEADER + ANN)
    assert "email" in refused.value.hint


# --- who wins -------------------------------------------------------------------------------------------------------


@pytest.mark.all_databases
def test_each_field_has_a_rule_of_its_own(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN)
    demand(tmp_path, '[collision]\ndefault = "newest"\nemail = "never"\nfamily_name = "blank"\n')
    result = take(store, tmp_path, HEADER + "1,Anna,Li,new@x.example,Kiel\n")
    (ann,) = rows(store, "contact")
    assert (ann["given_name"], ann["family_name"]) == ("Anna", "Lee")
    assert [one["standard"] for one in rows(store, "email_address")] == ["ann@x.example"]
    assert [one["city"] for one in rows(store, "postal_address") if one["is_primary"]] == ["Kiel"]
    assert result.counts["conflicts"] == 1  # the family name: of what is never to be changed nothing is counted
    forced = take(store, tmp_path, HEADER + "1,Anna,Li,new@x.example,Kiel\n", collision=Collision.SOURCE)
    assert rows(store, "contact")[0]["family_name"] == "Li"
    assert forced.counts["conflicts"] == 0


@pytest.mark.all_databases
def test_what_a_more_trusted_source_gave_stays(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN, source_name="erp")
    _share(store, "erp", "shop", trust={"erp": 90, "shop": 10})
    result = take(store, tmp_path, HEADER + "1,Anna,Li,new@x.example,Kiel\n")
    (ann,) = rows(store, "contact")
    assert (ann["given_name"], ann["family_name"]) == ("Ann", "Lee")
    primary = [one["standard"] for one in rows(store, "email_address") if one["is_primary"]]
    assert primary == ["ann@x.example"]
    assert result.counts["conflicts"] >= 3
    news = take(store, tmp_path, HEADER + "1,Anne,Lee,ann@x.example,Rome\n", source_name="erp")
    assert news.counts["updated"] == 1
    assert rows(store, "contact")[0]["given_name"] == "Anne"
    _share(store, "erp", "shop", trust={"erp": 90, "shop": 95})
    take(store, tmp_path, HEADER + "1,Annie,Lee,ann@x.example,Rome\n")
    assert rows(store, "contact")[0]["given_name"] == "Annie"


def _share(store: Store, owner: str, other: str, trust: dict[str, int]) -> None:
    """Let two sources know the only contact under the same id, and trust them as said."""
    with operation(store, "set", MARIA) as op:
        table, source = store.table("external_ref"), store.table("source_system")
        known = {name: number for number, name in op.connection.execute(sa.select(source.c.id, source.c.name)).all()}
        if other not in known:
            known[other] = op.insert("source_system", [{"name": other}])[0]
            (ref,) = op.connection.execute(sa.select(table).where(table.c.entity == "contact")).mappings()
            row = {name: ref[name] for name in ("external_id", "entity", "record_id", "last_seen_at")}
            op.insert("external_ref", [{**row, "source_system_id": known[other], "content_hash": None}])
        for name, value in trust.items():
            op.update("source_system", {known[name]: {"trust": value}})


# --- plans ----------------------------------------------------------------------------------------------------------

JUNE = HEADER + "1,Ann,Lee,ann@x.example,Kiel\n" + BO + "3,Cy,,,\n4,,,,\n"


def plan_for(store: Store, folder: Path, text: str, **more: Any) -> Path:
    before = business_content(store)
    result = take(store, folder, text, ImportRun(dry_run=True, planning=True), **more)
    assert business_content(store) == before
    assert result.plan is not None
    path = folder / "plan.json"
    path.write_text(result.plan.to_json(), encoding="utf-8")
    return path


def carry_out(store: Store, folder: Path, text: str, plan: Path) -> ImportResult:
    known = read_plan(plan)
    options = replace(known.import_options(), source_name=known.source_system)
    return import_source(store, write(folder, text), MARIA, options, ImportRun(plan=known))


@pytest.mark.all_databases
def test_a_plan_is_carried_out_to_the_letter(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN)
    plan = plan_for(store, tmp_path, JUNE)
    known = read_plan(plan)
    (counts,) = known.counts.values()
    assert counts == {"rows": 4, "created": 2, "updated": 1, "rejected": 1}
    what = [(one["what"], one["row"], one["field"], one["now"], one["source"]) for one in known.samples]
    assert [one[:4] for one in what] == [
        ("create", 3, "", None),
        ("create", 4, "", None),
        ("update", None, "city", "Rome"),
        ("reject", 5, "", None),
    ]  # fmt: skip
    assert known.samples[2]["record"] == f"address of {rows(store, 'contact')[0]['id']}"
    with operation(store, "set", MARIA) as op:  # what has nothing to do with it makes no plan stale
        op.insert("account", [{"name": "Acme"}])
    done = carry_out(store, tmp_path, JUNE, plan)
    assert dict(+done.counts) == counts


def test_a_plan_is_refused_when_the_source_or_the_outcome_is_another(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN)
    plan = plan_for(store, tmp_path, JUNE)
    with pytest.raises(StalePlanError, match="is not what it was"):
        carry_out(store, tmp_path, JUNE + "9,No,Body,,\n", plan)
    with operation(store, "edit", MARIA) as op:
        op.update("contact", {rows(store, "contact")[0]["id"]: {"given_name": "Hannah"}})
    before = business_content(store)
    with pytest.raises(StalePlanError, match="the data have changed since the plan was made"):
        carry_out(store, tmp_path, JUNE, plan)
    assert business_content(store) == before


def test_a_plan_that_was_carried_out_is_stale(store: Store, tmp_path: Path) -> None:
    plan = plan_for(store, tmp_path, HEADER + ANN + BO)
    carry_out(store, tmp_path, HEADER + ANN + BO, plan)
    with pytest.raises(StalePlanError, match="created 2 planned, 0 now"):
        carry_out(store, tmp_path, HEADER + ANN + BO, plan)


def test_the_options_of_a_plan_are_kept(store: Store, tmp_path: Path) -> None:
    options = {"country": "DE", "date_order": "dmy", "collision": Collision.BLANK, "accept_columns": True}
    plan = read_plan(plan_for(store, tmp_path, HEADER + ANN, **options))
    kept = plan.import_options()
    assert {name: getattr(kept, name) for name in options} == options
    assert (kept.into, kept.key) == (("contact",), "id")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"crm_import_plan": 1}', '{"crm_import_plan": 99}'])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError):
        read_plan(path)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (("options",), {}), (("options", "read"), 3), (("options", "collision"), "zz"), (("options", "as_of"), "x"),
        (("options", "evil"), 1), (("options", "missing"), "all"), (("tables",), 5), (("tables", "people.csv"), 5),
        (("tables", "people.csv", "columns"), [1]), (("tables", "people.csv", "columns"), {"id": 1}),
        (("tables", "people.csv", "key"), 4), (("counts",), 1), (("counts", "people.csv"), {"rows": "x"}),
        (("digest",), 1), (("source_system",), None),
    ],
)  # fmt: skip
def test_a_damaged_plan_is_refused_as_such(store: Store, tmp_path: Path, part: tuple[str, ...], value: object) -> None:
    path = plan_for(store, tmp_path, HEADER + ANN)
    content = json.loads(path.read_text("utf-8"))
    place = content
    for name in part[:-1]:
        place = place[name]
    place[part[-1]] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(PlanError, match="no plan of an import"):
        read_plan(path)


# --- what a whole delivery lacks -------------------------------------------------------------------------------------


@pytest.mark.all_databases
def test_what_a_whole_delivery_lacks_is_told_or_deleted(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN + BO + "3,Cy,Fox,,\n")
    part = take(store, tmp_path, HEADER + ANN)
    assert part.absent == []  # a part says nothing of the rest
    told = take(store, tmp_path, HEADER + ANN + "3,,,,\n", missing=Missing.REPORT)  # a rejected row is there too
    (absent,) = told.absent
    bo, cy = rows(store, "contact")[1:]
    assert (list(absent.records), list(absent.deleted)) == ([bo["id"]], [])
    gone = take(store, tmp_path, HEADER + ANN + "3,,,,\n", missing=Missing.DELETE)
    assert [one["given_name"] for one in rows(store, "contact") if one["deleted_at"] is not None] == ["Bo"]
    undo(store, gone.operation_id, MARIA)
    assert [one["deleted_at"] for one in rows(store, "contact")] == [None] * 3
    again = take(store, tmp_path, HEADER + ANN + BO + "3,Cy,Fox,,\n", missing=Missing.DELETE)
    assert [list(one.records) for one in again.absent] == [[]]
    assert cy["id"] in [one["id"] for one in rows(store, "contact")]


def test_the_tables_of_a_delivery_are_judged_together(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for place, name in enumerate(("Old", "New")):
        sheet = book.create_sheet(name)
        sheet.append(["No", "First Name", "Last Name"])
        for number in range(5):
            sheet.append([f"{place}{number}", f"P{place}{number}", f"Doe{place}{number}"])
    del book["Sheet"]
    book.save(tmp_path / "people.xlsx")
    options = ImportOptions(source_name="shop", key="No", missing=Missing.DELETE)
    for _ in range(2):
        result = import_source(store, tmp_path / "people.xlsx", MARIA, options)
        assert [list(one.records) for one in result.absent] == [[]]
    assert len(rows(store, "contact")) == 10


def test_what_another_source_has_is_not_deleted(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN, source_name="erp")
    _share(store, "erp", "shop", trust={})
    gone = take(store, tmp_path, HEADER + BO, source_name="erp", missing=Missing.DELETE)
    (absent,) = gone.absent
    assert (len(absent.records), list(absent.deleted)) == (1, [])
    assert [one["deleted_at"] for one in rows(store, "contact")] == [None, None]


def test_a_delivery_that_lacks_too_much_deletes_nothing(store: Store, tmp_path: Path) -> None:
    many = "".join(f"{n},P{n},Doe{n},p{n}@x.example,\n" for n in range(40))
    take(store, tmp_path, HEADER + many)
    before = business_content(store)
    with pytest.raises(TooManyMissingError, match="20 of 40 contacts of this source are not in the delivery"):
        take(store, tmp_path, HEADER + "".join(many.splitlines(keepends=True)[:20]), missing=Missing.DELETE)
    assert business_content(store) == before


def test_a_merged_record_is_there_when_one_of_its_rows_is(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEADER + ANN + "2,Ann,Lee,ann@x.example,Rome\n")
    merge(store, "contact", [MergeGroup(tuple(one["id"] for one in rows(store, "contact")))], MARIA)
    for row in (ANN, "2,Ann,Lee,ann@x.example,Rome\n"):
        (absent,) = take(store, tmp_path, HEADER + row, missing=Missing.DELETE).absent
        assert list(absent.records) == []


# --- rejected rows once more -----------------------------------------------------------------------------------------

BORN = "id,first name,last name,born\n1,Ann,Lee,1970-01-02\n2,Bo,Ray,soon\n3,,,1980-01-01\n"
AS_BORN = Mapping(
    ("contact",),
    (
        ColumnMap("id", "extra"), ColumnMap("first name", "contact.given_name"),
        ColumnMap("last name", "contact.family_name"), ColumnMap("born", "contact.birth_date"),
    ),
    "id",
)  # fmt: skip


@pytest.mark.all_databases
def test_rejected_rows_are_taken_by_a_better_mapping(store: Store, tmp_path: Path) -> None:
    first = take(store, tmp_path, BORN, mapping=AS_BORN)
    assert first.counts["rejected"] == 2
    number = first.batches[0].id
    columns = (*AS_BORN.columns[:-1], ColumnMap("born", "extra"))
    result = retry_batch(store, number, MARIA, ImportOptions(mapping=replace(AS_BORN, columns=columns)))
    assert (result.source, result.counts["created"], result.counts["rejected"]) == ("shop", 1, 1)
    assert [(one["given_name"], (one["extra"] or {}).get("born")) for one in rows(store, "contact")] == [
        ("Ann", None), ("Bo", "soon"),
    ]  # fmt: skip
    assert [one["_row"] for one in batch_rejects(store, result.batches[0].id)] == ["4"]
    assert batch_rejects(store, number) == []
    with pytest.raises(UsageError, match="has no rejected rows"):
        retry_batch(store, number, MARIA)
    undo(store, result.operation_id, MARIA)
    assert len(batch_rejects(store, number)) == 2  # they can be tried again
    again = take(store, tmp_path, BORN.replace("soon", "1975-01-01"), mapping=AS_BORN)
    assert (again.counts["created"], again.counts["unchanged"]) == (1, 1)


def test_rows_that_could_not_be_read_stay_rejected(store: Store, tmp_path: Path) -> None:
    many = "".join(f"{n},P{n},Doe{n},p{n}@x.example,Rome\n" for n in range(20))
    first = take(store, tmp_path, HEADER + many + "99,Too,Many,cells@x.example,Rome,Italy,Europe\n")
    assert first.counts["rejected"] == 1
    result = retry_batch(store, first.batches[0].id, MARIA)
    assert (result.counts["created"], result.counts["rejected"]) == (0, 1)
    (row,) = batch_rejects(store, result.batches[0].id)
    assert "Europe" in row.values()


def test_a_rehearsed_retry_leaves_the_rows_as_they_are(store: Store, tmp_path: Path) -> None:
    first = take(store, tmp_path, BORN, mapping=AS_BORN)
    before = business_content(store)
    retry_batch(store, first.batches[0].id, MARIA, run=ImportRun(dry_run=True))
    assert business_content(store) == before
    assert len(batch_rejects(store, first.batches[0].id)) == 2
