"""Bring the columns of a sheet into their standard form, in place; what no rule understands stays as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from crm_cli.dictionary import SemanticType
from crm_cli.dictionary.recognition import Recognition, Role, recognize_columns
from crm_cli.jobs.cleaning.sheet import Sheet
from crm_cli.standardize import Context, detect_date_order, standardize_column

__all__ = ["KINDS", "recognized", "standardize_sheet"]

T = SemanticType
KINDS: dict[Role, SemanticType] = {
    Role.GIVEN_NAME: T.GIVEN_NAME,
    Role.MIDDLE_NAME: T.GIVEN_NAME,
    Role.FAMILY_NAME: T.FAMILY_NAME,
    Role.FULL_NAME: T.PERSON_NAME,
    Role.COMPANY: T.COMPANY_NAME,
    Role.EMAIL: T.EMAIL,
    Role.PHONE: T.PHONE,
    Role.MOBILE: T.PHONE,
    Role.FAX: T.PHONE,
    Role.URL: T.URL,
    Role.STREET: T.STREET,
    Role.CITY: T.CITY,
    Role.POSTAL_CODE: T.POSTAL_CODE,
    Role.REGION: T.REGION,
    Role.COUNTRY: T.COUNTRY,
    Role.BIRTH_DATE: T.DATE,
    Role.DATE: T.DATE,
}
_BY_COUNTRY = {T.PHONE, T.POSTAL_CODE, T.REGION, T.STREET}
_SAMPLE = 1_000


def recognized(sheet: Sheet) -> dict[str, Recognition]:
    """Return what each column was taken for, by header and values."""
    columns = {name: sheet.columns[place][:_SAMPLE] for place, name in enumerate(sheet.header)}
    return dict(zip(sheet.header, recognize_columns(columns), strict=True))


def standardize_sheet(sheet: Sheet, roles: dict[str, Role], context: Context) -> Counter[str]:
    """Standardize every column whose role has a type; return how many cells changed, by column.

    Cells that no rule could read stay as they are and are noted in `sheet.unread`.
    """
    countries = _countries(sheet, roles, context)
    changed: Counter[str] = Counter()
    for place, name in enumerate(sheet.header):
        kind = KINDS.get(roles[name], T.TEXT)
        contexts = _contexts(sheet, kind, place, context, countries)
        if contexts is None:  # dates that can be read in two ways stay as they are
            sheet.warnings.append(
                f"{name}: day and month can be read both ways; left as they are (--date-order settles it)"
            )
            continue
        before = sheet.columns[place]
        after = standardize_column(kind, before, contexts)
        sheet.columns[place] = [
            (one.value if one.understood and one.value is not None else old) if old else None
            for old, one in zip(before, after, strict=True)
        ]
        changed[name] = sum(old != new for old, new in zip(before, sheet.columns[place], strict=True) if old)
        cells = enumerate(zip(before, after, strict=True))
        sheet.unread[place] = {row for row, (old, one) in cells if old and not one.understood}
    return +changed


def _countries(sheet: Sheet, roles: dict[str, Role], context: Context) -> list[str | None]:
    named = next((name for name in sheet.header if roles[name] is Role.COUNTRY), None)
    if named is None:
        return [context.country] * sheet.rows
    standards = standardize_column(T.COUNTRY, sheet.column(named), context)
    return [one.value if one.value and one.understood else context.country for one in standards]


def _contexts(
    sheet: Sheet, kind: SemanticType, place: int, context: Context, countries: Sequence[str | None]
) -> Context | list[Context] | None:
    if kind in _BY_COUNTRY:
        by_country = {country: _with(context, country=country) for country in set(countries)}
        return [by_country[country] for country in countries]
    if kind is T.DATE:
        vote = detect_date_order(sheet.columns[place][: 2 * _SAMPLE])
        if vote.ambiguous and context.date_order is None:
            return None
        return _with(context, date_order=context.date_order if vote.ambiguous else vote.order)
    return context


def _with(context: Context, **values: str | None) -> Context:
    from dataclasses import replace

    return replace(context, **values)  # type: ignore[arg-type]
