"""`crm profile`, as a data steward types it."""

from __future__ import annotations

import pytest

from tests.commands.conftest import CrmRunner

_ROWS = "".join(f"{at},Bern,ann{at % 9}@acme.org,2024-01-{at % 28 + 1:02}\n" for at in range(40))


@pytest.fixture
def shop(crm: CrmRunner) -> CrmRunner:
    crm.write("shop.csv", f"No,City,E-Mail,Since\n{_ROWS}41,bern,x,2031-01-01\n")
    return crm


def test_a_file_is_shown_column_by_column_and_needs_no_database(shop: CrmRunner) -> None:
    shown = shop("profile", "shop.csv", "--today", "2026-11-27").ok()
    lines = [" ".join(line.split()) for line in shown.lines]
    assert lines[0] == "shop.csv: 41 rows, 0 repeated"
    assert lines[2].startswith("No integer record_key 100% 41 yes 0 (1); 1 (1); 10 (1) 9 0 … 41, median 20, mean")
    assert lines[5].startswith("Since date (ymd) timestamp") or lines[5].startswith("Since date (ymd)")
    assert "shop.csv: worth a look" in lines
    assert any(line.startswith("City spelling 1 1 values are spelled") for line in lines)
    assert any(line.startswith("Since future_date 1 a date to come 2031-01-01 (1)") for line in lines)
    assert any(line.startswith("E-Mail 31 ann0@acme.org (5);") for line in lines)
    assert "crm dedupe file shop.csv -o clusters.csv" in shown.stdout
    assert "-o FILE.html" in shown.stderr
    assert not (shop.folder / "crm.db").exists()
    earlier = shop("profile", "shop.csv", "--today", "2032-01-01").ok()
    assert "future_date" not in earlier.stdout


def test_json_is_one_document_also_as_a_file(shop: CrmRunner) -> None:
    document = shop("profile", "shop.csv", "--json", "--today", "2026-11-27").ok().json
    assert (document["version"], document["of"], document["day"]) == (1, "shop.csv", "2026-11-27")
    [table] = document["tables"]
    assert (table["rows"], table["keys"], [one["name"] for one in table["columns"]]) == (
        41, ["No"], ["No", "City", "E-Mail", "Since"]
    )  # fmt: skip
    written = shop("profile", "shop.csv", "-o", "p.json", "--today", "2026-11-27").ok()
    assert (written.stdout, "wrote" in written.stderr) == ("", True)
    again = shop("profile", "shop.csv", "--json", "--today", "2026-11-27").ok().json
    assert again == document, "the same file gives the same profile"


def test_a_page_is_written_and_never_over_another_file(shop: CrmRunner) -> None:
    shop("profile", "shop.csv", "-o", "p.html").ok()
    page = (shop.folder / "p.html").read_text(encoding="utf-8")
    assert "Profile of shop.csv" in page
    assert "<script" not in page
    assert (shop.folder / "p.html").stat().st_mode & 0o777 == 0o600
    refused = shop("profile", "shop.csv", "-o", "p.html")
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (2, True)
    shop("profile", "shop.csv", "-o", "p.html", "--overwrite").ok()
    wrong = shop("profile", "shop.csv", "-o", "p.pdf")
    assert (wrong.exit_code, "FILE.html" in wrong.stderr) == (2, True)
    assert shop("profile", "shop.csv", "-o", "-").exit_code == 2
    assert shop("profile", "shop.csv", "-o", "nowhere/p.html").exit_code == 2
    assert shop("profile", "shop.csv", "--today", "soon").exit_code == 2


def test_the_page_escapes_what_a_file_says(crm: CrmRunner) -> None:
    crm.write("bad.csv", '"<b>head</b>",n\n"<img src=x onerror=alert(1)>",1\n"</style><script>",2\n')
    crm("profile", "bad.csv", "-o", "bad.html").ok()
    page = (crm.folder / "bad.html").read_text(encoding="utf-8")
    assert "&lt;img src=x" in page
    assert [word for word in ("<img", "<script", "<b>", "</style><") if word in page.split("</head>")[1]] == []


def test_records_are_profiled_with_the_commands_that_mend_them(project: CrmRunner) -> None:
    for name, title in (("Smith", "Sales manager"), ("Baker", "sales Manager"), ("Jones", "Sales manager")):
        project("contact", "add", f"family_name={name}", f"job_title={title}", "email=a@acme.org", "--force").ok()
    shown = project("profile", "contact").ok()
    assert shown.lines[0].startswith("contact: 3 rows")
    assert "crm values show contact.job_title" in shown.stdout
    assert "crm dedupe find contact" in shown.stdout
    some = project("profile", "contact", "--where", "family_name = 'Jones'", "--json").ok().json
    assert some["tables"][0]["rows"] == 1


@pytest.mark.parametrize("target", ["page.html", "page.json"])
def test_masked_fields_stay_masked_in_files(project: CrmRunner, target: str) -> None:
    for at in range(3):
        names = (f"family_name=Quaxxing{at}", "email=zebul@qxmail.example", "phone=030 77712345", "city=Ulm")
        project("contact", "add", *names, "--force").ok()
    config = project.folder / "crm.toml"
    masked = 'masked = ["contact.family_name", "contact.email", "contact.phone"]\n'
    config.write_text(masked + config.read_text(encoding="utf-8"), encoding="utf-8")
    project("profile", "contact", "-o", target).ok()
    text = (project.folder / target).read_text(encoding="utf-8").casefold()
    assert "ulm" in text
    assert [secret for secret in ("quaxx", "zebul", "qxmail", "7771234") if secret in text] == []
