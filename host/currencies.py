"""Currencies: the codes that are in use (ISO 4217), and which one a country pays with; pure."""

from __future__ import annotations

import re
from typing import Final

from host.errors import UsageError
from host.suggest import suggestion

__all__ = ["CURRENCIES", "country_code", "currency_code", "currency_in", "currency_of"]

_IN_USE: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES: Final = frozenset(_IN_USE.split())
"""ISO 4217, list one, without funds, metals and test codes."""

# Countries (ISO 3166) whose currency does not begin with their own code.
_COUNTRIES: Final = {
    country: currency
    for currency, countries in {
        "EUR": "AD AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA XK",
        "USD": "AS EC FM GU MH MP PR PW SV TL UM VG VI",
        "GBP": "GG IM JE UK",
        "CHF": "LI",
        "DKK": "FO GL",
        "NOK": "SJ",
        "AUD": "KI NR TV",
        "NZD": "CK NU TK",
        "ILS": "PS",
        "MAD": "EH",
        "XAF": "CF CG CM GA GQ TD",
        "XOF": "BF BJ CI GW ML NE SN TG",
        "XCD": "AG DM GD KN LC VC",
        "XPF": "NC PF WF",
    }.items()
    for country in countries.split()
}

_REGION: Final = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})(?![A-Za-z0-9])")


def currency_code(text: str) -> str:
    """The code of a currency, in capitals; empty stays empty.

    Raises:
        UsageError: it is none; with a suggestion where one is near.
    """
    code = text.strip().upper()
    if not code or code in CURRENCIES:
        return code
    raise UsageError(
        f"{text!r:.40} is no currency{suggestion(code[:10], sorted(CURRENCIES))}",
        "Write its code of three letters, such as EUR, USD or JPY",
    )


def currency_of(locale: str) -> str:
    """The currency of a locale's country: "EUR" for "de_DE.UTF-8"; empty where it names none."""
    region = _REGION.match(locale)
    return "" if region is None else currency_in(region[1].upper())


def currency_in(country: str) -> str:
    """The currency of a country (ISO 3166, two capitals): "EUR" for "DE"; empty where it is none that is known."""
    own = sorted(code for code in CURRENCIES if country and code.startswith(country) and country[0] != "X")
    return _COUNTRIES.get(country) or (own[0] if own else "")


def country_code(text: str) -> str:
    """The code of a country whose currency is known, in capitals; empty stays empty. Raises UsageError: it is none."""
    code = text.strip().upper()
    if not code or (len(code) == 2 and currency_in(code)):
        return code
    raise UsageError(f"{text!r:.40} is no country", "Write its code of two letters, such as NO, DE or JP")
