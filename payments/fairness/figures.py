"""What of the figures may be shown. Pure.

A figure behind which fewer people, or companies, stand than the house asks for is masked. All time is the sum of what is shown
and of runs of masked months that are of enough people only together, so that no difference of two figures, nor of the same one
a month later, is a figure of fewer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil

from payments.fairness.measures import Measure, Unit

TENTH_S = 8_640
# Of a length: its median and its ninth decile, in percent, by the name under which each is shown.
SHOWN_OF_LENGTHS = {"median": 50, "p90": 90}


class TooFew(StrEnum):
    """Why a figure is masked."""

    NONE = ""
    PEOPLE = "people"
    COMPANIES = "companies"


@dataclass(frozen=True)
class Fewest:
    people: int
    companies: int


@dataclass(frozen=True)
class Raw:
    """A figure as it was reckoned; several together are one. `people` and `companies` count at least those whose keys are kept.
    `companies` is None where none stands between."""

    value: int = 0
    of: int | None = None
    spread: Mapping[int, int] = field(default_factory=dict)
    people: int = 0
    companies: int | None = None
    people_keys: frozenset[int] = frozenset()
    company_keys: frozenset[int] = frozenset()

    def __add__(self, other: "Raw") -> "Raw":
        people, companies = self.people_keys | other.people_keys, self.company_keys | other.company_keys
        many = [each for each in (self.companies, other.companies) if each is not None]
        spread = dict(self.spread)
        for tenths, count in other.spread.items():
            spread[tenths] = spread.get(tenths, 0) + count
        return Raw(
            value=self.value + other.value,
            of=None if self.of is None and other.of is None else (self.of or 0) + (other.of or 0),
            spread=spread,
            people=max(len(people), self.people, other.people),
            companies=max(len(companies), *many) if many else None,
            people_keys=people,
            company_keys=companies,
        )

    def too_few(self, fewest: Fewest) -> "TooFew":
        """Of whom too few stand behind it, people first."""
        if self.people < fewest.people:
            return TooFew.PEOPLE
        few_companies = self.companies is not None and self.companies < fewest.companies
        return TooFew.COMPANIES if few_companies else TooFew.NONE


@dataclass(frozen=True)
class Cell:
    """`value` is None where nothing happened, and where it is masked."""

    value: int | None
    masked: TooFew = TooFew.NONE


NOTHING = Cell(None)


@dataclass(frozen=True)
class Figure:
    """One row of the page: of one measure and part in one currency, by month, and of all time."""

    name: str
    label: str
    currency: str
    unit: Unit
    all_time: Cell
    months: Sequence[Cell]


def cell(raw: Raw | None, name: str, unit: Unit, fewest: Fewest) -> Cell:
    if raw is None:
        return Cell(0) if unit not in (Unit.LENGTH, Unit.SHARE) else NOTHING
    if too_few := raw.too_few(fewest):
        return Cell(None, too_few)
    if unit is Unit.LENGTH:
        return _length(raw, SHOWN_OF_LENGTHS[name], fewest) if name in SHOWN_OF_LENGTHS else Cell(raw.value)
    if unit is Unit.SHARE:
        return Cell(raw.value * 10_000 // raw.of) if raw.of else NOTHING
    return Cell(raw.value)


def _length(raw: Raw, percent: int, fewest: Fewest) -> Cell:
    """A length that few exceed is theirs: beyond it lie as many as must stand behind a figure, or it is masked."""
    if sum(raw.spread.values()) * (100 - percent) < 100 * fewest.people and percent > 50:
        return Cell(None, TooFew.PEOPLE)
    return Cell(percentile(raw.spread, percent))


def all_time(months: Iterable[Raw], fewest: Fewest) -> Raw | None:
    """Of months in their order: each that is of enough, and the others once so many together are. None where there is none;
    one of too few where there are only such."""
    whole: Raw | None = None
    waits: Raw | None = None
    for raw in months:
        if not raw.too_few(fewest):
            whole = raw if whole is None else whole + raw
            continue
        waits = raw if waits is None else waits + raw
        if not waits.too_few(fewest):
            whole, waits = (waits if whole is None else whole + waits), None
    return whole or waits


def percentile(spread: Mapping[int, int], percent: int) -> int:
    """The least length, in seconds, that so many percent do not exceed (the nearest rank), to a tenth of a day."""
    rank, seen = ceil(sum(spread.values()) * percent / 100), 0
    for tenths in sorted(spread):
        seen += spread[tenths]
        if seen >= rank:
            return tenths * TENTH_S
    raise ValueError("Of nothing there is no median.")


def rows(
    measure: Measure,
    found: Mapping[tuple[str, str], Mapping[int, Raw]],
    *,
    months: Sequence[int],
    shown: Sequence[int],
    currencies: Sequence[str],
    fewest: Fewest,
) -> list[Figure]:
    """The rows of one measure. `found`: by part and currency, the figure of each month that has one, by the month's key;
    `months`: the keys of all, in order; `shown`: of those that have a column."""
    made = []
    named = (
        {"median": "Half within", "p90": "Nine of ten within"} if measure.unit is Unit.LENGTH else {"": ""}
    )
    for part, label in measure.parts.items():
        for currency in currencies if measure.unit is Unit.MONEY else ("",):
            by_month = found.get((part, currency), {})
            whole = all_time((by_month[each] for each in months if each in by_month), fewest)
            for name, said in named.items():
                unit, key = measure.unit, name or part
                cells = [cell(by_month.get(each), name, unit, fewest) for each in shown]
                made.append(
                    Figure(key, said or label, currency, unit, cell(whole, name, unit, fewest), cells)
                )
            if measure.unit is Unit.LENGTH:
                made.append(
                    Figure(
                        "count",
                        "How many",
                        currency,
                        Unit.COUNT,
                        _count(whole, fewest),
                        [_count(by_month.get(each), fewest) for each in shown],
                    )
                )
    return made


def _count(raw: Raw | None, fewest: Fewest) -> Cell:
    return cell(raw, "", Unit.COUNT, fewest)
