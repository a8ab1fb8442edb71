"""Minor units of money: what one unit of a currency is counted in."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["DIGITS", "major_units", "minor_digits"]

# ISO 4217: the currencies that are not counted in hundredths
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DIGITS = {digits: tuple(codes.split()) for digits, codes in _CODES.items()}
_HUNDREDTHS = 2
_BY_CURRENCY = {currency: digits for digits, currencies in DIGITS.items() for currency in currencies}


def minor_digits(currency: str | None) -> int:
    """Return how many decimal places the currency has: 2 unless ISO 4217 says otherwise or it is unknown."""
    return _BY_CURRENCY.get(currency or "", _HUNDREDTHS)


def major_units(minor: int, currency: str | None) -> Decimal:
    """Return stored minor units as people write them: 123450 of EUR is 1234.50, 5000 of JPY is 5000."""
    return Decimal(minor).scaleb(-minor_digits(currency))
