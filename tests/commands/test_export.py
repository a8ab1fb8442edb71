"""`crm export`: what a person types and sees."""

from __future__ import annotations

import csv
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import CrmRunner, _environment

KEY = "a secret of many letters"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, made_once: Path) -> Path:
    """A project with three people, imported once."""
    folder = tmp_path_factory.mktemp("people") / "project"
    shutil.copytree(made_once, folder)
    crm = CrmRunner(folder, _environment(folder.parent))
    crm.write("people.csv", "First Name,Last Name,Email,Phone,City,Country,Company\n"
                                "Ann,Lee,ann@acme.example,030 1234567,Berlin,DE,ACME Ltd\n"
                                "Bo,Smith,bo@acme.example,,Paris,FR,ACME Ltd\nCy,=1+1,,,,,\n")  # fmt: skip
    crm("import", "people.csv", "--into", "account+contact").ok()
    return folder


@pytest.fixture
def people(crm: CrmRunner, imported: Path) -> CrmRunner:
    shutil.copytree(imported, crm.folder, dirs_exist_ok=True)
    return crm


def rows(crm: CrmRunner, name: str) -> list[dict[str, str]]:
    with (crm.folder / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_columns_of_what_a_record_refers_to(people: CrmRunner) -> None:
    people("export", "contact", "-o", "x.csv", "--columns", "family_name,account.name,account.id").ok()
    assert rows(people, "x.csv")[0] == {"family_name": "Lee", "account.name": "ACME Ltd.", "account.id": "1"}


def test_several_entities_into_one_file(people: CrmRunner) -> None:
    outcome = people("export", "account,contact", "-o", "x.db", "--where", "city is null or city = 'Berlin'").ok()
    assert "records written to x.db" in outcome.stderr
    with sqlite3.connect(people.folder / "x.db") as connection:
        names = connection.execute("SELECT family_name FROM contacts").fetchall()
    connection.close()
    assert names == [("Lee",), ("=1+1",)]
    refused = people("export", "account,contact", "-o", "x.csv")
    assert refused.exit_code == 2
    assert ".xlsx" in refused.stderr


def test_a_database_named_by_its_url(people: CrmRunner) -> None:
    url = f"sqlite:///{(people.folder / 'other.db').as_posix()}"
    people("export", "contact", "-o", url, "--columns", "family_name").ok()
    assert people("export", "contact", "-o", url).exit_code == 2
    assert "crm's own" in people("export", "contact", "-o", "sqlite:///" + str(people.folder / "crm.db")).stderr


def test_masking_needs_the_key_and_says_the_smallest_group(people: CrmRunner) -> None:
    args = ("export", "contact", "-o", "x.csv", "--columns", "given_name,email,country", "--mask", "default")
    refused = people(*args)
    assert refused.exit_code == 2
    assert "CRM_MASKING_KEY" in refused.stderr
    outcome = people(*args, CRM_MASKING_KEY=KEY).ok()
    assert "masked: given_name (pseudonym), email (hash)" in outcome.stderr
    assert "smallest group: 1 alike in country" in outcome.stderr
    assert "singled out" in outcome.stderr
    assert "Ann" not in (people.folder / "x.csv").read_text(encoding="utf-8")
    people.write("crm.toml", 'masking_key = "OTHER"\n' + (people.folder / "crm.toml").read_text(encoding="utf-8"))
    assert "OTHER" in people(*args, "--overwrite", CRM_MASKING_KEY=KEY).stderr
    people(*args, "--overwrite", OTHER=KEY).ok()


def test_a_mailing_leaves_out_who_opted_out_and_says_how_many(people: CrmRunner) -> None:
    with sqlite3.connect(people.folder / "crm.db") as connection:
        connection.execute("UPDATE email_address SET standing = 'opted_out' WHERE standard = 'ann@acme.example'")
    connection.close()
    outcome = people("export", "contact", "-o", "x.csv", "--for", "excel,marketing:email").ok()
    assert "left out: 1 (opted out on an address or number)" in outcome.stderr
    assert (people.folder / "x.csv").read_bytes().startswith("\ufeffid".encode())
    assert "ann@" not in (people.folder / "x.csv").read_text(encoding="utf-8")
    people("export", "contact", "-o", "y.csv", "--for", "marketing:post").ok()
    assert len(rows(people, "y.csv")) == 3


def test_what_salesforce_exported_to_salesforce_comes_back(people: CrmRunner, tmp_path: Path) -> None:
    """Our own profile reads what is written for their import: the round trip loses nothing of these columns."""
    names = "given_name,family_name,email,phone,city,country,account.name"
    people("export", "account", "-o", "account.csv", "--for", "salesforce").ok()
    outcome = people("export", "contact", "-o", "contact.csv", "--for", "salesforce").ok()
    assert "masked" not in outcome.stderr
    people("export", "contact", "-o", "before.csv", "--columns", names).ok()
    other = CrmRunner(tmp_path / "other", people.environ)
    other.folder.mkdir()
    for name in ("account.csv", "contact.csv"):
        shutil.copy(people.folder / name, other.folder / name)
    other("init", "--country", "DE").ok()
    other("import", "account.csv", "contact.csv", "--profile", "salesforce").ok()
    other("export", "contact", "-o", "after.csv", "--columns", names).ok()
    assert rows(other, "after.csv") == rows(people, "before.csv")


def test_rows_that_the_other_system_refuses_are_counted(people: CrmRunner) -> None:
    outcome = people("export", "contact", "-o", "x.csv", "--for", "hubspot").ok()
    assert "1 rows have no Email, which the import demands" in outcome.stderr
    refused = people("export", "activity", "-o", "y.csv", "--for", "hubspot")
    assert (refused.exit_code, "account, contact, opportunity" in refused.stderr) == (2, True)


def test_a_file_for_each_value_is_named(people: CrmRunner) -> None:
    outcome = people("export", "contact", "-o", "by-{value}.csv", "--split", "country").ok()
    assert sorted(path.name for path in people.folder.glob("by-*")) == ["by-DE.csv", "by-FR.csv", "by-none.csv"]
    assert "1 records written to by-FR.csv" in outcome.stderr
    assert "3 records in 3 files" in outcome.stderr


def test_who_took_what_out_is_kept(people: CrmRunner) -> None:
    people("export", "contact", "-o", "x.csv", "--where", "family_name = 'Lee'").ok()
    people("export", "contact", "-o", "-", "--limit", "1").ok()
    with sqlite3.connect(people.folder / "crm.db") as connection:
        kept = connection.execute("SELECT actor, destination, rows, manifest FROM export_run ORDER BY id").fetchall()
    connection.close()
    assert [one[:3] for one in kept] == [("tester", str(people.folder / "x.csv"), 1), ("tester", "standard output", 1)]
    assert "Lee" not in kept[0][3]
    assert people("log", "--json").ok().json[0]["kind"] == "import"  # an export is nothing to be undone


def test_a_database_that_cannot_be_written_is_exported_all_the_same(people: CrmRunner) -> None:
    with sqlite3.connect(people.folder / "crm.db") as connection:
        connection.execute(
            "CREATE TRIGGER reader BEFORE INSERT ON export_run BEGIN SELECT RAISE(ABORT, 'for readers only'); END"
        )
    connection.close()
    outcome = people("export", "contact", "-o", "x.csv").ok()
    assert "does not know of this export, it could not be written: for readers only" in outcome.stderr
    assert len(rows(people, "x.csv")) == 3


@pytest.mark.parametrize(
    "args",
    [
        ("--for", "siebel"), ("--for", "marketing:fax"), ("--mask", "everything"), ("--points", "both"),
        ("--split", "nope"), ("--split", "country", "-o", "-"), ("--for", "hubspot", "--columns", "id"),
        ("--for", "edit", "--points", "rows"), ("--mask", "email"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_written(people: CrmRunner, args: tuple[str, ...]) -> None:
    before = sorted(people.folder.glob("*.csv"))
    output = () if "-o" in args else ("-o", "x.csv")
    outcome = people("export", "contact", *output, *args, CRM_MASKING_KEY=KEY)
    assert outcome.exit_code == 2, outcome.stderr
    assert "\nhint: " in outcome.stderr
    assert sorted(people.folder.glob("*.csv")) == before


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_records(tmp_path: Path) -> None:
    """A hundred thousand rows take no more than ten thousand do and, of SQLite's own, 64 MB of pages kept."""
    from benchmarks.exports import POINTS, fill

    peaks = []
    for number in (10_000, 100_000):
        path = tmp_path / f"{number}.db"
        fill(path, number)
        code = (
            # not ru_maxrss: a process starts with the peak of the one that it was forked from
            "import sys\nfrom crm_cli.app import main\nsys.argv = sys.argv[1:]\n"
            "try:\n    main()\nfinally:\n"
            "    status = open('/proc/self/status').read()\n"
            "    print(status.split('VmHWM:')[1].split()[0])"
        )
        words = ["crm", "export", "contact", "-o", str(tmp_path / "x.csv"), "--overwrite", "--db", str(path)]
        for more in ([], ["--points", "joined"]):
            done = subprocess.run(
                [sys.executable, "-c", code, *words, "--columns", ",".join(POINTS), *more],
                capture_output=True, encoding="utf-8", check=True, cwd=Path(__file__).parents[2],
            )  # fmt: skip
            peaks.append(int(done.stdout.split()[-1]) / 1024)
    assert max(peaks) < 250
    assert peaks[2] < peaks[0] + 64 + 10
    assert peaks[3] < peaks[1] + 64 + 30  # the ids are kept
