"""`crm audit costs`: what bad data cost, and how many distinct customers there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import Crm
from crm_cli.commands.policies import chosen_policies
from crm_cli.commands.times import day, local
from crm_cli.errors import UsageError
from crm_cli.options import Today

if TYPE_CHECKING:
    from crm_cli.jobs.costs import Cost, Distinct

__all__ = ["costs"]

Mailings = Annotated[
    float | None, typer.Option("--mailings", metavar="N", help="Mailings a year; else costs.mailings, else one.")
]


def costs(crm: Crm, mailings: Mailings = None, today: Today = None) -> None:
    """Estimate what bad data cost in a year, and how many distinct customers there are.

    `[costs]` in crm.toml says what one costs: per_mailing and per_duplicate, in the base currency; mailings is their
    number a year. Returned are mailings to addresses that are dead by age; duplicates are those that the last search
    expects, weighted by probability. `recreated` are probable duplicates made since the last merge.

    Examples:
        crm audit costs
        crm audit costs --mailings 4
    """
    from crm_cli.jobs import costs as job

    if mailings is not None and mailings < 0:
        raise UsageError(f"--mailings {mailings:g} is below 0", hint="how many go out in a year")
    given = {name: crm.config.amount(f"costs.{name}") for name in ("per_mailing", "per_duplicate", "mailings")}
    rates = job.Rates(given["per_mailing"], given["per_duplicate"], given["mailings"] if mailings is None else mailings)
    found = job.costs(crm.store, chosen_policies(crm, None), rates, today=day(crm, today))
    customers = job.distinct_customers(crm.store)
    currency = crm.config.text("base_currency")
    rows = [_cost_row(crm, one, currency) for one in found]
    distinct = [_distinct_row(crm, one) for one in customers]
    if crm.console.json:
        crm.console.show({"costs": rows, "customers": distinct})
    else:
        crm.console.show_parts({"Costs a year, estimated": rows, "Distinct customers, estimated": distinct})
    _say_what_is_missing(crm, rates, customers)


def _say_what_is_missing(crm: Crm, rates: Any, customers: list[Distinct]) -> None:
    unset = [name for name in ("per_mailing", "per_duplicate") if not getattr(rates, name)]
    if unset:
        crm.console.note(f"nobody has said what they cost: [costs] {' = …, '.join(unset)} = … in crm.toml")
    for one in customers:
        if one.duplicates is None and one.records:
            crm.console.note(f"no search for duplicate {one.entity}s yet: crm dedupe find {one.entity}")


def _cost_row(crm: Crm, one: Cost, currency: str) -> dict[str, Any]:
    number = round(one.number, 3) if crm.console.json else round(one.number)
    return {
        "what": one.what, "of": one.entity, "number": number, "each": one.each or None,
        "sum": round(one.sum, 2) if one.each else None, "currency": currency if one.each else None,
    }  # fmt: skip


def _distinct_row(crm: Crm, one: Distinct) -> dict[str, Any]:
    duplicates = one.duplicates
    if duplicates is not None:
        duplicates = round(duplicates, 3) if crm.console.json else round(duplicates)
    return {
        "of": one.entity, "records": one.records, "duplicates": duplicates, "distinct": one.distinct,
        "searched": local(crm, one.searched_at), "last_merge": local(crm, one.merged_at), "recreated": one.recreated,
    }  # fmt: skip
