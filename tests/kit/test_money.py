import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import DOWN, HALF_EVEN, HALF_UP, UP, CurrencyMismatch, Money, MoneyMalformed, Rate, Rounding
from kit.money import digits as digits_of

minors = st.integers(-(10**12), 10**12)
HANDS = [(",", "."), (".", ",")]  # how English groups and points, and how it is done elsewhere
IN_DECIMAL = {HALF_UP: ROUND_HALF_UP, HALF_EVEN: ROUND_HALF_EVEN, DOWN: ROUND_DOWN, UP: ROUND_UP}


def usd(text: str) -> Money:
    return Money.parse(text, "usd")


def as_meant(written: str, currency: str, *, hand: tuple[str, str]) -> Money | None:
    """What it is to a hand that groups and points with these marks; None where it cannot have written it."""
    group, point = hand
    units, _, fraction = written.partition(point)
    plain, digits = units.replace(group, ""), digits_of(currency)
    if group in fraction or units not in (plain, f"{int(plain or 0):,}".replace(",", group)):
        return None
    if set(fraction[digits:]) - {"0"}:
        return None
    return Money(int(plain + f"{fraction:0<{digits}}"[:digits]), currency)


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

    def test_sums_nothing_to_zero(self) -> None:
        assert Money.total([], currency="usd") == Money.zero("usd")
        assert Money.total([usd("1.10"), usd("2.20")], currency="usd") == usd("3.30")

    def test_a_share_is_rounded_once(self) -> None:
        assert usd("100.05").share(1_000) == usd("10.01")
        assert usd("100.05").share(1_000, rounding=DOWN) == usd("10.00")


class TestReading:
    @pytest.mark.parametrize(
        ("text", "minor"),
        [
            ("74", 7_400),
            ("74.5", 7_450),
            ("74.50", 7_450),
            (" 74.50 ", 7_450),
            ("74.50 USD", 7_450),
            ("74.50USD", 7_450),
            ("0.500", 50),
            ("1234.500", 123_450),
            ("1,234.50", 123_450),
            ("1,000.00", 100_000),
            ("1,000.5", 100_050),
            ("1,000,000", 100_000_000),
            ("1,234", 123_400),
            ("1,234,567", 123_456_700),
            ("1234.50", 123_450),
            ("0.05", 5),
            ("-1,234.50", -123_450),
        ],
    )
    def test_takes_an_amount_as_english_writes_it(self, text: str, minor: int) -> None:
        assert usd(text) == Money(minor, "usd")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("74,5", "74.50 or 745.00? Write one of them, with a point before the cents."),
            ("74,50", "74.50 or 7,450.00? Write one of them, with a point before the cents."),
            ("1,23", "1.23 or 123.00? Write one of them, with a point before the cents."),
            ("1,000", "1.00 or 1,000.00? Write one of them, with a point before the cents."),
            ("-1,000 USD", "-1.00 or -1,000.00? Write one of them, with a point before the cents."),
            ("12,340", "12.34 or 12,340.00? Write one of them, with a point before the cents."),
            ("0,500", "0.50 or 500.00? Write one of them, with a point before the cents."),
            ("74.500", "74,500.00 or 74.50? Write one of them, with a point before the cents."),
            ("1.000", "1,000.00 or 1.00? Write one of them, with a point before the cents."),
            ("0,123", "123.00? Write it like that."),
            ("1.234,50", "1,234.50? Write it like that."),
            ("1.234", "1,234.00? Write it like that."),
            ("1,2,3", "123.00? Write it like that."),
            ("12,34.50", "1,234.50? Write it like that."),
            ("1,234,5", "12,345.00? Write it like that."),
            ("74.505", "74,505.00? Write it like that."),
        ],
    )
    def test_asks_what_the_marks_mean_instead_of_guessing(self, text: str, said: str) -> None:
        with pytest.raises(MoneyMalformed) as refused:
            usd(text)
        assert str(refused.value) == said

    @pytest.mark.parametrize(
        "text",
        [
            "abc",
            "",
            "-",
            "NaN",
            "Infinity",
            "1e3",
            "1_000",
            "1 000",
            "١٢",
            "0.005",
            "1.2.3",
            "74.5055",
            "+5",
            "$5",
            "5 EUR",
            "1" * 25,
            "1" * 5000,
        ],
    )
    def test_gives_an_example_where_nothing_can_be_meant(self, text: str) -> None:
        with pytest.raises(MoneyMalformed, match=r"Write an amount such as 1,234\.50\."):
            usd(text)

    @given(minors, st.sampled_from(["usd", "jpy", "kwd"]))
    def test_reads_what_is_shown(self, minor: int, currency: str) -> None:
        shown = Money(minor, currency)
        assert Money.parse(shown.display(), currency) == shown
        assert Money.parse(shown.figure(), currency) == shown
        assert Money.parse(shown.figure().replace(",", ""), currency) == shown

    @given(st.text(alphabet="0123456789.,- ", max_size=14))
    def test_takes_nothing_that_could_be_read_in_two_ways(self, text: str) -> None:
        try:
            read = usd(text)
        except MoneyMalformed:
            return
        units, _, fraction = text.strip().removeprefix("-").partition(".")
        plain = units.replace(",", "")
        assert abs(read.minor) == int(plain + f"{fraction:0<2}"[:2])
        assert set(fraction[2:]) <= {"0"}
        assert units in (plain, f"{int('1' + plain):,}"[1:].removeprefix(","))

    @given(st.integers(1, 10**9), st.booleans())
    def test_asks_for_what_a_continental_hand_meant(self, minor: int, grouped: bool) -> None:
        shown = Money(minor, "usd").figure()
        written = shown.translate(str.maketrans(",.", ".," if grouped else "\x00,")).replace("\x00", "")
        with pytest.raises(MoneyMalformed) as refused:
            usd(written)
        assert shown in re.split(r"[? ]", str(refused.value))

    @given(
        st.integers(0, 10**7),
        st.text("0123456789", max_size=4),
        st.sampled_from(HANDS),
        st.booleans(),
        st.sampled_from(["usd", "jpy", "kwd"]),
    )
    def test_takes_what_one_hand_alone_can_have_written(
        self, units: int, fraction: str, hand: tuple[str, str], grouped: bool, currency: str
    ) -> None:
        group, point = hand
        written = f"{units:,}".replace(",", group if grouped else "") + (fraction and point + fraction)
        here, abroad = (as_meant(written, currency, hand=hand) for hand in HANDS)
        meant = {amount for amount in (here, abroad) if amount is not None}
        try:
            read = Money.parse(written, currency)
        except MoneyMalformed as error:
            refused = str(error)
        else:
            assert read == here
            assert meant == {read} or written == read.figure(), "as the house itself writes it"
            return
        assert meant != {here}
        assert {amount.figure() for amount in meant} <= set(re.split(r"[? ]", refused))


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
