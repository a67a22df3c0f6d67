"""The fairness page's figures as everybody may read them: masked already, and the same for everyone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from payments.fairness import figures
from payments.fairness.figures import Fewest, Figure, Raw
from payments.fairness.measures import MEASURES, Measure, Unit
from payments.fairness.models import FairFigure, FairMonth

MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Told:
    """A measure with its rows."""

    measure: Measure
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Report:
    """`months`: the last MONTHS_SHOWN that were counted, the oldest first. `since`: the first of all time. Both empty, and
    `as_of` None, until a week after the first month is over."""

    as_of: datetime | None
    since: date | None
    months: Sequence[date]
    fewest: Fewest
    measures: Sequence[Told]


def report() -> Report:
    """All of it, by two statements. Anyone may read it."""
    months = list(FairMonth.objects.order_by("starts_on"))
    found: dict[str, dict[tuple[str, str], dict[int, Raw]]] = {}
    for row in FairFigure.objects.all():
        of_measure = found.setdefault(row.measure, {})
        of_measure.setdefault((row.part, row.currency), {})[row.month_id] = _raw(row)
    fewest = Fewest(settings.FAIRNESS_FEWEST_PEOPLE, settings.FAIRNESS_FEWEST_COMPANIES)
    keys, shown = [each.pk for each in months], months[-MONTHS_SHOWN:]
    return Report(
        as_of=max((each.reckoned_at for each in months), default=None),
        since=months[0].starts_on if months else None,
        months=[each.starts_on for each in shown],
        fewest=fewest,
        measures=[
            Told(
                each,
                figures.rows(
                    each,
                    found.get(each.name, {}),
                    months=keys,
                    shown=[month.pk for month in shown],
                    currencies=_currencies(each, found.get(each.name, {})),
                    fewest=fewest,
                ),
            )
            for each in MEASURES
        ],
    )


def _raw(row: FairFigure) -> Raw:
    return Raw(
        value=row.value,
        of=row.of,
        spread={int(tenths): count for tenths, count in row.spread.items()},
        people=row.people,
        companies=row.companies,
        people_keys=frozenset(row.people_keys),
        company_keys=frozenset(row.company_keys),
    )


def _currencies(measure: Measure, found: Mapping[tuple[str, str], object]) -> list[str]:
    """Those that the house has, and those that it had."""
    if measure.unit is not Unit.MONEY:
        return [""]
    return sorted({*settings.CURRENCIES, *(currency for _, currency in found)})
