"""Records that are full of marked values, in a project that masks the fields which hold them."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from openpyxl import load_workbook

from crm_cli.dictionary import fold
from crm_cli.store import Store
from tests.commands.conftest import CrmRunner
from tests.jobs.people import add_people

__all__ = ["MASKED", "MarkedRecords", "leaks", "make_marked", "written"]

MASKED = (
    *("contact.given_name", "contact.middle_name", "contact.family_name", "contact.birth_date", "contact.email"),
    *("contact.phone", "contact.street", "contact.shibboleth", "contact.company", "account.name", "account.tax_id"),
    *("account.website", "lead.given_name", "lead.family_name", "lead.company", "lead.email", "lead.phone"),
)
# what no view may show, in no spelling: the beginnings of names, so that parts are found too
_SECRETS = (
    "zebul",
    "quaxx",
    "qxmail",
    "sentinelg",
    "xyzzy",
    "7771234",
    "1931-03-17",
    "17.03.1931",
    "987654321",
    "oddba",
)
_DIGITS = ("7771234", "19310317", "17031931", "987654321")
_PEOPLE = """\
No;First Name;Last Name;Email;Phone;Date of birth;Street;Zip;City;Company;VAT;Website;Shibboleth;Odd 7
91;ZEBULONQA;Quaxxingtonzz;Zebulonqa@QxMail.example;030 77712345;17.03.1931;Sentinelgasse 7;10115;Berlin;Quaxx Werke GmbH;DE987654321;https://qxmail.example;Xyzzy-Plugh;Oddball
92;Zebulonqa;Quaxxingtonz;zebulonqa@qxmail.example;030 77712346;17.03.1931;Sentinelgasse 7;10115;Berlin;Quaxx-Werke;DE987654321;;Xyzzy-Plugh;Oddbaxx
93;Zebulonqa;Quaxxingtonzz;zebulonqa@qxmail.example;030 77712345;17.03.1931;Sentinelgasse 7;10115;Berlin;Quaxx Werke GmbH;DE987654321;;Xyzzy;Oddball
94;Zebulonqa;Quaxxingtonzz;zq4@qxmail.example;030 77712345;99.99.1931;Sentinelgasse 7;10115;Berlin;;;;Xyzzy;Oddball
"""  # noqa: E501
_LEADS = """\
First Name;Last Name;Email;Phone;Company;City
Zebulonqa;Quaxxingtonzz;zebulonqa@qxmail.example;030 77712345;Quaxx Werke GmbH;Berlin
"""
_KEYED = "Email;First Name;Last Name\nzebulonqb@qxmail.example;Zebulonqb;Quaxxly\n"
_RECIPE = 'entity = "contact"\nfield = "company"\n[[change]]\nfrom = ["a"]\nto = "b"\n'
_REPORT = "-- title: People\nSELECT id, upper(family_name) AS who, company FROM contact ORDER BY id\n"
_STEPS = '[[step]]\nrun = "export"\nentity = "contact"\noutput = "step.csv"\noverwrite = true\n'


@dataclass
class MarkedRecords:
    """The records with marked values by the role that they play; operations and batches, the newest first."""

    crm: CrmRunner
    first: int = 0
    second: int = 0
    merged: int = 0  # into `first`
    keyed: int = 0  # known to its source by its e-mail address
    account: int = 0
    other_account: int = 0
    lead: int = 0
    operations: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def filled(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words of a command line with the numbers of records filled in."""
        return tuple(word.format(**vars(self)) for word in words)

    def copy(self, folder: Path) -> MarkedRecords:
        """Return the same in a folder of its own, to be written to."""
        shutil.copytree(self.crm.folder, folder)
        return MarkedRecords(**{**vars(self), "crm": CrmRunner(folder, self.crm.environ)})


