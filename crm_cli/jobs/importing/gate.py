"""The quality gate: whether a delivery is good enough to be taken at all, measured before anything is committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.errors import CrmError, ExitCode

if TYPE_CHECKING:
    from crm_cli.jobs.importing.source_settings import Gate

__all__ = ["Delivery", "GateError", "Shortfall", "check_gate"]


class GateError(CrmError):
    """A delivery does not pass the gate of its source: nothing of it was taken. `facts["shortfalls"]` lists why."""

    code = "gate"
    exit_code = ExitCode.FINDINGS


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One demand that is not met: what was measured and what was asked, as they are shown."""

    what: str
    measured: str
    asked: str


@dataclass(frozen=True)
class Delivery:
    """What is known of a delivery when it is judged. `filled`: by field how many rows have a value."""

    rows: int
    counts: Mapping[str, int]
    not_understood: int = 0
    filled: Mapping[str, int] = field(default_factory=Counter)
    rows_before: int | None = None  # of the last delivery of the same kind

    def share(self, count: int) -> float:
        """Return the share of the rows."""
        return count / self.rows if self.rows else 0.0


def check_gate(gate: Gate, delivery: Delivery, source: str, file: str) -> None:
    """Raise `GateError` with every demand that the delivery of `source` does not meet; `file` is where they stand."""
    found = list(_shortfalls(gate, delivery))
    if found:
        what = "; ".join(f"{one.what} {one.measured}, {one.asked} asked" for one in found)
        rows: list[dict[str, Any]] = [{"what": one.what, "measured": one.measured, "asked": one.asked} for one in found]
        raise GateError(
            f"the delivery does not pass the gate of {source}: {what}",
            hint=f"mend the delivery, or take it all the same with --ignore-gate; the gate stands in {file}",
            shortfalls=rows,
        )


def _shortfalls(gate: Gate, delivery: Delivery) -> Iterator[Shortfall]:
    if gate.min_rows is not None and delivery.rows < gate.min_rows:
        yield Shortfall("rows", str(delivery.rows), f"at least {gate.min_rows}")
    for name, most in gate.most.items():
        if name == "fewer_rows":
            yield from _fewer(most, delivery)
            continue
        count = delivery.not_understood if name == "not_understood" else delivery.counts.get(name, 0)
        if delivery.share(count) > most:
            yield Shortfall(
                name.replace("_", " "), f"{count} ({delivery.share(count):.1%})", f"at most {_percent(most)}"
            )
    for name, least in gate.filled.items():
        count = delivery.filled.get(name, 0)
        if delivery.share(count) < least:
            yield Shortfall(f"{name} filled", f"{count} ({delivery.share(count):.1%})", f"at least {_percent(least)}")


def _fewer(most: float, delivery: Delivery) -> Iterator[Shortfall]:
    before = delivery.rows_before
    if before and (before - delivery.rows) / before > most:
        yield Shortfall("rows", f"{delivery.rows}, {before} the last time", f"at most {_percent(most)} fewer")


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"
