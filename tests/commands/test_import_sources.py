"""Where imported data come from: what is asked, and what the hints lead to."""

from __future__ import annotations

from tests.commands.conftest import CrmRunner


def test_a_file_called_like_another_systems_is_asked_about(project: CrmRunner) -> None:
    project.write("s1/customers.csv", "id,first name\n1,Abe\n")
    project.write("s2/customers.csv", "id,first name\n1,Zoe\n")
    project("import", "s1/customers.csv", "--key", "id").ok()
    refused = project("import", "s2/customers.csv", "--key", "id")
    assert refused.exit_code == 2
    assert "1 was Abe and is Zoe here" in refused.stderr
    assert "--source customers.csv" in refused.stderr
    project("import", "s2/customers.csv", "--key", "id", typed="s2/customers.csv\n", terminal=True).ok()
    names = [one["given_name"] for one in project("contact", "list", "--columns", "given_name", "--json").json]
    assert names == ["Abe", "Zoe"]


def test_the_hint_for_rejected_rows_leads_to_the_same_records(project: CrmRunner) -> None:
    project.write("o.csv", "id,last name,born\n1,Lee,1980-02-29\n2,Kern,1975-13-41\n")
    rejected = project("import", "o.csv", "--key", "id", "--rejects", "rj.csv")
    assert "mend them there and import that file" in rejected.stderr
    mended = (project.folder / "rj.csv").read_text(encoding="utf-8").replace("1975-13-41", "1975-12-31", 1)
    project.write("rj.csv", mended)
    project("import", "rj.csv", "--key", "id").ok()
    project.write("o.csv", "id,last name,born\n1,Lee,1980-02-29\n2,Kern,1975-12-31\n")
    project("import", "o.csv", "--key", "id").ok()
    assert len(project("contact", "list", "--json").json) == 2
