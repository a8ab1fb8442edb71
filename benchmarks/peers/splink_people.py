"""Splink 5 on DuckDB over a CSV of people, as its documentation does it; runs in an environment of its own.

    python splink_people.py IN.csv OUT.csv

Settings: the comparison library's own comparisons for each kind of column, term frequencies on, u by random sampling
of 1e6 pairs (the default), two EM sessions on different rules, a threshold of .95: the tutorial of the documentation
("Getting started", "Estimating model parameters"). The blocking rules are those of `benchmarks.matching.RULES`.
Writes one JSON line: seconds of the engine (input registered to clusters), of the whole script, and peak memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time

started = time.perf_counter()

import duckdb  # noqa: E402
import splink.comparison_library as cl  # noqa: E402
from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: E402

RULES = json.loads(sys.argv[3])


def settings() -> SettingsCreator:
    """The library's comparison for each kind of column."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("last_name"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
            cl.JaroWinklerAtThresholds("street", [0.95, 0.88]),
            cl.JaroWinklerAtThresholds("city", [0.9]),
            cl.LevenshteinAtThresholds("postal_code", [1]),
            cl.JaroWinklerAtThresholds("company", [0.92, 0.85]).configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in RULES],
    )


def main() -> None:
    """Load, train, predict, cluster, write."""
    connection = duckdb.connect()
    frame = connection.sql(f"SELECT * EXCLUDE (cluster_id) FROM read_csv('{sys.argv[1]}', all_varchar=true)")
    table = frame.to_arrow_table()
    loaded = time.perf_counter()
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register(table), settings(), log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("email"), block_on("first_name", "last_name", "dob")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling()
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "last_name"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("dob"))
    predictions = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, 0.95)
    found = clusters.as_duckdbpyrelation()
    rows = found.project("id, cluster_id").fetchall()
    clustered = time.perf_counter()
    connection.sql(f"COPY (SELECT id, cluster_id FROM found) TO '{sys.argv[2]}' (HEADER)")
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = {"engine": clustered - loaded, "whole": done - started, "mb": peak, "rows": len(rows)}
    sys.stdout.write(json.dumps(figures) + "\n")


main()
