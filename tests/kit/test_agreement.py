"""Krippendorff's alpha, held against tables that others published, and against what must hold of any."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.agreement import alpha, nominal, ordinal, thousandths

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), table in section C: four observers, twelve units.
KRIPPENDORFF_2011 = """
    1 2 3 3 2 1 4 1 2 . . .
    1 2 3 3 2 2 4 1 2 5 . 3
    . 3 3 3 2 3 4 2 2 5 1 .
    1 2 3 3 2 4 4 1 2 5 1 .
"""
# Wikipedia, Krippendorff's alpha, "A computational example": three coders, fifteen units.
WIKIPEDIA = """
    . . . . . 3 4 1 2 1 1 3 3 . 3
    1 . 2 1 3 3 4 3 . . . . . . .
    . . 2 1 3 4 4 . 2 1 1 3 3 . 4
"""


def units(table: str) -> list[list[int]]:
    rows = [line.split() for line in table.strip().splitlines()]
    return [[int(each) for each in column if each != "."] for column in zip(*rows, strict=True)]


def interval(one: int, other: int, _: Mapping[int, int]) -> Fraction:
    return Fraction((one - other) ** 2)


def of(table: str, distance: object = ordinal) -> float:
    found = alpha(units(table), distance)  # type: ignore[arg-type] # one of the three above
    assert found is not None
    return round(float(found), 3)


def test_is_what_krippendorff_prints_for_ordered_scores() -> None:
    assert of(KRIPPENDORFF_2011) == 0.815


def test_the_same_reckoning_gives_the_published_figures_for_other_distances() -> None:
    assert of(KRIPPENDORFF_2011, nominal) == 0.743
    assert of(KRIPPENDORFF_2011, interval) == 0.849
    assert of(WIKIPEDIA, nominal) == 0.691
    assert of(WIKIPEDIA, interval) == 0.811


def test_two_who_always_say_the_contrary_agree_less_than_by_chance() -> None:
    found = alpha([[1, 5], [5, 1], [1, 5]])
    assert found is not None
    assert found < 0


@pytest.mark.parametrize("table", [[], [[3]], [[3], [4]], [[3, 3], [3, 3]]])
def test_says_nothing_where_there_is_nothing_to_agree_about(table: list[list[int]]) -> None:
    assert alpha(table) is None


SCORES = st.lists(st.lists(st.integers(1, 5), min_size=0, max_size=4), max_size=12)


@given(SCORES)
def test_is_one_for_those_who_agree_and_never_more(table: Sequence[Sequence[int]]) -> None:
    found = alpha(table)
    assert found is None or found <= 1
    same = alpha([[unit[0]] * len(unit) for unit in table if unit])
    assert same in (None, 1)


@given(SCORES, st.randoms())
def test_it_is_no_matter_who_said_what_and_in_which_order(table: list[list[int]], by: object) -> None:
    mixed = [sorted(unit, key=lambda _: by.random()) for unit in table]  # type: ignore[attr-defined] # hypothesis' random
    by.shuffle(mixed)  # type: ignore[attr-defined] # as above
    assert alpha(mixed) == alpha(table)


@given(SCORES)
def test_only_the_order_of_scores_counts(table: list[list[int]]) -> None:
    """A scale whose steps are stretched gives the same."""
    assert alpha([[score**3 + 7 for score in unit] for unit in table]) == alpha(table)


@given(SCORES)
def test_a_unit_that_one_alone_judged_changes_nothing(table: list[list[int]]) -> None:
    assert alpha([*table, [4]]) == alpha(table)


def test_is_shown_in_whole_thousandths() -> None:
    assert thousandths(Fraction(2, 3)) == 667
    assert thousandths(Fraction(-1, 3)) == -333
    assert thousandths(None) is None
