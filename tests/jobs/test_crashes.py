"""What is left after a kill, and what two at once do: nothing half-applied, nobody's work lost."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_cli.errors import ExitCode
from crm_cli.history import Author, read_log
from crm_cli.jobs.importing import ImportOptions, import_source
from crm_cli.jobs.merging import MergeGroup, merge
from crm_cli.store import Store
from tests.dumps import business_content

MARIA = Author("maria", "test")


def people(folder: Path, count: int, name: str = "people.csv") -> Path:
    rng = random.Random(name)
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Id", "First Name", "Last Name", "E-Mail", "City"])
        for number in range(count):
            family = "".join(rng.choices("abcdefghij", k=8)).title()
            writer.writerow([f"{name}{number}", "Ann", family, f"{family}{number}@x.example".lower(), "Austin"])
    return path


def crm(store: Store, *arguments: object) -> subprocess.Popen[str]:
    url = store.url.render_as_string(hide_password=False) if store.backend != "sqlite" else str(store.url.database)
    command = [sys.executable, "-m", "crm_cli", *map(str, arguments), "--db", url]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    )


def holder(store: Store) -> bool:
    from crm_cli.store.lease import lease_holder

    return lease_holder(store.engine, store.table("lease")) is not None


def wait_for_lease(store: Store, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not holder(store):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the process never began to write"
        time.sleep(0.02)


def test_a_killed_import_leaves_nothing_and_the_next_one_goes_through(store: Store, tmp_path: Path) -> None:
    path = people(tmp_path, 20_000)
    process = crm(store, "import", path, "--into", "contact")
    wait_for_lease(store, process)
    time.sleep(0.8)  # in the midst of writing
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert business_content(store)["contact"] == []
    assert read_log(store) == []
    result = import_source(store, people(tmp_path, 50, "few.csv"), MARIA, ImportOptions())
    assert result.counts["created"] == 50  # the dead process holds nothing


def test_a_killed_merge_leaves_every_record_as_it_was(store: Store, tmp_path: Path) -> None:
    import_source(store, people(tmp_path, 3_000), MARIA, ImportOptions())
    ids = [row["id"] for row in business_content(store)["contact"]]
    before = business_content(store)
    script = tmp_path / "merge.py"
    script.write_text(
        "import sys, os, signal\n"
        "from crm_cli.store import Store\nfrom crm_cli.history import Author\n"
        "from crm_cli.history import Operation\nfrom crm_cli.jobs.merging import MergeGroup, merge\n"
        "def killed(self): os.kill(os.getpid(), signal.SIGKILL)\n"
        "Operation.finish = killed  # all is written, nothing committed\n"
        "ids = [int(one) for one in sys.argv[2:]]\n"
        "groups = [MergeGroup((a, b)) for a, b in zip(ids[::2], ids[1::2])]\n"
        "with Store.open(sys.argv[1]) as store: merge(store, 'contact', groups, Author('x'))\n",
        encoding="utf-8",
    )
    url = store.url.render_as_string(hide_password=False) if store.backend != "sqlite" else str(store.url.database)
    done = subprocess.run(
        [sys.executable, str(script), url, *map(str, ids[:400])], check=False, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert business_content(store) == before
    result = merge(store, "contact", [MergeGroup((ids[0], ids[1]))], MARIA)
    assert result.merged == 1


def test_two_imports_at_once_both_arrive_or_one_says_who_is_writing(store: Store, tmp_path: Path) -> None:
    first = crm(store, "import", people(tmp_path, 15_000, "one.csv"), "--into", "contact")
    wait_for_lease(store, first)
    refused = crm(store, "import", people(tmp_path, 20, "two.csv"), "--into", "contact")
    patient = crm(store, "import", people(tmp_path, 20, "three.csv"), "--into", "contact", "--wait", "120")
    _, why = refused.communicate(timeout=120)
    assert refused.returncode == ExitCode.LOCKED
    assert f"process {first.pid}" in why
    assert "--wait" in why
    _, trouble = patient.communicate(timeout=240)
    assert patient.returncode == ExitCode.DONE, trouble
    first.communicate(timeout=240)
    assert first.returncode == ExitCode.DONE
    assert len(business_content(store)["contact"]) == 15_020


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.6, 0.9])  # reading, writing: what is interrupted differs
@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_a_stopped_import_says_so_and_leaves_nothing(
    store: Store, tmp_path: Path, sent: signal.Signals, code: ExitCode, seconds: float
) -> None:
    process = crm(store, "import", people(tmp_path, 30_000), "--into", "contact")
    wait_for_lease(store, process)
    time.sleep(seconds)
    process.send_signal(sent)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "nothing is half done" in said
    assert not holder(store)
    assert business_content(store)["contact"] == []
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(store.table("change"))) == 0
