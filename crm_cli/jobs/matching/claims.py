"""Claims: two people who review at once never look at the same cluster."""

from __future__ import annotations

from contextlib import suppress

from crm_cli.dictionary import Entity
from crm_cli.errors import LockedError
from crm_cli.jobs.matching.model import Candidate
from crm_cli.store import Lease, Store

__all__ = ["Claims"]


class Claims:
    """What one review has claimed: the cluster that is on its screen, and no other.

    A claim ends with the next one, with `release`, with the process, or – where that cannot be seen from here, because
    it runs on another host – after an hour.
    """

    def __init__(self, store: Store, entity: Entity) -> None:
        self._store, self._entity = store, entity
        self._name = ""
        self._lease: Lease | None = None

    def take(self, pair: Candidate) -> bool:
        """Claim the cluster of a pair, or the pair where it is in none; False when somebody else is looking at it."""
        name = self._name_of(pair)
        if self._lease is not None and name == self._name:
            return True
        self.release()
        self._lease, self._name = self._store.claim(name), name
        return self._lease is not None

    def release(self) -> None:
        """Give back what is claimed; where the database is busy the end of this process does so."""
        if self._lease is not None:
            with suppress(LockedError):
                self._store.release(self._lease)
            self._lease = None

    def _name_of(self, pair: Candidate) -> str:
        what = f"{pair.left}-{pair.right}" if pair.cluster is None else f"cluster {pair.cluster}"
        return f"review {self._entity.name} {what}"
