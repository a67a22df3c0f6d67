"""The figures of each month, written down in one night so that a page counts nothing."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction

from marketplace.timekeeping.weeks import payroll_day
from payments.books import calendar
from payments.fairness.measures import MEASURES, MOST_NAMED, Measure, Unit
from payments.fairness.models import FairMonth

# News of a month, as a bank's arrival, comes for some days yet. It is read once, after them: two readings of one month, side by
# side, could tell of the one person who is different in them.
SETTLED_AFTER = timedelta(days=7)
AT_NIGHT = time(3)
TENTH_S = 8_640
MOST_MONTHS = 24

BEGAN = """
    SELECT least(
      (SELECT min(submitted_at) FROM marketplace_application), (SELECT min(approved_at) FROM marketplace_timeline),
      (SELECT min(suspended_at) FROM accounts_suspension), (SELECT min(ended_at) FROM accounts_appeal)
    )
"""
RECKON = """
    WITH facts AS MATERIALIZED ({facts}),
    spread AS (
      SELECT part, currency, jsonb_object_agg(tenths, many) AS spread FROM (
        SELECT part, currency, (greatest(amount, 0) + %(half)s) / %(tenth)s AS tenths, count(*) AS many
        FROM facts WHERE %(is_length)s GROUP BY 1, 2, 3
      ) AS each GROUP BY 1, 2
    ), people AS (
      SELECT part, currency, person, company, count(*) AS many, sum(amount) AS amount, sum(of) AS of
      FROM facts GROUP BY 1, 2, 3, 4
    ), summed AS (
      SELECT part, currency, CASE WHEN %(is_length)s THEN sum(many) ELSE sum(amount) END AS value, sum(of) AS of,
        array_agg(DISTINCT person) AS people, array_agg(DISTINCT company) FILTER (WHERE company IS NOT NULL) AS companies
      FROM people GROUP BY 1, 2
    )
    INSERT INTO payments_fairfigure
      (month_id, measure, part, currency, value, of, spread, people, companies, people_keys, company_keys)
    SELECT %(month)s, %(measure)s, summed.part, summed.currency, summed.value, summed.of, coalesce(spread.spread, '{{}}'),
      cardinality(summed.people), cardinality(summed.companies),
      CASE WHEN cardinality(summed.people) < %(named)s THEN summed.people ELSE '{{}}' END,
      CASE WHEN cardinality(summed.companies) < %(named)s THEN summed.companies ELSE '{{}}' END
    FROM summed LEFT JOIN spread USING (part, currency)
"""


def reckon(*, at: datetime) -> int:
    """The tick: each month that has been over for a week, from that night on; how many. Twice changes nothing.

    A month that was not read in time is made up for; MOST_MONTHS at once.
    """
    done = 0
    for first in _due(at=at):
        # The oldest first, and no later one before it: where another process is at it, that one goes on.
        if not _reckon(first, at=at):
            break
        done += 1
    return done


def _due(*, at: datetime) -> list[date]:
    """The months to read, the oldest first, from the first in which anything happened."""
    done = set(FairMonth.objects.values_list("starts_on", flat=True))
    return [each for each in _settled(done, at=at) if each not in done][:MOST_MONTHS]


def _settled(done: set[date], *, at: datetime) -> Iterator[date]:
    # The whole of history is asked for its beginning only until a month is written.
    first = min(done) if done else _began()
    while first is not None and _settled_at(first) <= at:
        yield first
        first = calendar.next_month(first)


def _settled_at(first: date) -> datetime:
    return datetime.combine(calendar.next_month(first) + SETTLED_AFTER, AT_NIGHT, tzinfo=calendar.zone())


def _began() -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(BEGAN)
        found: datetime | None = cursor.fetchone()[0]
    return None if found is None else calendar.first_of_month(payroll_day(found))


@transaction.atomic
def _reckon(first: date, *, at: datetime) -> bool:
    """The month's figures; False where another process has written them."""
    month, is_new = FairMonth.objects.get_or_create(starts_on=first, defaults={"reckoned_at": at})
    if is_new:
        for measure in MEASURES:
            _count(month, measure)
    return is_new


def _count(month: FairMonth, measure: Measure) -> None:
    after = calendar.next_month(month.starts_on)
    with connection.cursor() as cursor:
        cursor.execute(
            RECKON.format(facts=measure.facts),
            {
                "month": month.pk,
                "measure": measure.name,
                "is_length": measure.unit is Unit.LENGTH,
                "since": calendar.starts(month.starts_on),
                "until": calendar.starts(after),
                "first": month.starts_on,
                "after": after,
                "zone": settings.PAYROLL_TIME_ZONE,
                "tenth": TENTH_S,
                "half": TENTH_S // 2,
                "named": MOST_NAMED,
            },
        )
