"""Rules that hold for every module: sizes, and nothing at import that one system lacks or that slows the start."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "crm_cli"
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def _modules() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE.parent).as_posix(), path.read_text("utf-8")


def _is_generated(name: str) -> bool:
    return "/migrations/versions/" in name  # a list of tables, written by a generator once and never changed


def test_no_file_is_longer_than_one_can_hold_in_the_head() -> None:
    sizes = {name: text.count("\n") for name, text in _modules() if not _is_generated(name)}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for name, text in _modules()
        if not _is_generated(name)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno
    }
    assert {name: size for name, size in long.items() if size > LONGEST_FUNCTION} == {}


def test_every_folder_says_what_it_is_for_and_what_is_public() -> None:
    silent = []
    for path in sorted(PACKAGE.rglob("__init__.py")):
        tree = ast.parse(path.read_text("utf-8"))
        # A job is imported by its own file, so that asking for one does not load all.
        public = path.parent.name not in ("crm_cli", "jobs") and "migrations" not in path.parts
        if not ast.get_docstring(tree) or (public and "__all__" not in _assigned(tree)):
            silent.append(path.relative_to(PACKAGE).as_posix())
    assert silent == []


def _assigned(tree: ast.Module) -> set[str]:
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


_WITHOUT_POSIX = """
import importlib, pkgutil, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
import crm_cli
for module in pkgutil.walk_packages(crm_cli.__path__, "crm_cli."):
    if not module.name.endswith("__main__") and ".migrations." not in module.name:
        try:
            importlib.import_module(module.name)
        except ImportError as error:
            if sys.modules.get(error.name, error) is None:
                print(module.name, error)
"""


def test_no_module_needs_what_only_posix_systems_have() -> None:
    ended = subprocess.run([sys.executable, "-c", _WITHOUT_POSIX], capture_output=True, text=True, check=True)
    assert ended.stdout == ""
