"""Who brings the dirt in: findings by source and batch, with scores, alike on every database."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crm_cli.audits import Kind, Policy, judge_origins, run_audit
from crm_cli.dictionary import Freshness
from crm_cli.errors import NotFoundError
from crm_cli.history import Author, operation
from crm_cli.jobs.importing import ImportOptions, ImportRun, import_source
from crm_cli.store import Store

TODAY = date(2026, 6, 15)
NO_TITLE = Policy(
    name="no-title", entity="contact", kind=Kind.COMPLETENESS, message="no position", needs=("job_title",)
)
NO_EMAIL = Policy(name="no-email", entity="contact", kind=Kind.COMPLETENESS, message="no e-mail", needs=("email",))
OF_LEADS = Policy(name="lead", entity="lead", kind=Kind.FRESHNESS, message="x", stale=Freshness.EMAIL, warn_after=1)
POLICIES = [NO_TITLE, NO_EMAIL, OF_LEADS]


def load(store: Store, tmp_path: Path, source: str, *rows: str) -> None:
    path = tmp_path / f"{source}-{len(list(tmp_path.iterdir()))}.csv"
    path.write_text("Last Name,E-mail,Job Title\n" + "\n".join(rows) + "\n")
    import_source(store, path, Author("tester"), ImportOptions(into=("contact",), source_name=source), ImportRun())


@pytest.mark.all_databases
def test_findings_are_counted_by_source_and_by_batch_the_worst_first(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no audit"):
        judge_origins(store, POLICIES)
    load(store, tmp_path, "erp", "Lee,lee@x.example,Buyer", "Poe,poe@x.example,Clerk")
    load(store, tmp_path, "fair", "Roe,,", "Doe,doe@x.example,", "Moe,moe@x.example,Buyer")
    load(store, tmp_path, "fair", "Zoe,,", ",,Nobody")
    run_audit(store, POLICIES, today=TODAY, actor="tester")

    fair, erp = judge_origins(store, POLICIES)
    assert (fair.source, fair.records, fair.failing, fair.by_policy) == ("fair", 4, 3, {"no-title": 3, "no-email": 2})
    assert (fair.score, fair.worst, fair.share) == ((25 + 50) / 2, "no-title", 0.75)
    assert (fair.rows, fair.rejected) == (5, 1)
    assert (erp.source, erp.records, erp.failing, erp.score, erp.worst) == ("erp", 2, 0, 100.0, "")

    second, first, _ = judge_origins(store, POLICIES, batches=True)
    assert [(one.records, one.failing, one.score, one.rejected) for one in (second, first)] == [
        (1, 1, 0.0, 1),
        (3, 2, pytest.approx(50.0), 0),
    ]
    assert second.batch == (first.batch or 0) + 1
    [narrowed, _] = judge_origins(store, [NO_EMAIL])
    assert (narrowed.failing, narrowed.score) == (2, 50.0)


def test_deleted_records_do_not_count(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, "fair", "Roe,,")
    run_audit(store, POLICIES, today=TODAY, actor="tester")
    [before] = judge_origins(store, POLICIES)
    assert before.records == 1
    with operation(store, "delete", Author("tester")) as op:
        op.delete("contact", [1])
    assert judge_origins(store, POLICIES) == []
