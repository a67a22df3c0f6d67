"""How far people agree who judged the same: Krippendorff's alpha, exactly. 1 is agreement, 0 is what chance gives.

K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), on nominal and ordinal data, any number of judges, any missing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import permutations

# How far apart two scores are, squared; by how often each score was given.
Distance = Callable[[int, int, Mapping[int, int]], Fraction]


def ordinal(one: int, other: int, given: Mapping[int, int]) -> Fraction:
    """Scores with many others between them are further apart than ones with few."""
    low, high = sorted((one, other))
    between = sum(count for score, count in given.items() if low <= score <= high)
    ends = Fraction(given.get(low, 0) + given.get(high, 0), 2)
    return (between - ends) ** 2


def nominal(one: int, other: int, given: Mapping[int, int]) -> Fraction:
    """Kinds have no order: two are the same, or they are not."""
    return Fraction(one != other)


def thousandths(found: Fraction | None) -> int | None:
    """As it is shown and sent; None where there is nothing to agree about."""
    return None if found is None else round(found * 1000)


def alpha(units: Sequence[Sequence[int]], distance: Distance = ordinal) -> Fraction | None:
    """`units`: for each thing that was judged the scores that it got, from whomever, in any order; one alone says nothing.

    None where nothing was judged by two, or everything got the same score: then there is nothing to agree about.
    """
    paired = [unit for unit in units if len(unit) > 1]
    given = Counter(score for unit in paired for score in unit)
    total = sum(given.values())
    expected = sum(
        given[one] * given[other] * distance(one, other, given) for one, other in permutations(given, 2)
    )
    if not expected:
        return None
    observed = sum(
        Fraction(sum(distance(one, other, given) for one, other in permutations(unit, 2)), len(unit) - 1)
        for unit in paired
    )
    return 1 - (total - 1) * observed / expected
