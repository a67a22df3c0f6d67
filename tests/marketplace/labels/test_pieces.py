"""Pieces cover the takes of a recording, once each, and nothing beside."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marketplace.labels.pieces import SHORTEST_MS, pieces


def test_a_recording_without_takes_is_cut_whole() -> None:
    assert pieces((40, 65_040), [], length_ms=30_000) == [(40, 30_040), (30_040, 60_040), (60_040, 65_040)]
    assert pieces((0, 2_000), [], length_ms=30_000) == [(0, 2_000)]


def test_takes_are_cut_each_by_itself_within_the_recording() -> None:
    found = pieces((1_000, 50_000), [(20_000, 70_000), (-5_000, 12_000)], length_ms=10_000)
    assert found == [(1_000, 11_000), (11_000, 12_000), (20_000, 30_000), (30_000, 40_000), (40_000, 50_000)]


def test_what_a_cut_leaves_over_is_no_blink() -> None:
    assert pieces((0, 10_499), [], length_ms=10_000) == [(0, 10_499)]
    assert pieces((0, 10_500), [], length_ms=10_000) == [(0, 10_000), (10_000, 10_500)]


def test_a_take_that_was_over_before_gives_nothing_of_its_own() -> None:
    assert pieces((0, 9_000), [(-9_000, -1_000)], length_ms=5_000) == [(0, 5_000), (5_000, 9_000)]


@given(
    st.integers(-5_000, 5_000),
    st.integers(SHORTEST_MS, 90_000),
    st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 9_000)), max_size=4),
    st.integers(5, 60),
)
def test_pieces_lie_in_order_within_and_cover_what_was_taken(
    begins: int, lasts: int, steps: list[tuple[int, int]], seconds: int
) -> None:
    takes, at = [], begins - 4_000
    for gap, length in steps:
        takes.append((at + gap, at + gap + length))
        at += gap + length
    whole = (begins, begins + lasts)
    found = pieces(whole, takes, length_ms=seconds * 1000)
    assert found
    assert all(whole[0] <= starts < ends <= whole[1] for starts, ends in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    assert all(ends - starts < seconds * 1000 + SHORTEST_MS for starts, ends in found)
    common = [(max(whole[0], a), min(whole[1], b)) for a, b in takes]
    covered = [(a, b) for a, b in common if b - a >= SHORTEST_MS] or [whole]
    assert sum(b - a for a, b in found) == sum(b - a for a, b in covered)
