from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import DOWN, HALF_EVEN, HALF_UP, UP, CurrencyMismatch, Money, MoneyMalformed, Rate, Rounding

minors = st.integers(-(10**12), 10**12)
IN_DECIMAL = {HALF_UP: ROUND_HALF_UP, HALF_EVEN: ROUND_HALF_EVEN, DOWN: ROUND_DOWN, UP: ROUND_UP}


def usd(text: str) -> Money:
    return Money.parse(text, "usd")


class TestMoney:
    @given(minors, minors)
    def test_adds_subtracts_and_compares_as_whole_numbers_do(self, a: int, b: int) -> None:
        left, right = Money(a, "usd"), Money(b, "usd")
        assert left + right == Money(a + b, "usd")
        assert left - right == Money(a - b, "usd") == left + -right
        assert (left < right, left <= right, left > right, left >= right) == (a < b, a <= b, a > b, a >= b)
        assert bool(left) == bool(a)

    def test_never_mixes_two_currencies(self) -> None:
        one, other = Money(1, "usd"), Money(1, "eur")
        assert one != other
        for mix in (one.__add__, one.__sub__, one.__lt__, one.__le__, one.__gt__, one.__ge__):
            with pytest.raises(CurrencyMismatch):
                mix(other)

    @pytest.mark.parametrize("minor", [1.0, True, "1", None, Decimal(1)])
    def test_takes_whole_numbers_only(self, minor: object) -> None:
        with pytest.raises(MoneyMalformed):
            Money(minor, "usd")  # type: ignore[arg-type]  # the mistake itself

    @pytest.mark.parametrize("currency", ["USD", "us", "usdd", "", "u5d", "üsd"])
    def test_takes_currencies_as_stripe_writes_them_only(self, currency: str) -> None:
        with pytest.raises(MoneyMalformed):
            Money(1, currency)

    @pytest.mark.parametrize(
        ("minor", "currency", "shown"),
        [
            (123_450, "usd", "1,234.50 USD"),
            (-5, "usd", "-0.05 USD"),
            (0, "eur", "0.00 EUR"),
            (1_234, "jpy", "1,234 JPY"),
            (1_234_567, "kwd", "1,234.567 KWD"),
            (-1_005, "bhd", "-1.005 BHD"),
            (500, "isk", "5.00 ISK"),
        ],
    )
    def test_shows_as_many_digits_as_the_currency_has(self, minor: int, currency: str, shown: str) -> None:
        assert Money(minor, currency).display() == shown
        assert Money.parse(shown.split(maxsplit=1)[0], currency) == Money(minor, currency)

    @pytest.mark.parametrize("text", ["0.005", "abc", "", "NaN", "Infinity", "1.2.3"])
    def test_reads_no_amount_that_would_have_to_be_rounded_or_guessed(self, text: str) -> None:
        with pytest.raises(MoneyMalformed):
            usd(text)

    def test_sums_nothing_to_zero(self) -> None:
        assert Money.total([], currency="usd") == Money.zero("usd")
        assert Money.total([usd("1.10"), usd("2.20")], currency="usd") == usd("3.30")

    def test_a_share_is_rounded_once(self) -> None:
        assert usd("100.05").share(1_000) == usd("10.01")
        assert usd("100.05").share(1_000, rounding=DOWN) == usd("10.00")


class TestRounding:
    @given(minors, st.integers(1, 10_000), st.sampled_from(Rounding))
    def test_is_what_its_name_says(self, numerator: int, denominator: int, rounding: Rounding) -> None:
        with localcontext(prec=60):
            exact = Decimal(numerator) / Decimal(denominator)
            expected = int(exact.to_integral_value(rounding=IN_DECIMAL[rounding]))
        assert rounding.divide(numerator, denominator) == expected

    @pytest.mark.parametrize("denominator", [0, -1])
    def test_divides_by_positive_numbers_only(self, denominator: int) -> None:
        with pytest.raises(ValueError, match="positive"):
            HALF_UP.divide(1, denominator)


class TestRate:
    def test_pays_an_hour_and_a_half(self) -> None:
        assert Rate(7_400, "usd").for_seconds(5_400, rounding=HALF_UP) == usd("111.00")

    def test_rounds_half_a_cent_as_told(self) -> None:
        rate = Rate(3_600 // 2, "usd")
        assert [rate.for_seconds(5, rounding=r).minor for r in (HALF_UP, HALF_EVEN, DOWN, UP)] == [3, 2, 2, 3]

    @pytest.mark.parametrize("minor", [-1, 7.4, True])
    def test_is_a_whole_number_not_below_zero(self, minor: object) -> None:
        with pytest.raises(MoneyMalformed):
            Rate(minor, "usd")  # type: ignore[arg-type]  # the mistake itself
