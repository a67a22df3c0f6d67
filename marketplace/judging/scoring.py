"""From scores to one figure: weighted means in hundredths, and whether two judges are too far apart. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

# Half of the scale's four steps is two; from one and a half on, somebody looks who answers for it.
APART_HUNDREDTHS = 150


def total(scores: Mapping[int, int], weights: Mapping[int, int]) -> int:
    """The weighted mean in hundredths, halves up. Of criteria that both name; ValueError where they share none."""
    shared = scores.keys() & weights.keys()
    if not shared:
        raise ValueError("a score and no weight")
    whole = sum(weights[each] for each in shared)
    mean = Fraction(100 * sum(scores[each] * weights[each] for each in shared), whole)
    return int(mean + Fraction(1, 2))


def off(pairs: Sequence[tuple[int, int]]) -> int | None:
    """How far a judge's totals lie from the benchmarks', on average, halves up; None of none."""
    if not pairs:
        return None
    return int(Fraction(sum(abs(own - theirs) for own, theirs in pairs), len(pairs)) + Fraction(1, 2))


def are_apart(totals: Sequence[int]) -> bool:
    return bool(totals) and max(totals) - min(totals) >= APART_HUNDREDTHS
