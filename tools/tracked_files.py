"""Check that no file under version control names what holds on one machine only.

Run by `dev.py lint`: refuses absolute paths of a home or work folder, and addresses of package registries, which would
bind everyone to one of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "absolute path": re.compile(rb"(?<![\w./~-])/(?:work|ho" rb"me|ro" rb"ot|Users)/[\w.]"),
    "package registry": re.compile(
        rb"(?:py" rb"pi\.org|python" rb"hosted\.org|np" rb"mjs\.(?:org|com)|crates" rb"\.io)"
    ),
    "find-links or index": re.compile(rb"^--?(?:find-links|index-url|extra-index-url|f|i)\b"),
}
BINARY = {".xlsx", ".xls", ".ods", ".gz", ".zip", ".parquet", ".png", ".db"}


def main() -> int:
    """Print every place that is refused; returns 1 if there is any."""
    files = tracked()
    problems = [problem for file in files for problem in problems_of(file)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"tracked files: {len(files)}, {len(problems)} problems")
    return 1 if problems else 0


def tracked() -> list[Path]:
    """Return the files under version control, or (in an exported copy) all but the generated ones."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        names = [Path(name) for name in listing.stdout.decode().split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not any(generated(part) for part in name.parts)]
    return sorted(name for name in names if name.suffix not in BINARY and (ROOT / name).is_file())


def generated(part: str) -> bool:
    """Whether a folder or file of this name is made by tools and never committed."""
    return part.endswith((".egg-info", "__pycache__", "_cache")) or part in {".git", ".venv", "build", "dist"}


def problems_of(file: Path) -> Iterator[str]:
    """Yield file, line and kind of every forbidden place in one file."""
    for number, line in enumerate((ROOT / file).read_bytes().splitlines(), start=1):
        for kind, pattern in FORBIDDEN.items():
            if match := pattern.search(line):
                yield f"error: {file.as_posix()}:{number}: {kind}: {match.group().decode(errors='replace')}"


if __name__ == "__main__":
    sys.exit(main())
