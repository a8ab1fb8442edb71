"""Run an extract: its file, the manifest beside it, and then – only then – the note where the next run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from crm_cli.errors import UsageError
from crm_cli.exporters import check_place, write_whole
from crm_cli.jobs.exporting import Done, Points, Request, Run, Target, Watermark, note_run, runs_of, write_export
from crm_cli.jobs.extracts.definition import Extract
from crm_cli.store import Store

__all__ = ["ExtractRun", "run_extract", "target_of"]

_SUFFIX = ".manifest.json"
_VALUE = "{value}"


@dataclass
class ExtractRun:
    """What a run left: the files, the manifest, what is to be said of it; `unnoted` is why it could not be noted."""

    done: Done
    target: Target
    manifest: Path | None
    remarks: list[str]
    unnoted: str = ""


def target_of(store: Store, extract: Extract, project: Path, today: date, where: Path | str | None = None) -> Target:
    """Return where a run writes: `where`, else what the extract says, seen from the folder of the project."""
    output = str(where or extract.destination(today, store.now().astimezone(store.zone)))
    is_file = output != "-" and "://" not in output
    name = extract.format or ("csv" if output == "-" else None)
    return Target(
        where=project / Path(output).expanduser() if is_file else output, format=name, split=extract.split or None
    )


def run_extract(
    store: Store,
    extract: Extract,
    project: Path,
    *,
    today: date,
    actor: str,
    key: str = "",
    changes_only: bool = False,
    where: Path | str | None = None,
    overwrite: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ExtractRun:
    """Write the extract; with `changes_only` what changed since the run before, all where there is none to go on from.

    A run to another place (`where`) is noted, but the next one does not go on from it. Raises what `write_export`
    raises; `UsageError` where a file of changes would be written over: nothing else holds these changes.
    """
    remarks: list[str] = []
    if changes_only:
        _check_changes(extract)
    since = _since(store, extract, remarks) if changes_only else None
    if since and overwrite:
        hint = "move the old file away, or put {time} into the output of the extract"
        raise UsageError("a file of changes is not replaced: it is the only one that has them", hint=hint)
    target = replace(target_of(store, extract, project, today, where), overwrite=overwrite)
    manifest = _place(target)
    if manifest:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        check_place(manifest, overwrite=overwrite)
    request = extract.request(key)
    done = write_export(store, [request], target, since=since, progress=progress)
    document = _document(store, extract, request, done)
    if manifest:
        _write_manifest(manifest, _whole(document, done, target, actor))
    noted = {**document, "aside": where is not None}
    return ExtractRun(done, target, manifest, remarks, note_run(store, done.run(target, actor, extract.name, noted)))


def _check_changes(extract: Extract) -> None:
    """Refuse in the first run what the next one could not do."""
    if extract.split or extract.points == Points.ROWS or extract.request().purpose.system:
        what = "split" if extract.split else "points = rows" if extract.points == Points.ROWS else "another system"
        hint = "changes are told record by record, in one file"
        raise UsageError(f"extract {extract.name}: --since does not go together with {what}", hint=hint)


def _since(store: Store, extract: Extract, remarks: list[str]) -> Watermark | None:
    last = _last(store, extract)
    if last is None:
        remarks.append("there is no run to go on from: all records are written")
        return None
    if (last.document or {}).get("fingerprint") != extract.fingerprint:
        remarks.append("the extract says something else than in its last run: all records are written")
        return None
    return last.watermark


def _last(store: Store, extract: Extract) -> Run | None:
    runs = runs_of(store, extract.name, limit=100)
    return next((one for one in runs if not (one.document or {}).get("aside")), None)


def _place(target: Target) -> Path | None:
    """Where the manifest goes: beside the file; of a split extract beside its files, named by `all`."""
    if target.is_database or str(target.where) == "-":
        return None
    path = Path(target.where)
    if target.split:
        stem, dot, suffixes = path.name.partition(".")
        name = path.name.replace(_VALUE, "all") if _VALUE in path.name else f"{stem}-all{dot}{suffixes}"
        return path.with_name(name + _SUFFIX)
    return path.with_name(path.name + _SUFFIX)


def _document(store: Store, extract: Extract, request: Request, done: Done) -> dict[str, Any]:
    """What is kept of a run, in the database and in the manifest."""
    masking = {name: how for one in done.readouts for name, how in one.masking.items()}
    sizes = [one.smallest.size for one in done.readouts if one.smallest and one.smallest.size is not None]
    columns = done.readouts[0].columns if done.readouts else ()
    return {
        "columns": [one.name for one in columns], "filter": request.where, "order": list(request.order),
        "points": request.points.value, "purpose": request.purpose.words(), "masking": masking,
        "smallest_group": min(sizes, default=None), "left_out": dict(sorted(done.left_out.items())),
        "gone": dict(sorted(done.gone.items())), "fingerprint": extract.fingerprint, "database": store.shown,
    }  # fmt: skip


def _whole(document: dict[str, Any], done: Done, target: Target, actor: str) -> dict[str, Any]:
    files = [
        {"file": one.path.name if one.path else target.shown, "rows": one.rows, "sha256": one.sha256}
        for one in done.files
    ]
    rest = {name: value for name, value in document.items() if name != "fingerprint"}
    return {
        "files": files, "entity": done.entity, "rows": done.rows, **rest,
        "kind": "changes" if done.since else "full",
        "since_operation": done.since.operation if done.since else None, "operation": done.watermark.operation,
        "by": actor, "started_at": done.started_at.isoformat(), "finished_at": done.finished_at.isoformat(),
    }  # fmt: skip


def _write_manifest(path: Path, document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def write(stream: BinaryIO) -> int:
        stream.write(text.encode())
        return 0

    write_whole(path, write, overwrite=True)
