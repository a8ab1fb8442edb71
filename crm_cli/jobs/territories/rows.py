"""Figures of territories as rows of values: for the screen, for the page and for `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from crm_cli.dictionary import MASK, Dictionary
from crm_cli.query import major_units
from crm_cli.territories import Compared, Fairness, FairnessLine, Node, Simulation, Workload

__all__ = ["fairness_rows", "money", "simulation_document", "tree_rows", "work_rows"]

_BAR = 20
_SIDES = ("before", "after")


def money(dictionary: Dictionary, pipeline: Mapping[str, int]) -> dict[str, Any]:
    """Return amounts by currency as people write them; `•••` where views do not show the field."""
    masked = dictionary.entity("opportunity").field("amount").masked
    amounts = {currency or "(no currency)": amount for currency, amount in sorted(pipeline.items()) if amount}
    return {name: MASK if masked else major_units(amount, name) for name, amount in amounts.items()}


def _money_text(dictionary: Dictionary, pipeline: Mapping[str, int]) -> str:
    found = money(dictionary, pipeline)
    return "; ".join(f"{name} {amount if amount == MASK else format(amount, ',')}" for name, amount in found.items())


def tree_rows(dictionary: Dictionary, nodes: Sequence[Node], *, indent: bool) -> list[dict[str, Any]]:
    """Return a row a territory; numbers are those of it and all its parts, `own` those in itself."""
    rows = []
    for node in nodes:
        members = [f"{one.username} ({one.share:g})" if one.share != 1 else one.username for one in node.members]
        row: dict[str, Any] = {"territory": f"{'  ' * node.depth}{node.name}" if indent else node.name}
        if not indent:
            row |= {"id": node.id, "parent": node.parent, "depth": node.depth}
        row |= {
            "accounts": node.whole.accounts, "own": node.own.accounts, "leads": node.whole.leads,
            "opportunities": node.whole.opportunities, "activities": node.whole.activities,
        }  # fmt: skip
        shown = _money_text if indent else money
        row["pipeline"] = shown(dictionary, node.whole.pipeline)
        row["members"] = ", ".join(members) if indent else [one.username for one in node.members]
        rows.append(row)
    return rows


def work_rows(dictionary: Dictionary, what: str, compared: Sequence[Compared]) -> list[dict[str, Any]]:
    """Return a row a territory or an owner (`what`): accounts, open work and pipeline, before → after, and a bar."""
    longest = max((one.after.accounts for one in compared), default=0) or 1
    return [
        {
            what: one.name, "before": one.before.accounts, "lost": one.lost, "gained": one.gained,
            "after": one.after.accounts, **_work(one), "pipeline": _change(dictionary, one),
            "accounts": "█" * round(_BAR * one.after.accounts / longest),
        }
        for one in compared
    ]  # fmt: skip


def _work(one: Compared) -> dict[str, str]:
    return {
        name: _arrow(getattr(one.before, name), getattr(one.after, name))
        for name in ("leads", "opportunities", "activities")
    }


def _arrow(before: object, after: object) -> str:
    return str(before) if before == after else f"{before} → {after}"


def _change(dictionary: Dictionary, one: Compared) -> str:
    before, after = (_money_text(dictionary, side.pipeline) or "–" for side in (one.before, one.after))
    return _arrow(before, after)


def fairness_rows(lines: Sequence[FairnessLine]) -> list[dict[str, Any]]:
    """Return a row a measure that is spread: coefficient of variation, Gini, largest by mean, before → after."""
    return [
        {"spread": one.measure, "among": one.among, "holders": one.after.holders}
        | {
            name: _arrow(_figure(one.before, part), _figure(one.after, part))
            for name, part in (("variation", "variation"), ("gini", "gini"), ("max/mean", "largest"))
        }
        for one in lines
        if one.before.mean is not None or one.after.mean is not None
    ]


def _figure(found: Fairness, part: str) -> str:
    value = getattr(found, part)
    return "–" if value is None else f"{value:.2f}"


def simulation_document(dictionary: Dictionary, found: Simulation) -> dict[str, Any]:
    """Return the whole simulation as one document."""
    return {
        "plan": found.plan, "day": found.day, "structure": found.structure, "moved": found.moved,
        "followed": found.followed, "unmanned": found.unmanned,
        "territories": [_document(dictionary, "territory", one) for one in found.territories],
        "owners": [_document(dictionary, "owner", one) for one in found.owners],
        "fairness": [
            {"measure": one.measure, "among": one.among, **{side: asdict(getattr(one, side)) for side in _SIDES}}
            for one in found.fairness
        ],
    }  # fmt: skip


def _document(dictionary: Dictionary, what: str, one: Compared) -> dict[str, Any]:
    return {what: one.name, "gained": one.gained, "lost": one.lost} | {
        side: _side(dictionary, getattr(one, side)) for side in _SIDES
    }


def _side(dictionary: Dictionary, work: Workload) -> dict[str, Any]:
    counts = {name: getattr(work, name) for name in ("accounts", "leads", "opportunities", "activities")}
    return counts | {"pipeline": money(dictionary, work.pipeline)}
