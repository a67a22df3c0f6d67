"""What may be shown: nothing of fewer than are asked for, not even as a difference."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.fairness.figures import TENTH_S, Fewest, Raw, TooFew, all_time, cell, percentile, rows
from payments.fairness.measures import BY_NAME, Measure, Unit

FEWEST = Fewest(people=5, companies=3)


def of(value: int, *people: int, companies: tuple[int, ...] | None = (1, 2, 3)) -> Raw:
    return Raw(
        value=value,
        people=len(set(people)),
        companies=None if companies is None else len(set(companies)),
        people_keys=frozenset(people),
        company_keys=frozenset(companies or ()),
    )


class TestAFigure:
    def test_of_four_people_is_masked_and_of_five_is_not(self) -> None:
        four, five = of(9, 1, 2, 3, 4), of(9, 1, 2, 3, 4, 5)
        shown = [cell(each, "", Unit.COUNT, FEWEST) for each in (four, five)]
        assert [(each.value, each.masked) for each in shown] == [(None, TooFew.PEOPLE), (9, TooFew.NONE)]

    def test_of_two_companies_is_masked_and_of_none_is_not(self) -> None:
        people = (1, 2, 3, 4, 5)
        two, none = of(9, *people, companies=(1, 2)), of(9, *people, companies=None)
        assert cell(two, "", Unit.COUNT, FEWEST).masked == TooFew.COMPANIES
        assert cell(none, "", Unit.COUNT, FEWEST).value == 9

    def test_of_nothing_is_zero_or_nothing(self) -> None:
        assert cell(None, "", Unit.COUNT, FEWEST).value == 0
        assert cell(None, "median", Unit.LENGTH, FEWEST).value is None
        assert cell(None, "", Unit.SHARE, FEWEST).value is None

    def test_of_a_share_is_in_basis_points(self) -> None:
        raw = Raw(value=2, of=3, people=5)
        assert cell(raw, "", Unit.SHARE, FEWEST).value == 6_666


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(1, 100))
def test_the_percentile_is_a_length_that_so_many_do_not_exceed(tenths: list[int], percent: int) -> None:
    spread = {each: tenths.count(each) for each in tenths}
    found = percentile(spread, percent) // TENTH_S
    assert found in tenths
    assert sum(each <= found for each in tenths) * 100 >= percent * len(tenths)
    assert sum(each < found for each in tenths) * 100 < percent * len(tenths)


def test_the_median_of_an_odd_number_is_its_middle() -> None:
    tenths = [3, 1, 8, 8, 2]
    assert percentile({each: tenths.count(each) for each in tenths}, 50) == median(tenths) * TENTH_S


A_MONTH = st.sets(st.integers(1, 12), min_size=1, max_size=7).map(
    lambda people: of(len(people), *people, companies=None)
)


class TestAllTime:
    def test_is_the_sum_of_what_is_shown_and_of_small_months_that_are_of_enough_together(self) -> None:
        small = [of(1, 1), of(2, 1, 2), of(4, 3, 4, 5)]
        assert all_time(small[:2], FEWEST) == of(3, 1, 2)
        whole = all_time([of(100, 11, 12, 13, 14, 15), *small, of(8, 9)], FEWEST)
        assert whole is not None
        assert whole.value == 107

    def test_of_nothing_is_nothing(self) -> None:
        assert all_time([], FEWEST) is None

    @given(st.lists(A_MONTH, max_size=14))
    def test_never_differs_from_what_is_shown_or_was_by_a_figure_of_too_few(self, months: list[Raw]) -> None:
        """From one month to the next it grows by months of which each, or all together, are of enough."""
        hidden, taken = 0, 0
        for n in range(1, len(months) + 1):
            whole = all_time(months[:n], FEWEST)
            shown = sum(each.value for each in months[:n] if not each.too_few(FEWEST))
            value = 0 if whole is None or whole.too_few(FEWEST) else whole.value
            if value - shown != hidden:
                small = [each for each in months[taken:n] if each.too_few(FEWEST)]
                assert len({key for each in small for key in each.people_keys}) >= FEWEST.people
                assert value - shown - hidden == sum(each.value for each in small)
                hidden, taken = value - shown, n


def test_each_part_has_its_row_also_where_nothing_happened() -> None:
    measure: Measure = BY_NAME["appeals"]
    found = {("upheld", ""): {7: of(6, 1, 2, 3, 4, 5, companies=None)}}
    made = rows(measure, found, months=[7, 8], shown=[7, 8], currencies=[""], fewest=FEWEST)
    assert [each.name for each in made] == list(measure.parts)
    upheld = next(each for each in made if each.name == "upheld")
    assert [each.value for each in (upheld.all_time, *upheld.months)] == [6, 6, 0]


@pytest.mark.parametrize(
    ("times", "fewest", "ninth"),
    [(1, Fewest(1, 1), 8 * TENTH_S), (1, FEWEST, None), (5, FEWEST, 8 * TENTH_S)],
)
def test_a_length_has_its_median_its_ninth_decile_and_how_many(
    times: int, fewest: Fewest, ninth: int | None
) -> None:
    """The ninth decile of few is the longest of them, one person's: it is masked."""
    raw = Raw(value=10 * times, spread=dict.fromkeys(range(10), times), people=5, companies=3)
    made = rows(BY_NAME["bank"], {("", ""): {1: raw}}, months=[1], shown=[1], currencies=[""], fewest=fewest)
    assert [(each.name, each.months[0].value) for each in made] == [
        ("median", 4 * TENTH_S),
        ("p90", ninth),
        ("count", 10 * times),
    ]
