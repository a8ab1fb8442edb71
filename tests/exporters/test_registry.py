"""Formats are found by name; libraries are loaded only for the one that is used."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from crm_cli.errors import MissingExtraError, UsageError
from crm_cli.exporters import ExportColumn, export_rows, exporter_for, format_names, registry
from crm_cli.exporters.jsonl import JsonLines


@pytest.mark.parametrize(
    ("target", "name"),
    [("a.csv", "csv"), ("a.CSV", "csv"), ("x/a.b.csv.gz", "csv"), ("a.tab", "tsv"), ("a.xlsx", "xlsx"),
     ("a.ndjson", "jsonl"), ("a.parquet", "parquet"), ("a.vcf.gz", "vcard")],
)  # fmt: skip
def test_the_suffix_names_the_format(target: str, name: str) -> None:
    assert exporter_for(Path(target)).name == name


def test_a_named_format_wins_over_the_suffix() -> None:
    assert exporter_for("a.txt", "jsonl").name == "jsonl"
    assert exporter_for("-", "csv").name == "csv"


@pytest.mark.parametrize("target", ["-", "customers", "a.gz"])
def test_no_format_known(target: str) -> None:
    with pytest.raises(UsageError, match="no format known") as caught:
        exporter_for(target)
    assert "--format" in caught.value.hint


def test_an_unknown_format_is_answered_with_the_likely_one() -> None:
    with pytest.raises(UsageError, match="unknown export format: xslx") as caught:
        exporter_for("a.xslx")
    assert caught.value.hint == "did you mean xlsx?"


def test_others_bring_formats_by_the_same_door(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = EntryPoint("geo", f"{__name__}:Geo", registry.GROUP)
    hijack = EntryPoint("csv", f"{__name__}:Geo", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: (theirs, hijack))
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    assert isinstance(exporter_for("a.geo"), Geo)
    assert "geo" in format_names()
    assert exporter_for("a.csv").name == "csv"  # ours can't be replaced unnoticed


class Geo(JsonLines):
    """A format of somebody else."""

    name = "geo"
    suffixes = (".geo",)


def test_importing_the_room_loads_no_format_library() -> None:
    code = (
        "import sys, crm_cli.exporters; print([m for m in ('xlsxwriter', 'pyarrow', 'openpyxl') if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_a_missing_library_is_named_with_the_extra_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="pyarrow") as caught:
        export_rows([["Ann"]], [ExportColumn("name")], tmp_path / "a.parquet")
    assert "crm-cli-toolkit[parquet]" in caught.value.hint
    assert list(tmp_path.iterdir()) == []
