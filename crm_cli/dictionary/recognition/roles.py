"""The roles that a source's column can play, whatever its header calls it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Recognition", "Role"]


class Role(StrEnum):
    """What the values of a column say about the person or organization of their row."""

    GIVEN_NAME = "given_name"
    MIDDLE_NAME = "middle_name"
    FAMILY_NAME = "family_name"
    FULL_NAME = "full_name"
    NAME_SUFFIX = "name_suffix"
    SALUTATION = "salutation"
    COMPANY = "company"
    DEPARTMENT = "department"
    JOB_TITLE = "job_title"
    EMAIL = "email"
    PHONE = "phone"
    MOBILE = "mobile"
    FAX = "fax"
    URL = "url"
    STREET = "street"
    STREET2 = "street2"  # flat, floor, second line
    HOUSE_NUMBER = "house_number"
    CITY = "city"
    POSTAL_CODE = "postal_code"
    REGION = "region"
    COUNTRY = "country"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    GENDER = "gender"
    IDENTIFIER = "identifier"  # national or tax number: the same for one person or organization in every source
    RECORD_KEY = "record_key"  # a row's number in its source: says nothing about who it is
    SOURCE = "source"  # which file or system the row came from
    CATEGORY = "category"  # one of few values
    DATE = "date"
    TIMESTAMP = "timestamp"  # when the row was made or changed
    AMOUNT = "amount"
    CURRENCY = "currency"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LANGUAGE = "language"
    OWNER = "owner"
    FREE_TEXT = "free_text"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a column was taken for: the role, how sure (0 to 1), and why in words.

    `or_else` is what it may be just as well, for whoever knows more than the column says.
    """

    role: Role
    confidence: float
    why: str
    or_else: Role | None = None
