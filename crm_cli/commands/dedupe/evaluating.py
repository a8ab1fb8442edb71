"""`crm dedupe evaluate`: how right a search was, where the truth is known."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from crm_cli.commands.kit import Crm
from crm_cli.errors import ExitCode

__all__ = ["evaluate"]

Clusters = Annotated[
    str,
    typer.Argument(metavar="FILE|ENTITY", help="Clusters that `crm dedupe file` wrote, or an entity: its last search."),
]
Truth = Annotated[str, typer.Option("--truth", metavar="FILE", help="The truth: a file with id and cluster_id.")]
MinF1 = Annotated[float | None, typer.Option("--min-f1", min=0, max=1, help="End with 3 where F1 is below.")]
MinPrecision = Annotated[
    float | None, typer.Option("--min-precision", min=0, max=1, help="End with 3 where precision is below.")
]


def evaluate(
    crm: Crm, clusters: Clusters, truth: Truth, min_f1: MinF1 = None, min_precision: MinPrecision = None
) -> ExitCode:
    """Compare the duplicates found with a list of those that are known.

    Precision is the share of the pairs found that are right, recall the share of the right pairs that were found. Ids
    that the truth does not name are left out. A word that is an entity is the entity; ./contact is a file.

    Examples:
        crm dedupe evaluate clusters.csv --truth truth.csv
        crm dedupe evaluate clusters.csv --truth truth.csv --min-f1 0.95 --min-precision 0.98
        crm dedupe evaluate contact --truth known.csv
    """
    from crm_cli.dictionary import Entity
    from crm_cli.jobs.matching.evaluating import evaluate_file, evaluate_last_run

    source = crm.source_or_entity(clusters)
    if isinstance(source, Entity):
        scores = evaluate_last_run(crm.store, source, crm.path(truth))
    else:
        scores = evaluate_file(source, crm.path(truth))
    crm.console.show({name: round(value, 4) for name, value in asdict(scores).items()})
    below = [
        f"{name} is {value:.4f}, less than {least}"
        for name, value, least in (("F1", scores.f1, min_f1), ("precision", scores.precision, min_precision))
        if least is not None and value < least
    ]
    for what in below:
        crm.console.warn(what)
    return ExitCode.FINDINGS if below else ExitCode.DONE
