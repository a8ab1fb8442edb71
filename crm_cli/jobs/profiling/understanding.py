"""What the standards and the keys of spellings say of the values of a column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from crm_cli.audits.profiling import ColumnProfile, Counted, DataType, Finding, Problem
from crm_cli.dictionary import SemanticType
from crm_cli.dictionary.recognition import Role
from crm_cli.spellings import plain_form
from crm_cli.standardize import Context, standardize_unique

__all__ = ["add_findings"]

_KINDS = {
    Role.EMAIL: SemanticType.EMAIL,
    Role.PHONE: SemanticType.PHONE,
    Role.MOBILE: SemanticType.PHONE,
    Role.COUNTRY: SemanticType.COUNTRY,
    Role.BIRTH_DATE: SemanticType.DATE,
    Role.URL: SemanticType.URL,
}
_NO_COUNTRY = "P302"
_EXAMPLES = 5
_GROUPS = 3
_SPELLED = (DataType.TEXT, DataType.MIXED)


def add_findings(column: ColumnProfile, values: Mapping[str, int], context: Context) -> None:
    """Add to a column what is not understood and what is spelled in several ways; `values` are the most frequent."""
    column.findings += [*_not_understood(column, values, context), *_spellings(column, values)]


def _not_understood(column: ColumnProfile, values: Mapping[str, int], context: Context) -> Iterator[Finding]:
    kind = _KINDS.get(column.role)
    if kind is None or (kind is SemanticType.DATE and column.type is DataType.DATE):  # what is no date is said there
        return
    if column.dates is not None and column.dates.order:
        context = replace(context, date_order=column.dates.order)
    named = {one.value for finding in column.findings for one in finding.examples if finding.problem in _SAID_ALREADY}
    standards = standardize_unique(kind, values, context)
    wrong = {value for value in values if value not in named and not standards[value].understood}
    homeless = {value for value in wrong if any(issue.code == _NO_COUNTRY for issue in standards[value].issues)}
    for group, message in (
        (wrong - homeless, f"no rule for {kind} understands it"),
        (homeless, "cannot be read without the country: --country CODE says it"),
    ):
        if group:
            found = sorted((Counted(value, values[value]) for value in group), key=lambda one: (-one.count, one.value))
            yield Finding(Problem.NOT_UNDERSTOOD, message, sum(one.count for one in found), found[:_EXAMPLES])


_SAID_ALREADY = frozenset({Problem.PLACEHOLDER, Problem.OPEN_ORDER})


def _spellings(column: ColumnProfile, values: Mapping[str, int]) -> Iterator[Finding]:
    """Values that differ in nothing but case, blanks and accents, those of most cells first."""
    if column.type not in _SPELLED or column.is_key:
        return
    by_form: defaultdict[str, list[Counted]] = defaultdict(list)
    for value, count in values.items():
        by_form[plain_form(value, marks=True)].append(Counted(value, count))
    groups = [sorted(one, key=lambda each: (-each.count, each.value)) for one in by_form.values() if len(one) > 1]
    if not groups:
        return
    others = sum(one.count for group in groups for one in group[1:])
    groups.sort(key=lambda group: (-sum(one.count for one in group[1:]), group[0].value))
    shown = [one for group in groups[:_GROUPS] for one in group[:_EXAMPLES]]
    message = f"{len(groups)} values are spelled in several ways: case, blanks or accents"
    yield Finding(Problem.SPELLING, message, others, shown)
