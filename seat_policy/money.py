"""Money is a whole number of minor units of one currency, with one rounding rule (SEATS 37, 41).

No floats.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from seat_policy.errors import PolicyError

USUAL_EXPONENT: Final = 2
_OTHER_EXPONENTS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
# The codes of ISO 4217, without metals, test codes and units of account that have no minor unit.
_USUAL: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
    "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)

EXPONENTS: Final[dict[str, int]] = dict.fromkeys(_USUAL.split(), USUAL_EXPONENT) | {
    code: exponent for exponent, codes in _OTHER_EXPONENTS.items() for code in codes.split()
}
"""How many decimals a currency has, by its ISO 4217 code."""

_AMOUNT: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]+))?")


def exponent(currency: str) -> int:
    """How many decimals amounts of a currency have.

    Raises:
        PolicyError: the text is not the ISO 4217 code of a currency.
    """
    if currency not in EXPONENTS:
        raise PolicyError(f"'{currency}' is not a currency; use its ISO 4217 code, such as USD, EUR or JPY")
    return EXPONENTS[currency]


def rounded(amount: Fraction) -> int:
    """The nearest whole number; halves are rounded away from zero."""
    magnitude = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return magnitude if amount >= 0 else -magnitude


@dataclass(frozen=True, slots=True)
class Money:
    """An amount.

    Attributes:
        minor: the amount in minor units, such as cents of USD, yen of JPY or fils of KWD.
        currency: the ISO 4217 code.
    """

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read an amount such as `20`, `20.00` or `6.125`.

        Raises:
            PolicyError: the text is not an amount, or has more decimals than the currency.
        """
        decimals = exponent(currency)
        found = _AMOUNT.fullmatch(text)
        if found is None:
            raise PolicyError(f"'{text}' is not an amount of money; write it like 20.00")
        whole, part = found[1], found[2] or ""
        if len(part) > decimals:
            raise PolicyError(f"'{text}' has too many decimals; {currency} has {decimals}")
        return cls(int(whole + part.ljust(decimals, "0")), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def times(self, factor: Fraction | int) -> "Money":
        """The amount times a number, rounded once."""
        return Money(rounded(self.minor * Fraction(factor)), self.currency)

    def __str__(self) -> str:
        """The amount with the decimals of the currency, without its code: `1000.00`, `200516`, `175.452`."""
        decimals = exponent(self.currency)
        digits = str(abs(self.minor)).rjust(decimals + 1, "0")
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise PolicyError(f"{other.currency} cannot be added to {self.currency}")
        return other.minor


def total(amounts: "list[Money]", currency: str) -> Money:
    """The sum of amounts of one currency; without amounts, the sum is zero."""
    found = Money(0, currency)
    for amount in amounts:
        found += amount
    return found
