"""Extracts: kept as files, run again, going on from the run before, compared."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm_cli.dictionary import UnknownFieldError
from crm_cli.errors import NotFoundError, UsageError
from crm_cli.exporters import ExportError
from crm_cli.history import Author, operation, undo
from crm_cli.jobs.exporting import Watermark, runs_of
from crm_cli.jobs.exporting.watermark import watermark_of
from crm_cli.jobs.extracts import (
    Extract,
    ExtractError,
    check_extract,
    compare_files,
    find_extract,
    list_extracts,
    run_extract,
    save_extract,
)
from crm_cli.store import Store

MARIA = Author("maria")
TODAY = date(2026, 5, 31)
GERMANS = Extract(
    name="germans", entity="contact", columns=("id", "given_name", "email", "account.name"),
    where="status = 'customer'", output="out/{name}-{date}.csv",
)  # fmt: skip


def people(store: Store) -> tuple[int, list[int]]:
    """An account, and five customers of it."""
    with operation(store, "import", MARIA) as op:
        [acme] = op.insert("account", [{"name": "ACME"}])
        ids = op.insert("contact", [
            {"given_name": name, "account_id": acme, "status": "customer"} for name in ("Ann", "Bo", "Cy", "Di", "Ed")
        ])  # fmt: skip
        op.insert("email_address", [
            {"party_id": number, "value": f"{number}@x.example", "standard": f"{number}@x.example", "is_primary": True}
            for number in ids
        ])  # fmt: skip
    return acme, ids


def change(store: Store, entity: str, number: int, **values: Any) -> int:
    with operation(store, "set", MARIA) as op:
        op.update(entity, {number: values})
        return op.id


def run(store: Store, folder: Path, extract: Extract = GERMANS, **more: Any) -> list[dict[str, str]]:
    """Run an extract to a file of its own; return its rows."""
    number = len(list(folder.glob("*.csv")))
    done = run_extract(
        store, extract, folder, today=TODAY, actor="maria", **{"changes_only": True, **more},
    )  # fmt: skip
    path = done.done.files[0].path
    assert path is not None
    assert done.unnoted == ""
    kept = path.rename(folder / f"{number}.csv")
    if done.manifest:
        done.manifest.rename(folder / f"{number}.json")
    with kept.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def told(rows: list[dict[str, str]]) -> list[tuple[int, str, str]]:
    return [(int(row["id"]), row["gone"], row["gone_into"]) for row in rows]


def test_the_next_run_tells_what_changed_and_what_is_gone(store: Store, tmp_path: Path) -> None:
    acme, (ann, bo, cy, di, ed) = people(store)
    assert [row["given_name"] for row in run(store, tmp_path)] == ["Ann", "Bo", "Cy", "Di", "Ed"]
    assert run(store, tmp_path) == []
    change(store, "contact", bo, given_name="Bob")
    change(store, "contact", cy, status="former")
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [di])
        op.update("contact", {ed: {"merged_into_id": ann}})
        [new, _] = op.insert("contact", [{"given_name": "New", "status": "customer"}, {"given_name": "Never sent"}])
    rows = run(store, tmp_path)
    assert told(rows) == [
        (bo, "", ""), (new, "", ""), (cy, "left", ""), (di, "deleted", ""), (ed, "merged", str(ann)),
    ]  # fmt: skip
    assert rows[0]["given_name"] == "Bob"
    assert rows[3]["email"] == ""
    change(store, "account", acme, name="ACME 2")
    assert told(run(store, tmp_path)) == [(ann, "", ""), (bo, "", "")]  # what they refer to changed
    table = store.table("email_address")
    with store.read() as connection:
        number = connection.scalar(sa.select(table.c.id).where(table.c.party_id == bo))
    assert number is not None
    change(store, "email_address", number, standard="bob@x.example")
    [row] = run(store, tmp_path)
    assert row["email"] == "bob@x.example"


def test_what_an_undo_takes_out_is_gone_and_what_it_brings_back_is_there(store: Store, tmp_path: Path) -> None:
    people(store)
    run(store, tmp_path)
    with operation(store, "import", MARIA) as op:
        [late] = op.insert("contact", [{"given_name": "Late", "status": "customer"}])
        number = op.id
    assert told(run(store, tmp_path)) == [(late, "", "")]
    undo(store, number, MARIA)
    assert told(run(store, tmp_path)) == [(late, "deleted", "")]


def test_a_run_that_fails_leaves_no_file_and_no_watermark(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (ann, *_) = people(store)
    run(store, tmp_path)
    change(store, "contact", ann, given_name="Anna")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(ExportError, match="No space left"):
            run(store, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []
    assert len(runs_of(store)) == 1
    assert [row["given_name"] for row in run(store, tmp_path)] == ["Anna"]


def test_an_operation_that_is_committed_late_is_not_lost(store: Store, tmp_path: Path) -> None:
    """On a server a number may be given out before that of an operation which is committed first."""
    _, (ann, *_) = people(store)
    late = change(store, "contact", ann, given_name="Anna")
    last = change(store, "contact", ann, family_name="Lee")
    operations, changes = store.table("operation"), store.table("change")
    with store.write() as connection:  # as if it were not committed yet
        row = connection.execute(sa.select(operations).where(operations.c.id == late)).mappings().one()
        held = connection.execute(sa.select(changes).where(changes.c.operation_id == late)).mappings().all()
        connection.execute(changes.delete().where(changes.c.operation_id == late))
        connection.execute(operations.delete().where(operations.c.id == late))
    with store.read() as connection:
        assert watermark_of(store, connection) == Watermark(last, (late,))
    run(store, tmp_path)
    with store.write() as connection:
        connection.execute(operations.insert().values(**row))
        connection.execute(changes.insert(), [dict(one) for one in held])
    assert told(run(store, tmp_path)) == [(ann, "", "")]
    assert run(store, tmp_path) == []


def test_a_changed_extract_starts_anew_and_a_file_aside_counts_for_nothing(store: Store, tmp_path: Path) -> None:
    _, (ann, *_) = people(store)
    run(store, tmp_path)
    change(store, "contact", ann, given_name="Anna")
    run_extract(store, GERMANS, tmp_path, today=TODAY, actor="li", where=tmp_path / "aside.csv")
    assert len(run(store, tmp_path)) == 1
    fewer = Extract(**{**vars(GERMANS), "columns": ("id", "given_name")})
    done = run_extract(store, fewer, tmp_path, today=TODAY, actor="li", changes_only=True)
    assert done.done.rows == 5
    assert "says something else" in done.remarks[0]


def test_a_file_of_changes_is_never_replaced(store: Store, tmp_path: Path) -> None:
    _, (ann, *_) = people(store)
    run(store, tmp_path)
    change(store, "contact", ann, given_name="Anna")
    run_extract(store, GERMANS, tmp_path, today=TODAY, actor="li", changes_only=True)
    for overwrite in (False, True):
        with pytest.raises(UsageError):
            run_extract(store, GERMANS, tmp_path, today=TODAY, actor="li", changes_only=True, overwrite=overwrite)


@pytest.mark.parametrize("more", [{"split": "status"}, {"points": "rows"}, {"purpose": ("hubspot",), "columns": ()}])
def test_what_cannot_be_told_as_changes_is_refused_in_the_first_run(
    store: Store, tmp_path: Path, more: dict[str, Any]
) -> None:
    extract = Extract(**{**vars(GERMANS), **more})
    with pytest.raises(UsageError, match="--since does not go together"):
        run_extract(store, extract, tmp_path, today=TODAY, actor="maria", changes_only=True)
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_says_what_is_in_the_file(store: Store, tmp_path: Path) -> None:
    people(store)
    secret = "a secret of many letters"
    masked = Extract(**{**vars(GERMANS), "mask": ("default",), "purpose": ("marketing",)})
    done = run_extract(store, masked, tmp_path, today=TODAY, actor="maria", key=secret)
    assert done.manifest == tmp_path / "out" / "germans-2026-05-31.csv.manifest.json"
    text = done.manifest.read_text(encoding="utf-8")
    said = json.loads(text)
    assert secret not in text
    assert said["files"] == [
        {"file": "germans-2026-05-31.csv", "rows": 5, "sha256": done.done.files[0].sha256}
    ]  # fmt: skip
    assert (said["rows"], said["columns"], said["filter"]) == (5, list(GERMANS.columns), "status = 'customer'")
    assert (said["by"], said["operation"], said["kind"], said["entity"]) == ("maria", 1, "full", "contact")
    assert said["masking"] == {"given_name": "pseudonym", "email": "hash", "account.name": "pseudonym"}
    assert done.manifest.stat().st_mode & 0o777 == 0o600


def test_the_same_database_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    people(store)
    made = [
        run_extract(store, GERMANS, tmp_path, today=date(2026, 5, day), actor="maria").done.files[0].sha256
        for day in (1, 2)
    ]
    assert made[0] == made[1]


def test_an_extract_is_kept_as_it_is(tmp_path: Path) -> None:
    full = Extract(
        name="all-of-it", entity="contact", output="{year}/{month}/{value}-{week}.csv", columns=("id", "email"),
        where="city = 'Köln' and \"company\" = 'A \\ B'", order=("-id",), purpose=("excel", "marketing:post"),
        mask=("default", "email=redact"), points="joined", split="territory", format="csv",
    )  # fmt: skip
    path = save_extract(tmp_path / "extracts", full)
    assert find_extract(tmp_path / "extracts", "all-of-it") == full
    assert list_extracts(tmp_path / "extracts") == [full]
    assert full.destination(date(2027, 1, 1)) == "2027/01/{value}-2026-W53.csv"
    with pytest.raises(ExtractError, match="already"):
        save_extract(tmp_path / "extracts", full)
    for wrong, message in (
        ("entity = 'contact'", "output is missing"), ("colums = []", "unknown key"),
        ("entity = 1\noutput = 'x.csv'", "must be a text"),
        ("columns = 'id'\nentity = 'contact'\noutput = 'x.csv'", "list of texts"), ("= 3", "Invalid"),
    ):  # fmt: skip
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(UsageError, match=message):
            find_extract(tmp_path / "extracts", "all-of-it")
    for name in ("../crm", "none"):
        with pytest.raises(NotFoundError):
            find_extract(tmp_path / "extracts", name)
    with pytest.raises(ExtractError, match="no name"):
        save_extract(tmp_path, Extract(name="../x", entity="contact", output="x.csv"))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"columns": ("emial",)}, UnknownFieldError), ({"where": "city ="}, UsageError), ({"output": "x"}, UsageError),
        ({"output": "{dat}.csv"}, ExtractError), ({"mask": ("nam",)}, UsageError), ({"split": "nope"}, UsageError),
        ({"purpose": ("siebel",)}, UsageError), ({"points": "both"}, ExtractError), ({"output": "-"}, UsageError),
    ],
)  # fmt: skip
def test_what_every_run_would_refuse_is_refused_at_once(
    store: Store, change: dict[str, Any], error: type[Exception]
) -> None:
    check_extract(store.dictionary, GERMANS, TODAY)
    with pytest.raises(error):
        check_extract(store.dictionary, Extract(**{**vars(GERMANS), **change}), TODAY)


def test_the_examples_can_be_run(store: Store) -> None:
    folder = Path(__file__).resolve().parents[2] / "examples" / "extracts"
    for extract in list_extracts(folder):
        check_extract(store.dictionary, extract, TODAY)
    assert [one.name for one in list_extracts(folder)] == ["analysis", "mailing"]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "csv.gz", "xlsx", "jsonl", "parquet"])
def test_two_files_differ_by_rows_and_fields(store: Store, tmp_path: Path, suffix: str) -> None:
    _, (ann, bo, *_) = people(store)
    extract = Extract(**{**vars(GERMANS), "output": f"{{date}}.{suffix}"})
    run_extract(store, extract, tmp_path, today=date(2026, 1, 1), actor="maria")
    change(store, "contact", ann, given_name="=Anna\n'x'")
    with operation(store, "delete", MARIA) as op:
        op.delete("contact", [bo])
        [new] = op.insert("contact", [{"given_name": "New", "status": "customer"}])
    run_extract(store, extract, tmp_path, today=date(2026, 1, 2), actor="maria")
    made = compare_files(tmp_path / f"2026-01-01.{suffix}", tmp_path / f"2026-01-02.{suffix}")
    assert [(one.key, one.change, one.field, one.before, one.after) for one in made.differences] == [
        (str(ann), "changed", "given_name", "Ann", "=Anna\n'x'"), (str(new), "added", "", None, None),
        (str(bo), "removed", "", None, None),
    ]  # fmt: skip
    assert made.counts == {"changed": 1, "added": 1, "removed": 1, "same": 3}
    assert not made.is_cut
    assert len(compare_files(tmp_path / f"2026-01-01.{suffix}", tmp_path / f"2026-01-02.{suffix}", most=1)
               .differences) == 1  # fmt: skip
    with pytest.raises(UsageError, match="no column of both"):
        compare_files(tmp_path / f"2026-01-01.{suffix}", tmp_path / f"2026-01-02.{suffix}", "city")
