"""What differs between two results of an extract: rows added, removed and changed, told by their key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_cli.errors import UsageError, did_you_mean
from crm_cli.importers import ReadOptions, Row, read_tables

__all__ = ["Comparison", "Difference", "compare_files", "with_present"]

_KEYS = ("id", "public_id")
_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_COMPARABLE = (".csv", ".tsv", ".tab", ".xlsx", ".jsonl", ".ndjson", ".parquet")
Values = dict[str, str | None]


@dataclass(frozen=True)
class Difference:
    """One difference: a row that was added or removed (`field` is empty), or one field of a row."""

    key: str
    change: str
    field: str = ""
    before: str | None = None
    after: str | None = None


@dataclass
class Comparison:
    """The differences, and how many rows were added, removed, changed and stayed the same."""

    key: str
    differences: list[Difference] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    is_cut: bool = False  # there are more differences than were to be kept


def compare_files(old: Path, new: Path, key: str | None = None, *, most: int | None = None) -> Comparison:
    """Compare two files that exports wrote, by `key`: `id` unless said, else the first column.

    Rows of the same key are told apart by their order. At most `most` differences are kept, all are counted. Raises
    `UsageError` for a key that is no column of both, or a format that cannot be read back; `ReadError`.
    """
    before, after = _File(old), _File(new)
    made = Comparison(_key(before.header, after.header, key))
    common = [name for name in before.header if name in after.header]
    for which, names in (("only in the old file", before.header), ("only in the new file", after.header)):
        if only := [name for name in names if name not in common]:
            made.remarks.append(f"columns {which}: {', '.join(only)}")
    known = dict(before.keyed(made.key))
    is_unique = all(number == 1 for _, number in known)
    for place, row in after.keyed(made.key):
        is_unique = is_unique and place[1] == 1
        _compare(made, place[0], known.pop(place, None), row, common, most)
    for place in known:
        _note(made, "removed", [Difference(place[0], "removed")], most)
    if not is_unique:
        made.remarks.append(f"{made.key} is not unique: its rows are told apart by their order; --key names another")
    return made


def _compare(
    made: Comparison, key: str, before: Values | None, after: Values, common: Sequence[str], most: int | None
) -> None:
    if before is None:
        _note(made, "added", [Difference(key, "added")], most)
        return
    fields = [
        Difference(key, "changed", name, before[name], after[name]) for name in common if before[name] != after[name]
    ]
    _note(made, "changed" if fields else "same", fields, most)


def _note(made: Comparison, what: str, differences: Sequence[Difference], most: int | None) -> None:
    made.counts[what] += 1
    room = len(differences) if most is None else max(most - len(made.differences), 0)
    made.differences += differences[:room]
    made.is_cut = made.is_cut or len(differences) > room


def _key(old: Sequence[str], new: Sequence[str], wanted: str | None) -> str:
    both = [name for name in old if name in new]
    if wanted is not None and wanted not in both:
        hint = did_you_mean(wanted, both) or f"columns of both: {', '.join(both)}"
        raise UsageError(f"--key {wanted}: no column of both", hint=hint, key=wanted)
    if not both:
        raise UsageError("the files have no column in common", hint="name files of the same extract")
    return wanted or next((name for name in _KEYS if name in both), both[0])


class _File:
    """A file that an export wrote, read back as texts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        suffix = Path(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
        if suffix.lower() not in _COMPARABLE:
            hint = f"compare {', '.join(_COMPARABLE)}"
            raise UsageError(f"{path.name} cannot be compared", hint=hint, file=str(path))
        delimiter = _DELIMITERS.get(suffix.lower())
        plain = ReadOptions(encoding="utf-8", delimiter=delimiter, quote='"', header=1, no_input=True)
        tables = read_tables(path, plain if delimiter else ReadOptions(no_input=True))
        self.header = list(tables[0].header) if tables else []
        self._rows: Callable[[], Iterator[Row]] = tables[0].rows if tables else lambda: iter(())

    def keyed(self, key: str) -> Iterator[tuple[tuple[str, int], Values]]:
        """Yield each row under its key and the number of that key's row."""
        seen: Counter[str] = Counter()
        place = self.header.index(key)
        for row in self._rows():
            name = row.values[place] or ""
            seen[name] += 1
            yield (name, seen[name]), dict(zip(self.header, row.values, strict=False))


def with_present(
    old: Path, write: Callable[[Path], object], key: str | None = None, *, most: int | None = None
) -> Comparison:
    """Compare a file with what the extract gives now: `write` writes that to the path it is given. Raises as above."""
    with TemporaryDirectory(prefix="crm-extract-") as folder:
        now = Path(folder, old.name)
        write(now)
        return compare_files(old, now, key, most=most)
