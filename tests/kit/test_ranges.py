from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ranges import Span, epoch_s, intersection, subtraction, total_s, union

spans = st.lists(st.builds(Span, st.integers(0, 60), st.integers(0, 60)), max_size=8)


def seconds(of: list[Span]) -> set[int]:
    return {second for span in of for second in range(span.start, span.end)}


class TestSpans:
    @given(spans)
    def test_a_union_holds_each_second_once_in_order_and_apart(self, some: list[Span]) -> None:
        joined = union(some)
        assert seconds(joined) == seconds(some)
        assert all(a.end < b.start for a, b in pairwise(joined))
        assert all(span.start < span.end for span in joined)
        assert union(joined) == joined

    @given(spans, spans)
    def test_intersection_and_subtraction_are_those_of_sets(self, a: list[Span], b: list[Span]) -> None:
        assert seconds(intersection(a, b)) == seconds(a) & seconds(b)
        assert seconds(subtraction(a, b)) == seconds(a) - seconds(b)
        assert total_s(a) == len(seconds(a))

    @given(spans, spans)
    def test_what_is_common_and_what_is_left_make_up_the_whole(self, a: list[Span], b: list[Span]) -> None:
        assert union(intersection(a, b) + subtraction(a, b)) == union(a)

    @given(spans, st.integers(0, 20))
    def test_filling_gaps_fills_those_up_to_the_length_and_no_longer_ones(
        self, some: list[Span], gap_s: int
    ) -> None:
        filled = union(some, filling_gaps_s=gap_s)
        assert all(b.start - a.end > gap_s for a, b in pairwise(filled))
        assert all(hole.length_s <= gap_s for hole in subtraction(filled, some))

    @given(spans, spans)
    def test_two_overlap_where_they_share_a_second(self, a: list[Span], b: list[Span]) -> None:
        for left, right in zip(a, b, strict=False):
            assert left.overlaps(right) == bool(seconds([left]) & seconds([right]))

    def test_a_gap_of_just_the_length_is_filled_and_one_second_more_is_not(self) -> None:
        assert union([Span(0, 10), Span(30, 40)], filling_gaps_s=20) == [Span(0, 40)]
        assert union([Span(0, 10), Span(31, 40)], filling_gaps_s=20) == [Span(0, 10), Span(31, 40)]

    def test_an_empty_span_bridges_no_gap(self) -> None:
        assert union([Span(0, 10), Span(20, 20), Span(30, 40)], filling_gaps_s=10) == [
            Span(0, 10),
            Span(30, 40),
        ]


class TestInstants:
    def test_the_hour_that_comes_twice_is_two_hours(self) -> None:
        zone = ZoneInfo("America/New_York")
        first = datetime(2026, 11, 1, 1, 30, tzinfo=zone)
        assert Span.between(first, first.replace(fold=1)).length_s == 3600

    def test_a_fraction_is_cut_off_before_1970_too(self) -> None:
        assert epoch_s(datetime(1970, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC)) == 1
        assert epoch_s(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1

    def test_there_and_back(self) -> None:
        span = Span(1_793_590_500, 1_793_590_900)
        assert Span.between(span.started_at, span.ended_at) == span

    def test_a_time_without_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no zone"):
            epoch_s(datetime(2026, 11, 1))  # noqa: DTZ001 -- the mistake itself
