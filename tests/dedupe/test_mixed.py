"""Persons and organizations in one table are told apart, and each matched by a model of its own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from crm_cli.dedupe import MatchResult, MatchSettings, MatchTable, Verdict, engine, explain_pair, find_duplicates
from crm_cli.dedupe.name_parts import divide_names
from tests.dedupe.organizations import employed, mixed, organizations, side_by_side
from tests.dedupe.people import people
from tests.dedupe.test_accuracy import scores

Maker = Callable[[int, int], tuple[pl.DataFrame, np.ndarray, np.ndarray]]


@pytest.mark.parametrize(("make", "gain"), [(side_by_side, 0.25), (mixed, 0.01)])
def test_each_kind_with_a_model_of_its_own_finds_more(
    make: Maker, gain: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, truth, firms = make(3000, 2)

    apart = find_duplicates(MatchTable.of(frame))
    monkeypatch.setattr(engine, "mixture_of", lambda table, plan: None)
    whole = find_duplicates(MatchTable.of(frame))

    assert not whole.parts
    assert f1(truth, apart) >= f1(truth, whole) + gain
    right = [(firms[part.records] == (part.kind == "organizations")).mean() for part in apart.parts]
    assert min(right) > 0.94


def test_the_result_is_one_numbered_as_the_rows_are() -> None:
    frame, truth, firms = side_by_side(1500, 4)

    result = find_duplicates(MatchTable.of(frame))

    label, pairs = result.clusters, result.pairs
    assert (label <= np.arange(len(label))).all()
    assert (label[label] == label).all()
    assert (firms[label] == firms).mean() > 0.999
    assert (pairs.left < pairs.right).all()
    assert (np.diff(pairs.probability) <= 0).all()
    assert (truth[pairs.left] == truth[pairs.right])[pairs.probability > 0.9].mean() > 0.9
    summary = result.summary
    assert summary.records == 1500
    assert summary.duplicates == 1500 - len(set(label.tolist()))
    assert sum(summary.verdicts.values()) == len(pairs)
    assert "750 persons and 750 organizations are in one table" in summary.warnings[0]
    assert json.loads(json.dumps(summary.to_json()))["clusters"] == summary.clusters
    assert json.loads(json.dumps(result.model))["parts"].keys() == {"persons", "organizations"}


def test_pairs_of_either_kind_are_explained_and_a_person_is_no_organization() -> None:
    frame, _, firms = side_by_side(1500, 4)
    result = find_duplicates(MatchTable.of(frame))
    pairs = result.pairs
    firm = int(np.flatnonzero(firms[pairs.left] & firms[pairs.right])[0])
    person = int(np.flatnonzero(~firms[pairs.left] & ~firms[pairs.right])[0])

    for place, compared in ((firm, "company"), (person, "first name")):
        i, j = int(pairs.left[place]), int(pairs.right[place])
        found = explain_pair(result, i, j)
        assert found is not None
        assert found.probability == pytest.approx(float(pairs.probability[place]), abs=1e-5)
        assert compared in {step.comparison for step in found.steps}
        assert set(result.class_names(i)) == set(found.classes)
    across = explain_pair(result, int(np.flatnonzero(firms)[0]), int(np.flatnonzero(~firms)[0]))
    assert across is not None
    assert across.verdict is Verdict.DIFFERENT
    assert [step.level for step in across.steps] == ["a person is no organization"]


def test_decisions_hold_within_and_across_the_kinds() -> None:
    frame, _, firms = side_by_side(1500, 4)
    found = find_duplicates(MatchTable.of(frame))
    apart = (int(found.pairs.left[0]), int(found.pairs.right[0]))
    same = (int(np.flatnonzero(firms)[5]), int(np.flatnonzero(~firms)[5]))

    decided = find_duplicates(MatchTable.of(frame), MatchSettings(forbidden=[apart], forced=[same]))

    assert found.clusters[apart[0]] == found.clusters[apart[1]]
    assert decided.clusters[apart[0]] != decided.clusters[apart[1]]
    assert decided.clusters[same[0]] == decided.clusters[same[1]]


def test_persons_with_employers_are_one_kind() -> None:
    firms, _ = organizations(500, 6)
    frame, _ = employed(firms, 1500, 6)

    assert not find_duplicates(MatchTable.of(frame)).parts


def test_persons_of_whom_much_is_missing_are_one_kind() -> None:
    frame, _ = employed(organizations(500, 6)[0], 1500, 6)
    rng = np.random.default_rng(6)
    sparse = frame.with_columns(
        pl.Series(name, np.where(rng.random(1500) < 0.4, "", frame[name].to_numpy()))
        for name in ("first name", "last name", "birth date")
    )

    assert not find_duplicates(MatchTable.of(sparse)).parts


@pytest.mark.parametrize("plain", [0.2, 0.9])
def test_organizations_some_of_them_called_after_a_family_are_one_kind(plain: float) -> None:
    frame, _ = organizations(1500, 7, plain=plain)

    assert not find_duplicates(MatchTable.of(frame)).parts


def test_names_of_persons_in_one_column_are_one_kind() -> None:
    frame, _ = people(1500, 8, given=("Anna", "Peter", "Maria", "Thomas", "Zeynep"))
    whole = frame.with_columns(name=pl.concat_str(["first name", "last name"], separator=" "))

    assert not find_duplicates(MatchTable.of(whole.drop("first name", "last name", "birth date"))).parts


@pytest.mark.shared
@pytest.mark.parametrize("name", ["people10k", "chicago_earlychildhood", "orgs_hard", "fake_1000", "febrl3"])
def test_real_files_of_one_kind_are_not_split(shared: Path, name: str) -> None:
    from crm_cli.dedupe.mixed import mixture_of
    from crm_cli.dedupe.plan import plan_columns

    frame = pl.read_csv(gzip.decompress((shared / "data" / "er" / f"{name}.csv.gz").read_bytes()), infer_schema=False)
    table = MatchTable.of(frame, leave_out=["id", "cluster_id"])

    assert mixture_of(table, plan_columns(table)) is None


def test_names_are_divided_as_they_are_written() -> None:
    names = [
        "Dr. Anna Maria van der Berg",
        "Smith, John Q., Jr.",
        "Ann Lee",
        "Lee",
        "Lee, Ann",
        "Miller, Jr.",
        "",
        None,
    ]

    divided = [part.to_list() for part in divide_names(pl.Series(names, dtype=pl.String))]

    assert list(zip(*divided, strict=True)) == [
        ("Anna", "Maria", "van der Berg"), ("John", "Q.", "Smith Jr."), ("Ann", None, "Lee"), (None, None, "Lee"),
        ("Ann", None, "Lee"), (None, None, "Miller Jr."), (None, None, None), (None, None, None),
    ]  # fmt: skip


def f1(truth: np.ndarray, result: MatchResult) -> float:
    precision, recall = scores(truth.tolist(), result.clusters.tolist())
    return 2 * precision * recall / (precision + recall)
