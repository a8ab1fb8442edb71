"""Comparisons: one class a kind of column, which says how closely two values agree, as a level.

To add one for a new kind of column: a class with `kind`, `labels` and `grade`, and a `FieldType` that names it with
how its values are cleaned and blocked on (`dedupe/field_types.py` says how). A shipped one stands in the file of its
subject, with a line in `COMPARISONS`.
"""

from crm_cli.dedupe.comparisons.address import Place, Street
from crm_cli.dedupe.comparisons.base import Comparison
from crm_cli.dedupe.comparisons.contact import EmailAddress, Identifier, PhoneNumber, WebAddress
from crm_cli.dedupe.comparisons.names import FamilyName, GivenName, MiddleName
from crm_cli.dedupe.comparisons.organizations import OrganizationName, SeveralWords
from crm_cli.dedupe.comparisons.plain import BirthDate, Category, ShortText

__all__ = ["COMPARISONS", "Comparison", "GivenName", "Place"]

COMPARISONS: dict[str, type[Comparison]] = {
    each.kind: each
    for each in (
        *(GivenName, MiddleName, FamilyName, BirthDate, Identifier, EmailAddress, PhoneNumber, WebAddress),
        *(Street, OrganizationName, SeveralWords, ShortText, Category),
    )
}
