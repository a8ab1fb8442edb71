"""Where both streams go to one place, as in a log, what comes out stands in the order in which it was said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_in_one_log_the_note_comes_after_the_table_it_is_about(tmp_path: Path) -> None:
    """A pipe is buffered, stderr is not: without care all notes would come first."""
    environ = {"CRM_CONFIG_DIR": str(tmp_path / "user"), "CRM_USER": "ann", "PYTHONUTF8": "1"}
    examples = Path(__file__).resolve().parents[2] / "examples"
    seen = ""
    for words in (("init",), ("import", str(examples / "users.csv"), "--into", "user", "--key", "username")):
        seen = subprocess.run(
            [sys.executable, "-m", "crm_cli", *words],
            env=environ, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=True,
        ).stdout  # fmt: skip
    assert [line.split(" ")[0] for line in seen.splitlines()][0::2] == ["batch", "next:"], seen
