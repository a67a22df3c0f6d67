"""What was really played, held against what is guaranteed: to the second."""

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from kit.ranges import Span
from marketplace.presence.guarantees import Guarantee, Guarantees, Played, breaches

BY = Guarantees(stretch_s=5400, stretch_rest_s=600, day_s=14_400, night_s=43_200, grace_s=120)
NOON = 1_794_312_000 - 1_794_312_000 % 86_400 + 43_200


def played(*spans: tuple[int, int], ends: int | None = None) -> Played:
    on = [Span(NOON + start, NOON + end) for start, end in spans]
    return Played(on, NOON + ends if ends is not None else on[-1].end)


def found(*calls: Played) -> list[tuple[Guarantee, int, int]]:
    return [(each.guarantee, each.call, each.at - NOON) for each in breaches(calls, zone=UTC, by=BY)]


def test_ninety_minutes_and_a_farewell_are_none_and_a_second_more_is_one() -> None:
    assert found(played((0, 5400 + 120))) == []
    assert found(played((0, 5400 + 121))) == [(Guarantee.STRETCH, 0, 5520)]


def test_a_rest_of_its_whole_length_begins_a_new_stretch_and_a_shorter_one_does_not() -> None:
    assert found(played((0, 5000), (5600, 10_000))) == []
    assert found(played((0, 5000), (5599, 10_000))) == [(Guarantee.STRETCH, 0, 6119)]


def test_two_calls_without_a_rest_between_are_one_stretch_and_the_second_breaks_it() -> None:
    assert found(played((0, 3600)), played((3700, 7300))) == [(Guarantee.STRETCH, 1, 5620)]


def test_more_than_four_hours_a_day_once() -> None:
    rests = [(n * 6000, n * 6000 + 5400) for n in range(3)]
    assert found(played(*rests[:2]), played((12_000, 12_000 + 3721))) == [(Guarantee.DAY, 1, 12_000 + 3720)]
    assert found(played(*rests[:2]), played((12_000, 12_000 + 3720))) == []


def test_less_than_twelve_hours_between_days_is_of_whoever_ran_over_and_else_of_who_began_early() -> None:
    evening, morning = (28_800, 32_400), (32_400 + 43_000, 80_000)
    assert found(played(evening), played(morning)) == [(Guarantee.NIGHT, 1, morning[0])]
    assert found(played(evening, ends=31_000), played(morning)) == [(Guarantee.NIGHT, 0, morning[0])]
    assert found(played(evening), played((32_400 + 43_080, 80_000))) == []


@given(
    st.lists(st.integers(1, 9_000), min_size=1, max_size=8),
    st.lists(st.integers(0, 2_000), min_size=8, max_size=8),
)
def test_more_rest_never_breaks_what_held(lengths: list[int], rests: list[int]) -> None:
    def calls(more_s: int) -> Played:
        spans, at = [], 0
        for length, rest in zip(lengths, rests, strict=False):
            spans.append((at, at + length))
            at += length + rest + more_s
        return played(*spans)

    def stretches(more_s: int) -> int:
        return sum(guarantee is Guarantee.STRETCH for guarantee, *_ in found(calls(more_s)))

    assert stretches(600) <= sum(length > 5520 for length in lengths)
    assert stretches(600) == 0 or max(lengths) > 5520
