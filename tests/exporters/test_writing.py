"""An export is there whole or not at all, for its owner alone, and never in place of another file unasked."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_cli.errors import UsageError
from crm_cli.exporters import ExportColumn, ExportError, ExportOptions, Row, UnfitValueError, export_rows

NAME = [ExportColumn("name")]
SUFFIXES = ["csv", "csv.gz", "jsonl", "xlsx", "parquet"]
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX file modes, links and devices")


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_says_how_many_rows_where_and_with_which_hash(tmp_path: Path) -> None:
    done = export_rows([["Ann"], ["Bo"]], NAME, tmp_path / "a.csv")
    assert (done.rows, done.path) == (2, tmp_path / "a.csv")
    assert done.sha256 == hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert _left(tmp_path) == ["a.csv"]


@posix_only
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    old = tmp_path / "a.csv"
    old.write_text("old")
    old.chmod(0o644)
    export_rows([["Ann"]], NAME, old, ExportOptions(overwrite=True))
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


def test_a_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("precious")
    with pytest.raises(UsageError, match="is there already") as caught:
        export_rows([["Ann"]], NAME, tmp_path / "a.csv")
    assert "--overwrite" in caught.value.hint
    assert (tmp_path / "a.csv").read_text() == "precious"


def test_a_file_that_somebody_makes_meanwhile_is_not_replaced_either(tmp_path: Path) -> None:
    def rows() -> Iterator[Row]:
        yield ["Ann"]
        (tmp_path / "a.csv").write_text("precious")

    with pytest.raises(UsageError, match="is there already"):
        export_rows(rows(), NAME, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "precious"
    assert _left(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_an_interrupt_leaves_no_half_file_and_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, fault: type[BaseException]
) -> None:
    folder, scratch = tmp_path / "out", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    (folder / f"a.{suffix}").write_text("old")

    def rows() -> Iterator[Row]:
        yield from ([f"Ann {number}"] for number in range(5000))
        raise fault

    with pytest.raises(fault):
        export_rows(rows(), NAME, folder / f"a.{suffix}", ExportOptions(overwrite=True))
    assert _left(folder) == [f"a.{suffix}"]
    assert (folder / f"a.{suffix}").read_text() == "old"
    assert _left(scratch) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_unfit_value_leaves_nothing_and_is_named(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UnfitValueError, match="row 2, column name") as caught:
        export_rows([["Ann"], ["half \ud800"]], NAME, tmp_path / f"a.{suffix}")
    assert (caught.value.facts["row"], caught.value.facts["column"]) == (2, "name")
    caught.value.message.encode()  # the message itself must be printable
    assert _left(tmp_path) == []


_FULL_DISK = """
import resource, sys
from pathlib import Path
from crm_cli.errors import CrmError
from crm_cli.exporters import ExportColumn, export_rows
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    export_rows(([f"{n:x}" * 40] for n in range(100_000)), [ExportColumn("name")], Path(sys.argv[1]))
except CrmError as error:
    sys.exit(error.message)
"""


@posix_only
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_a_disk_that_takes_no_more_is_one_line_and_no_half_file(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    ended = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, folder / f"a.{suffix}"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("could not write ")
    assert ended.stderr.count("\n") == 1
    assert _left(folder) == []


_TO_STDOUT = """
import sys
from crm_cli.exporters import ExportColumn, export_rows
kind, number = sys.argv[1], int(sys.argv[2])
try:
    done = export_rows(([f"{n}"] for n in range(number)), [ExportColumn("name")], "-", format_name=kind)
except BrokenPipeError:
    sys.stderr.write("closed pipe")
    sys.stderr.flush()
    import os
    os._exit(0)
sys.stderr.write(done.sha256)
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_standard_output_gets_the_same_bytes_as_a_file(tmp_path: Path, kind: str) -> None:
    ended = subprocess.run([sys.executable, "-c", _TO_STDOUT, kind, "30"], capture_output=True, check=True)
    done = export_rows([[f"{n}"] for n in range(30)], NAME, tmp_path / f"a.{kind}")
    assert ended.stdout == (tmp_path / f"a.{kind}").read_bytes()
    assert ended.stderr.decode() == done.sha256


def test_a_reader_that_leaves_is_told_apart_from_a_failure() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _TO_STDOUT, "csv", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout
    assert writer.stderr
    assert writer.stdout.readline() == b"name\r\n"
    writer.stdout.close()
    assert writer.stderr.read() == b"closed pipe"
    writer.stderr.close()
    writer.wait()


@posix_only
def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "latest.csv").symlink_to("real.csv")
    export_rows([["Ann"]], NAME, tmp_path / "latest.csv", ExportOptions(overwrite=True))
    assert (tmp_path / "latest.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"name\r\nAnn\r\n"


@posix_only
def test_a_device_is_written_to_and_not_replaced() -> None:
    assert export_rows([["Ann"]], NAME, Path(os.devnull), format_name="csv").rows == 1
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_device_is_an_error_with_its_name() -> None:
    with pytest.raises(ExportError, match=r"could not write /dev/full: No space left"):
        export_rows([["Ann"]], NAME, Path("/dev/full"), format_name="csv")


def test_bad_targets_and_columns_are_usage_errors(tmp_path: Path) -> None:
    for columns, target, message in [
        (NAME, tmp_path, "is a folder"),
        (NAME, tmp_path / "no" / "a.csv", "folder not found"),
        ([], tmp_path / "a.csv", "no columns"),
        (NAME * 2, tmp_path / "a.csv", "given twice: name"),
    ]:
        with pytest.raises(UsageError, match=message):
            export_rows([["Ann"]], columns, target, format_name="csv")
    assert _left(tmp_path) == []


def test_a_row_of_another_width_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="row 2 has 2 values for 1 columns"):
        export_rows([["Ann"], ["Bo", "Bonn"]], NAME, tmp_path / "a.csv")


def test_nothing_to_export_is_a_file_with_a_header(tmp_path: Path) -> None:
    assert export_rows([], NAME, tmp_path / "a.csv").rows == 0
    assert (tmp_path / "a.csv").read_bytes() == b"name\r\n"
