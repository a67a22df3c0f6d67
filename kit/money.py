"""Money in whole minor units, and the named ways to round to them. No float ever comes near."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

SECONDS_PER_HOUR = 3_600
BASIS_POINTS = 10_000

# Digits after the point where they are not two, as Stripe counts them (docs.stripe.com/currencies). It takes
# ISK and UGX in hundredths although they have no such coin, so those two stand with the others.
WITHOUT_DIGITS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
WITH_THREE_DIGITS = "bhd jod kwd omr tnd"
DIGITS = dict.fromkeys(WITHOUT_DIGITS.split(), 0) | dict.fromkeys(WITH_THREE_DIGITS.split(), 3)

# In thousands by commas, or without; ASCII digits alone. Elsewhere comma and point change places.
ENGLISH = re.compile(r"-?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
CONTINENTAL = re.compile(r"-?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
LONGEST_AMOUNT = 24


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum or comparison."""


class MoneyMalformed(ValueError):
    """The text or the parts are no amount of that currency."""


class Rounding(Enum):
    """How a quotient becomes a whole number. Each treats a debt as it treats a credit of the same size."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"

    def divide(self, numerator: int, denominator: int) -> int:
        """`numerator / denominator` as a whole number; the half goes away from zero in HALF_UP, as on paper.

        Raises ValueError unless `denominator` is positive.
        """
        if denominator <= 0:
            raise ValueError("a divisor must be positive")
        whole, rest = divmod(abs(numerator), denominator)
        return (whole + self._carries(whole, rest, denominator)) * (-1 if numerator < 0 else 1)

    def _carries(self, whole: int, rest: int, denominator: int) -> bool:
        match self:
            case Rounding.HALF_UP:
                return 2 * rest >= denominator
            case Rounding.HALF_EVEN:
                return 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
            case Rounding.UP:
                return rest > 0
            case Rounding.DOWN:
                return False


HALF_UP = Rounding.HALF_UP
HALF_EVEN = Rounding.HALF_EVEN
DOWN = Rounding.DOWN
UP = Rounding.UP


@dataclass(frozen=True, slots=True)
class Money:
    """Whole minor units of a currency (ISO 4217, lower case): `Money(123_450, "usd")` is 1,234.50 USD."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        # bool is an int to Python; True dollars are a bug wherever they come from.
        if type(self.minor) is not int:
            raise MoneyMalformed(f"{self.minor!r} is no whole number of minor units")
        check_currency(self.currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """An amount as English writes it, "1234.5", "1,234.50" or "1,234.50 USD".

        Raises MoneyMalformed, with a sentence for who wrote it, rather than guess what a mark means or round: "1,000" is
        1.00 elsewhere. What stands as `figure` writes it is read back.
        """
        written = text.strip().removesuffix(currency.upper()).rstrip()
        amount = _plain(written.replace(",", ""), currency) if ENGLISH.fullmatch(written) else None
        elsewhere = _continental(written, currency)
        if amount is None or (elsewhere not in (None, amount) and written != amount.figure()):
            raise MoneyMalformed(_what_was_meant(written, currency))
        return amount

    @classmethod
    def total(cls, amounts: Iterable["Money"], *, currency: str) -> "Money":
        """The sum, which is zero of `currency` where there is nothing to add."""
        return sum(amounts, cls.zero(currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def share(self, bps: int, *, rounding: Rounding = HALF_UP) -> "Money":
        """So many basis points (1/10,000) of it."""
        return Money(rounding.divide(self.minor * bps, BASIS_POINTS), self.currency)

    def display(self) -> str:
        """`1,234.50 USD`: for people, the same in every language."""
        return f"{self.figure()} {self.currency.upper()}"

    def figure(self) -> str:
        """`1,234.50`, for where the currency stands already."""
        after_point = digits(self.currency)
        units, rest = divmod(abs(self.minor), 10**after_point)
        fraction = f".{rest:0{after_point}d}" if after_point else ""
        return f"{'-' if self.minor < 0 else ''}{units:,}{fraction}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
        return other.minor


@dataclass(frozen=True, slots=True)
class Rate:
    """An hourly rate in whole minor units."""

    minor_per_hour: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor_per_hour) is not int or self.minor_per_hour < 0:
            raise MoneyMalformed(f"{self.minor_per_hour!r} is no hourly rate in minor units")
        check_currency(self.currency)

    def for_seconds(self, seconds: int, *, rounding: Rounding = HALF_UP) -> Money:
        """What `seconds` of work earn, rounded once."""
        return Money(rounding.divide(self.minor_per_hour * seconds, SECONDS_PER_HOUR), self.currency)


def _plain(text: str, currency: str) -> Money | None:
    """`-1234.50` in minor units; None when that is no amount, or has more digits than the currency."""
    if len(text) > LONGEST_AMOUNT or not PLAIN.fullmatch(text):
        return None
    shifted = Decimal(text).scaleb(digits(currency))
    return Money(int(shifted), currency) if shifted == shifted.to_integral_value() else None


def _continental(text: str, currency: str) -> Money | None:
    """`1.234,50` and `1234,5`, where comma and point change places; None when that is no amount of the currency."""
    as_english = text.replace(".", "").replace(",", ".")
    return _plain(as_english, currency) if CONTINENTAL.fullmatch(text) else None


def _what_was_meant(text: str, currency: str) -> str:
    """The two ways to read the marks, the comma as a point or as nothing, as a question; an example where neither holds."""
    both = (_continental(text, currency), _plain(text.replace(",", ""), currency))
    read = [amount.figure() for amount in both if amount is not None]
    if not read:
        return f"Write an amount such as {Money(123_450, currency).figure()}."
    if len(set(read)) == 1:
        return f"{read[0]}? Write it like that."
    return f"{' or '.join(read)}? Write one of them, with a point before the cents."


def digits(currency: str) -> int:
    """Digits after the point: 2 for usd, 0 for jpy, 3 for kwd."""
    return DIGITS.get(currency, 2)


def check_currency(currency: str) -> None:
    """Raise MoneyMalformed unless it is three lower-case letters, as Stripe writes them."""
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.islower()):
        raise MoneyMalformed(f"{currency!r} is no currency: three lower-case letters, as in usd")
