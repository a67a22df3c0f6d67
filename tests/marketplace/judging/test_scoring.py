"""An applicant's total by the rubric, and when two judges' totals are far apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.judging.scoring import are_apart, total


@given(
    st.dictionaries(st.integers(1, 8), st.integers(1, 5), min_size=1),
    st.dictionaries(st.integers(1, 8), st.integers(1, 5), min_size=8, max_size=8),
)
def test_a_total_lies_between_the_lowest_and_the_highest_score(
    scores: dict[int, int], weights: dict[int, int]
) -> None:
    found = total(scores, weights)
    assert 100 * min(scores.values()) <= found <= 100 * max(scores.values())


def test_a_total_is_weighted_and_rounded_half_up() -> None:
    assert total({1: 5, 2: 1}, {1: 3, 2: 1}) == 400
    assert total({1: 1, 2: 2, 3: 2}, {1: 1, 2: 1, 3: 1}) == 167
    assert total({1: 1, 2: 2}, {1: 7, 2: 1}) == 113  # 112.5
    with pytest.raises(ValueError, match="no weight"):
        total({1: 1}, {2: 1})


def test_one_and_a_half_points_are_far_apart() -> None:
    assert are_apart([400, 250])
    assert not are_apart([400, 251])
    assert not are_apart([])
    assert not are_apart([500])
