"""The key of the tombstones: outside the database, in a variable or in a file that its owner alone can read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crm_cli.errors import CrmError, UsageError
from crm_cli.history import refuse_other_key
from crm_cli.store import Store

__all__ = ["KeySource", "key_for"]

_BYTES = 32  # as long as the hash: RFC 2104, section 3
_SHORTEST = 16


@dataclass(frozen=True)
class KeySource:
    """Where the key is: in `variable` if one is named, else in `file`."""

    variable: str
    file: Path
    environ: Mapping[str, str]

    def read(self) -> bytes:
        """Return the key, b"" where there is none yet; `UsageError` where what is there is none."""
        if self.variable:
            return self._checked(self.environ.get(self.variable, ""), f"variable {self.variable}")
        with suppress(FileNotFoundError):
            return self._checked(self._text(), str(self.file))
        return b""

    def read_or_make(self, *, dry_run: bool = False) -> tuple[bytes, Path | None]:
        """Return the key, and the file if one was made for it; a dry run makes none.

        `UsageError` where the variable that is named holds nothing: nobody else can make that.
        """
        if key := self.read():
            return key, None
        if self.variable:
            hint = "put a long random text into it, and keep a copy: without it erased persons are not recognized"
            raise UsageError(f"variable {self.variable}, which privacy.key names, is not set", hint=hint)
        if dry_run:
            return secrets.token_bytes(_BYTES), None
        return self._made(), self.file

    def _made(self) -> bytes:
        text = secrets.token_hex(_BYTES)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # somebody else made it meanwhile
            return self.read()
        except OSError as fault:
            raise CrmError(
                f"cannot write {self.file}: {fault.strerror or fault}", hint="make the folder writable"
            ) from fault
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(f"{text}\n")
            stream.flush()
            os.fsync(stream.fileno())
        return text.encode()

    def _text(self) -> str:
        try:
            return self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise
        except (OSError, UnicodeDecodeError) as fault:
            raise UsageError(f"cannot read {self.file}: {fault}", hint="it is the key of erasures; mend it") from fault

    def _checked(self, text: str, where: str) -> bytes:
        key = text.strip().encode()
        if key and len(key) < _SHORTEST:
            raise UsageError(
                f"the key in {where} is shorter than {_SHORTEST} characters", hint="bring the whole key back"
            )
        return key


def key_for(store: Store, source: KeySource, *, dry_run: bool = False) -> tuple[bytes, Path | None]:
    """Return the key for an erasure, and the file if one was made for it.

    `NoTombstoneKeyError` where tombstones of another key stand, or the key of those that stand is lost: a new one would
    let all come back whom the old one stops.
    """
    with store.read() as connection:
        refuse_other_key(store, connection, source.read())
    return source.read_or_make(dry_run=dry_run)
