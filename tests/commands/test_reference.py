"""The reference pages are written from the program and checked against it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from crm_cli.config import KEYS
from crm_cli.errors import ExitCode

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "reference.py"


@pytest.fixture
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, writing the two quick pages to a folder of the test."""
    spec = importlib.util.spec_from_file_location("reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    quick = {"configuration.md": module.configuration_page(), "exit-codes.md": module.exit_codes_page()}
    monkeypatch.setattr(module, "FOLDER", tmp_path / "reference")
    monkeypatch.setattr(module, "pages", lambda: quick)
    return module


def test_check_ends_with_1_until_written_and_after_any_change(
    reference: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reference.main(["--check"]) == 1
    assert "configuration.md" in capsys.readouterr().err
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    page = reference.FOLDER / "configuration.md"
    page.write_text(page.read_text(encoding="utf-8").replace("UTC", "GMT"), encoding="utf-8")
    assert reference.main(["--check"]) == 1
    assert "exit-codes.md" not in capsys.readouterr().err


def test_every_key_variable_and_exit_code_is_on_its_page(reference: ModuleType) -> None:
    configuration, exit_codes = reference.configuration_page(), reference.exit_codes_page()
    assert [key.name for key in KEYS if f"`{key.name}`" not in configuration] == []
    assert [key.variable for key in KEYS if key.variable not in configuration] == []
    assert [code for code in ExitCode if f"| {code.value} |" not in exit_codes] == []


def test_an_unknown_argument_is_a_usage_error(reference: ModuleType) -> None:
    assert reference.main(["--chek"]) == 2
