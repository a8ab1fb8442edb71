"""Currencies: codes and minor units of ISO 4217, the signs and words that people write for them."""

from __future__ import annotations

from crm_cli.standardize.places import place_key
from crm_cli.standardize.wordlists import words

__all__ = ["ISO_CURRENCIES", "currency_of", "is_shared", "minor_digits"]

ISO_CURRENCIES = words(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """
)
_NO_MINOR = words("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
_THREE_MINOR = words("BHD IQD JOD KWD LYD OMR TND")
_FOUR_MINOR = words("CLF UYW")
_DOLLARS = {
    "AU": "AUD", "CA": "CAD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "TW": "TWD", "MX": "MXN", "CL": "CLP", "CO": "COP",
    "AR": "ARS", "JM": "JMD", "TT": "TTD", "BB": "BBD", "BS": "BSD", "BZ": "BZD", "FJ": "FJD", "NA": "NAD", "BN": "BND",
}  # fmt: skip
_KRONE = {"DK": "DKK", "NO": "NOK", "SE": "SEK", "IS": "ISK"}
_KRONE_WORDS = words("kr krone krona kronor kroner kronur króna")
_KRONE_CODES = {"skr": "SEK", "nkr": "NOK", "dkr": "DKK"}
_YUAN = {"CN": "CNY", "TW": "TWD", "HK": "HKD", "MO": "MOP"}
_SIGNS = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "円": "JPY", "元": "CNY", "₹": "INR", "₽": "RUB", "₩": "KRW",
    "₺": "TRY", "₪": "ILS", "₫": "VND", "₴": "UAH", "₦": "NGN", "₱": "PHP", "฿": "THB", "₡": "CRC", "₲": "PYG",
    "₸": "KZT", "₼": "AZN", "₾": "GEL", "₿": "", "us$": "USD", "u$s": "USD", "usd$": "USD", "a$": "AUD", "au$": "AUD",
    "c$": "CAD", "ca$": "CAD", "cad$": "CAD", "can$": "CAD", "nz$": "NZD", "s$": "SGD", "hk$": "HKD", "nt$": "TWD",
    "mx$": "MXN", "r$": "BRL", "cn¥": "CNY", "rmb": "CNY", "人民币": "CNY", "fr": "CHF", "sfr": "CHF", "zł": "PLN",
    "zl": "PLN", "kč": "CZK", "kc": "CZK", "ft": "HUF", "lei": "RON", "лв": "BGN", "руб": "RUB", "р": "RUB",
    "rs": "INR", "рублей": "RUB", "рубль": "RUB", "гривень": "UAH", "圆": "CNY", "圓": "CNY", "块": "CNY",
    "rp": "IDR", "rm": "MYR", "r": "ZAR", "dh": "AED", "dhs": "AED", "tl": "TRY", "kn": "", "nis": "ILS", "грн": "UAH",
    "원": "KRW", "日元": "JPY", "美元": "USD", "欧元": "EUR", "港元": "HKD", "港币": "HKD", "台币": "TWD",
    "新台幣": "TWD",
    "euro": "EUR", "euros": "EUR", "eur": "EUR", "us dollar": "USD", "us dollars": "USD", "dollar us": "USD",
    "pound": "GBP", "pounds": "GBP", "pound sterling": "GBP", "sterling": "GBP", "gbp": "GBP", "yen": "JPY",
    "yuan": "CNY", "renminbi": "CNY", "swiss franc": "CHF", "swiss francs": "CHF", "franken": "CHF", "rupee": "INR",
    "rupees": "INR", "inr": "INR", "real": "BRL", "reais": "BRL", "złoty": "PLN", "zloty": "PLN", "forint": "HUF",
    "rand": "ZAR", "won": "KRW", "baht": "THB", "shekel": "ILS", "lira": "TRY", "rubel": "RUB", "ruble": "RUB",
    "rubles": "RUB", "canadian dollar": "CAD", "australian dollar": "AUD", "hong kong dollar": "HKD",
    "singapore dollar": "SGD", "new zealand dollar": "NZD", "ringgit": "MYR", "dirham": "AED", "hryvnia": "UAH",
}  # fmt: skip


def currency_of(text: str, country: str | None, record: str | None = None) -> str | None:
    """Return the ISO 4217 code that a code, sign or name means.

    "$", "kr" and "¥" are those of the country, without one that of the `record` kept in such a currency; else "$" is
    the one of the United States and "¥" the yen.
    """
    if text.upper() in ISO_CURRENCIES:
        return text.upper()
    key = text.casefold().strip(" .")
    if key in {"$", "dollar", "dollars", "＄"}:
        return record if country is None and record in _DOLLARS.values() else _DOLLARS.get(country or "US", "USD")
    if key in _KRONE_WORDS or key in _KRONE_CODES:
        by_country = record if country is None and record in _KRONE.values() else _KRONE.get(country or "")
        return _KRONE_CODES.get(key) or by_country
    if key in {"¥", "￥", "元", "圓", "圆"}:
        if country is None and record == "CNY":
            return record
        return _YUAN.get(country or "") or _SIGNS[key]
    return _SIGNS.get(key) or _SIGNS.get(place_key(key)) or None


def is_shared(word: str) -> bool:
    """Whether a word for a currency is that of several countries, none of them more than the others: kr."""
    return word.casefold().strip(" .") in _KRONE_WORDS


def minor_digits(currency: str | None) -> int:
    """Return how many decimal digits amounts in a currency have (ISO 4217), 2 when the currency is not known."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE_MINOR else 4 if currency in _FOUR_MINOR else 2