def make_marked(crm: CrmRunner) -> MarkedRecords:
    """Fill the empty project of `crm`: imports, edits, a merge, searches for duplicates, an audit. Then mask."""
    with Store.open(crm.folder / "crm.db") as store:
        add_people(store, singles=60, twins=8, households=3)
    crm("schema", "add-field", "contact", "shibboleth", "--type", "text", "--meaning", "A word among friends").ok()
    for name, text in (("people.csv", _PEOPLE), ("leads.csv", _LEADS), ("keyed.csv", _KEYED)):
        crm.write(name, text)
    assert crm("import", "people.csv", "--into", "account+contact", "--key", "No").exit_code == 4
    crm("import", "leads.csv", "--into", "lead").ok()
    crm("import", "keyed.csv", "--into", "contact", "--source", "news", "--key", "Email").ok()
    made = _found(crm)
    _work(made)
    crm.write("companies.toml", _RECIPE)
    crm.write("reports/people.sql", _REPORT)
    crm.write("steps.toml", _STEPS)
    theirs = "id,First Name,Last Name,Email,Phone,Company,Street,City"
    crm.write("theirs.csv", f"{theirs}\n{made.keyed},Ann,Other,o@example.org,030 1234567,Firm,Weg 1,Bonn\n")
    crm.write("firms.csv", f"id,Name,City\n{made.account},Other,Kiel\n")
    made.operations = [one["id"] for one in crm("log", "--all", "--json").ok().json]
    made.batches = [one["id"] for one in crm("batch", "list", "--json").ok().json]
    for name in ("people.csv", "leads.csv", "keyed.csv"):
        (crm.folder / name).unlink()
    settings = (crm.folder / "crm.toml").read_text(encoding="utf-8")
    crm.write("crm.toml", f"masked = {list(MASKED)}\n{settings}")
    return made


def _found(crm: CrmRunner) -> MarkedRecords:
    def ids(entity: str, where: str) -> list[int]:
        shown = crm(entity, "list", "--where", where, "--format", "ids").ok().stdout
        return [int(one) for one in shown.split()]

    first, second, merged = ids("contact", "family_name like 'Quaxxington%'")
    (keyed,) = ids("contact", "family_name = 'Quaxxly'")
    account, other = ids("account", "name like 'Quaxx%'")
    (lead,) = ids("lead", "family_name = 'Quaxxingtonzz'")
    return MarkedRecords(crm, first, second, merged, keyed, account, other, lead)


def _work(made: MarkedRecords) -> None:
    crm, keyed = made.crm, made.keyed
    crm("contact", "set", keyed, "phone=030 77712340", "birth_date=1931-03-17", "shibboleth=Xyzzy 2").ok()
    crm("contact", "set", keyed, "phone=030 77712341", "email=zq@qxmail.example", "family_name=Quaxxby").ok()
    crm("contact", "set", keyed, "street=Sentinelgasse 8", "city=Bonn", "home_phone=030 77712347").ok()
    crm("activity", "add", "kind=call", "subject=Asked", f"party={keyed}").ok()
    deal = (f"account={made.account}", f"contact={made.first}", "amount=5", "stage=won")
    crm("opportunity", "add", "name=Deal", *deal).ok()
    crm("relationship-type", "add", "name=knows").ok()
    crm("relationship", "add", "type=knows", f"party={made.first}", f"other_party={keyed}").ok()
    crm("contact", "set", "middle_name=Zebulonqc", "Zebulonqb Quaxxby").ok()
    crm("dedupe", "merge", "contact", made.first, made.merged, "--yes").ok()
    crm("contact", "set", made.first, "middle_name=Zebulonqc").ok()
    for entity in ("contact", "account"):
        crm("dedupe", "find", entity).ok()
    crm("dedupe", "find", "lead", "--against", "contact", "--against", "account").ok()
    crm("audit", "run")
    crm("export", "contact", "--for", "edit", "-o", "before.xlsx", "--where", f"id = {keyed}").ok()
    crm("dedupe", "review", "contact", "--export", "before.csv").ok()
    crm("extract", "save", "people", "contact", "-o", "extract.csv").ok()
    crm("extract", "run", "people", "-o", "extracted-before.csv").ok()
    for name in ("before.xlsx", "before.csv"):
        (crm.folder / name).rename(crm.folder.parent / name)


def leaks(text: str) -> list[str]:
    """Return the marked values that a text shows, in whatever spelling."""
    seen = {secret for form in (text.casefold(), fold(text) or "") for secret in _SECRETS if secret in form}
    numbers = re.findall(r"\d[\d ().+/-]{5,}\d", text)
    seen |= {digits for number in numbers for digits in _DIGITS if digits in re.sub(r"\D", "", number)}
    return sorted(seen)


def written(folder: Path, before: set[Path]) -> Iterator[str]:
    """Yield the texts of the files that came into the folder, and take them away."""
    for path in sorted(set(folder.rglob("*")) - before):
        if path.suffix == ".xlsx":
            yield from (str(row) for sheet in load_workbook(path) for row in sheet.iter_rows(values_only=True))
            with zipfile.ZipFile(path) as book:  # whatever a program that reads sheets does not show
                yield from (book.read(name).decode(errors="replace") for name in book.namelist())
        elif path.suffix == ".parquet":
            yield str(pl.read_parquet(path).rows())
        elif not path.name.startswith("crm.db"):
            yield path.read_text(encoding="utf-8", errors="replace")
        path.unlink()
